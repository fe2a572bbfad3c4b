/* Starts with AVX-512: of 64 bytes at once it is told what an entry would be that began at each, so
 * that a chain of entries is one of single loads. */
#include "index/dictionary_starts_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "index/dictionary_needed.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,bmi2")))
#define KERNEL static inline __attribute__((always_inline)) TARGET

enum {
    MAY = 0x80, /* an entry that begins at this byte is a candidate; else, its bytes, or, if it is
                 * not one of the most common ones, 0 */
    SIZE = 0x7f,
    STEP = 64,
    LIST_MORE = 12 /* so that an entry that may be read has no more than STARTS_ROOM bytes */
};

/* Of bytes of a page, what an entry is that begins there, and where what is needed may begin. */
struct told {
    uint8_t entries[DICT_PAGE_SIZE + STEP];
    uint64_t needed[DICT_PAGE_SIZE / STEP + 2]; /* of each step */
    size_t from, end;                           /* the bytes; they are told in steps from from */
};

/* ---- 64 bytes ---- */

/* They, and those behind them, as far as the page has them; else zeros. */
struct window {
    __m512i here, next, high; /* high: the upper four bits of each of here */
};

KERNEL __m512i load(struct slice page, size_t at)
{
    size_t left = at < page.size ? page.size - at : 0;

    if (left >= STEP)
        return _mm512_loadu_si512(page.data + at);
    return _mm512_maskz_loadu_epi8((1ULL << left) - 1, page.data + page.size - left);
}

/* The byte that stands, behind each, so many bytes further than its upper four bits say. */
KERNEL __m512i behind(const struct window *window, int further)
{
    static const uint8_t lanes[STEP] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    __m512i place = _mm512_add_epi8(_mm512_loadu_si512(lanes), _mm512_set1_epi8((char)further));

    return _mm512_permutex2var_epi8(window->here, _mm512_add_epi8(place, window->high),
                                    window->next);
}

/* The lower four bits of each. */
KERNEL __m512i low_bits(__m512i bytes)
{
    return _mm512_and_si512(bytes, _mm512_set1_epi8(15));
}

KERNEL __mmask64 equal(__m512i bytes, int byte)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)byte));
}

/* Which would have varints of sizes. */
KERNEL __mmask64 long_ones(const struct window *window)
{
    return equal(low_bits(window->here), 15) | equal(window->high, 15);
}

/* The size of an entry that begins at each; 0: it is not one of the most common ones. Those have an
 * inline list of one or two bytes of counts, and at most LIST_MORE bytes more than those of which
 * the counts tell the size. */
KERNEL __m512i sizes_of(const struct window *window, __mmask64 too_long)
{
    __m512i code = behind(window, 2), after = behind(window, 3),
            list = low_bits(_mm512_srli_epi16(code, 1));
    __mmask64 two = _mm512_movepi8_mask(code); /* bytes, the code has */
    __mmask64 more = equal(list, DICT_SIZE_MORE - 1);
    __m512i rest = _mm512_mask_mov_epi8(after, two, behind(window, 4));
    __mmask64 others = too_long | _mm512_test_epi8_mask(code, _mm512_set1_epi8(1)) |
                       _mm512_mask_test_epi8_mask(two, after, _mm512_set1_epi8((char)0xe0)) |
                       _mm512_mask_cmpgt_epu8_mask(more, rest, _mm512_set1_epi8(LIST_MORE));
    __m512i size;

    size = _mm512_add_epi8(_mm512_add_epi8(window->high, list), _mm512_set1_epi8(4));
    size = _mm512_mask_add_epi8(size, two, size, _mm512_set1_epi8(1));
    size = _mm512_mask_add_epi8(size, more, size, _mm512_add_epi8(rest, _mm512_set1_epi8(1)));
    return _mm512_maskz_mov_epi8(~others, size);
}

/* What is needed, where it is known which and how many bytes. */
struct sought {
    enum need need;
    unsigned size;
    __m512i bytes[NEEDED_MAX];
};

/* Whether a term has, so many bytes before its last one, what it needs there, or shares it. */
KERNEL __mmask64 ends_there(const struct window *window, const struct sought *sought, unsigned back)
{
    return _mm512_cmplt_epu8_mask(window->high, _mm512_set1_epi8((char)back)) |
           _mm512_cmpeq_epi8_mask(behind(window, 1 - (int)back),
                                  sought->bytes[sought->size - 1 - back]);
}

