/* evaluate_internal.h -- between the ways of evaluating a segment: a union, all of it
 * (evaluate_union.c) or only what may still enter the best k (evaluate_pruned.c), whatever has
 * required clauses (evaluate_conjunction.c), and filters alone (evaluate_filters.c); and, by these,
 * whatever needs the stored texts (evaluate_forms.c). */
#ifndef LEDE_QUERY_EVALUATE_INTERNAL_H
#define LEDE_QUERY_EVALUATE_INTERNAL_H

#include "evaluate.h"
#include "kernels.h"
#include "matcher.h"

struct matchers {
    struct matcher *items[LEDE_CLAUSES_MAX];
    size_t count;
};

struct evaluation {
    const struct plan *plan;
    struct query_clauses clauses; /* of it, as they are evaluated */
    struct topk *best;
    uint64_t counted;                /* live matches of the segment that were seen */
    struct lede_error *err, unheard; /* err: the caller's, or the other if there is none */

    struct arena arena;     /* of the segment's matchers */
    struct matchers all;    /* as in the query; what is scored is these without prohibited */
    struct matchers scored; /* required and optional ones, in the order of the query */
    struct matchers required, optional, prohibited;
    struct matchers filters, barred; /* required and prohibited filters, which are none of these */
    struct segment *segment;
    uint32_t number; /* of the segment */

    bool counting;                 /* counted has to be exact */
    struct match_visitor *visitor; /* NULL: none */
    enum lede_status failed;       /* what went wrong with a document's date */
    double primed; /* the k-th best score is known to be above this; below 0: nothing is known */

    struct window window;
    uint64_t bits[WINDOW_WORDS];     /* the documents that are still in question */
    uint64_t eligible[WINDOW_WORDS]; /* evaluation_find_eligible's */
    double sums[SUMS_ROOM];          /* zero between windows */
    float inverses[SUMS_ROOM];       /* of the window, if it says so */
    uint8_t flags[WINDOW_DOCS];      /* of matches by place; zero between calls */
    uint32_t scratch[WINDOW_DOCS];   /* of the matchers; zero between calls */
};

struct evaluation_bound {
    struct matcher *matcher;
    double bound;
};

struct evaluation_bounds {
    struct evaluation_bound items[LEDE_CLAUSES_MAX]; /* the smallest bound first */
    size_t count;
    double total;
};

/* An evaluation of the plan, for one thread, until it is given back. NULL: memory ran out. */
struct evaluation *evaluation_begin(const struct plan *plan, struct lede_error *err);
void evaluation_end(struct evaluation *run, enum lede_status status);

/* Makes the matchers of segment number number. *possible: something there may match. */
enum lede_status evaluation_begin_segment(struct evaluation *run, uint32_t number, bool *possible);
void evaluation_end_segment(struct evaluation *run);
/* What ended the lists of its matchers early, or could not be read otherwise, if something was. */
enum lede_status evaluation_status(const struct evaluation *run);

/* Adds what each clause gives to the sums of the documents in run->bits, all of which match. */
void evaluation_score(struct evaluation *run);

/* Counts the documents in run->bits, and shows them to the visitor, if there is one. */
enum lede_status evaluation_count(struct evaluation *run);

/* Makes the window at base the current one. */
enum lede_status evaluation_set_window(struct evaluation *run, doc_id base);

/* Sets run->bits to the documents of the window that have any of the optional clauses. */
void evaluation_match_any(struct evaluation *run);

/* Takes what one of the matchers finds in the window from bits. */
void evaluation_drop_matches(const struct evaluation *run, const struct matchers *matchers,
                             uint64_t *bits);

/* Takes excluded documents from run->bits. */
void evaluation_drop_prohibited(struct evaluation *run);

/* Sets run->bits to those of the entries, rising, that are in the window, the first one at least.
 * Returns how many. */
size_t evaluation_take_entries(struct evaluation *run, const struct topk_entry *entries,
                               size_t left);

