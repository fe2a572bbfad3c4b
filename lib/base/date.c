#include "base/date.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400, ERA_DAYS = 146097, EPOCH_DAYS = 719468 /* 0000-03-01 to 1970-01-01 */ };

int64_t date_days(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

void date_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t z = days + EPOCH_DAYS;
    int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t doe = z - era * ERA_DAYS;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / (ERA_DAYS - 1)) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

unsigned date_month_days(int64_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (unsigned)(month == 2 && leap);
}

/* What is left of a text that is being read. */
struct text {
    const char *at, *end;
};

static bool accept(struct text *text, char wanted)
{
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

/* Reads between least and most digits, as many as there are. */
static bool digits(struct text *text, unsigned least, unsigned most, unsigned *value)
{
    unsigned count = 0;

    *value = 0;
    while (count < most && text->at < text->end && *text->at >= '0' && *text->at <= '9') {
        *value = *value * 10 + (unsigned)(*text->at++ - '0');
        count++;
    }
    return count >= least;
}

/* Three letters, in any case, of names, which has three for each: the place of the name, or -1. */
static int name_of_three(struct text *text, const char *names)
{
    char name[3];

    if (text->end - text->at < 3)
        return -1;
    for (int i = 0; i < 3; i++)
        name[i] = (char)(text->at[i] | 0x20);
    for (int place = 0; names[3 * place]; place++)
        if (memcmp(name, names + 3 * (ptrdiff_t)place, 3) == 0) {
            text->at += 3;
            return place;
        }
    return -1;
}

static bool month_name(struct text *text, unsigned *month)
{
    *month = (unsigned)(name_of_three(text, "janfebmaraprmayjunjulaugsepoctnovdec") + 1);
    return *month != 0;
}

/* "Thu, ", which says nothing that the date does not. */
static bool day_name(struct text *text)
{
    struct text start = *text;

    if (name_of_three(text, "montuewedthufrisatsun") >= 0 && accept(text, ',') && accept(text, ' '))
        return true;
    *text = start;
    return false;
}

struct parts {
    unsigned year, month, day, hour, minute, second;
    int offset; /* minutes east of UTC */
    enum lede_precision precision;
};

/* UTC, GMT, UT, or one of the American zones that RFC 2822 knows by name. */
static bool zone_name(struct text *text, struct parts *parts)
{
    static const char names[] = "utcgmtestedtcstcdtmstmdtpstpdt";
    static const signed char hours[] = {0, 0, -5, -4, -6, -5, -7, -6, -8, -7};
    int place = name_of_three(text, names);

    if (place >= 0)
        parts->offset = hours[place] * 60;
    else if (text->end - text->at != 2 || memcmp(text->at, "UT", 2) != 0)
        return false;
    else
        text->at += 2;
    return true;
}

/* Z, or +HH:MM, +HHMM, +HH, or a name, after at most one space; or nothing. */
static bool parse_zone(struct text *text, struct parts *parts)
{
    unsigned hours, minutes = 0;
    int sign;

    if (text->at == text->end)
        return true;
    accept(text, ' ');
    if (accept(text, 'Z') || accept(text, 'z') || zone_name(text, parts))
        return true;
    sign = accept(text, '-') ? -1 : 1;
    if (sign > 0 && !accept(text, '+'))
        return false;
    if (!digits(text, 2, 2, &hours))
        return false;
    if (text->at < text->end) {
        accept(text, ':');
        if (!digits(text, 2, 2, &minutes))
            return false;
    }
    parts->offset = sign * (int)(hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

static bool parse_time(struct text *text, struct parts *parts)
{
    unsigned fraction;

    if (!digits(text, 2, 2, &parts->hour) || !accept(text, ':') ||
        !digits(text, 2, 2, &parts->minute))
        return false;
    if (accept(text, ':')) {
        if (!digits(text, 2, 2, &parts->second))
            return false;
        if (accept(text, '.')) {
            if (!digits(text, 1, 1, &fraction))
                return false;
            while (digits(text, 1, 1, &fraction))
                ;
        }
    }
    parts->precision = LEDE_SECOND;
    return parts->hour <= 23 && parts->minute <= 59 && parts->second <= 60 &&
           parse_zone(text, parts);
}

/* YYYY[-MM[-DD]]; a time may follow the day alone. */
static bool parse_numbers(struct text *text, struct parts *parts)
{
    if (!digits(text, 4, 4, &parts->year))
        return false;
    parts->precision = LEDE_YEAR;
    if (!accept(text, '-'))
        return true;
    parts->precision = LEDE_MONTH;
    if (!digits(text, 2, 2, &parts->month))
        return false;
    if (!accept(text, '-'))
        return true;
    parts->precision = LEDE_DAY;
    return digits(text, 2, 2, &parts->day);
}

/* 26-FEB-1987, or with spaces in place of both hyphens, and then perhaps a day of the week before
 * it. */
static bool parse_named_month(struct text *text, struct parts *parts)
{
    char between = day_name(text) ? ' ' : '-';

    parts->precision = LEDE_DAY;
    if (!digits(text, 1, 2, &parts->day))
        return false;
    if (text->at < text->end && *text->at == ' ')
        between = ' ';
    return accept(text, between) && month_name(text, &parts->month) && accept(text, between) &&
           digits(text, 4, 4, &parts->year);
}

static bool parse(struct text text, struct parts *parts)
{
    struct text start = text;

    *parts = (struct parts){.month = 1, .day = 1};
    if (!parse_numbers(&text, parts)) {
        text = start;
        *parts = (struct parts){.month = 1, .day = 1};
        if (!parse_named_month(&text, parts))
            return false;
    }
    if (parts->precision == LEDE_DAY && text.at < text.end) {
        if (!accept(&text, 'T') && !accept(&text, 't') && !accept(&text, ' '))
            return false;
        if (text.at[-1] == ' ')
            while (accept(&text, ' '))
                ;
        if (!parse_time(&text, parts))
            return false;
    }
    return text.at == text.end && parts->month >= 1 && parts->month <= 12 && parts->day >= 1 &&
           parts->day <= date_month_days(parts->year, parts->month);
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

enum lede_status lede_date_parse(struct lede_bytes bytes, struct lede_date *date)
{
    const char *data = bytes.size ? bytes.data : "";
    struct text text = {data, data + bytes.size};
    struct parts parts;
    int64_t seconds;

    while (text.at < text.end && blank(*text.at))
        text.at++;
    while (text.at < text.end && blank(text.end[-1]))
        text.end--;
    if (!parse(text, &parts))
        return LEDE_INVALID;
    seconds = date_days(parts.year, parts.month, parts.day) * DAY_SECONDS +
              (int64_t)parts.hour * 3600 + (int64_t)parts.minute * 60 + parts.second -
              (int64_t)parts.offset * 60;
    if (parts.second == 60 && seconds % DAY_SECONDS != 0)
        return LEDE_INVALID;
    *date = (struct lede_date){seconds, parts.precision};
    return LEDE_OK;
}

int64_t date_last_second(struct lede_date date)
{
    int64_t days = date.seconds / DAY_SECONDS - (date.seconds % DAY_SECONDS < 0), year, last;
    unsigned month, day;

    date_civil(days, &year, &month, &day);
    if (date.precision == LEDE_YEAR)
        days = date_days(year + 1, 1, 1);
    else if (date.precision == LEDE_MONTH)
        days = month == 12 ? date_days(year + 1, 1, 1) : date_days(year, month + 1, 1);
    else if (date.precision == LEDE_DAY)
        days++;
    else
        return date.seconds;
    return __builtin_mul_overflow(days, DAY_SECONDS, &last) ? INT64_MAX : last - 1;
}

void lede_date_format(struct lede_date date, char text[LEDE_DATE_TEXT])
{
    int64_t days = date.seconds / DAY_SECONDS, second = date.seconds % DAY_SECONDS, year;
    unsigned month, day;

    if (second < 0) {
        second += DAY_SECONDS;
        days--;
    }
    date_civil(days, &year, &month, &day);
    text[0] = '\0';
    if (date.precision == LEDE_YEAR)
        (void)snprintf(text, LEDE_DATE_TEXT, "%04lld", (long long)year);
    else if (date.precision == LEDE_MONTH)
        (void)snprintf(text, LEDE_DATE_TEXT, "%04lld-%02u", (long long)year, month);
    else if (date.precision == LEDE_DAY)
        (void)snprintf(text, LEDE_DATE_TEXT, "%04lld-%02u-%02u", (long long)year, month, day);
    else if (date.precision == LEDE_SECOND)
        (void)snprintf(text, LEDE_DATE_TEXT, "%04lld-%02u-%02uT%02u:%02u:%02uZ", (long long)year,
                       month, day, (unsigned)(second / 3600), (unsigned)(second / 60 % 60),
                       (unsigned)(second % 60));
}

const char *date_source_name(enum lede_date_source source)
{
    static const char *const names[] = {"metadata", "metadata", "url", "text", "file"};

    return names[source];
}

bool date_source_find(struct lede_bytes name, enum lede_date_source *source)
{
    for (int i = LEDE_DATE_FROM_METADATA; i <= LEDE_DATE_FROM_FILE; i++) {
        const char *one = date_source_name((enum lede_date_source)i);

        if (strlen(one) != name.size || memcmp(one, name.data, name.size) != 0)
            continue;
        *source = (enum lede_date_source)i;
        return true;
    }
    return false;
}
