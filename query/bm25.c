#include "bm25.h"

#include <math.h>

/* A contribution of a weight w >= 2^-20 is a multiple of 2^-44 (w has 24 bits, and the quotient is
 * taken from it at once); 53 bits of double reach from there to 2^9. */
#define WEIGHT_MIN 0x1p-20
#define SUM_MAX    0x1p9

void bm25_init(struct bm25 *bm25, double k1, double b, double average)
{
    bound_model_init(&bm25->model, k1, b, average);
    for (unsigned code = 0; code < 256; code++)
        bm25->inverse[code] = (float)(1 / bm25->model.k[code]);
}

double bm25_idf(uint64_t articles, uint64_t df)
{
    return log(1 + ((double)articles - (double)df + 0.5) / ((double)df + 0.5));
}

bool bm25_is_exact(const float *weights, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        if (!(weights[i] >= WEIGHT_MIN))
            return false;
        sum += weights[i];
    }
    return sum < SUM_MAX;
}
