#include <criterion/criterion.h>

#include "index/checksum.h"
#include "index/deletion.h"
#include "tests/index/dice.h"

Test(deletion, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2};
    uint8_t value[DELETION_SIZE] = {0}, key[DELETION_KEY_SIZE];

    value[DELETION_HEADER] = 1;
    value[DELETION_HEADER + 1] = 2;
    deletion_seal(value, sizeof value, 3, 1);
    cr_expect_arr_eq(value + 4, expected, sizeof expected);
    for (size_t i = 4 + sizeof expected; i < DELETION_SIZE; i++)
        cr_assert_eq(value[i], 0);
    deletion_key(key, 3, 1);
    cr_expect_arr_eq(key, ((uint8_t[]){0, 0, 0, 3, 0, 0, 0, 1}), sizeof key);
    cr_expect_eq(deletion_check(slice_of(value, sizeof value), DELETION_SIZE, 3, 1, NULL), LEDE_OK);
    for (doc_id i = 0; i < DELETION_CHUNK; i++)
        cr_assert_eq(deletion_has(value, DELETION_CHUNK + i), i == 0 || i == 9);
}

Test(deletion, a_chunk_fits_one_page)
{
    cr_expect_eq(DELETION_CHUNK, 28672);
    cr_expect_eq(DELETION_SIZE, 3600);
}

Test(deletion, bits_are_those_that_were_set)
{
    static bool deleted[DELETION_CHUNK];
    uint8_t value[DELETION_SIZE] = {0};
    struct dice dice = dice_new();
    uint32_t count = 0;

    for (doc_id i = 0; i < DELETION_CHUNK; i++) {
        deleted[i] = dice_below(&dice, 3) == 0;
        count += deleted[i];
        if (deleted[i])
            value[DELETION_HEADER + i / 8] |= (uint8_t)(1 << i % 8);
    }
    deletion_seal(value, sizeof value, 9, 0);
    cr_expect_eq(load_le32(value + 4), count);
    for (doc_id i = 0; i < DELETION_CHUNK; i++)
        cr_assert_eq(deletion_has(value, i), deleted[i], "LEDE_SEED=%llu",
                     (unsigned long long)dice.seed);
}

Test(deletion, damage_and_values_of_another_place_are_noticed)
{
    uint8_t value[DELETION_SIZE] = {0};
    struct dice dice = dice_new();
    struct lede_error error = {0};

    value[DELETION_HEADER + 77] = 0x11;
    deletion_seal(value, sizeof value, 9, 4);
    for (int round = 0; round < 2000; round++) {
        uint32_t bit = dice_below(&dice, 8 * DELETION_SIZE);

        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(deletion_check(slice_of(value, sizeof value), DELETION_SIZE, 9, 4, NULL),
                     LEDE_CORRUPT, "bit %u", bit);
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    cr_expect_eq(deletion_check(slice_of(value, sizeof value), DELETION_SIZE, 9, 4, NULL), LEDE_OK);
    cr_expect_eq(deletion_check(slice_of(value, sizeof value), DELETION_SIZE, 9, 5, &error),
                 LEDE_CORRUPT);
    cr_expect_eq(error.status, LEDE_CORRUPT);
    cr_expect_eq(deletion_check(slice_of(value, sizeof value), DELETION_SIZE, 8, 4, NULL),
                 LEDE_CORRUPT);
    cr_expect_eq(deletion_check(slice_of(value, sizeof value - 1), DELETION_SIZE, 9, 4, NULL),
                 LEDE_CORRUPT);
    cr_expect_eq(deletion_check(slice_of(NULL, 0), DELETION_SIZE, 9, 4, NULL), LEDE_CORRUPT);
}

Test(deletion, a_wrong_count_or_reserved_bytes_are_noticed_under_a_right_checksum)
{
    static const struct {
        size_t at;
        uint8_t byte;
    } faults[] = {{4, 3}, {7, 1}, {8, 1}, {15, 1}};
    uint8_t value[DELETION_SIZE], key[DELETION_KEY_SIZE];

    deletion_key(key, 9, 4);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        memset(value, 0, sizeof value);
        value[DELETION_HEADER + 77] = 0x11;
        deletion_seal(value, sizeof value, 9, 4);
        value[faults[i].at] = faults[i].byte;
        store_le32(value,
                   checksum_of(checksum_seed('x', key, sizeof key), value + 4, DELETION_SIZE - 4));
        cr_expect_eq(deletion_check(slice_of(value, sizeof value), DELETION_SIZE, 9, 4, NULL),
                     LEDE_CORRUPT);
    }
}

Test(deletion, a_segment_with_small_records_has_no_more_windows_than_it_needs)
{
    struct segment_info info = {.documents = DELETION_CHUNK + WINDOW_DOCS + 1};

    cr_expect_eq(deletion_size(&info, 0), DELETION_SIZE);
    cr_expect_eq(deletion_size(&info, 1), DELETION_SIZE);
    info.small_records = true;
    cr_expect_eq(deletion_size(&info, 0), DELETION_SIZE);
    cr_expect_eq(deletion_size(&info, 1), DELETION_HEADER + 2 * WINDOW_DOCS / 8);
    info.documents = 1;
    cr_expect_eq(deletion_size(&info, 0), DELETION_HEADER + WINDOW_DOCS / 8);
}
