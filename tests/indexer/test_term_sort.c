#include <criterion/criterion.h>

#include "base/bytes.h"
#include "indexer/term_sort.h"
#include "tests/index/dice.h"

enum { COUNT = 20000, ROOM = 130 };

static uint8_t base[COUNT * ROOM];
static struct term_item items[COUNT];

static struct slice term_at(uint32_t entry)
{
    return slice_of(base + entry + 1, base[entry]);
}

/* Sorts count terms, which lie at multiples of ROOM, and checks that they rise strictly. */
static void check(size_t count, uint64_t seed)
{
    for (uint32_t i = 0; i < count; i++)
        items[i].entry = i * ROOM;
    term_sort(items, count, base, 0);
    for (size_t i = 1; i < count; i++)
        if (slice_compare(term_at(items[i - 1].entry), term_at(items[i].entry)) >= 0)
            cr_assert_fail("seed %lu: item %zu", seed, i);
}

static void set(uint32_t i, const void *bytes, size_t size)
{
    base[i * ROOM] = (uint8_t)size;
    memcpy(&base[i * ROOM + 1], bytes, size);
}

Test(term_sort, a_prefix_goes_before_what_it_begins)
{
    static const char text[] = "\0abcdefghijklmnopqrstuvwxyz";

    for (uint32_t i = 0; i < 27; i++)
        set(26 - i, text, i + 1);
    check(27, 0);
    cr_assert_eq(items[0].entry, 26 * ROOM);
}

Test(term_sort, terms_that_end_in_zeros_keep_their_order)
{
    static const char zeros[128];

    for (uint32_t i = 0; i < 128; i++)
        set(127 - i, zeros, i + 1);
    check(128, 0);
}

Test(term_sort, nothing_and_one_term_are_sorted)
{
    set(0, "x", 1);
    check(0, 0);
    check(1, 0);
}

Test(term_sort, random_terms_with_long_common_parts_rise)
{
    struct dice dice = dice_new();

    for (uint32_t i = 0; i < COUNT; i++) {
        uint8_t bytes[ROOM];
        size_t size = 6 + dice_below(&dice, 120);

        memset(bytes, 'a', sizeof bytes);
        for (size_t j = 0; j < 4; j++)
            bytes[dice_below(&dice, (uint32_t)size)] = (uint8_t)dice_below(&dice, 256);
        memcpy(bytes + size - 4, &i, 4); /* distinct */
        set(i, bytes, size);
    }
    check(COUNT, dice.seed);
}

/* Rising, falling and "organ pipe" orders: what a quicksort may take badly. */
Test(term_sort, sorted_and_reversed_terms_take_no_longer)
{
    for (int order = 0; order < 3; order++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            uint32_t key = order == 0 ? i : order == 1 ? COUNT - i : i % 2 ? i : COUNT * 2 - i;
            uint8_t bytes[4];

            store_be32(bytes, key);
            set(i, bytes, sizeof bytes);
        }
        check(COUNT, 0);
    }
}
