#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/account.h"
#include "inverter_internal.h"

enum { SLOTS_MIN = 1024, CHARGE_STEP = 256 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

/* ---- memory ---- */

static void *map(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    if (size >= HUGE_PAGE)
        (void)madvise(at, size, MADV_HUGEPAGE); /* fewer TLB misses, where there are such pages */
    return at;
}

static void unmap(void *at, size_t size)
{
    if (at)
        (void)munmap(at, size);
}

/* Makes the table slot_count slots, empty. False: all as before. */
static bool table_new(struct inverter *inverter, size_t slot_count)
{
    struct slot *slots;

    if (!account_charge(inverter->account, slot_count * TERM_COST))
        return false;
    slots = map(slot_count * sizeof *slots);
    if (!slots) {
        account_release(inverter->account, slot_count * TERM_COST);
        return false;
    }
    unmap(inverter->slots, inverter->slot_count * sizeof *slots);
    account_release(inverter->account, inverter->slot_count * TERM_COST);
    inverter->slots = slots;
    inverter->slot_count = slot_count;
    return true;
}

enum lede_status inverter_new(bool positions, size_t budget, struct account *account,
                              struct inverter **out, struct lede_error *err)
{
    struct inverter *inverter = calloc(1, sizeof *inverter);

    if (!inverter)
        return error_no_memory(err);
    assert(budget >= INVERTER_BUDGET_MIN);
    inverter->positions = positions;
    inverter->budget = budget < UINT32_MAX - HUGE_PAGE ? budget : UINT32_MAX - HUGE_PAGE;
    inverter->mapped = inverter->budget;
    inverter->account = account;
    inverter->region = map(inverter->mapped);
    if (!inverter->region || !table_new(inverter, SLOTS_MIN)) {
        inverter_free(inverter);
        return error_no_memory(err);
    }
    if (getrandom(&inverter->seed, sizeof inverter->seed, GRND_NONBLOCK) < 0)
        inverter->seed = (uint64_t)(uintptr_t)inverter->region;
    inverter->used = ENTRY_ALIGNMENT; /* offset 0 means nothing */
    *out = inverter;
    return LEDE_OK;
}

void inverter_free(struct inverter *inverter)
{
    if (!inverter)
        return;
    free(inverter->items);
    unmap(inverter->region, inverter->mapped);
    account_release(inverter->account, inverter->charged);
    unmap(inverter->slots, inverter->slot_count * sizeof *inverter->slots);
    account_release(inverter->account, inverter->slot_count * TERM_COST);
    free(inverter);
}

void inverter_reset(struct inverter *inverter, bool give_back)
{
    free(inverter->items);
    inverter->items = NULL;
    inverter->item_count = inverter->terms = inverter->documents = 0;
    inverter->used = ENTRY_ALIGNMENT;
    inverter->undone = false;
    if (give_back) {
        (void)madvise(inverter->region, inverter->mapped, MADV_DONTNEED);
        account_release(inverter->account, inverter->charged);
        inverter->charged = 0;
        if (inverter->slot_count > SLOTS_MIN && table_new(inverter, SLOTS_MIN))
            return;
    }
    memset(inverter->slots, 0, inverter->slot_count * sizeof *inverter->slots);
}

/* Charges for more of the region so that size bytes fit behind what is used. */
static bool extend(struct inverter *inverter, size_t size)
{
    size_t table = inverter->slot_count * TERM_COST;
    size_t limit = inverter->budget > table ? inverter->budget - table : 0;
    size_t step = inverter->budget / 16 < CHARGE_STEP ? inverter->budget / 16 : CHARGE_STEP;
    size_t charged = inverter->charged + (size > step ? size : step);

    charged = charged < limit ? charged : limit;
    if (charged < inverter->used + size ||
        !account_charge(inverter->account, charged - inverter->charged))
        return false;
    inverter->charged = charged;
    return true;
}

/* The offset of size new bytes, or 0. */
static uint32_t take(struct inverter *inverter, size_t size)
{
    size_t at = inverter->used;

    if (at + size > inverter->charged && !extend(inverter, size))
        return 0;
    inverter->used = at + size;
    return (uint32_t)at;
}

/* ---- strings ---- */

static bool chunk_add(struct inverter *inverter, struct term_entry *entry)
{
    uint32_t growth = entry->growth + 1U;
    size_t size = chunk_size(growth);
    uint32_t chunk = take(inverter, size);

    if (!chunk)
        return false;
    memcpy(inverter->region + entry->end, &chunk, LINK);
    entry->growth = growth > 7 ? 7 : (uint8_t)growth;
    entry->at = chunk;
    entry->end = chunk + (uint32_t)size - LINK;
    return true;
}

static bool put_bytes(struct inverter *inverter, struct term_entry *entry, const uint8_t *bytes,
                      size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (entry->at == entry->end && !chunk_add(inverter, entry))
            return false;
        inverter->region[entry->at++] = bytes[i];
    }
    return true;
}

