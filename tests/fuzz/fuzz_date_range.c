/* Any bytes as the dates of a query, and as a date: what is read is a span that is not empty, as
 * the same date written again is, and of two dates the range has both. */
#include <stdlib.h>

#include "base/date.h"
#include "base/lede_bytes.h"
#include "query/date_range.h"

static void check(bool fine)
{
    if (!fine)
        abort();
}

static void check_date(struct slice text)
{
    struct lede_date date, again;
    struct date_range range;
    char written[LEDE_DATE_TEXT];

    if (lede_date_parse(bytes_of(text), &date) != LEDE_OK)
        return;
    check(date.precision >= LEDE_YEAR && date.precision <= LEDE_SECOND);
    check(date_last_second(date) >= date.seconds);
    lede_date_format(date, written);
    if (lede_date_parse(bytes_of(slice_str(written)), &again) == LEDE_OK) /* not beyond 9999 */
        check(again.seconds == date.seconds && again.precision == date.precision);
    else
        check(date.seconds < date_days(0, 1, 1) * 86400 ||
              date.seconds >= date_days(10000, 1, 1) * 86400);
    check(date_range_parse(text, &range));
    check(date_range_has(range, date.seconds) && date_range_has(range, date_last_second(date)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct date_range range;

    if (date_range_parse(text, &range))
        check(range.first >= DATE_FIRST &&
              (range.first <= range.last || text.data[0] == '<' || text.data[0] == '>'));
    check_date(text);
    return 0;
}
