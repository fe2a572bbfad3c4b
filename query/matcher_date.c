/* Dates as a matcher: which documents are dated within a range. The bounds of a window's dates
 * decide for most windows; where they do not, those of the documents in question are read. An
 * undated document is in no range. */
#include "matcher_internal.h"
#include "window_dates.h"

struct date_matcher {
    struct matcher matcher; /* first, so that the one is the other */
    struct date_range range;
    struct window_dates *dates;
    const struct column_source *columns;
    uint32_t window_count;
    uint32_t sought; /* this window was found to have dates in the range; UINT32_MAX: none yet */
    enum lede_status status;
    struct lede_error error;
};

static struct date_matcher *date_of(struct matcher *matcher)
{
    return (struct date_matcher *)matcher;
}

static bool overlaps(const struct date_matcher *date, int64_t min, int64_t max)
{
    return min <= max && max >= date->range.first && min <= date->range.last;
}

static doc_id seek(struct matcher *matcher, doc_id from)
{
    struct date_matcher *date = date_of(matcher);
    uint32_t window = from / WINDOW_DOCS;
    int64_t min, max;

    if (from == DOC_END || window == date->sought)
        return from;
    for (; date->status == LEDE_OK && window < date->window_count; window++) {
        date->status = column_bounds(date->columns, COLUMN_DATE, window, &min, &max, &date->error);
        if (date->status == LEDE_OK && overlaps(date, min, max)) {
            date->sought = window;
            return from > window * WINDOW_DOCS ? from : window * WINDOW_DOCS;
        }
    }
    return DOC_END;
}

/* ---- in a window ---- */

static void keep_dated(struct date_matcher *date, uint64_t *bits)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint32_t place = 64 * word + (uint32_t)__builtin_ctzll(left);

            if (!date_range_has(date->range, date->dates->values[place]))
                bits_reset(bits, place);
        }
}

static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct date_matcher *date = date_of(matcher);
    struct column_block block = {.width = 0};

    if (date->status == LEDE_OK)
        date->status = column_block_open(date->columns, COLUMN_DATE, window->base / WINDOW_DOCS,
                                         &block, &date->error);
    if (date->status != LEDE_OK || !overlaps(date, block.min, block.max)) {
        bits_clear(bits);
        return;
    }
    if (!block.gaps && block.min >= date->range.first && block.max <= date->range.last)
        return;
    date->status = window_dates_read(date->dates, date->columns, window->base, bits, &date->error);
    if (date->status == LEDE_OK)
        keep_dated(date, bits);
    else
        bits_clear(bits);
}

/* Within the range or not. */
static void count(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs)
{
    uint64_t found[WINDOW_WORDS];

    memcpy(found, bits, sizeof found);
    match(matcher, window, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        tfs[place]++;
}

static void score(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums)
{
    (void)matcher;
    (void)window;
    (void)bits;
    (void)sums;
}

static double bound(struct matcher *matcher, const struct window *window)
{
    (void)matcher;
    (void)window;
    return 0;
}

static enum lede_status status(const struct matcher *matcher, struct lede_error *err)
{
    const struct date_matcher *date = (const struct date_matcher *)matcher;

    return date->status == LEDE_OK ? LEDE_OK : error_set(err, date->status, "%s", date->error.text);
}

const struct matcher_kind DATE_MATCHER = {
    .seek = seek, .match = match, .count = count, .score = score, .bound = bound, .status = status};

enum lede_status date_matcher_make(const struct query_clause *clause, struct segment *segment,
                                   struct arena *arena, struct matcher **out,
                                   struct lede_error *err)
{
    struct date_matcher *date = arena_calloc(arena, 1, sizeof *date);

    if (!date)
        return error_no_memory(err);
    date->dates = arena_alloc(arena, sizeof *date->dates);
    if (!date->dates)
        return error_no_memory(err);
    date->matcher.kind = &DATE_MATCHER;
    date->matcher.cost = segment->info->documents;
    date->range = clause->dates;
    date->columns = &segment->columns;
    date->window_count = segment_window_count(segment);
    date->sought = UINT32_MAX;
    *out = &date->matcher;
    return LEDE_OK;
}
