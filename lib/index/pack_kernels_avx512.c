/* Packs with AVX-512 and its byte permutations: sixteen values of up to 25 bits from one load of
 * 64 bytes, wider ones eight at a time in lanes of 64 bits. */
#include "index/pack_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "base/lanes.h"
#include "index/format.h"

#define KERNEL                                                                                     \
    static inline __attribute__((target("avx512f,avx512cd,avx512bw,avx512vl,avx512dq,avx512vbmi,"  \
                                        "avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

enum { WIDTH_MAX = 25 }; /* of a field that shares its first byte with 7 other bits */

struct plan {
    __m512i index, shift, mask; /* bytes of each lane, its first bit, its bits */
};

KERNEL struct plan plan_narrow(unsigned width)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i spread =
        _mm512_broadcast_i32x4(_mm_setr_epi32(0, 0x04040404, 0x08080808, 0x0c0c0c0c));
    __m512i bits = _mm512_mullo_epi16(lanes, _mm512_set1_epi32((int)width));
    struct plan plan;

    plan.index = _mm512_add_epi8(_mm512_shuffle_epi8(_mm512_srli_epi32(bits, 3), spread),
                                 _mm512_set1_epi32(0x03020100));
    plan.shift = _mm512_and_si512(bits, _mm512_set1_epi32(7));
    plan.mask = _mm512_set1_epi32((int)((1U << (width & 31)) - 1));
    return plan;
}

KERNEL struct plan plan_wide(unsigned width)
{
    const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    const __m512i spread = _mm512_broadcast_i32x4(_mm_setr_epi32(0, 0, 0x08080808, 0x08080808));
    __m512i bits = _mm512_mullo_epi16(lanes, _mm512_set1_epi64((int)width));
    struct plan plan;

    plan.index = _mm512_add_epi8(_mm512_shuffle_epi8(_mm512_srli_epi64(bits, 3), spread),
                                 _mm512_set1_epi64(0x0706050403020100));
    plan.shift = _mm512_and_si512(bits, _mm512_set1_epi64(7));
    plan.mask = _mm512_set1_epi64((int64_t)((1ULL << width) - 1));
    return plan;
}

KERNEL __m512i take(const uint8_t *in, const struct plan *plan)
{
    __m512i bytes = _mm512_permutexvar_epi8(plan->index, _mm512_loadu_si512(in));

    return _mm512_and_si512(_mm512_srlv_epi32(bytes, plan->shift), plan->mask);
}

KERNEL __m256i take_wide(const uint8_t *in, const struct plan *plan)
{
    __m512i bytes = _mm512_permutexvar_epi8(plan->index, _mm512_loadu_si512(in));

    return _mm512_cvtepi64_epi32(
        _mm512_and_si512(_mm512_srlv_epi64(bytes, plan->shift), plan->mask));
}

/* Running sums of the lanes of value + 1, on top of *sum, which then holds the last in all lanes.
 */
KERNEL __m512i sum_lanes(__m512i value, __m512i *sum)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i lanes;

    value = _mm512_add_epi32(value, _mm512_set1_epi32(1));
    value = _mm512_add_epi32(value, _mm512_alignr_epi32(value, zero, 15));
    value = _mm512_add_epi32(value, _mm512_alignr_epi32(value, zero, 14));
    value = _mm512_add_epi32(value, _mm512_alignr_epi32(value, zero, 12));
    value = _mm512_add_epi32(value, _mm512_alignr_epi32(value, zero, 8));
    lanes = _mm512_add_epi32(value, *sum);
    *sum = _mm512_add_epi32(*sum, _mm512_permutexvar_epi32(_mm512_set1_epi32(15), value));
    return lanes;
}

KERNEL void unpack_wide(const uint8_t *in, size_t n, unsigned width, uint32_t add, uint32_t *out)
{
    struct plan plan = plan_wide(width);
    __m256i plus = _mm256_set1_epi32((int)add);

    for (size_t i = 0; i < n; i += 8, in += width)
        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            _mm256_add_epi32(take_wide(in, &plan), plus));
}

KERNEL void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t add, uint32_t *out)
{
    struct plan plan = plan_narrow(width);
    __m512i plus = _mm512_set1_epi32((int)add);

    if (width > WIDTH_MAX) {
        unpack_wide(in, n, width, add, out);
        return;
    }
    for (size_t i = 0; i < n; i += 16, in += 2 * (size_t)width)
        _mm512_storeu_si512(out + i, _mm512_add_epi32(take(in, &plan), plus));
}

