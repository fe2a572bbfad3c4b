/* Decoding with SSE4.1: two times four values at a time. There is no shift of each lane by its own
 * count, so a multiplication moves every field to bit 7 and one shift brings all down; that
 * leaves room for 25 bits. */
#include "index/pack_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define KERNEL static inline __attribute__((target("sse4.1,ssse3,popcnt")))

enum { WIDTH_MAX = 25 }; /* of a field that shares its first byte with 7 other bits */

struct quad_plan {      /* how to take four fields apart that begin at bit `into` of a byte */
    __m128i index;      /* bytes of each lane */
    __m128i multiplier; /* 1 << (7 - first bit in the lane) */
};

KERNEL struct quad_plan plan_quad(unsigned width, unsigned into)
{
    const __m128i spread = _mm_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    __m128i bits =
        _mm_add_epi32(_mm_mullo_epi16(_mm_setr_epi32(0, 1, 2, 3), _mm_set1_epi32((int)width)),
                      _mm_set1_epi32((int)into));
    /* 1 << (7 - s) for s = 0 .. 7, in the low byte of each lane */
    const __m128i powers = _mm_setr_epi8((char)128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    struct quad_plan plan;

    plan.index =
        _mm_add_epi8(_mm_shuffle_epi8(_mm_srli_epi32(bits, 3), spread), _mm_set1_epi32(0x03020100));
    plan.multiplier = _mm_and_si128(
        _mm_shuffle_epi8(powers, _mm_and_si128(bits, _mm_set1_epi32(7))), _mm_set1_epi32(0xff));
    return plan;
}

KERNEL __m128i take_quad(const uint8_t *in, const struct quad_plan *plan, __m128i mask)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)in);
    __m128i lanes = _mm_shuffle_epi8(bytes, plan->index);

    return _mm_and_si128(_mm_srli_epi32(_mm_mullo_epi32(lanes, plan->multiplier), 7), mask);
}

/* Running sums of the lanes of value + 1, on top of *sum, which then holds the last in all lanes.
 */
KERNEL __m128i sum_quad(__m128i value, __m128i *sum)
{
    value = _mm_add_epi32(value, _mm_set1_epi32(1));
    value = _mm_add_epi32(value, _mm_slli_si128(value, 4));
    value = _mm_add_epi32(value, _mm_slli_si128(value, 8));
    value = _mm_add_epi32(value, *sum);
    *sum = _mm_shuffle_epi32(value, 0xff);
    return value;
}

KERNEL void store_quad(uint32_t *out, __m128i value)
{
    _mm_storeu_si128((__m128i *)(void *)out, value);
}

KERNEL void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t add, uint32_t *out)
{
    __m128i mask = _mm_set1_epi32((int)((1U << (width & 31)) - 1)), plus = _mm_set1_epi32((int)add);
    struct quad_plan low = plan_quad(width, 0), high = plan_quad(width, width % 2 * 4);

    if (width > WIDTH_MAX) {
        pack_kernels_portable.unpack(in, n, width, add, out);
        return;
    }
    for (size_t i = 0; i < n; i += 8, in += width) {
        store_quad(out + i, _mm_add_epi32(take_quad(in, &low, mask), plus));
        store_quad(out + i + 4, _mm_add_epi32(take_quad(in + width / 2, &high, mask), plus));
    }
}

KERNEL void unpack_rising(const uint8_t *in, size_t n, unsigned width, uint32_t before,
                          uint32_t *out)
{
    __m128i mask = _mm_set1_epi32((int)((1U << (width & 31)) - 1));
    __m128i sum = _mm_set1_epi32((int)before);
    struct quad_plan low = plan_quad(width, 0), high = plan_quad(width, width % 2 * 4);

    if (width > WIDTH_MAX) {
        pack_kernels_portable.unpack_rising(in, n, width, before, out);
        return;
    }
    for (size_t i = 0; i < n; i += 8, in += width) {
        store_quad(out + i, sum_quad(take_quad(in, &low, mask), &sum));
        store_quad(out + i + 4, sum_quad(take_quad(in + width / 2, &high, mask), &sum));
    }
}

KERNEL void sum_rising(uint32_t *values, size_t n, uint32_t before)
{
    __m128i sum = _mm_set1_epi32((int)before);

    for (size_t i = 0; i < n; i += 4)
        store_quad(values + i,
                   sum_quad(_mm_loadu_si128((const __m128i *)(void *)(values + i)), &sum));
}

/* The places of the set bits of four. */
static const uint8_t PLACES[16][4] = {{0},    {0},       {1},       {0, 1},      {2},    {0, 2},
                                      {1, 2}, {0, 1, 2}, {3},       {0, 3},      {1, 3}, {0, 1, 3},
                                      {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3}};

KERNEL size_t expand_word(uint64_t bits, uint32_t first, uint32_t *out)
{
    size_t count = 0;

    for (; bits; bits >>= 4, first += 4) {
        __m128i places = _mm_cvtepu8_epi32(_mm_cvtsi32_si128((int)load_le32(PLACES[bits & 15])));

        store_quad(out + count, _mm_add_epi32(places, _mm_set1_epi32((int)first)));
        count += (size_t)_mm_popcnt_u32((unsigned)bits & 15);
    }
    return count;
}

KERNEL bool expand(const uint8_t *in, size_t span, uint32_t first, size_t n, uint32_t *out)
{
    size_t count = 0;

    for (size_t at = 0; at < span; at += 64) {
        uint64_t bits = load_le64(in + at / 8);

        if (span - at < 64)
            bits &= (1ULL << (span - at)) - 1;
        if (count + (size_t)_mm_popcnt_u64(bits) > n)
            return false;
        count += expand_word(bits, first + (uint32_t)at, out + count);
    }
    return count == n;
}

KERNEL void patch(uint32_t *values, size_t n, const uint64_t *mask, unsigned width,
                  const uint32_t *highs)
{
    for (size_t at = 0; at < n; at += 64)
        for (uint64_t bits = mask[at / 64]; bits; bits &= bits - 1)
            values[at + (size_t)__builtin_ctzll(bits)] += (*highs++ + 1) << width;
}

const struct pack_kernels pack_kernels_sse4 = {
    unpack, unpack_rising,        sum_rising,    expand,
    patch,  pack_widths_portable, pack_portable, pack_split_portable};

#endif
