/* surface.h -- what words as written have been found to stand for: a bounded cache.
 *
 * Maps (bytes of a word as written, language, kind) to its term, variant and flags, so that
 * folding and stemming happen once per distinct form. One fixed block of memory for the
 * entries, one for the slots; when either is full, surfaces_clear empties it. Entries do not move
 * and live until then. Not thread-safe. */
#ifndef LEDE_TEXT_SURFACE_H
#define LEDE_TEXT_SURFACE_H

#include "base/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct account;

enum {
    SURFACE_HEAD = 16,    /* bytes of a key that the entry's head holds */
    SURFACE_KEY_MAX = 255 /* bytes; longer words are not remembered, only kept */
};

/* The bytes follow: term, variant, then the key from its 17th byte on. */
struct surface {
    uint64_t head[2]; /* the key's first 16 bytes, zeroes behind it */
    uint64_t memo;    /* struct token's */
    uint32_t hash;    /* of the term */
    uint16_t skipped; /* struct term_maker's */
    uint16_t sort;    /* the key's */
    uint8_t key_size;
    uint8_t term_size, variant_size;
    uint8_t status; /* enum term_status */
    bool marked;
    uint8_t bytes[];
};

enum { SURFACE_SLOTS = 8 };

/* A line of the cache: its slots are compared at once. They fill from the first on; what finds
 * no room goes to the next bucket. */
struct surface_bucket {
    uint32_t tags[SURFACE_SLOTS];   /* upper halves of the hashes */
    uint32_t places[SURFACE_SLOTS]; /* of the entries in units of 8 bytes, from 1; 0: free */
};

struct surfaces {
    struct surface_bucket *buckets;
    size_t bucket_mask;
    uint64_t *block;       /* entries, each at a multiple of 8 bytes */
    size_t used, capacity; /* of block, in units of 8 bytes; the first is unused */
    size_t count;          /* remembered entries */
    struct account *account;
};

/* What a word is looked up by. Filled by scalar stores and read back as such: a copy of the
 * struct right after would stall on store forwarding, which is why it goes by pointer. */
struct surface_key {
    uint64_t head[2];
    uint64_t hash;
    uint32_t size;
    uint16_t sort;  /* language and kind */
    uint32_t place; /* of the entry, most likely; 0: not looked for, or not found */
};

/* Takes about 5 MiB, less if the account refuses that; false if it refuses 300 KiB or memory
 * ran out. Starts empty. */
bool surfaces_init(struct surfaces *surfaces, struct account *account);
void surfaces_done(struct surfaces *surfaces);
void surfaces_clear(struct surfaces *surfaces);

/* ---- keys: inline, they are the hot path ---- */

static inline uint64_t surface_mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* What is kept of two words of eight bytes of which so many bytes count: a table, as which of the
 * two a word of a text ends in is hard to predict. */
extern const uint64_t surface_masks[SURFACE_HEAD + 1][2];

/* The hash's share of a word's bytes from the 17th on. */
uint64_t surface_hash_rest(const uint8_t *at, size_t size, uint64_t hash);

/* The key of size bytes at at, of which readable (at least size) may be read. */
static inline void surface_key_init(struct surface_key *key, const uint8_t *at, size_t size,
                                    size_t readable, uint8_t language, uint8_t kind)
{
    uint8_t copy[16] = {0};
    uint64_t low, high, hash;

    if (readable < sizeof copy) {
        memcpy(copy, at, size < sizeof copy ? size : sizeof copy);
        low = load_le64(copy);
        high = load_le64(copy + 8);
    } else {
        size_t kept = size < sizeof copy ? size : sizeof copy;

        low = load_le64(at) & surface_masks[kept][0];
        high = load_le64(at + 8) & surface_masks[kept][1];
    }
    key->place = 0;
    key->sort = (uint16_t)(language << 8 | kind);
    key->size = (uint32_t)size;
    key->head[0] = low;
    key->head[1] = high;
    hash = surface_mix(low ^ 0xa0761d6478bd642fu, high ^ 0xe7037ed1a0b428dbu ^ key->sort);
    if (size > sizeof copy)
        hash = surface_hash_rest(at, size, hash);
    key->hash = hash ^ surface_mix(hash ^ size, 0x589965cc75374cc3u);
}

static inline const struct surface_bucket *surfaces_bucket(const struct surfaces *surfaces,
                                                           const struct surface_key *key)
{
    return &surfaces->buckets[key->hash & surfaces->bucket_mask];
}

