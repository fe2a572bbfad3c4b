/* small_digits.h -- digits that stand above or below the line: CO₂, H₂O, m², km³.
 *
 * UAX #29 parts them from the letters before. So that what is typed with plain digits finds them,
 * the first small digit of a run of ASCII letters, ASCII digits and small ones carries the run with
 * plain digits and in lower case as its token's variant (analyzer.h), if a letter is before it and
 * no letter of Europe or the Near East before the run (µm² is as it was): ₂ of CO₂ carries co2.
 * Nothing else changes: climate¹ is found by climate. Pure; thread-safe. */
#ifndef LEDE_TEXT_SMALL_DIGITS_H
#define LEDE_TEXT_SMALL_DIGITS_H

#include "base/bytes.h"

enum { SMALL_DIGITS_MAX = 32 }; /* bytes of the longest run, with plain digits */

/* Whether a character whose first byte is this one may be a small digit. */
static inline bool small_digits_may_begin(uint8_t byte)
{
    return byte == 0xc2 || byte == 0xe2;
}

/* The run with plain digits, if the character at offset is its first small one; its size, or 0. */
size_t small_digits_read(struct slice text, size_t offset, uint8_t out[SMALL_DIGITS_MAX]);

/* Where that run stands in the text; of size 0 if there is none. */
struct slice small_digits_run(struct slice text, size_t offset);

/* As small_digits_read, of a text that is nothing but such a run. */
size_t small_digits_word(struct slice text, uint8_t out[SMALL_DIGITS_MAX]);

#endif
