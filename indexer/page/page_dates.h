/* page_dates.h -- the dates in lines of pages, as far as telling such lines from others needs them.
 *
 * Months, days of the week, zones and what stands between them in English, French, German, Spanish,
 * Italian, Portuguese, Dutch, Swedish and Danish. Keys are those of page_line_key, without digits.
 */
#ifndef LEDE_PAGE_DATES_H
#define LEDE_PAGE_DATES_H

#include "page/page_line.h"

/* The line is a date, with a time perhaps, or a short one with a name beside: Ann Example, 3 March
 * 2021. words: of its key. */
bool page_dates_is(const char *key, unsigned words, struct slice text);

/* Something of a date, or a time, stands among other words. */
bool page_dates_has(const char *key, struct slice text);

/* The date in a line of LINE_DATE or LINE_PUBLISHED, as it stands there: behind `Updated:` or
 * `Posted on`, and before a byline. */
struct slice page_dates_find(struct slice text);

#endif
