/* html_page.h -- a web page as an article: its main text and what it says about itself.
 *
 * libxml2 parses whatever there is, as browsers do; html_encoding.h makes it UTF-8,
 * html_metadata.h reads title, author, date and the like, html_content.h the text. A page without
 * a text that can be told from the rest gives all of its text. */
#ifndef LEDE_HTML_PAGE_H
#define LEDE_HTML_PAGE_H

#include "html/html_metadata.h"
#include "base/buffer.h"

struct html_page {
    struct html_metadata metadata;
    struct buffer text;
    uint64_t replaced_bytes; /* that made no sense in the page's encoding */

    size_t max_tree, tree; /* bytes of the tree: at most, and so far; about */
    struct buffer converted;
    struct arena arena;
};

/* max_tree: what the tree of a page may take, which is 3 to 8 times the page where it was made to
 * be read, and may be 60 times. */
void html_page_init(struct html_page *page, size_t max_tree);
void html_page_done(struct html_page *page);

/* Reads a page; what it gives lives until the next read. charset: of a Content-Type, or empty.
 * LEDE_INVALID: there is nothing in it; LEDE_LIMIT: it is over INT_MAX bytes, or its tree is over
 * max_tree; LEDE_NO_MEMORY. */
enum lede_status html_page_read(struct html_page *page, struct slice bytes, struct slice charset,
                                struct lede_error *err);

/* Appends all the text of a piece of HTML, UTF-8, to out, without scripts and the like: what
 * somebody chose to send needs no extraction. Fails as html_page_read does, but that there may be
 * nothing in it. */
enum lede_status html_page_fragment(struct html_page *page, struct slice html, struct buffer *out,
                                    struct lede_error *err);

#endif
