#include <assert.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/command_line.h"
#include "command/flags.h"
#include "command/languages.h"
#include "command/options_internal.h"

enum { DEFAULT_WAIT = 10, MOST_JOBS = 1024, MOST_WAIT = 7 * 24 * 3600 };
static const size_t DEFAULT_MEMORY = 256UL << 20, LEAST_MEMORY = 16UL << 20;
static const uint64_t DEFAULT_COMMIT = 1UL << 30; /* what a run loses at most, some 20 seconds */

/* ---- values ---- */

static enum lede_status parse_size(const char *flag, const char *text, size_t least, size_t *size,
                                   struct lede_error *err)
{
    if (!command_parse_size(text, size))
        return error_set(err, LEDE_INVALID, "%s %s: no size (a number, with K, M or G behind it)",
                         flag, text);
    if (*size < least)
        return error_set(err, LEDE_INVALID, "%s %s: at least %zu bytes", flag, text, least);
    return LEDE_OK;
}

static enum lede_status parse_number(const char *flag, const char *text, uint64_t most,
                                     uint64_t *number, struct lede_error *err)
{
    if (!command_parse_number(text, number))
        return error_set(err, LEDE_INVALID, "%s %s: no number", flag, text);
    if (*number > most)
        return error_set(err, LEDE_INVALID, "%s %s: at most %llu", flag, text,
                         (unsigned long long)most);
    return LEDE_OK;
}

/* "500" is articles, "256M" bytes. */
static enum lede_status parse_commit_every(const char *text, struct options *options,
                                           struct lede_error *err)
{
    size_t size = 0;
    enum lede_status status = LEDE_OK;

    options->commit_articles = options->commit_bytes = 0;
    if (strspn(text, "0123456789") == strlen(text))
        return parse_number("--commit-every", text, UINT64_MAX, &options->commit_articles, err);
    if (!command_parse_size(text, &size))
        status = error_set(err, LEDE_INVALID,
                           "--commit-every %s: articles (500) or a size of text (256M)", text);
    options->commit_bytes = size;
    return status;
}

static enum lede_status parse_unsigned(const char *flag, const char *text, unsigned most,
                                       unsigned *number, struct lede_error *err)
{
    uint64_t wide;
    enum lede_status status = parse_number(flag, text, most, &wide, err);

    if (status == LEDE_OK)
        *number = (unsigned)wide;
    return status;
}

/* In the order of enum input_format. */
static enum lede_status parse_format(const char *text, struct options *options,
                                     struct lede_error *err)
{
    static const char *const names[] = {"auto", "text", "jsonl", "html", "warc", "archive",
                                        "csv",  "tsv",  "json",  "feed", "mail", NULL};
    int place = command_find_name(names, text);

    if (place < 0)
        return error_set(err, LEDE_INVALID,
                         "-f %s: the formats are auto, text, html, jsonl, json, csv, tsv, feed, "
                         "mail, warc and archive",
                         text);
    options->reading.format = (enum input_format)place;
    return LEDE_OK;
}

static enum lede_status parse_boilerplate(const char *text, struct options *options)
{
    options->boilerplate_text = text;
    options->boilerplate = strcmp(text, "auto") == 0   ? BOILERPLATE_AUTO
                           : strcmp(text, "keep") == 0 ? BOILERPLATE_KEEP
                                                       : BOILERPLATE_LIST;
    return LEDE_OK;
}

static enum lede_status parse_progress(const char *text, struct options *options,
                                       struct lede_error *err)
{
    static const char *const names[] = {"auto", "always", "never", "json", NULL};
    int place = command_find_name(names, text);

    if (place < 0)
        return error_set(err, LEDE_INVALID, "--progress %s: auto, always, never or json", text);
    options->progress = (enum progress_mode)place;
    return LEDE_OK;
}

static enum lede_status parse_language(const char *text, struct options *options,
                                       struct lede_error *err)
{
    if (!languages_are_valid(text))
        return error_set(err, LEDE_INVALID,
                         "-l %s: no language that is known (a code such as en, de, pt-BR; none; "
                         "auto, or auto:en)",
                         text);
    options->language = text;
    return LEDE_OK;
}

static enum lede_status parse_field(const char *text, struct options *options,
                                    struct lede_error *err)
{
    const char *equals = strchr(text, '=');
    enum member member;

    if (!equals || equals == text || !equals[1])
        return error_set(err, LEDE_INVALID, "--field %s: NAME=MEMBER, as in title=headline", text);
    member = member_find(slice_of(text, (size_t)(equals - text)));
    if (member == MEMBER_COUNT)
        return error_set(err, LEDE_INVALID,
                         "--field %s: the names are id, title, text, date, url and language", text);
    options->reading.fields.members[member] = equals + 1;
    return LEDE_OK;
}

static enum lede_status add_string(struct string_list *list, char *text, struct lede_error *err)
{
    if (list->count == list->capacity &&
        !array_grow((void **)&list->items, &list->capacity, sizeof *list->items, NULL))
        return error_no_memory(err);
    list->items[list->count++] = text;
    return LEDE_OK;
}

static enum lede_status set_index(struct options *options, const char *text, struct lede_error *err)
{
    if (!*text)
        return error_set(err, LEDE_INVALID, "-d: the directory's name is empty");
    free(options->index);
    options->index = strdup(text);
    return options->index ? LEDE_OK : error_no_memory(err);
}

/* ---- flags ---- */

