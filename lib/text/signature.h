/* signature.h -- 64 bits by which articles of nearly the same words know each other.
 *
 * Of the terms of title and text, in order, every run of SIGNATURE_WORDS (the first ones are
 * shorter) is hashed. The upper SIGNATURE_BITS bits are a sketch of the set of these hashes: each
 * hash falls into one of as many bins, a bin keeps its least, an empty one takes that of another,
 * and gives one bit of it. Of two articles whose sets have the Jaccard coefficient J, a bit differs
 * with the probability (1 - J) / 2. The lower bits are of all hashes together: articles of the
 * same terms in the same order have the same signature, and of those that have the same sketch but
 * other terms all but one in 256 are told apart.
 *
 * The same on every machine. Cost: some 15 instructions a token, 700 an article.
 *
 * After Broder, "On the resemblance and containment of documents", 1997; Li, Owen and Zhang, "One
 * permutation hashing", 2012; Shrivastava, "Optimal densification for fast and accurate minwise
 * hashing", 2017; Li and König, "b-bit minwise hashing", 2010. */
#ifndef LEDE_TEXT_SIGNATURE_H
#define LEDE_TEXT_SIGNATURE_H

#include "text/analyzer.h"

enum {
    SIGNATURE_WORDS = 3,
    SIGNATURE_BITS = 56,    /* of the sketch */
    SIGNATURE_BINS = 64,    /* the last ones count to the first, too */
    SIGNATURE_TEXT_BITS = 8 /* below it */
};

struct signature {
    uint32_t least[SIGNATURE_BINS];
    uint64_t run;   /* the hashes of the last terms, each WORD_SHIFT bits above the one behind it */
    uint64_t all;   /* hashes of runs, as one */
    uint32_t count; /* terms */
};

void signature_init(struct signature *signature);
/* Adds tokens as analyzer_next gave them. */
void signature_add(struct signature *signature, const struct token *tokens, size_t count);
/* Never the bits of INT64_MIN, which columns read as missing. False if there was no token. */
bool signature_value(const struct signature *signature, uint64_t *value);

#endif
