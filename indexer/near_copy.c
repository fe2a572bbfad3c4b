#include "near_copy.h"

#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "index/norm.h"

enum {
    PARTS = 6,
    PARTS_EQUAL = 2,
    SLOT_BITS_MAX = 16,
    FEW = 8,         /* so many are compared one by one */
    STEPS_MOST = 256 /* of a list that are looked at */
};

/* The parts, as masks of the signature. */
#define PART(offset, size) (((1ULL << (size)) - 1) << (SIGNATURE_TEXT_BITS + (offset)))

static const uint64_t MASKS[PARTS] = {PART(0, 9),  PART(9, 9),   PART(18, 9),
                                      PART(27, 9), PART(36, 10), PART(46, 10)};

_Static_assert(46 + 10 == SIGNATURE_BITS, "the parts are the sketch");
_Static_assert(PARTS *(PARTS - 1) / 2 == NEAR_COPY_PAIRS, "each pair is looked up");

/* ---- the rule ---- */

static bool lengths_agree(uint8_t a, uint8_t b)
{
    uint64_t shorter = norm_decode(a < b ? a : b), longer = norm_decode(a < b ? b : a);

    return 4 * shorter >= 3 * longer;
}

static unsigned parts_equal(uint64_t differing)
{
    unsigned equal = 0;

    for (size_t i = 0; i < PARTS; i++)
        equal += (differing & MASKS[i]) == 0;
    return equal;
}

bool near_copy_is(struct near_article a, struct near_article b, unsigned *distance)
{
    uint64_t differing = (uint64_t)a.signature ^ (uint64_t)b.signature;

    if (a.signature == COLUMN_MISSING || b.signature == COLUMN_MISSING)
        return false;
    *distance = (unsigned)__builtin_popcountll(differing >> SIGNATURE_TEXT_BITS);
    return *distance <= NEAR_COPY_BITS && parts_equal(differing) >= PARTS_EQUAL &&
           lengths_agree(a.code, b.code);
}

static struct near_article article_of(const struct near_table *table, uint32_t number)
{
    return (struct near_article){table->signatures[number], table->codes[number]};
}

static void consider(struct near_table *table, uint32_t number, struct near_article article,
                     uint64_t order)
{
    unsigned distance;
    near_best best;

    if (!near_copy_is(article_of(table, number), article, &distance))
        return;
    best = (uint64_t)distance << NEAR_ORDER_BITS | order;
    if (best < table->bests[number])
        table->bests[number] = best;
}

/* ---- the table ---- */

/* Of a pair: heads and tails, and links. */
static size_t pair_size(const struct near_table *table)
{
    return (((size_t)2 << table->bits) + table->count) * sizeof(uint32_t);
}

static size_t table_size(const struct near_table *table)
{
    return table->most * pair_size(table) + table->count * sizeof *table->same;
}

static bool is_direct(const struct near_table *table)
{
    return table->count <= FEW;
}

enum lede_status near_table_init(struct near_table *table, const int64_t *signatures,
                                 const uint8_t *codes, near_best *bests, uint32_t count,
                                 size_t room, struct account *account, struct lede_error *err)
{
    *table = (struct near_table){.signatures = signatures,
                                 .codes = codes,
                                 .bests = bests,
                                 .count = count,
                                 .account = account};
    for (uint32_t i = 0; i < count; i++)
        bests[i] = NEAR_NONE;
    if (is_direct(table))
        return LEDE_OK;
    while (table->bits < SLOT_BITS_MAX && (1U << table->bits) < count)
        table->bits++;
    table->most = NEAR_COPY_PAIRS;
    while (table->most > 1 && table->most * pair_size(table) > room)
        table->most--;
    table->same = account_malloc(account, table_size(table));
    if (!table->same)
        return error_no_memory(err);
    memset(table->same, 0, count * sizeof *table->same);
    table->heads = table->same + count;
    table->tails = table->heads + ((size_t)table->most << table->bits);
    table->links = table->tails + ((size_t)table->most << table->bits);
    return LEDE_OK;
}

void near_table_done(struct near_table *table)
{
    if (table->same)
        account_release(table->account, table_size(table));
    free(table->same);
    table->same = NULL;
}

static uint64_t pair_mask(unsigned pair)
{
    size_t first = 0;

    for (; pair >= PARTS - 1 - first; first++)
        pair -= PARTS - 1 - (unsigned)first;
    return MASKS[first] | MASKS[first + 1 + pair];
}

static size_t slot_of(const struct near_table *table, uint64_t bits)
{
    return (size_t)(bits * 0x9e3779b97f4a7c15U >> 1 >> (63 - table->bits));
}

