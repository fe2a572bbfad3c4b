#include "text/surface.h"

#include <stdlib.h>

#include "base/account.h"

enum {
    LARGE_BLOCK = 4 << 20,
    SMALL_BLOCK = 1 << 18,
    BLOCK_PER_BUCKET = 256 /* bytes */
};

static size_t buckets_size(size_t block_size)
{
    return block_size / BLOCK_PER_BUCKET * sizeof(struct surface_bucket);
}

static bool allocate(struct surfaces *surfaces, size_t block_size)
{
    size_t size = buckets_size(block_size);

    if (!account_charge(surfaces->account, block_size + size))
        return false;
    surfaces->block = malloc(block_size);
    surfaces->buckets = aligned_alloc(sizeof *surfaces->buckets, size);
    if (!surfaces->block || !surfaces->buckets) {
        free(surfaces->block);
        free(surfaces->buckets);
        account_release(surfaces->account, block_size + size);
        return false;
    }
    surfaces->bucket_mask = size / sizeof *surfaces->buckets - 1;
    surfaces->capacity = block_size / sizeof *surfaces->block;
    surfaces_clear(surfaces);
    return true;
}

bool surfaces_init(struct surfaces *surfaces, struct account *account)
{
    memset(surfaces, 0, sizeof *surfaces);
    surfaces->account = account;
    for (size_t size = LARGE_BLOCK; size >= SMALL_BLOCK; size /= 4)
        if (allocate(surfaces, size))
            return true;
    memset(surfaces, 0, sizeof *surfaces);
    return false;
}

void surfaces_done(struct surfaces *surfaces)
{
    size_t block_size = surfaces->capacity * sizeof *surfaces->block;

    free(surfaces->block);
    free(surfaces->buckets);
    account_release(surfaces->account, block_size + buckets_size(block_size));
    memset(surfaces, 0, sizeof *surfaces);
}

void surfaces_clear(struct surfaces *surfaces)
{
    memset(surfaces->buckets, 0, (surfaces->bucket_mask + 1) * sizeof *surfaces->buckets);
    surfaces->used = 1;
    surfaces->count = 0;
}

/* ---- keys ---- */

#define LOW(size) ((UINT64_C(1) << 8 * (size)) - 1)
const uint64_t surface_masks[SURFACE_HEAD + 1][2] = {
    {LOW(0), 0},
    {LOW(1), 0},
    {LOW(2), 0},
    {LOW(3), 0},
    {LOW(4), 0},
    {LOW(5), 0},
    {LOW(6), 0},
    {LOW(7), 0},
    {UINT64_MAX, LOW(0)},
    {UINT64_MAX, LOW(1)},
    {UINT64_MAX, LOW(2)},
    {UINT64_MAX, LOW(3)},
    {UINT64_MAX, LOW(4)},
    {UINT64_MAX, LOW(5)},
    {UINT64_MAX, LOW(6)},
    {UINT64_MAX, LOW(7)},
    {UINT64_MAX, UINT64_MAX},
};
#undef LOW

uint64_t surface_hash_rest(const uint8_t *at, size_t size, uint64_t hash)
{
    for (size_t i = SURFACE_HEAD; i < size; i += 8) {
        uint8_t word[8] = {0};

        memcpy(word, at + i, size - i < sizeof word ? size - i : sizeof word);
        hash = surface_mix(hash ^ load_le64(word), 0x8ebc6af09c88c6e3u);
    }
    return hash;
}

/* ---- buckets ---- */

struct surface *surfaces_search(const struct surfaces *surfaces, const struct surface_key *key,
                                const uint8_t *at)
{
    for (size_t i = key->hash;; i++) {
        const struct surface_bucket *bucket = &surfaces->buckets[i & surfaces->bucket_mask];
        unsigned slots = surface_bucket_match(bucket, surface_tag(key));

        for (; slots; slots &= slots - 1) {
            uint32_t place = bucket->places[__builtin_ctz(slots)];

            if (place && surface_is_of(surface_at(surfaces, place), key, at))
                return surface_at(surfaces, place);
        }
        if (bucket->places[SURFACE_SLOTS - 1] == 0)
            return NULL;
    }
}

static void remember(struct surfaces *surfaces, const struct surface_key *key, uint32_t place)
{
    for (size_t i = key->hash;; i++) {
        struct surface_bucket *bucket = &surfaces->buckets[i & surfaces->bucket_mask];

        for (size_t slot = 0; slot < SURFACE_SLOTS; slot++) {
            if (bucket->places[slot])
                continue;
            bucket->tags[slot] = surface_tag(key);
            bucket->places[slot] = place;
            surfaces->count++;
            return;
        }
    }
}

struct surface *surfaces_add(struct surfaces *surfaces, const struct surface_key *key,
                             const uint8_t *at, const struct surface *what, const uint8_t *term,
                             const uint8_t *variant)
{
    bool remembered = key->size <= SURFACE_KEY_MAX;
    size_t rest = remembered && key->size > SURFACE_HEAD ? key->size - SURFACE_HEAD : 0;
    size_t size = offsetof(struct surface, bytes) + what->term_size + what->variant_size + rest;
    size_t units = (size + sizeof *surfaces->block - 1) / sizeof *surfaces->block;
    struct surface *entry;
    uint8_t *bytes;

    if (units > surfaces->capacity - surfaces->used ||
        surfaces->count > surfaces->bucket_mask * SURFACE_SLOTS / 4 * 3)
        return NULL;
    entry = surface_at(surfaces, (uint32_t)surfaces->used);
    *entry = *what;
    memcpy(entry->head, key->head, sizeof entry->head);
    entry->key_size = (uint8_t)(remembered ? key->size : 0);
    entry->sort = key->sort;
    bytes = entry->bytes;
    memcpy(bytes, term, what->term_size);
    bytes += what->term_size;
    memcpy(bytes, variant, what->variant_size);
    bytes += what->variant_size;
    memcpy(bytes, at + (rest ? SURFACE_HEAD : 0), rest);
    if (remembered)
        remember(surfaces, key, (uint32_t)surfaces->used);
    surfaces->used += units;
    return entry;
}
