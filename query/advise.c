#include <stdlib.h>

#include "base/lede_bytes.h"
#include "evaluate.h"
#include "results.h"
#include "suggest.h"
#include "words.h"

enum {
    LEFT_OUT_MAX = 8,
    SUGGESTED_MAX = 16 /* words: each takes milliseconds */
};

struct advice {
    struct lede_advice public; /* first, so that the one is the other */
    struct arena arena;
    const struct lede_results *results;
    struct lede_index *index;
    struct analyzer *analyzer;

    struct lede_missing_word *missing;
    size_t missing_count, missing_capacity;
    struct buffer corrected; /* the query up to copied, with suggestions in place */
    size_t copied;
};

/* ---- words that no article has ---- */

static bool is_told(const struct advice *advice, const struct lede_missing_word *missing)
{
    for (size_t i = 0; i < advice->missing_count; i++)
        if (advice->missing[i].title == missing->title &&
            slice_equal(slice_from(advice->missing[i].text), slice_from(missing->text)))
            return true;
    return false;
}

/* Puts the suggestion in the place of the word, which is a part of the query's text. Words that do
 * not stand in its order (there are none) stay as they are. */
static void correct(struct advice *advice, struct slice word, struct slice suggestion)
{
    struct slice query = advice->results->text;
    size_t offset = (size_t)(word.data - query.data);

    if (suggestion.size == 0 || offset < advice->copied)
        return;
    buffer_put(&advice->corrected, query.data + advice->copied, offset - advice->copied);
    buffer_put(&advice->corrected, suggestion.data, suggestion.size);
    advice->copied = offset + word.size;
}

static enum lede_status add_missing(struct advice *advice, const struct query_clause *clause,
                                    const struct query_word *word, struct lede_error *err)
{
    struct lede_missing_word missing = {.text = bytes_of(word->text), .title = clause->is_title};
    struct suggestion suggestion = {.df = 0};
    char *copy = arena_copy(&advice->arena, word->text.data, word->text.size);
    enum lede_status status = LEDE_OK;

    if (!copy)
        return error_no_memory(err);
    if (advice->missing_count < SUGGESTED_MAX && !clause->is_filter)
        status = suggest(advice->index, advice->analyzer, word, &advice->arena, &suggestion, err);
    if (status != LEDE_OK)
        return status;
    correct(advice, word->text, suggestion.text);
    missing.text.data = copy;
    missing.suggestion = bytes_of(suggestion.text);
    missing.articles = suggestion.df;
    if (is_told(advice, &missing))
        return LEDE_OK;
    if (!words_reserve(&advice->arena, (void **)&advice->missing, &advice->missing_capacity,
                       advice->missing_count, sizeof *advice->missing))
        return error_no_memory(err);
    advice->missing[advice->missing_count++] = missing;
    return LEDE_OK;
}

/* Recursion ends at GROUP_DEPTH. */
static enum lede_status find_missing(struct advice *advice, const struct query_clauses *list,
                                     struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < list->count; i++) {
        const struct query_clause *clause = &list->clauses[i];

        if (clause->occur == OCCUR_PROHIBITED)
            continue;
        if (query_clause_is_group(clause))
            status = find_missing(advice, &clause->group, err);
        for (size_t j = 0; status == LEDE_OK && j < clause->word_count; j++)
            if (clause->words[j].df == 0)
                status = add_missing(advice, clause, &clause->words[j], err);
    }
    return status;
}

/* ---- other queries, as their user would ask them ---- */

static enum lede_status count_query(const struct advice *advice, struct slice query, bool any,
                                    uint64_t *total, struct lede_error *err)
{
    struct lede_search_options options = advice->results->options;
    struct lede_results *results;
    enum lede_status status;

    options.count_only = true;
    options.strict = false;
    options.any |= any;
    *total = 0;
    if (query.size > LEDE_QUERY_MAX)
        return LEDE_OK;
    status = lede_search(advice->index, bytes_of(query), &options, &results, err);
    if (status != LEDE_OK)
        return status;
    *total = lede_results_total(results);
    lede_results_free(results);
    return LEDE_OK;
}

