/* join.h -- what two rising sequences of numbers have in common: many comparisons at once.
 *
 * Sequences rise strictly. The second one of a pair is followed by JOIN_TAIL values that can be
 * read and are UINT32_MAX, as posting_cursor_documents leaves them. The same results on every
 * processor (cpu.h). Costs about a step for each value of the first and for each JOIN_TAIL values
 * of the second that are passed: the first should be the shorter one. Nothing fails; thread-safe.
 *
 * After Schlegel, Willhalm and Lehner, "Fast sorted-set intersection using SIMD instructions",
 * 2011: one value is compared with a vector of the other sequence, which moves on by vectors. */
#ifndef LEDE_QUERY_JOIN_H
#define LEDE_QUERY_JOIN_H

#include "base/bytes.h"

enum { JOIN_TAIL = 16, JOIN_MAX = UINT16_MAX };

/* A sequence and the part of it that is looked at: places [from, end), end <= JOIN_MAX. */
struct join_side {
    const uint32_t *values;
    uint32_t from, end;
};

/* For each value of left that right has, rising: its place in left and its place in right (each
 * with room for as many as left has, and one). Returns how many. */
uint32_t join_places(const struct join_side *left, const struct join_side *right, uint16_t *in_left,
                     uint16_t *in_right);

/* Keeps of values those v for which v + distance, which is not below 0, is one of others, in place;
 * returns how many. */
uint32_t join_keep(uint32_t *values, uint32_t count, const uint32_t *others, uint32_t other_count,
                   int64_t distance);

/* The place of the first value >= wanted among values [from, end), or end. values are followed by
 * JOIN_TAIL, too. */
uint32_t join_lower_bound(const uint32_t *values, uint32_t from, uint32_t end, uint32_t wanted);

#endif
