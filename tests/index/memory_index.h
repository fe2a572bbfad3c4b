/* memory_index.h -- a small random index as plain arrays, and the same written to a directory.
 *
 * What the arrays say is what every reader must give back. A segment has documents with ids,
 * lengths, columns, stored articles, and terms with postings and positions; some are deleted. */
#ifndef TESTS_INDEX_MEMORY_INDEX_H
#define TESTS_INDEX_MEMORY_INDEX_H

#include "index/segment.h"
#include "index/segment_writer.h"
#include "index/store.h"
#include "tests/index/dice.h"

struct plain_posting {
    doc_id document;
    uint32_t tf;
    uint32_t *positions; /* tf of them */
};

struct plain_term {
    char term[24]; /* field byte 0 first, then text and a NUL */
    size_t size;
    struct plain_posting *postings;
    uint32_t df;
    uint64_t total_tf;
};

struct plain_document {
    char id[64], title[64];
    char *text;
    uint32_t length;
    int64_t columns[COLUMN_COUNT];
    bool deleted;
};

struct plain_segment {
    struct plain_document *documents;
    uint32_t document_count, deleted;
    struct plain_term *terms;
    uint32_t term_count;
    struct segment_info info; /* as written */
};

struct plain_index {
    struct plain_segment *segments;
    size_t segment_count;
    bool positions;
    struct manifest manifest; /* as written */
};

enum { PLAIN_SOURCES = 20, PLAIN_PATH = 32 };
/* Every segment has these source files. */
void plain_source(uint32_t number, char path[PLAIN_PATH], struct source_stamp *stamp,
                  bool *complete);

/* Makes, not writes: documents ids are unique in the index. */
void plain_index_make(struct plain_index *index, struct dice *dice, size_t segments,
                      uint32_t documents, uint32_t terms, bool positions);
void plain_index_free(struct plain_index *index);

/* Writes a segment to a sink under info.number, and fills info. */
enum lede_status plain_segment_write(const struct plain_index *index, struct plain_segment *segment,
                                     struct record_sink *sink, struct account *account,
                                     struct lede_error *err);
/* Writes all of it with its deletions and commits; asserts that it works. */
void plain_index_write(struct plain_index *index, const char *path);

/* A new empty directory under $TMPDIR or /tmp; and its removal with the files in it. */
char *temp_directory_new(void);
void temp_directory_free(char *path);

/* A file's bytes, allocated; and written back. Both assert. */
uint8_t *file_read(const char *directory, const char *name, size_t *size);
void file_write(const char *directory, const char *name, const void *bytes, size_t size);

#endif
