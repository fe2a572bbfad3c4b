/* naive_search.h -- what the parts of the naive ranker know of each other.
 *
 * naive_articles.c reads articles, naive_words.c the words of a clause as the terms they stand for,
 * naive_clauses.c makes groups of clauses, naive_occurrences.c tells how often one occurs in a
 * document, naive_ranker.c scores. Running out of memory aborts in all of them. */
#ifndef TESTS_NAIVE_SEARCH_H
#define TESTS_NAIVE_SEARCH_H

#include "naive_ranker.h"

/* Terms are numbers: places in `strings`. */
struct occurrence {
    uint32_t position, term, variant, amount; /* the last two: NONE if there is none */
    uint32_t form;                            /* as it is written, case folded */
    bool in_title;
};

enum {
    NONE = UINT32_MAX,
    TITLE_DISTANCE = 64,
    LINE_DISTANCE = 64,
    BOILERPLATE_BYTES = 4096,
    BEGINNINGS = 1024,
    WORDS = 64
};

/* By their positions, which are the text's own. */
struct naive_text {
    struct occurrence *occurrences;
    size_t count, capacity;
};

struct naive_document {
    char *id;
    uint32_t index, segment, number; /* number: in its segment */
    language_id language;
    bool deleted, dated;
    int64_t date;
    uint32_t length;
    struct naive_text text, boilerplate; /* text: with the title */
    char keywords[8][64];                /* name:value, folded */
    size_t keyword_count;
};

struct naive_ranker {
    struct analyzer *analyzer;
    bool positions, texts;
    char **strings;
    size_t string_count, string_capacity;
    uint32_t *slots; /* a hash table of strings: number + 1 */
    size_t slot_count;
    struct naive_document *documents;
    size_t count, capacity;
    uint32_t index, segment, number;
};

/* A term that a word may be: of one field, plain or variant, which boilerplate does not tell
 * apart. */
struct naive_term {
    uint32_t term;
    enum naive_field field;
    bool variant, amount;
};

struct naive_word {
    uint32_t position;
    char text[160]; /* as the query has it */
    struct naive_term *terms;
    size_t count, capacity;
    char beginning[TERM_MAX + 1]; /* of its terms, for a lone character */
    uint64_t df;
};

struct naive_list {
    struct naive_group *groups; /* room for WORDS */
    size_t count;
};

struct naive_group { /* what became of a clause */
    enum naive_occur occur;
    int near;
    struct naive_list list; /* of a group of clauses; no groups: it is none, but */
    struct naive_word *words;
    size_t count;
    bool exact;
    enum naive_field field;
    char text[160]; /* if it is exact */
    uint32_t repeats;
    double boost, idf;
    float weight;
    bool filter; /* a group of filters, or a keyword, or dates: */
    char keyword[64];
    int64_t first, last;
};

struct naive_search {
    struct naive_ranker *ranker;
    const struct naive_query *query;
    struct naive_list list;
    size_t beginnings; /* terms of lone characters so far */
    uint64_t articles, tokens;
    int64_t oldest, newest;
};

/* ---- articles ---- */

/* items with room for one more than count. */
void *naive_grown(void *items, size_t count, size_t *capacity, size_t size);
/* The number of a term; terms have no NUL. */
uint32_t naive_number_of(struct naive_ranker *ranker, struct slice term);
/* The number of a word as it is written. */
uint32_t naive_form_of(struct naive_ranker *ranker, struct slice word);

/* Where the document has the words of a field, and others, which naive_occurs_as tells apart. */
static inline const struct naive_text *naive_text_of(const struct naive_document *document,
                                                     enum naive_field field)
{
    return field == NAIVE_BOILERPLATE ? &document->boilerplate : &document->text;
}

/* ---- words ---- */

/* Reads the words of a clause into words, which has room for WORDS, all zero; returns how many. */
size_t naive_words_read(struct naive_search *search, const struct naive_clause *clause,
                        struct naive_word *words);
/* words may be NULL. */
void naive_words_free(struct naive_word *words, size_t count);
/* They are at the same position and stand for the same terms. */
bool naive_words_equal(const struct naive_word *a, const struct naive_word *b);
/* How many documents, deleted ones too, have the term. */
uint64_t naive_term_df(const struct naive_ranker *ranker, const struct naive_term *term);
bool naive_occurs_as(const struct occurrence *occurrence, const struct naive_term *term);
/* The text is like the pattern, in which ? is a character and * any number of them. */
bool naive_is_like(const char *pattern, const char *text);

/* ---- clauses ---- */

void naive_list_init(struct naive_list *list);
/* Also what its groups hold. */
void naive_list_free(struct naive_list *list);
/* Adds what a clause comes to; boost: of the groups around it. */
void naive_list_add(struct naive_search *search, const struct naive_clause *clause, double boost,
                    struct naive_list *list);
void naive_list_add_dates(struct naive_list *list, enum naive_occur occur, int64_t first,
                          int64_t last);

/* ---- occurrences ---- */

/* How often the document has what a group of words asks for. */
uint32_t naive_group_tf(const struct naive_search *search, const struct naive_document *document,
                        const struct naive_group *group);
/* The document has the keyword, or a date of those, that the filter asks for. */
bool naive_passes(const struct naive_document *document, const struct naive_group *filter);

#endif
