#include "command/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/command_line.h"
#include "command/decoder.h"
#include "command/languages.h"

/* ---- the grammar ---- */

enum { DEFAULT_WAIT = 10, MOST_JOBS = 1024, MOST_WAIT = 7 * 24 * 3600 };
static const size_t DEFAULT_MEMORY = 256UL << 20, LEAST_MEMORY = 16UL << 20, LEAST_PAGE = 1UL << 20;
static const uint64_t DEFAULT_COMMIT = 1UL << 30; /* what a run loses at most, some 20 seconds */
static const size_t LEAST_UNPACK = 18UL << 20, UNPACK_EXTRA = 2UL << 20;
static const size_t LEAST_VALUES = 8UL << 20;
enum {
    RECORD_SHARE = 4, /* of --memory is for a record at most, */
    PAGE_SHARE = 40,  /* and for a page, which takes more */
    TREE_PAGES = 6    /* for its tree */
};

#define TAKES(name) (1U << SUBCOMMAND_##name)
#define ALL         ((1U << SUBCOMMAND_COUNT) - 1)

enum { NEEDS_MANY = 1000000000 };

static const struct {
    const char *name;
    unsigned least, most; /* operands */
    const char *operand;
} SUBCOMMANDS[SUBCOMMAND_COUNT] = {
    [SUBCOMMAND_NONE] = {NULL, 0, 0, NULL},
    [SUBCOMMAND_ADD] = {"add", 0, NEEDS_MANY, "PATH"},
    [SUBCOMMAND_SYNC] = {"sync", 1, NEEDS_MANY, "DIR"},
    [SUBCOMMAND_RM] = {"rm", 1, NEEDS_MANY, "ID"},
    [SUBCOMMAND_STATS] = {"stats", 0, 0, NULL},
    [SUBCOMMAND_SHOW] = {"show", 1, 1, "ID"},
    [SUBCOMMAND_SPLIT] = {"split", 1, NEEDS_MANY, "FILE"},
    [SUBCOMMAND_ANALYZE] = {"analyze", 0, NEEDS_MANY, "TEXT"},
    [SUBCOMMAND_VERIFY] = {"verify", 0, 0, NULL},
    [SUBCOMMAND_EXPORT] = {"export", 0, 0, NULL},
    [SUBCOMMAND_COMPACT] = {"compact", 0, 0, NULL},
    [SUBCOMMAND_SNAPSHOT] = {"snapshot", 1, 1, "OUT"},
    [SUBCOMMAND_MERGE] = {"merge", 1, NEEDS_MANY, "INDEX"},
};

enum flag_code {
    FLAG_STOPWORDS = 256,
    FLAG_NO_STEM,
    FLAG_NO_POSITIONS,
    FLAG_NO_STORE,
    FLAG_FIELD,
    FLAG_FILE_DATES,
    FLAG_KEYWORD,
    FLAG_BASE,
    FLAG_INCLUDE,
    FLAG_EXCLUDE,
    FLAG_FILES_FROM,
    FLAG_MAX_RECORD,
    FLAG_MEMORY,
    FLAG_COMMIT_EVERY,
    FLAG_WAIT,
    FLAG_REPORT,
    FLAG_PROGRESS,
    FLAG_JSON,
    FLAG_JSONL,
    FLAG_TOKENS,
    FLAG_RAW,
    FLAG_DEEP,
    FLAG_REORDER,
    FLAG_FORCE,
    FLAG_SPLIT,
    FLAG_BOILERPLATE,
    FLAG_LIST_BOILERPLATE,
    FLAG_LIST_COPIES
};

