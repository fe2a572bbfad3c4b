/* interrupt.h -- a wish to stop, by SIGINT, SIGTERM or SIGHUP, that is looked at between articles.
 *
 * The first signals only set a flag and end a blocking read; the third ends the process at once,
 * which no committed article minds. A signal that was ignored stays so. */
#ifndef LEDE_COMMAND_INTERRUPT_H
#define LEDE_COMMAND_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
bool interrupt_seen(void);

#endif
