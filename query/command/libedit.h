/* libedit.h -- libedit opened while the program runs. Only in programs that are linked dynamically:
 * where it is linked in, libedit.c is not. */
#ifndef LEDE_QUERY_COMMAND_LIBEDIT_H
#define LEDE_QUERY_COMMAND_LIBEDIT_H

#include <stdbool.h>
#include <stddef.h>

/* Puts the addresses of these functions, count of them, in places. False: it cannot be had. It
 * stays open until the process ends. */
bool libedit_open(const char *const *names, void **places, size_t count);

#endif
