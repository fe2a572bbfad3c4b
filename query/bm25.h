/* bm25.h -- what an occurrence of a word is worth: BM25 as Lucene computes it since version 8.
 *
 *     idf          = ln(1 + (N - df + 0.5) / (df + 0.5))
 *     K            = k1 * (1 - b + b * length / average)
 *     contribution = w * tf / (tf + K), w = idf * boost * repeats
 *
 * There is no factor (k1 + 1): it changes no order. With N 10, df 2, average 5 and the defaults,
 * a word that stands twice in an article of length 5 adds 1.481605 * 2 / 3.2: see test_bm25.c.
 *
 * The same bits everywhere: idf and K are doubles, w and 1 / K are rounded to float32, and
 * the contribution is the float32 w - w / (1 + tf * (1 / K)), which never falls when tf grows (the
 * quotient form may). Contributions are added as doubles; while every w >= 2^-20 and their
 * sum < 2^9 that is exact, so that their order does not matter (bm25_is_exact).
 *
 * After Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009, and
 * Lucene's BM25Similarity (whose idf, monotonous contribution and length codes these are). */
#ifndef LEDE_QUERY_BM25_H
#define LEDE_QUERY_BM25_H

#include "index/bound.h"

struct bm25 {
    struct bound_model model; /* k1, b, average, and K of each length code */
    float inverse[256];       /* (float)(1 / K); infinite where K is 0: then only presence counts */
};

/* average: of the lengths of the articles, not above 0 if there are none. */
void bm25_init(struct bm25 *bm25, double k1, double b, double average);

/* df <= articles; above 0, and not below the idf of a more frequent word. */
double bm25_idf(uint64_t articles, uint64_t df);

static inline float bm25_weight(double idf, double boost, uint32_t repeats)
{
    return (float)(boost * idf * repeats);
}

/* What tf (> 0) occurrences add in an article whose length code has this inverse. */
static inline float bm25_contribution(float weight, uint32_t tf, float inverse)
{
    return weight - weight / (1 + (float)tf * inverse);
}

/* True if sums of contributions of these weights are exact in double, in any order. */
bool bm25_is_exact(const float *weights, size_t count);

#endif