static const struct flag {
    const char *name;
    int argument; /* as getopt_long has it */
    int code;
    unsigned takers;
} FLAGS[] = {
    {"index", required_argument, 'd', ALL & ~(TAKES(ANALYZE) | TAKES(SPLIT))},
    {"format", required_argument, 'f', TAKES(ADD) | TAKES(SYNC) | TAKES(SPLIT)},
    {"boilerplate", required_argument, FLAG_BOILERPLATE, TAKES(ADD) | TAKES(SYNC)},
    {"boilerplate", no_argument, FLAG_LIST_BOILERPLATE, TAKES(STATS)},
    {"copies", no_argument, FLAG_LIST_COPIES, TAKES(STATS)},
    {"split", required_argument, FLAG_SPLIT, TAKES(ADD) | TAKES(SYNC) | TAKES(SPLIT)},
    {"language", required_argument, 'l', TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"stopwords", required_argument, FLAG_STOPWORDS, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"no-stem", no_argument, FLAG_NO_STEM, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"no-positions", no_argument, FLAG_NO_POSITIONS, TAKES(ADD) | TAKES(SYNC)},
    {"no-store", no_argument, FLAG_NO_STORE, TAKES(ADD) | TAKES(SYNC)},
    {"file-dates", no_argument, FLAG_FILE_DATES, TAKES(ADD) | TAKES(SYNC)},
    {"field", required_argument, FLAG_FIELD, TAKES(ADD) | TAKES(SYNC)},
    {"keyword", required_argument, FLAG_KEYWORD, TAKES(ADD) | TAKES(SYNC)},
    {"base", required_argument, FLAG_BASE, TAKES(ADD) | TAKES(SYNC) | TAKES(SPLIT)},
    {"include", required_argument, FLAG_INCLUDE, TAKES(ADD) | TAKES(SYNC)},
    {"exclude", required_argument, FLAG_EXCLUDE, TAKES(ADD) | TAKES(SYNC)},
    {"files-from", required_argument, FLAG_FILES_FROM, TAKES(ADD)},
    {"null", no_argument, '0', TAKES(ADD)},
    {"recursive", no_argument, 'r', TAKES(ADD)},
    {"max-record", required_argument, FLAG_MAX_RECORD, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"memory", required_argument, FLAG_MEMORY,
     TAKES(ADD) | TAKES(SYNC) | TAKES(RM) | TAKES(COMPACT) | TAKES(MERGE)},
    {"jobs", required_argument, 'j', TAKES(ADD) | TAKES(SYNC) | TAKES(COMPACT)},
    {"commit-every", required_argument, FLAG_COMMIT_EVERY, TAKES(ADD) | TAKES(SYNC)},
    {"wait", required_argument, FLAG_WAIT,
     TAKES(ADD) | TAKES(SYNC) | TAKES(RM) | TAKES(VERIFY) | TAKES(COMPACT) | TAKES(SNAPSHOT) |
         TAKES(MERGE)},
    {"dry-run", no_argument, 'n', TAKES(ADD) | TAKES(SYNC) | TAKES(RM)},
    {"report", required_argument, FLAG_REPORT, TAKES(ADD) | TAKES(SYNC)},
    {"progress", required_argument, FLAG_PROGRESS, TAKES(ADD) | TAKES(SYNC)},
    {"quiet", no_argument, 'q', ALL},
    {"verbose", no_argument, 'v', ALL},
    {"json", no_argument, FLAG_JSON, TAKES(STATS) | TAKES(SPLIT)},
    {"jsonl", no_argument, FLAG_JSONL, TAKES(EXPORT)},
    {"tokens", no_argument, FLAG_TOKENS, TAKES(SHOW)},
    {"raw", no_argument, FLAG_RAW, TAKES(SHOW)},
    {"deep", no_argument, FLAG_DEEP, TAKES(VERIFY)},
    {"reorder", no_argument, FLAG_REORDER, TAKES(COMPACT)},
    {"force", no_argument, FLAG_FORCE, TAKES(SYNC)},
    {"help", no_argument, 'h', ALL},
    {"version", no_argument, 'V', ALL},
};
enum { FLAG_COUNT = sizeof FLAGS / sizeof FLAGS[0] };
static const char SHORT_FLAGS[] = ":d:f:l:0rj:nqvhV";

const char *options_subcommand_name(enum subcommand subcommand)
{
    return SUBCOMMANDS[subcommand].name;
}

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
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno != 0)
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

static enum lede_status take_switch(struct options *options, int code)
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
    return LEDE_OK;
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

static const struct flag *find_flag(int code)
{
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (FLAGS[i].code == code)
            return &FLAGS[i];
    return NULL;
}

/* What getopt_long did not understand: a short flag is in optopt, a long one in word. */
static enum lede_status complain(int found, const char *word, struct lede_error *err)
{
    const struct flag *flag = find_flag(optopt);

    if (found == ':')
        return flag && flag->code < 256 ? error_set(err, LEDE_INVALID, "-%c needs a value", optopt)
                                        : error_set(err, LEDE_INVALID, "%s needs a value", word);
    if (flag && flag->code >= 256)
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
    struct option longs[FLAG_COUNT + 1] = {{0}};
    enum lede_status status = LEDE_OK;
    int hidden = is_stats(argc, argv) ? FLAG_BOILERPLATE : FLAG_LIST_BOILERPLATE;
    const struct flag *flag;
    size_t count = 0;
    int code;

    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (FLAGS[i].code != hidden) /* of the same name as another */
            longs[count++] = (struct option){FLAGS[i].name, FLAGS[i].argument, NULL, FLAGS[i].code};
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while (status == LEDE_OK && (code = getopt_long(argc, argv, SHORT_FLAGS, longs, NULL)) != -1) {
        if (code == '?' || code == ':')
            return complain(code, argv[optind - 1], err);
        flag = find_flag(code);
        seen[flag - FLAGS] = true;
        status = flag->argument == no_argument ? take_switch(options, code)
                                               : take_value(options, code, optarg, err);
    }
    return status;
}

/* ---- what they mean together ---- */

