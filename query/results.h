/* results.h -- struct lede_results: hits, notes, and the question and plan they came from.
 *
 * These stay so that hits can be explained, texts highlighted, and advice be given where there are
 * no hits; all of it is in one arena. It
 * refers to the index, which has to outlive it, and to which its memory (RESULTS_CHUNK, if it took
 * more that is freed) goes back for the next query. */
#ifndef LEDE_QUERY_RESULTS_H
#define LEDE_QUERY_RESULTS_H

#include "base/arena.h"
#include "collapse.h"
#include "lede.h"
#include "plan.h"
#include "topk.h"

enum {
    RESULTS_CHUNK = 256 * 1024, /* enough for a thousand hits */
    LIMIT_DEFAULT = 10          /* hits */
};

struct lede_results {
    struct arena arena;
    struct lede_index *index;
    struct slice text;                  /* the query's, the arena's */
    struct lede_search_options options; /* as asked; the language's name is the arena's */
    struct plan plan;
    struct notes notes;
    struct lede_hit *hits;
    size_t count;
    uint64_t total;
};

enum lede_status results_new(struct lede_index *index, bool strict, struct lede_results **out,
                             struct lede_error *err);
void results_destroy(struct lede_results *results); /* of which the index has enough */

/* Plans the query, and what the options say beside it. As plan_make, and LEDE_LIMIT. */
enum lede_status results_plan(struct lede_results *results,
                              const struct lede_search_options *options,
                              struct query_clauses *query, struct lede_error *err);

/* Evaluates the plan: hits, and how many there are (search.c). LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status results_run(struct lede_results *results,
                             const struct lede_search_options *options, struct lede_error *err);

/* Takes the hits behind the best `offset`, which are ranked, and reads their ids, in the order of
 * documents: about 30 ns each. collapse: counts their copies; NULL: they have none. */
enum lede_status results_take(struct lede_results *results, const struct topk *best, size_t offset,
                              const struct collapse *collapse, struct lede_error *err);

#endif
