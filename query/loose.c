#include "loose.h"

#include "base/arena.h"

static bool reads_texts(const struct query_clause *clause)
{
    return query_clause_is_group(clause) ? loose_differs(&clause->group) : clause->exact;
}

bool loose_differs(const struct query_clauses *query)
{
    for (size_t i = 0; i < query->count; i++)
        if (reads_texts(&query->clauses[i]))
            return true;
    return false;
}

/* Recursion ends at GROUP_DEPTH. False: memory ran out. */
static bool loosen(const struct query_clauses *query, struct arena *arena,
                   struct query_clauses *out)
{
    *out = (struct query_clauses){arena_calloc(arena, query->count, sizeof *out->clauses), 0};
    if (!out->clauses)
        return false;
    for (size_t i = 0; i < query->count; i++) {
        const struct query_clause *clause = &query->clauses[i];
        struct query_clause *copy = &out->clauses[out->count];

        if (clause->occur == OCCUR_PROHIBITED && reads_texts(clause))
            continue;
        *copy = *clause;
        copy->exact = false;
        if (query_clause_is_group(clause) && !loosen(&clause->group, arena, &copy->group))
            return false;
        out->count++;
    }
    return true;
}

enum lede_status loose_make(const struct plan *plan, struct arena *arena, struct plan *out,
                            struct lede_error *err)
{
    struct query_clauses loose;

    return loosen(&plan->query, arena, &loose) ? plan_change(plan, &loose, arena, out, err)
                                               : error_no_memory(err);
}
