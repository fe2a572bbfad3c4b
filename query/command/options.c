#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "facets.h"
#include "flags.h"
#include "options_internal.h"
#include "snippet.h"

#define HINT "; words that begin with a minus stand behind --: lede-search -- oil -opec"

enum { JOBS_MAX = 1024 };

/* ---- values ---- */

static enum lede_status parse_number(const char *flag, const char *text, size_t least, size_t most,
                                     size_t *number, struct lede_error *err)
{
    uint64_t value;

    if (!command_parse_number(text, &value))
        return error_set(err, LEDE_INVALID, "%s %s: no number", flag, text);
    if (value < least || value > most)
        return error_set(err, LEDE_INVALID, "%s %s: from %zu to %zu", flag, text, least, most);
    *number = (size_t)value;
    return LEDE_OK;
}

static enum lede_status parse_real(const char *flag, const char *text, double most, double *number,
                                   struct lede_error *err)
{
    char *end;

    *number = strtod(text, &end);
    if (!*text || *end || strspn(text, "0123456789.eE+-") != strlen(text))
        return error_set(err, LEDE_INVALID, "%s %s: no number", flag, text);
    if (!isfinite(*number) || *number < 0 || *number > most)
        return error_set(err, LEDE_INVALID, "%s %s: from 0 to %g", flag, text, most);
    return LEDE_OK;
}

static enum lede_status parse_date(const char *flag, const char *text, struct lede_date *date,
                                   struct lede_error *err)
{
    if (lede_date_parse((struct lede_bytes){text, strlen(text)}, date) == LEDE_OK)
        return LEDE_OK;
    return error_set(err, LEDE_INVALID, "%s %s: no date, as 2023, 2023-07 or 2023-07-19", flag,
                     text);
}

static enum lede_status parse_order(const char *text, enum lede_order *order,
                                    struct lede_error *err)
{
    static const char *const names[] = {[LEDE_BY_SCORE] = "relevance",
                                        [LEDE_BY_DATE] = "date",
                                        [LEDE_BY_DATE_RISING] = "-date",
                                        NULL};
    int place = command_find_name(names, text);

    if (place < 0)
        return error_set(err, LEDE_INVALID, "-s %s: relevance, date or -date", text);
    *order = (enum lede_order)place;
    return LEDE_OK;
}

/* A number and h, d, w or y. */
static enum lede_status parse_half_life(const char *text, double *seconds, struct lede_error *err)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = {{'h', 3600}, {'d', 86400}, {'w', 7 * 86400.0}, {'y', 365.25 * 86400}};
    size_t size = strspn(text, "0123456789.");
    char *end;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text[size] != units[i].unit || text[size + 1])
            continue;
        *seconds = strtod(text, &end) * units[i].seconds;
        if (end == text + size && *seconds > 0 && isfinite(*seconds))
            return LEDE_OK;
    }
    return error_set(err, LEDE_INVALID, "--recency %s: a time above 0, as 12h, 30d, 2w or 1y",
                     text);
}

static enum lede_status parse_timeout(const char *text, double *seconds, struct lede_error *err)
{
    double milliseconds;
    enum lede_status status = parse_real("--timeout", text, 1e9, &milliseconds, err);

    if (status == LEDE_OK && milliseconds <= 0)
        status = error_set(err, LEDE_INVALID, "--timeout %s: a time above 0", text);
    if (status == LEDE_OK)
        *seconds = milliseconds / 1e3;
    return status;
}

static enum lede_status parse_unit(const char *text, enum lede_precision *unit,
                                   struct lede_error *err)
{
    static const char *const names[] = {"year", "month", "day", NULL}; /* from LEDE_YEAR on */
    int place = command_find_name(names, text);

    if (place < 0)
        return error_set(err, LEDE_INVALID, "--histogram %s: year, month or day", text);
    *unit = (enum lede_precision)(LEDE_YEAR + place);
    return LEDE_OK;
}

static enum lede_status parse_collapse(const char *text, enum lede_collapse *collapse,
                                       struct lede_error *err)
{
    static const char *const names[] = {[LEDE_COLLAPSE_NONE] = "none",
                                        [LEDE_COLLAPSE_EXACT] = "exact",
                                        [LEDE_COLLAPSE_NEAR] = "near",
                                        NULL};
    int place = command_find_name(names, text);

