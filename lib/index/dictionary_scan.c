#include "index/dictionary_scan.h"

#include "index/dictionary_internal.h"
#include "index/dictionary_needed.h"

enum {
    PATIENCE = 32 /* terms on end that fail, before what begins as the last one is searched past */
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
    size_t at = scan->known.run;

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
    scan->known.run = size;
    return reached[size];
}

static inline bool takes(const struct dictionary_scan *scan, uint64_t reached)
{
    return reached >> scan->automaton->last & 1;
}

/* ---- entries ---- */

/* What of the term before holds for the next one, too, which shares so many bytes with it. */
static inline void keep_known(struct dictionary_scan *scan, size_t shared)
{
    struct scan_known *known = &scan->known;

    known->run = known->run < shared ? known->run : shared;
    known->there = known->there <= shared ? known->there : 0;
}

/* Runs the automaton along the cursor's term, which shares so many bytes with the one before,
 * unless it lacks what is needed: then it came to something, but is not taken. */
static inline uint64_t try_term(struct dictionary_scan *scan, size_t shared)
{
    const uint8_t *term = scan->cursor.term;
    size_t size = scan->cursor.term_size;

    if (scan->needed.need >= NEED_WITHIN) {
        if (scan->known.there == 0)
            scan->known.there = needed_find(
                &scan->needed, term, shared < NEEDED_MAX ? 1 : shared - NEEDED_MAX + 1, size);
        if (scan->known.there == 0)
            return 1;
    }
    return run(scan, term, size);
}

/* Reads on until so many of the starts' entries are read, the last of which, and those of its run
 * that are not read, are quick. Of the runs before it nothing is. */
static inline void read_to(struct dictionary_scan *scan, uint32_t end)
{
    struct dictionary_cursor *cursor = &scan->cursor;
    struct dictionary_starts *starts = &scan->starts;
    uint32_t i = starts->into > 0 ? 0 : (end - 1) / DICT_RESTART * DICT_RESTART;
    size_t shared = 0, follow = 0, least = SIZE_MAX;

    for (i = i < starts->next ? starts->next : i; i < end; i++) {
        const uint8_t *at = cursor->page.data + starts->at[i];

        shared = *at % 16;
        follow = *at / 16 + 1U;
        memcpy(cursor->term + shared, at + 1, DICT_TERM_TAIL);
        least = least < shared ? least : shared;
    }
    keep_known(scan, least);
    cursor->term_size = shared + follow;
    cursor->at = starts->at[end];
    cursor->left -= end - starts->next;
    starts->next = end;
}

/* The next of the starts' entries that may be taken, or is not quick; or behind them. */
static inline uint32_t next_candidate(const struct dictionary_scan *scan)
{
    const struct dictionary_starts *starts = &scan->starts;
    uint32_t next = starts->next;
    uint64_t rest;

    if (scan->known.there > 0 && scan->cursor.page.data[starts->at[next]] % 16 >= scan->known.there)
        return next;
    rest = starts->candidates >> next;
    return rest == 0 ? starts->count : next + (uint32_t)__builtin_ctzll(rest);
}

/* Reads the starts' entries to the first that is taken or came to nothing, or before the first that
 * is not quick. Returns what is kept of that term's list; NULL: there was none. */
static const uint8_t *scan_quickly(struct dictionary_scan *scan, uint64_t *reached)
{
    struct dictionary_starts *starts = &scan->starts;

    while (starts->next < starts->count) {
        uint32_t found = next_candidate(scan);
        const uint8_t *at = scan->cursor.page.data + starts->at[found];

        if (found == starts->count || !is_quick(*at)) {
            if (found > starts->next)
                read_to(scan, found);
            return NULL;
        }
        read_to(scan, found + 1);
        *reached = try_term(scan, *at % 16);
        if (*reached == 0 || takes(scan, *reached))
            return at + 2 + *at / 16;
    }
    return NULL;
}

