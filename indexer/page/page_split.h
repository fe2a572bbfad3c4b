/* page_split.h -- a page of text that chains several articles, cut into them.
 *
 * What scrapers save of a news site is often a front page that scrolls on: one article after the
 * other, each with its title, perhaps twice, `Published`, a date, a byline, and at its end
 * `Continue Reading` and the next one's section. page_header.h finds where one may begin. It does
 * if
 *
 *     its signs weigh 4 or more, and 200 bytes of text follow it (40, if they weigh 6 or more);
 *     or its date, byline or dateline alone stands above 200 bytes of text, and another one with
 * the same sign has 400;
 *
 * behind `Related`, `Trending` and the like, or `Comments`, more text has to follow, up to the next
 * article. Text before the first header (of 250 bytes) is an article, too, whose title the page has
 * lost. A page of fewer than two articles stays as it is.
 *
 * Every line that is not blank is an article's title, an article's text, or the page's remainder,
 * and only one of these: bare `Published`, `Continue Reading` and whatever stands before, between
 * and behind articles are the remainder; a title that comes again is no text, unless it says it in
 * other words. The ranges of articles rise and do not overlap. Pure: the same bytes give the same
 * articles. Linear in the page. */
#ifndef LEDE_PAGE_SPLIT_H
#define LEDE_PAGE_SPLIT_H

#include <regex.h>

#include "base/buffer.h"
#include "page/page_line.h"

struct page_article {
    size_t offset, size; /* bytes of the page, from the header's first line to the text's last */
    struct slice title;  /* these may be empty; bytes of the page */
    struct slice date, author, section;
    size_t first, end; /* lines: its own are among those from first, before end */
};

struct page_split {
    struct page_lines lines;
    uint32_t *owners; /* of lines: 0 the remainder, else the article's number from 1; the top bit is
                       * set where it is the title */
    size_t owner_capacity;
    struct page_article *articles;
    size_t count, capacity; /* 0: the page is left whole */
    struct page_header *headers;
    size_t header_count, header_capacity;
};

void page_split_init(struct page_split *split);
void page_split_done(struct page_split *split);

/* Cuts page, borrowed as long as split is asked. A page of more than PAGE_LINES_MOST lines is left
 * whole. LEDE_NO_MEMORY. */
enum lede_status page_split_auto(struct page_split *split, struct slice page,
                                 struct lede_error *err);

/* The same where each line that the expression matches (of its first LINE_LOOKED_AT bytes) begins
 * an article, which goes on to the next. It is the title, unless it has neither letter nor number:
 * then that is the line behind it, if a blank one follows. */
enum { LINE_LOOKED_AT = 1024 };
enum lede_status page_split_by(struct page_split *split, struct slice page, const regex_t *begins,
                               struct lede_error *err);

/* False if every line belongs to an article. */
bool page_split_has_remainder(const struct page_split *split);

/* Appends the text of an article, from 0; of the remainder. Lines as they stand in the page, with
 * the blank lines behind them. */
void page_split_text(const struct page_split *split, size_t article, struct buffer *out);
void page_split_remainder(const struct page_split *split, struct buffer *out);

#endif
