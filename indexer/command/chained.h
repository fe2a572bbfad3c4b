/* chained.h -- the articles of a page that chains several (page_split.h), one item after the other.
 *
 * Article n of the page has the page's id with #n behind it, from 1; what belongs to none of them
 * is an article under the page's own id, behind the others: nothing of a page is lost. Byte ranges
 * are those of the source where the page's text is its bytes, else (a web page, UTF-16) the whole
 * page's. A byline and a section become metadata `author` and `section`; a date that
 * date_text.h reads becomes the date. What a web page says of itself goes to its first article
 * and to the remainder; its address and language go to all. */
#ifndef LEDE_COMMAND_CHAINED_H
#define LEDE_COMMAND_CHAINED_H

#include "command/date_words.h"
#include "command/item.h"
#include "page/page_split.h"

enum split_mode { SPLIT_AUTO, SPLIT_NONE, SPLIT_BY };

struct split_options {
    enum split_mode mode;
    regex_t *begins; /* SPLIT_BY: an extended regular expression; else NULL */
};

/* Reads the value of --split. LEDE_INVALID: it is no regular expression; LEDE_NO_MEMORY. Whatever
 * it was before is freed, and to be freed by split_options_done, which takes a zeroed one, too. */
enum lede_status split_options_parse(struct split_options *options, const char *text,
                                     struct lede_error *err);
void split_options_done(struct split_options *options);

enum { CHAINED_METADATA = 16 };

struct chained {
    struct page_split split;
    struct item whole; /* the page as one article; its bytes are the reader's */
    size_t next;       /* article, from 0; split.count: the remainder */
    bool active;       /* there are items to come */
    struct buffer id, text;
    struct lede_field metadata[CHAINED_METADATA];
    struct date_words date_words;
};

void chained_init(struct chained *chained);
void chained_done(struct chained *chained);

/* Takes an article whose page is given, and whose bytes live until the last of the items: active
 * afterwards if it is a chain. LEDE_NO_MEMORY. */
enum lede_status chained_take(struct chained *chained, const struct split_options *options,
                              const struct item *whole, struct lede_error *err);

/* The next item, while active. LEDE_NO_MEMORY. */
enum lede_status chained_next(struct chained *chained, struct item *item, struct lede_error *err);

#endif
