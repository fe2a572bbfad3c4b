/* account.h -- the one memory accountant: a cap that every arena, cache and queue is charged to.
 *
 * Counts bytes, from any thread. A charge that would pass the limit is refused and
 * changes nothing; who is refused spills, waits or reports LEDE_NO_MEMORY. */
#ifndef LEDE_BASE_ACCOUNT_H
#define LEDE_BASE_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct account {
    _Atomic size_t used, peak; /* bytes */
    size_t limit;              /* bytes; 0: no limit */
};

void account_init(struct account *account, size_t limit);

/* True if size more bytes are within the limit, and are now charged. NULL accounts allow all. */
bool account_charge(struct account *account, size_t size);
void account_release(struct account *account, size_t size);
/* Memory whose bytes are charged; NULL if there is none, and then none are. Given back by free and
 * account_release. account_calloc's is zeroed. A size of 0 gives memory, too. */
void *account_malloc(struct account *account, size_t size);
void *account_calloc(struct account *account, size_t count, size_t size);
/* Bytes that could be charged now; SIZE_MAX if there is no limit. */
size_t account_left(const struct account *account);

#endif
