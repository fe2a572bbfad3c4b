#include "index/pack_kernels.h"

#include <stdatomic.h>

/* ---- portable: a 64-bit load holds any field, whatever bit it begins at ---- */

static uint32_t field_mask(unsigned width)
{
    return (uint32_t)((1ULL << width) - 1);
}

static void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t add, uint32_t *out)
{
    uint32_t mask = field_mask(width);

    for (size_t i = 0, bit = 0; i < n; i++, bit += width)
        out[i] = ((uint32_t)(load_le64(in + bit / 8) >> (bit % 8)) & mask) + add;
}

static void unpack_rising(const uint8_t *in, size_t n, unsigned width, uint32_t before,
                          uint32_t *out)
{
    uint32_t mask = field_mask(width);

    for (size_t i = 0, bit = 0; i < n; i++, bit += width) {
        before += ((uint32_t)(load_le64(in + bit / 8) >> (bit % 8)) & mask) + 1;
        out[i] = before;
    }
}

static void sum_rising(uint32_t *values, size_t n, uint32_t before)
{
    for (size_t i = 0; i < n; i++)
        values[i] = before += values[i] + 1;
}

static bool expand(const uint8_t *in, size_t span, uint32_t first, size_t n, uint32_t *out)
{
    size_t count = 0;

    for (size_t at = 0; at < span; at += 64) {
        uint64_t bits = load_le64(in + at / 8);

        if (span - at < 64)
            bits &= (1ULL << (span - at)) - 1;
        for (; bits; bits &= bits - 1) {
            if (count == n)
                return false;
            out[count++] = first + (uint32_t)at + (uint32_t)__builtin_ctzll(bits);
        }
    }
    return count == n;
}

static void patch(uint32_t *values, size_t n, const uint64_t *mask, unsigned width,
                  const uint32_t *highs)
{
    for (size_t at = 0; at < n; at += 64)
        for (uint64_t bits = mask[at / 64]; bits; bits &= bits - 1)
            values[at + (size_t)__builtin_ctzll(bits)] += (*highs++ + 1) << width;
}

const struct pack_kernels pack_kernels_portable = {unpack, unpack_rising, sum_rising, expand,
                                                   patch};

/* ---- the choice ---- */

static const struct pack_kernels *_Atomic chosen;

const struct pack_kernels *pack_kernels_of(enum cpu_level level)
{
#if defined(__x86_64__)
    if (level == CPU_AVX512)
        return &pack_kernels_avx512;
    if (level == CPU_AVX2)
        return &pack_kernels_avx2;
    if (level == CPU_SSE4)
        return &pack_kernels_sse4;
#endif
    (void)level;
    return &pack_kernels_portable;
}

void pack_kernels_use(enum cpu_level level)
{
    atomic_store_explicit(&chosen, pack_kernels_of(level), memory_order_relaxed);
}

const struct pack_kernels *pack_kernels(void)
{
    const struct pack_kernels *kernels = atomic_load_explicit(&chosen, memory_order_relaxed);

    if (!kernels) {
        kernels = pack_kernels_of(cpu_level());
        atomic_store_explicit(&chosen, kernels, memory_order_relaxed);
    }
    return kernels;
}
