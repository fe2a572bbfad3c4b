/* keyword.h -- the value of a keyword field as the one term that it is found by.
 *
 * Case and marks are folded (fold.h; no letter is a language's own here, and dotless i is an i),
 * blanks at the ends dropped and each run of others made one space: ` José  DÍAZ` is `jose diaz`.
 * Three fields mean more, whatever the metadata say:
 *
 *     site   an address stands for its host, without user and port; `www.` before and `.` behind a
 *            host go: https://www.Example.com:8080/a is example.com
 *     lang   a language that the table knows for its code, another tag for its first part: pt-BR
 *            and Portuguese are pt
 *
 * A value that is an array of JSON, as json_object.h leaves it, is several: each of its strings and
 * numbers. Both the writer and the query fold by this, so that both mean the same. Any bytes are a
 * value; linear. Stateless; thread-safe. */
#ifndef LEDE_TEXT_KEYWORD_H
#define LEDE_TEXT_KEYWORD_H

#include "text/analyzer.h"
#include "text/fold.h"

enum keyword_kind { KEYWORD_PLAIN, KEYWORD_SITE, KEYWORD_LANGUAGE };

enum keyword_result {
    KEYWORD_MADE,
    KEYWORD_NOTHING, /* nothing is left */
    KEYWORD_LONG,    /* over TERM_MAX bytes */
    KEYWORD_NO_MEMORY
};

struct keyword_term {
    size_t size;
    uint8_t bytes[TERM_MAX];
};

/* What the values of a field of this name (lower case) are. */
enum keyword_kind keyword_kind_of(struct slice name);

enum keyword_result keyword_fold(enum keyword_kind kind, struct slice value,
                                 struct keyword_term *out);

/* The host of an address as `site` takes it; false if the text is no address (it has no `://`), or
 * one without a host. */
bool keyword_host(struct slice url, struct slice *host);

/* The values that a text is, one by one. */
struct keyword_values {
    struct slice rest;
    bool array;             /* rest begins with the next element of one */
    uint8_t text[FOLD_MAX]; /* of a string that has escapes */
};
void keyword_values_init(struct keyword_values *values, struct slice text);
/* The next one, which lives until the call after; false: there is none. An array that is none, or
 * that holds others or objects, is one value, as it stands. */
bool keyword_values_next(struct keyword_values *values, struct slice *value);

#endif
