/* phrase.h -- a phrase or near phrase, as the documents that have all its words are asked for it.
 *
 * Which documents have all the words a conjunction finds (conjunction.h): one over all required
 * clauses of a query, or one that the phrase has for itself. Positions are read of those alone,
 * the word with the fewest postings first, and only until a word rules the document out. */
#ifndef LEDE_QUERY_PHRASE_H
#define LEDE_QUERY_PHRASE_H

#include "bm25.h"
#include "conjunction.h"

struct phrase_matcher {
    struct matcher matcher;      /* first, so that the one is the other */
    struct word_matcher *words;  /* rarest first */
    struct conjunct **conjuncts; /* of the words, as the conjunction walks them */
    struct near_word *near;      /* of a near phrase: its different words; else NULL */
    size_t near_count;
    size_t word_count;
    bool adjacent; /* positions count; else a document that has all words has the phrase once */

    struct conjunction *alone; /* its own; NULL: not needed yet. With it: */
    uint32_t *tfs;             /* of the documents that matched last */
    struct match_memory matched;

    struct arena *arena;
    struct buffer starts, positions; /* native uint32_t; their memory is not the arena's */
    bool failed;                     /* memory ran out, once */
};

/* A near phrase is there where a run of places holds all its words, in any order (a word that the
 * phrase has twice, twice), and at most `near` places more than it has words. Its frequency is the
 * most such runs that do not overlap: taking each as soon as it ends finds them. */
struct near_word {
    struct conjunct *conjunct;
    const struct query_word *word;
    uint32_t needed;         /* places */
    struct buffer positions; /* native uint32_t */
    const uint32_t *places;  /* these */
    uint32_t count;
    uint32_t at, from; /* read so far; those of them that are behind the last run begin here */
};

/* Makes out of the words of a clause, count of them, what is counted: *near_count different ones,
 * with `needed` filled in. NULL: memory ran out. */
struct near_word *near_words_new(const struct query_clause *clause, struct arena *arena,
                                 size_t *near_count);
void near_words_done(struct near_word *words, size_t count);

/* How many runs of at most width places the document has. Sets *failed if memory ran out. */
uint32_t near_frequency(struct near_word *words, size_t count, uint32_t width, doc_id document,
                        uint32_t number, bool *failed);

/* Has the phrase read from this conjunction, which was made with its words. */
void phrase_attach(struct phrase_matcher *phrase, const struct conjunction *conjunction);

/* How often the phrase is in the document that the conjunction found as this number. */
uint32_t phrase_frequency(struct phrase_matcher *phrase, doc_id document, uint32_t number);

/* At least that, without positions: how often the word is there that is there least often. */
uint32_t phrase_frequency_most(struct phrase_matcher *phrase, uint32_t number);

/* No document of the conjunction's interval gets more than this. */
double phrase_bound(const struct phrase_matcher *phrase);

#endif
