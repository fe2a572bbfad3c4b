#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/account.h"

Test(account, refuses_what_would_pass_the_limit)
{
    struct account account;

    account_init(&account, 100);
    cr_expect(account_charge(&account, 60));
    cr_expect_not(account_charge(&account, 41));
    cr_expect_eq(account.used, 60);
    cr_expect(account_charge(&account, 40));
    cr_expect_not(account_charge(&account, 1));
    cr_expect(account_charge(&account, 0));
    account_release(&account, 100);
    cr_expect_eq(account.used, 0);
    cr_expect_eq(account.peak, 100);
}

Test(account, without_a_limit_or_an_account_allows_all)
{
    struct account account;

    account_init(&account, 0);
    cr_expect(account_charge(&account, SIZE_MAX));
    cr_expect_not(account_charge(&account, 1)); /* the sum would overflow */
    cr_expect(account_charge(NULL, SIZE_MAX));
    account_release(NULL, 5);
}

Test(account, memory_is_charged_if_there_is_some)
{
    struct account account;
    uint8_t *some, *zeroed, *none;

    account_init(&account, 100);
    some = account_malloc(&account, 40);
    zeroed = account_calloc(&account, 3, 20);
    none = account_calloc(&account, 0, 20);
    cr_assert(some && zeroed && none);
    cr_expect_eq(account.used, 100);
    for (int i = 0; i < 60; i++)
        cr_expect_eq(zeroed[i], 0);
    cr_expect_null(account_malloc(&account, 1));
    cr_expect_null(account_calloc(&account, SIZE_MAX / 2, 3)); /* the product would overflow */
    cr_expect_eq(account.used, 100);
    account_release(&account, 100);
    free(some);
    free(zeroed);
    free(none);
}

static void *charge_and_release(void *argument)
{
    struct account *account = argument;
    size_t charged = 0;

    for (int i = 0; i < 100000; i++) {
        if (charged < 50 && account_charge(account, 10))
            charged += 10;
        else if (charged) {
            account_release(account, 10);
            charged -= 10;
        }
    }
    account_release(account, charged);
    return NULL;
}

Test(account, keeps_its_limit_from_many_threads)
{
    struct account account;
    pthread_t threads[4];

    account_init(&account, 70);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, charge_and_release, &account), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(account.used, 0);
    cr_expect_leq(account.peak, 70);
    cr_expect_geq(account.peak, 50);
}
