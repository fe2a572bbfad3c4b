/* record_sort.h -- any number of small records, sorted in a memory that does not grow with them.
 *
 * A record is one to three u64s, compared as numbers from the first on. Records are gathered in
 * memory; where that is full they are sorted and written behind one another, as a run, to a
 * temporary file (temporary.h), and when all are there the runs are merged as they are read:
 * RECORD_FAN_IN at once, so that of more than these some are merged to longer ones first. What
 * fits memory never sees a file. Behind a run stands its checksum, XXH3-64.
 *
 * Cost: a radix sort, linear in the bytes that tell records apart, whatever they are; each merge
 * reads and writes its records once. Errors: LEDE_FULL, LEDE_IO, LEDE_NO_MEMORY. One thread. */
#ifndef LEDE_INDEXER_RECORD_SORT_H
#define LEDE_INDEXER_RECORD_SORT_H

#include <stddef.h>
#include <stdint.h>
#define XXH_STATIC_LINKING_ONLY /* the state in a struct */
#include <xxhash.h>

#include "base/error.h"

struct account;

enum { RECORD_WIDTH_MAX = 3, RECORD_FAN_IN = 32, RECORD_MEMORY_MIN = 48 * 1024 };

struct record_run {
    uint64_t offset, count; /* bytes into the file; records */
};

struct record_sort {
    const char *directory; /* borrowed */
    struct account *account;
    unsigned width;    /* u64s of a record */
    size_t most;       /* records in memory */
    uint64_t *records; /* in memory, capacity of them at most */
    size_t count, capacity;
    uint64_t total; /* records in all */
    int file;       /* -1: not made yet */
    uint64_t size;  /* bytes written to it */
    struct record_run *runs;
    size_t run_count, run_capacity;
};

/* Takes no memory yet, and then memory bytes at most, or as many as the account allows:
 * RECORD_MEMORY_MIN at least. directory, where files go, must live as long. */
void record_sort_init(struct record_sort *sort, unsigned width, size_t memory,
                      const char *directory, struct account *account);
/* Empties it; it can be used again. */
void record_sort_done(struct record_sort *sort);

/* A record of sort->width numbers. */
enum lede_status record_sort_add(struct record_sort *sort, const uint64_t *record,
                                 struct lede_error *err);

/* ---- reading ---- */

struct record_input {      /* a run that is being read, or what is in memory */
    uint64_t offset, left; /* what was not read from the file yet: bytes into it; records */
    uint64_t *records;     /* read */
    size_t at, count;      /* the current one, and how many there are */
    XXH3_state_t sum;      /* of the run up to them */
};

struct record_cursor {
    const struct record_sort *sort;
    struct record_input inputs[RECORD_FAN_IN];
    unsigned heap[RECORD_FAN_IN]; /* inputs that have records left, the least one first */
    unsigned count;               /* of them */
    size_t room;                  /* records of an input in memory */
    bool begun;
};

/* Sorts what there is: nothing may be added any more. The cursor needs no freeing. */
enum lede_status record_sort_read(struct record_sort *sort, struct record_cursor *cursor,
                                  struct lede_error *err);
/* The next record, rising, until the next call; LEDE_MISSING (err untouched) behind the last.
 * LEDE_IO also if the file does not have what was written. */
enum lede_status record_cursor_next(struct record_cursor *cursor, const uint64_t **record,
                                    struct lede_error *err);

#endif
