/* pack_kernels.h -- the loops that decode packs and bitsets and that encode packs, one set for each
 * kind of processor.
 *
 * Every set gives the same values and bytes. Sizes are checked by who calls (pack.c,
 * posting_block.c): the kernels read up to PACK_OVERRUN bytes behind the bits they are given and
 * write out[0 .. n + 16).
 *
 * The vector kernels rest on the horizontal layout: eight values of width b take b bytes, so a
 * group of 8 or 16 begins at a byte, and a byte shuffle followed by a shift in each lane takes its
 * values apart, and pext puts them together. Index and shift vectors follow from b by arithmetic;
 * there are no tables. After Willhalm et al., "SIMD-Scan", 2009; the running sums after Lemire,
 * Boytsov and Kurz, "SIMD compression and the intersection of sorted integers", 2016. */
#ifndef LEDE_INDEX_PACK_KERNELS_H
#define LEDE_INDEX_PACK_KERNELS_H

#include "base/bytes.h"
#include "base/cpu.h"

enum { PACK_WIDTHS = 33 /* widths of values, from 0 on */ };

struct pack_kernels {
    /* out[i] = field i of n fields of width bits (0 to 32), plus add. */
    void (*unpack)(const uint8_t *in, size_t n, unsigned width, uint32_t add, uint32_t *out);
    /* out[i] = out[i - 1] + field i + 1, out[-1] being before; all modulo 2^32. */
    void (*unpack_rising)(const uint8_t *in, size_t n, unsigned width, uint32_t before,
                          uint32_t *out);
    /* The same sums of fields that are unpacked already, in place. */
    void (*sum_rising)(uint32_t *values, size_t n, uint32_t before);
    /* out: first + j for each bit j that is set among the span bits at in. False if they are not
     * exactly n. */
    bool (*expand)(const uint8_t *in, size_t span, uint32_t first, size_t n, uint32_t *out);
    /* Adds highs[k] + 1, times 2^width, to the value at the k-th bit that is set in mask, none of
     * which is behind the first n. Reads up to 16 highs more than there are bits. */
    void (*patch)(uint32_t *values, size_t n, const uint64_t *mask, unsigned width,
                  const uint32_t *highs);

    /* wider[b] for each width b: how many of up to BLOCK_DOCS values take more than b bits. Returns
     * the bits of the widest. */
    unsigned (*widths)(const uint32_t *values, size_t n, uint16_t *wider);
    /* Writes the low width bits of each value; up to PACK_OVERRUN bytes behind them are written
     * over. */
    void (*pack)(const uint32_t *values, size_t n, unsigned width, uint8_t *out);
    /* Sets bit i of mask if value i takes more than width bits, and puts what its high part is
     * above 1 into highs; returns how many there are. Writes up to 8 bytes behind mask and 16
     * values behind the highs. */
    size_t (*split)(const uint32_t *values, size_t n, unsigned width, uint8_t *mask,
                    uint32_t *highs);
};

/* Encoding without vectors, for more than one set. */
unsigned pack_widths_portable(const uint32_t *values, size_t n, uint16_t *wider);
void pack_portable(const uint32_t *values, size_t n, unsigned width, uint8_t *out);
size_t pack_split_portable(const uint32_t *values, size_t n, unsigned width, uint8_t *mask,
                           uint32_t *highs);

extern const struct pack_kernels pack_kernels_portable;
#if defined(__x86_64__)
extern const struct pack_kernels pack_kernels_sse4, pack_kernels_avx2, pack_kernels_avx512;
#endif

/* The set for this process: that of cpu_level(). */
const struct pack_kernels *pack_kernels(void);
/* The set of a level that this processor has. */
const struct pack_kernels *pack_kernels_of(enum cpu_level level);
/* For tests and benchmarks: from now on, the set of a level that this processor has. */
void pack_kernels_use(enum cpu_level level);

#endif
