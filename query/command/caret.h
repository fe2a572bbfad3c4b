/* caret.h -- points at what is odd in a query:
 *
 *       oil "crude
 *           ^
 *
 * Of a long query the part around it is shown, between "...". */
#ifndef LEDE_QUERY_COMMAND_CARET_H
#define LEDE_QUERY_COMMAND_CARET_H

#include "base/buffer.h"

/* Appends both lines; column: in characters of the query, from 1. */
void caret_put(struct buffer *out, struct slice query, size_t column);

/* Writes them to standard error, for an error that has a column (not 0). */
void caret_tell(struct slice query, size_t column);

#endif
