/* segment_merge_internal.h -- what the files of segment_merge.h share; nobody else includes it.
 *
 * segment_merge.c            the whole
 * segment_merge_sources.c    the files that the documents were read from
 * segment_merge_documents.c  which documents are live, and carrying them over
 * segment_merge_order.c      a better order of them
 * segment_merge_fields.c     keyword fields that a segment lacks, made of what articles say
 * segment_merge_walk.c       the dictionaries, walked together
 * segment_merge_terms.c      the lists of each term, joined
 * segment_merge_sort.c       the same in another order of documents */
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

/* Records of source files, counted through all segments. */
struct merged_sources {
    uint32_t *first;  /* of each segment, and their number */
    uint32_t *leader; /* of each record: the first one with its path */
    uint32_t *newest; /* of each leader: the last one with its path, and, once it is written, its
                       * number in the new segment */
    bool *used;       /* of each leader: a live document has its path */
    uint32_t written; /* records of the new segment */
};

struct segment_merge {
    struct snapshot *snapshot; /* what is read */
    struct segment *segments;  /* of it */
    size_t segment_count;
    bool has_positions;
    struct segment_writer *writer;    /* what is written */
    struct renumbering *renumberings; /* one a segment */
    struct merged_sources sources;
    struct late_fields *late; /* or NULL: no segment lacks a field */
    uint64_t left_out;        /* values of late fields that are no terms: keyword_terms.h */
    doc_id live;              /* documents that are not deleted */
    doc_id *order;            /* of the live ones, or NULL; while terms are written, its inverse */
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

/* Looks up who is live: whole->renumberings and live. LEDE_LIMIT if it is too many for a segment.
 * Freed by merge_renumber_done, also after a failure. */
enum lede_status merge_renumber(struct segment_merge *whole, struct lede_error *err);
void merge_renumber_done(struct segment_merge *whole);

/* Finds out which source files there are, once it is known who is live; freed by
 * merge_sources_done, also after a failure. Takes 25 bytes a record, 16 of them only meanwhile. */
enum lede_status merge_sources_find(struct segment_merge *whole, struct lede_error *err);
enum lede_status merge_sources_write(struct segment_merge *whole, struct lede_error *err);
void merge_sources_done(struct segment_merge *whole);

/* Behind merge_sources_write: the new number of a live document's source file. */
static inline int64_t merge_source(const struct segment_merge *whole, size_t segment,
                                   int64_t number)
{
    const struct merged_sources *sources = &whole->sources;

    return number == COLUMN_MISSING
               ? number
               : sources->newest[sources->leader[sources->first[segment] + number]];
}

/* The documents, and then, behind the writer's seal, the terms. Groups of duplicates are asked for
 * by the seal. */
enum lede_status merge_documents(struct segment_merge *whole, struct lede_error *err);
struct group_source merge_groups(struct segment_merge *whole);
enum lede_status merge_terms(struct segment_merge *whole, struct lede_error *err);

/* ---- keyword fields that a segment lacks ---- */

/* Of a field that one segment lacks, the terms of all are made anew, of the metadata as they are
 * carried over, by an inverter and its runs; those of the dictionaries are passed over. Makes
 * whole->late, if there are such fields; freed by merge_fields_done, also after a failure. Memory:
 * 4 MiB, and less than another 3 while runs are merged. */
enum lede_status merge_fields_begin(struct segment_merge *whole, const char *directory,
                                    struct lede_error *err);
void merge_fields_done(struct segment_merge *whole);
/* An article that gets this number: they rise. Nothing, without late fields. */
enum lede_status merge_fields_add(struct segment_merge *whole, doc_id number,
                                  const struct stored_article *article, struct lede_error *err);
/* Whether a term of the dictionaries is of a late field. */
bool merge_fields_have(const struct segment_merge *whole, struct slice term);
/* Writes all terms: before each, and behind the last (a term of no bytes), others get their turn.
 */
struct other_terms {
    void *context;
    enum lede_status (*before)(void *context, struct slice term, struct lede_error *err);
};
enum lede_status merge_fields_write(struct segment_merge *whole, const struct other_terms *others,
                                    struct lede_error *err);

/* ---- the dictionaries, walked together ---- */

struct term_source { /* a segment's dictionary */
    struct dictionary_cursor cursor;
    struct slice term;
    struct term_info info;
    uint64_t terms, postings, occurrences; /* passed */
};

/* Segments follow each other in document order, so a term's list is those of its segments, one
 * behind the other. */
struct term_walk {
    struct segment_merge *whole;
    struct term_source *sources; /* one a segment */
    uint32_t *heap;              /* places of sources that are not at an end */
    uint32_t *group;             /* those that have the current term, rising */
    size_t count, heap_count, group_count;
};

/* Before the first term; to be freed also after a failure. */
enum lede_status merge_walk_begin(struct term_walk *walk, struct segment_merge *whole,
                                  struct lede_error *err);
void merge_walk_done(struct term_walk *walk);
/* The next term: walk->group, and in each of its sources the term and what is known of its list.
 * LEDE_MISSING behind the last. */
enum lede_status merge_walk_next(struct term_walk *walk, struct lede_error *err);

/* How many live documents have the term, and their frequencies; with room to work in. */
enum lede_status merge_count_live(const struct term_walk *walk, struct posting_cursor *cursor,
                                  uint64_t *df, uint64_t *total_tf, struct lede_error *err);

static inline enum lede_status merge_cursor_status(const struct posting_cursor *cursor,
                                                   struct lede_error *err)
{
    if (cursor->status != LEDE_OK && err)
        *err = cursor->error;
    return cursor->status;
}

/* ---- another order ---- */

/* Finds whole->order, of as many as are live, charged to the account and to be freed by the caller:
 * merge_order_done. */
enum lede_status merge_order(struct segment_merge *whole, unsigned threads, struct lede_error *err);
void merge_order_done(struct segment_merge *whole);
/* Makes it its inverse, in place. */
void merge_order_invert(struct segment_merge *whole);

/* Gives the lists of the walk's term to the writer in the new order (whole->order: the inverse).
 * Memory: half of what is left. LEDE_NO_MEMORY if not even one document's positions fit. */
struct list_sorter;
enum lede_status merge_sorter_new(struct segment_merge *whole, struct list_sorter **out,
                                  struct lede_error *err);
void merge_sorter_free(struct list_sorter *sorter);
enum lede_status merge_sort_lists(struct list_sorter *sorter, const struct term_walk *walk,
                                  struct lede_error *err);

/* LEDE_CORRUPT: "index damaged: segment N: what; ...". */
enum lede_status merge_damaged(const struct segment *segment, const char *what,
                               struct lede_error *err);

#endif
