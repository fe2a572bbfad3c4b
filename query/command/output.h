/* output.h -- answers on their way to standard output: one function of a format for each.
 *
 * An answer is put together in memory and written at once, or in parts of 1 MiB if it is larger.
 * Everything that comes from articles, paths, ids or queries is escaped on the way (printable.h,
 * json.h): a format never puts it there as it is, but for ids that are ended by a NUL, and are not
 * for a terminal. */
#ifndef LEDE_QUERY_COMMAND_OUTPUT_H
#define LEDE_QUERY_COMMAND_OUTPUT_H

#include "base/buffer.h"
#include "base/lede_bytes.h"
#include "options.h"
#include "turns.h"

struct output {
    struct buffer text;
    const struct lede_index *index; /* that it comes from; NULL: none */
    uint64_t written;               /* bytes */
    struct turns *turns;            /* in which it may be written; NULL: at any time */
    size_t number;                  /* of its turn */
    int fd;
    bool closed;      /* nobody reads any more: not an error */
    bool colored;     /* terminal escapes for emphasis */
    bool linked;      /* terminal escapes for links */
    bool terminal;    /* somebody looks at it: what is too long for a line may be cut */
    unsigned columns; /* to keep text within */
};

/* What a format is given: a query and what it found. */
struct answer {
    const struct options *options;
    struct lede_index *index;
    struct slice query;
    struct slice topic; /* its id; size 0: none */
    bool one_of_many;   /* topics, or the lines of standard input */
    size_t number;      /* among these, from 1 */
    const struct lede_results *results;
    const struct lede_histogram *histogram; /* NULL: none is wanted */
    struct lede_facet *const *facets;       /* one for each that the options want */
    const struct lede_advice *advice;       /* NULL: something was found, or no advice is wanted */
};

/* What is told of how the query was read, from 0 on; NULL: no more, or none is wanted. Borrowed
 * from the results. */
const char *answer_note(const struct answer *answer, size_t place);

typedef enum lede_status output_format(struct output *out, const struct answer *answer,
                                       struct lede_error *err);

output_format output_text, output_json, output_jsonl, output_tsv, output_trec, output_ids,
    output_count;

/* A line that says why there is no answer. */
void output_json_refusal(struct output *out, const struct answer *answer, const char *why);

/* The function for a kind; whether it tells how many articles match in all. */
output_format *output_format_of(enum output_kind kind);
bool output_wants_total(enum output_kind kind);

void output_init(struct output *out, int fd, const struct options *options);
void output_done(struct output *out);

/* Puts what is wrong with the query in the place of its answer, if the format has room for such. */
void output_refusal(struct output *out, const struct answer *answer, const char *why);

/* Waits for the turn of out. False: nothing is wanted any more, and closed is set. */
bool output_wait(struct output *out);

/* Writes what there is, in its turn. LEDE_NO_MEMORY, LEDE_IO, LEDE_FULL; LEDE_BUSY, and nothing is
 * written, if the index was overtaken; a reader that went away sets closed, and from then on
 * nothing is written. */
enum lede_status output_flush(struct output *out, struct lede_error *err);

/* The same if there is much: between one hit and the next. */
enum lede_status output_flush_some(struct output *out, struct lede_error *err);

/* A field of a line: as PRINTABLE_NAME, and tab, newline, return and backslash as \t \n \r \\. */
void output_put_field(struct output *out, struct slice text);

#endif
