/* stem.h -- Snowball stemmers, one a language, made when first wanted.
 *
 * Not thread-safe: libstemmer keeps the word it works on inside. */
#ifndef LEDE_TEXT_STEM_H
#define LEDE_TEXT_STEM_H

#include "base/bytes.h"
#include "text/analyzer.h"

struct sb_stemmer;

enum { STEMMERS_MAX = 256 };

struct stemmers {
    struct sb_stemmer *made[STEMMERS_MAX]; /* by language_id; NULL: not yet, or it has none */
};

/* Begins all zero ({0} or memset). Frees the stemmers. */
void stemmers_done(struct stemmers *stemmers);

/* The stem of a case-folded UTF-8 word: the stemmers' memory, valid until the next call; the
 * word itself where the language has no stemmer. data is NULL if memory ran out. */
struct slice stemmers_stem(struct stemmers *stemmers, language_id language, struct slice word);

/* A hash over what every stemmer makes of a few words of its language, some of which releases of
 * Snowball have come to differ on: the library itself cannot be asked for its version. 0.05 ms,
 * and the first time in a process 0.14; 0 if memory ran out. */
uint64_t stemmers_probe(void);
/* The same; at once where it was known when the program was linked (tables/make_probe.c). */
uint64_t stemmers_fingerprint(void);

#endif
