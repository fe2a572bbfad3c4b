/* recency.h -- scores that fade with age.
 *
 * A score is multiplied by 2^(-age / half-life), which is 1 for the newest article and never more.
 * Age is counted back from the newest date that the index holds (or from the end of the dates that
 * are wanted, if that is before), never from the clock: the same index gives the same answer any
 * day. An undated article counts as old as the oldest one. Where none is dated nothing fades. */
#ifndef LEDE_QUERY_RECENCY_H
#define LEDE_QUERY_RECENCY_H

#include "opened.h"

struct recency {
    double half_life; /* in seconds; 0: nothing fades */
    int64_t oldest, newest;
};

/* last: no age is counted from after it. Reads the bounds of each window's dates. LEDE_INVALID: the
 * half-life is no time; LEDE_CORRUPT. */
enum lede_status recency_init(struct recency *recency, const struct lede_index *index,
                              double half_life, int64_t last, struct lede_error *err);

/* What the score of a document with this date (COLUMN_MISSING: none) is multiplied by: 0 to 1. */
double recency_factor(const struct recency *recency, int64_t seconds);

/* The same of a document of the segment. LEDE_CORRUPT. */
enum lede_status recency_of(const struct recency *recency, const struct segment *segment,
                            doc_id document, double *factor, struct lede_error *err);

#endif