static enum lede_status try_corrected(struct advice *advice, struct lede_error *err)
{
    struct slice query = advice->results->text;
    struct lede_advice *public = &advice->public;
    enum lede_status status;
    char *copy;

    if (advice->copied == 0)
        return LEDE_OK;
    buffer_put(&advice->corrected, query.data + advice->copied, query.size - advice->copied);
    if (advice->corrected.failed)
        return error_no_memory(err);
    query = buffer_bytes(&advice->corrected);
    status = count_query(advice, query, false, &public->query_articles, err);
    if (status != LEDE_OK || public->query_articles == 0)
        return status;
    copy = arena_copy(&advice->arena, query.data, query.size);
    if (!copy)
        return error_no_memory(err);
    public->query = (struct lede_bytes){copy, query.size};
    return LEDE_OK;
}

/* ---- other plans ---- */

static enum lede_status count_clauses(struct advice *advice, const struct query_clauses *clauses,
                                      uint64_t *total, struct lede_error *err)
{
    struct plan plan;
    enum lede_status status =
        plan_change(&advice->results->plan, clauses, &advice->arena, &plan, err);

    *total = 0;
    if (status != LEDE_OK || !plan_finds(&plan))
        return status;
    return evaluate_matches(&plan, NULL, total, err);
}

/* A copy of the query's clauses, to be changed. */
static enum lede_status copy_clauses(struct advice *advice, struct query_clauses *out,
                                     struct lede_error *err)
{
    const struct query_clauses *query = &advice->results->plan.query;

    out->count = query->count;
    out->clauses = arena_calloc(&advice->arena, query->count, sizeof *out->clauses);
    if (!out->clauses)
        return error_no_memory(err);
    memcpy(out->clauses, query->clauses, query->count * sizeof *out->clauses);
    return LEDE_OK;
}

/* Phrases as the words that they are made of, wherever these stand, and exact words as any form. */
static enum lede_status count_apart(struct advice *advice, struct lede_error *err)
{
    struct query_clauses clauses;
    enum lede_status status = copy_clauses(advice, &clauses, err);
    bool changed = false;

    for (size_t i = 0; status == LEDE_OK && i < clauses.count; i++) {
        struct query_clause *clause = &clauses.clauses[i];

        if (clause->occur == OCCUR_PROHIBITED ||
            !(clause->exact || (clause->word_count > 1 && clause->adjacent)))
            continue;
        clause->exact = clause->adjacent = false;
        clause->near = NEAR_NOT;
        changed = true;
    }
    if (status != LEDE_OK || !changed)
        return status;
    return count_clauses(advice, &clauses, &advice->public.apart, err);
}

static enum lede_status count_included(struct advice *advice, struct lede_error *err)
{
    struct query_clauses clauses;
    enum lede_status status = copy_clauses(advice, &clauses, err);
    size_t kept = 0;

    for (size_t i = 0; status == LEDE_OK && i < clauses.count; i++)
        if (clauses.clauses[i].occur != OCCUR_PROHIBITED)
            clauses.clauses[kept++] = clauses.clauses[i];
    if (status != LEDE_OK || kept == clauses.count)
        return status;
    clauses.count = kept;
    return count_clauses(advice, &clauses, &advice->public.included, err);
}

static enum lede_status count_without(struct advice *advice, size_t place,
                                      struct lede_left_out *left_out, struct lede_error *err)
{
    const struct query_clause *clause = &advice->results->plan.query.clauses[place];
    struct query_clauses clauses;
    enum lede_status status = copy_clauses(advice, &clauses, err);
    char *copy = arena_copy(&advice->arena, clause->text.data, clause->text.size);

