#include "base/array.h"

#include <stdlib.h>

#include "base/account.h"

bool array_grow(void **items, size_t *capacity, size_t item_size, struct account *account)
{
    size_t more = *capacity < 16 ? 16 : *capacity / 2, count, size;
    void *grown;

    if (__builtin_add_overflow(*capacity, more, &count) ||
        __builtin_mul_overflow(count, item_size, &size) ||
        !account_charge(account, more * item_size))
        return false;
    grown = realloc(*items, size);
    if (!grown) {
        account_release(account, more * item_size);
        return false;
    }
    *items = grown;
    *capacity = count;
    return true;
}

void array_free(void *items, size_t capacity, size_t item_size, struct account *account)
{
    free(items);
    account_release(account, capacity * item_size);
}
