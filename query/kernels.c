#include "kernels.h"

#include <math.h>

#include "base/cpu.h"
#include "base/lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET_AVX2   __attribute__((target("avx2")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,bmi,bmi2,popcnt")))
#endif

enum { LANES = 16 };

/* Vectors as GCC and clang have them on every processor: cut into what the target holds. */
typedef float float_lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int32_t int_lanes __attribute__((vector_size(LANES * sizeof(int32_t)), aligned(4)));

/* ---- documents ---- */

/* What each of the documents is worth, and up to 15 values more. Frequencies are positions of an
 * article, below 2^31: as signed they convert to the same float. */
static inline __attribute__((always_inline)) void weigh_body(const struct kernel_weight *weight,
                                                             const struct postings_part *part,
                                                             const struct window *window,
                                                             float values[BLOCK_DOCS + LANES])
{
    const uint8_t *norms = window->norms;
    doc_id base = window->base;
    float w = weight->weight;

    if (window->inverses)
        for (uint32_t i = 0; i < part->count; i++)
            values[i] = window->inverses[part->documents[i] - base];
    else
        for (uint32_t i = 0; i < part->count; i++)
            values[i] = weight->inverse[norms[part->documents[i] - base]];
    for (uint32_t i = part->count; i % LANES != 0; i++)
        values[i] = 0;
    for (uint32_t i = 0; i < part->count; i += LANES) {
        int_lanes tf;
        float_lanes found;

        memcpy(&tf, part->frequencies + i, sizeof tf);
        memcpy(&found, values + i, sizeof found);
        found = w - w / (1 + __builtin_convertvector(tf, float_lanes) * found);
        memcpy(values + i, &found, sizeof found);
    }
}

static inline __attribute__((always_inline)) void score_body(const struct kernel_weight *weight,
                                                             const struct postings_part *part,
                                                             const struct window *window,
                                                             double *sums)
{
    float values[BLOCK_DOCS + LANES];

    weigh_body(weight, part, window, values);
    for (uint32_t i = 0; i < part->count; i++)
        sums[part->documents[i] - window->base] += (double)values[i];
}

static inline __attribute__((always_inline)) void
pick_body(const struct kernel_weight *weight, const struct postings_part *part,
          const struct window *window, float limit, uint64_t *bits, double *sums)
{
    float values[BLOCK_DOCS + LANES];

    weigh_body(weight, part, window, values);
    for (uint32_t i = 0; i < part->count; i += LANES) {
        float_lanes found;
        int_lanes above;
        int32_t any = 0;

        memcpy(&found, values + i, sizeof found);
        above = found > limit;
        for (uint32_t j = 0; j < LANES; j++)
            any |= above[j];
        for (uint32_t j = i; any && j < part->count && j < i + LANES; j++)
            if (values[j] > limit) {
                uint32_t place = part->documents[j] - window->base;

                bits_set(bits, place);
                sums[place] = (double)values[j];
            }
    }
}

static void score_portable(const struct kernel_weight *weight, const struct postings_part *part,
                           const struct window *window, double *sums)
{
    score_body(weight, part, window, sums);
}

static void pick_portable(const struct kernel_weight *weight, const struct postings_part *part,
                          const struct window *window, float limit, uint64_t *bits, double *sums)
{
    pick_body(weight, part, window, limit, bits, sums);
}

/* ---- frequencies by place ---- */

static void counted_portable(const struct kernel_weight *weight, const struct window *window,
                             uint32_t *tfs, double *sums, uint64_t *found)
{
    for (uint32_t place = 0; place < window->size; place++) {
        if (tfs[place] == 0)
            continue;
        sums[place] += (double)bm25_contribution(weight->weight, tfs[place],
                                                 weight->inverse[window->norms[place]]);
        tfs[place] = 0;
        bits_set(found, place);
    }
}

/* ---- flags ---- */

static void flags_portable(uint8_t *flags, uint64_t *bits)
{
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 8) {
        /* moves the lowest bit of byte number j to bit 56 + j */
        uint64_t some = load_le64(flags + i) * 0x0102040810204080 >> 56;

        bits[i / 64] |= some << i % 64;
    }
    memset(flags, 0, WINDOW_DOCS);
}

/* ---- what is above a limit ---- */

static void above_portable(double *sums, double limit, uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        for (uint32_t i = 0; i < 64; i++)
            above |= (uint64_t)(sums[i] > limit) << i;
        bits[word] = above;
        if (!above)
            memset(sums, 0, 64 * sizeof *sums);
    }
}

static void keep_portable(const double *sums, double limit, uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint64_t dropped = !(sums[64 * word + (uint32_t)__builtin_ctzll(left)] > limit);

            bits[word] ^= (left & -left) & -dropped;
        }
}

