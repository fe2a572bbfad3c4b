#include "text/surface.h"

#include <stdlib.h>

#include "base/account.h"

enum {
    HEAD = 16, /* bytes of a key that the entry's head holds */
    LARGE_BLOCK = 4 << 20,
    SMALL_BLOCK = 1 << 18,
    BLOCK_PER_SLOT = 32 /* bytes */
};

static size_t memory_size(size_t block_size)
{
    return block_size + block_size / BLOCK_PER_SLOT * sizeof(struct surface_slot);
}

static bool allocate(struct surfaces *surfaces, size_t block_size)
{
    size_t slot_count = block_size / BLOCK_PER_SLOT;

    if (!account_charge(surfaces->account, memory_size(block_size)))
        return false;
    surfaces->block = malloc(block_size);
    surfaces->slots = calloc(slot_count, sizeof *surfaces->slots);
    if (!surfaces->block || !surfaces->slots) {
        free(surfaces->block);
        free(surfaces->slots);
        account_release(surfaces->account, memory_size(block_size));
        return false;
    }
    surfaces->slot_mask = slot_count - 1;
    surfaces->capacity = block_size / sizeof *surfaces->block;
    surfaces->used = 1;
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
    free(surfaces->block);
    free(surfaces->slots);
    account_release(surfaces->account, memory_size(surfaces->capacity * sizeof *surfaces->block));
    memset(surfaces, 0, sizeof *surfaces);
}

void surfaces_clear(struct surfaces *surfaces)
{
    memset(surfaces->slots, 0, (surfaces->slot_mask + 1) * sizeof *surfaces->slots);
    surfaces->used = 1;
    surfaces->count = 0;
}

/* ---- keys ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The first 16 bytes, zeroes behind size: one load where memory allows. */
static void load_head(const uint8_t *at, size_t size, size_t readable, uint64_t head[2])
{
    static const uint8_t ONES[2 * HEAD] = {255, 255, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t mask[2];

    if (readable < HEAD) {
        head[0] = head[1] = 0;
        memcpy(head, at, size < HEAD ? size : HEAD);
        return;
    }
    memcpy(head, at, HEAD);
    memcpy(mask, ONES + HEAD - (size < HEAD ? size : HEAD), HEAD);
    head[0] &= mask[0];
    head[1] &= mask[1];
}

struct surface_key surface_key_of(const uint8_t *at, size_t size, size_t readable, uint8_t language,
                                  uint8_t kind)
{
    struct surface_key key = {.bytes = slice_of(at, size), .language = language, .kind = kind};
    uint64_t seed = (uint64_t)language << 8 | kind;

    load_head(at, size, readable, key.head);
    key.hash = mix(key.head[0] ^ 0xa0761d6478bd642fu, key.head[1] ^ 0xe7037ed1a0b428dbu ^ seed);
    for (size_t i = HEAD; i < size; i += 8) {
        uint64_t word = 0;

        memcpy(&word, at + i, size - i < 8 ? size - i : 8);
        key.hash = mix(key.hash ^ word, 0x8ebc6af09c88c6e3u);
    }
    key.hash ^= mix(key.hash ^ size, 0x589965cc75374cc3u);
    return key;
}

static bool is_of(const struct surface *surface, const struct surface_key *key)
{
    const uint8_t *rest = surface->bytes + surface->term_size + surface->variant_size;

    return surface->head[0] == key->head[0] && surface->head[1] == key->head[1] &&
           surface->key_size == key->bytes.size && surface->language == key->language &&
           surface->kind == key->kind &&
           (key->bytes.size <= HEAD ||
            memcmp(rest, key->bytes.data + HEAD, key->bytes.size - HEAD) == 0);
}

static struct surface *entry_at(const struct surfaces *surfaces, uint32_t place)
{
    return (struct surface *)(void *)(surfaces->block + place);
}

const struct surface *surfaces_find(const struct surfaces *surfaces, const struct surface_key *key)
{
    uint32_t tag = (uint32_t)(key->hash >> 32);

    for (size_t i = key->hash & surfaces->slot_mask;; i = (i + 1) & surfaces->slot_mask) {
        const struct surface_slot *slot = &surfaces->slots[i];

        if (slot->place == 0)
            return NULL;
        if (slot->tag == tag && is_of(entry_at(surfaces, slot->place), key))
            return entry_at(surfaces, slot->place);
    }
}

static void remember(struct surfaces *surfaces, const struct surface_key *key, uint32_t place)
{
    size_t i = key->hash & surfaces->slot_mask;

    while (surfaces->slots[i].place)
        i = (i + 1) & surfaces->slot_mask;
    surfaces->slots[i] = (struct surface_slot){(uint32_t)(key->hash >> 32), place};
    surfaces->count++;
}

const struct surface *surfaces_add(struct surfaces *surfaces, const struct surface_key *key,
                                   const struct surface *what, const uint8_t *term,
                                   const uint8_t *variant)
{
    bool remembered = key->bytes.size <= SURFACE_KEY_MAX;
    size_t rest = remembered && key->bytes.size > HEAD ? key->bytes.size - HEAD : 0;
    size_t size = offsetof(struct surface, bytes) + what->term_size + what->variant_size + rest;
    size_t units = (size + sizeof *surfaces->block - 1) / sizeof *surfaces->block;
    struct surface *entry;
    uint8_t *at;

    if (units > surfaces->capacity - surfaces->used ||
        surfaces->count > surfaces->slot_mask / 4 * 3)
        return NULL;
    entry = entry_at(surfaces, (uint32_t)surfaces->used);
    *entry = *what;
    memcpy(entry->head, key->head, sizeof entry->head);
    entry->key_size = (uint8_t)(remembered ? key->bytes.size : 0);
    entry->language = key->language;
    entry->kind = key->kind;
    at = entry->bytes;
    memcpy(at, term, what->term_size);
    at += what->term_size;
    memcpy(at, variant, what->variant_size);
    at += what->variant_size;
    memcpy(at, key->bytes.data + (rest ? HEAD : 0), rest);
    if (remembered)
        remember(surfaces, key, (uint32_t)surfaces->used);
    surfaces->used += units;
    return entry;
}
