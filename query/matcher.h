/* matcher.h -- finds and scores the documents of a clause in a segment, window by window.
 *
 * A matcher is an object with functions that are called once a window, never once a document.
 * Windows rise; one may be passed over. In each, the evaluator (evaluate.h) first narrows sets of
 * candidates (match), then has those that remain scored. There are five kinds: a word (the terms
 * of its group, merged), a phrase (words at their distances), either of these as it is written,
 * dates, and a group of clauses.
 *
 * A damaged list ends early, which looks like a list that has no more: after the last window
 * matcher_status has to be asked before any result is used.
 *
 * Matchers live in an arena with their cursors, two for each term: one runs ahead to match, one
 * follows to the blocks that hold something to score. Where a conjunction walks a word, it has the
 * first one for itself. One thread. */
#ifndef LEDE_QUERY_MATCHER_H
#define LEDE_QUERY_MATCHER_H

#include "plan.h"
#include "window.h"

struct matcher;

struct matcher_kind {
    /* No document in [from, the result) matches, and from is not behind the result. DOC_END: none
     * from here on. Reads headers only. */
    doc_id (*seek)(struct matcher *matcher, doc_id from);

    /* Takes from bits those that do not match. */
    void (*match)(struct matcher *matcher, const struct window *window, uint64_t *bits);

    /* For all that match: sets their bits, or their bytes of flags to 1 (which does not wait for
     * the bits before). NULL: the kind has no faster way than match. */
    void (*mark)(struct matcher *matcher, const struct window *window, uint64_t *bits,
                 uint8_t flags[WINDOW_DOCS]);

    /* For the documents in bits that match: adds their frequency to tfs[place]. */
    void (*count)(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs);

    /* For the documents in bits that match: adds their contribution to sums[place]. */
    void (*score)(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums);

    /* Sets the bit of every match (unless bits is NULL) and adds its contribution to sums: match
     * and score at once, for when all will be wanted. NULL: the kind has no faster way. */
    void (*match_and_score)(struct matcher *matcher, const struct window *window, uint64_t *bits,
                            double *sums);

    /* No document of the window gets more than this from score; 0: none matches. Reads headers
     * only. Windows rise from call to call, as with all others. */
    double (*bound)(struct matcher *matcher, const struct window *window);

    /* As match_and_score, but passes over blocks whose bound is not above least: their documents
     * get nothing and their bits stay as they were. bits NULL: no bits are wanted. NULL: the kind
     * cannot. */
    void (*score_above)(struct matcher *matcher, const struct window *window, double least,
                        uint64_t *bits, double *sums);

    /* For each document of the window that this matcher gives more than least: sets its bit, and
     * its sum (which was 0) to that. NULL: the kind cannot. */
    void (*pick)(struct matcher *matcher, const struct window *window, double least, uint64_t *bits,
                 double *sums);

    /* How many documents match, where that is found quicker than by windows; else UINT64_MAX. Moves
     * on: nothing but the status may be asked for after. NULL: the kind has no such way. */
    uint64_t (*tally)(struct matcher *matcher);

    enum lede_status (*status)(const struct matcher *matcher, struct lede_error *err);
};

struct matcher {
    const struct matcher_kind *kind;
    const struct query_clause *clause;
    const float *inverse; /* of the plan's BM25: 1 / K by length code */
    double least;         /* match may drop what score gives no more than this; < 0: nothing */
    double unit;          /* what a bound of 1 of 255 is worth in this segment */
    uint64_t matches;     /* documents that match, if the dictionary tells; else UINT64_MAX */
    uint64_t cost;        /* postings of its lists: which one to ask first */
};

/* What a bound of the segment's bytes means for this query: never below a contribution, and a
 * little above it, so that sums of a few hundred such bounds, rounded as they are added, stay above
 * the sums of the contributions. */
static inline double matcher_bound(const struct matcher *matcher, uint32_t bytes)
{
    double weight = (double)matcher->clause->weight, bound = bytes * matcher->unit;

    return (bound < weight && bytes < 255 ? bound : bytes ? weight : 0) * (1 + 0x1p-40);
}

/* Makes the matcher of a clause for a segment (its number among all); *out is NULL if nothing can
 * match there (plan_clause_is_in). arena: as long as the matcher. scratch: WINDOW_DOCS zeros,
 * shared by the matchers of one evaluation, who leave zeros. LEDE_NO_MEMORY. */
enum lede_status matcher_make(const struct plan *plan, const struct query_clause *clause,
                              uint32_t segment, struct arena *arena, uint32_t *scratch,
                              struct matcher **out, struct lede_error *err);

/* Frees what does not live in the arena. NULL: nothing. */
void matcher_done(struct matcher *matcher);

static inline enum lede_status matcher_status(const struct matcher *matcher, struct lede_error *err)
{
    return matcher->kind->status(matcher, err);
}

#endif
