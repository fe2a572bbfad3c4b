/* memory_records.h -- records in memory: what LMDB is to the index, for tests.
 *
 * Each value is an allocation of its own of exactly its size, so that AddressSanitizer sees a
 * read behind it. Keys rise within a table, as in LMDB. Reading is thread-safe, writing is not. */
#ifndef TESTS_INDEX_MEMORY_RECORDS_H
#define TESTS_INDEX_MEMORY_RECORDS_H

#include "index/dictionary.h"
#include "index/extent.h"

struct memory_record {
    char table;       /* 'm', 'd', 'e' or 'x' */
    struct slice key; /* owned, as is value */
    uint8_t *value;
    size_t size;
};

struct memory_records {
    struct memory_record *records; /* by table, then key */
    size_t count, capacity;
    size_t puts_left; /* puts that succeed before one fails with LEDE_FULL; SIZE_MAX at first */
    struct record_sink sink;
    struct record_source source;
    struct page_source pages; /* over table 'd': the first key >= what is asked, and its value */
};

/* The record keeps its place: sink, source and pages point to it. */
void memory_records_init(struct memory_records *memory);
void memory_records_done(struct memory_records *memory);

/* The record of a key, to look at or to damage; NULL if there is none. */
struct memory_record *memory_records_find(struct memory_records *memory, char table,
                                          struct slice key);
struct memory_record *memory_records_extent(struct memory_records *memory, uint32_t segment,
                                            enum stream_kind kind, uint32_t number);
/* Replaces the record's value by a copy of size bytes at value. */
void memory_record_set(struct memory_record *record, const void *value, size_t size);

#endif
