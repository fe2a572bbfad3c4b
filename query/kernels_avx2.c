#include "kernel_sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define KERNEL static __attribute__((target("avx2")))

KERNEL void score(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double *sums)
{
    kernel_score_body(weight, part, window, sums);
}

KERNEL void pick(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, float limit, uint64_t *bits, double *sums)
{
    kernel_pick_body(weight, part, window, limit, bits, sums);
}

KERNEL void flags(uint8_t *flags, uint64_t *bits)
{
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 32) {
        __m256i *some = (__m256i *)(void *)(flags + i);
        __m256i high = _mm256_slli_epi16(_mm256_loadu_si256(some), 7);

        bits[i / 64] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << i % 64;
        _mm256_storeu_si256(some, _mm256_setzero_si256());
    }
}

KERNEL void above(double *sums, double limit, uint64_t *bits)
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

/* What has no vectors of its own here goes to the portable set. */
static void counted(const struct kernel_weight *weight, const struct window *window, uint32_t *tfs,
                    double *sums, uint64_t *found)
{
    kernel_set_portable.score_counted(weight, window, tfs, sums, found);
}

static void inverses(const float *inverse, const struct window *window, float *out)
{
    kernel_set_portable.inverses(inverse, window, out);
}

static void keep(const double *sums, double limit, uint64_t *bits)
{
    kernel_set_portable.keep(sums, limit, bits);
}

static void clear(double *sums, const uint64_t *bits)
{
    kernel_set_portable.clear(sums, bits);
}

const struct kernel_set kernel_set_avx2 = {.score = score,
                                           .pick = pick,
                                           .score_counted = counted,
                                           .inverses = inverses,
                                           .take_flags = flags,
                                           .above = above,
                                           .keep = keep,
                                           .clear = clear};

#endif