struct near_list { /* those under the bits of a pair, oldest first */
    uint64_t mask;
    uint32_t *heads, *tails, *links;
};

static struct near_list list_of(const struct near_table *table, unsigned pair)
{
    return (struct near_list){
        pair_mask(table->pair + pair), table->heads + ((size_t)pair << table->bits),
        table->tails + ((size_t)pair << table->bits), table->links + (size_t)pair * table->count};
}

static bool is_equal(const struct near_table *table, uint32_t a, uint32_t b)
{
    return table->signatures[a] == table->signatures[b] && table->codes[a] == table->codes[b];
}

/* Compares an article with those on its list. If one is equal, it stands for both: notes that, and
 * is true. */
static bool compare_with_list(struct near_table *table, const struct near_list *list, size_t slot,
                              uint32_t number, uint64_t base)
{
    uint64_t signature = (uint64_t)table->signatures[number];
    uint32_t at = list->heads[slot];

    for (unsigned i = 0; at > 0 && i < STEPS_MOST; i++, at = list->links[at - 1]) {
        if (((signature ^ (uint64_t)table->signatures[at - 1]) & list->mask) != 0)
            continue;
        if (is_equal(table, number, at - 1)) {
            table->same[number] = at;
            return true;
        }
        consider(table, number, article_of(table, at - 1), base + at - 1);
    }
    return false;
}

/* Adds every article to one pair's lists, and compares it with those that are there. */
static void fill_pair(struct near_table *table, unsigned pair, uint64_t base)
{
    struct near_list list = list_of(table, pair);

    for (uint32_t i = 0; i < table->count; i++) {
        size_t slot;

        if (table->signatures[i] == COLUMN_MISSING || table->same[i])
            continue;
        slot = slot_of(table, (uint64_t)table->signatures[i] & list.mask);
        if (compare_with_list(table, &list, slot, i, base))
            continue;
        list.links[i] = 0;
        *(list.heads[slot] ? &list.links[list.tails[slot] - 1] : &list.heads[slot]) = i + 1;
        list.tails[slot] = i + 1;
    }
}

/* What an equal article found is as good for those that it stands for, unless it is not equal. */
static void spread(struct near_table *table, uint64_t base)
{
    for (uint32_t i = 0; i < table->count && table->same; i++) {
        uint32_t first = table->same[i];

        if (first > 0)
            table->bests[i] = table->bests[first - 1] >> NEAR_ORDER_BITS == 0
                                  ? table->bests[first - 1]
                                  : base + first - 1;
    }
}

bool near_table_fill(struct near_table *table, uint64_t base)
{
    unsigned left;

    table->pair += table->pairs;
    left = NEAR_COPY_PAIRS - table->pair;
    if (left == 0) {
        spread(table, base);
        return false;
    }
    if (is_direct(table)) {
        table->pairs = left;
        for (uint32_t i = 0; i < table->count; i++)
            for (uint32_t j = 0; j < i; j++)
                consider(table, i, article_of(table, j), base + j);
        return true;
    }
    table->pairs = left < table->most ? left : table->most;
    memset(table->heads, 0, ((size_t)table->most << table->bits) * sizeof *table->heads);
    for (unsigned pair = 0; pair < table->pairs; pair++)
        fill_pair(table, pair, base);
    return true;
}

static void offer_pair(struct near_table *table, unsigned pair, const int64_t *signatures,
                       const uint8_t *codes, uint32_t count, uint64_t order)
{
    struct near_list list = list_of(table, pair);

    for (uint32_t i = 0; i < count; i++) {
        uint64_t signature = (uint64_t)signatures[i];
        uint32_t at = list.heads[slot_of(table, signature & list.mask)];

        for (unsigned j = 0; at > 0 && j < STEPS_MOST; j++, at = list.links[at - 1])
            if (((signature ^ (uint64_t)table->signatures[at - 1]) & list.mask) == 0)
                consider(table, at - 1, (struct near_article){signatures[i], codes[i]}, order + i);
    }
}

/* Pair by pair, so that what is looked at of the table stays in the processor's cache. */
void near_table_offer(struct near_table *table, const int64_t *signatures, const uint8_t *codes,
                      uint32_t count, uint64_t order)
{
    if (!is_direct(table)) {
        for (unsigned pair = 0; pair < table->pairs; pair++)
            offer_pair(table, pair, signatures, codes, count, order);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < table->count; j++)
            consider(table, j, (struct near_article){signatures[i], codes[i]}, order + i);
}
