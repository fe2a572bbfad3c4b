#include <criterion/criterion.h>

#include "base/account.h"
#include "index/norm.h"
#include "indexer/near_copy.h"
#include "tests/index/dice.h"

static struct near_article article(uint64_t signature, uint32_t length)
{
    return (struct near_article){(int64_t)signature, norm_encode(length)};
}

/* Bits of the sketch, from its lowest. */
#define BITS(bits) ((uint64_t)(bits) << SIGNATURE_TEXT_BITS)

Test(near_copy, six_bits_may_differ_and_two_parts_have_to_be_equal)
{
    struct near_article a = article(0x1234567890abcdef, 100);
    unsigned distance = 0;

    for (unsigned bits = 0; bits <= 7; bits++) { /* all in the first part */
        uint64_t other = (uint64_t)a.signature ^ BITS((1 << bits) - 1);

        cr_expect_eq(near_copy_is(a, article(other, 100), &distance), bits <= 6, "%u", bits);
        cr_expect_eq(distance, bits);
    }
    /* One bit in each of four parts, of five, of six. */
    cr_expect(near_copy_is(a, article((uint64_t)a.signature ^ BITS(0x8040201), 100), &distance));
    cr_expect_not(
        near_copy_is(a, article((uint64_t)a.signature ^ BITS(0x1008040201), 100), &distance));
    cr_expect_not(
        near_copy_is(a, article((uint64_t)a.signature ^ BITS(0x401008040201), 100), &distance));
    /* The lower bits do not count. */
    cr_expect(near_copy_is(a, article((uint64_t)a.signature ^ 0xff, 100), &distance));
    cr_expect_eq(distance, 0);
}

Test(near_copy, lengths_have_to_agree_and_a_signature_to_be_there)
{
    struct near_article a = article(7, 40);
    unsigned distance;

    cr_expect(near_copy_is(a, article(7, 30), &distance));
    cr_expect_not(near_copy_is(a, article(7, 29), &distance));
    cr_expect_not(near_copy_is(article(7, 29), a, &distance));
    cr_expect_not(near_copy_is(a, article((uint64_t)COLUMN_MISSING, 40), &distance));
    cr_expect_not(near_copy_is(article((uint64_t)COLUMN_MISSING, 40), a, &distance));
}

/* ---- the table, against comparing all with all ---- */

enum { MOST = 3000, BEFORE = 500 };

static int64_t signatures[MOST], before[BEFORE];
static uint8_t codes[MOST], codes_before[BEFORE];
static near_best bests[MOST];

/* Near an earlier one, or of its own, or none. */
static int64_t random_signature(struct dice *dice, const int64_t *earlier, uint32_t count)
{
    uint64_t signature = dice_roll(dice);

    if (dice_below(dice, 30) == 0)
        return COLUMN_MISSING;
    if (count > 0 && dice_below(dice, 2)) {
        signature = (uint64_t)earlier[dice_below(dice, count)];
        for (uint32_t i = dice_below(dice, 9); i > 0; i--)
            signature ^= BITS(1) << dice_below(dice, SIGNATURE_BITS);
    }
    return (int64_t)signature;
}

static void offer(near_best *best, struct near_article a, struct near_article b, uint64_t order)
{
    unsigned distance;
    near_best other;

    if (!near_copy_is(a, b, &distance))
        return;
    other = (uint64_t)distance << NEAR_ORDER_BITS | order;
    *best = other < *best ? other : *best;
}

static near_best naive_best(uint32_t number, uint64_t base)
{
    struct near_article a = {signatures[number], codes[number]};
    near_best best = NEAR_NONE;

    for (uint32_t i = 0; i < BEFORE; i++)
        offer(&best, a, (struct near_article){before[i], codes_before[i]}, i);
    for (uint32_t i = 0; i < number; i++)
        offer(&best, a, (struct near_article){signatures[i], codes[i]}, base + i);
    return best;
}

