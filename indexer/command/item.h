/* item.h -- what readers yield: an article, a skip, or the end of a file. A long text comes in
 * parts, then the article, with the last one; a skip instead of that makes the parts void. */
#ifndef LEDE_COMMAND_ITEM_H
#define LEDE_COMMAND_ITEM_H

#include "base/error.h"
#include "command/skip.h"

/* Where a file's articles come from. All of it is borrowed while the file is read. */
struct origin {
    struct slice path; /* as articles and messages name the file: absolute, "-" for stdin */
    struct slice id;   /* id of a text file, and stem of ids that a record lacks: path, or its
                          part below --base */
    bool named;        /* an argument, not found in a tree */
};

enum item_kind { ITEM_END, ITEM_PART, ITEM_ARTICLE, ITEM_SKIP };

struct item {
    enum item_kind kind;
    struct lede_article article; /* ITEM_ARTICLE: bytes live until the next item is asked for;
                                  * ITEM_PART: its text is one, and all that it has */
    struct skip skip;            /* ITEM_SKIP: the same */
    uint64_t record;             /* the article's line, from 1; 0: it is the whole file */
    uint64_t replaced_bytes;     /* that were no UTF-8 or UTF-16 and were read as U+FFFD */
    bool date_unread;            /* its date is in no known form: kept as metadata */

    bool is_page;      /* of a text file, or a web page, as a whole or in parts: a template may have
                        * put lines around it */
    struct slice page; /* text that may chain several articles, this one as a whole; or empty */
    bool page_is_source; /* it is the last page.size bytes of the article's in its source */
    size_t part, parts;  /* the article is one of parts of a page, from 1; part 0: its remainder;
                          * parts 0: it is no page's */
};

/* Makes it a skip of a record of the file, and nothing else. */
void item_skip(struct item *item, const struct origin *origin, enum skip_reason reason,
               uint64_t record, uint64_t offset, const char *message);

/* The same of all that is left of the file: because of what stands there (status LEDE_OK), or
 * because it cannot be read. What ends the run (LEDE_NO_MEMORY, LEDE_INTERRUPTED) is returned. */
enum lede_status item_skip_rest(struct item *item, const struct origin *origin,
                                enum lede_status status, uint64_t record, uint64_t offset,
                                const char *message, struct lede_error *err);

/* Says which bytes of the file the article is. */
void item_set_source(struct item *item, const struct origin *origin, uint64_t offset,
                     uint64_t size);

#endif
