/* merge.h -- merging runs, term by term and document by document, whoever made them.
 *
 * Postings come out in the order of (batch, place), which is input order, so the result is the
 * same however the documents were spread over runs. At most MERGE_MAX runs are read at a time,
 * each through one SPILL_BLOCK; more are first merged into longer ones. */
#ifndef LEDE_INDEXER_MERGE_H
#define LEDE_INDEXER_MERGE_H

#include "run.h"
#include "spill.h"

struct account;
struct inverter;

enum { MERGE_MAX = 64 };

/* A run to merge: a sorted inverter, borrowed, or a run in a file. */
struct merge_input {
    const struct inverter *inverter; /* NULL: spilled */
    struct spill_run spilled;
};

/* Where the result goes: for each term in memcmp order, for each document, rising. */
struct merge_output {
    void *context;
    enum lede_status (*term)(void *context, struct slice term, uint32_t df, uint64_t total_tf,
                             struct lede_error *err);
    /* A posting, or a piece of one: the pieces of a posting come one after the other
     * (run_cursor_read). Without positions the values mean nothing, but their count does. */
    enum lede_status (*posting)(void *context, run_document document,
                                const struct run_positions *positions, struct lede_error *err);
    /* Whole postings at a time; NULL: all come to posting. */
    enum lede_status (*postings)(void *context, const struct run_postings *postings,
                                 struct lede_error *err);
    enum lede_status (*term_end)(void *context, struct lede_error *err);
};

/* Merges count inputs into output. Longer runs made on the way go to scratch. inputs is used up:
 * its items are overwritten. */
enum lede_status merge_runs(struct merge_input *inputs, size_t count, struct spill *scratch,
                            const struct merge_output *output, struct account *account,
                            struct lede_error *err);

/* Merges count inputs, all of whose documents are parts of one, in their order, into a run in
 * scratch that has that one document. inputs is used up. */
enum lede_status merge_parts(struct merge_input *inputs, size_t count, run_document document,
                             struct spill *scratch, struct spill_run *run, struct account *account,
                             struct lede_error *err);

#endif
