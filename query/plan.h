/* plan.h -- a query as it will be evaluated: its terms looked up and weighed, once for all
 * segments of all indexes.
 *
 * N, df and the average length are summed over all segments before anything is scored, so that an
 * index gives the same scores however it is cut into segments. A word's df is the largest of its
 * terms'; a phrase's weight is the sum of its words' idf (as Lucene has it), and its tf the number
 * of its occurrences. Costs a dictionary lookup per term and segment. */
#ifndef LEDE_QUERY_PLAN_H
#define LEDE_QUERY_PLAN_H

#include "bm25.h"
#include "recency.h"
#include "terms.h"

struct plan {
    struct lede_index *index;
    struct query_clauses query;
    struct query_clause *whole; /* all of it as an optional group */
    const struct bm25 *bm25;    /* the index's, or the arena's */
    uint64_t articles;          /* N */
    double average;
    struct recency recency;          /* recency_init's to set; else nothing fades */
    double deadline;                 /* of clock_seconds; 0: none */
    bool has_required, has_optional; /* clauses that are no filters (optional ones may be) */
    bool has_filter;                 /* required filters */
};

/* Fills in df, idf, weight and infos of the query (made by terms_find) and takes it over. k1, b:
 * as in struct lede_search_options. LEDE_INVALID if they are out of range; LEDE_CORRUPT;
 * LEDE_NO_MEMORY. */
enum lede_status plan_make(struct lede_index *index, const struct query_clauses *query, double k1,
                           double b, struct arena *arena, struct plan *out, struct lede_error *err);

/* The same plan for other clauses, of its own or like them. LEDE_NO_MEMORY. */
enum lede_status plan_change(const struct plan *plan, const struct query_clauses *query,
                             struct arena *arena, struct plan *out, struct lede_error *err);

/* Fills in df and infos of a term. LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status plan_look_up(struct lede_index *index, struct query_term *term,
                              struct arena *arena, struct lede_error *err);

/* True if there is something to look for. */
static inline bool plan_finds(const struct plan *plan)
{
    return plan->has_required || plan->has_optional || plan->has_filter;
}

/* True if the clause may match in the segment: every word has a term there. */
bool plan_clause_is_in(const struct query_clause *clause, uint32_t segment);

#endif
