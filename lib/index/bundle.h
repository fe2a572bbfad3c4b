/* bundle.h -- the small streams of a segment, in records of a page each.
 *
 * An extent has a header of 1,072 bytes, and its last page is half empty as a rule: a segment of a
 * few articles has nine streams of a few hundred bytes each, which would take ten times their room.
 * And a value of many pages wants as many free ones that follow each other, which an index that is
 * changed little by little has ever fewer of: it would grow and grow. So, in a segment with
 * small_records (manifest.h), the streams of 1 to BUNDLE_STREAM bytes have no extents. One behind
 * the other, in the order of their numbers and with nothing in between, they are the bundle,
 * which is cut into pieces of BUNDLE_PIECE bytes (the last one: what is left). A piece is a record
 * of table `extent` under STREAM_BUNDLE and its number:
 *     u32  checksum of the rest (checksum.h)
 *     the piece's bytes
 * which takes one page, whichever is free. Sizes, which the manifest has, say which streams are in
 * the bundle and where. Who reads one has its bytes in memory of its own: struct stream. */
#ifndef LEDE_INDEX_BUNDLE_H
#define LEDE_INDEX_BUNDLE_H

#include "index/extent.h"
#include "index/manifest.h"

enum {
    BUNDLE_STREAM = EXTENT_CAPACITY,
    BUNDLE_HEADER = 4,
    BUNDLE_PIECE = DICT_PAGE_SIZE - BUNDLE_HEADER /* 4,076 */
};

/* Bytes of the segment's bundle, and how many pieces that makes. */
uint32_t bundle_size(const struct segment_info *info);
uint32_t bundle_pieces(const struct segment_info *info);

/* A stream of a segment, wherever it is. */
enum lede_status segment_stream_init(struct stream *stream, const struct segment_info *info,
                                     enum stream_kind kind, struct record_source *source,
                                     struct lede_error *err);

/* ---- writing ---- */

struct bundle_writer { /* the small streams, as they ended, charged to the account */
    struct account *account;
    uint8_t *held[STREAM_COUNT];
    size_t sizes[STREAM_COUNT]; /* of those that are held; else 0 */
};

void bundle_writer_init(struct bundle_writer *writer, struct account *account);
void bundle_writer_done(struct bundle_writer *writer);
/* stream_writer_finish for a stream of a segment with small records: one that is small is kept. */
enum lede_status bundle_writer_take(struct bundle_writer *writer, struct stream_writer *stream,
                                    uint64_t *size, struct lede_error *err);
/* Once all streams were taken: puts the pieces. */
enum lede_status bundle_writer_finish(struct bundle_writer *writer, uint32_t segment,
                                      struct record_sink *sink, struct lede_error *err);

#endif
