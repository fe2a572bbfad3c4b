/* Subcommand and operands, and what the flags of a command line mean together. */
#include "base/command_line.h"
#include "command/decoder.h"
#include "command/options_internal.h"

static const size_t LEAST_PAGE = 1UL << 20;
static const size_t LEAST_UNPACK = 18UL << 20, UNPACK_EXTRA = 2UL << 20;
static const size_t LEAST_VALUES = 8UL << 20;
enum {
    RECORD_SHARE = 4, /* of --memory is for a record at most, */
    PAGE_SHARE = 40,  /* and for a page, which takes more */
    TREE_PAGES = 6    /* for its tree */
};

/* ---- subcommands ---- */

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

#define SUBCOMMAND_NAMES                                                                           \
    "add, sync, rm, stats, show, split, analyze, verify, export, compact, snapshot, merge"

const char *options_subcommand_name(enum subcommand subcommand)
{
    return SUBCOMMANDS[subcommand].name;
}

static enum lede_status find_subcommand(const char *word, struct options *options,
                                        struct lede_error *err)
{
    for (int i = SUBCOMMAND_ADD; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(SUBCOMMANDS[i].name, word) == 0) {
            options->subcommand = (enum subcommand)i;
            return LEDE_OK;
        }
    return error_set(err, LEDE_INVALID, "unknown subcommand %s: " SUBCOMMAND_NAMES, word);
}

/* ---- what does not go together ---- */

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
    const struct flag *strange = flags_first_strange(seen, options->subcommand);
    enum lede_status status = LEDE_OK;

    if (strange)
        return error_set(err, LEDE_INVALID, "%s takes no --%s",
                         options_subcommand_name(options->subcommand), strange->name);
    if (!options->help && !options->version) {
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

/* ---- limits ---- */

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

enum lede_status options_settle(struct options *options, const bool seen[FLAG_CODES], char **words,
                                size_t count, struct lede_error *err)
{
    enum lede_status status;

    set_limits(options);
    if (count > 0 && strcmp(words[0], "help") == 0) { /* help add is add --help */
        options->help = true;
        words++, count--;
    }
    if (count == 0) {
        if (options->help || options->version)
            return LEDE_OK;
        return error_set(err, LEDE_INVALID, "which subcommand? " SUBCOMMAND_NAMES);
    }
    status = find_subcommand(words[0], options, err);
    options->operands = words + 1;
    options->operand_count = count - 1;
    if (status == LEDE_OK)
        status = check(options, seen, err);
    if (status != LEDE_OK || options->index)
        return status;
    return command_find_index(&options->index, &options->index_default, err);
}
