/* bisection.h -- an order of documents in which those that share terms stand together.
 *
 * Recursive graph bisection: documents are cut into two halves, and those that would rather be in
 * the other one change sides, again and again; then each half is cut likewise. What a side is worth
 * to a document is how many bits the gaps of its terms' lists would take there, d * log2(n / (d +
 * 1)) for a term that d of a side's n documents have. In each round the half of the documents that
 * leans left most goes left; those that lean alike by their number. BISECTION_LEAF documents or
 * fewer stay in the order they have.
 *
 * The order follows from the index alone: costs are integers, and no thread's part depends on
 * another's. After Dhulipala, Kabiljo, Karrer, Ottaviano, Pupyrev and Shalita, "Compressing graphs
 * and indexes with recursive graph bisection", 2016, and, for selecting a half instead of swapping
 * pairs, Mackenzie, Petri and Moffat, "Faster index reordering with bipartite graph partitioning",
 * 2021. */
#ifndef LEDE_INDEXER_BISECTION_H
#define LEDE_INDEXER_BISECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "forward_index.h"

struct account;

enum { BISECTION_LEAF = 32, BISECTION_ROUNDS = 20 };

/* Bytes that it takes, *order included; and besides for each thread. */
static inline size_t bisection_size(uint32_t documents)
{
    return (size_t)documents * (sizeof(uint32_t) + sizeof(int32_t) + 1);
}
static inline size_t bisection_thread_size(uint32_t terms)
{
    return (size_t)terms * 2 * sizeof(uint32_t);
}

/* order, which has room for every document, gets them in their new order. At most threads (> 0)
 * threads, fewer where the account or the system allows no more; they block all signals.
 * LEDE_NO_MEMORY. */
enum lede_status bisection_order(const struct forward_index *index, unsigned threads,
                                 struct account *account, uint32_t *order, struct lede_error *err);

#endif
