/* page_header.h -- where in a page an article may begin, and what speaks for it.
 *
 * A header is a title with what templates put around it: before it the end of what came before
 * (Continue Reading, a rule), a section, perhaps a date; behind it the title once more,
 * `Published`, a date, a byline, then text. One such sign may stand anywhere in an article, several
 * at once hardly do: signs add up to a weight, and page_split.h says what is enough. */
#ifndef LEDE_PAGE_HEADER_H
#define LEDE_PAGE_HEADER_H

#include "page/page_line.h"

enum page_sign {
    SIGN_DOUBLED = 1,   /* the title comes again */
    SIGN_PUBLISHED = 2, /* Published, Posted on ... */
    SIGN_DATE = 4,      /* a date of its own */
    SIGN_AGE = 8,       /* 4 hours ago */
    SIGN_BY = 16,       /* a byline */
    SIGN_DATELINE = 32, /* the text begins with LONDON, March 3 (Reuters) - */
    SIGN_END = 64,      /* Continue Reading, Up next stand before */
    SIGN_RULE = 128,    /* a rule stands before */
    SIGN_SECTION = 256, /* a section stands before */
    SIGN_MARKED = 512,  /* # Title, or Title underlined */
    SIGN_NAME = 1024    /* a line that may be a name */
};

#define NO_LINE SIZE_MAX

enum { WEIGHT_STRONG = 4, WEIGHT_CERTAIN = 6 };

struct page_header {
    size_t first;       /* line that it begins with: the section, the date or the title */
    size_t title, body; /* lines: of the title, or NO_LINE; of the text's beginning */
    size_t size;        /* bytes of plain lines from there to the next header that was found */
    unsigned signs, weight;
};

struct page_facts {                 /* lines, or NO_LINE */
    size_t date, by, name, section; /* name: the line behind a bare By */
};

/* Looks at the line title as a title. False: it is none, or nothing speaks for it. size is not set.
 * Looks at no more than some 20 lines around. */
bool page_header_read(const struct page_lines *lines, size_t title, struct page_header *header);

/* True if two lines say the same: to the letter, but for case, a name of the site behind a dash or
 * bar, or a few characters that a template has lost (`$650M` as `0M`). */
bool page_titles_agree(struct slice a, struct slice b);

/* A title without `Title:` before it, or the marks of Markdown around it. */
struct slice page_title_text(struct slice title);

/* True if the line is text rather than a title or a label. */
bool page_line_is_text(const struct page_lines *lines, size_t line);

/* The facts that stand in a header. */
void page_facts_find(const struct page_lines *lines, const struct page_header *header,
                     struct page_facts *facts);

#endif
