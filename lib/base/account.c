#include "base/account.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

void account_init(struct account *account, size_t limit)
{
    atomic_init(&account->used, 0);
    atomic_init(&account->peak, 0);
    account->limit = limit;
}

bool account_charge(struct account *account, size_t size)
{
    size_t used, total, peak;

    if (!account)
        return true;
    used = atomic_load_explicit(&account->used, memory_order_relaxed);
    do {
        if (__builtin_add_overflow(used, size, &total))
            return false;
        if (account->limit && total > account->limit)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&account->used, &used, total,
                                                    memory_order_relaxed, memory_order_relaxed));
    peak = atomic_load_explicit(&account->peak, memory_order_relaxed);
    while (total > peak &&
           !atomic_compare_exchange_weak_explicit(&account->peak, &peak, total,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    return true;
}

void account_release(struct account *account, size_t size)
{
    size_t before;

    if (!account)
        return;
    before = atomic_fetch_sub_explicit(&account->used, size, memory_order_relaxed);
    assert(before >= size);
    (void)before;
}

void *account_malloc(struct account *account, size_t size)
{
    void *memory;

    if (!account_charge(account, size))
        return NULL;
    memory = malloc(size ? size : 1);
    if (!memory)
        account_release(account, size);
    return memory;
}

void *account_calloc(struct account *account, size_t count, size_t size)
{
    size_t total;
    void *memory;

    if (__builtin_mul_overflow(count, size, &total) || !account_charge(account, total))
        return NULL;
    memory = total ? calloc(count, size) : calloc(1, 1);
    if (!memory)
        account_release(account, total);
    return memory;
}

size_t account_left(const struct account *account)
{
    size_t used;

    if (!account || account->limit == 0)
        return SIZE_MAX;
    used = atomic_load_explicit(&account->used, memory_order_relaxed);
    return used < account->limit ? account->limit - used : 0;
}
