#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"

static enum lede_status parse(const char *text, struct lede_date *date)
{
    return lede_date_parse((struct lede_bytes){text, strlen(text)}, date);
}

/* Reads text, writes it back and compares both the text and the seconds. */
static void check(const char *text, int64_t seconds, const char *written)
{
    struct lede_date date = {-1, LEDE_DATE_NONE};
    char out[LEDE_DATE_TEXT];

    cr_assert_eq(parse(text, &date), LEDE_OK, "%s", text);
    cr_expect_eq(date.seconds, seconds, "%s: %lld", text, (long long)date.seconds);
    lede_date_format(date, out);
    cr_expect_str_eq(out, written, "%s: %s", text, out);
}

static void check_refused(const char *text)
{
    struct lede_date date = {12345, LEDE_MONTH};

    cr_expect_eq(parse(text, &date), LEDE_INVALID, "%s", text);
    cr_expect(date.seconds == 12345 && date.precision == LEDE_MONTH, "%s wrote its output", text);
}

Test(date, a_span_begins_at_its_first_second_and_keeps_its_precision)
{
    check("1970", 0, "1970");
    check("2023", 1672531200, "2023");
    check("2023-07", 1688169600, "2023-07");
    check("2023-07-19", 1689724800, "2023-07-19");
    check("2023-07-19 08:30", 1689755400, "2023-07-19T08:30:00Z");
    check("2023-07-19T08:30:07", 1689755407, "2023-07-19T08:30:07Z");
}

Test(date, rfc_3339_with_offset_and_fraction)
{
    check("1985-04-12T23:20:50.52Z", 482196050, "1985-04-12T23:20:50Z");
    check("1996-12-19T16:39:57-08:00", 851042397, "1996-12-20T00:39:57Z");
    check("1937-01-01T12:00:27.87+00:20", -1041337173, "1937-01-01T11:40:27Z");
    check("2023-07-19t08:30:00z", 1689755400, "2023-07-19T08:30:00Z");
    check("2023-07-19 10:30:00 +0200", 1689755400, "2023-07-19T08:30:00Z");
    check("2023-07-19 10:30+02", 1689755400, "2023-07-19T08:30:00Z");
    check("1970-01-01T00:00:00.999999999999999999999999-00:00", 0, "1970-01-01T00:00:00Z");
}

Test(date, a_leap_second_is_the_second_after_it_and_no_other_minute_has_60)
{
    check("1990-12-31T23:59:60Z", 662688000, "1991-01-01T00:00:00Z");
    check("1990-12-31T15:59:60-08:00", 662688000, "1991-01-01T00:00:00Z");
    check_refused("1990-12-31T23:58:60Z");
    check_refused("1990-12-31T23:59:60-08:00");
}

Test(date, day_month_of_letters_year)
{
    check("26-FEB-1987 15:01:01.79", 541350061, "1987-02-26T15:01:01Z");
    check(" 6-FEB-1987   15:01:01.79", 539622061, "1987-02-06T15:01:01Z");
    check("1-mar-1987", 541555200, "1987-03-01");
    check(" 9-Dec-1987 03:04\n", 566017440, "1987-12-09T03:04:00Z");
}

Test(date, rfc_2822_as_mail_feeds_and_http_have_it)
{
    check("Thu, 16 Nov 2017 14:15:00 GMT", 1510841700, "2017-11-16T14:15:00Z");
    check("thu, 16 nov 2017 14:15:00 utc", 1510841700, "2017-11-16T14:15:00Z");
    check("16 Nov 2017 09:15 EST", 1510841700, "2017-11-16T14:15:00Z");
    check("16 Nov 2017 07:15 PDT", 1510841700, "2017-11-16T14:15:00Z");
    check("Thu, 16 Nov 2017 15:15:00 +0100", 1510841700, "2017-11-16T14:15:00Z");
    check("Mon, 6 Nov 2017 14:15:00 UT", 1509977700, "2017-11-06T14:15:00Z");
    check("Mon, 16 Nov 2017", 1510790400, "2017-11-16");
    check("2017-11-16 14:15 GMT", 1510841700, "2017-11-16T14:15:00Z");
}

Test(date, as_web_pages_have_it)
{
    check("2021-11-01T10:52:50+0100", 1635760370, "2021-11-01T09:52:50Z");
    check("2019-04-28 06:01:07", 1556431267, "2019-04-28T06:01:07Z");
    check("2019-01-03T07:00:02.000Z", 1546498802, "2019-01-03T07:00:02Z");
}

Test(date, the_calendar_is_gregorian_for_ever)
{
    check("0000", -62167219200, "0000");
    check("0001-01-01", -62135596800, "0001-01-01");
    check("1582-10-10", -12219724800, "1582-10-10");
    check("9999-12-31T23:59:59Z", 253402300799, "9999-12-31T23:59:59Z");
    check("2000-02-29", 951782400, "2000-02-29");
    check_refused("1900-02-29");
    check_refused("2023-02-30");
    check_refused("2023-02-29");
    check_refused("2023-04-31");
    check_refused("31-NOV-2020");
}

