/* window_dates.h -- the dates of a window's documents.
 *
 * Of the few documents that are asked for each is looked up; of many the whole window is unpacked.
 * Thread-safe. */
#ifndef LEDE_QUERY_WINDOW_DATES_H
#define LEDE_QUERY_WINDOW_DATES_H

#include "index/column.h"
#include "window.h"

struct window_dates {
    int64_t values[WINDOW_DOCS]; /* by place, of the documents that were asked for: seconds since
                                  * 1970, or COLUMN_MISSING */
};

/* Reads those of the documents in bits, all of which the segment has. LEDE_CORRUPT. */
enum lede_status window_dates_read(struct window_dates *dates, const struct column_source *columns,
                                   doc_id base, const uint64_t *bits, struct lede_error *err);

#endif
