/* expansion.h -- the terms that a pattern stands for, in all segments of an index.
 *
 * If there are more than may be, the nearest ones are kept (fewest edits), and of these the most
 * frequent; which they are is told by summing up each segment's best, so that of very many terms in
 * many segments one that is rare in each may be missed. Memory is fixed by the limit; time is that
 * of walking the dictionaries (pattern_walk.h). */
#ifndef LEDE_QUERY_EXPANSION_H
#define LEDE_QUERY_EXPANSION_H

#include "base/arena.h"
#include "opened.h"
#include "pattern.h"

struct expanded {
    struct slice key; /* field byte, then the term; the arena's */
    unsigned edits;
};

struct expansion {
    struct expanded *terms; /* by key; the arena's */
    size_t count;
    bool cut;     /* there were more: */
    uint64_t all; /* so many; or, if terms of several segments are among them, at least so many */
    bool exact;
};

/* Finds at most limit (>= 1) terms of the field from low on to high, both among them, in as many
 * steps as there are. An empty high is the field's end. LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status expansion_find_between(struct lede_index *index, enum field field,
                                        struct slice low, struct slice high, size_t limit,
                                        struct arena *arena, struct expansion *out,
                                        struct lede_error *err);

/* Finds at most limit (>= 1) terms of the field that begin with `beginning` and match.
 * LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status expansion_find(struct lede_index *index, const struct pattern *pattern,
                                enum field field, struct slice beginning, size_t limit,
                                struct arena *arena, struct expansion *out, struct lede_error *err);

#endif
