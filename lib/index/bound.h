/* bound.h -- upper bounds on what a posting can add to a score, in a byte.
 *
 * The factor of a posting is f = tf / (tf + K), K = k1 * (1 - b + b * length / average), so
 * that its contribution is at most w * f for a word of weight w. A bound is the byte
 * ceil(255 * f * (1 + 2^-20)): w * byte / 255 is never below the contribution computed in
 * float32 under the segment's stored k1, b and average. For any other k1, b or average,
 * min(1, c * byte / 255) is one, with c = bound_scale().
 * Floors (bytes rounded down by as much) tell what the k-th best posting is worth at least. */
#ifndef LEDE_INDEX_BOUND_H
#define LEDE_INDEX_BOUND_H

#include "index/norm.h"

struct bound_model { /* what the bytes of a segment were computed with */
    double k1, b, average;
    double k[256]; /* K of each length code */
};

void bound_model_init(struct bound_model *model, double k1, double b, double average);

/* The bytes of a posting of frequency tf in a document of length code. */
uint8_t bound_ceiling(const struct bound_model *model, uint32_t tf, uint8_t code);
uint8_t bound_floor(const struct bound_model *model, uint32_t tf, uint8_t code);
/* The same from a factor: for the best of many, computed once. */
uint8_t bound_ceiling_of(double factor);

/* c = max(1, K_stored / K_query) over the segment's lengths (both are linear in the length, so
 * the extremes suffice), with 2^-20 of slack; for ceilings under another model. */
double bound_scale(const struct bound_model *stored, const struct bound_model *query,
                   uint8_t shortest, uint8_t longest);
/* min(1, K_stored / K_query) likewise, rounded down; for floors under another model. */
double bound_floor_scale(const struct bound_model *stored, const struct bound_model *query,
                         uint8_t shortest, uint8_t longest);

#endif
