/* reserve.h -- memory for libxml2 and jansson, which do not take being refused any: parsers drop
 * what they had no room for, go on for ever, or crash.
 *
 * A reserve is set aside, which they get from where there is no more memory: so they come to the
 * next event, at which they are to be stopped, or to their end, and what they made is to be thrown
 * away. That is once: then no more is read. For one thread, as they are used here. */
#ifndef LEDE_HTML_RESERVE_H
#define LEDE_HTML_RESERVE_H

#include <stdbool.h>

/* Before anything is parsed. False: memory ran out, now or ever. */
bool reserve_begin(void);
/* True: memory ran out. */
bool reserve_is_spent(void);

struct account;

/* What jansson takes is charged to this account, which has no limit at first; what that refuses is
 * no lack of memory, and not taken from the reserve. */
struct account *reserve_json_account(void);
/* True if the account refused something since this was cleared last. */
bool reserve_json_was_refused(void);
void reserve_json_clear(void);

#endif