Test(date, what_is_none_of_these_is_refused)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "x",
                                        "202",
                                        "20233",
                                        "2023-",
                                        "2023-7",
                                        "2023-00",
                                        "2023-13",
                                        "2023-07-",
                                        "2023-07-1",
                                        "2023-07-00",
                                        "2023-07-32",
                                        "2023-07-19T",
                                        "2023-07-19 8:30",
                                        "2023-07-19T24:00",
                                        "2023-07-19T08",
                                        "2023-07-19T08:60",
                                        "2023-07-19T08:30:61",
                                        "2023-07-19T08:30:00.",
                                        "2023-07-19T08:30:00+",
                                        "2023-07-19T08:30:00+2",
                                        "2023-07-19T08:30:00+24:00",
                                        "2023-07-19T08:30:00+02:60",
                                        "2023-07-19T08:30:00+02:00x",
                                        "2023-07-19T08:30:00  Z",
                                        "2023-07T08:30",
                                        "2023 08:30",
                                        "-2023",
                                        "+2023",
                                        "26-FEBR-1987",
                                        "26-XXX-1987",
                                        "0-FEB-1987",
                                        "126-FEB-1987",
                                        "26-FEB-87",
                                        "26-FEB",
                                        "FEB-1987",
                                        "1689755400",
                                        "2023/07/19",
                                        "2023-07-19,",
                                        "Wed 19 Jul 2023",
                                        "Wed,19 Jul 2023",
                                        "Wed, 19-Jul-2023",
                                        "Wex, 19 Jul 2023",
                                        "Wed, 2023-07-19",
                                        "Wed, ",
                                        "Wed",
                                        "19 Jul-2023",
                                        "19-Jul 2023",
                                        "19 July 2023",
                                        "19 Jul 23",
                                        "19 Jul 2023 08:30 XST",
                                        "19 Jul 2023 08:30 GM",
                                        "19 Jul 2023 08:30 UTX",
                                        "19 Jul 2023 08:30 ESTX",
                                        "19 Jul 2023 EST",
                                        "2O23"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_refused(texts[i]);
}

Test(date, bytes_behind_the_size_are_not_read)
{
    static const char text[] = "2023-07-19T08:30:00Z";
    struct lede_date date;
    char *copy;

    for (size_t size = 0; size < sizeof text; size++) {
        copy = malloc(size ? size : 1);
        cr_assert(copy);
        memcpy(copy, text, size);
        enum lede_status status = lede_date_parse((struct lede_bytes){copy, size}, &date);
        bool whole = size == 4 || size == 7 || size == 10 || size == 16 || size >= 19;
        cr_expect_eq(status == LEDE_OK, whole && size < sizeof text, "%zu", size);
        free(copy);
    }
    cr_expect_eq(lede_date_parse((struct lede_bytes){NULL, 0}, &date), LEDE_INVALID);
    cr_expect_eq(lede_date_parse((struct lede_bytes){"2023\0", 5}, &date), LEDE_INVALID);
}

Test(date, every_day_of_eight_centuries_agrees_with_libc_whatever_the_time_zone)
{
    setenv("TZ", "America/New_York", 1);
    tzset();
    for (int64_t days = -200000; days < 100000; days++) {
        time_t seconds = (time_t)(days * 86400 + 4711);
        struct lede_date date = {seconds, LEDE_SECOND}, back;
        struct tm tm;
        char ours[LEDE_DATE_TEXT], libc[64];

        gmtime_r(&seconds, &tm);
        strftime(libc, sizeof libc, "%Y-%m-%dT%H:%M:%SZ", &tm);
        lede_date_format(date, ours);
        cr_assert_str_eq(ours, libc);
        cr_assert_eq(parse(ours, &back), LEDE_OK);
        cr_assert_eq(back.seconds, seconds);
    }
}

Test(date, a_span_ends_at_its_last_second)
{
    static const char *const spans[][2] = {
        {"2023", "2023-12-31T23:59:59Z"},    {"2023-12", "2023-12-31T23:59:59Z"},
        {"2024-02", "2024-02-29T23:59:59Z"}, {"1969-12-31", "1969-12-31T23:59:59Z"},
        {"0000", "0000-12-31T23:59:59Z"},    {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"}};
    struct lede_date date;
    char text[LEDE_DATE_TEXT];

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        cr_assert_eq(parse(spans[i][0], &date), LEDE_OK);
        lede_date_format((struct lede_date){date_last_second(date), LEDE_SECOND}, text);
        cr_expect_str_eq(text, spans[i][1], "%s", spans[i][0]);
    }
    cr_expect_eq(date_last_second((struct lede_date){INT64_MAX, LEDE_DAY}), INT64_MAX);
    cr_expect_eq(date_last_second((struct lede_date){INT64_MIN, LEDE_SECOND}), INT64_MIN);
}

Test(date, any_seconds_can_be_written)
{
    static const int64_t odd[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX};
    char text[LEDE_DATE_TEXT];

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        lede_date_format((struct lede_date){odd[i], LEDE_SECOND}, text);
        cr_expect_eq(text[strlen(text) - 1], 'Z', "%s", text);
    }
    lede_date_format((struct lede_date){-1, LEDE_SECOND}, text);
    cr_expect_str_eq(text, "1969-12-31T23:59:59Z");
    lede_date_format((struct lede_date){0, LEDE_DATE_NONE}, text);
    cr_expect_str_eq(text, "");
}

Test(status, every_status_has_a_name_of_its_own)
{
    for (int a = LEDE_OK; a <= LEDE_INTERRUPTED; a++)
        for (int b = LEDE_OK; b < a; b++)
            cr_expect_str_neq(lede_status_name((enum lede_status)a),
                              lede_status_name((enum lede_status)b));
    cr_expect_str_eq(lede_status_name((enum lede_status)1000), "unknown");
    cr_expect_str_eq(lede_version(), LEDE_VERSION);
}
