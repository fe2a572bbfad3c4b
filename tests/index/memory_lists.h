/* memory_lists.h -- posting lists in memory: three streams over memory_records, written, read back.
 *
 * For tests and fuzzing of posting.h. Begin, write lists, seal; then source reads them. */
#ifndef TESTS_INDEX_MEMORY_LISTS_H
#define TESTS_INDEX_MEMORY_LISTS_H

#include "index/posting.h"
#include "tests/index/memory_records.h"

struct memory_lists {
    struct memory_records records;
    struct stream_writer writers[STREAM_NORMS + 1];
    struct stream streams[STREAM_NORMS + 1];
    struct bound_model model;
    uint8_t *norms; /* owned */
    struct posting_writer *writer;
    struct posting_source source;
};

/* Documents 0 .. documents - 1 with these length codes (copied). */
void memory_lists_begin(struct memory_lists *lists, const uint8_t *norms, uint32_t documents,
                        bool positions);
/* Ends writing (norms too) and opens the streams. */
void memory_lists_seal(struct memory_lists *lists);
/* Closes the streams and opens them anew, as another process would: nothing is verified yet. */
void memory_lists_reopen(struct memory_lists *lists);
void memory_lists_done(struct memory_lists *lists);

#endif
