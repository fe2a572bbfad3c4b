#include <criterion/criterion.h>
#include <math.h>

#include "query/bm25.h"
#include "tests/index/dice.h"

Test(bm25, the_example_of_the_header)
{
    struct bm25 bm25;
    double idf = bm25_idf(10, 2); /* ln(1 + 8.5 / 2.5) = ln 4.4 */
    float weight = bm25_weight(idf, 1, 1);

    bm25_init(&bm25, 1.2, 0.75, 5);
    cr_expect_float_eq(idf, 1.4816045409242156, 1e-15);
    cr_expect_float_eq(bm25.model.k[5], 1.2, 1e-15);
    cr_expect_float_eq(bm25_contribution(weight, 2, bm25.inverse[5]), 1.4816045 * 2 / 3.2, 1e-6);
}

/* 1.2 * (1 - 0.75 + 0.75 * 20 / 10) = 2.1, and 3 / (3 + 2.1) of ln(1 + 95.5 / 5.5). */
Test(bm25, a_long_article_is_worth_less)
{
    struct bm25 bm25;
    float weight = bm25_weight(bm25_idf(100, 5), 1, 1);

    bm25_init(&bm25, 1.2, 0.75, 10);
    cr_expect_float_eq(weight, 2.9103724, 1e-6);
    cr_expect_float_eq(bm25_contribution(weight, 3, bm25.inverse[20]), 2.9103724 * 3 / 5.1, 1e-6);
}

Test(bm25, a_word_of_every_article_is_worth_something)
{
    cr_expect_gt(bm25_idf(1000, 1000), 0);
    cr_expect_float_eq(bm25_idf(1, 1), log(1 + 0.5 / 1.5), 1e-15);
}

Test(bm25, rarer_words_are_worth_more)
{
    for (uint64_t df = 1; df < 1000; df++)
        cr_expect_gt(bm25_idf(1000, df), bm25_idf(1000, df + 1));
}

Test(bm25, repeats_and_boosts_multiply)
{
    cr_expect_eq(bm25_weight(1.5, 2, 3), 9.0f);
}

Test(bm25, with_k1_0_only_presence_counts)
{
    struct bm25 bm25;

    bm25_init(&bm25, 0, 1, 7);
    for (unsigned code = 1; code < 256; code++)
        cr_expect_eq(bm25_contribution(2.5f, 1 + code * 3, bm25.inverse[code]), 2.5f);
}

Test(bm25, with_b_0_lengths_do_not_count)
{
    struct bm25 bm25;

    bm25_init(&bm25, 1.2, 0, 7);
    for (unsigned code = 0; code < 256; code++)
        cr_expect_eq(bm25.inverse[code], bm25.inverse[0]);
}

Test(bm25, more_occurrences_are_never_worth_less)
{
    struct dice dice = dice_new();
    struct bm25 bm25;

    bm25_init(&bm25, 1.2, 0.75, 300);
    for (int i = 0; i < 100000; i++) {
        float weight = (float)(dice_real(&dice) * 20);
        uint32_t tf = 1 + dice_bits(&dice, 20), code = dice_below(&dice, 256);
        float less = bm25_contribution(weight, tf, bm25.inverse[code]);

        cr_assert_leq(less, bm25_contribution(weight, tf + 1, bm25.inverse[code]), "LEDE_SEED=%llu",
                      (unsigned long long)dice.seed);
        cr_assert_leq(less, weight);
        cr_assert_geq(less, 0);
    }
}

/* The sums of thousands of orders are one number, to the bit. */
Test(bm25, sums_of_exact_weights_do_not_depend_on_order)
{
    struct dice dice = dice_new();
    struct bm25 bm25;
    float weights[64], shares[64];

    bm25_init(&bm25, 1.2, 0.75, 120);
    for (int round = 0; round < 2000; round++) {
        double forwards = 0, backwards = 0;
        size_t count = 1 + dice_below(&dice, 64);

        for (size_t i = 0; i < count; i++) {
            weights[i] = (float)ldexp(1 + dice_real(&dice), (int)dice_below(&dice, 22) - 20);
            shares[i] = bm25_contribution(weights[i], 1 + dice_bits(&dice, 12),
                                          bm25.inverse[dice_below(&dice, 256)]);
        }
        cr_assert(bm25_is_exact(weights, count));
        for (size_t i = 0; i < count; i++) {
            forwards += (double)shares[i];
            backwards += (double)shares[count - 1 - i];
        }
        cr_assert_eq(forwards, backwards, "LEDE_SEED=%llu", (unsigned long long)dice.seed);
    }
}

Test(bm25, tiny_or_huge_weights_are_not_exact)
{
    cr_expect(bm25_is_exact((float[]){1, 2, 508}, 3));
    cr_expect_not(bm25_is_exact((float[]){1, 2, 509}, 3));
    cr_expect_not(bm25_is_exact((float[]){1, 0x1p-21f}, 2));
    cr_expect_not(bm25_is_exact((float[]){NAN}, 1));
}
