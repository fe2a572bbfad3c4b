/* pattern_walk.h -- the terms of a segment's dictionary that a pattern matches.
 *
 * Terms come in order: of each only what differs from the one before is walked, and when the same
 * beginning has failed for a few terms, those that share it are passed over by one search. So a
 * pattern that begins with letters costs about its matches, a misspelt word some thousand terms,
 * and
 * `*x` the whole dictionary. */
#ifndef LEDE_QUERY_PATTERN_WALK_H
#define LEDE_QUERY_PATTERN_WALK_H

#include "index/segment.h"
#include "pattern.h"

/* Gets a term (field byte first; valid during the call), how many documents have it, and the edits
 * that it took. False ends the walk. */
typedef bool pattern_found(void *context, struct slice term, uint32_t df, unsigned edits);

/* Tells the terms of a field that begin with `beginning` (may be empty, and part of the pattern)
 * and match, in order. LEDE_CORRUPT. */
enum lede_status pattern_walk(const struct pattern *pattern, struct segment *segment,
                              enum field field, struct slice beginning, pattern_found *found,
                              void *context, struct lede_error *err);

#endif
