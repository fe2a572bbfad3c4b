/* chart.h -- a histogram, drawn for a terminal:
 *
 *     2023-06       3 ███
 *     2023-07      12 ████████████
 *     …
 *     2023-11       1 █
 *     undated       2
 *
 * The longest bar reaches the last column; … stands for years, months or days without articles. */
#ifndef LEDE_QUERY_COMMAND_CHART_H
#define LEDE_QUERY_COMMAND_CHART_H

#include "base/buffer.h"
#include "lede.h"

/* Appends it, in lines of at most so many columns (40 or more); nothing if nothing was counted. */
void chart_put(struct buffer *out, const struct lede_histogram *histogram, unsigned columns);

#endif
