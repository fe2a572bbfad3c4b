#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "text/language.h"
#include "text/signature.h"

#include "tests/text/random.h"

static uint64_t value_of(const struct signature *signature)
{
    uint64_t value = 0;

    cr_assert(signature_value(signature, &value));
    return value;
}

/* Of words that stand for themselves: their hashes. */
static uint64_t of_words(const uint32_t *words, size_t count)
{
    struct signature signature;
    struct token token = {0};

    signature_init(&signature);
    for (size_t i = 0; i < count; i++) {
        token.hash = words[i];
        signature_add(&signature, &token, 1);
    }
    return value_of(&signature);
}

/* Bits of the sketch that differ. */
static int distance(uint64_t a, uint64_t b)
{
    return __builtin_popcountll((a ^ b) >> SIGNATURE_TEXT_BITS);
}

static void fill(struct random *random, uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = (uint32_t)random_next(random);
}

static struct signature of_text(const char *text, size_t at_once)
{
    struct analyzer_settings settings = {0};
    struct token tokens[TOKEN_BATCH];
    struct signature signature;
    struct analyzer *analyzer;
    language_id english;
    size_t count;

    cr_assert(language_find(slice_str("en"), &english));
    cr_assert_eq(analyzer_new(&settings, NULL, &analyzer, NULL), LEDE_OK);
    signature_init(&signature);
    analyzer_start(analyzer, slice_str(text), english, 0);
    while ((count = analyzer_next(analyzer, tokens, at_once)) > 0)
        signature_add(&signature, tokens, count);
    analyzer_free(analyzer);
    return signature;
}

#define HERON "The heron stood in the reeds until 7.30, as it does every morning in 2019."

Test(signature, is_the_same_everywhere)
{
    struct signature signature = of_text(HERON, TOKEN_BATCH);

    cr_expect_eq(value_of(&signature), 0x4f2d1a4a66d086b4, "%016llx",
                 (unsigned long long)value_of(&signature));
}

Test(signature, does_not_depend_on_how_tokens_come)
{
    struct signature whole = of_text(HERON, TOKEN_BATCH);

    for (size_t at_once = 1; at_once < 8; at_once++) {
        struct signature parts = of_text(HERON, at_once);

        cr_expect_eq(value_of(&parts), value_of(&whole));
    }
}

Test(signature, is_of_terms_not_of_how_they_are_written)
{
    struct signature a = of_text("Herons stood, in the REEDS", TOKEN_BATCH),
                     b = of_text("heron stood in the reed!", TOKEN_BATCH),
                     c = of_text("heron stood in the weed!", TOKEN_BATCH);

    cr_expect_eq(value_of(&a), value_of(&b));
    cr_expect_neq(value_of(&a), value_of(&c));
}

Test(signature, there_is_none_of_nothing)
{
    struct signature signature = of_text(" - ", TOKEN_BATCH);
    uint64_t value;

    cr_expect_not(signature_value(&signature, &value));
}

Test(signature, a_bit_differs_as_often_as_the_sets_do)
{
    enum { PAIRS = 400, LONGEST = 300 };
    static const size_t LENGTHS[] = {4, 12, 40, 120, LONGEST};
    struct random random = {random_seed()};
    uint64_t seed = random.state;

    for (size_t l = 0; l < sizeof LENGTHS / sizeof *LENGTHS; l++) {
        size_t length = LENGTHS[l];

        for (size_t common = 0; common <= length; common += length / 4) {
            double jaccard = (double)common / (double)(2 * length - common);
            double expected = SIGNATURE_BITS * (1 - jaccard) / 2, sum = 0;
            uint32_t words[2][LONGEST];

            /* The first `common` runs are the same, and all words of the rest are others. */
            for (int pair = 0; pair < PAIRS; pair++) {
                fill(&random, words[0], length);
                fill(&random, words[1], length);
                memcpy(words[1], words[0], common * sizeof **words);
                sum += distance(of_words(words[0], length), of_words(words[1], length));
            }
            /* Of short texts the bits of a pair hang together: 56 of them as one in the worst case,
             * whose mean has a deviation of 28 / sqrt(PAIRS). */
            cr_expect_float_eq(sum / PAIRS, expected,
                               4 * 28 / sqrt(PAIRS) / sqrt((double)length / 4),
                               "seed %llu: length %zu, %zu common: %f bits, not %f",
                               (unsigned long long)seed, length, common, sum / PAIRS, expected);
        }
    }
}

Test(signature, unrelated_texts_differ_in_half_of_the_bits_however_short)
{
    enum { TEXTS = 600 };
    static uint64_t values[TEXTS];
    struct random random = {random_seed()};
    uint64_t seed = random.state;

    for (size_t length = 1; length < 200; length = 3 * length + 1) {
        uint32_t words[200];
        int nearest = SIGNATURE_BITS;

        for (size_t i = 0; i < TEXTS; i++) {
            fill(&random, words, length);
            values[i] = of_words(words, length);
            for (size_t j = 0; j < i; j++)
                nearest = distance(values[i], values[j]) < nearest ? distance(values[i], values[j])
                                                                   : nearest;
        }
        /* Of 180,000 pairs of fair bits, one in 30 million is as near. */
        cr_expect_gt(nearest, 7, "seed %llu: length %zu: %d bits", (unsigned long long)seed, length,
                     nearest);
    }
}

Test(signature, the_lower_bits_tell_texts_apart_that_have_the_same_sketch)
{
    enum { TEXTS = 4000, LENGTH = 250 };
    struct random random = {random_seed()};
    uint64_t seed = random.state;
    int same_sketch = 0, same = 0;

    for (int i = 0; i < TEXTS; i++) {
        uint32_t words[LENGTH];
        uint64_t a, b;

        fill(&random, words, LENGTH);
        a = of_words(words, LENGTH);
        words[random_below(&random, LENGTH)]++;
        b = of_words(words, LENGTH);
        same_sketch += distance(a, b) == 0;
        same += a == b;
    }
    cr_expect_gt(same_sketch, TEXTS / 4, "seed %llu", (unsigned long long)seed);
    cr_expect_lt(same, 25, "seed %llu: %d of %d", (unsigned long long)seed, same, same_sketch);
}
