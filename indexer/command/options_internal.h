/* options_internal.h -- between reading flags (options.c) and what they mean together
 * (options_settle.c). */
#ifndef LEDE_COMMAND_OPTIONS_INTERNAL_H
#define LEDE_COMMAND_OPTIONS_INTERNAL_H

#include "command/flags.h"

/* Completes options from the flags that were given, by code, and the words that are none:
 * subcommand and operands. LEDE_INVALID: what does not go together; LEDE_NO_MEMORY. */
enum lede_status options_settle(struct options *options, const bool seen[FLAG_CODES], char **words,
                                size_t count, struct lede_error *err);

#endif
