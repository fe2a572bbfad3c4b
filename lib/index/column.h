/* column.h -- fixed facts of each document, packed window by window.
 *
 * A column gives each document (COLUMN_NAMES: each run of NAME_GROUP documents) a 64-bit integer or
 * nothing. For every window of WINDOW_DOCS documents STREAM_COLUMNS holds, per column, a block:
 *     u8   width w of the packed values, 0 to 64
 *     u8   1 if some are missing, else 0
 *     n values of w bits, little-endian bit string: 0 is missing if some are; else
 *          value - min (+ 1 if some are missing), modulo 2^64
 * and STREAM_WINDOWS a directory record: for each column
 *     u64 offset of the block in STREAM_COLUMNS, i64 min, i64 max   of the values present
 *     (all missing, and w 0: min 1, max 0)
 * A record never crosses an extent: window v is at column_record_offset(v). Neither does a block.
 * min and max let a filter pass over a window without reading it. Hashes are stored as int64 of the
 * same bits (the one that equals COLUMN_MISSING reads as missing).
 *
 * The values 5, 7 and a missing one are the block 02 01 0d (1, 3 and 0 in two bits each), min 5,
 * max 7: see test_column.c.
 *
 * After Goldstein, Ramakrishnan and Shaft, "Compressing relations and indexes", 1998 (frame of
 * reference). */
#ifndef LEDE_INDEX_COLUMN_H
#define LEDE_INDEX_COLUMN_H

#include "index/extent.h"

enum column {                         /* the numbers are stored */
              COLUMN_DATE,            /* seconds since 1970 */
              COLUMN_DATE_KIND,       /* precision | enum lede_date_source << 3 */
              COLUMN_LANGUAGE,        /* the text library's language id */
              COLUMN_CONTENT_HASH,    /* XXH3-64 of the article's content */
              COLUMN_DUPLICATE_GROUP, /* content hash of the group's first member; missing: its own
                                       */
              COLUMN_SIGNATURE,       /* near-duplicate signature; missing: not computed */
              COLUMN_TOKENS,          /* exact length in positions */
              COLUMN_ARTICLE, /* block offset in STREAM_ARTICLES << 14 | offset in the block's bytes
                               */
              COLUMN_NAMES,   /* offset in STREAM_NAMES of the group; one value per NAME_GROUP */
              COLUMN_SOURCE_OFFSET,
              COLUMN_SOURCE_SIZE, /* byte range in the source file */
              COLUMN_SOURCE,      /* number of the source file: source_file.h */
              COLUMN_COUNT
};

enum {
    NAME_GROUP = 16,
    COLUMN_RECORD = 24 * COLUMN_COUNT,
    COLUMN_RECORDS = EXTENT_CAPACITY / COLUMN_RECORD /* in an extent */
};

#define COLUMN_MISSING INT64_MIN /* no value is this */

static inline uint64_t column_record_offset(uint32_t window)
{
    return (uint64_t)(window / COLUMN_RECORDS) * EXTENT_CAPACITY +
           (uint64_t)(window % COLUMN_RECORDS) * COLUMN_RECORD;
}

/* ---- writing ---- */

struct column_writer; /* holds a window of every column: 353 KiB */
enum lede_status column_writer_new(struct stream_writer *columns, struct stream_writer *windows,
                                   struct account *account, struct column_writer **out,
                                   struct lede_error *err);
void column_writer_free(struct column_writer *writer);
/* The values of the next document; values[COLUMN_NAMES] counts for the first of each NAME_GROUP. */
enum lede_status column_writer_add(struct column_writer *writer, const int64_t values[COLUMN_COUNT],
                                   struct lede_error *err);
/* Before the first document: COLUMN_DUPLICATE_GROUP is not among the values, but comes behind the
 * last document, by column_writer_groups; what is not given then is missing. The directory waits in
 * memory, COLUMN_RECORD bytes a window. */
void column_writer_late_groups(struct column_writer *writer);
/* Ends the documents. Then, window after window, COLUMN_DUPLICATE_GROUP of the next one's. */
enum lede_status column_writer_end(struct column_writer *writer, struct lede_error *err);
enum lede_status column_writer_groups(struct column_writer *writer, const int64_t *groups,
                                      uint32_t count, struct lede_error *err);
/* Writes what is left. The streams are the caller's to finish. */
enum lede_status column_writer_finish(struct column_writer *writer, struct lede_error *err);

/* Writes a column's block of a window, and what a record says of it: COLUMN_ENTRY bytes. */
enum { COLUMN_ENTRY = 24 };
enum lede_status column_block_write(struct stream_writer *columns, const int64_t *values,
                                    uint32_t count, uint8_t entry[COLUMN_ENTRY],
                                    struct lede_error *err);

/* ---- reading ---- */

struct column_source { /* borrowed; thread-safe */
    struct stream *columns, *windows;
    doc_id documents;
};

/* The value of a document (of COLUMN_NAMES: of its group); COLUMN_MISSING if it has none. A value
 * outside its window's min and max is LEDE_CORRUPT, here and in column_window. */
enum lede_status column_get(const struct column_source *source, enum column column, doc_id document,
                            int64_t *value, struct lede_error *err);

/* A column's block in a window, found once for many values. */
struct column_block {
    uint64_t offset;
    int64_t min, max; /* of the values present; min > max if there are none */
    unsigned width;   /* of a packed value */
    bool gaps;        /* some are missing */
};

/* Of a window that the segment has. */
enum lede_status column_block_open(const struct column_source *source, enum column column,
                                   uint32_t window, struct column_block *block,
                                   struct lede_error *err);
/* Value number place of the block (COLUMN_NAMES: of the window's groups), which has to have so
 * many; otherwise as column_get. */
enum lede_status column_block_get(const struct column_source *source,
                                  const struct column_block *block, uint32_t place, int64_t *value,
                                  struct lede_error *err);

/* The values of a window's documents (COLUMN_NAMES: of its groups) into out, which has room for
 * WINDOW_DOCS; about 1.5 ns each. */
enum lede_status column_window(const struct column_source *source, enum column column,
                               uint32_t window, int64_t *out, int64_t *min, int64_t *max,
                               struct lede_error *err);

/* Its min and max alone, without reading the values; min > max if all are missing. */
enum lede_status column_bounds(const struct column_source *source, enum column column,
                               uint32_t window, int64_t *min, int64_t *max, struct lede_error *err);

#endif