/* As evaluate_plan, of a plan that reads texts. */
enum lede_status evaluate_forms(const struct plan *plan, const struct evaluate_options *options,
                                struct topk *best, uint64_t *total, struct lede_error *err);

/* ---- filters (evaluate_filters.c) ---- */

static inline bool evaluation_is_filtered(const struct evaluation *run)
{
    return run->filters.count + run->barred.count > 0;
}

/* Filters let no document in [from, the result) through; DOC_END: none from here on. */
doc_id evaluation_seek_eligible(struct evaluation *run, doc_id from);

/* Takes documents from run->bits that are deleted or that the filters do not let through. Once a
 * window: matchers do not go back. */
enum lede_status evaluation_drop_ineligible(struct evaluation *run);

/* The documents of the window that would be left of all; NULL: all of them. Once a window, too. */
enum lede_status evaluation_find_eligible(struct evaluation *run, const uint64_t **bits);

/* Evaluates a segment of a query of filters alone: whatever they let through, at score 0. */
enum lede_status evaluation_take_eligible(struct evaluation *run);

/* The score of a document of the window: its sum, faded by its age. */
double evaluation_fade(struct evaluation *run, double sum, uint32_t place);

/* Offers it. A date is read only of what would enter without. False: memory ran out. */
static inline bool evaluation_offer(struct evaluation *run, double sum, uint32_t place)
{
    if (sum <= run->best->threshold)
        return true;
    if (run->plan->recency.half_life > 0)
        sum = evaluation_fade(run, sum, place);
    return topk_offer(run->best, sum, run->number, run->window.base + place);
}

/* Offers what is in run->bits with its sum, and makes these sums 0. False: memory ran out. */
bool evaluation_collect(struct evaluation *run);

/* For a query of one clause, whose kind can pick: the documents of the window that get more than
 * limit are offered, if live (NULL: look) has them. */
enum lede_status evaluation_pick(struct evaluation *run, struct matcher *matcher, double limit,
                                 const uint64_t *live);

/* True if whatever matches gets a score above 0. */
bool evaluation_every_match_scores(const struct plan *plan);

/* True if scores do not depend on the order of adding, so that pruning changes nothing. */
bool evaluation_may_prune(const struct plan *plan);

/* What evaluation_primed finds: a score that at least best->k documents reach, from the
 * dictionary's stored factors, less a little; below 0 if nothing is known. */
double evaluation_primed(const struct plan *plan, size_t k);

/* What each of the matchers gives at most in the window. */
void evaluation_take_bounds(const struct matchers *matchers, const struct window *window,
                            struct evaluation_bounds *out);

/* A document has to get more than this to enter. */
static inline double evaluation_threshold(const struct evaluation *run)
{
    return run->best->threshold > run->primed ? run->best->threshold : run->primed;
}

/* What a document must have above, if others may add rest: a little too low rather than too high,
 * as sums of doubles of up to 2^9, rounded 256 times, err by less than 2^-34. */
static inline double evaluation_needed(double limit, double rest)
{
    return rest > 0 ? limit - rest - 0x1p-34 : limit;
}

/* Scores the documents in run->bits by the first count of bounds, which add up to rest, the largest
 * first, and keeps only those that may still get over limit; what the others got stays in their
 * sums (bits_forget). */
void evaluation_score_rest(struct evaluation *run, const struct evaluation_bounds *bounds,
                           size_t count, double rest, double limit);

/* Evaluates a segment of a union. pruning: for the best k alone. */
enum lede_status evaluation_take_union(struct evaluation *run, bool pruning);

/* Evaluates a segment of a query with required clauses. pruning: for the best k alone. */
enum lede_status evaluation_gather(struct evaluation *run, bool pruning);

/* One window, for the best k alone: those documents that cannot enter are not looked at. */
enum lede_status evaluation_prune_window(struct evaluation *run, doc_id base);

#endif
