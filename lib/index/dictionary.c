#include "index/dictionary.h"

#include "index/checksum.h"
#include "index/dictionary_internal.h"

enum lede_status dictionary_damaged(uint32_t segment, const char *what, struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: dictionary of segment %u: %s; run lede-index verify", segment,
                     what);
}

static size_t page_lower_size(struct slice page)
{
    return page.data[6];
}

static size_t page_first(struct slice page)
{
    return DICT_HEADER_SIZE + 2 * page_restarts(page);
}

/* ---- one entry ---- */

/* Reads the entry at *at, whose term follows one of before bytes, and moves *at behind it. */
static bool entry_read(struct slice page, size_t *at, size_t before, struct entry *entry)
{
    const uint8_t *next = page.data + *at, *end = page.data + page.size;

    if (!term_read(&next, end, before, entry) || !info_read(page, &next, end, &entry->info))
        return false;
    *at = (size_t)(next - page.data);
    return true;
}

/* ---- one page ---- */

static bool is_end(const uint8_t *end, size_t size)
{
    return size == 1 && end[0] == FIELD_END;
}

/* Whether the page passes its checksum, or did so before. */
static bool page_is_intact(struct page_memory *memory, struct slice key, struct slice page)
{
    uint64_t seed = checksum_seed('d', key.data, key.size);
    uintptr_t place = (uintptr_t)page.data;
    uint64_t mark = seed ^ place;
    _Atomic uint64_t *known = memory ? &memory->marks[place / PAGE_SIZE % PAGES_REMEMBERED] : NULL;

    if (known && mark != 0 && atomic_load_explicit(known, memory_order_relaxed) == mark) {
        for (size_t at = 0; at < page.size; at += 64) /* fetched, as by the checksum */
            __builtin_prefetch(page.data + at);
        return true;
    }
    if (checksum_of(seed, page.data + 4, page.size - 4) != load_le32(page.data))
        return false;
    if (known)
        atomic_store_explicit(known, mark, memory_order_relaxed);
    return true;
}

/* What has to hold before any of a page's bytes is used; NULL, or what does not. */
static const char *page_fault(struct page_memory *memory, struct slice key, struct slice page)
{
    if (key.size <= 4 || key.size > DICT_KEY_MAX)
        return "a page under no term";
    if (page.size != DICT_PAGE_SIZE)
        return "a page of another size";
    if (!page_is_intact(memory, key, page))
        return "a page fails its checksum";
    if (page_first(page) > page.size || page.data[7] != 0)
        return "a page with a bad header";
    if (page_entries(page) == 0 &&
        (page_lower_size(page) > 0 || !is_end(key.data + 4, key.size - 4)))
        return "a page without entries";
    return NULL;
}

/* The lower end of a page that passed page_fault, borrowed from it. */
static bool page_lower(struct slice page, struct slice *lower)
{
    const uint8_t *next = page.data + page_first(page);
    struct entry first;

    *lower = slice_str("");
    if (page_lower_size(page) == 0)
        return true;
    if (!term_read(&next, page.data + page.size, 0, &first) ||
        page_lower_size(page) > first.suffix.size)
        return false;
    *lower = slice_of(first.suffix.data, page_lower_size(page));
    return true;
}

/* Whether the page begins at term or before it. */
static bool page_reaches(struct slice page, struct slice term)
{
    struct slice lower;

    return page_lower(page, &lower) && slice_compare(lower, term) <= 0;
}

/* At the beginning of a page that passed page_fault. */
static void cursor_enter(struct dictionary_cursor *cursor, struct slice key, struct slice page)
{
    cursor->page = page;
    cursor->at = page_first(page);
    cursor->left = (uint32_t)page_entries(page);
    cursor->end_size = key.size - 4;
    memcpy(cursor->end, key.data + 4, key.size - 4);
}

/* Enters the page with the least upper end above term, which is below FIELD_END and has at most
 * KEY_TERM_MAX + 1 bytes. */
static enum lede_status cursor_load(struct dictionary_cursor *cursor, struct slice term,
                                    struct lede_error *err)
{
    uint8_t key[DICT_KEY_MAX + 2];
    struct slice from = slice_of(key, 4 + term.size + 1), found, page;
    const char *fault;
    enum lede_status status;

    store_be32(key, cursor->segment);
    memcpy(key + 4, term.data, term.size);
    key[4 + term.size] = 0; /* the least that is above */
    status = cursor->source->seek(cursor->source->context, from, &found, &page, err);
    if (status == LEDE_MISSING)
        return dictionary_damaged(cursor->segment, "the last page is missing", err);
    if (status != LEDE_OK)
        return status;
    if (slice_compare(found, from) < 0)
        return dictionary_damaged(cursor->segment, "pages out of order", err);
    if (found.size < 4 || load_be32(found.data) != cursor->segment)
        return dictionary_damaged(cursor->segment, "the last page is missing", err);
    fault = page_fault(cursor->source->memory, found, page);
    if (fault)
        return dictionary_damaged(cursor->segment, fault, err);
    cursor_enter(cursor, found, page);
    return LEDE_OK;
}

