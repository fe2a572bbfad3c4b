/* stored.h -- what is kept of an article: a record, in zstd blocks.
 *
 * A record:
 *     varint size and bytes of: title, url, language tag
 *     varint count of metadata; for each: varint size and bytes of name and of value
 *     u8  1 if the text was kept; varint size and bytes of the text (size 0 if not kept)
 * Records are written one behind the other into blocks of raw bytes: a block closes at the end of
 * the record that brings it to STORED_BLOCK bytes, or inside one at STORED_BLOCK_MAX. In
 * STREAM_ARTICLES a block is
 *     u32 raw size, u32 stored size, that many bytes: a zstd frame, or the raw bytes if equal
 * and begins in the next extent if fewer than STORED_ROOM bytes are left in its own (stream_next).
 * A document's COLUMN_ARTICLE is the offset of the block its record begins in, << 14, and the place
 * in the raw bytes (< STORED_BLOCK). A record that is longer goes on in the blocks behind: only
 * behind a block of STORED_BLOCK_MAX raw bytes, therefore.
 *
 * The article with title `Hi`, language `en`, one metadatum `k`: `v` and text `ok`, alone in its
 * block (which zstd would not make smaller), is
 *     10 00 00 00 10 00 00 00
 *     02 48 69  00  02 65 6e  01 01 6b 01 76  01 02 6f 6b
 * and its location, if that is the first block, 0: see test_stored.c. */
#ifndef LEDE_INDEX_STORED_H
#define LEDE_INDEX_STORED_H

#include "base/buffer.h"
#include "index/extent.h"

enum {
    STORED_BLOCK = 16 * 1024,
    STORED_BLOCK_MAX = 64 * 1024,
    STORED_HEADER = 8,
    STORED_ROOM = STORED_HEADER + STORED_BLOCK_MAX,
    STORED_PLACE_BITS = 14
};

struct stored_field {
    struct slice name, value;
};

struct stored_article { /* everything borrowed */
    struct slice title, url, language;
    const struct stored_field *metadata;
    size_t metadata_count;
    struct slice text;
    bool text_kept;
};

/* ---- writing: in two halves, so that many threads compress while one writes ---- */

/* Collects the records of a run of articles (a batch) and cuts them into finished blocks: bytes of
 * blocks one behind the other, and where each record begins. A run begins a block of its own. */
struct stored_packer;
struct stored_place {
    uint32_t block; /* number of the block in the run, from 0 */
    uint32_t place; /* in its raw bytes */
};
struct stored_run {
    struct buffer blocks; /* blocks (with their headers) one behind the other */
    struct buffer sizes;  /* native uint32_t: bytes of each block, header included */
};
/* level: zstd's. One thread at a time. The account is charged for a block and zstd's context (at
 * level 3 about 0.8 MB). */
enum lede_status stored_packer_new(int level, struct account *account, struct stored_packer **out,
                                   struct lede_error *err);
void stored_packer_free(struct stored_packer *packer);
/* Adds a record to the run; *place is where it begins. After a failure the run is of no use; the
 * next one may be begun. */
enum lede_status stored_packer_add(struct stored_packer *packer,
                                   const struct stored_article *article, struct stored_run *run,
                                   struct stored_place *place, struct lede_error *err);
/* The same of an article whose text, of text_size bytes, comes behind, in any number of parts; then
 * the end. Between two of these calls the run may be written and its buffers cleared. */
enum lede_status stored_packer_begin(struct stored_packer *packer,
                                     const struct stored_article *article, uint64_t text_size,
                                     struct stored_run *run, struct stored_place *place,
                                     struct lede_error *err);
enum lede_status stored_packer_text(struct stored_packer *packer, struct slice part,
                                    struct stored_run *run, struct lede_error *err);
enum lede_status stored_packer_end(struct stored_packer *packer, struct stored_run *run,
                                   struct lede_error *err);
/* Closes the run's last block; the packer is ready for the next run. */
enum lede_status stored_packer_flush(struct stored_packer *packer, struct stored_run *run,
                                     struct lede_error *err);
void stored_run_init(struct stored_run *run, struct account *account);
void stored_run_done(struct stored_run *run);

/* Writes a run's blocks; offsets[i] (room for as many as run->sizes holds) gets block i's offset.
 */
enum lede_status stored_run_write(const struct stored_run *run, struct stream_writer *articles,
                                  uint64_t *offsets, struct lede_error *err);

static inline int64_t stored_location(uint64_t block_offset, uint32_t place)
{
    return (int64_t)(block_offset << STORED_PLACE_BITS | place);
}

/* ---- reading ---- */

/* Keeps zstd's context from one record to the next, which saves a third of the time; zeroed: none
 * yet. One thread at a time. */
struct stored_reader {
    void *context;
    bool keeps; /* raw is the same from call to call, as it was left, and a stream stays open and
                 * where it is: a record that begins in the block of the one before, of the same
                 * stream, is read without unpacking it again */

    bool is_kept;                /* raw begins with a block */
    const struct stream *stream; /* that it is of */
    uint64_t block, next;        /* its offset, and that of the block behind it */
    uint32_t size;               /* raw bytes */
};
void stored_reader_done(struct stored_reader *reader);

/* Reads the record at location into *raw and points *article (metadata from *fields) into both,
 * which hold nothing else then. Text is left out (empty), and reading stops before it, if
 * !with_text. At most limit bytes of blocks and fields are held, or LEDE_LIMIT: a limit of
 * STORED_BLOCK_MAX or more reads any short record. Costs about 20 us a block. */
enum lede_status stored_reader_get(struct stored_reader *reader, struct stream *articles,
                                   int64_t location, bool with_text, size_t limit,
                                   struct buffer *raw, struct buffer *fields,
                                   struct stored_article *article, struct lede_error *err);
/* The same with a context of its own: about 10 us more. Thread-safe. */
enum lede_status stored_get(struct stream *articles, int64_t location, bool with_text, size_t limit,
                            struct buffer *raw, struct buffer *fields,
                            struct stored_article *article, struct lede_error *err);

#endif
