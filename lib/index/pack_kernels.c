#include "index/pack_kernels.h"

#include <stdatomic.h>

/* ---- portable decoding: a 64-bit load holds any field, whatever bit it begins at ---- */

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

/* ---- encoding ---- */

static unsigned bit_length(uint32_t value)
{
    return 63 - (unsigned)__builtin_clzll(2 * (uint64_t)value + 1);
}

/* Counts in four places, so that no count has to wait for the one before. */
unsigned pack_widths_portable(const uint32_t *values, size_t n, uint16_t *wider)
{
    uint8_t counts[4][PACK_WIDTHS] = {{0}};
    uint32_t all = 0;
    unsigned sum = 0, widest;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        counts[0][bit_length(values[i])]++;
        counts[1][bit_length(values[i + 1])]++;
        counts[2][bit_length(values[i + 2])]++;
        counts[3][bit_length(values[i + 3])]++;
        all |= values[i] | values[i + 1] | values[i + 2] | values[i + 3];
    }
    for (; i < n; i++) {
        counts[0][bit_length(values[i])]++;
        all |= values[i];
    }
    widest = bit_length(all);
    memset(wider, 0, PACK_WIDTHS * sizeof *wider);
    for (unsigned width = widest; width-- > 0;) {
        for (i = 0; i < 4; i++)
            sum += counts[i][width + 1];
        wider[width] = (uint16_t)sum;
    }
    return widest;
}

/* The low bits of two values side by side. */
static inline uint64_t pair_low(const uint32_t *values, unsigned width, uint64_t mask)
{
    return (values[0] & mask) | (values[1] & mask) << width;
}

/* As many values at once as fit behind the up to 7 bits that wait for the rest of their byte. */
void pack_portable(const uint32_t *values, size_t n, unsigned width, uint8_t *out)
{
    uint64_t mask = (1ULL << width) - 1, bits = 0, next;
    unsigned filled = 0, step = 4 * width <= 57 ? 4 : 2 * width <= 57 ? 2 : 1;

    for (size_t i = 0; i < n; i += step) {
        if (n - i < step)
            step = 1;
        next = step == 1 ? values[i] & mask : pair_low(values + i, width, mask);
        if (step == 4)
            next |= pair_low(values + i + 2, width, mask) << 2 * width;
        bits |= next << filled;
        filled += step * width;
        store_le64(out, bits);
        out += filled / 8;
        bits = filled < 64 ? bits >> (filled & ~7u) : 0;
        filled %= 8;
    }
}

/* Bit i is set if value i of eight is over most. */
static inline unsigned bits_over(const uint32_t *values, uint32_t most)
{
    return (unsigned)(values[0] > most) | (unsigned)(values[1] > most) << 1 |
           (unsigned)(values[2] > most) << 2 | (unsigned)(values[3] > most) << 3 |
           (unsigned)(values[4] > most) << 4 | (unsigned)(values[5] > most) << 5 |
           (unsigned)(values[6] > most) << 6 | (unsigned)(values[7] > most) << 7;
}

size_t pack_split_portable(const uint32_t *values, size_t n, unsigned width, uint8_t *mask,
                           uint32_t *highs)
{
    uint32_t most = (uint32_t)(1ULL << width) - 1, last[8] = {0};
    size_t count = 0;

    for (size_t first = 0; first < n; first += 8) {
        const uint32_t *eight = values + first;
        unsigned bits;

        if (n - first < 8)
            eight = memcpy(last, eight, (n - first) * sizeof *eight);
        bits = bits_over(eight, most);
        *mask++ = (uint8_t)bits;
        for (; bits; bits &= bits - 1)
            highs[count++] = (eight[__builtin_ctz(bits)] >> width) - 1;
    }
    return count;
}

const struct pack_kernels pack_kernels_portable = {
    unpack, unpack_rising,        sum_rising,    expand,
    patch,  pack_widths_portable, pack_portable, pack_split_portable};

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