/* As scan_quickly, finding starts as long as there are. */
static const uint8_t *scan_starts(struct dictionary_scan *scan, uint64_t *reached)
{
    struct dictionary_starts *starts = &scan->starts;
    const uint8_t *list = NULL;

    do {
        if (starts->next == starts->count || starts->at[starts->next] != scan->cursor.at)
            scan->find(starts, &scan->cursor, &scan->needed);
        list = scan_quickly(scan, reached);
    } while (!list && starts->count > 0 && starts->next == starts->count);
    return list;
}

/* Whether the cursor's term is above the one told before, which it becomes. */
static bool rises(struct dictionary_scan *scan)
{
    struct slice term = slice_of(scan->cursor.term, scan->cursor.term_size);

    if (slice_compare(slice_of(scan->told, scan->told_size), term) >= 0)
        return false;
    memcpy(scan->told, term.data, term.size);
    scan->told_size = term.size;
    return true;
}

/* LEDE_MISSING: the cursor's term is behind all that begin as is wanted. */
static enum lede_status check_beginning(const struct dictionary_scan *scan, struct lede_error *err)
{
    struct slice term = slice_of(scan->cursor.term, scan->cursor.term_size);

    if (slice_begins(term, scan->beginning))
        return LEDE_OK;
    return slice_compare(term, scan->beginning) > 0
               ? LEDE_MISSING
               : dictionary_damaged(scan->cursor.segment, "terms out of order", err);
}

/* Reads entries of the page, which has one, to the first that is taken or came to nothing, or to
 * the page's end; *reached is what the last one came to. LEDE_MISSING: one begins in another way
 * than is wanted. */
static enum lede_status scan_page(struct dictionary_scan *scan, uint64_t *reached, uint32_t *df,
                                  struct lede_error *err)
{
    struct dictionary_cursor *cursor = &scan->cursor;
    enum lede_status status;
    struct entry entry;

    do {
        const uint8_t *list;

        *reached = 1;
        list = scan_starts(scan, reached);
        if (list) {
            if (!info_read(cursor->page, &list, cursor->page.data + cursor->page.size, &entry.info))
                return dictionary_damaged(cursor->segment, "a page with a bad entry", err);
        } else if (cursor->left == 0) {
            return LEDE_OK;
        } else {
            if (!dictionary_cursor_step(cursor, &entry))
                return dictionary_damaged(cursor->segment, "a page with a bad entry", err);
            scan->starts.next += scan->starts.next < scan->starts.count;
            keep_known(scan, entry.shared);
            *reached = try_term(scan, entry.shared);
        }
        status = check_beginning(scan, err);
        if (status != LEDE_OK)
            return status;
        *df = entry.info.df;
    } while (cursor->left > 0 && *reached != 0 && !takes(scan, *reached));
    return LEDE_OK;
}

/* ---- terms ---- */

static enum lede_status scan_seek(struct dictionary_scan *scan, struct page_source *source,
                                  uint32_t segment, struct slice from, struct lede_error *err)
{
    scan->failures = 0;
    scan->known = (struct scan_known){0, 0};
    scan->starts.count = scan->starts.next = 0;
    return dictionary_cursor_seek(&scan->cursor, source, segment, from, err);
}

/* As dictionary_cursor_turn. LEDE_MISSING also if no term behind the page begins as is wanted. */
static enum lede_status scan_turn(struct dictionary_scan *scan, struct lede_error *err)
{
    struct slice end = slice_of(scan->cursor.end, scan->cursor.end_size);

    if (slice_compare(end, scan->beginning) > 0 && !slice_begins(end, scan->beginning))
        return LEDE_MISSING;
    scan->starts.count = scan->starts.next = 0;
    return dictionary_cursor_turn(&scan->cursor, err);
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
    scan->told_size = 0;
    scan->find = dictionary_starts_finder(cpu_level());
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
            status = scan_turn(scan, err);
        if (status == LEDE_OK)
            status = scan_page(scan, &reached, df, err);
        if (status == LEDE_OK && takes(scan, reached)) {
            if (!rises(scan))
                return dictionary_damaged(cursor->segment, "terms out of order", err);
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
