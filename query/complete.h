/* complete.h -- what the word that somebody is typing may become: words of the index, the most
 * frequent first.
 *
 * Of titles and texts: terms that begin so, and the few that what was typed begins with (a stem is
 * shorter than its word), each shown as an article writes it (form.h), in lower case. Of a keyword
 * field: its values as they are, folded. A part of the dictionary is walked, and an article or a
 * few read for each word. */
#ifndef LEDE_QUERY_COMPLETE_H
#define LEDE_QUERY_COMPLETE_H

#include "terms.h"

struct completion {
    struct slice word; /* the arena's; UTF-8 */
    uint64_t df;       /* articles with it; titles, if the field is that */
};

struct completions {
    struct completion *items; /* the arena's */
    size_t count;
};

/* At most most (up to 64) of a field. A beginning that is no word has none; an empty one only that
 * of a keyword field.
 * LEDE_INCOMPATIBLE, LEDE_CORRUPT, LEDE_NO_MEMORY, LEDE_IO. */
enum lede_status complete_find(struct lede_index *index, enum field field, struct slice beginning,
                               size_t most, struct arena *arena, struct completions *out,
                               struct lede_error *err);

#endif
