/* flags.h -- the flags of lede-search, each once: what getopt knows and what --help says.
 *
 * A new one is a code here, a row in flags.c, where it stands in --help, and what options.c does
 * with it. docs/man/lede-search.1 describes it, too: a test compares the two. */
#ifndef LEDE_QUERY_COMMAND_FLAGS_H
#define LEDE_QUERY_COMMAND_FLAGS_H

#include <getopt.h>

#include "base/buffer.h"

/* Of flags without a letter. */
enum flag_code {
    FLAG_OFFSET = 256,
    FLAG_FORMAT,
    FLAG_RUN_ID,
    FLAG_ANY,
    FLAG_STRICT,
    FLAG_EXPLAIN,
    FLAG_SNIPPETS,
    FLAG_OPEN,
    FLAG_K1,
    FLAG_B,
    FLAG_TOPICS,
    FLAG_EVAL,
    FLAG_SIMILAR,
    FLAG_COMPLETE,
    FLAG_COMPARE,
    FLAG_COLOR,
    FLAG_HYPERLINK,
    FLAG_SINCE,
    FLAG_UNTIL,
    FLAG_HISTOGRAM,
    FLAG_FACET,
    FLAG_RECENCY,
    FLAG_COLLAPSE,
    FLAG_TIMEOUT
};

enum { FLAGS_MAX = 64 };

/* getopt_long's tables, made of the rows; constant from the first call on. */
struct flag_tables {
    struct option names[FLAGS_MAX + 1];
    char letters[2 * FLAGS_MAX + 2];
};
const struct flag_tables *flags_tables(void);

/* Whether a flag may have a value. */
bool flags_take_value(int code);

/* Appends the page of --help, no line of it wider than 80 columns. */
void flags_put_help(struct buffer *out);

#endif