static void clear_portable(double *sums, const uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64)
        if (bits[word])
            memset(sums, 0, 64 * sizeof *sums);
}

#if defined(__x86_64__)

TARGET_AVX2 static void score_avx2(const struct kernel_weight *weight,
                                   const struct postings_part *part, const struct window *window,
                                   double *sums)
{
    score_body(weight, part, window, sums);
}

TARGET_AVX2 static void pick_avx2(const struct kernel_weight *weight,
                                  const struct postings_part *part, const struct window *window,
                                  float limit, uint64_t *bits, double *sums)
{
    pick_body(weight, part, window, limit, bits, sums);
}

TARGET_AVX2 static void flags_avx2(uint8_t *flags, uint64_t *bits)
{
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 32) {
        __m256i *some = (__m256i *)(void *)(flags + i);
        __m256i high = _mm256_slli_epi16(_mm256_loadu_si256(some), 7);

        bits[i / 64] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << i % 64;
        _mm256_storeu_si256(some, _mm256_setzero_si256());
    }
}

TARGET_AVX2 static void above_avx2(double *sums, double limit, uint64_t *bits)
{
    __m256d least = _mm256_set1_pd(limit);

    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        for (uint32_t i = 0; i < 64; i += 4)
            above |= (uint64_t)(unsigned)_mm256_movemask_pd(
                         _mm256_cmp_pd(_mm256_loadu_pd(sums + i), least, _CMP_GT_OQ))
                     << i;
        bits[word] = above;
        for (uint32_t i = 0; !above && i < 64; i += 4)
            _mm256_storeu_pd(sums + i, _mm256_setzero_pd());
    }
}

/* ---- with AVX-512, also bits ---- */

TARGET_AVX512 static void score_documents_avx512(const struct kernel_weight *weight,
                                                 const struct postings_part *part,
                                                 const struct window *window, double *sums)
{
    score_body(weight, part, window, sums);
}

TARGET_AVX512 static void pick_documents_avx512(const struct kernel_weight *weight,
                                                const struct postings_part *part,
                                                const struct window *window, float limit,
                                                uint64_t *bits, double *sums)
{
    pick_body(weight, part, window, limit, bits, sums);
}

/* 1 / K of sixteen length codes. Articles of less than 2^17 words have codes below 128: those are
 * looked up in eight registers. */
TARGET_AVX512 static inline __m512 inverses(const float *inverse, const uint8_t *codes)
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
TARGET_AVX512 static inline __mmask16 bits_at(const struct postings_part *part, uint32_t i)
{
    uint32_t bit = part->from + i, left = part->count - i;
    uint32_t bits = load_le32(part->bits + bit / 8) >> bit % 8;

    return (__mmask16)(left < LANES ? bits & ((1U << left) - 1) : bits);
}

/* The frequencies of sixteen bits, in the lanes of the set ones; the others mean nothing (lanes.h).
 * *frequencies are theirs and what follows. */
TARGET_AVX512 static inline __m512i spread(__mmask16 set, const uint32_t **frequencies)
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
TARGET_AVX512 static inline __m512 weigh_bits(const struct kernel_weight *weight, __mmask16 set,
                                              const uint32_t **frequencies,
                                              const struct window *window, uint32_t place)
{
    const __m512 w = _mm512_set1_ps(weight->weight);
    __m512i tf = spread(set, frequencies);
    __m512 inverse = window->inverses ? _mm512_loadu_ps(window->inverses + place)
                                      : inverses(weight->inverse, window->norms + place);
    __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(tf), inverse);

    return _mm512_maskz_sub_ps(set, w, _mm512_div_ps(w, _mm512_add_ps(_mm512_set1_ps(1), x)));
}

TARGET_AVX512 static inline void add_lanes(double *sums, __m256 values)
{
    _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), _mm512_cvtps_pd(values)));
}

TARGET_AVX512 static void score_bits(const struct kernel_weight *weight,
                                     const struct postings_part *part, const struct window *window,
                                     double *sums)
{
    const uint32_t *frequencies = part->frequencies;

    for (uint32_t i = 0; i < part->count; i += LANES) {
        uint32_t place = part->place + i;
        __m512 values = weigh_bits(weight, bits_at(part, i), &frequencies, window, place);

        add_lanes(sums + place, _mm512_castps512_ps256(values));
        add_lanes(sums + place + 8, _mm512_extractf32x8_ps(values, 1));
    }
}

TARGET_AVX512 static void pick_bits(const struct kernel_weight *weight,
                                    const struct postings_part *part, const struct window *window,
                                    float limit, uint64_t *bits, double *sums)
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

TARGET_AVX512 static void counted_avx512(const struct kernel_weight *weight,
                                         const struct window *window, uint32_t *tfs, double *sums,
                                         uint64_t *found)
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