/* Appends the first size bytes of bytes, which has RUN_TOKEN_MAX. */
static inline bool put(struct inverter *inverter, struct term_entry *entry, const uint8_t *bytes,
                       size_t size)
{
    if (size > sizeof(uint64_t) || entry->end - entry->at < sizeof(uint64_t))
        return put_bytes(inverter, entry, bytes, size);
    memcpy(inverter->region + entry->at, bytes, sizeof(uint64_t)); /* a store, whatever the size */
    entry->at += (uint32_t)size;
    return true;
}

static inline bool put_document(struct inverter *inverter, struct term_entry *entry,
                                uint32_t position)
{
    uint8_t bytes[RUN_TOKEN_MAX];
    size_t size = run_document_put(bytes, entry->df ? entry->document : RUN_END, inverter->document,
                                   inverter->positions, position);

    entry->mark = entry->at;
    entry->mark_tf = entry->total_tf;
    entry->document = inverter->document;
    entry->df++;
    return put(inverter, entry, bytes, size);
}

static inline bool put_occurrence(struct inverter *inverter, struct term_entry *entry,
                                  uint32_t position)
{
    uint64_t token = run_occurrence(inverter->positions, entry->position, position);
    uint8_t bytes[RUN_TOKEN_MAX];

    assert(!inverter->positions || position > entry->position);
    if (token < 0x80 && entry->at < entry->end) {
        inverter->region[entry->at++] = (uint8_t)token;
        return true;
    }
    return put(inverter, entry, bytes, varint_put(bytes, token));
}

/* ---- the table ---- */

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Terms of up to 16 bytes, nearly all, are two words; after wyhash (Wang Yi, 2019). The seed is
 * random, so that no text can be made to fill one end of the table. */
static inline uint32_t hash_term(const struct inverter *inverter, enum field field,
                                 struct slice term)
{
    uint64_t a = 0, b = 0, hash;

    if (term.size > 16) {
        a = XXH3_64bits_withSeed(term.data, term.size, inverter->seed);
    } else if (term.size >= 8) {
        memcpy(&a, term.data, 8);
        memcpy(&b, term.data + term.size - 8, 8);
    } else if (term.size >= 4) {
        uint32_t low, high;

        memcpy(&low, term.data, 4);
        memcpy(&high, term.data + term.size - 4, 4);
        a = (uint64_t)high << 32 | low;
    } else if (term.size > 0) {
        a = (uint64_t)term.data[0] << 16 | (uint64_t)term.data[term.size / 2] << 8 |
            term.data[term.size - 1];
    }
    hash = mix(a ^ inverter->seed, b ^ 0x9e3779b97f4a7c15);
    hash = mix(hash ^ (uint64_t)field << 8 ^ term.size, inverter->seed | 1);
    return (uint32_t)(hash ^ hash >> 32);
}

