/* options.h -- the command line of lede-index: its grammar, checked, as a structure.
 *
 *     lede-index [FLAGS] SUBCOMMAND [FLAGS] [OPERANDS]
 *
 * Flags may stand anywhere; `--` ends them; a lone `-` is an operand. A flag that the
 * subcommand does not take, a value that makes no sense, too many operands: one line that says so.
 * Sizes and the index that is meant without -d: base/command_line.h. */
#ifndef LEDE_COMMAND_OPTIONS_H
#define LEDE_COMMAND_OPTIONS_H

#include "base/error.h"
#include "command/boilerplate.h"
#include "command/progress.h"
#include "command/reader.h"

enum subcommand {
    SUBCOMMAND_NONE, /* --help or --version without one */
    SUBCOMMAND_ADD,
    SUBCOMMAND_SYNC,
    SUBCOMMAND_RM,
    SUBCOMMAND_STATS,
    SUBCOMMAND_SHOW,
    SUBCOMMAND_SPLIT,
    SUBCOMMAND_ANALYZE,
    SUBCOMMAND_VERIFY,
    SUBCOMMAND_EXPORT,
    SUBCOMMAND_COMPACT,
    SUBCOMMAND_SNAPSHOT,
    SUBCOMMAND_MERGE,
    SUBCOMMAND_COUNT
};

/* A list that grows as flags are repeated; the strings are argv's. */
struct string_list {
    char **items;
    size_t count, capacity;
};

struct options {
    enum subcommand subcommand;
    bool help, version;
    char **operands; /* argv's */
    size_t operand_count;

    char *index; /* the directory; NULL if nothing names one (and then it is an error to need it) */
    bool index_default; /* it is the default place, whose parents may be made */

    const char *split_text; /* --split as given, or NULL */
    enum boilerplate_mode boilerplate;
    const char *boilerplate_text; /* --boilerplate as given (of BOILERPLATE_LIST a file), or NULL */
    /* How files are read. max_record is at most a quarter of memory, and that unless given;
     * max_text is that, if it was given; max_page is that or less, for its tree's sake.
     * options_free frees what splitting takes. */
    struct reader_options reading;
    const char *base, *files_from;
    bool nul_separated, recursive;
    struct string_list include, exclude;

    const char *language, *stopwords; /* NULL: not given; as in languages.h, and a file */
    bool no_stem, no_positions, no_store;
    bool file_dates; /* a file's time of change is the date of an article that has no other */
    struct string_list keywords;            /* names of metadata */
    size_t memory;                          /* bytes */
    unsigned jobs;                          /* 0: as many as processors */
    unsigned wait;                          /* seconds */
    uint64_t commit_articles, commit_bytes; /* of titles and texts; 0: so many make no commit */
    bool dry_run;

    const char *report;
    enum progress_mode progress;
    bool quiet, verbose;
    bool json, jsonl, tokens, raw, deep, reorder, force, list_boilerplate, list_copies;
};

/* Reads argv (which getopt permutes). LEDE_INVALID with what is wrong; options is to be
 * freed in any case. Reads the environment for the index's place. */
enum lede_status options_parse(int argc, char **argv, struct options *options,
                               struct lede_error *err);
void options_free(struct options *options);

/* "add", ...; NULL for SUBCOMMAND_NONE. */
const char *options_subcommand_name(enum subcommand subcommand);

#endif