/* The cursor's term becomes the entry's, which ends at at. */
static void cursor_take(struct dictionary_cursor *cursor, const struct entry *entry, size_t at)
{
    memcpy(cursor->term + entry->shared, entry->suffix.data, entry->suffix.size);
    cursor->term_size = entry->shared + entry->suffix.size;
    cursor->at = at;
    cursor->left--;
}

/* Where restart number number's entry begins, if that is among the entries. */
static bool restart_read(struct slice page, size_t number, size_t *at)
{
    *at = load_le16(page.data + DICT_HEADER_SIZE + 2 * number);
    return *at >= page_first(page) && *at < page.size;
}

/* To the page's last restart whose term is <= target, or else its first; no term before it. */
static bool cursor_restart(struct dictionary_cursor *cursor, struct slice target)
{
    struct slice page = cursor->page;
    size_t low = 0, high = page_restarts(page), at;
    struct entry entry;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        const uint8_t *next;

        if (!restart_read(page, middle, &at))
            return false;
        next = page.data + at;
        if (!term_read(&next, page.data + page.size, 0, &entry))
            return false;
        if (slice_compare(entry.suffix, target) <= 0)
            low = middle;
        else
            high = middle;
    }
    cursor->left = (uint32_t)(page_entries(page) - low * DICT_RESTART);
    cursor->term_size = 0;
    return restart_read(page, low, &cursor->at);
}

static size_t common_prefix(struct slice a, struct slice b)
{
    size_t most = a.size < b.size ? a.size : b.size, size = 0;

    while (size < most && a.data[size] == b.data[size])
        size++;
    return size;
}

/* The order of the entry's term to target, *match bytes of which equal the term before (which is
 * below it): no term has to be compared from its beginning, or even known. */
static int entry_order(const struct entry *entry, struct slice target, size_t *match)
{
    struct slice rest = slice_of(target.data + *match, target.size - *match);
    size_t equal;

    if (entry->shared != *match)
        return entry->shared > *match ? -1 : 1;
    equal = common_prefix(entry->suffix, rest);
    *match += equal;
    if (equal < entry->suffix.size && equal < rest.size)
        return entry->suffix.data[equal] < rest.data[equal] ? -1 : 1;
    return (entry->suffix.size > rest.size) - (entry->suffix.size < rest.size);
}

/* Within the page that target belongs to: to just before the first term >= target, which is *entry,
 * or behind the last. False if the page is damaged. */
static bool cursor_narrow(struct dictionary_cursor *cursor, struct slice target,
                          struct entry *entry, bool *exact)
{
    size_t match = 0;

    *exact = false;
    if (cursor->left == 0)
        return true;
    if (!cursor_restart(cursor, target))
        return false;
    while (cursor->left > 0) {
        size_t at = cursor->at;
        int order;

        if (!entry_read(cursor->page, &at, cursor->term_size, entry))
            return false;
        order = entry_order(entry, target, &match);
        if (order >= 0) {
            *exact = order == 0;
            return true;
        }
        cursor_take(cursor, entry, at);
    }
    return true;
}

/* ---- the whole dictionary ---- */

enum lede_status dictionary_find(struct page_source *source, uint32_t segment, struct slice term,
                                 struct term_info *info, struct lede_error *err)
{
    struct dictionary_cursor cursor = {.source = source, .segment = segment};
    struct entry entry;
    enum lede_status status;
    bool exact;

    if (term.size == 0 || term.size > KEY_TERM_MAX || term.data[0] >= FIELD_END)
        return LEDE_MISSING;
    status = cursor_load(&cursor, term, err);
    if (status != LEDE_OK)
        return status;
    if (!cursor_narrow(&cursor, term, &entry, &exact))
        return dictionary_damaged(segment, "a page with a bad entry", err);
    if (!exact)
        return page_reaches(cursor.page, term)
                   ? LEDE_MISSING
                   : dictionary_damaged(segment, "a page is missing", err);
    *info = entry.info;
    return LEDE_OK;
}

enum lede_status dictionary_cursor_seek(struct dictionary_cursor *cursor,
                                        struct page_source *source, uint32_t segment,
                                        struct slice from, struct lede_error *err)
{
    struct entry entry;
    enum lede_status status;
    bool exact;

