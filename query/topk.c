#include "topk.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"

enum {
    GATHERED_MIN = 64, /* entries above k before a selection, at least */
    FEW = 128,         /* keys that are sorted into few drawers */
    DIGIT_FEW = 4,
    DIGIT = 8, /* bits */
    DRAWERS = 1 << DIGIT
};

void topk_init(struct topk *topk, size_t k, struct arena *arena)
{
    *topk = (struct topk){.k = k, .threshold = k ? -1 : INFINITY, .arena = arena};
}

/* Scores are not negative: their bits have the order of integers. */
static uint64_t key_of(double score)
{
    uint64_t key;

    memcpy(&key, &score, sizeof key);
    return key;
}

void topk_collapse(struct topk *topk, const struct topk_groups *by)
{
    assert(topk->count == 0);
    topk->by = by;
}

/* ---- groups ---- */

static size_t slot_count(size_t capacity)
{
    return 2 * capacity; /* a power of two: capacities are */
}

/* The slot of a group: that which has an entry of it, or a free one. */
static uint32_t *find_slot(const struct topk *topk, uint64_t group)
{
    size_t mask = slot_count(topk->capacity) - 1;
    size_t slot = (size_t)(group * 0x9e3779b97f4a7c15U >> 32) & mask;

    while (topk->slots[slot] && topk->groups[topk->slots[slot] - 1] != group)
        slot = (slot + 1) & mask;
    return &topk->slots[slot];
}

/* Keeps the best entry of each group; of equal ones the first. */
static void fold(struct topk *topk)
{
    static const double WORSE = -1; /* than all that is offered */
    size_t kept = 0;

    if (topk->count == 0)
        return;
    assert(topk->entries && topk->groups);
    memset(topk->slots, 0, slot_count(topk->capacity) * sizeof *topk->slots);
    for (size_t i = 0; i < topk->count; i++) {
        uint32_t *slot = find_slot(topk, topk->groups[i]);
        struct topk_entry *best = *slot ? &topk->entries[*slot - 1] : NULL;

        if (best && topk->entries[i].score <= best->score) {
            topk->entries[i].score = WORSE;
            continue;
        }
        if (best)
            best->score = WORSE;
        *slot = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < topk->count; i++) {
        topk->entries[kept] = topk->entries[i];
        topk->groups[kept] = topk->groups[i];
        kept += topk->entries[i].score != WORSE;
    }
    topk->count = kept;
}

/* ---- selection ---- */

/* The bits in which some of the keys differ. */
static uint64_t differing_bits(const uint64_t *keys, size_t count)
{
    uint64_t all = UINT64_MAX, any = 0;

    for (size_t i = 0; i < count; i++) {
        all &= keys[i];
        any |= keys[i];
    }
    return all ^ any;
}

/* Keeps the keys whose digit is wanted; returns how many. */
static size_t keep_digit(uint64_t *keys, size_t count, unsigned shift, uint64_t mask,
                         uint64_t wanted)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        keys[kept] = keys[i];
        kept += (keys[i] >> shift & mask) == wanted;
    }
    return kept;
}

/* The rank-th largest of count keys (1 <= rank <= count), which are overwritten: a digit at a time
 * from the highest bit in which they differ, looking further only among those that share the
 * wanted one's. At most 64 / DIGIT_FEW rounds, each of fewer keys. */
static uint64_t select_key(uint64_t *keys, size_t count, size_t rank)
{
    for (uint64_t bits; (bits = differing_bits(keys, count)) != 0;) {
        unsigned digit = count <= FEW ? DIGIT_FEW : DIGIT,
                 top = 64U - (unsigned)__builtin_clzll(bits);
        unsigned shift = top > digit ? top - digit : 0;
        uint64_t mask = (1ULL << digit) - 1, wanted = mask;
        uint32_t drawers[DRAWERS];

        memset(drawers, 0, sizeof *drawers << digit);
        for (size_t i = 0; i < count; i++)
            drawers[keys[i] >> shift & mask]++;
        for (; drawers[wanted] < rank; wanted--)
            rank -= drawers[wanted];
        count = keep_digit(keys, count, shift, mask, wanted);
    }
    return keys[0];
}

/* Keeps the entries above the threshold, and of those that equal it the first. */
static void keep_best(struct topk *topk, size_t equal)
{
    size_t kept = 0;

    for (size_t i = 0; i < topk->count; i++) {
        double score = topk->entries[i].score;
        bool keep = score > topk->threshold;

        if (score == topk->threshold && equal > 0) {
            keep = true;
            equal--;
        }
        topk->entries[kept] = topk->entries[i];
        if (topk->by)
            topk->groups[kept] = topk->groups[i];
        kept += keep;
    }
    topk->count = kept;
}

/* Selects the threshold from at least k entries and drops the others; of groups there may turn out
 * to be fewer, and no threshold yet. */
