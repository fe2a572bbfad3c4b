/* dates.h -- the date of an article, and where it is from.
 *
 * What the article says of itself (metadata) goes first, also in a form that lede_date_parse does
 * not know but people write ("19. Juli 2023"); then its address, then its text (date_text.h), and
 * last, only if that was asked for, the time at which its file was changed. Of an address that
 * tells the month alone and a text that tells the day, the day counts if it is in that month. A
 * date later than the day after the article was fetched, where metadata `crawled` says when, is
 * none. Nothing else is a date: most articles without one have none. */
#ifndef LEDE_COMMAND_DATES_H
#define LEDE_COMMAND_DATES_H

#include "command/date_words.h"
#include "command/item.h"

/* Gives the article of an item a date if it has none and one is found, and says where it is from.
 * file_time: seconds, or INT64_MIN: not to be used. text: of the article, as far as it is known. */
void dates_article(const struct date_words *words, struct slice text, int64_t file_time,
                   struct item *item);

#endif
