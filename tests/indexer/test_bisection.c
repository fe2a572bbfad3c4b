#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/account.h"
#include "indexer/bisection.h"
#include "tests/index/dice.h"
#include "tests/indexer/scratch.h"

enum { TERMS = 900 };

/* ---- forward indexes ---- */

static struct forward_index index_new(uint32_t documents)
{
    struct forward_index index = {.documents = documents, .terms = TERMS};

    index.starts = calloc(documents + 1, sizeof *index.starts);
    index.bytes = malloc((size_t)documents * TERMS * 2);
    cr_assert(index.starts && index.bytes);
    return index;
}

static void index_free(struct forward_index *index)
{
    free(index->starts);
    free(index->bytes);
}

/* The next document has the terms that are set. */
static void index_add(struct forward_index *index, uint32_t document, const bool has[TERMS])
{
    uint8_t *at = index->bytes + index->starts[document];
    uint32_t next = 0;

    for (uint32_t term = 0; term < TERMS; term++)
        if (has[term]) {
            at = forward_gap_put(at, term - next);
            next = term + 1;
        }
    index->starts[document + 1] = (uint64_t)(at - index->bytes);
}

/* Documents of topics that alternate: each has some of its topic's terms, and some of all. */
static struct forward_index topics_make(struct dice *dice, uint32_t documents, uint32_t topics)
{
    struct forward_index index = index_new(documents);

    for (uint32_t document = 0; document < documents; document++) {
        uint32_t topic = document % topics, width = TERMS / topics;
        bool has[TERMS] = {false};

        for (int i = 0; i < 20; i++)
            has[topic * width + dice_below(dice, width)] = true;
        for (int i = 0; i < 5; i++)
            has[dice_below(dice, TERMS)] = true;
        index_add(&index, document, has);
    }
    return index;
}

/* ---- orders ---- */

static uint32_t *order_of(const struct forward_index *index, unsigned threads)
{
    uint32_t *order = calloc(index->documents + 1, sizeof *order);
    struct account account;
    struct lede_error error = {0};

    account_init(&account, 64 << 20);
    cr_assert(order);
    cr_assert_eq(bisection_order(index, threads, &account, order, &error), LEDE_OK, "%s",
                 error.text);
    cr_expect_eq(account.used, 0);
    return order;
}

static void expect_permutation(const uint32_t *order, uint32_t documents)
{
    bool *seen = calloc(documents + 1, sizeof *seen);

    cr_assert(seen);
    for (uint32_t i = 0; i < documents; i++) {
        cr_assert_lt(order[i], documents);
        cr_assert(!seen[order[i]], "document %u twice", order[i]);
        seen[order[i]] = true;
    }
    free(seen);
}

static double gap_bits(const struct forward_index *index, const uint32_t *order)
{
    double last[TERMS], bits = 0;

    for (uint32_t term = 0; term < TERMS; term++)
        last[term] = -1;
    for (uint32_t i = 0; i < index->documents; i++) {
        struct forward_cursor cursor = forward_cursor_of(index, order[i]);
        uint32_t term;

        while (forward_cursor_next(&cursor, &term)) {
            bits += log2((double)i - last[term]);
            last[term] = i;
        }
    }
    return bits;
}

Test(bisection, gaps_are_read_as_they_were_written)
{
    static const uint32_t gaps[] = {0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 1U << 30};
    enum { COUNT = sizeof gaps / sizeof *gaps };
    uint8_t bytes[COUNT * 5], *at = bytes;
    uint64_t starts[2] = {0};
    struct forward_index index = {.documents = 1, .starts = starts, .bytes = bytes};
    struct forward_cursor cursor;
    uint32_t term = 0, next = 0;

    for (int i = 0; i < COUNT; i++) {
        uint8_t *end = forward_gap_put(at, gaps[i]);

        cr_expect_eq((unsigned)(end - at), forward_gap_size(gaps[i]));
        at = end;
    }
    starts[1] = (uint64_t)(at - bytes);
    cursor = forward_cursor_of(&index, 0);
    for (int i = 0; i < COUNT; i++) {
        cr_assert(forward_cursor_next(&cursor, &term));
        cr_expect_eq(term, next + gaps[i]);
        next = term + 1;
    }
    cr_expect(!forward_cursor_next(&cursor, &term));
}

Test(bisection, two_topics_in_turn_are_taken_apart)
{
    struct dice dice = dice_of(scratch_seed());
    struct forward_index index = topics_make(&dice, 4000, 2);
    uint32_t *order = order_of(&index, 1), other = 0;

    expect_permutation(order, index.documents);
    for (uint32_t i = 0; i < index.documents / 2; i++)
        other += order[i] % 2 != order[0] % 2;
    cr_expect_eq(other, 0, "seed %u", scratch_seed());
    free(order);
    index_free(&index);
}

Test(bisection, gaps_take_far_fewer_bits)
{
    struct dice dice = dice_of(scratch_seed() + 1);
    struct forward_index index = topics_make(&dice, 5000, 30);
    uint32_t *order = order_of(&index, 2), *old = calloc(index.documents, sizeof *old);

    cr_assert(old);
    for (uint32_t i = 0; i < index.documents; i++)
        old[i] = i;
    expect_permutation(order, index.documents);
    cr_expect_lt(gap_bits(&index, order), 0.6 * gap_bits(&index, old));
    free(order);
    free(old);
    index_free(&index);
}

Test(bisection, the_order_does_not_depend_on_threads)
{
    struct dice dice = dice_of(scratch_seed() + 2);
    static const unsigned threads[] = {2, 3, 8};

    for (int i = 0; i < 6; i++) {
        struct forward_index index = topics_make(&dice, 1 + dice_below(&dice, 3000), 7);
        uint32_t *alone = order_of(&index, 1);

        expect_permutation(alone, index.documents);
        for (int j = 0; j < 3; j++) {
            uint32_t *order = order_of(&index, threads[j]);

            cr_expect_eq(memcmp(order, alone, index.documents * sizeof *order), 0,
                         "%u documents, %u threads, seed %u", index.documents, threads[j],
                         scratch_seed());
            free(order);
        }
        free(alone);
        index_free(&index);
    }
}

Test(bisection, who_shares_nothing_stays_where_he_is)
{
    struct forward_index index = index_new(1000);
    uint32_t *order = order_of(&index, 2);

    for (uint32_t i = 0; i < index.documents; i++)
        cr_expect_eq(order[i], i);
    free(order);
    index_free(&index);
    index = index_new(0);
    order = order_of(&index, 1);
    free(order);
    index_free(&index);
}

Test(bisection, memory_that_is_refused_is_told_and_a_thread_less_changes_nothing)
{
    struct dice dice = dice_of(scratch_seed() + 3);
    struct forward_index index = topics_make(&dice, 2000, 5);
    uint32_t *expected = order_of(&index, 4), *order = order_of(&index, 1);
    size_t besides = bisection_size(2000) - 2000 * sizeof *order;
    struct account account;

    account_init(&account, besides + bisection_thread_size(TERMS) - 1);
    cr_expect_eq(bisection_order(&index, 4, &account, order, NULL), LEDE_NO_MEMORY);
    cr_expect_eq(account.used, 0);
    account_init(&account, besides + 2 * bisection_thread_size(TERMS) - 1);
    memset(order, 0, 2000 * sizeof *order);
    cr_expect_eq(bisection_order(&index, 4, &account, order, NULL), LEDE_OK);
    cr_expect_eq(memcmp(order, expected, 2000 * sizeof *order), 0);
    cr_expect_eq(account.used, 0);
    free(expected);
    free(order);
    index_free(&index);
}
