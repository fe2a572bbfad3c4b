/* conjunction.h -- the documents that have all of several words, interval by interval.
 *
 * An interval is a run of documents that each word's list covers with one block: there the blocks'
 * bounds add up to a bound on every document, and the documents that have all words come from
 * comparing the decoded blocks. The rarest word leads: intervals begin at its documents, so that
 * no other list is decoded where it has none. Every block is decoded once at most, documents and
 * frequencies apart, and what was found keeps its places in all blocks until the next interval,
 * for frequencies and positions.
 *
 * A word of several terms is walked by the blocks of its longest list, the others merged in.
 *
 * A damaged list ends early: after the last interval the words' status has to be asked
 * (word_matcher_status). Lives in an arena. One thread.
 *
 * After Ding and Suel, "Faster top-k document retrieval using block-max indexes", 2011 (block-max
 * AND), and Culpepper and Moffat, "Efficient set intersection for inverted indexing", 2010 (the
 * rarest list leads, the others are searched by blocks). */
#ifndef LEDE_QUERY_CONJUNCTION_H
#define LEDE_QUERY_CONJUNCTION_H

#include "join.h"
#include "matcher_internal.h"

/* A word as a conjunction walks it: by blocks. */
struct conjunct {
    struct word_matcher *word;
    struct posting_cursor *cursor; /* of its only list; NULL: it has several, merged in */
    struct merged_block *merged;   /* this, along */
    size_t longest;                /* that one of the lists */

    doc_id first, last;        /* what the current block covers; last DOC_END: no more */
    uint32_t count;            /* documents in it, once documents is not NULL */
    uint8_t bound;             /* of the block */
    uint32_t at;               /* no document before this place is in this interval or behind it */
    const uint32_t *documents; /* NULL: not asked for yet */
    uint16_t *places;          /* of the documents that were found, in the block */
};

struct conjunction {
    struct conjunct *words; /* rarest first */
    size_t count;
    uint16_t *kept; /* a row, as places */

    doc_id from, upto;              /* the interval, inclusive */
    uint32_t found;                 /* documents that have all words, */
    uint32_t documents[BLOCK_DOCS]; /* rising */
};

/* Makes the conjunction of count words (>= 1). They must not have been walked, and are not to be
 * used otherwise from here on. NULL: memory ran out. */
struct conjunction *conjunction_new(struct word_matcher *const *words, size_t count,
                                    struct arena *arena);

/* The conjunct of a word that the conjunction was made with. */
struct conjunct *conjunction_find(const struct conjunction *conjunction,
                                  const struct word_matcher *word);

/* Moves to the first interval that begins with a document >= from which the rarest word has, and
 * which every other block covers; from rises from call to call, above upto. False: there is none,
 * or damage. Decodes the rarest word's documents only. */
bool conjunction_next(struct conjunction *conjunction, doc_id from);

/* No document in [from, the result) has all words: by headers alone. DOC_END: none from here on. */
doc_id conjunction_seek(struct conjunction *conjunction, doc_id from);

/* Finds the documents of the interval, at most BLOCK_DOCS: the interval may end earlier for it
 * (upto falls). */
void conjunction_meet(struct conjunction *conjunction);

/* Keeps of the documents found those of these numbers, rising. */
void conjunction_keep(struct conjunction *conjunction, const uint16_t *numbers, uint32_t count);

/* The frequencies of the word's block, by place; NULL: damage. */
const uint32_t *conjunct_frequencies(struct conjunct *conjunct);

/* The positions of a word in the found document of this number: as native uint32_t, rising, with
 * JOIN_TAIL times UINT32_MAX behind them that do not count; none after a failure. Documents rise
 * from call to call. Out of memory: out->failed; damage: the word's status. */
void conjunct_positions(struct conjunct *conjunct, doc_id document, uint32_t number,
                        struct buffer *out);

#endif
