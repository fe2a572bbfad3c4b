/* With AVX-512 postings are scored from bits, too: a block that is stored as a bitset is never made
 * documents. */
#include "kernel_sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "base/lanes.h"

#define KERNEL static __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,bmi,bmi2,popcnt")))

KERNEL void score_documents(const struct kernel_weight *weight, const struct postings_part *part,
                            const struct window *window, double *sums)
{
    kernel_score_body(weight, part, window, sums);
}

KERNEL void pick_documents(const struct kernel_weight *weight, const struct postings_part *part,
                           const struct window *window, float limit, uint64_t *bits, double *sums)
{
    kernel_pick_body(weight, part, window, limit, bits, sums);
}

/* 1 / K of sixteen length codes. Articles of less than 2^17 words have codes below 128: those are
 * looked up in eight registers. */
KERNEL inline __m512 inverses(const float *inverse, const uint8_t *codes)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)codes);
    __m512i index = _mm512_cvtepu8_epi32(bytes);
    __mmask16 bit5 = _mm512_test_epi32_mask(index, _mm512_set1_epi32(32));
    __mmask16 bit6 = _mm512_test_epi32_mask(index, _mm512_set1_epi32(64));
    __m512 a, b, c, d;

    if (_mm_movemask_epi8(bytes))
        return _mm512_i32gather_ps(index, inverse, sizeof *inverse);
    a = _mm512_permutex2var_ps(_mm512_loadu_ps(inverse), index, _mm512_loadu_ps(inverse + 16));
    b = _mm512_permutex2var_ps(_mm512_loadu_ps(inverse + 32), index, _mm512_loadu_ps(inverse + 48));
    c = _mm512_permutex2var_ps(_mm512_loadu_ps(inverse + 64), index, _mm512_loadu_ps(inverse + 80));
    d = _mm512_permutex2var_ps(_mm512_loadu_ps(inverse + 96), index,
                               _mm512_loadu_ps(inverse + 112));
    return _mm512_mask_blend_ps(bit6, _mm512_mask_blend_ps(bit5, a, b),
                                _mm512_mask_blend_ps(bit5, c, d));
}

/* Sixteen bits of the part, from number i on. */
KERNEL inline __mmask16 bits_at(const struct postings_part *part, uint32_t i)
{
    uint32_t bit = part->from + i, left = part->count - i;
    uint32_t bits = load_le32(part->bits + bit / 8) >> bit % 8;

    return (__mmask16)(left < LANES ? bits & ((1U << left) - 1) : bits);
}

/* The frequencies of sixteen bits, in the lanes of the set ones; the others mean nothing (lanes.h).
 * *frequencies are theirs and what follows. */
KERNEL inline __m512i spread(__mmask16 set, const uint32_t **frequencies)
{
    __m128i low = _mm_cvtsi64_si128((int64_t)LANE_RANKS[set & 0xff]);
    __m128i high = _mm_cvtsi64_si128((int64_t)LANE_RANKS[set >> 8]);
    __m128i below = _mm_set1_epi8((char)_mm_popcnt_u32(set & 0xff));
    __m512i lanes = _mm512_cvtepu8_epi32(_mm_unpacklo_epi64(low, _mm_add_epi8(high, below)));
    __m512i found = _mm512_permutexvar_epi32(lanes, _mm512_loadu_si512(*frequencies));

    *frequencies += _mm_popcnt_u32(set);
    return found;
}

/* What the documents of sixteen bits from place on are worth, 0 where there is none. */
KERNEL inline __m512 weigh_bits(const struct kernel_weight *weight, __mmask16 set,
                                const uint32_t **frequencies, const struct window *window,
                                uint32_t place)
{
    const __m512 w = _mm512_set1_ps(weight->weight);
    __m512i tf = spread(set, frequencies);
    __m512 inverse = window->inverses ? _mm512_loadu_ps(window->inverses + place)
                                      : inverses(weight->inverse, window->norms + place);
    __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(tf), inverse);

    return _mm512_maskz_sub_ps(set, w, _mm512_div_ps(w, _mm512_add_ps(_mm512_set1_ps(1), x)));
}

KERNEL inline void add_lanes(double *sums, __m256 values)
{
    _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), _mm512_cvtps_pd(values)));
}

KERNEL void score_bits(const struct kernel_weight *weight, const struct postings_part *part,
                       const struct window *window, double *sums)
{
    const uint32_t *frequencies = part->frequencies;

    for (uint32_t i = 0; i < part->count; i += LANES) {
        uint32_t place = part->place + i;
        __m512 values = weigh_bits(weight, bits_at(part, i), &frequencies, window, place);

        add_lanes(sums + place, _mm512_castps512_ps256(values));
        add_lanes(sums + place + 8, _mm512_extractf32x8_ps(values, 1));
    }
}

