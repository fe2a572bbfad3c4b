/* window.h -- the 4,096 documents that matchers look at together.
 *
 * Documents of a window are named by their place in it, from 0; a set of them is WINDOW_WORDS
 * words of bits, place p being bit p % 64 of word p / 64. Bits behind the segment's last document
 * are never set. */
#ifndef LEDE_QUERY_WINDOW_H
#define LEDE_QUERY_WINDOW_H

#include "index/format.h"
#include "base/bytes.h"

enum { WINDOW_WORDS = WINDOW_DOCS / 64 };

struct window {
    doc_id base;           /* its first document, a multiple of WINDOW_DOCS */
    uint32_t size;         /* documents in it; less than WINDOW_DOCS at a segment's end */
    const uint8_t *norms;  /* their length codes, in the map */
    const float *inverses; /* 1 / K of each, where they were worth computing; else NULL */
};

static inline void bits_clear(uint64_t *bits)
{
    memset(bits, 0, WINDOW_WORDS * sizeof *bits);
}

/* The first size bits. */
static inline void bits_fill(uint64_t *bits, uint32_t size)
{
    for (uint32_t i = 0; i < WINDOW_WORDS; i++)
        bits[i] = size >= 64 * (i + 1) ? UINT64_MAX
                  : size > 64 * i      ? UINT64_MAX >> (64 * (i + 1) - size)
                                       : 0;
}

static inline void bits_set(uint64_t *bits, uint32_t place)
{
    bits[place / 64] |= 1ULL << (place % 64);
}

static inline void bits_reset(uint64_t *bits, uint32_t place)
{
    bits[place / 64] &= ~(1ULL << (place % 64));
}

static inline bool bits_have(const uint64_t *bits, uint32_t place)
{
    return bits[place / 64] >> (place % 64) & 1;
}

static inline void bits_and(uint64_t *bits, const uint64_t *other)
{
    for (uint32_t i = 0; i < WINDOW_WORDS; i++)
        bits[i] &= other[i];
}

static inline void bits_and_not(uint64_t *bits, const uint64_t *other)
{
    for (uint32_t i = 0; i < WINDOW_WORDS; i++)
        bits[i] &= ~other[i];
}

static inline void bits_or(uint64_t *bits, const uint64_t *other)
{
    for (uint32_t i = 0; i < WINDOW_WORDS; i++)
        bits[i] |= other[i];
}

static inline bool bits_any(const uint64_t *bits)
{
    uint64_t any = 0;

    for (uint32_t i = 0; i < WINDOW_WORDS; i++)
        any |= bits[i];
    return any != 0;
}

static inline uint32_t bits_count(const uint64_t *bits)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < WINDOW_WORDS; i++)
        count += bits_in(bits[i]);
    return count;
}

/* Sets the bits from place on that are set among the count bits from number from on of other, of
 * which up to 8 bytes more may be read. */
static inline void bits_add(uint64_t *bits, uint32_t place, const uint8_t *other, uint32_t from,
                            uint32_t count)
{
    for (uint32_t step; count > 0; place += step, from += step, count -= step) {
        uint64_t some = load_le64(other + from / 8) >> from % 8;

        step = 64 - from % 8;
        step = step < 64 - place % 64 ? step : 64 - place % 64;
        step = step < count ? step : count;
        bits[place / 64] |= (step < 64 ? some & ((1ULL << step) - 1) : some) << place % 64;
    }
}

/* The set ones of the first count bits, which up to 8 bytes may follow. */
static inline uint32_t bits_among(const uint8_t *bits, uint32_t count)
{
    uint32_t set = 0;

    for (uint32_t at = 0; at < count; at += 64) {
        uint64_t some = load_le64(bits + at / 8);

        if (count - at < 64)
            some &= (1ULL << (count - at)) - 1;
        set += bits_in(some);
    }
    return set;
}

/* Makes the sums 0 of the places that are set in bits, but not in kept. */
static inline void bits_forget(double *sums, const uint64_t *bits, const uint64_t *kept)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++)
        for (uint64_t left = bits[word] & ~kept[word]; left; left &= left - 1)
            sums[64 * word + (uint32_t)__builtin_ctzll(left)] = 0;
}

/* The first set place >= place, or WINDOW_DOCS. */
static inline uint32_t bits_next(const uint64_t *bits, uint32_t place)
{
    uint32_t word = place / 64;
    uint64_t left;

    if (place >= WINDOW_DOCS)
        return WINDOW_DOCS;
    left = bits[word] & UINT64_MAX << (place % 64);
    while (left == 0)
        if (++word == WINDOW_WORDS)
            return WINDOW_DOCS;
        else
            left = bits[word];
    return word * 64 + (uint32_t)__builtin_ctzll(left);
}

#endif