static void take_switch(struct options *options, int code)
{
    bool *const places[] = {
        ['0'] = &options->nul_separated,
        ['r'] = &options->recursive,
        ['n'] = &options->dry_run,
        ['q'] = &options->quiet,
        ['v'] = &options->verbose,
        ['h'] = &options->help,
        ['V'] = &options->version,
        [FLAG_NO_STEM] = &options->no_stem,
        [FLAG_NO_POSITIONS] = &options->no_positions,
        [FLAG_NO_STORE] = &options->no_store,
        [FLAG_FILE_DATES] = &options->file_dates,
        [FLAG_JSON] = &options->json,
        [FLAG_JSONL] = &options->jsonl,
        [FLAG_TOKENS] = &options->tokens,
        [FLAG_RAW] = &options->raw,
        [FLAG_DEEP] = &options->deep,
        [FLAG_REORDER] = &options->reorder,
        [FLAG_FORCE] = &options->force,
        [FLAG_LIST_BOILERPLATE] = &options->list_boilerplate,
        [FLAG_LIST_COPIES] = &options->list_copies,
    };

    assert((size_t)code < sizeof places / sizeof places[0] && places[code]);
    *places[code] = true;
}

static enum lede_status take_value(struct options *options, int code, char *text,
                                   struct lede_error *err)
{
    switch (code) {
    case 'd':
        return set_index(options, text, err);
    case 'f':
        return parse_format(text, options, err);
    case 'l':
        return parse_language(text, options, err);
    case 'j':
        return parse_unsigned("-j", text, MOST_JOBS, &options->jobs, err);
    case FLAG_BOILERPLATE:
        return parse_boilerplate(text, options);
    case FLAG_SPLIT:
        options->split_text = text;
        return split_options_parse(&options->reading.split, text, err);
    case FLAG_STOPWORDS:
        options->stopwords = text;
        return LEDE_OK;
    case FLAG_FIELD:
        return parse_field(text, options, err);
    case FLAG_KEYWORD:
        return add_string(&options->keywords, text, err);
    case FLAG_BASE:
        options->base = text;
        return LEDE_OK;
    case FLAG_INCLUDE:
        return add_string(&options->include, text, err);
    case FLAG_EXCLUDE:
        return add_string(&options->exclude, text, err);
    case FLAG_FILES_FROM:
        options->files_from = text;
        return LEDE_OK;
    case FLAG_MAX_RECORD:
        return parse_size("--max-record", text, 1, &options->reading.max_record, err);
    case FLAG_MEMORY:
        return parse_size("--memory", text, LEAST_MEMORY, &options->memory, err);
    case FLAG_COMMIT_EVERY:
        return parse_commit_every(text, options, err);
    case FLAG_WAIT:
        return parse_unsigned("--wait", text, MOST_WAIT, &options->wait, err);
    case FLAG_REPORT:
        options->report = text;
        return LEDE_OK;
    default:
        assert(code == FLAG_PROGRESS);
        return parse_progress(text, options, err);
    }
}

/* What getopt_long did not understand: a short flag is in optopt, a long one in word. */
static enum lede_status complain(int found, const char *word, struct lede_error *err)
{
    const struct flag *flag = flags_find(optopt);

    if (found == ':')
        return flag && flag->code < FLAG_STOPWORDS
                   ? error_set(err, LEDE_INVALID, "-%c needs a value", optopt)
                   : error_set(err, LEDE_INVALID, "%s needs a value", word);
    if (flag && word[0] == '-' && word[1] == '-')
        return error_set(err, LEDE_INVALID, "%s: takes no value", word);
    if (optopt && !flag)
        return error_set(err, LEDE_INVALID, "unknown flag -%c (what follows -- is never a flag)",
                         optopt);
    return error_set(err, LEDE_INVALID, "unknown flag %s (what follows -- is never a flag)", word);
}

/* True if the subcommand is stats, as far as can be told before the flags are known. */
static bool is_stats(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "stats") == 0)
            return strcmp(argv[i - 1], "-d") != 0 && strcmp(argv[i - 1], "--index") != 0;
    return false;
}

static enum lede_status read_flags(int argc, char **argv, struct options *options, bool *seen,
                                   struct lede_error *err)
{
    struct flag_tables tables;
    enum lede_status status = LEDE_OK;
    int code;

    flags_tables(is_stats(argc, argv), &tables);
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while (status == LEDE_OK &&
           (code = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        if (code == '?' || code == ':')
            return complain(code, argv[optind - 1], err);
        seen[code] = true;
        if (flags_find(code)->has_value)
            status = take_value(options, code, optarg, err);
        else
            take_switch(options, code);
    }
    return status;
}

enum lede_status options_parse(int argc, char **argv, struct options *options,
                               struct lede_error *err)
{
    bool seen[FLAG_CODES] = {false};
    enum lede_status status;

    *options = (struct options){
        .memory = DEFAULT_MEMORY, .wait = DEFAULT_WAIT, .commit_bytes = DEFAULT_COMMIT};
    status = read_flags(argc, argv, options, seen, err);
    if (status != LEDE_OK)
        return status;
    return options_settle(options, seen, argv + optind, (size_t)(argc - optind), err);
}

void options_free(struct options *options)
{
    free(options->index);
    split_options_done(&options->reading.split);
    array_free(options->include.items, options->include.capacity, sizeof(char *), NULL);
    array_free(options->exclude.items, options->exclude.capacity, sizeof(char *), NULL);
    array_free(options->keywords.items, options->keywords.capacity, sizeof(char *), NULL);
    options->index = NULL;
    options->include = options->exclude = options->keywords = (struct string_list){0};
}
