/* text_reader.h -- a text file as an article.
 *
 * The title is the first line that is not blank, if it has at most TEXT_TITLE_MAX bytes and a blank
 * line follows; the text is what follows that one, else the whole. Lines end in LF, CR LF or CR; a
 * line of spaces is blank. A byte order mark is dropped; UTF-16 that has one becomes UTF-8;
 * other bytes stay as they are (the analyzer takes any). The article's bytes in its source are
 * the whole file. */
#ifndef LEDE_COMMAND_TEXT_READER_H
#define LEDE_COMMAND_TEXT_READER_H

#include "base/buffer.h"
#include "command/input.h"
#include "command/item.h"

enum { TEXT_TITLE_MAX = 200 };

struct text_reader {
    struct buffer converted; /* a file that was UTF-16 */
};

void text_reader_init(struct text_reader *reader);
void text_reader_done(struct text_reader *reader);

/* Reads all of input: an article, or a skip if it has more than max_record bytes or cannot be read
 * to its end. LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status text_reader_read(struct text_reader *reader, struct input *input,
                                  const struct origin *origin, size_t max_record, struct item *item,
                                  struct lede_error *err);

/* Splits text by the title's rule; *title is empty if there is none. */
void text_reader_split(struct slice text, struct slice *title, struct slice *rest);

#endif