    memset(cursor, 0, sizeof *cursor);
    cursor->source = source;
    cursor->segment = segment;
    if (from.size == 0)
        from = slice_str("");
    else if (from.data[0] >= FIELD_END)
        return LEDE_OK;
    if (from.size > KEY_TERM_MAX + 1) /* no term is so long: the rest decides nothing */
        from.size = KEY_TERM_MAX + 1;
    status = cursor_load(cursor, from, err);
    if (status != LEDE_OK)
        return status;
    if (!page_reaches(cursor->page, from))
        status = dictionary_damaged(segment, "a page is missing", err);
    else if (!cursor_narrow(cursor, from, &entry, &exact))
        status = dictionary_damaged(segment, "a page with a bad entry", err);
    if (status != LEDE_OK)
        cursor->page = slice_of(NULL, 0);
    return status;
}

/* Whether the term read last, if any, is where it belongs: below the end of its page. */
static bool ends_below(const struct dictionary_cursor *cursor)
{
    return slice_compare(slice_of(cursor->term, cursor->term_size),
                         slice_of(cursor->end, cursor->end_size)) < 0;
}

enum lede_status dictionary_cursor_turn(struct dictionary_cursor *cursor, struct lede_error *err)
{
    struct dictionary_cursor next = *cursor;
    struct slice end = slice_of(cursor->end, cursor->end_size), lower;
    enum lede_status status;

    if (!ends_below(cursor))
        return dictionary_damaged(cursor->segment, "a page with a term of another", err);
    if (is_end(cursor->end, cursor->end_size)) {
        cursor->page = slice_of(NULL, 0);
        return LEDE_MISSING;
    }
    status = cursor_load(&next, end, err);
    if (status != LEDE_OK)
        return status;
    if (!page_lower(next.page, &lower) || !slice_equal(lower, end))
        return dictionary_damaged(cursor->segment, "a page is missing", err);
    *cursor = next;
    return LEDE_OK;
}

/* Whether the entry's term is above the one before, and shares with it what an encoder would. */
static bool entry_rises(const struct dictionary_cursor *cursor, const struct entry *entry)
{
    if (dictionary_is_restart(cursor))
        return entry->shared == 0 &&
               slice_compare(slice_of(cursor->term, cursor->term_size), entry->suffix) < 0;
    return entry->shared == cursor->term_size ||
           entry->suffix.data[0] > cursor->term[entry->shared];
}

bool dictionary_cursor_step(struct dictionary_cursor *cursor, struct entry *entry)
{
    size_t at = cursor->at;
    bool restart = dictionary_is_restart(cursor);

    if (!entry_read(cursor->page, &at, restart ? 0 : cursor->term_size, entry) ||
        !entry_rises(cursor, entry))
        return false;
    cursor_take(cursor, entry, at);
    return true;
}

bool dictionary_pass_over(uint8_t *term, size_t *size)
{
    while (*size > 1 && term[*size - 1] == UINT8_MAX)
        --*size;
    if (*size <= 1)
        return false;
    term[*size - 1]++;
    return true;
}

enum lede_status dictionary_cursor_next(struct dictionary_cursor *cursor, struct slice *term,
                                        struct term_info *info, struct lede_error *err)
{
    struct entry entry;

    if (cursor->page.size == 0)
        return LEDE_MISSING;
    if (cursor->left == 0) {
        enum lede_status status = dictionary_cursor_turn(cursor, err);

        if (status != LEDE_OK)
            return status;
    }
    if (!dictionary_cursor_step(cursor, &entry))
        return dictionary_damaged(cursor->segment, "a page with a bad entry", err);
    *term = slice_of(cursor->term, cursor->term_size);
    *info = entry.info;
    return LEDE_OK;
}

/* ---- checking ---- */

static const char *entries_fault(struct dictionary_cursor *cursor)
{
    struct slice page = cursor->page;
    struct entry entry;
    struct slice lower;
    size_t restart = DICT_HEADER_SIZE;

    if (!page_lower(page, &lower))
        return "a page with a bad lower end";
    while (cursor->left > 0) {
        if (dictionary_is_restart(cursor)) {
            if (load_le16(page.data + restart) != cursor->at)
                return "a page with a bad restart";
            restart += 2;
        }
        if (!dictionary_cursor_step(cursor, &entry))
            return "a page with a bad entry";
    }
    if (!ends_below(cursor))
        return "a page with a term of another";
    for (size_t at = cursor->at; at < page.size; at++)
        if (page.data[at] != 0)
            return "a page with bytes behind its entries";
    return NULL;
}

enum lede_status dictionary_page_check(struct slice key, struct slice page, struct lede_error *err)
{
    struct dictionary_cursor cursor = {0};
    const char *fault = page_fault(NULL, key, page);

    if (!fault) {
        cursor.segment = load_be32(key.data);
        cursor_enter(&cursor, key, page);
        fault = entries_fault(&cursor);
    }
    return fault ? dictionary_damaged(key.size < 4 ? 0 : load_be32(key.data), fault, err) : LEDE_OK;
}
