/* Numbers by hashes, against a plain array. */
#include <criterion/criterion.h>

#include "base/account.h"
#include "indexer/command/hash_map.h"

Test(hash_map, what_was_added_is_found_and_nothing_else)
{
    enum { COUNT = 20000 };
    struct account account;
    struct hash_map map;
    uint64_t sum = 0, *value;
    size_t place = 0;

    account_init(&account, 0);
    hash_map_init(&map, false, &account);
    cr_expect_null(hash_map_find(&map, 0));
    for (uint64_t i = 0; i < COUNT; i++) /* many share their lower bits */
        *hash_map_add(&map, i << (i % 40)) += i;
    for (uint64_t i = 0; i < COUNT; i++) {
        value = hash_map_find(&map, i << (i % 40));
        cr_assert_not_null(value);
        cr_expect_geq(*value, i);
        cr_expect_null(hash_map_find(&map, i << (i % 40) | (uint64_t)1 << 63));
    }
    while ((value = hash_map_next(&map, &place)) != NULL)
        sum += *value;
    cr_expect_eq(sum, (uint64_t)COUNT * (COUNT - 1) / 2);
    hash_map_done(&map);
    cr_expect_null(hash_map_find(&map, 7));
    cr_expect_eq(account.used, 0);
}

Test(hash_map, the_key_0_is_one_like_others)
{
    struct hash_map map;

    hash_map_init(&map, false, NULL);
    *hash_map_add(&map, 0) = 5;
    cr_expect_eq(*hash_map_find(&map, 0), 5);
    cr_expect_eq(map.count, 1);
    hash_map_done(&map);
}

Test(hash_map, a_set_takes_eight_bytes_a_slot_and_no_more_than_the_account_has)
{
    struct account account;
    struct hash_map set;
    uint64_t count = 0;

    account_init(&account, 40000);
    hash_map_init(&set, true, &account);
    while (hash_map_add(&set, count * 0x9e3779b97f4a7c15))
        count++;
    cr_expect_eq(count, 1536); /* three quarters of 2048: 4096 and they are 49,152 bytes */
    cr_expect_eq(account.used, 16384);
    for (uint64_t i = 0; i < count; i++)
        cr_expect_not_null(hash_map_find(&set, i * 0x9e3779b97f4a7c15));
    cr_expect_null(hash_map_find(&set, count * 0x9e3779b97f4a7c15));
    hash_map_done(&set);
    cr_expect_eq(account.used, 0);
}
