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
    inverter->epoch = 1;
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
    inverter->epoch +=
        inverter->epoch == UINT32_MAX ? 2 : 1; /* the memos are void, and 0 never is one */
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

/* Appends a word's bytes. */
static inline bool put(struct inverter *inverter, struct term_entry *entry, struct run_word word)
{
    if (entry->end - entry->at < sizeof word.bytes) {
        uint8_t bytes[sizeof word.bytes];

        store_le64(bytes, word.bytes);
        return put_bytes(inverter, entry, bytes, word.size);
    }
    store_le64(inverter->region + entry->at, word.bytes); /* one store, whatever the size */
    entry->at += word.size;
    return true;
}

static inline bool put_document(struct inverter *inverter, struct term_entry *entry,
                                uint32_t position)
{
    run_document before = entry->df ? entry->document : RUN_END;
    struct run_word word = {0};
    uint8_t bytes[RUN_TOKEN_MAX];

    entry->mark = entry->at;
    entry->mark_tf = entry->total_tf;
    entry->document = inverter->document;
    entry->df++;
    if (run_document_word(&word, before, inverter->document, inverter->positions, position))
        return put(inverter, entry, word);
    return put_bytes(
        inverter, entry, bytes,
        run_document_put(bytes, before, inverter->document, inverter->positions, position));
}

static inline bool put_occurrence(struct inverter *inverter, struct term_entry *entry,
                                  uint32_t position)
{
    uint64_t token = run_occurrence(inverter->positions, entry->position, position);
    struct run_word word = {0};
    uint8_t bytes[RUN_TOKEN_MAX];

    assert(!inverter->positions || position > entry->position);
    if (run_word_varint(&word, token))
        return put(inverter, entry, word);
    return put_bytes(inverter, entry, bytes, varint_put(bytes, token));
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

static inline bool add_occurrence(struct inverter *inverter, struct term_entry *entry,
                                  uint32_t position)
{
    if (!(entry->df && entry->document == inverter->document
              ? put_occurrence(inverter, entry, position)
              : put_document(inverter, entry, position)))
        return false;
    entry->total_tf++;
    entry->position = position;
    return true;
}

/* Where an entry was found, for the next token of the same form. */
static uint64_t memo_of(const struct inverter *inverter, const struct term_entry *entry)
{
    return (uint64_t)inverter->epoch << 32 | (uint64_t)((const uint8_t *)entry - inverter->region);
}

/* The entry that a token's memo tells; 0: it has to be looked for. */
static inline uint32_t memo_entry(const struct inverter *inverter, const struct token *token)
{
    return token->memo && *token->memo >> 32 == inverter->epoch ? (uint32_t)*token->memo : 0;
}

/* Adds what a token stands for besides its term. */
static bool add_beside(struct inverter *inverter, enum field field, struct slice term,
                       uint32_t position)
{
    struct term_entry *entry = find(inverter, hash_term(inverter, field, term), field, term);

    return entry && add_occurrence(inverter, entry, position);
}

void inverter_begin(struct inverter *inverter, run_document document)
{
    assert(!inverter->items && !inverter->undone);
    assert(inverter->documents == 0 || document > inverter->document);
    inverter->document = document;
    inverter->documents++;
}

/* The places of a group of tokens in the table, as far as they are known, and their hashes. */
struct places {
    uint32_t entries[TOKEN_BATCH], hashes[TOKEN_BATCH]; /* an entry 0: look for the hash */
};

static void prefetch_entry(const struct inverter *inverter, uint32_t entry)
{
    enum { NEXT_LINE = 48 };

    __builtin_prefetch(inverter->region + entry, 1);
    __builtin_prefetch(inverter->region + entry + NEXT_LINE, 1);
}

/* Fetches what will be read of the table, the entries and their strings, step by step for all of
 * the tokens, so that the memory's latencies overlap. */
static void fetch(const struct inverter *inverter, enum field field, const struct token *tokens,
                  size_t count, struct places *places)
{
    size_t mask = inverter->slot_count - 1;

    for (size_t i = 0; i < count; i++) {
        places->entries[i] = field == FIELD_TEXT ? memo_entry(inverter, &tokens[i]) : 0;
        if (places->entries[i]) {
            prefetch_entry(inverter, places->entries[i]);
            continue;
        }
        places->hashes[i] = hash_term(inverter, field, tokens[i].term);
        __builtin_prefetch(&inverter->slots[places->hashes[i] & mask]);
    }
    for (size_t i = 0; i < count; i++)
        if (!places->entries[i])
            prefetch_entry(inverter, inverter->slots[places->hashes[i] & mask].entry);
    for (size_t i = 0; i < count; i++)
        if (places->entries[i])
            __builtin_prefetch(inverter->region + entry_at(inverter, places->entries[i])->at, 1);
}

bool inverter_add(struct inverter *inverter, enum field field, const struct token *tokens,
                  size_t count)
{
    enum field variants = field == FIELD_TEXT    ? FIELD_TEXT_VARIANT
                          : field == FIELD_TITLE ? FIELD_TITLE_VARIANT
                                                 : field;
    struct places places;

    assert(count <= TOKEN_BATCH);
    fetch(inverter, field, tokens, count, &places);
    for (size_t i = 0; i < count; i++) {
        struct term_entry *entry = places.entries[i]
                                       ? entry_at(inverter, places.entries[i])
                                       : find(inverter, places.hashes[i], field, tokens[i].term);

        if (!entry || !add_occurrence(inverter, entry, tokens[i].position))
            return false;
        if (!places.entries[i] && field == FIELD_TEXT && tokens[i].memo)
            *tokens[i].memo = memo_of(inverter, entry);
        if ((tokens[i].variant.size > 0 &&
             !add_beside(inverter, variants, tokens[i].variant, tokens[i].position)) ||
            (tokens[i].amount.size > 0 && field == FIELD_TEXT &&
             !add_beside(inverter, FIELD_AMOUNT, tokens[i].amount, tokens[i].position)))
            return false;
    }
    return true;
}

bool inverter_add_keyword(struct inverter *inverter, uint8_t field, struct slice term)
{
    enum field key = (enum field)field;
    struct term_entry *entry = find(inverter, hash_term(inverter, key, term), key, term);

    if (!entry)
        return false;
    if (entry->df && entry->document == inverter->document)
        return true;
    return add_occurrence(inverter, entry, 0);
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
