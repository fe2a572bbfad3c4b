/* passage.h -- parts of an article on one line each, with the words that the query asked for.
 *
 * Blanks of any kind and number become one space, bytes that are no UTF-8 become U+FFFD. Control
 * characters stay: whoever prints a passage escapes it in the way of its format. */
#ifndef LEDE_QUERY_COMMAND_PASSAGE_H
#define LEDE_QUERY_COMMAND_PASSAGE_H

#include "base/buffer.h"
#include "snippet.h"

struct mark {
    size_t offset, size; /* bytes of the passage's line */
};

struct passage {
    size_t offset; /* where it begins, in bytes of the article's text */
    struct slice line;
    const struct mark *marks; /* rising, apart */
    size_t mark_count;
    bool cut_before, cut_after; /* something of its sentence was left out */
};

struct passages {
    struct passage items[SNIPPETS_MAX];
    size_t count;
    struct buffer lines; /* what the items point to */
    struct mark *marks;
    size_t mark_count, mark_capacity;
};

void passages_init(struct passages *passages);
void passages_done(struct passages *passages);

/* The best windows of text, up to wanted, of about width bytes each (snippet.h). What was there
 * before is gone. Spans as lede_highlight gives them. LEDE_NO_MEMORY. */
enum lede_status passages_choose(struct passages *passages, struct slice text,
                                 const struct lede_span *spans, size_t count, size_t width,
                                 size_t wanted, struct lede_error *err);

/* The part [offset, offset + size) of the text as one passage; spans that end before it are passed
 * over one by one. Of no text none. */
enum lede_status passages_part(struct passages *passages, struct slice text,
                               const struct lede_span *spans, size_t count, size_t offset,
                               size_t size, struct lede_error *err);

/* The whole text as one passage. */
enum lede_status passages_whole(struct passages *passages, struct slice text,
                                const struct lede_span *spans, size_t count,
                                struct lede_error *err);

#endif
