/* by_date.h -- the best documents by their date instead of their score. */
#ifndef LEDE_QUERY_BY_DATE_H
#define LEDE_QUERY_BY_DATE_H

#include "evaluate.h"
#include "lede.h"

/* Offers each match of the plan to best, adds how many there are to *total, finishes best (topk.h),
 * and gives its entries their scores: the newest (order LEDE_BY_DATE) or the oldest
 * (LEDE_BY_DATE_RISING) rank first, undated ones last, those of one date in the order of documents.
 * Looks at every match. As evaluate_plan. */
enum lede_status by_date(const struct plan *plan, enum lede_order order, struct topk *best,
                         uint64_t *total, struct lede_error *err);

#endif