    if (place < 0)
        return error_set(err, LEDE_INVALID, "--collapse %s: exact, near or none", text);
    *collapse = (enum lede_collapse)place;
    return LEDE_OK;
}

static enum lede_status parse_when(const char *flag, const char *text, enum command_when *when,
                                   struct lede_error *err)
{
    if (command_parse_when(text, when))
        return LEDE_OK;
    return error_set(err, LEDE_INVALID, "%s %s: auto, always or never", flag, text);
}

static enum lede_status parse_format(const char *text, enum output_kind *kind,
                                     struct lede_error *err)
{
    static const char *const names[] = {
        [OUTPUT_TEXT] = "text", [OUTPUT_JSON] = "json", [OUTPUT_JSONL] = "jsonl",
        [OUTPUT_TSV] = "tsv",   [OUTPUT_TREC] = "trec", NULL};
    int place = command_find_name(names, text);

    if (place < 0)
        return error_set(err, LEDE_INVALID, "--format %s: text, json, jsonl, tsv or trec", text);
    *kind = (enum output_kind)place;
    return LEDE_OK;
}

/* A field of a run: no blanks, and nothing that a terminal would take for a command. */
static enum lede_status parse_run_id(const char *text, const char **run_id, struct lede_error *err)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
            return error_set(err, LEDE_INVALID, "--run-id %s: ASCII without blanks", text);
    if (!*text)
        return error_set(err, LEDE_INVALID, "--run-id: the name is empty");
    *run_id = text;
    return LEDE_OK;
}

/* ---- flags ---- */

static void take_switch(struct options *options, struct flags *flags, int code)
{
    bool *const places[] = {
        ['c'] = &flags->count,
        ['l'] = &flags->list,
        ['0'] = &options->nul_ended,
        ['F'] = &options->search.literal,
        ['i'] = &options->prompt,
        ['q'] = &options->quiet,
        ['h'] = &options->help,
        ['V'] = &options->version,
        [FLAG_ANY] = &options->search.any,
        [FLAG_STRICT] = &options->search.strict,
    };

    assert((size_t)code < sizeof places / sizeof places[0] && places[code]);
    *places[code] = true;
}

/* A value that is taken as it is. */
static enum lede_status take_text(struct options *options, int code)
{
    const char **const places[] = {
        [FLAG_TOPICS] = &options->topics,     [FLAG_SIMILAR] = &options->similar,
        [FLAG_COMPLETE] = &options->complete, [FLAG_EVAL] = &options->judgements,
        [FLAG_COMPARE] = &options->other_run, [FLAG_EXPLAIN] = &options->explain_id};

    assert((size_t)code < sizeof places / sizeof places[0] && places[code]);
    *places[code] = optarg;
    return LEDE_OK;
}

static enum lede_status take_value(struct options *options, struct flags *flags, int code,
                                   struct lede_error *err)
{
    struct lede_search_options *search = &options->search;

