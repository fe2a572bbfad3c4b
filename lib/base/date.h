/* date.h -- days and the proleptic Gregorian calendar, without libc's time zones.
 *
 * Dates are read and written by lede_date_parse and lede_date_format (include/lede.h):
 *
 *     2023   2023-07   2023-07-19   2023-07-19T08:30:00.25+02:00   2023-07-19 08:30
 *     26-FEB-1987   26-FEB-1987 15:01:01.79
 *     26 Feb 1987   Thu, 26 Feb 1987 15:01:01 GMT   (RFC 2822: mail, feeds, HTTP)
 *
 * Years have four digits, 0000 to 9999; months of letters are English, in any case; a day
 * before a month of letters may have one digit. The day of the week, three letters, is not
 * compared with the date. Between date and time stands a space or T.
 * A time is HH:MM, HH:MM:SS or HH:MM:SS.fraction (the fraction is dropped), and may end in Z
 * or an offset, +HH:MM, +HHMM or +HH, or UTC, GMT, UT, EST, EDT, CST, CDT, MST, MDT, PST, PDT (in
 * any case but UT), after at most one space. 23:59:60 UTC is the second after it, any other
 * second 60 is refused. Blanks around the whole are ignored.
 * All of it is thread-safe and depends on no locale and no environment. */
#ifndef LEDE_BASE_DATE_H
#define LEDE_BASE_DATE_H

#include "lede.h"

/* Days since 1970-01-01 of a day that exists: month 1..12, day 1..31.
 * After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013. */
int64_t date_days(int64_t year, unsigned month, unsigned day);

/* The day that is days after 1970-01-01. */
void date_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);

/* 28 to 31; month 1..12. */
unsigned date_month_days(int64_t year, unsigned month);

/* The last second of the span that a date names: of its year, month, day or second. */
int64_t date_last_second(struct lede_date date);

/* What JSON calls it: metadata (also of LEDE_DATE_FROM_NOWHERE), url, text, file. */
const char *date_source_name(enum lede_date_source source);
/* The opposite; false, and *source as it was: none is called so. */
bool date_source_find(struct lede_bytes name, enum lede_date_source *source);

#endif
