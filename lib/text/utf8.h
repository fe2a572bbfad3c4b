/* utf8.h -- one code point at a time from bytes that may be anything.
 *
 * What is no UTF-8 is cut as the Unicode standard recommends (section 3.9, "maximal
 * subparts": E2 82 41 is one bad piece of two bytes, then A) and read as UTF8_INVALID, which
 * stands for U+FFFD and lets the caller count the bytes. Overlong forms, surrogates and what
 * lies over U+10FFFF are bad. Stateless; thread-safe. */
#ifndef LEDE_TEXT_UTF8_H
#define LEDE_TEXT_UTF8_H

#include "base/bytes.h"

enum { UTF8_INVALID = 0x110000, UTF8_MAX = 4 /* bytes of the longest code point */ };

/* The rest of utf8_decode: what is long, rare or bad. */
size_t utf8_decode_long(const uint8_t *at, const uint8_t *end, uint32_t *code_point);

/* Reads the code point at at, before end, and returns its bytes (at least 1). */
static inline size_t utf8_decode(const uint8_t *at, const uint8_t *end, uint32_t *code_point)
{
    if (at[0] < 0x80) {
        *code_point = at[0];
        return 1;
    }
    if (at[0] >= 0xc2 && at[0] < 0xe0 && end - at > 1 && (at[1] & 0xc0) == 0x80) {
        *code_point = (uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
        return 2;
    }
    if (at[0] > 0xe0 && at[0] < 0xf0 && at[0] != 0xed && end - at > 2 && (at[1] & 0xc0) == 0x80 &&
        (at[2] & 0xc0) == 0x80) {
        *code_point =
            (uint32_t)(at[0] & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
        return 3;
    }
    return utf8_decode_long(at, end, code_point);
}

/* True if nothing in it is bad. */
bool utf8_is_valid(struct slice text);

/* Writes code_point (below UTF8_INVALID, no surrogate) at at, which has UTF8_MAX bytes of
 * room, and returns the bytes. */
size_t utf8_encode(uint8_t *at, uint32_t code_point);

#endif
