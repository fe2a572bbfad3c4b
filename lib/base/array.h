/* array.h -- growing a plain array by halves, with overflow checked.
 *
 *     struct hit *hits; size_t count, capacity;
 *     if (count == capacity && !array_grow((void **)&hits, &capacity, sizeof *hits, account))
 *         return error_no_memory(err); */
#ifndef LEDE_BASE_ARRAY_H
#define LEDE_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

struct account;

/* Makes room for at least one more item of item_size bytes; *items may move. False (all
 * as before) if memory ran out or the account (may be NULL) refused. */
bool array_grow(void **items, size_t *capacity, size_t item_size, struct account *account);

/* Frees what array_grow gave: items of capacity * item_size bytes charged to account. */
void array_free(void *items, size_t capacity, size_t item_size, struct account *account);

#endif
