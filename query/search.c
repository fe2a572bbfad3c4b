#include <stdio.h>

#include "base/clock.h"
#include "by_date.h"
#include "results.h"

/* ---- from text to plan ---- */

static enum lede_status find_language(const char *name, language_id *language,
                                      struct lede_error *err)
{
    if (language_find(slice_str(name), language))
        return LEDE_OK;
    return error_set(err, LEDE_INVALID, "unknown language \"%s\"", name);
}

/* What finds nothing whatever the index holds is worth a word. */
static enum lede_status note_nothing_wanted(struct lede_results *results, struct lede_error *err)
{
    const struct query_clauses *query = &results->plan.query;

    if (plan_finds(&results->plan) || query->count == 0)
        return LEDE_OK;
    return notes_add_odd(&results->notes, query->clauses[0].text, query->clauses[0].column,
                         "excluded, and there is nothing to search for beside it",
                         "nothing is found (a minus in quotes excludes nothing)", err);
}

static enum lede_status analyse(struct lede_index *index, const struct clause_list *parsed,
                                const struct lede_search_options *options,
                                struct lede_results *results, struct query_clauses *query,
                                struct lede_error *err)
{
    struct terms_options how = {.any = options->any};
    struct analyzer *analyzer = NULL;
    language_id language;
    enum lede_status status;

    if (options->language) {
        status = find_language(options->language, &language, err);
        if (status != LEDE_OK)
            return status;
        how.language = &language;
    }
    status = opened_take_analyzer(index, &analyzer, err);
    if (status == LEDE_OK)
        status =
            terms_find(index, analyzer, parsed, &how, &results->arena, &results->notes, query, err);
    opened_give_analyzer(index, analyzer);
    return status;
}

static enum lede_status keep_question(struct lede_bytes text,
                                      const struct lede_search_options *options,
                                      struct lede_results *results, struct lede_error *err)
{
    struct lede_search_options *kept = &results->options;

    results->text = slice_of(arena_copy(&results->arena, text.data, text.size), text.size);
    *kept = *options;
    if (options->language)
        kept->language = arena_copy(&results->arena, options->language, strlen(options->language));
    if (!results->text.data || (options->language && !kept->language))
        return error_no_memory(err);
    return LEDE_OK;
}

/* Adds what the options say of dates. */
static enum lede_status add_dates(struct lede_results *results,
                                  const struct lede_search_options *options,
                                  struct date_range range, struct query_clauses *query,
                                  struct lede_error *err)
{
    char since[LEDE_DATE_TEXT], until[LEDE_DATE_TEXT], text[2 * LEDE_DATE_TEXT + 16];
    int size;
    char *copy;

    if (options->since.precision == LEDE_DATE_NONE && options->until.precision == LEDE_DATE_NONE)
        return LEDE_OK;
    lede_date_format(options->since, since);
    lede_date_format(options->until, until);
    if (range.first > range.last)
        return error_set(err, LEDE_INVALID, "since %s is after until %s", since, until);
    size = snprintf(text, sizeof text, "date:%s..%s", since, until);
    copy = arena_copy(&results->arena, text, (size_t)size);
    if (!copy)
        return error_no_memory(err);
    return terms_add_dates(query, range, slice_of(copy, (size_t)size), &results->arena, err);
}

enum lede_status results_plan(struct lede_results *results,
                              const struct lede_search_options *options,
                              struct query_clauses *query, struct lede_error *err)
{
    struct date_range range = date_range_between(options->since, options->until);
    double deadline = options->timeout > 0 ? clock_seconds() + options->timeout : 0;
    enum lede_status status = add_dates(results, options, range, query, err);

    if (status == LEDE_OK)
        status = plan_make(results->index, query, options->k1, options->b, &results->arena,
                           &results->plan, err);
    results->plan.deadline = deadline;
    if (status == LEDE_OK)
        status = recency_init(&results->plan.recency, results->index, options->half_life,
                              range.last, err);
    return status;
}

static enum lede_status make_plan(struct lede_index *index, struct lede_bytes text,
                                  const struct lede_search_options *options,
                                  struct lede_results *results, struct lede_error *err)
{
    struct clause_list parsed;
    struct query_clauses query;
    enum lede_status status = keep_question(text, options, results, err);

    if (status == LEDE_OK)
        status = parser_parse(results->text, buffer_bytes(&index->keywords), options->literal,
                              &results->arena, &results->notes, &parsed, err);
    if (status == LEDE_OK)
        status = analyse(index, &parsed, options, results, &query, err);
    if (status == LEDE_OK)
        status = results_plan(results, options, &query, err);
    return status == LEDE_OK ? note_nothing_wanted(results, err) : status;
}

/* ---- from plan to hits ---- */

/* Finds and ranks the best. */
static enum lede_status find_best(struct lede_results *results,
                                  const struct lede_search_options *options, struct topk *best,
                                  struct lede_error *err)
{
    struct evaluate_options how = {.exhaustive = options->exhaustive,
                                   .count = options->count_matches || options->count_only};
    enum lede_status status;

    if (options->order != LEDE_BY_SCORE && best->k > 0)
        return by_date(&results->plan, options->order, best, &results->total, err);
    status = evaluate_plan(&results->plan, &how, best, &results->total, err);
    if (status == LEDE_OK && !topk_finish(best))
        status = error_no_memory(err);
    return status;
}

enum lede_status results_run(struct lede_results *results,
                             const struct lede_search_options *options, struct lede_error *err)
{
    size_t limit = options->limit ? options->limit : LIMIT_DEFAULT, k;
    bool collapses = options->collapse != LEDE_COLLAPSE_NONE;
    enum lede_status status;
    struct collapse collapse;
    struct topk best;

    if (__builtin_add_overflow(limit, options->offset, &k))
        k = SIZE_MAX;
    topk_init(&best, options->count_only ? 0 : k, &results->arena);
    collapse_init(&collapse, results->index, options->collapse);
    if (collapses)
        topk_collapse(&best, &collapse.groups);
    status = find_best(results, options, &best, err);
    if (status == LEDE_OK && collapse.status != LEDE_OK) {
        if (err)
            *err = collapse.error;
        return collapse.status;
    }
    if (results->total < best.count)
        results->total = best.count;
    return status == LEDE_OK
               ? results_take(results, &best, options->offset, collapses ? &collapse : NULL, err)
               : status;
}

enum lede_status lede_search(struct lede_index *index, struct lede_bytes query,
                             const struct lede_search_options *options, struct lede_results **out,
                             struct lede_error *err)
{
    static const struct lede_search_options DEFAULTS;
    struct lede_results *results;
    enum lede_status status;

    if (!options)
        options = &DEFAULTS;
    if (query.size > LEDE_QUERY_MAX)
        return error_set(err, LEDE_LIMIT, "query: %zu bytes; the limit is %d", query.size,
                         LEDE_QUERY_MAX);
    status = results_new(index, options->strict, &results, err);
    if (status != LEDE_OK)
        return status;
    status = make_plan(index, query, options, results, err);
    if (status == LEDE_OK)
        status = results_run(results, options, err);
    if (status != LEDE_OK) {
        lede_results_free(results);
        return status;
    }
    *out = results;
    return LEDE_OK;
}
