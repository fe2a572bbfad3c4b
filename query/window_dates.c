#include "window_dates.h"

enum { FEW = 256 /* documents that are quicker to look up one by one */ };

static enum lede_status read_few(struct window_dates *dates, const struct column_source *columns,
                                 uint32_t window, const uint64_t *bits, struct lede_error *err)
{
    struct column_block block;
    enum lede_status status = column_block_open(columns, COLUMN_DATE, window, &block, err);

    for (uint32_t place = 0; status == LEDE_OK && (place = bits_next(bits, place)) < WINDOW_DOCS;
         place++)
        status = column_block_get(columns, &block, place, &dates->values[place], err);
    return status;
}

enum lede_status window_dates_read(struct window_dates *dates, const struct column_source *columns,
                                   doc_id base, const uint64_t *bits, struct lede_error *err)
{
    uint32_t window = base / WINDOW_DOCS;
    int64_t min, max;

    if (bits_count(bits) <= FEW)
        return read_few(dates, columns, window, bits, err);
    return column_window(columns, COLUMN_DATE, window, dates->values, &min, &max, err);
}
