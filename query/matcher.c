#include "matcher_internal.h"

static enum lede_status make_word(const struct query_clause *clause, struct segment *segment,
                                  uint32_t number, struct arena *arena, uint32_t *scratch,
                                  struct matcher **out, struct lede_error *err)
{
    struct word_matcher *word = arena_calloc(arena, 1, sizeof *word);
    enum lede_status status;

    if (!word)
        return error_no_memory(err);
    word->matcher.kind = &WORD_MATCHER;
    word->scratch = scratch;
    status = word_matcher_init(word, &clause->words[0], segment, number, arena, err);
    if (status == LEDE_OK)
        *out = &word->matcher;
    return status;
}

/* Sets what all kinds have. */
static void settle(const struct plan *plan, const struct query_clause *clause,
                   const struct segment *segment, struct matcher *matcher)
{
    matcher->clause = clause;
    matcher->inverse = plan->bm25->inverse;
    matcher->least = -1;
    if (matcher->matches == 0)
        matcher->matches = UINT64_MAX;
    matcher->unit = (double)clause->weight / 255 *
                    bound_scale(&segment->model, &plan->bm25->model, segment->info->shortest,
                                segment->info->longest);
}

/* Puts the one that looks at texts in the place of *out. */
static enum lede_status make_exact(const struct plan *plan, const struct query_clause *clause,
                                   uint32_t number, struct arena *arena, struct matcher **out,
                                   struct lede_error *err)
{
    struct matcher *stems = *out;
    enum lede_status status = exact_matcher_make(plan, stems, number, arena, out, err);

    if (status != LEDE_OK) {
        matcher_done(stems);
        *out = NULL;
        return status;
    }
    settle(plan, clause, plan->index->segments[number].segment, *out);
    return LEDE_OK;
}

enum lede_status matcher_make(const struct plan *plan, const struct query_clause *clause,
                              uint32_t number, struct arena *arena, uint32_t *scratch,
                              struct matcher **out, struct lede_error *err)
{
    struct segment *segment = plan->index->segments[number].segment;
    enum lede_status status;

    *out = NULL;
    if (!plan_clause_is_in(clause, number))
        return LEDE_OK;
    if (query_clause_is_group(clause))
        status = group_matcher_make(plan, clause, number, arena, scratch, out, err);
    else if (query_clause_is_dates(clause))
        status = date_matcher_make(clause, segment, arena, out, err);
    else if (clause->word_count == 1)
        status = make_word(clause, segment, number, arena, scratch, out, err);
    else
        status = phrase_matcher_make(clause, segment, number, arena, out, err);
    if (status != LEDE_OK || !*out)
        return status;
    settle(plan, clause, segment, *out);
    return clause->exact ? make_exact(plan, clause, number, arena, out, err) : LEDE_OK;
}

void matcher_done(struct matcher *matcher)
{
    if (matcher && matcher->kind == &PHRASE_MATCHER)
        phrase_matcher_done(matcher);
    if (matcher && matcher->kind == &GROUP_MATCHER)
        group_matcher_done(matcher);
    if (matcher && matcher->kind == &EXACT_MATCHER)
        exact_matcher_done(matcher);
}
