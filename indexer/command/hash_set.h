/* hash_set.h -- a set of hashes: 8 bytes for each, and a third of them spare at least.
 *
 * Keys are hashes already, of what is not kept: two things that share one cannot be told apart, of
 * a million one in 37 million times. Open addressing with linear probing. Charged to an account. */
#ifndef LEDE_COMMAND_HASH_SET_H
#define LEDE_COMMAND_HASH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;

struct hash_set {
    struct account *account; /* may be NULL */
    uint64_t *slots;         /* 0: free */
    size_t count, capacity;  /* capacity: 0 or a power of two */
};

/* Takes no memory yet. */
void hash_set_init(struct hash_set *set, struct account *account);
void hash_set_done(struct hash_set *set); /* empties it; it can be used again */

bool hash_set_has(const struct hash_set *set, uint64_t key);
/* False: no memory, nothing changed. */
bool hash_set_add(struct hash_set *set, uint64_t key);

#endif
