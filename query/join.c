#include "join.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET_AVX2   __attribute__((target("avx2")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#endif

/* Which of the JOIN_TAIL values at `at` equal value, a bit for each; one such function for each
 * kind of processor. */
typedef unsigned equal_function(const uint32_t *at, uint32_t value);

#define INLINE static inline __attribute__((always_inline))

/* ---- what every kind shares ---- */

/* Moves at on to the JOIN_TAIL values that may have value. The tail ends every walk. */
INLINE uint32_t skip_to(const uint32_t *values, uint32_t at, uint32_t end, uint32_t value)
{
    while (at < end && values[at + JOIN_TAIL - 1] < value)
        at += JOIN_TAIL;
    return at;
}

INLINE uint32_t places_body(const struct join_side *left, const struct join_side *right,
                            uint16_t *in_left, uint16_t *in_right, equal_function *equal)
{
    uint32_t at = right->from, found = 0;

    for (uint32_t i = left->from; i < left->end && at < right->end; i++) {
        uint32_t value = left->values[i], place;
        unsigned same;

        at = skip_to(right->values, at, right->end, value);
        if (at >= right->end)
            break;
        same = equal(right->values + at, value);
        place = at + (uint32_t)__builtin_ctz(same | 1U << JOIN_TAIL);
        in_left[found] = (uint16_t)i;
        in_right[found] = (uint16_t)place;
        found += same != 0;
    }
    return found;
}

INLINE uint32_t keep_body(uint32_t *values, uint32_t count, const uint32_t *others,
                          uint32_t other_count, int64_t distance, equal_function *equal)
{
    uint32_t at = 0, kept = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = values[i];
        int64_t wanted = (int64_t)value + distance;

        if (wanted >= UINT32_MAX)
            break;
        at = skip_to(others, at, other_count, (uint32_t)wanted);
        if (at >= other_count)
            break;
        values[kept] = value;
        kept += equal(others + at, (uint32_t)wanted) != 0;
    }
    return kept;
}

/* ---- the kinds ---- */

INLINE unsigned equal_portable(const uint32_t *at, uint32_t value)
{
    unsigned same = 0;

    for (unsigned i = 0; i < JOIN_TAIL; i++)
        same |= (unsigned)(at[i] == value) << i;
    return same;
}

static uint32_t places_portable(const struct join_side *left, const struct join_side *right,
                                uint16_t *in_left, uint16_t *in_right)
{
    return places_body(left, right, in_left, in_right, equal_portable);
}

static uint32_t keep_portable(uint32_t *values, uint32_t count, const uint32_t *others,
                              uint32_t other_count, int64_t distance)
{
    return keep_body(values, count, others, other_count, distance, equal_portable);
}

#if defined(__x86_64__)

INLINE unsigned equal_sse2(const uint32_t *at, uint32_t value)
{
    const __m128i *from = (const __m128i *)(const void *)at;
    __m128i wanted = _mm_set1_epi32((int)value);
    __m128i a = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_loadu_si128(from), wanted),
                                _mm_cmpeq_epi32(_mm_loadu_si128(from + 1), wanted));
    __m128i b = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_loadu_si128(from + 2), wanted),
                                _mm_cmpeq_epi32(_mm_loadu_si128(from + 3), wanted));

    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(a, b));
}

static uint32_t places_sse2(const struct join_side *left, const struct join_side *right,
                            uint16_t *in_left, uint16_t *in_right)
{
    return places_body(left, right, in_left, in_right, equal_sse2);
}

static uint32_t keep_sse2(uint32_t *values, uint32_t count, const uint32_t *others,
                          uint32_t other_count, int64_t distance)
{
    return keep_body(values, count, others, other_count, distance, equal_sse2);
}

TARGET_AVX2 INLINE unsigned equal_avx2(const uint32_t *at, uint32_t value)
{
    const __m256i *from = (const __m256i *)(const void *)at;
    __m256i wanted = _mm256_set1_epi32((int)value);
    __m256i low = _mm256_cmpeq_epi32(_mm256_loadu_si256(from), wanted);
    __m256i high = _mm256_cmpeq_epi32(_mm256_loadu_si256(from + 1), wanted);

    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(low)) |
           (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(high)) << 8;
}

TARGET_AVX2 static uint32_t places_avx2(const struct join_side *left, const struct join_side *right,
                                        uint16_t *in_left, uint16_t *in_right)
{
    return places_body(left, right, in_left, in_right, equal_avx2);
}

TARGET_AVX2 static uint32_t keep_avx2(uint32_t *values, uint32_t count, const uint32_t *others,
                                      uint32_t other_count, int64_t distance)
{
    return keep_body(values, count, others, other_count, distance, equal_avx2);
}

TARGET_AVX512 INLINE unsigned equal_avx512(const uint32_t *at, uint32_t value)
{
    return _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(at), _mm512_set1_epi32((int)value));
}

TARGET_AVX512 static uint32_t places_avx512(const struct join_side *left,
                                            const struct join_side *right, uint16_t *in_left,
                                            uint16_t *in_right)
{
    return places_body(left, right, in_left, in_right, equal_avx512);
}

TARGET_AVX512 static uint32_t keep_avx512(uint32_t *values, uint32_t count, const uint32_t *others,
                                          uint32_t other_count, int64_t distance)
{
    return keep_body(values, count, others, other_count, distance, equal_avx512);
}

#endif

/* ---- choice ---- */

uint32_t join_places(const struct join_side *left, const struct join_side *right, uint16_t *in_left,
                     uint16_t *in_right)
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        return places_avx512(left, right, in_left, in_right);
    case CPU_AVX2:
        return places_avx2(left, right, in_left, in_right);
    case CPU_SSE4:
        return places_sse2(left, right, in_left, in_right);
    default:
        break;
    }
#endif
    return places_portable(left, right, in_left, in_right);
}

uint32_t join_keep(uint32_t *values, uint32_t count, const uint32_t *others, uint32_t other_count,
                   int64_t distance)
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        return keep_avx512(values, count, others, other_count, distance);
    case CPU_AVX2:
        return keep_avx2(values, count, others, other_count, distance);
    case CPU_SSE4:
        return keep_sse2(values, count, others, other_count, distance);
    default:
        break;
    }
#endif
    return keep_portable(values, count, others, other_count, distance);
}

uint32_t join_lower_bound(const uint32_t *values, uint32_t from, uint32_t end, uint32_t wanted)
{
    uint32_t place = skip_to(values, from, end, wanted);

    while (place < end && values[place] < wanted)
        place++;
    return place < end ? place : end;
}