/* The slots with a tag, a bit each. */
static inline unsigned surface_bucket_match(const struct surface_bucket *bucket, uint32_t tag)
{
#if defined(__SSE2__)
    const __m128i *tags = (const __m128i *)(const void *)bucket->tags;
    __m128i wanted = _mm_set1_epi32((int)tag);
    __m128i low = _mm_cmpeq_epi32(_mm_load_si128(tags), wanted);
    __m128i high = _mm_cmpeq_epi32(_mm_load_si128(tags + 1), wanted);
    __m128i both = _mm_packs_epi32(low, high);

    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(both, both)) & 0xff;
#else
    unsigned slots = 0;

    for (unsigned i = 0; i < SURFACE_SLOTS; i++)
        slots |= (unsigned)(bucket->tags[i] == tag) << i;
    return slots;
#endif
}

static inline uint32_t surface_tag(const struct surface_key *key)
{
    return (uint32_t)(key->hash >> 32);
}

/* Two steps ahead of surfaces_find: fetches the bucket; one step ahead: the entry, whose place it
 * leaves in the key. */
static inline void surfaces_prefetch_bucket(const struct surfaces *surfaces,
                                            const struct surface_key *key)
{
    __builtin_prefetch(surfaces_bucket(surfaces, key));
}

static inline void surfaces_prefetch_entry(const struct surfaces *surfaces, struct surface_key *key)
{
    const struct surface_bucket *bucket = surfaces_bucket(surfaces, key);
    unsigned slots = surface_bucket_match(bucket, surface_tag(key));

    key->place = slots ? bucket->places[__builtin_ctz(slots)] : 0;
    __builtin_prefetch(surfaces->block + key->place);
}

/* ---- finding: inline, too ---- */

static inline bool surface_is_of(const struct surface *surface, const struct surface_key *key,
                                 const uint8_t *at)
{
    const uint8_t *rest = surface->bytes + surface->term_size + surface->variant_size;

    return surface->head[0] == key->head[0] && surface->head[1] == key->head[1] &&
           surface->key_size == key->size && surface->sort == key->sort &&
           (key->size <= SURFACE_HEAD ||
            memcmp(rest, at + SURFACE_HEAD, key->size - SURFACE_HEAD) == 0);
}

static inline struct surface *surface_at(const struct surfaces *surfaces, uint32_t place)
{
    return (struct surface *)(void *)(surfaces->block + place);
}

/* As surfaces_find, whatever the key's place is. */
struct surface *surfaces_search(const struct surfaces *surfaces, const struct surface_key *key,
                                const uint8_t *at);

/* The entry of key, whose word is at at; or NULL. A place in the key must not be from before a
 * surfaces_clear. */
static inline struct surface *surfaces_find(const struct surfaces *surfaces,
                                            const struct surface_key *key, const uint8_t *at)
{
    if (key->place && surface_is_of(surface_at(surfaces, key->place), key, at))
        return surface_at(surfaces, key->place);
    return surfaces_search(surfaces, key, at);
}

/* The hash of a term. */
static inline uint32_t surface_term_hash(struct slice term)
{
    uint64_t low = 0, high = 0, hash;

    if (term.size >= 8) {
        low = load_le64(term.data);
        high = load_le64(term.data + term.size - 8);
    } else if (term.size >= 4) {
        low = (uint64_t)load_le32(term.data) << 32 | load_le32(term.data + term.size - 4);
    } else if (term.size > 0) {
        low = (uint64_t)term.data[0] << 16 | (uint64_t)term.data[term.size / 2] << 8 |
              term.data[term.size - 1];
    }
    hash = surface_mix(low ^ 0xa0761d6478bd642fu, high ^ 0xe7037ed1a0b428dbu ^ term.size);
    if (term.size > SURFACE_HEAD)
        hash = surface_hash_rest(term.data, term.size, hash);
    return (uint32_t)(hash ^ hash >> 32);
}

/* Adds an entry, which surfaces_find will find if the key's size is at most SURFACE_KEY_MAX. head,
 * key_size and sort of what are taken from key; term and variant are copied. NULL if the cache
 * is full: nothing has changed then, and after surfaces_clear it fits. */
struct surface *surfaces_add(struct surfaces *surfaces, const struct surface_key *key,
                             const uint8_t *at, const struct surface *what, const uint8_t *term,
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