KERNEL void sum_rising(uint32_t *values, size_t n, uint32_t before)
{
    __m512i sum = _mm512_set1_epi32((int)before);

    for (size_t i = 0; i < n; i += 16)
        _mm512_storeu_si512(values + i, sum_lanes(_mm512_loadu_si512(values + i), &sum));
}

KERNEL void unpack_rising(const uint8_t *in, size_t n, unsigned width, uint32_t before,
                          uint32_t *out)
{
    struct plan plan = plan_narrow(width);
    __m512i sum = _mm512_set1_epi32((int)before);

    if (width > WIDTH_MAX) {
        unpack_wide(in, n, width, 0, out);
        sum_rising(out, n, before);
        return;
    }
    for (size_t i = 0; i < n; i += 16, in += 2 * (size_t)width)
        _mm512_storeu_si512(out + i, sum_lanes(take(in, &plan), &sum));
}

/* Stores first + the places of the set bits, 16 values at a time. */
KERNEL void expand_word(uint64_t bits, size_t count, uint32_t first, uint32_t *out)
{
    const __m512i places = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i set = _mm512_maskz_compress_epi8(bits, places);
    __m512i plus = _mm512_set1_epi32((int)first);

    for (size_t i = 0; i < count; i += 16) {
        __m512i some = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set));

        _mm512_storeu_si512(out + i, _mm512_add_epi32(some, plus));
        set = _mm512_alignr_epi32(set, set, 4);
    }
}

KERNEL bool expand(const uint8_t *in, size_t span, uint32_t first, size_t n, uint32_t *out)
{
    size_t count = 0;

    for (size_t at = 0; at < span; at += 64) {
        uint64_t bits = load_le64(in + at / 8);
        size_t set;

        if (span - at < 64)
            bits &= (1ULL << (span - at)) - 1;
        set = (size_t)_mm_popcnt_u64(bits);
        if (count + set > n)
            return false;
        expand_word(bits, set, first + (uint32_t)at, out + count);
        count += set;
    }
    return count == n;
}

/* The next values in the lanes that are set, as lanes.h says; the others mean nothing. */
KERNEL __m512i spread(__mmask16 set, const uint32_t *values)
{
    __m128i low = _mm_cvtsi64_si128((int64_t)LANE_RANKS[set & 0xff]);
    __m128i high = _mm_cvtsi64_si128((int64_t)LANE_RANKS[set >> 8]);
    __m128i below = _mm_set1_epi8((char)_mm_popcnt_u32(set & 0xff));
    __m512i lanes = _mm512_cvtepu8_epi32(_mm_unpacklo_epi64(low, _mm_add_epi8(high, below)));

    return _mm512_permutexvar_epi32(lanes, _mm512_loadu_si512(values));
}

KERNEL void patch(uint32_t *values, size_t n, const uint64_t *mask, unsigned width,
                  const uint32_t *highs)
{
    const __m512i one = _mm512_set1_epi32(1);
    __m128i shift = _mm_cvtsi32_si128((int)width);

    for (size_t i = 0; i < n; i += 16) {
        __mmask16 set = (__mmask16)(mask[i / 64] >> (i % 64));
        __m512i high = spread(set, highs);
        __m512i value = _mm512_loadu_si512(values + i);

        high = _mm512_sll_epi32(_mm512_maskz_add_epi32(set, high, one), shift);
        _mm512_storeu_si512(values + i, _mm512_add_epi32(value, high));
        highs += _mm_popcnt_u32(set);
    }
}

/* ---- encoding ---- */

/* Which of the 16 values from number i on are among n. */
KERNEL __mmask16 lanes_of(size_t i, size_t n)
{
    return n - i < 16 ? (__mmask16)_bzhi_u32(0xffff, (unsigned)(n - i)) : (__mmask16)0xffff;
}

/* How many of the bytes are over most. */
KERNEL unsigned count_over(const __m512i bytes[2], unsigned most)
{
    __m512i limit = _mm512_set1_epi8((char)most);

    return (unsigned)(_mm_popcnt_u64(_mm512_cmpgt_epu8_mask(bytes[0], limit)) +
                      _mm_popcnt_u64(_mm512_cmpgt_epu8_mask(bytes[1], limit)));
}

