/* matcher_internal.h -- between the files that make up the matchers. */
#ifndef LEDE_QUERY_MATCHER_INTERNAL_H
#define LEDE_QUERY_MATCHER_INTERNAL_H

#include "kernels.h"
#include "matcher.h"

/* A term's posting list in the segment. */
struct list {
    struct posting_cursor ahead;  /* matches; stands at the first block not wholly passed */
    struct posting_cursor behind; /* scores, and reads positions */
};

/* A word: the lists of its terms that the segment has. */
struct word_matcher {
    struct matcher matcher; /* first, so that the one is the other */
    struct list *lists;
    size_t list_count;
    uint32_t *scratch;
    uint32_t distance; /* in a phrase: from its beginning, in positions */
};

/* ---- what was found in a window ---- */

/* What a matcher that cannot go back found, for scoring: of the documents that were asked for last,
 * which are all that is asked about after. */
struct match_memory {
    uint64_t bits[WINDOW_WORDS];
    doc_id base; /* of the window; DOC_END: nothing was asked for yet */
};

static inline void match_remember(struct match_memory *memory, const struct window *window,
                                  const uint64_t *bits)
{
    memcpy(memory->bits, bits, sizeof memory->bits);
    memory->base = window->base;
}

/* What of bits matches: as remembered, or asked for now. */
static inline void match_recall(struct matcher *matcher, const struct match_memory *memory,
                                const struct window *window, const uint64_t *bits, uint64_t *found)
{
    memcpy(found, bits, WINDOW_WORDS * sizeof *found);
    if (memory->base == window->base)
        bits_and(found, memory->bits);
    else
        matcher->kind->match(matcher, window, found);
}

/* ---- words ---- */

static inline struct word_matcher *word_of(struct matcher *matcher)
{
    return (struct word_matcher *)matcher;
}

static inline struct kernel_weight weight_of(const struct matcher *matcher)
{
    return (struct kernel_weight){matcher->clause->weight, matcher->inverse};
}

/* The part of a block's documents that is in the window: places [*first, *end). */
static inline void clip(const uint32_t *documents, uint32_t count, const struct window *window,
                        uint32_t *first, uint32_t *end)
{
    uint32_t from = 0, to = count;

    if (documents[0] < window->base)
        while (documents[from] < window->base)
            from++;
    while (to > from && documents[to - 1] - window->base >= window->size)
        to--;
    *first = from;
    *end = to;
}

/* True if all of the block is behind the window. */
static inline bool is_behind(const struct posting_cursor *cursor, const struct window *window)
{
    return cursor->has_before && cursor->first_after >= window->base &&
           cursor->first_after - window->base >= window->size - 1;
}

/* True if no later block can reach into the window. */
static inline bool is_last_block(const struct posting_cursor *cursor, const struct window *window)
{
    return cursor->last - window->base >= window->size - 1;
}

extern const struct matcher_kind WORD_MATCHER;
extern const struct matcher_kind PHRASE_MATCHER;
extern const struct matcher_kind GROUP_MATCHER;
extern const struct matcher_kind DATE_MATCHER;
extern const struct matcher_kind EXACT_MATCHER;

enum lede_status word_matcher_init(struct word_matcher *matcher, const struct query_word *word,
                                   struct segment *segment, uint32_t number, struct arena *arena,
                                   struct lede_error *err);

doc_id word_matcher_seek(struct word_matcher *matcher, doc_id from);
/* Moves the scoring cursors to the window. Returns how many lists may have documents there; *only
 * is one of them. */
size_t word_matcher_lists_in(struct word_matcher *matcher, const struct window *window,
                             struct posting_cursor **only);
/* The place of a document in a block; size if it is not there. */
uint32_t word_find_document(const uint32_t *documents, uint32_t size, doc_id document);
/* The sum of the bounds of its lists in the window, at most 255. */
uint32_t word_matcher_bound(struct word_matcher *matcher, const struct window *window);
enum lede_status word_matcher_status(const struct word_matcher *matcher, struct lede_error *err);

/* The positions of the word in a document, rising, without doubles, as native uint32_t; none if it
 * is not there. Documents rise from call to call. Sticky failure: out->failed, or the status. */
void word_matcher_positions(struct word_matcher *matcher, doc_id document, struct buffer *out);

/* What is done with all documents of a window (matcher_word_bulk.c); as struct matcher_kind says.
 */
void word_matcher_match_and_score(struct matcher *matcher, const struct window *window,
                                  uint64_t *bits, double *sums);
void word_matcher_score_above(struct matcher *matcher, const struct window *window, double least,
                              uint64_t *bits, double *sums);
void word_matcher_pick(struct matcher *matcher, const struct window *window, double least,
                       uint64_t *bits, double *sums);
void word_matcher_mark(struct matcher *matcher, const struct window *window, uint64_t *bits,
                       uint8_t *flags);
uint64_t word_matcher_tally(struct matcher *matcher);

enum lede_status phrase_matcher_make(const struct query_clause *clause, struct segment *segment,
                                     uint32_t number, struct arena *arena, struct matcher **out,
                                     struct lede_error *err);
void phrase_matcher_done(struct matcher *matcher);

enum lede_status date_matcher_make(const struct query_clause *clause, struct segment *segment,
                                   struct arena *arena, struct matcher **out,
                                   struct lede_error *err);

/* What another matcher, which it takes over unless it fails, finds, as far as texts have it as it
 * is written. */
enum lede_status exact_matcher_make(const struct plan *plan, struct matcher *stems, uint32_t number,
                                    struct arena *arena, struct matcher **out,
                                    struct lede_error *err);
void exact_matcher_done(struct matcher *matcher);

/* Recursion ends at GROUP_DEPTH. */
enum lede_status group_matcher_make(const struct plan *plan, const struct query_clause *clause,
                                    uint32_t number, struct arena *arena, uint32_t *scratch,
                                    struct matcher **out, struct lede_error *err);
void group_matcher_done(struct matcher *matcher);

#endif
