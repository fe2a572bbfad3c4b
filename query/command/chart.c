#include "chart.h"

#include "base/date.h"
#include "wrap.h"

enum { LABEL_COLUMNS = 10, COUNT_COLUMNS = 8 };

#define BLOCK      "\xe2\x96\x88" /* U+2588 */
#define HALF_BLOCK "\xe2\x96\x8c" /* U+258C */

static void put_bar(struct buffer *out, uint64_t articles, uint64_t most, unsigned columns)
{
    uint64_t halves = (uint64_t)((double)articles / (double)most * 2 * columns + 0.5);

    buffer_byte(out, ' ');
    for (uint64_t i = 0; i < halves / 2; i++)
        buffer_str(out, BLOCK);
    if (halves % 2 || halves == 0)
        buffer_str(out, HALF_BLOCK);
}

static void put_line(struct buffer *out, const char *label, uint64_t articles)
{
    buffer_printf(out, "%-*s %*llu", LABEL_COLUMNS, label, COUNT_COLUMNS,
                  (unsigned long long)articles);
}

void chart_put(struct buffer *out, const struct lede_histogram *histogram, unsigned columns)
{
    uint64_t most = 0;

    for (size_t i = 0; i < histogram->count; i++)
        most = histogram->bars[i].articles > most ? histogram->bars[i].articles : most;
    for (size_t i = 0; i < histogram->count; i++) {
        const struct lede_histogram_bar *bar = &histogram->bars[i];
        char label[LEDE_DATE_TEXT];

        if (i > 0 && date_last_second(bar[-1].date) + 1 < bar->date.seconds)
            buffer_str(out, ELLIPSIS "\n");
        lede_date_format(bar->date, label);
        put_line(out, label, bar->articles);
        put_bar(out, bar->articles, most, columns - LABEL_COLUMNS - COUNT_COLUMNS - 2);
        buffer_byte(out, '\n');
    }
    if (histogram->undated > 0) {
        put_line(out, "undated", histogram->undated);
        buffer_byte(out, '\n');
    }
}
