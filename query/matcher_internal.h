/* matcher_internal.h -- between the files that make up the matchers. */
#ifndef LEDE_QUERY_MATCHER_INTERNAL_H
#define LEDE_QUERY_MATCHER_INTERNAL_H

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

extern const struct matcher_kind WORD_MATCHER;
extern const struct matcher_kind PHRASE_MATCHER;
extern const struct matcher_kind GROUP_MATCHER;

enum lede_status word_matcher_init(struct word_matcher *matcher, const struct query_word *word,
                                   struct segment *segment, uint32_t number, struct arena *arena,
                                   struct lede_error *err);

doc_id word_matcher_seek(struct word_matcher *matcher, doc_id from);
/* Takes from bits what does not match; adds the frequencies of what does (and perhaps of others) to
 * tfs, unless it is NULL. */
void word_matcher_match(struct word_matcher *matcher, const struct window *window, uint64_t *bits,
                        uint32_t *tfs);
/* The sum of the bounds of its lists in the window, at most 255. */
uint32_t word_matcher_bound(struct word_matcher *matcher, const struct window *window);
enum lede_status word_matcher_status(const struct word_matcher *matcher, struct lede_error *err);

/* The positions of the word in a document, rising, without doubles, as native uint32_t; none if it
 * is not there. Documents rise from call to call. Sticky failure: out->failed, or the status. */
void word_matcher_positions(struct word_matcher *matcher, doc_id document, struct buffer *out);

enum lede_status phrase_matcher_make(const struct query_clause *clause, struct segment *segment,
                                     uint32_t number, struct arena *arena, struct matcher **out,
                                     struct lede_error *err);
void phrase_matcher_done(struct matcher *matcher);

/* Recursion ends at GROUP_DEPTH. */
enum lede_status group_matcher_make(const struct plan *plan, const struct query_clause *clause,
                                    uint32_t number, struct arena *arena, uint32_t *scratch,
                                    struct matcher **out, struct lede_error *err);
void group_matcher_done(struct matcher *matcher);

#endif