KERNEL unsigned widths(const uint32_t *values, size_t n, uint16_t *wider)
{
    uint8_t bits[BLOCK_DOCS] = {0};
    __m512i all = _mm512_setzero_si512(), bytes[2];
    unsigned widest;

    for (size_t i = 0; i < n; i += 16) {
        __m512i some = _mm512_maskz_loadu_epi32(lanes_of(i, n), values + i);

        all = _mm512_or_si512(all, some);
        some = _mm512_sub_epi32(_mm512_set1_epi32(32), _mm512_lzcnt_epi32(some));
        _mm_storeu_si128((__m128i *)(void *)(bits + i), _mm512_cvtepi32_epi8(some));
    }
    bytes[0] = _mm512_loadu_si512(bits);
    bytes[1] = _mm512_loadu_si512(bits + 64);
    widest = 32 - _lzcnt_u32((unsigned)_mm512_reduce_or_epi32(all));
    memset(wider, 0, PACK_WIDTHS * sizeof *wider);
    for (unsigned width = 0; width < widest; width++)
        wider[width] = (uint16_t)count_over(bytes, width);
    return widest;
}

/* Eight values of up to 8 bits in the bytes of each half: its low bits fill width bytes. */
KERNEL void pack_bytes(__m128i values, uint64_t mask, unsigned width, uint8_t *out)
{
    store_le64(out, _pext_u64((uint64_t)_mm_cvtsi128_si64(values), mask));
    store_le64(out + width, _pext_u64((uint64_t)_mm_extract_epi64(values, 1), mask));
}

/* Eight values of 9 to 16 bits: two words, the second of which begins at bit 4 * width. */
KERNEL void pack_words(__m128i values, uint64_t mask, unsigned width, uint8_t *out)
{
    uint64_t low = _pext_u64((uint64_t)_mm_cvtsi128_si64(values), mask);
    uint64_t high = _pext_u64((uint64_t)_mm_extract_epi64(values, 1), mask);
    unsigned filled = 4 * width; /* 36 to 64 */

    store_le64(out, low | (filled < 64 ? high << filled : 0));
    store_le64(out + 8, filled < 64 ? high >> (64 - filled) : high);
}

KERNEL void pack(const uint32_t *values, size_t n, unsigned width, uint8_t *out)
{
    uint64_t mask = ((1ULL << width) - 1) * (width > 8 ? 0x0001000100010001 : 0x0101010101010101);

    if (width > 16) {
        pack_portable(values, n, width, out);
        return;
    }
    for (size_t i = 0; i < n; i += 16, out += 2 * (size_t)width) {
        __m512i some = _mm512_maskz_loadu_epi32(lanes_of(i, n), values + i);
        __m256i words;

        if (width <= 8) {
            pack_bytes(_mm512_cvtepi32_epi8(some), mask, width, out);
            continue;
        }
        words = _mm512_cvtepi32_epi16(some);
        pack_words(_mm256_castsi256_si128(words), mask, width, out);
        pack_words(_mm256_extracti128_si256(words, 1), mask, width, out + width);
    }
}

KERNEL size_t split(const uint32_t *values, size_t n, unsigned width, uint8_t *mask,
                    uint32_t *highs)
{
    __m512i most = _mm512_set1_epi32((int)((1ULL << width) - 1)), one = _mm512_set1_epi32(1);
    __m128i shift = _mm_cvtsi32_si128((int)width);
    size_t count = 0;

    for (size_t i = 0; i < n; i += 16) {
        __m512i some = _mm512_maskz_loadu_epi32(lanes_of(i, n), values + i);
        __mmask16 over = _mm512_cmpgt_epu32_mask(some, most);

        some = _mm512_sub_epi32(_mm512_srl_epi32(some, shift), one);
        store_le16(mask + i / 8, over);
        _mm512_storeu_si512(highs + count, _mm512_maskz_compress_epi32(over, some));
        count += (size_t)_mm_popcnt_u32(over);
    }
    return count;
}

const struct pack_kernels pack_kernels_avx512 = {unpack, unpack_rising, sum_rising, expand,
                                                 patch,  widths,        pack,       split};

#endif
