/* segment_merge_internal.h -- what the files of segment_merge.h share; nobody else includes it.
 *
 * segment_merge.c            the whole
 * segment_merge_documents.c  which documents are live, and carrying them over
 * segment_merge_terms.c      the dictionaries, merged, and their postings */
#ifndef LEDE_INDEXER_SEGMENT_MERGE_INTERNAL_H
#define LEDE_INDEXER_SEGMENT_MERGE_INTERNAL_H

#include "index/segment.h"
#include "index/segment_writer.h"

struct account;

/* Where the documents of a segment go. 64 of them share a word. */
struct live_word {
    uint64_t bits;   /* set: live */
    uint32_t before; /* live ones in the words before */
};
struct renumbering {
    struct live_word *words; /* NULL: all are live */
    size_t word_count;
    doc_id first; /* new number of the segment's first live document */
    doc_id live;
};

struct segment_merge {
    struct snapshot *snapshot; /* what is read */
    struct segment *segments;  /* of it */
    size_t segment_count;
    struct segment_writer *writer;    /* what is written */
    struct renumbering *renumberings; /* one a segment */
    struct account *account;
};

/* False if it is deleted. */
static inline bool renumber(const struct renumbering *renumbering, doc_id document, doc_id *number)
{
    const struct live_word *word;
    uint64_t bit = 1ULL << (document % 64);

    *number = renumbering->first + document;
    if (!renumbering->words)
        return true;
    word = &renumbering->words[document / 64];
    *number =
        renumbering->first + word->before + (doc_id)__builtin_popcountll(word->bits & (bit - 1));
    return word->bits & bit;
}

/* Looks up who is live: whole->renumberings; *live is the sum. LEDE_LIMIT if it is too many
 * for a segment. Freed by merge_renumber_done, also after a failure. */
enum lede_status merge_renumber(struct segment_merge *whole, uint64_t *live,
                                struct lede_error *err);
void merge_renumber_done(struct segment_merge *whole);

/* The documents, and then, behind the writer's seal, the terms. */
enum lede_status merge_documents(struct segment_merge *whole, struct lede_error *err);
enum lede_status merge_terms(struct segment_merge *whole, struct lede_error *err);

/* LEDE_CORRUPT: "index damaged: segment N: what; ...". */
enum lede_status merge_damaged(const struct segment *segment, const char *what,
                               struct lede_error *err);

#endif
