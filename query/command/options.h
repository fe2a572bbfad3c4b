/* options.h -- the command line of lede-search, checked, as a structure. Its flags: flags.h.
 *
 * Flags may stand anywhere; `--` ends them; what remains is the query, its parts joined by a
 * space, or a single `-`: a query on each line of standard input. A flag that is unknown, or has a
 * value that makes no sense, is told in one line. The index that is meant without -d:
 * base/command_line.h. */
#ifndef LEDE_QUERY_COMMAND_OPTIONS_H
#define LEDE_QUERY_COMMAND_OPTIONS_H

#include "base/command_line.h"

enum output_kind {
    OUTPUT_TEXT,
    OUTPUT_JSON,
    OUTPUT_JSONL,
    OUTPUT_TSV,
    OUTPUT_TREC,
    OUTPUT_IDS,  /* -l */
    OUTPUT_COUNT /* -c */
};

enum { FACETS_MAX = 8 };

struct facet_wish {
    struct lede_bytes name; /* of the field; argv's */
    size_t limit;           /* values to show */
};

struct options {
    bool help, version;
    const char **indexes; /* argv's, or default_index; at least one, but for help and version */
    size_t index_count, index_capacity;
    char *default_index;
    const char *glued;      /* one of indexes, given as -dNAME: maybe a word; NULL: none */
    char *query;            /* NULL: from_stdin, similar, topics, complete, help or version */
    bool from_stdin;        /* a query a line */
    bool prompt;            /* -i: queries are asked for, there is none here */
    const char *similar;    /* id of the article to find more like; NULL: none */
    const char *topics;     /* a file of topics, "-" for standard input; NULL: none */
    const char *complete;   /* the beginning of a word; NULL: none */
    const char *judgements; /* a file to measure the topics' answers by; NULL: none */
    const char *other_run;  /* a file to compare them with; NULL: none */
    struct lede_search_options search;
    enum output_kind kind;
    bool nul_ended; /* -0 */
    bool explain;
    const char *explain_id;        /* of the one article to explain; NULL: every hit */
    enum lede_precision histogram; /* LEDE_DATE_NONE: none */
    struct facet_wish facets[FACETS_MAX];
    size_t facet_count;
    size_t snippets;
    bool open; /* the one hit there is (search.offset is set) as a whole */
    const char *run_id;
    size_t jobs; /* threads that answer; 1 where there is one query */
    enum command_when color, hyperlink;
    bool quiet;
};

/* Reads argv (which getopt permutes) and the environment. LEDE_INVALID with what is wrong. options
 * is to be given to options_done in any case. */
enum lede_status options_parse(int argc, char **argv, struct options *options,
                               struct lede_error *err);
void options_done(struct options *options);

/* Adds to an error, which is not NULL, where words that begin with a minus are to stand. Returns
 * its status. */
enum lede_status options_add_hint(struct lede_error *err);

#endif
