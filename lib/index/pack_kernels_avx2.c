/* Decoding with AVX2: eight values at a time, four from each of two loads, because a byte shuffle
 * stays within its half of the register. */
#include "index/pack_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define KERNEL static inline __attribute__((target("avx2,bmi,bmi2,popcnt")))

enum {
    WIDTH_MAX = 25, /* of a field that shares its first byte with 7 other bits */
    FEW = 16        /* of 64 values: exceptions that are patched faster one by one */
};

struct plan {
    __m256i index, shift, mask; /* bytes of each lane, its first bit, its bits */
    size_t high;                /* bytes from the first value to the one that holds the fifth */
};

KERNEL struct plan plan_width(unsigned width)
{
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 0,
                                            0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    int into = (int)(width % 2 * 4);
    __m256i bits = _mm256_add_epi32(_mm256_mullo_epi16(_mm256_setr_epi32(0, 1, 2, 3, 0, 1, 2, 3),
                                                       _mm256_set1_epi32((int)width)),
                                    _mm256_setr_epi32(0, 0, 0, 0, into, into, into, into));
    struct plan plan;

    plan.index = _mm256_add_epi8(_mm256_shuffle_epi8(_mm256_srli_epi32(bits, 3), spread),
                                 _mm256_set1_epi32(0x03020100));
    plan.shift = _mm256_and_si256(bits, _mm256_set1_epi32(7));
    plan.mask = _mm256_set1_epi32((int)((1U << (width & 31)) - 1));
    plan.high = width / 2;
    return plan;
}

KERNEL __m256i take(const uint8_t *in, const struct plan *plan)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)in);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(in + plan->high));
    __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);

    return _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(bytes, plan->index), plan->shift),
                            plan->mask);
}

/* Running sums of the lanes of value + 1, on top of *sum, which then holds the last in all lanes.
 */
KERNEL __m256i sum_lanes(__m256i value, __m256i *sum)
{
    __m256i low, lanes;

    value = _mm256_add_epi32(value, _mm256_set1_epi32(1));
    value = _mm256_add_epi32(value, _mm256_slli_si256(value, 4));
    value = _mm256_add_epi32(value, _mm256_slli_si256(value, 8));
    low = _mm256_permute2x128_si256(value, value, 0x08); /* zero, low half */
    value = _mm256_add_epi32(value, _mm256_shuffle_epi32(low, 0xff));
    lanes = _mm256_add_epi32(value, *sum);
    *sum = _mm256_add_epi32(*sum, _mm256_permutevar8x32_epi32(value, _mm256_set1_epi32(7)));
    return lanes;
}

KERNEL void store(uint32_t *out, __m256i value)
{
    _mm256_storeu_si256((__m256i *)(void *)out, value);
}

KERNEL void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t add, uint32_t *out)
{
    struct plan plan = plan_width(width);
    __m256i plus = _mm256_set1_epi32((int)add);

    if (width > WIDTH_MAX) {
        pack_kernels_portable.unpack(in, n, width, add, out);
        return;
    }
    for (size_t i = 0; i < n; i += 8, in += width)
        store(out + i, _mm256_add_epi32(take(in, &plan), plus));
}

KERNEL void unpack_rising(const uint8_t *in, size_t n, unsigned width, uint32_t before,
                          uint32_t *out)
{
    struct plan plan = plan_width(width);
    __m256i sum = _mm256_set1_epi32((int)before);

    if (width > WIDTH_MAX) {
        pack_kernels_portable.unpack_rising(in, n, width, before, out);
        return;
    }
    for (size_t i = 0; i < n; i += 8, in += width)
        store(out + i, sum_lanes(take(in, &plan), &sum));
}

KERNEL void sum_rising(uint32_t *values, size_t n, uint32_t before)
{
    __m256i sum = _mm256_set1_epi32((int)before);

    for (size_t i = 0; i < n; i += 8)
        store(values + i,
              sum_lanes(_mm256_loadu_si256((const __m256i *)(void *)(values + i)), &sum));
}

static bool expand(const uint8_t *in, size_t span, uint32_t first, size_t n, uint32_t *out)
{
    return pack_kernels_sse4.expand(in, span, first, n, out);
}

/* For eight bits of a mask: how many of the bits below are set, in a byte for each; *set: how many
 * are in all. */
KERNEL uint64_t ranks(unsigned bits, size_t *set)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t spread = bits * ones & 0x8040201008040201;
    uint64_t each = (spread + 0x7f * ones) >> 7 & ones, sums = each * ones;

    *set = (size_t)(sums >> 56);
    return sums - each;
}

/* Eight values, those of bits; returns how many were patched. */
KERNEL size_t patch_eight(uint32_t *values, unsigned bits, __m128i shift, const uint32_t *highs)
{
    const __m256i lanes = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    size_t set;
    __m256i rank = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)ranks(bits, &set)));
    __m256i in = _mm256_and_si256(_mm256_set1_epi32((int)bits), lanes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)highs);
    __m256i value = _mm256_loadu_si256((const __m256i *)(const void *)values);

    high = _mm256_add_epi32(_mm256_permutevar8x32_epi32(high, rank), _mm256_set1_epi32(1));
    high = _mm256_and_si256(_mm256_sll_epi32(high, shift), _mm256_cmpeq_epi32(in, lanes));
    store(values, _mm256_add_epi32(value, high));
    return set;
}

KERNEL void patch(uint32_t *values, size_t n, const uint64_t *mask, unsigned width,
                  const uint32_t *highs)
{
    __m128i shift = _mm_cvtsi32_si128((int)width);

    for (size_t at = 0; at < n; at += 64) {
        uint64_t bits = mask[at / 64];

        if (_mm_popcnt_u64(bits) <= FEW)
            for (; bits; bits &= bits - 1)
                values[at + (size_t)_tzcnt_u64(bits)] += (*highs++ + 1) << width;
        for (uint32_t *eight = values + at; bits; bits >>= 8, eight += 8)
            highs += patch_eight(eight, (unsigned)bits & 0xff, shift, highs);
    }
}

const struct pack_kernels pack_kernels_avx2 = {
    unpack, unpack_rising,        sum_rising,    expand,
    patch,  pack_widths_portable, pack_portable, pack_split_portable};

#endif
