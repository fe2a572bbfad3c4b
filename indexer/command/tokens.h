/* tokens.h -- printing what the analysis makes of a text: a line a token, tabs between. */
#ifndef LEDE_COMMAND_TOKENS_H
#define LEDE_COMMAND_TOKENS_H

#include "base/buffer.h"
#include "text/analyzer.h"

/* Prints a head line and the tokens on stdout: position, offset, size, word, term, variant, flags.
 */
enum lede_status tokens_print(const struct analyzer_settings *settings, language_id language,
                              struct slice text, struct lede_error *err);

/* The settings and default language that the index in path was made with; *stopwords holds the
 * bytes that *settings borrows. */
enum lede_status tokens_index_settings(const char *path, struct analyzer_settings *settings,
                                       struct buffer *stopwords, language_id *language,
                                       struct lede_error *err);

#endif
