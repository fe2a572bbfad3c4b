/* topk.h -- the best k of many scored documents, gathered and thinned out.
 *
 * Better is the higher score; of equal scores the lower place in the order (index, segment,
 * document). Documents must be offered in that order, so that a later one has to be strictly
 * better to enter.
 *
 * Entries are appended, and stay in the order of documents. When about twice k have gathered, the
 * k-th best score is selected and those that are not among the best k are dropped: 5 ns a document,
 * where a heap of 1,000 takes 30. The price is a threshold that lags behind by as many entries.
 * Memory, an arena's, grows with what was found, not with k. One thread.
 *
 * Documents may be of groups, of which only the best document counts: the best k are those of as
 * many groups. So the threshold is the k-th best of the groups' best ones, never of documents. */
#ifndef LEDE_QUERY_TOPK_H
#define LEDE_QUERY_TOPK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct topk_entry {
    double score;
    uint32_t segment; /* number among all segments of all indexes, in order */
    uint32_t document;
};

/* What tells the group of a document; asked once for each that enters. */
struct topk_groups {
    void *context;
    uint64_t (*group)(void *context, uint32_t segment, uint32_t document);
};

struct topk {
    struct topk_entry *entries; /* in the order of documents; the best k and some that no longer are
                                   (until topk_finish) */
    uint32_t *ranks; /* after topk_finish: places of the entries, 0 the best; else NULL */
    size_t count, capacity, k;
    double threshold; /* a score must be above it to enter; below 0 until the first selection */
    uint64_t *keys;   /* room for selecting, as much as for entries */
    const struct topk_groups *by; /* NULL: every document counts */
    uint64_t *groups;             /* of the entries, if by */
    uint32_t *slots;              /* of a table of them: as many as a power of two above entries */
    struct arena *arena;
};

/* k 0: nothing enters. The arena has to live as long as the entries are wanted. */
void topk_init(struct topk *topk, size_t k, struct arena *arena);

/* Before anything is offered; by has to live as long. */
void topk_collapse(struct topk *topk, const struct topk_groups *by);

/* Offers a document with a score >= 0. False if memory ran out. */
bool topk_insert(struct topk *topk, double score, uint32_t segment, uint32_t document);

static inline bool topk_offer(struct topk *topk, double score, uint32_t segment, uint32_t document)
{
    return score <= topk->threshold || topk_insert(topk, score, segment, document);
}

/* Drops all but the best k, and ranks them. Nothing may be offered after. False if memory ran out.
 */
bool topk_finish(struct topk *topk);

#endif
