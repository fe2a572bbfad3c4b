/* pack.h -- runs of up to BLOCK_DOCS small integers, packed to one width with exceptions patched
 * in.
 *
 * A pack of n values (the reader knows n, 1 to BLOCK_DOCS) is
 *     u8   code: bits 0-5 the width b, 0 to 32; bit 7: exceptions follow; bit 6: 0 (posting.h)
 *     ceil(n * b / 8) bytes: the low b bits of each value, value i at bits i*b .. of the
 *                        little-endian bit string
 *   and with exceptions (b < 32), whose value is low | high << b:
 *     ceil(n / 8) bytes  bit i is set if value i is one; at least one is, none behind n
 *     a pack of high - 1 of each exception, which may have exceptions again, theirs none
 * The values 1 2 3 are the bytes 02 39: see test_pack.c. The horizontal layout lets every
 * count of values and every vector width decode the same bytes in place (pack_kernels.h).
 * After Zukowski et al., "Super-scalar RAM-CPU cache compression", 2006 (patched frame of
 * reference), Lemire and Boytsov, "Decoding billions of integers per second", 2015 (high parts
 * packed in their turn), and for what is large Golomb, "Run-length encodings", 1966: two levels
 * come within 3% of it.
 *
 * The decoders take any bytes: they read within [in, in + size + PACK_OVERRUN) and write within
 * PACK_ROOM values; what they leave behind the n-th value means nothing. Everything here is pure
 * and thread-safe, and gives the same values on every processor. */
#ifndef LEDE_INDEX_PACK_H
#define LEDE_INDEX_PACK_H

#include "base/bytes.h"
#include "index/format.h"

enum {
    PACK_SIZE_MAX =
        1 + 4 * BLOCK_DOCS,     /* bytes: the encoder never takes exceptions that cost more */
    PACK_OVERRUN = 64,          /* bytes behind a pack that decoding may read */
    PACK_ROOM = BLOCK_DOCS + 16 /* values that decoding may write */
};

/* Writes a pack of n values at out, which has PACK_SIZE_MAX bytes of room and PACK_OVERRUN behind;
 * returns its size: within 2% of the smallest, as it judges widths by the values' bit lengths and
 * takes exceptions only if they save more than they cost to decode. */
size_t pack_encode(const uint32_t *values, size_t n, uint8_t *out);

/* Decodes n values from the size bytes at in (PACK_OVERRUN more are readable) into out, which has
 * PACK_ROOM values of room. Returns the bytes used, 0 if they make no pack. */
size_t pack_decode(const uint8_t *in, size_t size, size_t n, uint32_t *out);

/* The same with 1 added to every value; 0 also if one would pass 32 bits. */
size_t pack_decode_counts(const uint8_t *in, size_t size, size_t n, uint32_t *out);

/* The same as a rising sequence: out[i] = out[i - 1] + value i + 1, where out[-1] is before;
 * UINT32_MAX there stands for -1. 0 also if a sum would pass 32 bits: what it returns rises
 * strictly. */
size_t pack_decode_rising(const uint8_t *in, size_t size, size_t n, uint32_t before, uint32_t *out);

/* Bytes of the pack of n values at in, without decoding it; 0 if they make no pack (though what
 * its exceptions say is not looked at). */
size_t pack_size(const uint8_t *in, size_t size, size_t n);

#endif
