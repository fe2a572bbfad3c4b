/* page_line.h -- a page of text as lines, and what a line by itself is for.
 *
 * Scraped pages hold, beside what was written, what their templates put around it: `Published`,
 * `By`, `4 hours ago`, `Continue Reading`, `Share`. Such a line is known by its words alone:
 * letters in lower case, a run of digits as #, punctuation and symbols as blanks, so that `Continue
 * reading →` and `CONTINUE READING` are one. English first; the commonest of Danish, Dutch, French,
 * German, Italian, Portuguese, Spanish and Swedish. */
#ifndef LEDE_PAGE_LINE_H
#define LEDE_PAGE_LINE_H

#include "base/bytes.h"
#include "base/error.h"

enum line_kind {
    LINE_PLAIN,     /* none of those below: text, a title, a name */
    LINE_PUBLISHED, /* Published, Posted on 3 March 2021, Updated: */
    LINE_DATE,      /* 3 March 2021, 2021-03-03 10:15 GMT; nothing else in it */
    LINE_AGE,       /* 4 hours ago */
    LINE_ON,        /* on, at */
    LINE_BY,        /* By, By Ann Example, Written by */
    LINE_END,       /* Continue Reading, Read more */
    LINE_NEXT,      /* Up next, Next article */
    LINE_SECTION,   /* Politics, World */
    LINE_FURNITURE, /* Share, 3 comments, Advertisement, Filed under: ... */
    LINE_TAIL,      /* Trending, Related articles, About us: articles end before it */
    LINE_COMMENTS,  /* Comments, 3 comments: what readers wrote may follow */
    LINE_RULE       /* -----, * * * */
};

struct page_line {         /* that is not blank */
    uint32_t offset, size; /* in the page, without the blanks at its ends */
    uint8_t kind;
    bool after_blank; /* a blank line, or nothing, comes before */
    bool is_bare;     /* LINE_PUBLISHED, LINE_BY: the word alone */
    bool is_dated;    /* LINE_BY: something of a date behind it */
};

enum { PAGE_LINES_MOST = 1 << 16 };

struct page_lines {
    struct slice page; /* borrowed */
    struct page_line *items;
    size_t count, capacity;
};

void page_lines_init(struct page_lines *lines);
void page_lines_done(struct page_lines *lines);

/* Cuts page, borrowed from then on, into lines: ended by LF, CR LF or CR, blank if there is nothing
 * but white space (no-break spaces, too). LEDE_LIMIT: over PAGE_LINES_MOST of them, or 4 GiB;
 * LEDE_NO_MEMORY. Linear in the page. */
enum lede_status page_lines_read(struct page_lines *lines, struct slice page,
                                 struct lede_error *err);

/* Sets the kind of a line, which is zeroed, by its text, which is without blanks at its ends. */
void page_line_look(struct page_line *line, struct slice text);

static inline struct slice page_line_text(const struct page_lines *lines, size_t line)
{
    return slice_of(lines->page.data + lines->items[line].offset, lines->items[line].size);
}

/* The words of text as said above (with their digits, if that is asked), with a blank between them,
 * in at most size - 1 bytes and a NUL; returns their number. What does not fit is left out. */
enum { LINE_KEY_SIZE = 160 };
unsigned page_line_key(struct slice text, bool digits, char *key, size_t size);

/* True if text ends as sentences do: . ! ? … : ; or , also before closing quotes and brackets. */
bool page_line_is_sentence(struct slice text);

/* What stands behind by, von, par, por, written by, ... at the beginning of text or within it: a
 * name, if the line is LINE_BY or LINE_PUBLISHED. Empty: nothing. */
struct slice page_line_byline(struct slice text);

/* True if text begins like a report: LONDON, March 3 (Reuters) - or PARIS —. */
bool page_line_has_dateline(struct slice text);

#endif
