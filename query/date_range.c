#include "date_range.h"

#include "base/date.h"
#include "base/lede_bytes.h"

static bool parse_date(struct slice text, struct lede_date *date)
{
    return lede_date_parse(bytes_of(text), date) == LEDE_OK;
}

/* One side of "..": nothing is no end. */
static bool parse_end(struct slice text, struct lede_date *date)
{
    date->precision = LEDE_DATE_NONE;
    return text.size == 0 || parse_date(text, date);
}

/* Where ".." begins; the text's size if it has none. */
static size_t find_dots(struct slice text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == '.' && text.data[i + 1] == '.')
            return i;
    return text.size;
}

static bool parse_between(struct slice text, size_t dots, struct date_range *range)
{
    struct slice behind = slice_of(text.data + dots + 2, text.size - dots - 2);
    struct lede_date since, until;

    if (!parse_end(slice_of(text.data, dots), &since) || !parse_end(behind, &until) ||
        (since.precision == LEDE_DATE_NONE && until.precision == LEDE_DATE_NONE))
        return false;
    *range = date_range_between(since, until);
    if (range->first > range->last)
        *range = date_range_between(until, since);
    return true;
}

static bool parse_compared(struct slice text, struct date_range *range)
{
    bool above = text.data[0] == '>', equal = text.size > 1 && text.data[1] == '=';
    struct slice behind = slice_of(text.data + 1 + equal, text.size - 1 - equal);
    struct lede_date date;

    if (!parse_date(behind, &date))
        return false;
    *range = (struct date_range){DATE_FIRST, DATE_LAST};
    if (above)
        range->first = equal ? date.seconds : date_last_second(date) + 1;
    else
        range->last = equal ? date_last_second(date) : date.seconds - 1;
    return true;
}

bool date_range_parse(struct slice text, struct date_range *range)
{
    size_t dots = find_dots(text);
    struct lede_date date;

    if (text.size == 0)
        return false;
    if (text.data[0] == '<' || text.data[0] == '>')
        return parse_compared(text, range);
    if (dots < text.size)
        return parse_between(text, dots, range);
    if (!parse_date(text, &date))
        return false;
    *range = date_range_between(date, date);
    return true;
}

struct date_range date_range_between(struct lede_date since, struct lede_date until)
{
    struct date_range range = {DATE_FIRST, DATE_LAST};

    if (since.precision != LEDE_DATE_NONE)
        range.first = since.seconds > DATE_FIRST ? since.seconds : DATE_FIRST;
    if (until.precision != LEDE_DATE_NONE)
        range.last = date_last_second(until);
    return range;
}
