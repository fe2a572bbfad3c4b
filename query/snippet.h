/* snippet.h -- which parts of a text to show for a query.
 *
 * The best windows are those that cover the most telling distinct words: a window's worth is the
 * sum of the weights of the words that stand in it, each once, plus a little for each further
 * occurrence, earlier windows winning ties. A window then grows to whole sentences where one begins
 * or ends nearby, else to whole words. Windows do not overlap and come in text order.
 * Linear in the spans and in width; allocates nothing; thread-safe. */
#ifndef LEDE_QUERY_SNIPPET_H
#define LEDE_QUERY_SNIPPET_H

#include "base/bytes.h"
#include "lede.h"

struct snippet {
    size_t offset, size;        /* bytes of the text */
    bool cut_before, cut_after; /* something of its sentence was left out */
};

enum { SNIPPETS_MAX = 16 };

/* Up to wanted (at most SNIPPETS_MAX) windows of about width bytes each; spans rise by offset. A
 * text without spans gives its beginning. Returns how many; 0 only for an empty text. */
size_t snippet_choose(struct slice text, const struct lede_span *spans, size_t count, size_t width,
                      struct snippet *out, size_t wanted);

#endif
