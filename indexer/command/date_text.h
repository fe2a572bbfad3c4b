/* date_text.h -- when an article was published, by its own text, its address, or a loose date.
 *
 * Of the text, the lines in the first DATE_HEAD bytes and in the last DATE_TAIL count
 * (date_line.h). "Published" goes before a line that is nothing but a date, and that before
 * "updated"; where two dates claim the same, the text says nothing.
 *
 * 03/04/2023 is read day first if the language writes days first, or if another date of these lines
 * does so (13/04/2023), and month first in American English (en-US) or if another one does; else it
 * is left unread. English that is not said to be of a country does not tell. */
#ifndef LEDE_COMMAND_DATE_TEXT_H
#define LEDE_COMMAND_DATE_TEXT_H

#include "base/bytes.h"
#include "lede.h"

struct date_words;

enum { DATE_HEAD = 1536, DATE_TAIL = 512 };

/* language: a tag, or empty. crawled: when the text was fetched, which "yesterday" needs, or none.
 * False: the text does not say. */
bool date_text_find(const struct date_words *words, struct slice text, struct slice language,
                    struct lede_date crawled, struct lede_date *date);

/* Of an address, in its path: /2023/07/19/, /2023/jul/19/, /2023-07-19-title, /20230719; /2023/07/
 * of a month. False: none, or two that differ. */
bool date_url_find(const struct date_words *words, struct slice url, struct lede_date *date);

#endif
