/* boundaries.h -- where a text may be cut for people to read.
 *
 * `at` is an offset in bytes, up to the text's size; any bytes are a text. Look at some characters
 * around it, and back to the beginning of a short line; thread-safe. */
#ifndef LEDE_QUERY_BOUNDARIES_H
#define LEDE_QUERY_BOUNDARIES_H

#include "base/bytes.h"

/* A sentence begins at `at`: at the text's start, behind a stop (. ! ? and what closes behind them,
 * then a blank; or 。 and its like), behind a blank line, at an indented one, or behind a line that
 * was too short to be broken for its length. */
bool boundary_of_sentences(struct slice text, size_t at);

/* No word and no character is on both sides of `at`. Between characters of scripts that write no
 * blanks there is always one. */
bool boundary_of_words(struct slice text, size_t at);

#endif
