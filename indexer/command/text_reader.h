/* text_reader.h -- a text file as an article.
 *
 * The title is the first line that is not blank, if it has at most TEXT_TITLE_MAX bytes and a blank
 * line follows; the text is what follows that one, else the whole. Lines end in LF, CR LF or CR; a
 * line of spaces is blank. A byte order mark is dropped; UTF-16 that has one becomes UTF-8;
 * other bytes stay as they are (the analyzer takes any). The article's bytes in its source are
 * the whole file. A file of more than TEXT_PIECE bytes comes in parts, none longer than that, so
 * that its size does not matter; its title is looked for in the first. */
#ifndef LEDE_COMMAND_TEXT_READER_H
#define LEDE_COMMAND_TEXT_READER_H

#include "base/buffer.h"
#include "command/input.h"
#include "command/item.h"

enum { TEXT_TITLE_MAX = 200, TEXT_PIECE = 1024 * 1024 };
enum text_encoding { TEXT_BYTES, TEXT_UTF16_LITTLE, TEXT_UTF16_BIG };

struct text_reader {
    size_t piece; /* TEXT_PIECE; tests may make it smaller: at least 4, and even */
    struct input *input;
    const struct origin *origin;
    uint64_t max_size, size; /* bytes of the file: at most, and passed so far */
    enum text_encoding encoding;
    uint64_t replaced; /* bytes that were no UTF-16 */
    uint8_t title[TEXT_TITLE_MAX];
    size_t title_size;
    struct buffer converted; /* a piece that was UTF-16 */
};

void text_reader_init(struct text_reader *reader);
void text_reader_done(struct text_reader *reader);

/* Begins a file: input and origin are borrowed until its last item. */
void text_reader_start(struct text_reader *reader, struct input *input, const struct origin *origin,
                       uint64_t max_size);

/* Parts, if it is long, then an article, or a skip if it has more than max_size bytes or cannot be
 * read to its end; nothing may be asked for after those. LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status text_reader_next(struct text_reader *reader, struct item *item,
                                  struct lede_error *err);

/* Splits text by the title's rule; *title is empty if there is none. */
void text_reader_split(struct slice text, struct slice *title, struct slice *rest);

#endif
