/* A set of hashes, against plain arithmetic. */
#include <criterion/criterion.h>

#include "base/account.h"
#include "indexer/command/hash_set.h"

Test(hash_set, what_was_added_is_found_and_nothing_else)
{
    enum { COUNT = 20000 };
    struct account account;
    struct hash_set set;

    account_init(&account, 0);
    hash_set_init(&set, &account);
    cr_expect_not(hash_set_has(&set, 0));
    for (uint64_t i = 1; i < COUNT; i += 2) /* many share their lower bits */
        for (int twice = 0; twice < 2; twice++)
            cr_assert(hash_set_add(&set, i << (i % 40)));
    cr_expect_eq(set.count, COUNT / 2);
    for (uint64_t i = 1; i < COUNT; i += 2) {
        cr_expect(hash_set_has(&set, i << (i % 40)));
        cr_expect_not(hash_set_has(&set, i << (i % 40) | (uint64_t)1 << 63));
    }
    hash_set_done(&set);
    cr_expect_not(hash_set_has(&set, 7));
    cr_expect_eq(account.used, 0);
}

Test(hash_set, the_key_0_is_one_like_others)
{
    struct hash_set set;

    hash_set_init(&set, NULL);
    cr_expect(hash_set_add(&set, 0));
    cr_expect(hash_set_has(&set, 0));
    cr_expect_eq(set.count, 1);
    hash_set_done(&set);
}

Test(hash_set, it_takes_eight_bytes_a_slot_and_no_more_than_the_account_has)
{
    struct account account;
    struct hash_set set;
    uint64_t count = 0;

    account_init(&account, 40000);
    hash_set_init(&set, &account);
    while (hash_set_add(&set, count * 0x9e3779b97f4a7c15))
        count++;
    cr_expect_eq(count, 1536); /* three quarters of 2048: 4096 and they are 49,152 bytes */
    cr_expect_eq(account.used, 16384);
    for (uint64_t i = 0; i < count; i++)
        cr_expect(hash_set_has(&set, i * 0x9e3779b97f4a7c15));
    cr_expect_not(hash_set_has(&set, count * 0x9e3779b97f4a7c15));
    hash_set_done(&set);
    cr_expect_eq(account.used, 0);
}
