/* source_file.h -- the files that a segment's articles were read from, numbered from 0.
 *
 * COLUMN_SOURCE gives a document the number of its file. A file that was read to its end is
 * complete and has a stamp: what it was like then, by which a later run knows that it need not be
 * read again. One that was not (a checkpoint came in between), or whose articles are gone, has
 * none. A path may have several records, in one segment or in many: the newest counts.
 *
 * STREAM_SOURCES, empty if there are no files: groups of SOURCE_GROUP records (the last one: what
 * is left), each contiguous; zeros up to a multiple of 8; a directory of a u64 for each group, its
 * offset << 17 | its bytes; and, as the last SOURCE_FOOTER bytes, u64 offset of the directory, u32
 * records. A record:
 *     varint  bytes shared with the path before      (not the group's first)
 *     varint  bytes that follow, and they
 *     u8      1 complete, 2 read in another way than the complete one before it in the group
 *   and, if it is complete,
 *     varint  modified minus that of the complete one before it in the group (0 if there is none),
 *             zigzag: 0, -1, 1, -2, .. are 0, 1, 2, 3, ..
 *     varint  size
 *     u32     reading, if 2 is set; else it is that of the complete one before (0 if there is none)
 *
 * `/n/1`, modified 5, of 300 bytes, reading 7, and `/n/12`, incomplete, are
 *     04 2f 6e 2f 31  03  0a  ac 02  07 00 00 00
 *     04 01 32  00
 *     00 00 00 00 00 00 00                     zeros
 *     11 00 00 00 00 00 00 00                  the group: 17 bytes at 0
 *     18 00 00 00 00 00 00 00  02 00 00 00     the directory at 24, two records
 * : see test_source_file.c. */
#ifndef LEDE_INDEX_SOURCE_FILE_H
#define LEDE_INDEX_SOURCE_FILE_H

#include "base/buffer.h"
#include "index/extent.h"

enum {
    SOURCE_PATH_MAX = 4096, /* bytes of a path, at least 1 */
    SOURCE_GROUP = 16,
    SOURCE_FOOTER = 12,
    SOURCE_SIZE_BITS = 17 /* of a directory's entry */
};

struct source_stamp {
    int64_t modified; /* nanoseconds since 1970; only compared */
    uint64_t size;    /* bytes */
    uint32_t reading; /* how it was read, as a number that only who read it understands */
};

struct source_file {
    struct slice path; /* borrowed */
    bool complete;
    struct source_stamp stamp; /* zeros unless complete */
};

static inline bool source_stamp_equal(const struct source_stamp *a, const struct source_stamp *b)
{
    return a->modified == b->modified && a->size == b->size && a->reading == b->reading;
}

/* ---- writing ---- */

struct source_file_writer; /* holds a group, and 8 bytes for each group before it */
enum lede_status source_file_writer_new(struct stream_writer *sources, struct account *account,
                                        struct source_file_writer **out, struct lede_error *err);
void source_file_writer_free(struct source_file_writer *writer);
/* Takes a file and tells its number: that of the one added last if it has this path and is not
 * complete yet. LEDE_INVALID, LEDE_LIMIT: no path, or too long a one. */
enum lede_status source_file_writer_add(struct source_file_writer *writer, struct slice path,
                                        uint32_t *number, struct lede_error *err);
/* The one added last is complete. */
void source_file_writer_complete(struct source_file_writer *writer,
                                 const struct source_stamp *stamp);
/* Records so far. */
uint32_t source_file_writer_count(const struct source_file_writer *writer);
/* Writes what is left, and the directory. The stream is the caller's to finish. */
enum lede_status source_file_writer_finish(struct source_file_writer *writer,
                                           struct lede_error *err);

/* ---- reading ---- */

/* Records in the order of their numbers. Thread-safe as far as each thread has its own. */
struct source_file_cursor {
    struct stream *sources; /* borrowed */
    uint32_t count;         /* records */
    uint32_t number;        /* of the next one */
    uint64_t directory;
    const uint8_t *at, *end; /* what is left of the group, in the map */
    struct buffer path;
    struct source_stamp last; /* of the complete one before, in the group */
};

/* LEDE_CORRUPT if the stream's end makes no sense; done in any case. */
enum lede_status source_file_cursor_init(struct source_file_cursor *cursor, struct stream *sources,
                                         struct lede_error *err);
void source_file_cursor_done(struct source_file_cursor *cursor);
/* The next record, whose path lives until the next call; LEDE_MISSING (err untouched) behind the
 * last. About 40 ns. */
enum lede_status source_file_cursor_next(struct source_file_cursor *cursor,
                                         struct source_file *file, struct lede_error *err);

/* The file of this number; its path is in *path (cleared first). Decodes at most a group.
 * LEDE_CORRUPT also if there is no such number. Thread-safe. */
enum lede_status source_file_get(struct stream *sources, uint32_t number, struct buffer *path,
                                 struct source_file *file, struct lede_error *err);

#endif