    if (status != LEDE_OK)
        return status;
    if (!copy)
        return error_no_memory(err);
    memmove(&clauses.clauses[place], &clauses.clauses[place + 1],
            (clauses.count - place - 1) * sizeof *clauses.clauses);
    clauses.count--;
    left_out->text = (struct lede_bytes){copy, clause->text.size};
    left_out->title = clause->is_title;
    return count_clauses(advice, &clauses, &left_out->articles, err);
}

static enum lede_status count_left_out(struct advice *advice, struct lede_error *err)
{
    const struct query_clauses *query = &advice->results->plan.query;
    struct lede_left_out *all = arena_calloc(&advice->arena, LEFT_OUT_MAX, sizeof *all);
    enum lede_status status = LEDE_OK;
    size_t tried = 0;

    if (!all)
        return error_no_memory(err);
    advice->public.left_out = all;
    for (size_t i = 0; status == LEDE_OK && i < query->count && tried < LEFT_OUT_MAX; i++) {
        struct lede_left_out *next = &all[advice->public.left_out_count];

        if (query->clauses[i].occur != OCCUR_REQUIRED)
            continue;
        tried++;
        status = count_without(advice, i, next, err);
        advice->public.left_out_count += status == LEDE_OK && next->articles > 0;
    }
    return status;
}

/* ---- dates that no article has ---- */

/* Whether a clause wants dates that are all outside of these. */
static bool wants_others(const struct query_clauses *query, const struct recency *span)
{
    for (size_t i = 0; i < query->count; i++) {
        const struct query_clause *clause = &query->clauses[i];

        if (clause->occur != OCCUR_PROHIBITED && query_clause_is_dates(clause) &&
            (clause->dates.last < span->oldest || clause->dates.first > span->newest))
            return true;
    }
    return false;
}

static enum lede_status find_dates(struct advice *advice, struct lede_error *err)
{
    struct recency span;
    enum lede_status status = recency_init(&span, advice->index, 1, INT64_MAX, err);

    if (status != LEDE_OK || span.oldest > span.newest ||
        !wants_others(&advice->results->plan.query, &span))
        return status;
    advice->public.oldest = (struct lede_date){span.oldest, LEDE_DAY};
    advice->public.newest = (struct lede_date){span.newest, LEDE_DAY};
    return LEDE_OK;
}

/* ---- all of it ---- */

static enum lede_status advise(struct advice *advice, struct lede_error *err)
{
    const struct plan *plan = &advice->results->plan;
    enum lede_status status = opened_take_analyzer(advice->index, &advice->analyzer, err);

    if (status == LEDE_OK)
        status = find_dates(advice, err);
    if (status == LEDE_OK)
        status = find_missing(advice, &plan->query, err);
    advice->public.missing = advice->missing;
    advice->public.missing_count = advice->missing_count;
    if (status == LEDE_OK)
        status = try_corrected(advice, err);
    if (status == LEDE_OK && !advice->results->options.any)
        status = count_query(advice, advice->results->text, true, &advice->public.any, err);
    if (status == LEDE_OK)
        status = count_apart(advice, err);
    if (status == LEDE_OK)
        status = count_included(advice, err);
    return status == LEDE_OK ? count_left_out(advice, err) : status;
}

enum lede_status lede_advise(const struct lede_results *results, struct lede_advice **out,
                             struct lede_error *err)
{
    struct advice *advice = calloc(1, sizeof *advice);
    enum lede_status status = LEDE_OK;

    if (!advice)
        return error_no_memory(err);
    arena_init(&advice->arena, 0, NULL);
    buffer_init(&advice->corrected, NULL);
    advice->results = results;
    advice->index = results->index;
    if (results->total == 0 && plan_finds(&results->plan))
        status = advise(advice, err);
    opened_give_analyzer(advice->index, advice->analyzer);
    buffer_done(&advice->corrected);
    if (status != LEDE_OK) {
        lede_advice_free(&advice->public);
        return status;
    }
    *out = &advice->public;
    return LEDE_OK;
}

void lede_advice_free(struct lede_advice *public)
{
    struct advice *advice = (struct advice *)public;

    if (!advice)
        return;
    arena_done(&advice->arena);
    free(advice);
}
