/* phrase.h -- a phrase, as the documents that have all its words are asked for it.
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
    size_t word_count;
    bool adjacent; /* positions count; else a document that has all words has the phrase once */

    struct conjunction *alone;      /* its own; NULL: not needed yet. With it: */
    uint32_t *tfs;                  /* of the documents that matched last: */
    uint64_t matched[WINDOW_WORDS]; /* these, */
    doc_id matched_base;            /* of the window here; DOC_END: none yet */

    struct arena *arena;
    struct buffer starts, positions; /* native uint32_t; their memory is not the arena's */
    bool failed;                     /* memory ran out, once */
};

/* Has the phrase read from this conjunction, which was made with its words. */
void phrase_attach(struct phrase_matcher *phrase, const struct conjunction *conjunction);

/* How often the phrase is in the document that the conjunction found as this number. */
uint32_t phrase_frequency(struct phrase_matcher *phrase, doc_id document, uint32_t number);

/* At least that, without positions: how often the word is there that is there least often. */
uint32_t phrase_frequency_most(struct phrase_matcher *phrase, uint32_t number);

/* No document of the conjunction's interval gets more than this. */
double phrase_bound(const struct phrase_matcher *phrase);

#endif