/* Whether size bytes are equal; short ones without a call. */
static inline bool same(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint64_t x, y, z, w;
    uint32_t p, q, r, s;

    if (size > 16)
        return memcmp(a, b, size) == 0;
    if (size >= 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(&z, a + size - 8, 8);
        memcpy(&w, b + size - 8, 8);
        return ((x ^ y) | (z ^ w)) == 0;
    }
    if (size >= 4) {
        memcpy(&p, a, 4);
        memcpy(&q, b, 4);
        memcpy(&r, a + size - 4, 4);
        memcpy(&s, b + size - 4, 4);
        return ((p ^ q) | (r ^ s)) == 0;
    }
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

static bool table_grow(struct inverter *inverter)
{
    size_t old_count = inverter->slot_count, count = 2 * old_count;
    struct slot *old = inverter->slots;
    bool grown;

    if (inverter->charged + (old_count + count) * TERM_COST > inverter->budget)
        return false;
    inverter->slots = NULL; /* so that the old ones stay until they are copied */
    inverter->slot_count = 0;
    grown = table_new(inverter, count);
    if (!grown) {
        inverter->slots = old;
        inverter->slot_count = old_count;
        return false;
    }
    for (size_t i = 0; i < old_count; i++) {
        size_t at = old[i].hash & (count - 1);

        if (!old[i].entry)
            continue;
        while (inverter->slots[at].entry)
            at = (at + 1) & (count - 1);
        inverter->slots[at] = old[i];
    }
    unmap(old, old_count * sizeof *old);
    account_release(inverter->account, old_count * TERM_COST);
    return true;
}

static struct term_entry *entry_new(struct inverter *inverter, size_t slot, uint32_t hash,
                                    enum field field, struct slice term)
{
    size_t key_size = term.size + 1, size = entry_size(key_size);
    uint32_t offset = take(inverter, size);
    struct term_entry *entry = entry_at(inverter, offset);

    if (!offset)
        return NULL;
    memset(entry, 0, sizeof *entry);
    entry->key_size = (uint8_t)key_size;
    entry->key[0] = (uint8_t)field;
    memcpy(entry->key + 1, term.data, term.size);
    entry->at = offset + (uint32_t)(offsetof(struct term_entry, key) + key_size);
    entry->end = offset + (uint32_t)size - LINK;
    inverter->slots[slot] = (struct slot){hash, offset};
    inverter->terms++;
    return entry;
}

static struct term_entry *find(struct inverter *inverter, uint32_t hash, enum field field,
                               struct slice term)
{
    size_t mask = inverter->slot_count - 1, at;
    struct slot slot;

    for (at = hash & mask; (slot = inverter->slots[at]).entry; at = (at + 1) & mask) {
        struct term_entry *entry = entry_at(inverter, slot.entry);

        if (slot.hash == hash && entry->key_size == term.size + 1 && entry->key[0] == field &&
            same(entry->key + 1, term.data, term.size))
            return entry;
    }
    if (2 * (inverter->terms + 1) > inverter->slot_count) {
        if (!table_grow(inverter))
            return NULL;
        mask = inverter->slot_count - 1;
        for (at = hash & mask; inverter->slots[at].entry;)
            at = (at + 1) & mask;
    }
    return entry_new(inverter, at, hash, field, term);
}

static inline bool add_term(struct inverter *inverter, uint32_t hash, enum field field,
                            struct slice term, uint32_t position)
{
    struct term_entry *entry = find(inverter, hash, field, term);

    if (!entry || !(entry->df && entry->document == inverter->document
                        ? put_occurrence(inverter, entry, position)
                        : put_document(inverter, entry, position)))
        return false;
    entry->total_tf++;
    entry->position = position;
    return true;
}

void inverter_begin(struct inverter *inverter, run_document document)
{
    assert(!inverter->items && !inverter->undone);
    assert(inverter->documents == 0 || document > inverter->document);
    inverter->document = document;
    inverter->documents++;
}

bool inverter_add(struct inverter *inverter, enum field field, const struct token *tokens,
                  size_t count)
{
    enum field other = field == FIELD_TEXT ? FIELD_TEXT_VARIANT : FIELD_TITLE_VARIANT;
    uint32_t hashes[TOKEN_BATCH], entries[TOKEN_BATCH];

    assert(count <= TOKEN_BATCH);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = hash_term(inverter, field, tokens[i].term);
        __builtin_prefetch(&inverter->slots[hashes[i] & (inverter->slot_count - 1)]);
    }
    for (size_t i = 0; i < count; i++) {
        entries[i] = inverter->slots[hashes[i] & (inverter->slot_count - 1)].entry;
        __builtin_prefetch(inverter->region + entries[i], 1);
    }
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(inverter->region + entry_at(inverter, entries[i])->at, 1);
    for (size_t i = 0; i < count; i++) {
        struct slice variant = tokens[i].variant;

        if (!add_term(inverter, hashes[i], field, tokens[i].term, tokens[i].position))
            return false;
        if (variant.size && !add_term(inverter, hash_term(inverter, other, variant), other, variant,
                                      tokens[i].position))
            return false;
    }
    return true;
}

void inverter_undo(struct inverter *inverter)
{
    assert(inverter->documents > 0 && !inverter->undone);
    inverter->undone = true;
    inverter->documents--;
}

bool inverter_is_empty(const struct inverter *inverter)
{
    return inverter->documents == 0;
}

bool inverter_has_positions(const struct inverter *inverter)
{
    return inverter->positions;
}
