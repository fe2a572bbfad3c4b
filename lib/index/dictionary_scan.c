#include "index/dictionary_scan.h"

#include "index/dictionary_internal.h"

enum {
    PATIENCE = 32, /* terms on end that fail, before what begins as the last one is searched past */
    QUICK_ROOM = 48 /* a quick entry, and what is read of the bytes behind it, are no longer */
};

/* ---- the automaton ---- */

static inline uint64_t step(const struct byte_automaton *automaton, uint64_t from, uint8_t byte)
{
    return (from & automaton->on[byte].next) << 1 | (from & automaton->on[byte].stay);
}

/* Runs it along the term, which has size bytes and SCAN_TAIL more behind them. Returns what is
 * reached. */
static inline uint64_t run(struct dictionary_scan *scan, const uint8_t *term, size_t size)
{
    const struct byte_automaton *automaton = scan->automaton;
    uint64_t *reached = scan->reached, now;
    size_t at = scan->known;

    if (at == 0) {
        reached[1] = term[0] == scan->beginning.data[0];
        at = 1;
    }
    for (now = reached[at]; at < size; at += 4) {
        reached[at + 1] = now = step(automaton, now, term[at]);
        reached[at + 2] = now = step(automaton, now, term[at + 1]);
        reached[at + 3] = now = step(automaton, now, term[at + 2]);
        reached[at + 4] = now = step(automaton, now, term[at + 3]);
    }
    scan->known = size;
    return reached[size];
}

static inline bool takes(const struct dictionary_scan *scan, uint64_t reached)
{
    return reached >> scan->automaton->last & 1;
}

/* ---- needed bytes ---- */

static void needed_begin(struct needed_bytes *needed, const struct byte_automaton *automaton)
{
    memset(needed, 0, sizeof *needed);
    for (unsigned i = 0; i < automaton->needed_size; i++) {
        unsigned back = automaton->needed_size - 1 - i; /* from the last one */

        needed->bytes[i] = (scan_bytes){0} + automaton->needed[i];
        needed->used[i] = ~(scan_bytes){0};
        needed->places[automaton->needed[i]] |= (uint8_t)(1U << i);
        needed->last |= (uint32_t)automaton->needed[i] << 8 * (3 - back);
        for (unsigned follow = back + 1; follow <= NEEDED_MAX; follow++)
            needed->masks[follow] |= 0xffU << 8 * (3 - back);
    }
}

/* Where they are in the term first, behind the field byte; so many bytes have them. 0: nowhere. */
static size_t needed_find(const struct byte_automaton *automaton, const uint8_t *term, size_t size)
{
    for (size_t at = 1; at + automaton->needed_size <= size; at++)
        if (memcmp(term + at, automaton->needed, automaton->needed_size) == 0)
            return at + automaton->needed_size;
    return 0;
}

static inline scan_bytes bytes_at(const uint8_t *at)
{
    scan_bytes bytes;

    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* Whether all of them are among the bytes that follow. */
static inline bool needed_within(const struct needed_bytes *needed, unsigned size,
                                 const uint8_t *suffix, size_t follow)
{
    static const uint8_t first[2 * SCAN_FOLLOW] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                   255, 255, 255, 255, 255, 255, 255, 255};
    size_t count = follow >= size ? follow + 1 - size : 0; /* places where they might begin */
    scan_bytes other = bytes_at(suffix) ^ needed->bytes[0], found;
    uint64_t any[2];

    other |= (bytes_at(suffix + 1) ^ needed->bytes[1]) & needed->used[1];
    other |= (bytes_at(suffix + 2) ^ needed->bytes[2]) & needed->used[2];
    found = (scan_bytes)(other == 0) & bytes_at(first + SCAN_FOLLOW - count);
    memcpy(any, &found, sizeof any);
    return (any[0] | any[1]) != 0;
}

/* False: the term, of which shared bytes are the cursor's, is not taken. */
static inline bool may_be_taken(const struct dictionary_scan *scan, const uint8_t *suffix,
                                size_t shared, size_t follow)
{
    const struct needed_bytes *needed = &scan->needed;
    const uint8_t *places = needed->places;

    if (scan->automaton->needed_size == 0)
        return true;
    if (scan->automaton->needed_last)
        return ((load_le32(suffix + follow - 4) ^ needed->last) &
                needed->masks[follow < NEEDED_MAX ? follow : NEEDED_MAX]) == 0;
    return (needed->there != 0) |
           ((places[scan->cursor.term[shared - (shared > 0)]] << 1 & places[suffix[0]]) != 0) |
           needed_within(needed, scan->automaton->needed_size, suffix, follow);
}

