#include "command/repeats.h"

#include <stdlib.h>
#include <xxhash.h>

enum { FIRST_CAPACITY = 1024 };

struct repeat {
    uint64_t hash;
    uint32_t count; /* 0: the slot is free */
};

void repeats_init(struct repeats *repeats)
{
    *repeats = (struct repeats){0};
}

void repeats_done(struct repeats *repeats)
{
    free(repeats->slots);
    repeats_init(repeats);
}

void repeats_clear(struct repeats *repeats)
{
    if (repeats->count > 0)
        memset(repeats->slots, 0, repeats->capacity * sizeof *repeats->slots);
    repeats->count = 0;
}

/* The slot of hash, or the free one that it may have. */
static struct repeat *find(struct repeat *slots, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);

    while (slots[at].count && slots[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static bool grow(struct repeats *repeats)
{
    size_t capacity = repeats->capacity ? 2 * repeats->capacity : FIRST_CAPACITY;
    struct repeat *slots = calloc(capacity, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < repeats->capacity; i++)
        if (repeats->slots[i].count)
            *find(slots, capacity, repeats->slots[i].hash) = repeats->slots[i];
    free(repeats->slots);
    repeats->slots = slots;
    repeats->capacity = capacity;
    return true;
}

uint32_t repeats_add(struct repeats *repeats, struct slice name)
{
    uint64_t hash = XXH3_64bits(name.data, name.size);
    struct repeat *slot;

    if (2 * repeats->count >= repeats->capacity && repeats->count < REPEATS_MOST && !grow(repeats))
        return 0;
    slot = find(repeats->slots, repeats->capacity, hash);
    if (slot->count == 0) {
        if (repeats->count == REPEATS_MOST)
            return 1;
        repeats->count++;
        slot->hash = hash;
    }
    return slot->count < UINT32_MAX ? ++slot->count : slot->count;
}
