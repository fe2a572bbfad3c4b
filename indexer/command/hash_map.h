/* hash_map.h -- numbers by hashes, or a set of hashes: 16 or 8 bytes for each, and a third of them
 * spare at least.
 *
 * Keys are hashes already, of what is not kept: two things that share one cannot be told apart, of
 * a million one in 37 million times. Open addressing with linear probing. Charged to an account. */
#ifndef LEDE_COMMAND_HASH_MAP_H
#define LEDE_COMMAND_HASH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;

struct hash_map {
    struct account *account; /* may be NULL */
    uint64_t *slots;         /* key, 0 in free ones, and its value unless it is a set */
    size_t count, capacity;  /* capacity: 0 or a power of two */
    unsigned width;          /* u64s of a slot: 1 or 2 */
};

/* Takes no memory yet. */
void hash_map_init(struct hash_map *map, bool is_set, struct account *account);
void hash_map_done(struct hash_map *map); /* empties it; it can be used again */

/* The value (of a set: nothing to be written to), until the next add; NULL if there is none. */
uint64_t *hash_map_find(const struct hash_map *map, uint64_t key);
/* The same; a new one is 0. NULL: no memory. */
uint64_t *hash_map_add(struct hash_map *map, uint64_t key);
/* Makes room for so many in all. False: no memory, nothing changed. */
bool hash_map_reserve(struct hash_map *map, size_t count);
/* The values, in no order: *place from 0; NULL behind the last. Not of a set. */
uint64_t *hash_map_next(const struct hash_map *map, size_t *place);

#endif
