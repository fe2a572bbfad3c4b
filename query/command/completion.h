/* completion.h -- what a shell offers for the last word of a query: --complete WORD.
 *
 * A candidate a line: fields that begin so, with their colon, then words of the index, or, behind a
 * field, its values. What stands before the word (+, -, a parenthesis, a quote, the field) stands
 * before each, so that a candidate replaces the whole. A value with blanks is in quotes, as a query
 * wants it; a shell's own quotes are the shell's to add. What may not be printed as it is is left
 * out. */
#ifndef LEDE_QUERY_COMMAND_COMPLETION_H
#define LEDE_QUERY_COMMAND_COMPLETION_H

#include "base/buffer.h"
#include "lede.h"

enum { COMPLETION_MOST = 20 };

/* Appends the lines. As complete_find (complete.h). */
enum lede_status completion_put(struct lede_index *index, struct slice word, struct buffer *out,
                                struct lede_error *err);

#endif
