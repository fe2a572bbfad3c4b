#include "index/dictionary_starts.h"

#include "index/dictionary_needed.h"
#include "index/dictionary_starts_internal.h"

/* ---- one entry ---- */

/* Behind the entry at at, of whatever kind; the page's end: it is damaged. */
static __attribute__((noinline)) size_t pass_whole(struct slice page, size_t at)
{
    const uint8_t *next = page.data + at, *end = page.data + page.size;
    struct entry entry;

    return term_read(&next, end, KEY_TERM_MAX, &entry) && info_read(page, &next, end, &entry.info)
               ? (size_t)(next - page.data)
               : page.size;
}

/* Whether an inline list's counts may be too many, or of more than two bytes. */
static inline bool has_many_counts(struct slice page, size_t list)
{
    return (__builtin_bswap16(load_le16(page.data + list)) & 0x80e0) > 0x8000;
}

/* Behind an inline list of DICT_SIZE_MORE bytes or more; 0: it is none, or its counts are many. */
static inline size_t pass_long_list(struct slice page, size_t list)
{
    size_t more = list + 1 + (page.data[list] >= 0x80);
    size_t size = DICT_SIZE_MORE + page.data[more];

    if (page.data[list] / 2 % DICT_SIZE_MORE < DICT_SIZE_MORE - 1 || has_many_counts(page, list) ||
        page.data[more] >= 0x80 || size > INLINE_SIZE_MAX || size > page.size - more - 1)
        return 0;
    return more + 1 + size;
}

/* Behind where a list is that is not inline, whose varints have eight bytes; 0: they have more. */
static inline size_t pass_place(struct slice page, size_t list)
{
    uint64_t ends = ~load_le64(page.data + list) & 0x8080808080808080U; /* of varints */
    unsigned code = load_le16(page.data + list);
    unsigned df = (code & 0x80) == 0 ? code % 0x80 / 2 : (code / 0x100 * 0x80 + code % 0x80) / 2;

    if ((code & 0x8080) == 0x8080 || df <= INLINE_DF_MAX)
        return 0;
    ends &= ends - 1;
    ends &= ends - 1;
    if (df <= BLOCK_DOCS)
        ends &= ends - 1;
    if (ends == 0)
        return 0;
    return list + (size_t)__builtin_ctzll(ends) / 8 + 2 + (df >= PRIMED_RANK[0]) +
           (df >= PRIMED_RANK[1]) + (df >= PRIMED_RANK[2]);
}

size_t dictionary_pass_any(struct slice page, size_t at)
{
    size_t list = at + 2 + page.data[at] / 16, next = 0;

    if (at < page.size - STARTS_ROOM && is_quick(page.data[at]))
        next = page.data[list] % 2 == 0 ? pass_long_list(page, list) : pass_place(page, list);
    return next > 0 ? next : pass_whole(page, at);
}

enum { ANY = 0x80 }; /* it is none of the most common kind */

#define FIFTEEN(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define SIZES      FIFTEEN(0), ANY
#define CODES(bytes)                                                                               \
    (bytes) + 1, ANY, (bytes) + 2, ANY, (bytes) + 3, ANY, (bytes) + 4, ANY, (bytes) + 5, ANY,      \
        (bytes) + 6, ANY, (bytes) + 7, ANY, (bytes) + 8, ANY, (bytes) + 9, ANY, (bytes) + 10, ANY, \
        (bytes) + 11, ANY, (bytes) + 12, ANY, (bytes) + 13, ANY, (bytes) + 14, ANY, (bytes) + 15,  \
        ANY, ANY, ANY

/* By the byte of an entry's sizes: whether varints of them follow. */
static const uint8_t SIZES_KIND[256] = {FIFTEEN(SIZES), FIFTEEN(ANY), ANY};

/* By the first byte of an inline list's counts: the bytes of these, of which there are one or two,
 * and of the list, of which there are less than DICT_SIZE_MORE. */
static const uint8_t CODE_SIZE[256] = {CODES(1), CODES(1), CODES(1), CODES(1),
                                       CODES(2), CODES(2), CODES(2), CODES(2)};

/* Behind the entry at at, which begins before last; of a damaged one the page's end. Most are told
 * by few bytes and one branch: neither varints of sizes nor counts that might be too many. */
static inline size_t pass(struct slice page, size_t at, size_t last)
{
    size_t list;
    unsigned kind;

    if (at >= last)
        return at;
    list = at + 2 + page.data[at] / 16;
    kind = CODE_SIZE[page.data[list]] + SIZES_KIND[page.data[at]];
    if (__builtin_expect((kind >= ANY) | has_many_counts(page, list), false))
        return dictionary_pass_any(page, at);
    return list + kind;
}

/* ---- runs of them ---- */

