/* words.h -- where the words of a text are: UAX #29 segments, tailored.
 *
 * A word is a segment of UAX #29 (as libunistring has it) that holds a letter, a number or an
 * emoji. The tailoring:
 *   - an ASCII space ends every segment (a joiner behind it does not cling to it);
 *   - . and : between letters end a segment, unless the letter runs on both sides are one
 *     letter long: U.S is one word, navy.mil two;
 *   - one ASCII letter that is a segment keeps the sign behind it, # or ++, unless a letter, a
 *     number, an underscore, a mark, # or + follows: c#, c++;
 *   - Han and kana, and the scripts that write no spaces, are cut into characters with what
 *     clings to them (graphemes); a run of n of them gives n words: the n-1 overlapping pairs,
 *     then the last character alone.
 *
 * Works in one pass, in constant memory, over bytes that may be anything: what is no UTF-8
 * belongs to no word. A spaced stretch of pure ASCII takes a faster way (vector code by
 * cpu_level) with identical results. One text a time; not thread-safe. */
#ifndef LEDE_TEXT_WORDS_H
#define LEDE_TEXT_WORDS_H

#include "base/bytes.h"

enum { WORDS_BATCH = 128 /* words_next wants at least this capacity */ };

enum word_kind {
    WORD_PLAIN,
    WORD_PAIR, /* two characters of a run */
    WORD_LAST  /* the last character of a run */
};

struct word {
    size_t offset; /* in the text, bytes */
    uint32_t size; /* bytes; UINT32_MAX stands for more as well */
    uint8_t kind;  /* enum word_kind */
    bool folded;   /* known to be NFKC case folded as it stands (pairs and lasts only) */
};

struct words {
    const uint8_t *begin, *at, *end; /* borrowed; at: where the next segment begins */
    const uint8_t *ascii_end;        /* up to here, from at, all is ASCII and ends with a blank */
    bool general_only;               /* never take the fast way (tests) */
    uint64_t invalid_bytes;          /* bytes so far that were no UTF-8 */
};

void words_start(struct words *words, struct slice text);

/* Fills up to capacity words in order of offset; 0 at the end of the text. */
size_t words_next(struct words *words, struct word *out, size_t capacity);

/* ---- between words.c and words_ascii.c ---- */

/* Words of [words->at, words->ascii_end); advances at. May stop before capacity is used up. */
size_t words_ascii_next(struct words *words, struct word *out, size_t capacity);

/* Bytes of the sign, # or ++, that the one-letter segment before at keeps; 0: none. */
size_t words_sign_size(const uint8_t *at, const uint8_t *end);

#endif
