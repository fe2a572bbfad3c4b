/* bound.h -- upper bounds on what a posting can add to a score, in a byte.
 *
 * The factor of a posting is f = tf / (tf + K), K = k1 * (1 - b + b * length / average), so
 * that its contribution is at most w * f for a word of weight w. A bound is the byte
 *     ceil(255 * (f * (1 + 2^-20) + 2^-22)), at most 255
 * and w * byte / 255, computed in double, is never below the contribution computed in float32 as
 * w - w / (1 + tf * inv), inv = (float)(1 / K), under the segment's stored k1, b and average.
 *
 * Why: let u = 2^-24, what one float32 operation may err by, and x = tf / K. Rounding of tf, of inv
 * and of their product make x at most x(1 + 3u); rounding of the sum and of the quotient take at
 * most 2u from the quotient w/(1 + x), which is w(1 - f); the difference rounds by u once more. So
 * the contribution is below w(f(1 + 5u) + 3u), and 5u < 2^-20, 3u < 2^-22. The absolute part
 * matters where f is small: there w/(1 + x) is nearly w, and errs by parts of w, not of w * f.
 * A byte of 255 stands for w itself, which no contribution passes.
 *
 * Floors, floor(255 * (f * (1 - 2^-20) - 2^-22)), are never above the contribution by the same
 * reasoning; they tell what the k-th best posting is worth at least.
 *
 * For any other k1, b or average, min(1, bound_scale() * byte / 255) is a bound. */
#ifndef LEDE_INDEX_BOUND_H
#define LEDE_INDEX_BOUND_H

#include "index/norm.h"

struct bound_model { /* what the bytes of a segment were computed with */
    double k1, b, average;
    double k[256]; /* K of each length code */
};

/* k1 and b are those of BM25 (k1 >= 0, 0 <= b <= 1); average: of the lengths, in positions; if it
 * is not above 0, there are no lengths, and each counts as average. */
void bound_model_init(struct bound_model *model, double k1, double b, double average);

/* The factor of a posting of frequency tf (>= 1) in a document of length code. */
static inline double bound_factor(const struct bound_model *model, uint32_t tf, uint8_t code)
{
    return tf / (tf + model->k[code]);
}

/* The bytes of a posting of frequency tf in a document of length code. */
uint8_t bound_ceiling(const struct bound_model *model, uint32_t tf, uint8_t code);
uint8_t bound_floor(const struct bound_model *model, uint32_t tf, uint8_t code);
/* The same from a factor: for the best of many, computed once. */
uint8_t bound_ceiling_of(double factor);
uint8_t bound_floor_of(double factor);

/* c = max(1, K_stored / K_query) over the segment's lengths (both are linear in the length, so
 * the extremes suffice), with 2^-20 of slack where it is above 1; for ceilings under another model:
 * min(1, c * byte / 255). May be infinite. */
double bound_scale(const struct bound_model *stored, const struct bound_model *query,
                   uint8_t shortest, uint8_t longest);
/* min(1, K_stored / K_query) likewise, less 2^-12 where it is below 1 (a floor's absolute slack is
 * scaled with it and must still do: 255 * 8u = 2^-13 would); for floors under another model. */
double bound_floor_scale(const struct bound_model *stored, const struct bound_model *query,
                         uint8_t shortest, uint8_t longest);

#endif
