/* notes.h -- what a user should know about how the query was read.
 *
 * A note is one line of printable UTF-8 whatever the query's bytes are. The first NOTES_MAX are
 * kept. Under `strict` the first odd thing is an error instead. */
#ifndef LEDE_QUERY_NOTES_H
#define LEDE_QUERY_NOTES_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

enum {
    NOTES_MAX = 32,
    NOTE_QUOTE = 64 /* bytes of the query that a note repeats */
};

struct notes {
    struct arena *arena; /* borrowed */
    bool strict;
    size_t count;
    const char *texts[NOTES_MAX];
};

void notes_init(struct notes *notes, struct arena *arena, bool strict);

/* Adds `"quoted" at column N: text`. LEDE_NO_MEMORY. */
enum lede_status notes_add(struct notes *notes, struct slice quoted, size_t column,
                           const char *text, struct lede_error *err);

/* The same for something odd, with what becomes of it behind a comma: "taken literally". If the
 * query is strict, LEDE_INVALID with what is odd alone, and the column. */
enum lede_status notes_add_odd(struct notes *notes, struct slice quoted, size_t column,
                               const char *odd, const char *fate, struct lede_error *err);

/* A note on the whole query. LEDE_NO_MEMORY. */
enum lede_status notes_add_text(struct notes *notes, const char *text, struct lede_error *err);

#endif