static enum lede_status find_subcommand(const char *word, struct options *options,
                                        struct lede_error *err)
{
    for (int i = SUBCOMMAND_ADD; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(SUBCOMMANDS[i].name, word) == 0) {
            options->subcommand = (enum subcommand)i;
            return LEDE_OK;
        }
    return error_set(err, LEDE_INVALID,
                     "unknown subcommand %s: add, sync, rm, stats, show, split, analyze, verify, "
                     "export, compact, snapshot, merge",
                     word);
}

static enum lede_status check_flags(const struct options *options, const bool *seen,
                                    struct lede_error *err)
{
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (seen[i] && !(FLAGS[i].takers & 1U << options->subcommand))
            return error_set(err, LEDE_INVALID, "%s takes no --%s",
                             options_subcommand_name(options->subcommand), FLAGS[i].name);
    return LEDE_OK;
}

static enum lede_status check_operands(const struct options *options, struct lede_error *err)
{
    unsigned least = SUBCOMMANDS[options->subcommand].least;
    unsigned most = SUBCOMMANDS[options->subcommand].most;
    const char *name = options_subcommand_name(options->subcommand);

    if (options->operand_count < least)
        return error_set(err, LEDE_INVALID, "%s: which %s?", name,
                         SUBCOMMANDS[options->subcommand].operand);
    if (options->operand_count > most)
        return error_set(err, LEDE_INVALID, "%s: %s is too much", name, options->operands[most]);
    return LEDE_OK;
}

static enum lede_status check_add(const struct options *options, struct lede_error *err)
{
    bool listed = options->files_from && strcmp(options->files_from, "-") == 0;

    if (options->operand_count == 0 && !options->files_from)
        return error_set(err, LEDE_INVALID, "add: which PATH? (- is standard input)");
    if (options->nul_separated && !options->files_from)
        return error_set(err, LEDE_INVALID, "-0 needs --files-from");
    for (size_t i = 0; i < options->operand_count; i++) {
        if (strcmp(options->operands[i], "-") != 0)
            continue;
        if (listed)
            return error_set(err, LEDE_INVALID, "standard input can be read only once");
        listed = true;
    }
    return LEDE_OK;
}

static enum lede_status check(struct options *options, const bool *seen, struct lede_error *err)
{
    enum lede_status status = check_flags(options, seen, err);

    if (status == LEDE_OK && !options->help && !options->version) {
        status = check_operands(options, err);
        if (status == LEDE_OK && options->subcommand == SUBCOMMAND_ADD)
            status = check_add(options, err);
        if (status == LEDE_OK && options->tokens && options->raw)
            status = error_set(err, LEDE_INVALID, "show: either --tokens or --raw");
        if (status == LEDE_OK && options->reading.max_record > options->memory / RECORD_SHARE)
            status = error_set(err, LEDE_INVALID, "--max-record is over a quarter of --memory");
    }
    return status;
}

/* A page is in memory as it lies in the file, unpacked, as UTF-8, and as a tree. */
static void set_limits(struct options *options)
{
    size_t page =
        options->memory / PAGE_SHARE > LEAST_PAGE ? options->memory / PAGE_SHARE : LEAST_PAGE;

    options->reading.max_text =
        options->reading.max_record ? options->reading.max_record : UINT64_MAX - 1;
    if (options->reading.max_record == 0)
        options->reading.max_record = options->memory / RECORD_SHARE;
    options->reading.max_values = 2 * options->reading.max_record > LEAST_VALUES
                                      ? 2 * options->reading.max_record
                                      : LEAST_VALUES;
    options->reading.max_page =
        options->reading.max_record < page ? options->reading.max_record : page;
    options->reading.max_tree = TREE_PAGES * page;
    options->reading.max_unpack = options->memory / 4 + UNPACK_EXTRA;
    if (options->reading.max_unpack < LEAST_UNPACK)
        options->reading.max_unpack = LEAST_UNPACK;
    if (options->reading.max_unpack > DECODER_MEMORY)
        options->reading.max_unpack = DECODER_MEMORY;
}

enum lede_status options_parse(int argc, char **argv, struct options *options,
                               struct lede_error *err)
{
    bool seen[FLAG_COUNT] = {false};
    enum lede_status status;

    *options = (struct options){
        .memory = DEFAULT_MEMORY, .wait = DEFAULT_WAIT, .commit_bytes = DEFAULT_COMMIT};
    status = read_flags(argc, argv, options, seen, err);
    if (status != LEDE_OK)
        return status;
    set_limits(options);
    if (optind == argc) {
        if (options->help || options->version)
            return LEDE_OK;
        return error_set(
            err, LEDE_INVALID,
            "which subcommand? add, sync, rm, stats, show, split, analyze, verify, export, "
            "compact, snapshot, merge");
    }
    status = find_subcommand(argv[optind], options, err);
    options->operands = argv + optind + 1;
    options->operand_count = (size_t)(argc - optind - 1);
    if (status == LEDE_OK)
        status = check(options, seen, err);
    if (status != LEDE_OK || options->index)
        return status;
    return command_find_index(&options->index, &options->index_default, err);
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
