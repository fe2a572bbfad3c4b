#include "recency.h"

#include <math.h>

static enum lede_status widen(struct recency *recency, const struct segment *segment,
                              struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (uint32_t window = 0; status == LEDE_OK && window < segment_window_count(segment);
         window++) {
        int64_t min, max;

        status = column_bounds(&segment->columns, COLUMN_DATE, window, &min, &max, err);
        if (status != LEDE_OK || min > max)
            continue;
        recency->oldest = min < recency->oldest ? min : recency->oldest;
        recency->newest = max > recency->newest ? max : recency->newest;
    }
    return status;
}

enum lede_status recency_init(struct recency *recency, const struct lede_index *index,
                              double half_life, int64_t last, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *recency = (struct recency){half_life, INT64_MAX, INT64_MIN};
    if (!(half_life >= 0) || isinf(half_life))
        return error_set(err, LEDE_INVALID, "recency: a half-life is a time above 0");
    if (half_life == 0)
        return LEDE_OK;
    for (uint32_t i = 0; status == LEDE_OK && i < index->segment_count; i++)
        status = widen(recency, index->segments[i].segment, err);
    if (recency->oldest > recency->newest)
        recency->half_life = 0;
    if (recency->newest > last)
        recency->newest = last;
    return status;
}

double recency_factor(const struct recency *recency, int64_t seconds)
{
    double age;

    if (recency->half_life == 0)
        return 1;
    if (seconds == COLUMN_MISSING)
        seconds = recency->oldest;
    age = (double)recency->newest - (double)seconds;
    return age > 0 ? exp2(-age / recency->half_life) : 1;
}

enum lede_status recency_of(const struct recency *recency, const struct segment *segment,
                            doc_id document, double *factor, struct lede_error *err)
{
    int64_t seconds;
    enum lede_status status;

    *factor = 1;
    if (recency->half_life == 0)
        return LEDE_OK;
    status = column_get(&segment->columns, COLUMN_DATE, document, &seconds, err);
    if (status == LEDE_OK)
        *factor = recency_factor(recency, seconds);
    return status;
}
