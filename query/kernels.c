#include "kernels.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET_AVX2   __attribute__((target("avx2")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#endif

enum { LANES = 16 };

/* Vectors as GCC and clang have them on every processor: cut into what the target holds. */
typedef float float_lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int32_t int_lanes __attribute__((vector_size(LANES * sizeof(int32_t)), aligned(4)));

/* ---- scoring ---- */

/* Frequencies are positions of an article, below 2^31: as signed they convert to the same float. */
static inline __attribute__((always_inline)) void
score_body(float weight, const float inverse[256], const uint32_t *documents,
           const uint32_t *frequencies, uint32_t count, const struct window *window, double *sums)
{
    const uint8_t *norms = window->norms;
    doc_id base = window->base;
    float values[BLOCK_DOCS + LANES];

    for (uint32_t i = 0; i < count; i++)
        values[i] = inverse[norms[documents[i] - base]];
    for (uint32_t i = count; i % LANES != 0; i++)
        values[i] = 0;
    for (uint32_t i = 0; i < count; i += LANES) {
        int_lanes tf;
        float_lanes found;

        memcpy(&tf, frequencies + i, sizeof tf);
        memcpy(&found, values + i, sizeof found);
        found = weight - weight / (1 + __builtin_convertvector(tf, float_lanes) * found);
        memcpy(values + i, &found, sizeof found);
    }
    for (uint32_t i = 0; i < count; i++)
        sums[documents[i] - base] += (double)values[i];
}

static void score_portable(float weight, const float *inverse, const uint32_t *documents,
                           const uint32_t *frequencies, uint32_t count, const struct window *window,
                           double *sums)
{
    score_body(weight, inverse, documents, frequencies, count, window, sums);
}

/* ---- what is above a limit ---- */

static void above_portable(const double *sums, double limit, uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        for (uint32_t i = 0; i < 64; i++)
            above |= (uint64_t)(sums[i] > limit) << i;
        bits[word] = above;
    }
}

#if defined(__x86_64__)

TARGET_AVX2 static void score_avx2(float weight, const float *inverse, const uint32_t *documents,
                                   const uint32_t *frequencies, uint32_t count,
                                   const struct window *window, double *sums)
{
    score_body(weight, inverse, documents, frequencies, count, window, sums);
}

TARGET_AVX512 static void score_avx512(float weight, const float *inverse,
                                       const uint32_t *documents, const uint32_t *frequencies,
                                       uint32_t count, const struct window *window, double *sums)
{
    score_body(weight, inverse, documents, frequencies, count, window, sums);
}

TARGET_AVX2 static void above_avx2(const double *sums, double limit, uint64_t *bits)
{
    __m256d least = _mm256_set1_pd(limit);

    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        for (uint32_t i = 0; i < 64; i += 4)
            above |= (uint64_t)(unsigned)_mm256_movemask_pd(
                         _mm256_cmp_pd(_mm256_loadu_pd(sums + i), least, _CMP_GT_OQ))
                     << i;
        bits[word] = above;
    }
}

TARGET_AVX512 static void above_avx512(const double *sums, double limit, uint64_t *bits)
{
    __m512d least = _mm512_set1_pd(limit);

    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64) {
        uint64_t above = 0;

        for (uint32_t i = 0; i < 64; i += 8)
            above |= (uint64_t)_mm512_cmp_pd_mask(_mm512_loadu_pd(sums + i), least, _CMP_GT_OQ)
                     << i;
        bits[word] = above;
    }
}

#endif

/* ---- choice ---- */

void kernel_score(float weight, const float inverse[256], const uint32_t *documents,
                  const uint32_t *frequencies, uint32_t count, const struct window *window,
                  double *sums)
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512:
        score_avx512(weight, inverse, documents, frequencies, count, window, sums);
        return;
    case CPU_AVX2:
        score_avx2(weight, inverse, documents, frequencies, count, window, sums);
        return;
    default:
        break;
    }
#endif
    score_portable(weight, inverse, documents, frequencies, count, window, sums);
}

void kernel_above(const double sums[WINDOW_DOCS], double limit, uint64_t bits[WINDOW_WORDS])
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
