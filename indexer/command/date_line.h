/* date_line.h -- dates in a line of text, as people write them, and what they are dates of.
 *
 *     Published 19 July 2023          By Petra Solheim | July 19th, 2023 | 08:30
 *     Veröffentlicht am 19. Juli 2023          Mis à jour le 19 juillet 2023 à 8 h
 *     Wed 19/07/2023          2023年7月19日          3 hours ago
 *
 * A line says when the article was published, or changed, if a word for that stands before the date
 * and the line goes on with nothing that makes it a sentence; or it is nothing but a date, with
 * perhaps a day of the week, a time and a place for each between bars. Dates in sentences are those
 * of what is told, and are not read. Years have four digits, 1900 to 2099.
 *
 * 03/04/2023 may be of March or of April; order says which, and DATE_ORDER_UNKNOWN leaves it
 * unread. With points between it is a day first, as all who write points do. Stateless;
 * thread-safe.
 */
#ifndef LEDE_COMMAND_DATE_LINE_H
#define LEDE_COMMAND_DATE_LINE_H

#include "command/date_tokens.h"
#include "lede.h"

enum date_order { DATE_ORDER_UNKNOWN, DATE_ORDER_DAY_FIRST, DATE_ORDER_MONTH_FIRST };

enum date_role { DATE_ROLE_PUBLISHED, DATE_ROLE_ALONE, DATE_ROLE_UPDATED, DATE_ROLES };

struct date_lines {
    const struct date_words *words; /* borrowed */
    enum date_order order;          /* of numbers alone */
    struct lede_date crawled; /* when somebody fetched the text, or none: "yesterday" needs it */
    /* What was found so far, for each role; of those that contradict each other, neither. */
    struct lede_date dates[DATE_ROLES];
    bool contradicted[DATE_ROLES];
};

/* Reads a line, of any bytes, and adds what it says. */
void date_lines_read(struct date_lines *lines, struct slice line);

/* The order that a line's dates show, as 19/07/2023 does: day first; unknown if none does. */
enum date_order date_line_order(const struct date_words *words, struct slice line);

#endif
