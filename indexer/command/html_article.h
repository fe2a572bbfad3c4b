/* html_article.h -- the bytes of a web page as an article.
 *
 * Title, text, canonical URL and language fill the article; author, section and site become
 * metadata of those names. Its date is what the page says, if lede_date_parse reads it, and
 * metadata `date` otherwise. */
#ifndef LEDE_COMMAND_HTML_ARTICLE_H
#define LEDE_COMMAND_HTML_ARTICLE_H

#include "command/item.h"
#include "html/html_page.h"

enum { HTML_ARTICLE_METADATA = 8 }; /* at most; half of them are for the caller */

struct html_article {
    struct html_page page;
    struct lede_field metadata[HTML_ARTICLE_METADATA];
    size_t metadata_count;
};

/* max_tree: html_page_init. */
void html_article_init(struct html_article *article, size_t max_tree);
void html_article_done(struct html_article *article);

/* Fills what the page gives into item, whose bytes live until the next read; id and source are the
 * caller's. charset: of a Content-Type, or empty. LEDE_LIMIT: its tree is too large; *err says so.
 * LEDE_NO_MEMORY. */
enum lede_status html_article_read(struct html_article *article, struct slice bytes,
                                   struct slice charset, struct item *item, struct lede_error *err);

/* Adds a field to the metadata, unless value is empty. Both are borrowed. */
void html_article_put(struct html_article *article, struct item *item, const char *name,
                      struct slice value);

#endif
