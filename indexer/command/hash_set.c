#include "command/hash_set.h"

#include <stdlib.h>

#include "base/account.h"

enum { CAPACITY_MIN = 1024 };

void hash_set_init(struct hash_set *set, struct account *account)
{
    *set = (struct hash_set){.account = account};
}

void hash_set_done(struct hash_set *set)
{
    free(set->slots);
    if (set->slots && set->account)
        account_release(set->account, set->capacity * sizeof *set->slots);
    hash_set_init(set, set->account);
}

/* Where the key is, or would be. Some slot is free. */
static uint64_t *slot_of(const struct hash_set *set, uint64_t key)
{
    size_t mask = set->capacity - 1, at = (size_t)key & mask;

    while (set->slots[at] != 0 && set->slots[at] != key)
        at = (at + 1) & mask;
    return &set->slots[at];
}

/* 0 means that a slot is free. */
static uint64_t key_of(uint64_t key)
{
    return key ? key : 1;
}

bool hash_set_has(const struct hash_set *set, uint64_t key)
{
    return set->capacity && *slot_of(set, key_of(key)) != 0;
}

static bool resize(struct hash_set *set, size_t capacity)
{
    struct hash_set other = *set;

    other.capacity = capacity;
    other.slots = account_calloc(set->account, capacity, sizeof *other.slots);
    if (!other.slots)
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i])
            *slot_of(&other, set->slots[i]) = set->slots[i];
    hash_set_done(set);
    *set = other;
    return true;
}

/* Makes room for one more. */
static bool make_room(struct hash_set *set)
{
    if (set->count < set->capacity / 4 * 3)
        return true;
    return set->capacity <= SIZE_MAX / 2 &&
           resize(set, set->capacity ? 2 * set->capacity : CAPACITY_MIN);
}

bool hash_set_add(struct hash_set *set, uint64_t key)
{
    uint64_t *slot;

    if (!make_room(set))
        return false;
    slot = slot_of(set, key_of(key));
    set->count += *slot == 0;
    *slot = key_of(key);
    return true;
}