TARGET_AVX512 static void inverses_avx512(const float *inverse, const struct window *window,
                                          float *out)
{
    for (uint32_t i = 0; i < window->size; i += LANES)
        _mm512_storeu_ps(out + i, inverses(inverse, window->norms + i));
}

static void score_avx512(const struct kernel_weight *weight, const struct postings_part *part,
                         const struct window *window, double *sums)
{
    if (part->documents)
        score_documents_avx512(weight, part, window, sums);
    else
        score_bits(weight, part, window, sums);
}

static void pick_avx512(const struct kernel_weight *weight, const struct postings_part *part,
                        const struct window *window, float limit, uint64_t *bits, double *sums)
{
    if (part->documents)
        pick_documents_avx512(weight, part, window, limit, bits, sums);
    else
        pick_bits(weight, part, window, limit, bits, sums);
}

TARGET_AVX512 static void flags_avx512(uint8_t *flags, uint64_t *bits)
{
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 64) {
        __m512i some = _mm512_loadu_si512(flags + i);

        bits[i / 64] |= _mm512_test_epi8_mask(some, some);
        _mm512_storeu_si512(flags + i, _mm512_setzero_si512());
    }
}

TARGET_AVX512 static void above_avx512(double *sums, double limit, uint64_t *bits)
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

TARGET_AVX512 static void keep_avx512(const double *sums, double limit, uint64_t *bits)
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

TARGET_AVX512 static void clear_avx512(double *sums, const uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64)
        for (uint32_t i = 0; bits[word] && i < 64; i += 8)
            _mm512_storeu_pd(sums + i, _mm512_setzero_pd());
}

#endif

/* ---- choice ---- */

bool kernel_takes_bits(void)
{
#if defined(__x86_64__)
    return cpu_level() == CPU_AVX512;
#else
    return false;
#endif
}

void kernel_score(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double sums[SUMS_ROOM])
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        score_avx512(weight, part, window, sums);
        return;
    case CPU_AVX2:
        score_avx2(weight, part, window, sums);
        return;
    default:
        break;
    }
#endif
    score_portable(weight, part, window, sums);
}

void kernel_score_counted(const struct kernel_weight *weight, const struct window *window,
                          uint32_t tfs[WINDOW_DOCS], double sums[SUMS_ROOM],
                          uint64_t found[WINDOW_WORDS])
{
#if defined(__x86_64__)
    if (cpu_level() == CPU_AVX512) {
        counted_avx512(weight, window, tfs, sums, found);
        return;
    }
#endif
    counted_portable(weight, window, tfs, sums, found);
}

void kernel_inverses(const float inverse[256], const struct window *window, float out[SUMS_ROOM])
{
#if defined(__x86_64__)
    if (cpu_level() == CPU_AVX512) {
        inverses_avx512(inverse, window, out);
        return;
    }
#endif
    for (uint32_t i = 0; i < window->size; i++)
        out[i] = inverse[window->norms[i]];
}

/* The largest float that is not above limit: a float is above the one if it is above the other. */
static float float_below(double limit)
{
    float near = (float)limit;

    return (double)near > limit ? nextafterf(near, -INFINITY) : near;
}

void kernel_pick(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, double limit, uint64_t bits[WINDOW_WORDS],
                 double sums[SUMS_ROOM])
{
    float least = float_below(limit);

#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        pick_avx512(weight, part, window, least, bits, sums);
        return;
    case CPU_AVX2:
        pick_avx2(weight, part, window, least, bits, sums);
        return;
    default:
        break;
    }
#endif
    pick_portable(weight, part, window, least, bits, sums);
}

void kernel_take_flags(uint8_t flags[WINDOW_DOCS], uint64_t bits[WINDOW_WORDS])
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        flags_avx512(flags, bits);
        return;
    case CPU_AVX2:
        flags_avx2(flags, bits);
        return;
    default:
        break;
    }
#endif
    flags_portable(flags, bits);
}

void kernel_above(double sums[SUMS_ROOM], double limit, uint64_t bits[WINDOW_WORDS])
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        above_avx512(sums, limit, bits);
        return;
    case CPU_AVX2:
        above_avx2(sums, limit, bits);
        return;
    default:
        break;
    }
#endif
    above_portable(sums, limit, bits);
}

void kernel_keep(const double sums[SUMS_ROOM], double limit, uint64_t bits[WINDOW_WORDS])
{
#if defined(__x86_64__)
    if (cpu_level() == CPU_AVX512) {
        keep_avx512(sums, limit, bits);
        return;
    }
#endif
    keep_portable(sums, limit, bits);
}

void kernel_clear(double sums[SUMS_ROOM], const uint64_t bits[WINDOW_WORDS])
{
#if defined(__x86_64__)
    if (cpu_level() == CPU_AVX512) {
        clear_avx512(sums, bits);
        return;
    }
#endif
    clear_portable(sums, bits);
}
