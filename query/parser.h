/* parser.h -- from the text of a query to a flat list of clauses.
 *
 *     query    = { blank } [ clause { blank { blank } clause } ]
 *     clause   = [ "+" | "-" ] [ field ":" ] ( phrase | word )
 *     phrase   = quote { any but a quote } quote [ "~" digit { digit } ], the last before a blank
 *                or the end
 *     word     = any but a blank { any but a blank }, not beginning with a quote that is closed
 *     field    = "title", in any case
 *     quote    = '"' or U+201C or U+201D
 *     blank    = Unicode White_Space, or NUL
 *
 * An operator stands at the beginning of a clause only: e-mail, C++ and 5" are words. What does
 * not fit is taken literally, as words, with a note; under notes->strict it is LEDE_INVALID. What
 * a word means is the analyzer's to say (terms.h): the parser never looks into one. Linear in the
 * query, no recursion; any bytes are a query. Thread-safe. */
#ifndef LEDE_QUERY_PARSER_H
#define LEDE_QUERY_PARSER_H

#include "index/format.h"
#include "notes.h"

enum clause_occur {
    OCCUR_PLAIN, /* required or optional, as the search options say */
    OCCUR_REQUIRED,
    OCCUR_PROHIBITED
};

enum {
    NEAR_NOT = -1,
    NEAR_MAX = 63 /* places between title and text are more */
};

enum clause_kind { CLAUSE_WORD, CLAUSE_PHRASE };

struct clause {
    enum clause_kind kind;
    enum clause_occur occur;
    enum field field; /* FIELD_TEXT or FIELD_TITLE */
    int near; /* of a phrase: its words in any order, with as many others among them at most;
               * NEAR_NOT: side by side, as they stand */
    struct slice text; /* what is analysed: without operator, field and quotes; the query's bytes */
    size_t column;     /* where the clause begins, in characters, from 1 */
};

struct clause_list {
    struct clause *clauses; /* in the order of the query; the arena's */
    size_t count;
};

/* Parses query (borrowed as long as the clauses live). literal: no operators, quotes or fields.
 * LEDE_LIMIT: over LEDE_QUERY_MAX bytes or LEDE_CLAUSES_MAX clauses; LEDE_INVALID; LEDE_NO_MEMORY.
 */
enum lede_status parser_parse(struct slice query, bool literal, struct arena *arena,
                              struct notes *notes, struct clause_list *out, struct lede_error *err);

#endif
