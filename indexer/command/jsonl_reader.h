/* jsonl_reader.h -- JSON lines as articles: one object a line.
 *
 * members.h says what becomes of an object; records are numbered from 1, bad ones counted (so that
 * mending one renames no other).
 *
 * A line that is no object, has neither title nor text, or is longer than max_record is a
 * skip that names line (blank ones counted), byte offset and reason; the rest is read. A line
 * over max_record is passed over without being kept. Bytes that are no UTF-8 are read as
 * U+FFFD. Blank lines are ignored; a byte order mark at the beginning is, too. If the input
 * cannot be read to its end, the records before are kept, and the last item is a skip.
 *
 * One object is in memory at a time, parsed as json_object.h says: 1,900 MB/s where lines are
 * ordinary, 78 where they are not. A depth of 2,048 is allowed. */
#ifndef LEDE_COMMAND_JSONL_READER_H
#define LEDE_COMMAND_JSONL_READER_H

#include "command/input.h"
#include "command/item.h"
#include "command/members.h"

struct jsonl_reader;

enum lede_status jsonl_reader_new(const struct member_fields *fields, size_t max_record,
                                  struct jsonl_reader **out, struct lede_error *err);
void jsonl_reader_free(struct jsonl_reader *reader);

/* Begins a file: input and origin are borrowed until the item is ITEM_END. */
void jsonl_reader_start(struct jsonl_reader *reader, struct input *input,
                        const struct origin *origin);

/* The next article or skip. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be read. */
enum lede_status jsonl_reader_next(struct jsonl_reader *reader, struct item *item,
                                   struct lede_error *err);

/* True if line is a JSON object: for telling JSON lines from text. */
bool jsonl_reader_is_object(struct slice line);

#endif
