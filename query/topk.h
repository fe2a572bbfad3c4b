/* topk.h -- the best k of many scored documents, in a heap.
 *
 * Better is the higher score; of equal scores the lower place in the order (index, segment,
 * document). Documents must be offered in that order, so that a later one has to be strictly
 * better to enter. Memory grows with what was found, not with k. One thread. */
#ifndef LEDE_QUERY_TOPK_H
#define LEDE_QUERY_TOPK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct topk_entry {
    double score;
    uint32_t segment; /* number among all segments of all indexes, in order */
    uint32_t document;
};

struct topk {
    struct topk_entry *entries; /* a heap, the worst first; after topk_sort the best first */
    size_t count, capacity, k;
    double threshold; /* a score must be above it to enter; below 0 while there is room */
};

/* k 0: nothing enters. */
void topk_init(struct topk *topk, size_t k);
void topk_done(struct topk *topk);

/* Offers a document. False if memory ran out. */
bool topk_insert(struct topk *topk, double score, uint32_t segment, uint32_t document);

static inline bool topk_offer(struct topk *topk, double score, uint32_t segment, uint32_t document)
{
    return score <= topk->threshold || topk_insert(topk, score, segment, document);
}

/* Puts entries in order, best first. Nothing may be offered after. */
void topk_sort(struct topk *topk);

#endif