KERNEL void pick_bits(const struct kernel_weight *weight, const struct postings_part *part,
                      const struct window *window, float limit, uint64_t *bits, double *sums)
{
    const uint32_t *frequencies = part->frequencies;

    for (uint32_t i = 0; i < part->count; i += LANES) {
        __mmask16 set = bits_at(part, i);
        __m512 values = weigh_bits(weight, set, &frequencies, window, part->place + i);
        unsigned above = _mm512_mask_cmp_ps_mask(set, values, _mm512_set1_ps(limit), _CMP_GT_OQ);
        float worth[LANES];

        if (!above)
            continue;
        _mm512_storeu_ps(worth, values);
        for (; above; above &= above - 1) {
            uint32_t lane = (uint32_t)__builtin_ctz(above), place = part->place + i + lane;

            bits_set(bits, place);
            sums[place] = (double)worth[lane];
        }
    }
}

KERNEL void counted(const struct kernel_weight *weight, const struct window *window, uint32_t *tfs,
                    double *sums, uint64_t *found)
{
    const __m512 w = _mm512_set1_ps(weight->weight), one = _mm512_set1_ps(1);

    for (uint32_t i = 0; i < window->size; i += LANES) {
        __m512i tf = _mm512_loadu_si512(tfs + i);
        __mmask16 set = _mm512_test_epi32_mask(tf, tf);
        __m512 x, values;

        if (!set)
            continue;
        x = _mm512_mul_ps(_mm512_cvtepu32_ps(tf), inverses(weight->inverse, window->norms + i));
        values = _mm512_maskz_sub_ps(set, w, _mm512_div_ps(w, _mm512_add_ps(one, x)));
        add_lanes(sums + i, _mm512_castps512_ps256(values));
        add_lanes(sums + i + 8, _mm512_extractf32x8_ps(values, 1));
        _mm512_storeu_si512(tfs + i, _mm512_setzero_si512());
        found[i / 64] |= (uint64_t)set << i % 64;
    }
}

KERNEL void all_inverses(const float *inverse, const struct window *window, float *out)
{
    for (uint32_t i = 0; i < window->size; i += LANES)
        _mm512_storeu_ps(out + i, inverses(inverse, window->norms + i));
}

static void score(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double *sums)
{
    if (part->documents)
        score_documents(weight, part, window, sums);
    else
        score_bits(weight, part, window, sums);
}

static void pick(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, float limit, uint64_t *bits, double *sums)
{
    if (part->documents)
        pick_documents(weight, part, window, limit, bits, sums);
    else
        pick_bits(weight, part, window, limit, bits, sums);
}

KERNEL void flags(uint8_t *flags, uint64_t *bits)
{
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 64) {
        __m512i some = _mm512_loadu_si512(flags + i);

        bits[i / 64] |= _mm512_test_epi8_mask(some, some);
        _mm512_storeu_si512(flags + i, _mm512_setzero_si512());
    }
}

KERNEL void above(double *sums, double limit, uint64_t *bits)
{
    __m512d least = _mm512_set1_pd(limit);

    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        for (uint32_t i = 0; i < 64; i += 8)
            above |= (uint64_t)_mm512_cmp_pd_mask(_mm512_loadu_pd(sums + i), least, _CMP_GT_OQ)
                     << i;
        bits[word] = above;
        for (uint32_t i = 0; !above && i < 64; i += 8)
            _mm512_storeu_pd(sums + i, _mm512_setzero_pd());
    }
}

KERNEL void keep(const double *sums, double limit, uint64_t *bits)
{
    __m512d least = _mm512_set1_pd(limit);

    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        if (!bits[word])
            continue;
        for (uint32_t i = 0; i < 64; i += 8)
            above |= (uint64_t)_mm512_cmp_pd_mask(_mm512_loadu_pd(sums + i), least, _CMP_GT_OQ)
                     << i;
        bits[word] &= above;
    }
}

KERNEL void clear(double *sums, const uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64)
        for (uint32_t i = 0; bits[word] && i < 64; i += 8)
            _mm512_storeu_pd(sums + i, _mm512_setzero_pd());
}

const struct kernel_set kernel_set_avx512 = {.takes_bits = true,
                                             .score = score,
                                             .pick = pick,
                                             .score_counted = counted,
                                             .inverses = all_inverses,
                                             .take_flags = flags,
                                             .above = above,
                                             .keep = keep,
                                             .clear = clear};

#endif