static void settle(struct topk *topk)
{
    size_t above = 0;
    uint64_t key;

    assert(topk->count >= topk->k && topk->k > 0);
    if (topk->by)
        fold(topk);
    if (topk->count < topk->k)
        return;
    for (size_t i = 0; i < topk->count; i++)
        topk->keys[i] = key_of(topk->entries[i].score);
    key = select_key(topk->keys, topk->count, topk->k);
    memcpy(&topk->threshold, &key, sizeof key);
    for (size_t i = 0; i < topk->count; i++)
        above += topk->entries[i].score > topk->threshold;
    keep_best(topk, topk->k - above);
}

/* ---- gathering ---- */

static bool grow_groups(struct topk *topk, size_t capacity)
{
    uint64_t *groups = arena_alloc(topk->arena, capacity * sizeof *groups);

    topk->slots = arena_alloc(topk->arena, slot_count(capacity) * sizeof *topk->slots);
    if (!groups || !topk->slots)
        return false;
    if (topk->count > 0)
        memcpy(groups, topk->groups, topk->count * sizeof *groups);
    topk->groups = groups;
    return true;
}

/* False if memory ran out. The keys always have room for all entries; those before are left to the
 * arena. */
static bool grow(struct topk *topk)
{
    size_t capacity = topk->capacity ? 2 * topk->capacity : GATHERED_MIN;
    struct topk_entry *entries = arena_alloc(topk->arena, capacity * sizeof *entries);
    uint64_t *keys = arena_alloc(topk->arena, capacity * sizeof *keys);

    if (!entries || !keys || (topk->by && !grow_groups(topk, capacity)))
        return false;
    if (topk->count > 0)
        memcpy(entries, topk->entries, topk->count * sizeof *entries);
    topk->entries = entries;
    topk->keys = keys;
    topk->capacity = capacity;
    return true;
}

bool topk_insert(struct topk *topk, double score, uint32_t segment, uint32_t document)
{
    size_t more = topk->k > GATHERED_MIN ? topk->k : GATHERED_MIN;

    if (topk->count >= more && topk->count - more >= topk->k) {
        settle(topk);
        if (score <= topk->threshold)
            return true;
    }
    if (topk->count == UINT32_MAX || (topk->count == topk->capacity && !grow(topk)))
        return false;
    if (topk->by)
        topk->groups[topk->count] = topk->by->group(topk->by->context, segment, document);
    topk->entries[topk->count++] = (struct topk_entry){score, segment, document};
    return true;
}

/* ---- ranking ---- */

struct ranked {
    uint64_t key;   /* the highest score has the lowest */
    uint32_t entry; /* its place among the entries */
};

/* Sorts by the digit at shift, keeping the order of equal ones. */
static void sort_digit(const struct ranked *from, struct ranked *to, size_t count, unsigned shift)
{
    uint32_t begins[DRAWERS] = {0}, at = 0;

    for (size_t i = 0; i < count; i++)
        begins[from[i].key >> shift & (DRAWERS - 1)]++;
    for (size_t i = 0; i < DRAWERS; i++) {
        uint32_t size = begins[i];

        begins[i] = at;
        at += size;
    }
    for (size_t i = 0; i < count; i++)
        to[begins[from[i].key >> shift & (DRAWERS - 1)]++] = from[i];
}

/* Sorts count of items by those bits of their keys that differ, into items or other; returns which.
 * A radix sort from the lowest digit: equal scores stay in the order of documents. */
static struct ranked *sort_ranked(struct ranked *items, struct ranked *other, size_t count,
                                  uint64_t bits)
{
    unsigned top = bits ? 64U - (unsigned)__builtin_clzll(bits) : 0;

    for (unsigned shift = bits ? (unsigned)__builtin_ctzll(bits) : 0; shift < top; shift += DIGIT) {
        struct ranked *sorted = other;

        sort_digit(items, sorted, count, shift);
        other = items;
        items = sorted;
    }
    return items;
}

/* As sort_ranked, for few: by insertion. */
static struct ranked *sort_few(struct ranked *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct ranked item = items[i];
        size_t place = i;

        for (; place > 0 && items[place - 1].key > item.key; place--)
            items[place] = items[place - 1];
        items[place] = item;
    }
    return items;
}

static bool rank(struct topk *topk)
{
    size_t count = topk->count;
    struct ranked *items = arena_alloc(topk->arena, 2 * count * sizeof *items), *sorted;

    topk->ranks = arena_alloc(topk->arena, count * sizeof *topk->ranks);
    if (!items || !topk->ranks)
        return false;
    for (size_t i = 0; i < count; i++) {
        topk->keys[i] = key_of(topk->entries[i].score);
        items[i] = (struct ranked){~topk->keys[i], (uint32_t)i};
    }
    sorted = count <= FEW / 2
                 ? sort_few(items, count)
                 : sort_ranked(items, items + count, count, differing_bits(topk->keys, count));
    for (size_t i = 0; i < count; i++)
        topk->ranks[sorted[i].entry] = (uint32_t)i;
    return true;
}

bool topk_finish(struct topk *topk)
{
    if (topk->by)
        fold(topk);
    if (topk->count > topk->k)
        settle(topk);
    topk->threshold = INFINITY;
    return rank(topk);
}
