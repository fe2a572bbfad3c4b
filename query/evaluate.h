/* evaluate.h -- runs a plan over the segments, window by window, and keeps the best documents.
 *
 * In each window (window.h) the documents that match are found, those that are deleted, that the
 * filters do not let through, and excluded ones taken out, and what is left is scored and offered
 * to topk.h in document order. Required clauses, all of their words at once, are walked by
 * intervals of blocks (conjunction.h); a window that none of the clauses of a union reaches is
 * passed over by block headers alone.
 *
 * Unless it is to be exhaustive, what cannot enter the best k any more is left out: windows, blocks
 * and documents whose bounds add up to no more than the k-th best score so far (block-max MaxScore,
 * evaluate_pruned.c; block-max AND, evaluate_conjunction.c). Hits and scores are the same bits
 * either way. Counts are exact if asked for, else of what happened to be looked at.
 *
 * Memory: about 160 KiB, which the index keeps for the next query, and 4 KiB for each list of a
 * segment. Thread-safe: all state is its own.
 */
#ifndef LEDE_QUERY_EVALUATE_H
#define LEDE_QUERY_EVALUATE_H

#include "plan.h"
#include "topk.h"

struct match_window;

/* What looks at all matches. */
struct match_visitor {
    /* Called for each window that has some, in order; bits: the live matches. */
    enum lede_status (*visit)(struct match_visitor *visitor, const struct match_window *window,
                              struct lede_error *err);
};

struct match_window {
    const struct segment *segment;
    uint32_t number; /* of the segment */
    doc_id base;
    const uint64_t *bits; /* at least one is set */
};

struct evaluate_options {
    bool exhaustive;               /* look at every match */
    bool count;                    /* *total has to be exact */
    struct match_visitor *visitor; /* gets all matches, if nothing is to enter best; NULL: none */
};

/* Adds to *total the live matches, and offers each that may enter to best. A failure
 * (LEDE_CORRUPT, LEDE_NO_MEMORY, LEDE_IO) leaves both with a part of the truth. */
enum lede_status evaluate_plan(const struct plan *plan, const struct evaluate_options *options,
                               struct topk *best, uint64_t *total, struct lede_error *err);

/* Adds to *total all live matches, and shows them to the visitor, if there is one. As
 * evaluate_plan. */
enum lede_status evaluate_matches(const struct plan *plan, struct match_visitor *visitor,
                                  uint64_t *total, struct lede_error *err);

/* Sets the scores of documents that the plan finds, in their order: the same bits as a search's. */
enum lede_status evaluate_scores(const struct plan *plan, struct topk_entry *entries, size_t count,
                                 struct lede_error *err);

struct evaluation;
void evaluation_free(struct evaluation *evaluation); /* one that the index kept */

#endif
