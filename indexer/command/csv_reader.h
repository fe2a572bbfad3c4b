/* csv_reader.h -- tables with a header, as CSV or TSV, as articles: one a row.
 *
 * The first row names the columns; a column is a member of the article as members.h says, where
 * upper and lower case do not matter, and empty fields are as if they were not there. CSV is read
 * as RFC 4180 has it, by libcsv, with its leniences: fields may be quoted, and then hold line ends
 * and separators; blanks around others do not count. What separates fields is a comma, semicolon,
 * tab or bar: whichever the header has most of. In TSV (-f tsv, or *.tsv) it is the tab, and quotes
 * are characters like others, unless a name in the header is quoted.
 *
 * A row with more fields than the header, one over max_record bytes, or one whose quote is
 * not closed before the end of the file, is a skip by line and offset; a file without a column for
 * title or text is one skip. Behind a row that is too long reading goes on with the next line.
 * Bytes that are no UTF-8 are read as U+FFFD. If the input cannot be read to its end, the rows
 * before are kept.
 *
 * A row is in memory twice; at most CSV_COLUMNS columns. */
#ifndef LEDE_COMMAND_CSV_READER_H
#define LEDE_COMMAND_CSV_READER_H

#include "command/input.h"
#include "command/members.h"

enum { CSV_COLUMNS = 4096 };

struct csv_reader;

enum lede_status csv_reader_new(const struct member_fields *fields, size_t max_record,
                                struct csv_reader **out, struct lede_error *err);
void csv_reader_free(struct csv_reader *reader);

/* Begins a file: input and origin are borrowed until the item is ITEM_END. LEDE_NO_MEMORY. */
enum lede_status csv_reader_start(struct csv_reader *reader, struct input *input,
                                  const struct origin *origin, bool tabs, struct lede_error *err);

/* The next article or skip. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be read. */
enum lede_status csv_reader_next(struct csv_reader *reader, struct item *item,
                                 struct lede_error *err);

#endif
