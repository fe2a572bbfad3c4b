/* date_range.h -- the dates that a query wants.
 *
 *     dates = date | [ date ] ".." [ date ] | ( ">=" | ">" | "<=" | "<" ) date
 *
 * A date is what lede_date_parse reads (base/date.h), and all of the span that it names: 2023-07 is
 * July. What lies between two dates includes both, whichever comes first. Thread-safe. */
#ifndef LEDE_QUERY_DATE_RANGE_H
#define LEDE_QUERY_DATE_RANGE_H

#include "base/bytes.h"
#include "lede.h"

struct date_range {
    int64_t first, last; /* seconds since 1970, both wanted; never COLUMN_MISSING */
};

#define DATE_FIRST (INT64_MIN + 1)
#define DATE_LAST  INT64_MAX

/* False: text names no dates. */
bool date_range_parse(struct slice text, struct date_range *range);

/* From the beginning of since to the end of until; without one of them (LEDE_DATE_NONE) there is no
 * such end. */
struct date_range date_range_between(struct lede_date since, struct lede_date until);

static inline bool date_range_has(struct date_range range, int64_t seconds)
{
    return seconds >= range.first && seconds <= range.last;
}

#endif
