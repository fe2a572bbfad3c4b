/* random.h -- random texts for the tests of lib/text: reproducible from a seed. */
#ifndef TESTS_TEXT_RANDOM_H
#define TESTS_TEXT_RANDOM_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "text/utf8.h"

struct random {
    uint64_t state;
};

static inline uint64_t random_seed(void)
{
    const char *given = getenv("LEDE_SEED");

    return given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 1000003;
}

/* splitmix64 */
static inline uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(struct random *r, uint32_t limit)
{
    return (uint32_t)(random_next(r) % limit);
}

/* What texts are made of: each a string that one is picked from, or code points in a range. */
static const char *const RANDOM_PIECES[] = {
    "a",
    "b",
    "z",
    "A",
    "Q",
    "s",
    "word",
    "Word",
    "the",
    "US",
    "x",
    "1",
    "2",
    "42",
    "0",
    "_",
    "__",
    ".",
    ".",
    ":",
    "'",
    "'",
    ",",
    ";",
    "\"",
    "-",
    "+",
    "++",
    "#",
    " ",
    " ",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\f",
    "$",
    "/",
    "@",
    "\xe2\x80\x99",
    "\xe2\x80\x98",
    "\xca\xbc",
    "\xef\xbc\x87",
    "\xe2\x80\x9c",
    "\xc3\xa9",
    "\xc3\x84",
    "\xc5\x82",
    "\xc4\xb1",
    "\xc4\xb0",
    "\xc3\x9f",
    "e\xcc\x81",
    "\xcc\x81",
    "\xcc\x88",
    "\xcd\x85",
    "\xe2\x80\x8d",
    "\xe2\x80\x8c",
    "\xc2\xad",
    "\xe2\x80\x8e",
    "\xef\xbb\xbf",
    "\xef\xb8\x8f",
    "\xe2\x83\xa3",
    "\xd7\x90",
    "\xd7\x91",
    "\xd7\x9c\xd7\x94",
    "\xd7\xb3",
    "\xd7\xb4",
    "\xd6\xb0",
    "\xd8\xa7",
    "\xd9\x84\xd8\xa3",
    "\xd9\x8b",
    "\xd9\x80",
    "\xd9\xa3",
    "\xd9\xab",
    "\xd9\xac",
    "\xd1\x8f",
    "\xd0\x96",
    "\xd1\x91",
    "\xd0\xb9",
    "\xd0\xb8\xcc\x86",
    "\xce\xb1",
    "\xce\xac",
    "\xcf\x82",
    "\xce\xa3",
    "\xe1\xbe\xb3",
    "\xe0\xa4\x95",
    "\xe0\xa4\xbf",
    "\xe0\xa5\x8d",
    "\xe0\xa4\xbc",
    "\xe0\xa5\xa4",
    "\xe0\xa5\xa9",
    "\xe0\xb8\x81",
    "\xe0\xb8\xb4",
    "\xe0\xb9\x88",
    "\xe0\xb8\xb3",
    "\xe0\xb9\x80",
    "\xe0\xb9\x93",
    "\xe0\xba\x81",
    "\xe0\xba\xb3",
    "\xe1\x9e\x80",
    "\xe1\x9f\x92",
    "\xe1\x80\x80",
    "\xe1\x80\xb1",
    "\xea\xb0\x80",
    "\xed\x95\x9c",
    "\xe1\x84\x80",
    "\xe1\x85\xa1",
    "\xe4\xb8\xad",
    "\xe6\x96\x87",
    "\xe3\x80\x87",
    "\xe3\x80\x85",
    "\xe3\x81\x8b",
    "\xe3\x82\x99",
    "\xe3\x82\x9b",
    "\xe3\x82\xab",
    "\xe3\x83\xbc",
    "\xef\xbd\xb6",
    "\xef\xbe\x9e",
    "\xef\xbc\xa1",
    "\xef\xbc\x91",
    "\xef\xbc\x8e",
    "\xef\xbc\x9a",
    "\xf0\x9f\x98\x80",
    "\xf0\x9f\x91\xa9",
    "\xf0\x9f\x8f\xbd",
    "\xf0\x9f\x92\xbb",
    "\xe2\x9d\xa4",
    "\xe2\x84\xa2",
    "\xc2\xa9",
    "\xe2\x84\xb9",
    "\xf0\x9f\x87\xa9",
    "\xf0\x9f\x87\xaa",
    "\xc2\xb7",
    "\xe2\x80\xbf",
    "\xe2\x80\x83",
    "\xe3\x80\x80",
    "\xc2\xa0",
    "\xc2\x85",
    "\xe2\x80\xa8",
    "\xef\xbf\xbd",
    "\xf0\xa0\x80\x80",
    "\xef\xa4\x80",
    "\xe2\xbc\x80",
    "\xf0\x9d\x90\x80",
    "\xc2\xbd",
    "\xe2\x91\xa0",
    "\xe2\x93\x90",
    "\xd5\xa1",
    "\xd5\x9e",
    "\xd5\x9f",
    "\xef\xac\x81",
    "\xef\xb7\xba",
    "\xe1\x83\xa5",
    "\xe0\xae\x95",
    "\xe0\xae\xbf",
};
enum { RANDOM_PIECE_COUNT = sizeof RANDOM_PIECES / sizeof *RANDOM_PIECES, RANDOM_ASCII_COUNT = 40 };

/* Bytes that begin, end, or break sequences. */
static const char RANDOM_BAD[] = "\x80\xbf\xc0\xc1\xc3\xe0\xe2\xed\xa0\xef\xf0\x90\xf4\xf5\xff\xfe";

/* Fills text, of size bytes, with one of several mixtures. */
static inline void random_text(struct random *r, uint8_t *text, size_t size)
{
    uint32_t mixture = random_below(r, 8), few[6];
    size_t at = 0;

    for (size_t i = 0; i < 6; i++)
        few[i] = random_below(r, RANDOM_PIECE_COUNT);
    while (at < size) {
        uint8_t utf8[8];
        const char *piece;
        size_t piece_size;

        if (mixture < 2)
            piece = RANDOM_PIECES[random_below(r, RANDOM_ASCII_COUNT)];
        else if (mixture < 4)
            piece = RANDOM_PIECES[few[random_below(r, 6)]];
        else
            piece = RANDOM_PIECES[random_below(r, RANDOM_PIECE_COUNT)];
        piece_size = strlen(piece);
        if (mixture >= 5 && random_below(r, 12) == 0) {
            uint32_t c = random_below(r, random_below(r, 2) ? 0x110000 : 0x3000);

            piece_size = utf8_encode(utf8, c);
            piece = (const char *)utf8;
        } else if (mixture >= 6 && random_below(r, 8) == 0) {
            piece = &RANDOM_BAD[random_below(r, sizeof RANDOM_BAD)]; /* its NUL, too */
            piece_size = 1;
        }
        if (piece_size > size - at)
            piece_size = size - at;
        memcpy(text + at, piece, piece_size);
        at += piece_size;
    }
}

#endif
