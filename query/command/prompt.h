/* prompt.h -- queries that somebody types one after the other: lede-search -i.
 *
 * Each is answered as it would be alone, with the same options, of the index as it is then: between
 * queries nothing is held open. A line that begins with a colon is a command: :N shows article N of
 * the last answer as a whole, :more the next ones, :help says so, :quit ends it (so does Ctrl-D).
 * Lines are kept in a file, $LEDE_HISTORY or lede/history in $XDG_STATE_HOME (~/.local/state), the
 * last thousand or so; an empty $LEDE_HISTORY keeps none. */
#ifndef LEDE_QUERY_COMMAND_PROMPT_H
#define LEDE_QUERY_COMMAND_PROMPT_H

#include "options.h"

/* Until the end. LEDE_INVALID: standard input or output is no terminal. What is wrong with a query
 * is told, and the next one asked for; what else goes wrong with one ends it. */
enum lede_status prompt_run(const struct options *options, struct lede_error *err);

#endif
