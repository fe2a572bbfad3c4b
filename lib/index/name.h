/* name.h -- external ids of documents, in document order.
 *
 * STREAM_NAMES: groups of NAME_GROUP ids (the last group: what is left), each contiguous; its
 * offset is COLUMN_NAMES of its first document. A group: the first id as varint size and bytes; the
 * others as varint bytes shared with the one before, varint bytes that follow, those bytes.
 * Reading one decodes at most a group and no compressed block. Ids have at most NAME_MAX_SIZE
 * bytes.
 *
 * The group of `news/1` and `news/12` is the bytes 06 6e 65 77 73 2f 31 06 01 32: see test_name.c.
 */
#ifndef LEDE_INDEX_NAME_H
#define LEDE_INDEX_NAME_H

#include "base/buffer.h"
#include "index/column.h"

enum {
    NAME_MAX_SIZE = 4096, /* bytes of an external id */
    NAME_STRIDE = 32      /* bytes copied at once, which may run over an id's end */
};

_Static_assert((int)NAME_STRIDE <= (int)EXTENT_TAIL, "what runs over is there");

struct name_writer;
enum lede_status name_writer_new(struct stream_writer *names, struct account *account,
                                 struct name_writer **out, struct lede_error *err);
void name_writer_free(struct name_writer *writer);
/* Takes the next document's id; after NAME_GROUP of them the caller flushes. LEDE_LIMIT if it is
 * too long: then nothing is taken. */
enum lede_status name_writer_add(struct name_writer *writer, struct slice id,
                                 struct lede_error *err);
/* Writes the ids taken since the last flush (at least one) as a group; *offset is where it stands.
 */
enum lede_status name_writer_flush(struct name_writer *writer, uint64_t *offset,
                                   struct lede_error *err);

/* Reads ids of a segment, quickest where documents rise: what is known of a window and of a group
 * is used again. Large (4 KiB); one thread. */
struct name_reader {
    struct stream *names; /* borrowed, as columns */
    const struct column_source *columns;
    uint32_t window, group;      /* that offsets is of, UINT32_MAX: none; and that was read last */
    struct column_block offsets; /* of the window's groups */
    uint32_t count;              /* ids of the group that were read; 0: none, group means nothing */
    uint64_t offset;             /* in names, of `from` */
    const uint8_t *from, *at, *end; /* checked bytes in the map; at: the next entry */
    size_t size;                    /* of the last id */
    uint8_t id[NAME_MAX_SIZE + NAME_STRIDE];
};

void name_reader_init(struct name_reader *reader, struct stream *names,
                      const struct column_source *columns);
/* Makes reader->id, reader->size the id of a document. About 30 ns. */
enum lede_status name_read(struct name_reader *reader, doc_id document, struct lede_error *err);

/* The id of one document into *out (cleared first). About 0.1 us. */
enum lede_status name_get(struct stream *names, const struct column_source *columns,
                          doc_id document, struct buffer *out, struct lede_error *err);

#endif
