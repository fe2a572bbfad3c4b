/* record_table.h -- numbers by hashes, or a set of hashes, in a memory that does not grow with
 * them.
 *
 * What is added is sorted (record_sort.h); behind record_table_finish it can be looked up. As long
 * as it fits memory it stays there: 24 bytes a number, 8 of a set. Else it lies, sorted by hash, in
 * a temporary file of RECORD_PAGE bytes a page, of every so many of which the first hash is in
 * memory: a lookup reads a page (some more from 8 million numbers on), about 1 us if the system
 * has it cached.
 *
 * Keys are hashes already, of what is not kept: two things that share one cannot be told apart, of
 * a million one in 37 million times. Errors as of record_sort. One thread. */
#ifndef LEDE_INDEXER_RECORD_TABLE_H
#define LEDE_INDEXER_RECORD_TABLE_H

#include "record_sort.h"

enum { RECORD_PAGE = 4096, RECORD_FENCES = 32 * 1024 };

struct record_table {
    struct record_sort sort; /* until it is finished; then its memory holds the table, if it fits */
    bool is_set;
    unsigned width;   /* u64s of a key and its number */
    uint64_t count;   /* keys, once it is finished */
    int file;         /* -1: all is in memory */
    uint64_t *fences; /* the first key of each step-th page */
    size_t fence_count, fence_capacity;
    uint64_t step;
    uint64_t page_number; /* of the page that was read last; UINT64_MAX: none */
    uint64_t page[RECORD_PAGE / sizeof(uint64_t)];
};

/* Takes no memory yet. memory, directory, account: as of record_sort_init. */
void record_table_init(struct record_table *table, bool is_set, size_t memory,
                       const char *directory, struct account *account);
void record_table_done(struct record_table *table); /* empties it; it can be used again */

/* Adds a key, with its number unless this is a set; the last one of a key counts. */
enum lede_status record_table_add(struct record_table *table, uint64_t key, uint64_t number,
                                  struct lede_error *err);
/* Nothing is added any more. */
enum lede_status record_table_finish(struct record_table *table, struct lede_error *err);

/* Whether there is the key, and its place. */
enum lede_status record_table_find(struct record_table *table, uint64_t key, bool *found,
                                   uint64_t *place, struct lede_error *err);
/* The number at a place below count; of no set. */
enum lede_status record_table_get(struct record_table *table, uint64_t place, uint64_t *number,
                                  struct lede_error *err);
enum lede_status record_table_set(struct record_table *table, uint64_t place, uint64_t number,
                                  struct lede_error *err);

#endif
