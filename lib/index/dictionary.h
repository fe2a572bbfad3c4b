/* dictionary.h -- from term to posting list: sorted pages of front-coded entries.
 *
 * Table `dict`: key segment u32 BE + the page's last term (field byte first); one SET_RANGE finds
 * the only page that can hold a term. A page is DICT_PAGE_SIZE bytes:
 *     u32  checksum of the rest (checksum.h)
 *     u16  entries
 *     u16  restarts r: every DICT_RESTART-th entry, from the first, shares nothing
 *     u16[r]  offset of each restart's entry from the page's start
 *     entries, then zeros
 * An entry:
 *     varint  bytes shared with the term before; varint  bytes that follow; those bytes
 *     varint  df
 *     varint  total tf - df
 *     if the list is inline (posting_is_inline): varint size, that many bytes (posting.h)
 *     else: varint skip offset; u8 bound; then a primed byte for each PRIMED_RANK <= df
 * Terms rise in memcmp order, within a page and from page to page. */
#ifndef LEDE_INDEX_DICTIONARY_H
#define LEDE_INDEX_DICTIONARY_H

#include "index/posting.h"

enum { DICT_RESTART = 16, DICT_KEY_MAX = 4 + KEY_TERM_MAX };

/* ---- writing ---- */

struct dictionary_writer;

enum lede_status dictionary_writer_new(uint32_t segment, struct record_sink *sink,
                                       struct account *account, struct dictionary_writer **out,
                                       struct lede_error *err);
void dictionary_writer_free(struct dictionary_writer *writer);

/* Terms (field byte first, at most KEY_TERM_MAX bytes) in strictly rising order. */
enum lede_status dictionary_writer_add(struct dictionary_writer *writer, struct slice term,
                                       const struct term_info *info, struct lede_error *err);
struct dictionary_totals {
    uint64_t pages, terms;
};
enum lede_status dictionary_writer_finish(struct dictionary_writer *writer,
                                          struct dictionary_totals *totals, struct lede_error *err);

/* ---- reading ---- */

/* Finds the page of a segment whose last term is >= term: its key's term and value, valid as long
 * as the snapshot. LEDE_MISSING, err untouched, if there is none. Thread-safe. */
struct page_source {
    void *context;
    enum lede_status (*seek)(void *context, struct slice key, struct slice *found_key,
                             struct slice *value, struct lede_error *err);
};

/* Looks term up: LEDE_OK and *info (inlined bytes borrowed from the map), LEDE_MISSING (err
 * untouched), or LEDE_CORRUPT. */
enum lede_status dictionary_find(struct page_source *source, uint32_t segment, struct slice term,
                                 struct term_info *info, struct lede_error *err);

/* Walks terms upwards. */
struct dictionary_cursor {
    struct page_source *source;
    uint32_t segment;
    struct slice page; /* the page in the map */
    size_t at;         /* of the next entry */
    uint32_t left;     /* entries of the page not read yet */
    uint8_t page_last[KEY_TERM_MAX];
    size_t page_last_size;
    uint8_t term[KEY_TERM_MAX]; /* the current one */
    size_t term_size;
};

/* To the first term >= from, as if just before it: call next to read it. */
enum lede_status dictionary_cursor_seek(struct dictionary_cursor *cursor,
                                        struct page_source *source, uint32_t segment,
                                        struct slice from, struct lede_error *err);
/* The next term (valid until the next call) and its info; LEDE_MISSING behind the last. */
enum lede_status dictionary_cursor_next(struct dictionary_cursor *cursor, struct slice *term,
                                        struct term_info *info, struct lede_error *err);

/* Checks a page whole (checksum, order, bounds, every entry): for verify and fuzzing. */
enum lede_status dictionary_page_check(struct slice key, struct slice page, struct lede_error *err);

#endif
