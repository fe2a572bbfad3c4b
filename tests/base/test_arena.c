#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/account.h"
#include "base/arena.h"
#include "base/array.h"

Test(arena, pieces_are_aligned_and_do_not_overlap)
{
    struct arena arena;
    uint8_t *pieces[500];

    arena_init(&arena, 1024, NULL);
    for (size_t i = 0; i < 500; i++) {
        pieces[i] = arena_alloc(&arena, i);
        cr_assert_not_null(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)i, i);
    }
    for (size_t i = 0; i < 500; i++)
        for (size_t at = 0; at < i; at++)
            cr_assert_eq(pieces[i][at], (uint8_t)i);
    arena_done(&arena);
}

Test(arena, copies_end_with_nul_and_counted_pieces_with_zeroes)
{
    struct arena arena;
    uint32_t *numbers;
    char *copy;

    arena_init(&arena, 0, NULL);
    copy = arena_copy(&arena, "abc", 2);
    cr_expect_str_eq(copy, "ab");
    cr_expect_str_eq(arena_copy(&arena, NULL, 0), "");
    memset(arena_alloc(&arena, 100), 0xff, 100);
    arena_reset(&arena);
    numbers = arena_calloc(&arena, 30, sizeof *numbers);
    for (size_t i = 0; i < 30; i++)
        cr_expect_eq(numbers[i], 0);
    arena_done(&arena);
}

Test(arena, refuses_sizes_that_overflow)
{
    struct arena arena;

    arena_init(&arena, 0, NULL);
    cr_expect_null(arena_alloc(&arena, SIZE_MAX));
    cr_expect_null(arena_alloc(&arena, SIZE_MAX - 16));
    cr_expect_null(arena_calloc(&arena, SIZE_MAX / 2, 3));
    cr_expect_null(arena_copy(&arena, "", SIZE_MAX));
    arena_done(&arena);
}

Test(arena, charges_the_account_and_gives_all_back)
{
    struct account account;
    struct arena arena;

    account_init(&account, 10000);
    arena_init(&arena, 4096, &account);
    cr_expect_not_null(arena_alloc(&arena, 100));
    cr_expect_not_null(arena_alloc(&arena, 3000)); /* a chunk of its own */
    cr_expect_eq(account.used, arena.size);
    cr_expect_null(arena_alloc(&arena, 8000));
    cr_expect_eq(account.used, arena.size);
    arena_reset(&arena);
    cr_expect_eq(account.used, 4096);
    cr_expect_not_null(arena_alloc(&arena, 100));
    cr_expect_eq(account.used, 4096);
    arena_done(&arena);
    cr_expect_eq(account.used, 0);
}

Test(array, grows_and_keeps_its_items)
{
    struct account account;
    uint64_t *items = NULL;
    size_t count = 0, capacity = 0;

    account_init(&account, 0);
    for (; count < 1000; count++) {
        if (count == capacity)
            cr_assert(array_grow((void **)&items, &capacity, sizeof *items, &account));
        items[count] = count;
    }
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(items[i], i);
    cr_expect_eq(account.used, capacity * sizeof *items);
    array_free(items, capacity, sizeof *items, &account);
    cr_expect_eq(account.used, 0);
}

Test(array, stays_as_it_is_when_refused)
{
    struct account account;
    uint64_t *items = NULL, *before;
    size_t capacity = 0;

    account_init(&account, 200);
    cr_assert(array_grow((void **)&items, &capacity, sizeof *items, &account));
    before = items;
    while (array_grow((void **)&items, &capacity, sizeof *items, &account))
        before = items;
    cr_expect_eq(items, before);
    cr_expect_eq(account.used, capacity * sizeof *items);
    array_free(items, capacity, sizeof *items, &account);
    capacity = SIZE_MAX / 8;
    items = NULL;
    cr_expect_not(array_grow((void **)&items, &capacity, 16, NULL));
}
