/* Records sorted in little memory, against plain arrays. */
#include "base/account.h"
#include "indexer/record_sort.h"
#include "tests/index/dice.h"
#include "tests/indexer/scratch.h"

TestSuite(record_sort, .init = scratch_make, .fini = scratch_remove);

static unsigned width; /* of what is compared */

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    for (unsigned i = 0; i < width; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* Numbers of any size, and of a few bits, so that many are the same. */
static uint64_t draw(struct dice *dice, unsigned bits)
{
    return bits == 64 ? dice_roll(dice)
                      : (uint64_t)dice_bits(dice, bits) << dice_below(dice, 3) * 20;
}

static void expect_sorted(struct record_sort *sort, const uint64_t *wanted, size_t count,
                          uint64_t seed)
{
    struct record_cursor cursor;
    struct lede_error error = {0};
    const uint64_t *record;

    cr_assert_eq(record_sort_read(sort, &cursor, &error), LEDE_OK, "%s", error.text);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(record_cursor_next(&cursor, &record, &error), LEDE_OK, "seed %lu", seed);
        cr_assert_eq(memcmp(record, wanted + i * width, width * 8), 0, "seed %lu: %zu", seed, i);
    }
    cr_assert_eq(record_cursor_next(&cursor, &record, &error), LEDE_MISSING, "seed %lu", seed);
    cr_assert_eq(record_cursor_next(&cursor, &record, &error), LEDE_MISSING);
}

static void sort_some(struct dice *dice, struct record_sort *sort, size_t count, unsigned bits)
{
    uint64_t *wanted = malloc((count * width + 1) * sizeof *wanted);
    struct lede_error error = {0};

    cr_assert(wanted);
    for (size_t i = 0; i < count; i++) {
        for (unsigned j = 0; j < width; j++)
            wanted[i * width + j] = draw(dice, bits);
        cr_assert_eq(record_sort_add(sort, wanted + i * width, &error), LEDE_OK, "%s", error.text);
    }
    cr_expect_eq(sort->total, count);
    qsort(wanted, count, width * 8, compare);
    expect_sorted(sort, wanted, count, dice->seed);
    free(wanted);
}

Test(record_sort, records_come_rising_whether_they_fit_memory_or_not)
{
    static const size_t counts[] = {0, 1, 17, 2048, 5000, 150000, 400000};
    struct dice dice = dice_new();

    for (width = 1; width <= RECORD_WIDTH_MAX; width++)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            struct account account;
            struct record_sort sort;
            size_t count = counts[i] / width;

            account_init(&account, 2 * RECORD_MEMORY_MIN);
            record_sort_init(&sort, width, 80000, ".", &account);
            sort_some(&dice, &sort, count, 64);
            cr_expect_eq(sort.run_count > 0, count * width * 8 > 80000);
            record_sort_done(&sort);
            cr_expect_eq(atomic_load(&account.used), 0);
            sort_some(&dice, &sort, count / 2, 1 + dice_below(&dice, 20));
            record_sort_done(&sort);
        }
}

Test(record_sort, memory_that_is_refused_is_told_or_done_without)
{
    uint64_t record[3] = {3, 2, 1};
    struct account account;
    struct record_sort sort;

    account_init(&account, RECORD_MEMORY_MIN - 1000);
    record_sort_init(&sort, 3, 1 << 20, ".", &account);
    cr_expect_eq(record_sort_add(&sort, record, NULL), LEDE_NO_MEMORY);
    account.limit = RECORD_MEMORY_MIN + 2000; /* for runs */
    width = 3;
    sort_some(&(struct dice){1, 1}, &sort, 50000, 64);
    cr_expect_leq(atomic_load(&account.peak), account.limit);
    record_sort_done(&sort);
}

Test(record_sort, a_run_that_was_damaged_is_told)
{
    uint64_t record[1] = {0};
    struct record_sort sort;
    struct record_cursor cursor;
    const uint64_t *got;
    struct lede_error error = {0};
    enum lede_status status;

    record_sort_init(&sort, 1, 0, ".", NULL);
    for (record[0] = 0; record[0] < 20000; record[0]++)
        cr_assert_eq(record_sort_add(&sort, record, NULL), LEDE_OK);
    cr_assert_eq(pwrite(sort.file, "?", 1, 1003), 1);
    status = record_sort_read(&sort, &cursor, &error);
    while (status == LEDE_OK)
        status = record_cursor_next(&cursor, &got, &error);
    cr_expect_eq(status, LEDE_IO);
    cr_expect(strstr(error.text, "damaged"), "%s", error.text);
    record_sort_done(&sort);
}

Test(record_sort, a_full_disk_is_told)
{
    uint64_t record[1] = {0};
    struct record_sort sort;
    struct lede_error error = {0};
    enum lede_status status = LEDE_OK;

    record_sort_init(&sort, 1, 0, "/nowhere/at/all", NULL);
    for (; record[0] < 20000 && status == LEDE_OK; record[0]++)
        status = record_sort_add(&sort, record, &error);
    cr_expect_eq(status, LEDE_IO);
    cr_expect(strstr(error.text, "/nowhere/at/all"), "%s", error.text);
    record_sort_done(&sort);
}
