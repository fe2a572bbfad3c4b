/* inverter_internal.h -- the layout of an inverter: what fills it and what reads it share this. */
#ifndef LEDE_INDEXER_INVERTER_INTERNAL_H
#define LEDE_INDEXER_INVERTER_INTERNAL_H

#include "inverter.h"
#include "term_sort.h"

enum {
    ENTRY_ALIGNMENT = 8,
    FIRST_ROOM = 12, /* bytes at least of the string in the entry itself */
    LINK = 4,
    CHUNK_FIRST = 32,
    CHUNK_MAX = 4096,
    TERM_COST = 16 /* bytes a slot: itself, and half a struct term_item for sorting */
};

struct slot {
    uint32_t hash, entry; /* entry 0: free */
};

struct term_entry {
    run_document document; /* of its last posting */
    uint32_t position;     /* the last one in that document */
    uint32_t at, end;      /* where the string goes on, and where that chunk's room ends */
    uint32_t df, total_tf;
    uint32_t mark, mark_tf; /* at and total_tf before that document */
    uint8_t growth;         /* chunks behind the first */
    uint8_t key_size, key[];
};

_Static_assert(sizeof(struct slot) + sizeof(struct term_item) / 2 <= TERM_COST, "the cost holds");
_Static_assert(KEY_TERM_MAX <= UINT8_MAX, "a term's size fits a byte");

struct inverter {
    uint8_t *region;
    size_t budget, mapped;
    size_t used, charged; /* bytes of the region */
    struct slot *slots;
    size_t slot_count, terms;
    uint64_t seed;  /* of the hash */
    uint32_t epoch; /* of the table, from 1: what tokens' memos of an earlier one say is void */
    run_document document; /* the current one */
    size_t documents;
    struct term_item *items; /* sorted; NULL before */
    size_t item_count;
    struct account *account;
    bool positions, undone;
};

static inline struct term_entry *entry_at(const struct inverter *inverter, uint32_t offset)
{
    return (struct term_entry *)(void *)(inverter->region + offset);
}

static inline size_t entry_size(size_t key_size)
{
    size_t size = offsetof(struct term_entry, key) + key_size + FIRST_ROOM + LINK;

    return (size + ENTRY_ALIGNMENT - 1) & ~(size_t)(ENTRY_ALIGNMENT - 1);
}

/* Bytes of the chunk number growth, its link included. */
static inline size_t chunk_size(uint32_t growth)
{
    return growth > 7 ? CHUNK_MAX : (size_t)CHUNK_FIRST << (growth - 1);
}

_Static_assert(CHUNK_FIRST << 7 == CHUNK_MAX, "the eighth chunk is the first of full size");

#endif
