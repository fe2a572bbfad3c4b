/* printable.h -- bytes of unknown origin made safe to show on a terminal or to pipe on.
 *
 * Text of articles, paths, ids and messages of libraries may hold terminal escapes, control
 * characters, marks that turn the order of what follows, or no UTF-8 at all. What comes out is
 * valid UTF-8 without any of U+0000..001F (but what a mode keeps), U+007F..009F, U+2028, U+2029,
 * and the marks of the bidirectional algorithm (U+061C, 200E, 200F, 202A..202E, 2066..206F).
 *
 *                   newline, tab        what may not pass
 *     PRINTABLE_NAME  \x0a, \x09        its bytes as \x1b, \xe2\x80\xae: nothing is hidden
 *     PRINTABLE_LINE  one space         U+FFFD, one for a character or a byte that is no UTF-8
 *     PRINTABLE_TEXT  kept (CR LF: LF)  the same
 *
 * NAME is for paths, ids and error texts, where two names must not look alike (a backslash of
 * the name itself stays as it is); LINE for titles and snippets, where CR, VT and FF are a space,
 * too; TEXT for articles. At most 4 bytes come out for each that went in. */
#ifndef LEDE_BASE_PRINTABLE_H
#define LEDE_BASE_PRINTABLE_H

#include "base/buffer.h"

enum printable_mode { PRINTABLE_NAME, PRINTABLE_LINE, PRINTABLE_TEXT };

/* Appends; memory that runs out shows in out->failed. */
void printable_put(struct buffer *out, struct slice bytes, enum printable_mode mode);

/* Bytes of the UTF-8 character at at, 1 to 4, and the character in *character; 0 if there is none:
 * cut short, overlong, a surrogate or over U+10FFFF. at < end. */
size_t printable_decode(const uint8_t *at, const uint8_t *end, uint32_t *character);

/* False for the characters that may not pass as they are, in any mode: controls, newlines too. */
bool printable_is_harmless(uint32_t character);

/* What a word of so many ends with. */
static inline const char *plural_of(uint64_t count)
{
    return count == 1 ? "" : "s";
}

#endif
