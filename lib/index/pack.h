/* pack.h -- runs of up to 128 small integers, packed to one width with exceptions patched in.
 *
 * A pack of n values (the reader knows n, 1 to BLOCK_DOCS) is
 *     u8   code: bits 0-5 the width b, 0 to 32; bit 7: exceptions follow; bit 6: 0 (posting.h)
 *     u8   e, u8 h       if bit 7: e exceptions (1 to 127), high parts of h bytes (1 to 4)
 *     ceil(n * b / 8) bytes: the low b bits of each value, value i at bits i*b .. of the
 *                        little-endian bit string
 *     e bytes            index of each exceptional value, rising, below n
 *     e * h bytes        its high part, little-endian; value = low | high << b
 * The values 1 2 3 are the bytes 02 39: see test_pack.c. The horizontal layout lets every
 * count of values and every vector width decode the same bytes in place.
 * After Zukowski et al., "Super-scalar RAM-CPU cache compression", 2006 (patched frame of
 * reference) and Lemire and Boytsov, "Decoding billions of integers per second", 2015.
 *
 * Everything here is pure and thread-safe. */
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

/* Writes the smallest pack of n values at out, which has PACK_SIZE_MAX bytes of room and
 * PACK_OVERRUN behind; returns its size. */
size_t pack_encode(const uint32_t *values, size_t n, uint8_t *out);

/* Decodes n values from the size bytes at in (PACK_OVERRUN more are readable) into out, which has
 * PACK_ROOM values of room. Returns the bytes used, 0 if they make no pack. */
size_t pack_decode(const uint8_t *in, size_t size, size_t n, uint32_t *out);

/* Bytes of the pack of n values at in, without decoding it; 0 if they make no pack. */
size_t pack_size(const uint8_t *in, size_t size, size_t n);

#endif
