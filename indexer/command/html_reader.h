/* html_reader.h -- a web page in a file as an article: html_article.h says what becomes of it.
 *
 * Its bytes in its source are the whole file. A page is in memory as a whole, with its tree, which
 * is several times as large: pages over max_page bytes are skipped. */
#ifndef LEDE_COMMAND_HTML_READER_H
#define LEDE_COMMAND_HTML_READER_H

#include "command/html_article.h"
#include "command/input.h"

struct html_reader {
    size_t max_page;
    struct input *input;
    const struct origin *origin;
    struct html_article article;
};

void html_reader_init(struct html_reader *reader, size_t max_page, size_t max_tree);
void html_reader_done(struct html_reader *reader);

/* Begins a file: input and origin are borrowed until its item. */
void html_reader_start(struct html_reader *reader, struct input *input,
                       const struct origin *origin);

/* The article, or a skip; nothing may be asked for after it. LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status html_reader_next(struct html_reader *reader, struct item *item,
                                  struct lede_error *err);

#endif
