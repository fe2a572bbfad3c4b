/* interrupt.h -- a wish to stop, by SIGINT, SIGTERM or SIGHUP, that is looked at between articles.
 *
 * The first only sets a flag and ends a blocking read: what was read is then committed. The second
 * ends the process at once, which no committed article minds. A signal that was ignored stays so.
 */
#ifndef LEDE_COMMAND_INTERRUPT_H
#define LEDE_COMMAND_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
bool interrupt_seen(void);

#endif