    switch (code) {
    case 'd':
        return options_add_index(options, optarg, err);
    case 'n':
        flags->limited = true;
        return parse_number("-n", optarg, 1, UINT32_MAX, &search->limit, err);
    case FLAG_OFFSET:
        return parse_number("--offset", optarg, 0, UINT32_MAX, &search->offset, err);
    case FLAG_SNIPPETS:
        return parse_number("--snippets", optarg, 0, SNIPPETS_MAX, &options->snippets, err);
    case FLAG_OPEN:
        return parse_number("--open", optarg, 1, UINT32_MAX, &flags->open, err);
    case 'j':
        return parse_number("-j", optarg, 1, JOBS_MAX, &options->jobs, err);
    case FLAG_FORMAT:
        flags->formatted = true;
        return parse_format(optarg, &flags->format, err);
    case FLAG_RUN_ID:
        return parse_run_id(optarg, &options->run_id, err);
    case FLAG_K1:
        return parse_real("--k1", optarg, 1e6, &search->k1, err);
    case FLAG_B:
        return parse_real("--b", optarg, 1, &search->b, err);
    case 's':
        return parse_order(optarg, &search->order, err);
    case FLAG_RECENCY:
        return parse_half_life(optarg, &search->half_life, err);
    case FLAG_TIMEOUT:
        return parse_timeout(optarg, &search->timeout, err);
    case FLAG_COLLAPSE:
        return parse_collapse(optarg, &search->collapse, err);
    case FLAG_FACET:
        return facets_parse(optarg, options, err);
    case FLAG_HISTOGRAM:
        return parse_unit(optarg, &options->histogram, err);
    case FLAG_SINCE:
        return parse_date("--since", optarg, &search->since, err);
    case FLAG_UNTIL:
        return parse_date("--until", optarg, &search->until, err);
    case FLAG_COLOR:
        return parse_when("--color", optarg, &options->color, err);
    case FLAG_HYPERLINK:
        return parse_when("--hyperlink", optarg, &options->hyperlink, err);
    case FLAG_EXPLAIN:
        options->explain = true;
        break;
    }
    return take_text(options, code);
}

/* A value that stands in the same argument as its letter may be a word that began with a minus. */
static bool is_glued(char *const *argv)
{
    return optarg != argv[optind - 1] && argv[optind - 1][1] != '-';
}

enum lede_status options_add_hint(struct lede_error *err)
{
    struct lede_error plain = *err;

    return error_set(err, plain.status, "%s" HINT, plain.text);
}

static enum lede_status read_value(struct options *options, struct flags *flags, int code,
                                   char *const *argv, struct lede_error *err)
{
    enum lede_status status = take_value(options, flags, code, err);

    if (!is_glued(argv))
        return status;
    if (code == 'd')
        options->glued = optarg;
    return status == LEDE_INVALID ? options_add_hint(err) : status;
}

/* What getopt_long did not take. It stays at an argument of several letters until all were read. */
static enum lede_status refuse(int found, int argc, char *const *argv, struct lede_error *err)
{
    const char *here = optind < argc ? argv[optind] : NULL, *word = argv[optind - 1];

    if (optopt > 0 && optopt < 256 && here && here[0] == '-' && here[1] != '-' &&
        strchr(here + 1, optopt))
        word = here;
    if (found == ':')
        return error_set(err, LEDE_INVALID, "%s: what value?", word);
    if (word[0] == '-' && word[1] == '-')
        return error_set(err, LEDE_INVALID,
                         optopt ? "%s: takes no value"
                                : "unknown option %s, or several begin so (lede-search --help "
                                  "lists them)",
                         word);
    return error_set(err, LEDE_INVALID, "unknown option %s" HINT, word);
}

static enum lede_status read_flags(int argc, char **argv, struct options *options,
                                   struct flags *flags, struct lede_error *err)
{
    const struct flag_tables *tables = flags_tables();
    enum lede_status status = LEDE_OK;
    int code;

    opterr = 0;
    optind = 0;
    while (status == LEDE_OK &&
           (code = getopt_long(argc, argv, tables->letters, tables->names, NULL)) != -1) {
        if (code == '?' || code == ':')
            status = refuse(code, argc, argv, err);
        else if (!flags_take_value(code))
            take_switch(options, flags, code);
        else
            status = read_value(options, flags, code, argv, err);
    }
    return status;
}

enum lede_status options_parse(int argc, char **argv, struct options *options,
                               struct lede_error *err)
{
    struct flags flags = {.format = OUTPUT_TEXT};
    enum lede_status status;

    *options = (struct options){
        .search = {.limit = 10, .k1 = -1, .b = -1}, .snippets = 1, .jobs = 1, .run_id = "lede"};
    status = read_flags(argc, argv, options, &flags, err);
    if (status != LEDE_OK || options->help || options->version)
        return status;
    return options_settle(options, &flags, argv + optind, (size_t)(argc - optind), err);
}

void options_done(struct options *options)
{
    array_free((void *)options->indexes, options->index_capacity, sizeof *options->indexes, NULL);
    free(options->default_index);
    free(options->query);
    options->indexes = NULL;
    options->default_index = options->query = NULL;
}
