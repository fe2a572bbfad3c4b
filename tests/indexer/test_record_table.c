/* Tables of records, in memory and in files. */
#include "base/account.h"
#include "indexer/record_table.h"
#include "tests/index/dice.h"
#include "tests/indexer/scratch.h"

TestSuite(record_table, .init = scratch_make, .fini = scratch_remove);

static void expect_number(struct record_table *table, uint64_t key, uint64_t wanted, uint64_t seed)
{
    uint64_t place = 0, number = 0;
    bool found;

    cr_assert_eq(record_table_find(table, key, &found, &place, NULL), LEDE_OK);
    cr_assert(found, "seed %lu: %lu", seed, key);
    cr_assert_eq(record_table_get(table, place, &number, NULL), LEDE_OK);
    cr_assert_eq(number, wanted, "seed %lu: %lu", seed, key);
    cr_assert_eq(record_table_set(table, place, number + 1, NULL), LEDE_OK);
    cr_assert_eq(record_table_find(table, key, &found, &place, NULL), LEDE_OK);
    cr_assert_eq(record_table_get(table, place, &number, NULL), LEDE_OK);
    cr_assert_eq(number, wanted + 1, "seed %lu: %lu", seed, key);
}

/* Keys 3 * i, spread; some twice, the second time with another number. */
static void fill(struct record_table *table, uint64_t keys, uint64_t spread, bool is_set)
{
    struct lede_error error = {0};

    for (uint64_t i = 0; i < keys + keys / 7; i++)
        cr_assert_eq(record_table_add(table, i % keys * 3 * spread, i, &error), LEDE_OK, "%s",
                     error.text);
    cr_assert_eq(record_table_finish(table, &error), LEDE_OK, "%s", error.text);
    cr_expect_eq(table->count, keys);
    cr_expect_eq(table->is_set, is_set);
}

static void check_table(struct dice *dice, uint64_t keys, bool is_set)
{
    struct record_table table;
    struct account account;
    uint64_t spread = keys ? 1 + UINT64_MAX / 4 / keys : 1, place;
    bool found;

    account_init(&account, 512 * 1024);
    record_table_init(&table, is_set, 0, ".", &account);
    for (int round = 0; round < 2; round++) {
        fill(&table, keys, spread, is_set);
        cr_expect_eq(table.file >= 0, keys > 20000);
        for (uint64_t i = 0; i < keys; i += 1 + dice_below(dice, 20)) {
            if (!is_set)
                expect_number(&table, i * 3 * spread, i < keys / 7 ? i + keys : i, dice->seed);
            cr_assert_eq(record_table_find(&table, i * 3 * spread, &found, &place, NULL), LEDE_OK);
            cr_assert(found && place == i, "seed %lu: %lu", dice->seed, i);
            cr_assert_eq(record_table_find(&table, i * 3 * spread + 1, &found, &place, NULL),
                         LEDE_OK);
            cr_assert(!found, "seed %lu: %lu", dice->seed, i);
        }
        cr_assert_eq(record_table_find(&table, UINT64_MAX, &found, &place, NULL), LEDE_OK);
        cr_expect(!found);
        record_table_done(&table);
        cr_expect_eq(atomic_load(&account.used), 0);
    }
}

Test(record_table, what_was_added_is_found_and_nothing_else)
{
    struct dice dice = dice_new();

    for (int is_set = 0; is_set < 2; is_set++) {
        check_table(&dice, 0, is_set);
        check_table(&dice, 1, is_set);
        check_table(&dice, 1000 + dice_below(&dice, 500), is_set);
        check_table(&dice, 30000 + dice_below(&dice, 10000), is_set);
    }
}

/* More pages than fences: 8.4 million numbers. */
Test(record_table, a_page_between_two_fences_is_looked_for, .timeout = 120)
{
    enum { KEYS = RECORD_FENCES * (RECORD_PAGE / 16) + 1000 };
    struct record_table table;
    struct account account;
    bool found;
    uint64_t place;

    account_init(&account, 1 << 20);
    record_table_init(&table, false, 600000, ".", &account);
    for (uint64_t i = 0; i < KEYS; i++)
        cr_assert_eq(record_table_add(&table, i * 2, i, NULL), LEDE_OK);
    cr_assert_eq(record_table_finish(&table, NULL), LEDE_OK);
    cr_expect_eq(table.step, 2);
    for (uint64_t i = 0; i < KEYS; i += 997) {
        expect_number(&table, i * 2, i, 0);
        cr_assert_eq(record_table_find(&table, i * 2 + 1, &found, &place, NULL), LEDE_OK);
        cr_expect(!found);
    }
    expect_number(&table, (KEYS - 1) * 2, KEYS - 1, 0);
    record_table_done(&table);
    cr_expect_eq(atomic_load(&account.used), 0);
    cr_expect_leq(atomic_load(&account.peak), account.limit);
}
