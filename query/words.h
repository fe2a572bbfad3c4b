/* words.h -- from the text of one clause to words, each with the terms that may stand for it.
 *
 *   - The text is analysed in each of the index's most frequent languages (or the one asked for),
 * and tokens at the same position are one word;
 *   - a token without marks asks for its term, and for the same string among the variants, which
 *     are terms of marked words folded first (naive finds naïve); one with marks asks for its term
 *     and for the plain term of its unmarked spelling (naïve finds naive);
 *   - a lone character of a script without spaces asks for every term that begins with it;
 *   - wildcards ask for every term that they match, case and marks being folded; terms are stems,
 * so that of a mere beginning the word itself is asked for, too (economy* finds economy);
 *   - a value of a keyword field asks for its one term (text/keyword.h), and of a pattern for every
 *     value that it matches;
 *   - a fuzzy word asks for every term so many edits from its own, at most FUZZY_MAX of them.
 *
 * At most EXPANSIONS_MAX terms of a query come from patterns, the nearest and most frequent. */
#ifndef LEDE_QUERY_WORDS_H
#define LEDE_QUERY_WORDS_H

#include "expansion.h"
#include "terms.h"

enum { FUZZY_MAX = 64 };

/* A word while its terms are gathered. */
struct draft {
    uint32_t position;
    struct slice text;        /* as written */
    struct query_term *terms; /* by key, in the end */
    size_t count, capacity;
    bool lone; /* its terms are beginnings */
};

struct drafts {
    struct draft *words; /* by position; the arena's */
    size_t count, capacity;
};

struct word_finder {
    struct lede_index *index;
    struct analyzer *analyzer;
    const language_id *language; /* NULL: the index's */
    struct arena *arena;
    struct notes *notes;
    struct lede_error *err;
    size_t words;             /* so far, in all clauses */
    size_t expansions;        /* terms found by patterns so far */
    struct keyword_set noted; /* fields of which it was told that articles lack them */
};

/* The words of a clause that is no group; none if there is nothing to search for. LEDE_LIMIT: more
 * than LEDE_CLAUSES_MAX words; LEDE_NO_MEMORY; LEDE_CORRUPT. */
enum lede_status words_find(struct word_finder *finder, const struct clause *clause,
                            struct drafts *drafts);

/* The word at a position, made if need be; NULL if memory ran out. */
struct draft *words_draft_at(struct word_finder *finder, struct drafts *drafts, uint32_t position);
/* Adds a term to a word that does not have it yet. False: memory ran out. */
bool words_add_term(struct word_finder *finder, struct draft *word, enum field field,
                    struct slice term);
/* Adds terms that were looked for, which count among EXPANSIONS_MAX, with a note if there are more.
 */
enum lede_status words_add_expansion(struct word_finder *finder, const struct clause *clause,
                                     const struct expansion *found, struct draft *word);

/* LEDE_LIMIT, told. */
enum lede_status words_too_many(const struct word_finder *finder);

/* Room for one more of count items of size bytes in the arena; *items may move. */
bool words_reserve(struct arena *arena, void **items, size_t *capacity, size_t count, size_t size);

#endif
