/* csv_header.h -- what the first line of a table tells: how it is written, and whether it is one.
 */
#ifndef LEDE_COMMAND_CSV_HEADER_H
#define LEDE_COMMAND_CSV_HEADER_H

#include "command/members.h"

/* The first line of a file, without a byte order mark and its end. */
struct slice csv_first_line(struct slice head);

/* What separates fields: whichever of comma, semicolon, tab and bar a line has most of outside of
 * quotes; the comma, if it has none. */
uint8_t csv_separator(struct slice line);

/* Upper and lower case of ASCII do not matter. */
bool csv_same_name(struct slice name, const char *wanted);

/* True if a file that begins so is a table: its first line, which has an end, is two names or more,
 * none longer than 64 bytes or with blanks around it, and one is that of the title's or text's
 * column. */
bool csv_recognizes(struct slice head, const struct member_fields *fields);

#endif
