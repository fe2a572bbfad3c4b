#include "kernels.h"

#include <math.h>

#include "base/cpu.h"
#include "kernel_sets.h"

/* ---- portable ---- */

static void score(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double *sums)
{
    kernel_score_body(weight, part, window, sums);
}

static void pick(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, float limit, uint64_t *bits, double *sums)
{
    kernel_pick_body(weight, part, window, limit, bits, sums);
}

/* ---- frequencies by place ---- */

static void counted(const struct kernel_weight *weight, const struct window *window, uint32_t *tfs,
                    double *sums, uint64_t *found)
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

static void flags(uint8_t *flags, uint64_t *bits)
{
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 8) {
        /* moves the lowest bit of byte number j to bit 56 + j */
        uint64_t some = load_le64(flags + i) * 0x0102040810204080 >> 56;

        bits[i / 64] |= some << i % 64;
    }
    memset(flags, 0, WINDOW_DOCS);
}

/* ---- what is above a limit ---- */

static void above(double *sums, double limit, uint64_t *bits)
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

static void keep(const double *sums, double limit, uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint64_t dropped = !(sums[64 * word + (uint32_t)__builtin_ctzll(left)] > limit);

            bits[word] ^= (left & -left) & -dropped;
        }
}

static void clear(double *sums, const uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++, sums += 64)
        if (bits[word])
            memset(sums, 0, 64 * sizeof *sums);
}

static void inverses(const float *inverse, const struct window *window, float *out)
{
    for (uint32_t i = 0; i < window->size; i++)
        out[i] = inverse[window->norms[i]];
}

const struct kernel_set kernel_set_portable = {.score = score,
                                               .pick = pick,
                                               .score_counted = counted,
                                               .inverses = inverses,
                                               .take_flags = flags,
                                               .above = above,
                                               .keep = keep,
                                               .clear = clear};

/* ---- the choice ---- */

static inline const struct kernel_set *kernels(void)
{
#if defined(__x86_64__)
    enum cpu_level level = cpu_level();

    if (level == CPU_AVX512)
        return &kernel_set_avx512;
    if (level == CPU_AVX2)
        return &kernel_set_avx2;
#endif
    return &kernel_set_portable;
}

bool kernel_takes_bits(void)
{
    return kernels()->takes_bits;
}

void kernel_score(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double sums[SUMS_ROOM])
{
    kernels()->score(weight, part, window, sums);
}

void kernel_score_counted(const struct kernel_weight *weight, const struct window *window,
                          uint32_t tfs[WINDOW_DOCS], double sums[SUMS_ROOM],
                          uint64_t found[WINDOW_WORDS])
{
    kernels()->score_counted(weight, window, tfs, sums, found);
}

void kernel_inverses(const float inverse[256], const struct window *window, float out[SUMS_ROOM])
{
    kernels()->inverses(inverse, window, out);
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
    kernels()->pick(weight, part, window, float_below(limit), bits, sums);
}

void kernel_take_flags(uint8_t flags[WINDOW_DOCS], uint64_t bits[WINDOW_WORDS])
{
    kernels()->take_flags(flags, bits);
}

void kernel_above(double sums[SUMS_ROOM], double limit, uint64_t bits[WINDOW_WORDS])
{
    kernels()->above(sums, limit, bits);
}

void kernel_keep(const double sums[SUMS_ROOM], double limit, uint64_t bits[WINDOW_WORDS])
{
    kernels()->keep(sums, limit, bits);
}

void kernel_clear(double sums[SUMS_ROOM], const uint64_t bits[WINDOW_WORDS])
{
    kernels()->clear(sums, bits);
}
