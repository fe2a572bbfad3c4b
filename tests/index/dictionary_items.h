/* dictionary_items.h -- terms of a dictionary as a test draws them, and what it keeps of them. */
#ifndef TESTS_INDEX_DICTIONARY_ITEMS_H
#define TESTS_INDEX_DICTIONARY_ITEMS_H

#include <stdlib.h>

#include "index/dictionary.h"
#include "tests/index/dice.h"

struct item {
    uint8_t term[KEY_TERM_MAX];
    size_t size;
    struct term_info info;
    uint8_t inlined[INLINE_SIZE_MAX];
};

static inline struct slice term_of(const struct item *item)
{
    return slice_of(item->term, item->size);
}

static inline int item_compare(const void *a, const void *b)
{
    return slice_compare(term_of(a), term_of(b));
}

/* Sorts them and drops those that are there twice; returns how many are left. */
static inline size_t items_sort(struct item *items, size_t count)
{
    size_t kept = 0;

    qsort(items, count, sizeof *items, item_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || item_compare(&items[kept - 1], &items[i]) != 0)
            items[kept++] = items[i];
    return kept;
}

/* Where a list is that is not inline, and its bound. */
static inline void draw_place(struct dice *dice, struct term_info *info)
{
    if (posting_is_single(info->df, info->total_tf)) {
        info->block = dice_roll(dice) >> dice_below(dice, 64);
        info->positions = dice_roll(dice) >> dice_below(dice, 64);
    } else {
        info->skip = dice_roll(dice) >> dice_below(dice, 64);
    }
    info->bound = (uint8_t)dice_roll(dice);
}

#endif
