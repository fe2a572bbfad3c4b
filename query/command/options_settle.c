/* What the flags of a command line mean together. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "options_internal.h"

enum { EVALUATED = 1000 /* of a ranking */ };

enum lede_status options_add_index(struct options *options, const char *path,
                                   struct lede_error *err)
{
    if (!*path)
        return error_set(err, LEDE_INVALID, "-d: the directory's name is empty");
    if (options->index_count == options->index_capacity &&
        !array_grow((void **)&options->indexes, &options->index_capacity, sizeof *options->indexes,
                    NULL))
        return error_no_memory(err);
    options->indexes[options->index_count++] = path;
    return LEDE_OK;
}

static enum lede_status set_output(struct options *options, const struct flags *flags,
                                   struct lede_error *err)
{
    if (flags->count && flags->list)
        return error_set(err, LEDE_INVALID, "either -c or -l");
    if (options->nul_ended && !flags->list)
        return error_set(err, LEDE_INVALID, "-0 goes with -l");
    options->kind = flags->count ? OUTPUT_COUNT : flags->list ? OUTPUT_IDS : flags->format;
    if (options->explain && options->kind > OUTPUT_JSONL)
        return error_set(err, LEDE_INVALID, "--explain goes with --format text, json or jsonl");
    if (options->histogram != LEDE_DATE_NONE && options->kind > OUTPUT_JSON)
        return error_set(err, LEDE_INVALID, "--histogram goes with --format text or json");
    if (options->facet_count > 0 && options->kind > OUTPUT_JSON)
        return error_set(err, LEDE_INVALID, "--facet goes with --format text or json");
    return LEDE_OK;
}

/* The place is counted from the first that is shown. */
static enum lede_status set_open(struct options *options, const struct flags *flags,
                                 struct lede_error *err)
{
    if (flags->open == 0)
        return LEDE_OK;
    if (options->kind != OUTPUT_TEXT || options->from_stdin || options->topics)
        return error_set(err, LEDE_INVALID, "--open shows one article, of one query, as text");
    if (options->explain_id)
        return error_set(err, LEDE_INVALID, "either --open or --explain=ID");
    options->open = true;
    options->search.offset += flags->open - 1;
    options->search.limit = 1;
    return LEDE_OK;
}

static enum lede_status join_query(char *const *parts, size_t count, char **query,
                                   struct lede_error *err)
{
    size_t size = 1;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += strlen(parts[i]) + 1;
    *query = at = malloc(size);
    if (!at)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *at++ = ' ';
        at = stpcpy(at, parts[i]);
    }
    *at = '\0';
    return LEDE_OK;
}

static bool is_dated(const struct lede_search_options *search)
{
    return search->since.precision != LEDE_DATE_NONE || search->until.precision != LEDE_DATE_NONE;
}

/* The lines of standard input are answered by lines that say what each answers. */
static void set_batch(struct options *options, const struct flags *flags)
{
    options->from_stdin = true;
    if (options->kind == OUTPUT_TEXT && !flags->formatted)
        options->kind = OUTPUT_JSON;
}

static enum lede_status set_query(struct options *options, const struct flags *flags,
                                  char *const *parts, size_t count, struct lede_error *err)
{
    if (options->prompt) {
        if (count > 0 || options->similar || options->topics || options->complete)
            return error_set(err, LEDE_INVALID, "either -i or a query, not both");
        if (options->kind != OUTPUT_TEXT || options->explain_id || flags->open)
            return error_set(err, LEDE_INVALID, "-i shows lists of articles, as text");
        return LEDE_OK;
    }
    if (options->complete) {
        if (count > 0 || options->similar || options->topics)
            return error_set(err, LEDE_INVALID, "either --complete or a query, not both");
        return LEDE_OK;
    }
    if (options->similar) {
        if (count > 0 || options->topics)
            return error_set(err, LEDE_INVALID, "either --similar or a query, not both");
        if (options->histogram != LEDE_DATE_NONE)
            return error_set(err, LEDE_INVALID, "--histogram goes with a query");
        if (options->facet_count > 0)
            return error_set(err, LEDE_INVALID, "--facet goes with a query");
        return LEDE_OK;
    }
    if (options->topics) {
        if (count > 0)
            return error_set(err, LEDE_INVALID, "either --topics or a query, not both");
        if (options->search.timeout > 0)
            return error_set(err, LEDE_INVALID, "--timeout goes with queries, not with --topics");
        options->search.any = options->search.literal = true;
        return LEDE_OK;
    }
    if (count == 0 && !is_dated(&options->search))
        return error_set(err, LEDE_INVALID, "which query? lede-search --help tells more");
    if (count != 1 || strcmp(parts[0], "-") != 0)
        return join_query(parts, count, &options->query, err);
    set_batch(options, flags);
    return LEDE_OK;
}

static enum lede_status check_jobs(const struct options *options, struct lede_error *err)
{
    if (options->jobs > 1 && !options->from_stdin && !options->topics)
        return error_set(err, LEDE_INVALID, "-j goes with - or --topics");
    return LEDE_OK;
}

/* A measure looks at the first 1,000, unless less is asked for. */
static enum lede_status set_evaluation(struct options *options, const struct flags *flags,
                                       struct lede_error *err)
{
    if (options->other_run && !options->judgements)
        return error_set(err, LEDE_INVALID, "--compare goes with --eval");
    if (!options->judgements)
        return LEDE_OK;
    if (!options->topics)
        return error_set(err, LEDE_INVALID, "--eval goes with --topics");
    if (options->kind != OUTPUT_TEXT || options->explain || options->histogram ||
        options->facet_count > 0 || options->search.offset > 0)
        return error_set(err, LEDE_INVALID, "--eval prints its own table, of the best articles");
    if (!flags->limited)
        options->search.limit = EVALUATED;
    return LEDE_OK;
}

static enum lede_status set_index(struct options *options, struct lede_error *err)
{
    enum lede_status status;

    if (options->index_count > 0)
        return LEDE_OK;
    status = command_find_index(&options->default_index, NULL, err);
    if (status != LEDE_OK)
        return status;
    if (!options->default_index)
        return error_set(err, LEDE_INVALID, "which index? give -d DIR, or set LEDE_INDEX");
    return options_add_index(options, options->default_index, err);
}

/* Each looks at what those before it settled. */
enum lede_status options_settle(struct options *options, const struct flags *flags,
                                char *const *parts, size_t count, struct lede_error *err)
{
    enum lede_status status;

    if (options->search.k1 == 0)
        options->search.b = 1; /* has no effect then, and 0 and 0 would mean the index's own */
    status = set_output(options, flags, err);
    if (status == LEDE_OK)
        status = set_query(options, flags, parts, count, err);
    if (status == LEDE_OK)
        status = check_jobs(options, err);
    if (status == LEDE_OK)
        status = set_open(options, flags, err);
    if (status == LEDE_OK)
        status = set_evaluation(options, flags, err);
    return status == LEDE_OK ? set_index(options, err) : status;
}
