/* flags.h -- the flags of lede-index, each once: what getopt knows and which subcommands take it.
 *
 * A new one is a code here, a row in flags.c, what options.c does with it, and a line in the pages
 * of help.c. docs/man/lede-index.1 describes it, too: a test compares the two. */
#ifndef LEDE_COMMAND_FLAGS_H
#define LEDE_COMMAND_FLAGS_H

#include <getopt.h>

#include "command/options.h"

/* Of flags without a letter. */
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
    FLAG_LIST_COPIES,
    FLAG_CODES /* one more than the largest */
};

struct flag {
    const char *name;
    int code;        /* its letter, or an enum flag_code */
    bool has_value;  /* always, or never */
    unsigned takers; /* a bit for each subcommand that takes it */
};

/* NULL: there is none. */
const struct flag *flags_find(int code);

/* The first of those seen, by code, that the subcommand does not take; NULL: it takes all. */
const struct flag *flags_first_strange(const bool seen[FLAG_CODES], enum subcommand subcommand);

enum { FLAGS_MAX = 64 };

/* getopt_long's tables, made of the rows: --boilerplate is another flag for stats than for other
 * subcommands. */
struct flag_tables {
    struct option names[FLAGS_MAX + 1];
    char letters[2 * FLAGS_MAX + 2];
};
void flags_tables(bool for_stats, struct flag_tables *tables);

#endif
