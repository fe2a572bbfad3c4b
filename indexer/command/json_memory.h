/* json_memory.h -- a bound on the memory that a record of JSON takes once it is read.
 *
 * A value of two bytes, as the ones in [0,0,0], takes forty as jansson keeps it, and a member takes
 * another forty as ours: a record within --max-record could take twenty times that. So whatever
 * jansson allocates (html/reserve.h), and what json_object.h does, is charged to one account of the
 * process. Who is refused reports LEDE_NO_MEMORY, and the record is skipped as too large.
 *
 * One thread reads JSON. */
#ifndef LEDE_COMMAND_JSON_MEMORY_H
#define LEDE_COMMAND_JSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct account;

/* The account, which jansson's allocations are charged to, too. */
struct account *json_memory(void);
/* bytes; 0, as at first: no bound. */
void json_memory_bound(size_t most);
/* After LEDE_NO_MEMORY, while what was read is still there: true if it is the bound that refused
 * it, as jansson's allocations tell, or half of it being in use; else the system has no more. */
bool json_memory_is_short(void);

#endif
