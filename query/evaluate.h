/* evaluate.h -- runs a plan over the segments, window by window, and keeps the best documents.
 *
 * In each window (window.h): the documents that match are found, deleted and excluded ones taken
 * out, what is left is counted, scored clause by clause in the order of the query, and offered to
 * the heap in document order. A window in which a required clause cannot match, or with none of
 * the optional ones, is passed over by block headers alone.
 *
 * Every live match is scored: linear in the postings of the windows that are not passed over.
 * Memory: about 100 KiB, and 4 KiB for each list of a segment. Thread-safe: all state is its own.
 */
#ifndef LEDE_QUERY_EVALUATE_H
#define LEDE_QUERY_EVALUATE_H

#include "plan.h"
#include "topk.h"

/* Adds to *total the live matches, and offers each to best. A failure (LEDE_CORRUPT,
 * LEDE_NO_MEMORY, LEDE_IO) leaves both with a part of the truth. */
enum lede_status evaluate_plan(const struct plan *plan, struct topk *best, uint64_t *total,
                               struct lede_error *err);

#endif
