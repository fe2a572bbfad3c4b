/* How many matches are from each year, month or day: their spans are gathered unsorted, and those
 * that are alike are united whenever there are many. */
#include <stdlib.h>

#include "base/array.h"
#include "base/date.h"
#include "results.h"
#include "evaluate.h"
#include "window_dates.h"

enum { SPANS_MIN = 4096, DAY_SECONDS = 86400 };
#define SECONDS_MOST (INT64_C(1) << 55)

struct histogram {
    struct lede_histogram public; /* first, so that the one is the other */
    struct lede_histogram_bar *bars;
    size_t capacity;
};

struct counting {
    struct match_visitor visitor; /* likewise */
    enum lede_precision unit;
    struct histogram *out;
    struct window_dates dates;
};

static int compare_bars(const void *a, const void *b)
{
    int64_t left = ((const struct lede_histogram_bar *)a)->date.seconds,
            right = ((const struct lede_histogram_bar *)b)->date.seconds;

    return (left > right) - (left < right);
}

/* Sorts the bars, and makes one of those that are alike. */
static void unite(struct histogram *out)
{
    size_t count = 0;

    if (out->public.count)
        qsort(out->bars, out->public.count, sizeof *out->bars, compare_bars);
    for (size_t i = 0; i < out->public.count; i++) {
        if (count > 0 && out->bars[count - 1].date.seconds == out->bars[i].date.seconds)
            out->bars[count - 1].articles += out->bars[i].articles;
        else
            out->bars[count++] = out->bars[i];
    }
    out->public.count = count;
}

/* There is room for as many bars again as there are different ones, at least. */
static bool make_room(struct histogram *out)
{
    struct lede_histogram_bar *grown;
    size_t capacity = out->capacity ? out->capacity : SPANS_MIN;

    unite(out);
    if (out->capacity && out->public.count <= out->capacity / 2)
        return true;
    if (out->capacity)
        capacity *= 2;
    grown = realloc(out->bars, capacity * sizeof *grown);
    if (!grown)
        return false;
    out->bars = grown;
    out->capacity = capacity;
    return true;
}

/* The first second of the year, month or day. Dates a milliard years away are all alike. */
static int64_t beginning(int64_t seconds, enum lede_precision unit)
{
    int64_t days, year;
    unsigned month, day;

    seconds = seconds > SECONDS_MOST    ? SECONDS_MOST
              : seconds < -SECONDS_MOST ? -SECONDS_MOST
                                        : seconds;
    days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
    if (unit != LEDE_DAY) {
        date_civil(days, &year, &month, &day);
        days = date_days(year, unit == LEDE_YEAR ? 1 : month, 1);
    }
    return days * DAY_SECONDS;
}

static bool add(struct counting *counting, int64_t seconds)
{
    struct histogram *out = counting->out;
    size_t last = out->public.count - 1;

    if (seconds == COLUMN_MISSING) {
        out->public.undated++;
        return true;
    }
    seconds = beginning(seconds, counting->unit);
    if (out->public.count > 0 && out->bars[last].date.seconds == seconds) {
        out->bars[last].articles++;
        return true;
    }
    if (out->public.count == out->capacity && !make_room(out))
        return false;
    out->bars[out->public.count++] = (struct lede_histogram_bar){{seconds, counting->unit}, 1};
    return true;
}

static enum lede_status visit(struct match_visitor *visitor, const struct match_window *window,
                              struct lede_error *err)
{
    struct counting *counting = (struct counting *)visitor;
    enum lede_status status = window_dates_read(&counting->dates, &window->segment->columns,
                                                window->base, window->bits, err);

    if (status != LEDE_OK)
        return status;
    for (uint32_t place = 0; (place = bits_next(window->bits, place)) < WINDOW_DOCS; place++)
        if (!add(counting, counting->dates.values[place]))
            return error_no_memory(err);
    return LEDE_OK;
}

enum lede_status lede_histogram(const struct lede_results *results, enum lede_precision unit,
                                struct lede_histogram **histogram, struct lede_error *err)
{
    struct histogram *out;
    struct counting *counting;
    uint64_t total = 0;
    enum lede_status status;

    if (unit < LEDE_YEAR || unit > LEDE_DAY)
        return error_set(err, LEDE_INVALID, "a histogram counts years, months or days");
    out = calloc(1, sizeof *out);
    if (!out)
        return error_no_memory(err);
    counting = malloc(sizeof *counting);
    if (!counting) {
        free(out);
        return error_no_memory(err);
    }
    counting->visitor.visit = visit;
    counting->unit = unit;
    counting->out = out;
    status = evaluate_matches(&results->plan, &counting->visitor, &total, err);
    free(counting);
    if (status != LEDE_OK) {
        lede_histogram_free(&out->public);
        return status;
    }
    unite(out);
    out->public.bars = out->bars;
    *histogram = &out->public;
    return LEDE_OK;
}

void lede_histogram_free(struct lede_histogram *public)
{
    struct histogram *histogram = (struct histogram *)public;

    if (!histogram)
        return;
    free(histogram->bars);
    free(histogram);
}