static void compare(struct dice *dice, uint32_t count, size_t room)
{
    const uint64_t base = (uint64_t)3 << 32;
    struct near_table table;
    struct account account;
    uint32_t found = 0;

    for (uint32_t i = 0; i < BEFORE; i++) {
        before[i] = random_signature(dice, before, i);
        codes_before[i] = norm_encode(100 + dice_below(dice, 50));
    }
    for (uint32_t i = 0; i < count; i++) {
        signatures[i] = dice_below(dice, 2) ? random_signature(dice, before, BEFORE)
                                            : random_signature(dice, signatures, i);
        codes[i] = norm_encode(100 + dice_below(dice, 50));
    }
    account_init(&account, 0);
    cr_assert_eq(near_table_init(&table, signatures, codes, bests, count, room, &account, NULL),
                 LEDE_OK);
    while (near_table_fill(&table, base))
        for (uint32_t at = BEFORE, size; at > 0; at -= size) { /* in any order */
            size = 1 + dice_below(dice, at);
            near_table_offer(&table, before + at - size, codes_before + at - size, size, at - size);
        }
    near_table_done(&table);
    cr_expect_eq(atomic_load(&account.used), 0);
    for (uint32_t i = 0; i < count; i++) {
        near_best wanted = naive_best(i, base);

        found += wanted != NEAR_NONE;
        cr_assert_eq(bests[i], wanted, "article %u of %u, room %zu", i, count, room);
    }
    if (count > 100)
        cr_expect(found > count / 8 && found < count, "%u of %u", found, count);
}

Test(near_copy, the_nearest_is_found_whatever_the_room)
{
    static const uint32_t counts[] = {0, 1, 2, 7, 8, 9, 10, 100, 1000, MOST};
    struct dice dice = dice_begin();

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        compare(&dice, counts[i], 0);
        compare(&dice, counts[i], 40000);
        compare(&dice, counts[i], 1 << 20);
    }
    dice_end();
}

Test(near_copy, a_table_that_memory_is_refused_is_none)
{
    struct near_table table;
    struct account account;

    account_init(&account, 1000);
    cr_expect_eq(near_table_init(&table, signatures, codes, bests, MOST, 1 << 20, &account, NULL),
                 LEDE_NO_MEMORY);
    near_table_done(&table);
    cr_expect_eq(atomic_load(&account.used), 0);
}

/* Of one pattern: a bit or three of each differ from the first one's; a third is equal to others.
 */
Test(near_copy, many_of_one_pattern_are_near_to_the_first_in_little_time)
{
    enum { MANY = 30000 };
    struct dice dice = dice_begin();
    int64_t *patterns = calloc(MANY, sizeof *patterns);
    uint8_t *lengths = calloc(MANY, 1);
    near_best *nearest = calloc(MANY, sizeof *nearest);
    struct near_table table;

    cr_assert(patterns && lengths && nearest);
    for (uint32_t i = 0; i < MANY; i++) {
        uint64_t bits = i == 0 ? 0 : BITS(1) << dice_below(&dice, SIGNATURE_BITS);

        for (uint32_t j = dice_below(&dice, 3); i > 0 && j > 0; j--)
            bits |= BITS(1) << dice_below(&dice, SIGNATURE_BITS);
        patterns[i] = (int64_t)((bits | dice_below(&dice, 256)) ^ 0x123456789abcde00);
        lengths[i] = norm_encode(100);
        if (i > 0 && dice_below(&dice, 3) == 0)
            patterns[i] = patterns[dice_below(&dice, i)];
    }
    cr_assert_eq(near_table_init(&table, patterns, lengths, nearest, MANY, 4 << 20, NULL, NULL),
                 LEDE_OK);
    while (near_table_fill(&table, 0))
        near_table_offer(&table, patterns, lengths, 1, 0);
    near_table_done(&table);
    for (uint32_t i = 1; i < MANY; i++)
        cr_assert_neq(nearest[i], NEAR_NONE, "%u", i);
    free(patterns);
    free(lengths);
    free(nearest);
    dice_end();
}