/* Whether it has them as its last ones. */
KERNEL __mmask64 ends_needed(const struct window *window, const struct sought *sought)
{
    __mmask64 may = ends_there(window, sought, 0);

    if (sought->size >= 2)
        may &= ends_there(window, sought, 1);
    if (sought->size >= 3)
        may &= ends_there(window, sought, 2);
    return may;
}

KERNEL __mmask64 is_second(__m512i bytes, const struct sought *sought)
{
    return sought->need == NEED_GAP ? ~0ULL : _mm512_cmpeq_epi8_mask(bytes, sought->bytes[1]);
}

KERNEL __mmask64 is_third(__m512i bytes, const struct sought *sought)
{
    return _mm512_cmpeq_epi8_mask(bytes, sought->bytes[2]) |
           (sought->need == NEED_GAP ? _mm512_movepi8_mask(bytes) : 0);
}

/* Which entries they may straddle, if they are looked for within a term; and where they begin. */
KERNEL __mmask64 straddled(const struct window *window, struct slice page, size_t at,
                           const struct sought *sought, uint64_t *begins)
{
    __m512i first = load(page, at + 1), second = load(page, at + 2);
    __mmask64 pair = ~0ULL;

    *begins = _mm512_cmpeq_epi8_mask(window->here, sought->bytes[0]);
    if (sought->size == 1)
        return 0;
    if (sought->size == 3)
        pair = is_third(second, sought);
    pair &= is_second(first, sought);
    *begins &= pair;
    return sought->size == 3 ? pair | is_third(first, sought) : pair;
}

KERNEL void tell_needing(struct told *told, struct slice page, const struct needed_bytes *needed,
                         enum need need, unsigned size)
{
    struct sought sought = {.need = need, .size = size};

    for (unsigned i = 0; i < size; i++)
        sought.bytes[i] = _mm512_set1_epi8((char)needed->bytes[i][0]);
    for (size_t at = told->from, step = 0; at < told->end; at += STEP, step++) {
        struct window window = {load(page, at), load(page, at + STEP), _mm512_setzero_si512()};
        __mmask64 too_long, may;
        __m512i sizes;

        window.high = low_bits(_mm512_srli_epi16(window.here, 4));
        may = too_long = long_ones(&window);
        sizes = sizes_of(&window, too_long);
        if (need == NEED_LAST)
            may |= ends_needed(&window, &sought);
        else if (need != NEED_NOTHING)
            may |= straddled(&window, page, at, &sought, &told->needed[step]);
        sizes = _mm512_mask_add_epi8(sizes, may, sizes, _mm512_set1_epi8((char)MAY));
        _mm512_storeu_si512(told->entries + at, sizes);
    }
}

/* A loop for each need and size. */
KERNEL void tell(struct told *told, struct slice page, const struct needed_bytes *needed)
{
    if (needed->need == NEED_NOTHING)
        tell_needing(told, page, needed, NEED_NOTHING, 0);
    else if (needed->need == NEED_GAP)
        tell_needing(told, page, needed, NEED_GAP, 3);
    else if (needed->need == NEED_LAST && needed->size == 1)
        tell_needing(told, page, needed, NEED_LAST, 1);
    else if (needed->need == NEED_LAST && needed->size == 2)
        tell_needing(told, page, needed, NEED_LAST, 2);
    else if (needed->need == NEED_LAST)
        tell_needing(told, page, needed, NEED_LAST, 3);
    else if (needed->size == 1)
        tell_needing(told, page, needed, NEED_WITHIN, 1);
    else if (needed->size == 2)
        tell_needing(told, page, needed, NEED_WITHIN, 2);
    else
        tell_needing(told, page, needed, NEED_WITHIN, 3);
}

/* ---- chains ---- */

/* Behind the entry at at, if that is before last; *entry is what was told of it. */
KERNEL size_t pass(const struct told *told, struct slice page, size_t at, size_t last,
                   uint8_t *entry)
{
    if (at >= last)
        return at;
    *entry = told->entries[at];
    if (__builtin_expect((*entry & SIZE) == 0, 0))
        return dictionary_pass_any(page, at);
    return at + (*entry & SIZE);
}

