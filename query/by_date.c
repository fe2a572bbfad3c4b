#include "by_date.h"

#include <stdlib.h>

#include "window_dates.h"

/* Dates as the keys of a heap, which are numbers >= 0: exact up to 140 million years around 1970,
 * and all alike beyond. */
#define KEY_ORIGIN 0x1p52

struct date_collector {
    struct match_visitor visitor; /* first, so that the one is the other */
    struct topk *best;
    bool rising;
    struct window_dates dates;
};

static double key_of(int64_t seconds, bool rising)
{
    double date = (double)seconds;

    if (seconds == COLUMN_MISSING)
        return 0;
    date = date < 1 - KEY_ORIGIN ? 1 - KEY_ORIGIN : date > KEY_ORIGIN - 1 ? KEY_ORIGIN - 1 : date;
    return rising ? KEY_ORIGIN - date : KEY_ORIGIN + date;
}

static enum lede_status visit(struct match_visitor *visitor, const struct match_window *window,
                              struct lede_error *err)
{
    struct date_collector *all = (struct date_collector *)visitor;
    enum lede_status status =
        window_dates_read(&all->dates, &window->segment->columns, window->base, window->bits, err);

    if (status != LEDE_OK)
        return status;
    for (uint32_t place = 0; (place = bits_next(window->bits, place)) < WINDOW_DOCS; place++)
        if (!topk_offer(all->best, key_of(all->dates.values[place], all->rising), window->number,
                        window->base + place))
            return error_no_memory(err);
    return LEDE_OK;
}

enum lede_status by_date(const struct plan *plan, enum lede_order order, struct topk *best,
                         uint64_t *total, struct lede_error *err)
{
    struct date_collector *all = malloc(sizeof *all);
    enum lede_status status;

    if (!all)
        return error_no_memory(err);
    all->visitor.visit = visit;
    all->best = best;
    all->rising = order == LEDE_BY_DATE_RISING;
    status = evaluate_matches(plan, &all->visitor, total, err);
    free(all);
    if (status == LEDE_OK && !topk_finish(best))
        status = error_no_memory(err);
    return status == LEDE_OK ? evaluate_scores(plan, best->entries, best->count, err) : status;
}
