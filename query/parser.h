/* parser.h -- from the text of a query to a tree of clauses.
 *
 *     query     = or
 *     or        = sequence { "OR" sequence }
 *     sequence  = and { and }
 *     and       = clause { "AND" clause }
 *     clause    = [ "NOT" | "+" | "-" ] ( [ field ":" ] ( group | text ) | dates | keyword )
 *     group     = "(" or ")" [ boost ]
 *     text      = phrase | word | "=" exact
 *     phrase    = quoted [ "~" digit { digit } ] [ boost ]
 *     word      = chars [ "~1" | "~2" ] [ boost ]
 *     exact     = ( quoted | chars ) [ boost ], beginning with a letter, a digit or a quote
 *     boost     = "^" digit { digit } [ "." digit { digit } ]
 *     field     = "title", "boilerplate", "date" or the name of a keyword field, in any case
 *     dates     = "date:" ( quoted | chars ), as date_range.h reads it
 *     keyword   = name ":" ( quoted | chars ) [ boost ], name being a keyword field's
 *     quoted    = quote { any but a quote } quote
 *     chars     = any but blanks, not beginning with a quote that is closed or a parenthesis
 *     quote     = '"' or U+201C or U+201D
 *     blank     = Unicode White_Space, or NUL
 *
 * Blanks stand between clauses and on both sides of AND, OR and NOT, which are upper case; suffixes
 * stand before a blank, the end, or a parenthesis that closes. A word of letters and digits, with
 * `*` among them, or `?` before one, has wildcards. Within a group a word ends before a parenthesis
 * that it did not open itself. An operator stands at the beginning of a clause only: e-mail, C++
 * and 5" are words. A field before a group is that of each clause in it that has none of its own:
 * date:(2021 OR 2023). A keyword's text has wildcards if `*` is in it, or `?` before its end.
 *
 * What does not fit is taken literally, as words, with a note; under notes->strict it is
 * LEDE_INVALID. What a word means is the analyzer's to say (terms.h): the parser never looks into
 * one. Linear in the query, no recursion; any bytes are a query. Thread-safe. */
#ifndef LEDE_QUERY_PARSER_H
#define LEDE_QUERY_PARSER_H

#include "date_range.h"
#include "index/format.h"
#include "notes.h"

enum clause_occur {
    OCCUR_PLAIN, /* required or optional, as the search options say */
    OCCUR_OPTIONAL,
    OCCUR_REQUIRED,
    OCCUR_PROHIBITED
};

enum {
    NEAR_NOT = -1,
    NEAR_MAX = 63,   /* places between title and text are more */
    GROUP_DEPTH = 64 /* groups within each other, at most */
};

enum clause_kind {
    CLAUSE_WORD,
    CLAUSE_PHRASE,
    CLAUSE_WILDCARD,
    CLAUSE_FUZZY,
    CLAUSE_DATES,
    CLAUSE_KEYWORD,
    CLAUSE_AMOUNT, /* several words that say one: amounts.h makes it of them */
    CLAUSE_GROUP
};

struct clause_list {
    struct clause *clauses; /* in the order of the query; the arena's */
    size_t count;
};

struct clause {
    enum clause_kind kind;
    enum clause_occur occur;
    enum field field; /* FIELD_TEXT, FIELD_TITLE, or FIELD_KEYWORD and up: of a keyword, or a group
                       * of such, the name in that place */
    bool of_dates;    /* its field is date, which has no terms: CLAUSE_DATES, or a group of such */
    int near;       /* of a phrase: its words in any order, with as many others among them at most;
                     * NEAR_NOT: side by side, as they stand */
    unsigned edits; /* CLAUSE_FUZZY: 1 or 2 */
    bool exact;     /* of a word or phrase: as it is written, not by its stem */
    bool literal;   /* of a word: nothing in it is syntax, a range of amounts neither */
    double boost;   /* 1 unless said; from 0 to BOOST_MAX */
    struct date_range dates; /* CLAUSE_DATES */
    struct slice value;      /* CLAUSE_KEYWORD: what is looked for, without quotes and boost */
    bool is_pattern;         /* it has wildcards */
    struct slice text;       /* what is analysed: without operator, field, quotes and suffixes; the
                              * query's bytes. Of a group, dates or a keyword: all of it */
    size_t column;           /* where the clause begins, in characters, from 1 */
    struct clause_list children; /* CLAUSE_GROUP: at least one */
};

#define BOOST_MAX 1000.0

/* Parses query (borrowed as long as the clauses live). keywords: names of the keyword fields
 * (index/keyword_names.h). literal: no operators, quotes or fields.
 * LEDE_LIMIT: over LEDE_QUERY_MAX bytes, LEDE_CLAUSES_MAX clauses (groups included) or GROUP_DEPTH;
 * LEDE_INVALID; LEDE_NO_MEMORY. */
enum lede_status parser_parse(struct slice query, struct slice keywords, bool literal,
                              struct arena *arena, struct notes *notes, struct clause_list *out,
                              struct lede_error *err);

#endif
