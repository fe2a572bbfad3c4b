/* dictionary_internal.h -- between the files that read dictionaries: what an entry's bytes say, and
 * a cursor's steps. */
#ifndef LEDE_INDEX_DICTIONARY_INTERNAL_H
#define LEDE_INDEX_DICTIONARY_INTERNAL_H

#include "index/dictionary.h"

struct entry {
    size_t shared; /* with the term before */
    struct slice suffix;
    struct term_info info;
};

static inline size_t page_entries(struct slice page)
{
    return load_le16(page.data + 4);
}

static inline size_t page_restarts(struct slice page)
{
    return (page_entries(page) + DICT_RESTART - 1) / DICT_RESTART;
}

/* ---- one entry ---- */

/* varint_get, quick for the one byte that most are. */
static inline bool number_get(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    if (*at < end && **at < 0x80) {
        *value = *(*at)++;
        return true;
    }
    return varint_get(at, end, value);
}

/* The list itself: of size bytes, or, if that is DICT_SIZE_MORE, of as many more as follow. */
static inline bool inlined_read(const uint8_t **at, const uint8_t *end, uint64_t size,
                                struct term_info *info)
{
    uint64_t more = 0;

    if (size == DICT_SIZE_MORE && (!number_get(at, end, &more) || more > INLINE_SIZE_MAX))
        return false;
    size += more;
    if (size > INLINE_SIZE_MAX || size > (size_t)(end - *at))
        return false;
    info->inlined = slice_of(*at, (size_t)size);
    info->skip = info->block = info->positions = 0;
    info->bound = UINT8_MAX;
    memset(info->primed, 0, sizeof info->primed);
    *at += size;
    return true;
}

/* Where the list is: of one block, counted from the page's bases. */
static inline bool place_read(struct slice page, const uint8_t **at, const uint8_t *end,
                              struct term_info *info)
{
    info->skip = info->block = info->positions = 0;
    if (!posting_is_single(info->df, info->total_tf))
        return number_get(at, end, &info->skip);
    if (!number_get(at, end, &info->block) || !number_get(at, end, &info->positions))
        return false;
    info->block += load_le64(page.data + 8);
    info->positions += load_le64(page.data + 16);
    return true;
}

static inline bool blocked_read(struct slice page, const uint8_t **at, const uint8_t *end,
                                struct term_info *info)
{
    size_t primed = 0;

    info->inlined = slice_of(NULL, 0);
    while (primed < PRIMED_COUNT && PRIMED_RANK[primed] <= info->df)
        primed++;
    if (!place_read(page, at, end, info) || (size_t)(end - *at) < 1 + primed)
        return false;
    info->bound = *(*at)++;
    for (size_t i = 0; i < PRIMED_COUNT; i++)
        info->primed[i] = i < primed ? *(*at)++ : 0;
    return true;
}

static inline bool info_read(struct slice page, const uint8_t **at, const uint8_t *end,
                             struct term_info *info)
{
    uint64_t code, counts, df, more;
    bool is_inline;

    if (!number_get(at, end, &code))
        return false;
    is_inline = code % 2 == 0;
    counts = code / 2 / DICT_SIZE_MORE;
    df = is_inline ? counts % INLINE_DF_MAX + 1 : code / 2;
    more = counts / INLINE_DF_MAX;
    if (df == 0 || df > DOCS_MAX || (!is_inline && !number_get(at, end, &more)) ||
        more > UINT64_MAX - df)
        return false;
    info->df = (uint32_t)df;
    info->total_tf = df + more;
    if (posting_is_inline(info->df, info->total_tf) != is_inline)
        return false;
    return is_inline ? inlined_read(at, end, code / 2 % DICT_SIZE_MORE + 1, info)
                     : blocked_read(page, at, end, info);
}

/* Reads what an entry says of its term, which follows one of before bytes. */
static inline bool term_read(const uint8_t **at, const uint8_t *end, size_t before,
                             struct entry *entry)
{
    uint64_t shared, follow, more = 0;
    uint8_t sizes;

    if (*at == end)
        return false;
    sizes = *(*at)++;
    shared = sizes % 16;
    follow = sizes / 16 + 1U;
    if (shared == 15) {
        if (!number_get(at, end, &more) || more > KEY_TERM_MAX)
            return false;
        shared += more;
    }
    if (follow == 16) {
        if (!number_get(at, end, &more) || more > KEY_TERM_MAX)
            return false;
        follow += more;
    }
    if (shared > before || follow + shared > KEY_TERM_MAX || follow > (size_t)(end - *at))
        return false;
    entry->shared = (size_t)shared;
    entry->suffix = slice_of(*at, (size_t)follow);
    *at += follow;
    return true;
}

/* ---- a cursor ---- */

enum lede_status dictionary_damaged(uint32_t segment, const char *what, struct lede_error *err);

/* Whether the next entry begins anew, sharing nothing. */
static inline bool dictionary_is_restart(const struct dictionary_cursor *cursor)
{
    return (page_entries(cursor->page) - cursor->left) % DICT_RESTART == 0;
}

/* Enters the page behind the current one, which is read: its end is where the next one begins.
 * LEDE_MISSING, err untouched: there is none. */
enum lede_status dictionary_cursor_turn(struct dictionary_cursor *cursor, struct lede_error *err);

/* Reads the next entry of the page, which has one; nothing moves if it is damaged. */
bool dictionary_cursor_step(struct dictionary_cursor *cursor, struct entry *entry);

#endif