/* Follows count entries from at on. Returns how many these are. */
static size_t follow_one(struct slice page, size_t at, size_t count, uint16_t *starts)
{
    for (size_t i = 0; i < count; i++) {
        starts[i] = (uint16_t)at;
        at = pass(page, at, page.size - STARTS_ROOM);
    }
    starts[count] = (uint16_t)at;
    return count;
}

size_t dictionary_starts_join(struct dictionary_starts *starts, const size_t begins[STARTS_RUNS],
                              const size_t ends[STARTS_RUNS])
{
    size_t run = 0;

    while (run + 1 < STARTS_RUNS && ends[run] == begins[run + 1])
        run++;
    starts->at[(run + 1) * DICT_RESTART] = (uint16_t)ends[run];
    return (run + 1) * DICT_RESTART;
}

/* Follows the runs from a restart on, whose entry is at at. Returns how many entries of them are
 * one chain. */
static size_t follow_runs(struct dictionary_starts *starts, struct slice page, size_t at,
                          size_t restart)
{
    const size_t last = page.size - STARTS_ROOM;
    const size_t begins[STARTS_RUNS] = {at, restart_at(page, restart + 1),
                                        restart_at(page, restart + 2),
                                        restart_at(page, restart + 3)};
    size_t ends[STARTS_RUNS] = {begins[0], begins[1], begins[2], begins[3]};

    for (size_t i = 0; i < DICT_RESTART; i++) {
        starts->at[i] = (uint16_t)ends[0];
        starts->at[DICT_RESTART + i] = (uint16_t)ends[1];
        starts->at[2 * DICT_RESTART + i] = (uint16_t)ends[2];
        starts->at[3 * DICT_RESTART + i] = (uint16_t)ends[3];
        ends[0] = pass(page, ends[0], last);
        ends[1] = pass(page, ends[1], last);
        ends[2] = pass(page, ends[2], last);
        ends[3] = pass(page, ends[3], last);
    }
    return dictionary_starts_join(starts, begins, ends);
}

void dictionary_starts_keep(struct dictionary_starts *starts,
                            const struct dictionary_cursor *cursor, size_t count, size_t last)
{
    struct slice page = cursor->page;

    if (count > cursor->left)
        count = cursor->left;
    while (count > 0 && (starts->at[count - 1] >= last || starts->at[count] == page.size))
        count--;
    for (size_t i = 0; starts->into == 0 && i < count; i += DICT_RESTART)
        if (page.data[starts->at[i]] % 16 != 0)
            count = i;
    starts->count = (uint32_t)count;
}

/* ---- candidates ---- */

/* Of one entry at least. */
static inline __attribute__((always_inline)) uint64_t
candidates_needing(const struct dictionary_starts *starts, const uint8_t *page,
                   const struct needed_bytes *needed, enum need need)
{
    uint64_t candidates = 0;

    for (uint32_t i = 0; i < starts->count; i++) {
        const uint8_t *at = page + starts->at[i];
        unsigned may = needed_follows(needed, need, at + 1, *at / 16 + 1U);

        candidates = candidates >> 1 | (uint64_t)(may | !is_quick(*at)) << 63;
    }
    return candidates >> (STARTS_MAX - starts->count);
}

/* A loop for each need. */
static uint64_t candidates_of(const struct dictionary_starts *starts, const uint8_t *page,
                              const struct needed_bytes *needed)
{
    switch (needed->need) {
    case NEED_NOTHING:
        return ~0ULL >> (STARTS_MAX - starts->count);
    case NEED_LAST:
        return candidates_needing(starts, page, needed, NEED_LAST);
    case NEED_WITHIN:
        return candidates_needing(starts, page, needed, NEED_WITHIN);
    case NEED_GAP:
        break;
    }
    return candidates_needing(starts, page, needed, NEED_GAP);
}

/* ---- both ---- */

static void find_portable(struct dictionary_starts *starts, const struct dictionary_cursor *cursor,
                          const struct needed_bytes *needed)
{
    struct slice page = cursor->page;
    size_t read = page_entries(page) - cursor->left, into = read % DICT_RESTART;
    size_t last = page.size - STARTS_ROOM, count;

    starts->count = starts->next = 0;
    starts->into = (uint32_t)into;
    if (cursor->at >= last)
        return;
    count = into > 0 ? follow_one(page, cursor->at, DICT_RESTART - into, starts->at)
                     : follow_runs(starts, page, cursor->at, read / DICT_RESTART);
    dictionary_starts_keep(starts, cursor, count, last);
    if (starts->count > 0)
        starts->candidates = candidates_of(starts, page.data, needed);
}

dictionary_starts_find *dictionary_starts_finder(enum cpu_level level)
{
#if defined(__x86_64__)
    if (level == CPU_AVX512)
        return dictionary_starts_find_avx512;
#endif
    (void)level;
    return find_portable;
}
