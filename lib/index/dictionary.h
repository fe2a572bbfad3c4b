/* dictionary.h -- from term to posting list: sorted pages of front-coded entries.
 *
 * The pages of a segment share out all terms that there could be: each has those from its lower
 * end on, up to its upper end, which is not in it; where one ends, the next begins. Table `dict`:
 * key segment u32 BE + upper end; so one SET_RANGE finds the only page that can hold a term, and
 * the page says whether it is that. The first page begins at nothing, the last ends at the byte
 * FIELD_END; between two, the end is the shortest beginning of the next page's first term (field
 * byte first) that is above the last term. A segment without terms has one page, without entries.
 * A page is DICT_PAGE_SIZE bytes:
 *     u32  checksum of the rest (checksum.h)
 *     u16  entries
 *     u8   size of the lower end: so many bytes of the first term are it
 *     u8   0
 *     u64  block base, u64 position base: block and positions of the page's first list of one
 *          block; 0 without one
 *     u16[]  for every DICT_RESTART-th entry, from the first, which share nothing (restarts): its
 *          offset from the page's start
 *     entries, then zeros
 * An entry:
 *     u8  bits 0-3: bytes shared with the term before: as many as are equal, but 0 at a restart;
 *         bits 4-7: bytes that follow, minus 1. Where that is 15 or more, 15, and a varint of the
 *         rest follows, first that of shared
 *     the bytes that follow
 *     varint  if the list is inline (posting_is_inline): 2 * (s + 16 * (df - 1 + 8 * (total tf -
 *             df))), s being its size - 1, or 15 if that is more; else 2 * df + 1
 *     if it is inline: if s is 15, varint size - 16; size bytes (posting.h)
 *     else: varint total tf - df
 *           if it is one block: varint block - block base; varint positions - position base, both
 *               modulo 2^64
 *           else: varint skip offset
 *           then: u8 bound; a primed byte for each PRIMED_RANK <= df
 * Terms rise in memcmp order, within a page and from page to page. A page takes every entry that
 * still fits, so the same terms always give the same pages.
 *
 * The text terms `cat` (df 1, total tf 1, its list the bytes 07 05) and `cats` (df 200, total tf
 * 300, skip offset 0, bound 2a, primed 19 and 0b) are, behind the checksum, the bytes
 *     02 00 00 00 00 .. 00 (16 bytes) 1a 00
 *     30 00 63 61 74  02  07 05
 *     04 73  91 03 64  00 2a 19 0b
 * and zeros, under the key of segment 5, 00 00 00 05 ff: see test_dictionary.c.
 *
 * After Witten, Moffat and Bell, "Managing Gigabytes", 1999 (front coding with restarts); Bayer and
 * Unterauer, "Prefix B-trees", 1977 (shortest separators). */
#ifndef LEDE_INDEX_DICTIONARY_H
#define LEDE_INDEX_DICTIONARY_H

#include "index/posting.h"

enum {
    DICT_HEADER_SIZE = 24,
    DICT_RESTART = 16,
    DICT_SIZE_MORE = 16, /* sizes of inline lists from here on are told apart */
    DICT_KEY_MAX = 4 + KEY_TERM_MAX
};

/* ---- writing ---- */

struct dictionary_writer;

enum lede_status dictionary_writer_new(uint32_t segment, struct record_sink *sink,
                                       struct account *account, struct dictionary_writer **out,
                                       struct lede_error *err);
void dictionary_writer_free(struct dictionary_writer *writer);

/* Terms (field byte first, below FIELD_END; 1 to KEY_TERM_MAX bytes) in strictly rising order. A
 * term out of order or an info that contradicts itself is our own mistake: LEDE_CORRUPT. Failures
 * are sticky. */
enum lede_status dictionary_writer_add(struct dictionary_writer *writer, struct slice term,
                                       const struct term_info *info, struct lede_error *err);
struct dictionary_totals {
    uint64_t pages, terms;
};
enum lede_status dictionary_writer_finish(struct dictionary_writer *writer,
                                          struct dictionary_totals *totals, struct lede_error *err);

/* ---- reading ---- */

enum {
    PAGES_REMEMBERED = 16384,
    DICT_TERM_TAIL = 16 /* bytes behind a term, for copies that run over */
};

/* Pages that passed their checksum in this snapshot, each a mark made of where it is and of its
 * key, so that it is not computed again; a page whose mark another one has overwritten is.
 * Thread-safe: pages do not change, and a mark is one word. Zeros: nothing is remembered. */
struct page_memory {
    _Atomic uint64_t marks[PAGES_REMEMBERED];
};

/* The first record of table `dict` whose key is >= key (which has at most DICT_KEY_MAX + 2 bytes):
 * its whole key, whatever its segment, and its value, valid as long as the snapshot. LEDE_MISSING,
 * err untouched, if there is none. Thread-safe. */
struct page_source {
    void *context;
    enum lede_status (*seek)(void *context, struct slice key, struct slice *found_key,
                             struct slice *value, struct lede_error *err);
    struct page_memory *memory; /* NULL: none */
};

/* Looks term up: LEDE_OK and *info (inlined bytes borrowed from the map; then bound 255 and primed
 * 0), LEDE_MISSING (err untouched) if no page has it, or LEDE_CORRUPT, also where the page that
 * would have it is not there. A seek, a search in a page (about 0.2
 * us), and its checksum (0.3 us) unless that is remembered. */
enum lede_status dictionary_find(struct page_source *source, uint32_t segment, struct slice term,
                                 struct term_info *info, struct lede_error *err);

/* Walks terms upwards: whatever the bytes, they rise strictly, so that a walk ends. A page that is
 * missing is LEDE_CORRUPT. */
struct dictionary_cursor {
    struct page_source *source;
    uint32_t segment;
    struct slice page;         /* the page in the map; empty behind the last */
    size_t at;                 /* of the next entry */
    uint32_t left;             /* entries of the page not read yet */
    uint8_t end[KEY_TERM_MAX]; /* of the page: its upper end */
    size_t end_size;
    uint8_t term[KEY_TERM_MAX + DICT_TERM_TAIL]; /* the one before the next entry; none: size 0 */
    size_t term_size;
};

/* To the first term >= from, as if just before it: call next to read it. LEDE_OK even if there is
 * none. An empty from is the beginning. */
enum lede_status dictionary_cursor_seek(struct dictionary_cursor *cursor,
                                        struct page_source *source, uint32_t segment,
                                        struct slice from, struct lede_error *err);
/* Makes term, of which size bytes count, the least that does not begin so (from where to seek, to
 * pass over all that do); its first byte stays. False: there is none. */
bool dictionary_pass_over(uint8_t *term, size_t *size);
/* The next term (valid until the next call) and its info; LEDE_MISSING, err untouched, behind the
 * last; LEDE_CORRUPT, from then on again and again. */
enum lede_status dictionary_cursor_next(struct dictionary_cursor *cursor, struct slice *term,
                                        struct term_info *info, struct lede_error *err);

/* Checks a page whole (key, checksum, restarts, every entry, order, ends, zeros): for verify and
 * fuzzing. That no page is missing shows in a walk. */
enum lede_status dictionary_page_check(struct slice key, struct slice page, struct lede_error *err);

#endif