KERNEL size_t follow_one(struct dictionary_starts *starts, const struct told *told,
                         struct slice page, size_t last, uint8_t *entries)
{
    size_t count = DICT_RESTART - starts->into, at = told->from;

    for (size_t i = 0; i < count; i++) {
        starts->at[i] = (uint16_t)at;
        at = pass(told, page, at, last, entries + i);
    }
    starts->at[count] = (uint16_t)at;
    return count;
}

KERNEL size_t follow_runs(struct dictionary_starts *starts, const struct told *told,
                          struct slice page, size_t last, const size_t begins[STARTS_RUNS],
                          uint8_t *entries)
{
    size_t a = begins[0], b = begins[1], c = begins[2], d = begins[3];

    for (size_t i = 0; i < DICT_RESTART; i++) {
        starts->at[i] = (uint16_t)a;
        starts->at[DICT_RESTART + i] = (uint16_t)b;
        starts->at[2 * DICT_RESTART + i] = (uint16_t)c;
        starts->at[3 * DICT_RESTART + i] = (uint16_t)d;
        a = pass(told, page, a, last, entries + i);
        b = pass(told, page, b, last, entries + DICT_RESTART + i);
        c = pass(told, page, c, last, entries + 2 * DICT_RESTART + i);
        d = pass(told, page, d, last, entries + 3 * DICT_RESTART + i);
    }
    return dictionary_starts_join(starts, begins, (const size_t[STARTS_RUNS]){a, b, c, d});
}

/* ---- candidates ---- */

/* Adds the entries among what follows in which what is needed begins and ends. */
static void add_within(struct dictionary_starts *starts, const struct told *told,
                       const uint8_t *page, const struct needed_bytes *needed)
{
    size_t steps = (told->end - told->from + STEP - 1) / STEP, i = 0;

    for (size_t step = 0; step < steps; step++)
        for (uint64_t bits = told->needed[step]; bits != 0; bits &= bits - 1) {
            size_t at = told->from + step * STEP + (size_t)__builtin_ctzll(bits);

            while (i + 1 < starts->count && starts->at[i + 1] < at)
                i++;
            if (at > starts->at[i] &&
                at + needed->size <= starts->at[i] + 2U + page[starts->at[i]] / 16)
                starts->candidates |= 1ULL << i;
        }
}

TARGET void dictionary_starts_find_avx512(struct dictionary_starts *starts,
                                          const struct dictionary_cursor *cursor,
                                          const struct needed_bytes *needed)
{
    const struct slice page = cursor->page;
    size_t read = page_entries(page) - cursor->left, restart = read / DICT_RESTART;
    size_t begins[STARTS_RUNS + 1] = {cursor->at}, last = page.size - STARTS_ROOM, count;
    uint8_t entries[STARTS_MAX] = {0};
    struct told told;

    starts->count = starts->next = 0;
    starts->into = (uint32_t)(read % DICT_RESTART);
    if (cursor->at >= last)
        return;
    for (size_t i = 1; i <= STARTS_RUNS; i++)
        begins[i] = restart_at(page, restart + i);
    told.from = cursor->at;
    told.end = starts->into > 0 ? begins[1] : begins[STARTS_RUNS];
    if (told.end <= told.from)
        told.end = page.size;
    for (size_t i = 1; i < STARTS_RUNS; i++)
        if (begins[i] < told.from || begins[i] >= told.end)
            begins[i] = page.size;
    last = last < told.end ? last : told.end;
    tell(&told, page, needed);
    count = starts->into > 0 ? follow_one(starts, &told, page, last, entries)
                             : follow_runs(starts, &told, page, last, begins, entries);
    dictionary_starts_keep(starts, cursor, count, last);
    if (starts->count == 0)
        return;
    starts->candidates =
        needed->need == NEED_NOTHING ? ~0ULL : _mm512_movepi8_mask(_mm512_loadu_si512(entries));
    starts->candidates &= ~0ULL >> (STARTS_MAX - starts->count);
    if (needed->need >= NEED_WITHIN)
        add_within(starts, &told, page.data, needed);
}

#endif