/* What of the term before holds for the next one, too, which shares so many bytes with it. */
static inline void keep_known(struct dictionary_scan *scan, size_t shared)
{
    scan->known = scan->known < shared ? scan->known : shared;
    scan->needed.there = scan->needed.there <= shared ? scan->needed.there : 0;
}

/* Runs the automaton along the cursor's term, unless that lacks what is needed: then it came to
 * something, but is not taken. */
static inline uint64_t try_term(struct dictionary_scan *scan, const uint8_t *term, size_t size)
{
    const struct byte_automaton *automaton = scan->automaton;

    if (automaton->needed_size > 0 && !automaton->needed_last) {
        if (scan->needed.there == 0)
            scan->needed.there = needed_find(automaton, term, size);
        if (scan->needed.there == 0)
            return 1;
    }
    return run(scan, term, size);
}

/* ---- entries ---- */

/* So many entries of the page are left where the next restart has been read. */
static size_t left_behind_restart(const struct dictionary_cursor *cursor)
{
    size_t entries = page_entries(cursor->page), read = entries - cursor->left;
    size_t restart = (read + DICT_RESTART - 1) / DICT_RESTART * DICT_RESTART;

    return restart < entries ? entries - restart - 1 : 0;
}

/* Behind what is kept of a list; NULL: it is damaged. QUICK_ROOM is there. Most are inline, and of
 * one or two bytes and at most 15 more: that is told without a branch. */
static inline const uint8_t *pass_list(struct slice page, const uint8_t *at)
{
    unsigned code = at[0], more = code < 0x80 ? 0 : at[1], size = code / 2 % DICT_SIZE_MORE + 1;
    unsigned counts = code % 0x80 / (2 * DICT_SIZE_MORE) + more * 4;
    unsigned df = counts % INLINE_DF_MAX + 1, total = counts / INLINE_DF_MAX + df;
    struct term_info info;

    if ((code % 2 == 0) & (size < DICT_SIZE_MORE) & (more < 0x80) & (total <= INLINE_TF_MAX))
        return at + size + 1 + (code >= 0x80);
    return info_read(page, &at, page.data + page.size, &info) ? at : NULL;
}

/* Eight bytes as a number that is ordered as they are. */
static inline uint64_t eight(const uint8_t *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, sizeof bytes);
    return BYTES_BE64(bytes);
}

/* Whether the term, of size bytes, is below that of a restart. Both have room for SCAN_TAIL bytes.
 */
static inline bool rises(const uint8_t *term, size_t size, const uint8_t *restart, size_t follow)
{
    uint64_t before = eight(term), after = eight(restart);
    size_t equal = before == after ? 8 : (size_t)__builtin_clzll(before ^ after) / 8;

    if (equal < size && equal < follow && equal < 8)
        return before < after;
    return slice_compare(slice_of(term, size), slice_of(restart, follow)) < 0;
}

static inline bool begins(const uint8_t *term, size_t size, struct slice beginning)
{
    return term[0] == beginning.data[0] &&
           (beginning.size == 1 || slice_begins(slice_of(term, size), beginning));
}

/* Reads entries of the page that have short terms and end far from the page's end. To the first
 * that is taken or came to nothing, or before the first that is not like that, or begins in another
 * way than is wanted. Returns what is kept of that term's list; NULL: there was none. */
static const uint8_t *scan_quickly(struct dictionary_scan *scan, uint64_t *reached)
{
    struct dictionary_cursor *cursor = &scan->cursor;
    const struct slice page = cursor->page;
    const uint8_t *at = page.data + cursor->at, *end = page.data + page.size - QUICK_ROOM;
    const uint8_t *stopped = NULL;
    size_t size = cursor->term_size, left = cursor->left, restart = left_behind_restart(cursor);

    while (!stopped && left > 0 && at < end) {
        size_t shared = *at % 16, follow = *at / 16 + 1U;
        const uint8_t *suffix = at + 1, *list = suffix + follow, *next;
        bool candidate;

        if (shared == 15 || follow == 16 || shared > size)
            break;
        if (left - 1 == restart) {
            if (shared != 0 || !rises(cursor->term, size, suffix, follow) ||
                !begins(suffix, follow, scan->beginning))
                break;
            restart = restart > DICT_RESTART ? restart - DICT_RESTART : 0;
        } else if (shared < scan->beginning.size ||
                   (shared < size && suffix[0] <= cursor->term[shared])) {
            break;
        }
        next = pass_list(page, list);
        if (!next)
            break;
        keep_known(scan, shared);
        candidate = may_be_taken(scan, suffix, shared, follow);
        memcpy(cursor->term + shared, suffix, DICT_TERM_TAIL);
        size = shared + follow;
        at = next;
        left--;
        if (candidate) {
            *reached = try_term(scan, cursor->term, size);
            stopped = *reached == 0 || takes(scan, *reached) ? list : NULL;
        }
    }
    cursor->at = (size_t)(at - page.data);
    cursor->left = (uint32_t)left;
    cursor->term_size = size;
    return stopped;
}

