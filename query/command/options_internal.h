/* options_internal.h -- between reading flags (options.c) and what they mean together
 * (options_settle.c). */
#ifndef LEDE_QUERY_COMMAND_OPTIONS_INTERNAL_H
#define LEDE_QUERY_COMMAND_OPTIONS_INTERNAL_H

#include "options.h"

struct flags { /* as given; what they mean together is for later */
    bool count, list, limited, formatted;
    size_t open; /* 0: not given */
    enum output_kind format;
};

/* Another index; path stays argv's. LEDE_INVALID: it is empty; LEDE_NO_MEMORY. */
enum lede_status options_add_index(struct options *options, const char *path,
                                   struct lede_error *err);

/* Completes options from the flags and the arguments that are none, the parts of a query.
 * LEDE_INVALID: what does not go together; LEDE_NO_MEMORY. */
enum lede_status options_settle(struct options *options, const struct flags *flags,
                                char *const *parts, size_t count, struct lede_error *err);

#endif
