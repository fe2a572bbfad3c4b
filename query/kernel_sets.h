/* kernel_sets.h -- kernels.h, one set for each kind of processor. Every set gives the same values.
 */
#ifndef LEDE_QUERY_KERNEL_SETS_H
#define LEDE_QUERY_KERNEL_SETS_H

#include "kernels.h"

struct kernel_set { /* as the functions of kernels.h; limits of pick are rounded down to floats */
    bool takes_bits;
    void (*score)(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double *sums);
    void (*pick)(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, float limit, uint64_t *bits, double *sums);
    void (*score_counted)(const struct kernel_weight *weight, const struct window *window,
                          uint32_t *tfs, double *sums, uint64_t *found);
    void (*inverses)(const float *inverse, const struct window *window, float *out);
    void (*take_flags)(uint8_t *flags, uint64_t *bits);
    void (*above)(double *sums, double limit, uint64_t *bits);
    void (*keep)(const double *sums, double limit, uint64_t *bits);
    void (*clear)(double *sums, const uint64_t *bits);
};

extern const struct kernel_set kernel_set_portable;
#if defined(__x86_64__)
extern const struct kernel_set kernel_set_avx2, kernel_set_avx512;
#endif

/* ---- documents, in vectors as GCC and clang have them on every processor: cut into what the
 * target of the function holds that these are inlined into ---- */

enum { LANES = 16 };

typedef float float_lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int32_t int_lanes __attribute__((vector_size(LANES * sizeof(int32_t)), aligned(4)));

/* What each of the documents is worth, and up to 15 values more. Frequencies are positions of an
 * article, below 2^31: as signed they convert to the same float. */
static inline __attribute__((always_inline)) void
kernel_weigh_body(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, float values[BLOCK_DOCS + LANES])
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

static inline __attribute__((always_inline)) void
kernel_score_body(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double *sums)
{
    float values[BLOCK_DOCS + LANES];

    kernel_weigh_body(weight, part, window, values);
    for (uint32_t i = 0; i < part->count; i++)
        sums[part->documents[i] - window->base] += (double)values[i];
}

static inline __attribute__((always_inline)) void
kernel_pick_body(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, float limit, uint64_t *bits, double *sums)
{
    float values[BLOCK_DOCS + LANES];

    kernel_weigh_body(weight, part, window, values);
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

#endif