/* Reads entries of the page, which has one, to the first that is taken or came to nothing, or to
 * the page's end; *reached is what the last one came to. LEDE_MISSING: one begins in another way
 * than is wanted. */
static enum lede_status scan_page(struct dictionary_scan *scan, uint64_t *reached, uint32_t *df,
                                  struct lede_error *err)
{
    struct dictionary_cursor *cursor = &scan->cursor;

    *reached = 1;
    do {
        const uint8_t *list = scan_quickly(scan, reached);
        struct term_info info;
        struct entry entry;

        if (list) {
            (void)info_read(cursor->page, &list, cursor->page.data + cursor->page.size, &info);
            *df = info.df;
            return LEDE_OK;
        }
        if (cursor->left == 0)
            return LEDE_OK;
        if (!dictionary_cursor_step(cursor, &entry))
            return dictionary_damaged(cursor->segment, "a page with a bad entry", err);
        if (!slice_begins(slice_of(cursor->term, cursor->term_size), scan->beginning))
            return LEDE_MISSING;
        keep_known(scan, entry.shared);
        *reached = try_term(scan, cursor->term, cursor->term_size);
        *df = entry.info.df;
    } while (cursor->left > 0 && *reached != 0 && !takes(scan, *reached));
    return LEDE_OK;
}

/* ---- terms ---- */

static enum lede_status scan_seek(struct dictionary_scan *scan, struct page_source *source,
                                  uint32_t segment, struct slice from, struct lede_error *err)
{
    scan->failures = 0;
    scan->known = scan->needed.there = 0;
    return dictionary_cursor_seek(&scan->cursor, source, segment, from, err);
}

/* Behind a term that came to nothing. LEDE_MISSING: no other does not. */
static enum lede_status pass(struct dictionary_scan *scan, struct lede_error *err)
{
    struct dictionary_cursor *cursor = &scan->cursor;
    uint8_t from[KEY_TERM_MAX];
    size_t size = 1;

    scan->failures = scan->left == cursor->left + 1 ? scan->failures + 1 : 1;
    scan->left = cursor->left;
    if (scan->failures < PATIENCE)
        return LEDE_OK;
    while (scan->reached[size] != 0)
        size++;
    memcpy(from, cursor->term, size);
    if (!dictionary_pass_over(from, &size))
        return LEDE_MISSING;
    return scan_seek(scan, cursor->source, cursor->segment, slice_of(from, size), err);
}

enum lede_status dictionary_scan_begin(struct dictionary_scan *scan,
                                       const struct byte_automaton *automaton,
                                       struct page_source *source, uint32_t segment,
                                       struct slice beginning, struct lede_error *err)
{
    scan->automaton = automaton;
    scan->beginning = beginning;
    needed_begin(&scan->needed, automaton);
    return scan_seek(scan, source, segment, beginning, err);
}

enum lede_status dictionary_scan_next(struct dictionary_scan *scan, struct slice *term,
                                      uint32_t *df, struct lede_error *err)
{
    struct dictionary_cursor *cursor = &scan->cursor;
    enum lede_status status = LEDE_OK;
    uint64_t reached = 1;

    if (cursor->page.size == 0)
        return LEDE_MISSING;
    while (status == LEDE_OK) {
        if (cursor->left == 0)
            status = dictionary_cursor_turn(cursor, err);
        if (status == LEDE_OK)
            status = scan_page(scan, &reached, df, err);
        if (status == LEDE_OK && takes(scan, reached)) {
            *term = slice_of(cursor->term, cursor->term_size);
            return LEDE_OK;
        }
        if (status == LEDE_OK && reached == 0)
            status = pass(scan, err);
    }
    if (status == LEDE_MISSING)
        cursor->page = slice_of(NULL, 0);
    return status;
}
