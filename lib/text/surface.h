/* surface.h -- what words as written have been found to stand for: a bounded cache.
 *
 * Maps (bytes of a word as written, language, kind) to its term, variant and flags, so that
 * folding and stemming happen once per distinct form. One fixed block of memory for the
 * entries, one for the slots; when either is full, surfaces_clear empties it. Entries do not move
 * and live until then. Not thread-safe. */
#ifndef LEDE_TEXT_SURFACE_H
#define LEDE_TEXT_SURFACE_H

#include "base/bytes.h"

struct account;

enum {
    SURFACE_KEY_MAX = 255 /* bytes; longer words are not remembered, only kept */
};

/* The bytes follow: term, variant, then the key from its 17th byte on. */
struct surface {
    uint64_t head[2]; /* the key's first 16 bytes, zeroes behind it */
    uint32_t skipped; /* struct term_maker's */
    uint8_t key_size;
    uint8_t language, kind;
    uint8_t term_size, variant_size;
    uint8_t status; /* enum term_status */
    bool marked;
    uint8_t bytes[];
};

struct surface_slot {
    uint32_t tag;   /* upper half of the hash */
    uint32_t place; /* of the entry in units of 8 bytes, from 1; 0: free */
};

struct surfaces {
    struct surface_slot *slots;
    size_t slot_mask;
    uint64_t *block;       /* entries, each at a multiple of 8 bytes */
    size_t used, capacity; /* of block, in units of 8 bytes; the first is unused */
    size_t count;          /* remembered entries */
    struct account *account;
};

/* A word on its way to its entry. */
struct surface_key {
    uint64_t head[2];
    uint64_t hash;
    struct slice bytes;
    uint8_t language, kind;
};

/* Takes about 5 MiB, less if the account refuses that; false if it refuses 300 KiB or memory
 * ran out. Starts empty. */
bool surfaces_init(struct surfaces *surfaces, struct account *account);
void surfaces_done(struct surfaces *surfaces);
void surfaces_clear(struct surfaces *surfaces);

/* size bytes at at, of which readable (at least size) may be read. */
struct surface_key surface_key_of(const uint8_t *at, size_t size, size_t readable, uint8_t language,
                                  uint8_t kind);

static inline const struct surface_slot *surfaces_slot(const struct surfaces *surfaces,
                                                       const struct surface_key *key)
{
    return &surfaces->slots[key->hash & surfaces->slot_mask];
}

/* The entry of key, or NULL. */
const struct surface *surfaces_find(const struct surfaces *surfaces, const struct surface_key *key);

/* Adds an entry, which surfaces_find will find if the key is at most SURFACE_KEY_MAX bytes long.
 * what->head, key_size, language and kind are taken from key; term and variant are copied.
 * NULL if the cache is full: nothing has changed then, and after surfaces_clear it fits. */
const struct surface *surfaces_add(struct surfaces *surfaces, const struct surface_key *key,
                                   const struct surface *what, const uint8_t *term,
                                   const uint8_t *variant);

static inline struct slice surface_term(const struct surface *surface)
{
    return slice_of(surface->bytes, surface->term_size);
}

static inline struct slice surface_variant(const struct surface *surface)
{
    return slice_of(surface->bytes + surface->term_size, surface->variant_size);
}

#endif
