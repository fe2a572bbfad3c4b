#include "command/hash_map.h"

#include <stdlib.h>

#include "base/account.h"

enum { CAPACITY_MIN = 1024 };

void hash_map_init(struct hash_map *map, bool is_set, struct account *account)
{
    *map = (struct hash_map){.account = account, .width = is_set ? 1 : 2};
}

static size_t slots_size(const struct hash_map *map, size_t capacity)
{
    return capacity * map->width * sizeof *map->slots;
}

void hash_map_done(struct hash_map *map)
{
    free(map->slots);
    if (map->slots && map->account)
        account_release(map->account, slots_size(map, map->capacity));
    hash_map_init(map, map->width == 1, map->account);
}

/* Where the key is, or would be. Some slot is free. */
static uint64_t *slot_of(const struct hash_map *map, uint64_t key)
{
    size_t mask = map->capacity - 1, at = (size_t)key & mask;

    while (map->slots[at * map->width] != 0 && map->slots[at * map->width] != key)
        at = (at + 1) & mask;
    return &map->slots[at * map->width];
}

/* 0 means that a slot is free. */
static uint64_t key_of(uint64_t key)
{
    return key ? key : 1;
}

uint64_t *hash_map_find(const struct hash_map *map, uint64_t key)
{
    uint64_t *slot = map->capacity ? slot_of(map, key_of(key)) : NULL;

    return slot && *slot ? slot + map->width - 1 : NULL;
}

static bool resize(struct hash_map *map, size_t capacity)
{
    struct hash_map other = *map;

    other.capacity = capacity;
    if (capacity > SIZE_MAX / 2 / sizeof(uint64_t) / 2)
        return false;
    other.slots = account_calloc(map->account, capacity, map->width * sizeof *other.slots);
    if (!other.slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        const uint64_t *from = &map->slots[i * map->width];
        uint64_t *to = *from ? slot_of(&other, *from) : NULL;

        for (unsigned j = 0; to && j < map->width; j++)
            to[j] = from[j];
    }
    hash_map_done(map);
    *map = other;
    return true;
}

bool hash_map_reserve(struct hash_map *map, size_t count)
{
    size_t capacity = map->capacity ? map->capacity : CAPACITY_MIN;

    while (capacity <= SIZE_MAX / 2 && capacity / 4 * 3 < count)
        capacity *= 2;
    return capacity == map->capacity || resize(map, capacity);
}

uint64_t *hash_map_add(struct hash_map *map, uint64_t key)
{
    uint64_t *slot = hash_map_find(map, key);

    if (slot)
        return slot;
    if (!hash_map_reserve(map, map->count + 1))
        return NULL;
    slot = slot_of(map, key_of(key));
    *slot = key_of(key);
    map->count++;
    return slot + map->width - 1;
}

uint64_t *hash_map_next(const struct hash_map *map, size_t *place)
{
    for (; *place < map->capacity; ++*place)
        if (map->slots[*place * map->width])
            return &map->slots[(*place)++ * map->width + 1];
    return NULL;
}
