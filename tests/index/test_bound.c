#include <criterion/criterion.h>
#include <math.h>

#include "index/bound.h"
#include "tests/index/dice.h"

/* What scoring computes, in float32. */
static float contribution(float w, uint32_t tf, double k)
{
    float inv = (float)(1 / k);

    return w - w / (1 + (float)tf * inv);
}

static uint32_t random_tf(struct dice *dice)
{
    uint32_t tf = dice_bits(dice, dice_below(dice, 10) ? 5 : 32);

    return tf ? tf : 1;
}

static float random_weight(struct dice *dice)
{
    return (float)ldexp(1 + dice_real(dice), (int)dice_below(dice, 29) - 20);
}

static void random_model(struct dice *dice, struct bound_model *model)
{
    double k1 = dice_below(dice, 4) ? 3 * dice_real(dice) : 1.2;
    double b = dice_below(dice, 4) ? dice_real(dice) : dice_below(dice, 2);

    bound_model_init(model, k1, b, ldexp(1 + dice_real(dice), (int)dice_below(dice, 16)));
}

static void check(const struct bound_model *model, uint32_t tf, uint8_t code, float w)
{
    double exact = (double)contribution(w, tf, model->k[code]);
    uint8_t ceiling = bound_ceiling(model, tf, code), floor = bound_floor(model, tf, code);

    cr_assert_geq(w * (ceiling / 255.0), exact, "tf %u, K %a, w %a", tf, model->k[code], (double)w);
    cr_assert_geq((double)w * ceiling / 255, exact, "tf %u, K %a, w %a", tf, model->k[code],
                  (double)w);
    cr_assert_leq((double)w * floor / 255, exact, "tf %u, K %a, w %a", tf, model->k[code],
                  (double)w);
}

Test(bound, no_contribution_passes_its_ceiling_or_stays_below_its_floor)
{
    struct dice dice = dice_begin();

    for (unsigned round = 0; round < 20000; round++) {
        struct bound_model model;

        random_model(&dice, &model);
        for (unsigned i = 0; i < 100; i++)
            check(&model, random_tf(&dice), (uint8_t)dice_below(&dice, 256), random_weight(&dice));
    }
    dice_end();
}

Test(bound, factors_right_at_a_step_of_the_byte_are_safe_too)
{
    struct dice dice = dice_begin();

    for (unsigned round = 0; round < 1000000; round++) {
        unsigned byte = 1 + dice_below(&dice, 255);
        uint32_t tf = random_tf(&dice);
        struct bound_model model = {0};
        double slack = (dice_real(&dice) * 2 - 1) * ldexp(1, -(int)dice_below(&dice, 30) - 20);
        double factor = (byte / 255.0 - 0x1p-22) / (1 + 0x1p-20);

        if (dice_below(&dice, 2))
            factor = (byte / 255.0 + 0x1p-22) / (1 - 0x1p-20);
        factor *= 1 + slack;
        if (factor >= 1)
            continue;
        model.k[0] = tf * (1 - factor) / factor;
        check(&model, tf, 0, random_weight(&dice));
    }
    dice_end();
}

Test(bound, the_absolute_slack_is_needed)
{
    /* Without it some factor just below a step would be given a byte too low. */
    struct dice dice = dice_of(1);
    unsigned violations = 0;

    for (unsigned round = 0; round < 2000000; round++) {
        uint32_t tf = 1 + dice_below(&dice, 3);
        double factor = (1 + dice_below(&dice, 20)) / 255.0 / (1 + 0x1p-20) * (1 - 0x1p-40);
        double byte = ceil(255 * factor * (1 + 0x1p-20));
        float w = random_weight(&dice);

        violations +=
            (double)w * byte / 255 < (double)contribution(w, tf, tf * (1 - factor) / factor);
    }
    cr_assert_gt(violations, 0);
}

Test(bound, a_factor_of_one_is_the_weight_itself)
{
    struct bound_model model;

    bound_model_init(&model, 0, 0.75, 100);
    cr_assert_eq(bound_ceiling(&model, 1, 50), 255);
    cr_assert_eq(contribution(3.25f, 1, model.k[50]), 3.25f);
    cr_assert_eq(bound_ceiling_of(1), 255);
    cr_assert_eq(bound_ceiling_of(0), 1);
    cr_assert_eq(bound_floor_of(0), 0);
    cr_assert_eq(bound_floor_of(1), 254);
}

Test(bound, without_lengths_every_article_counts_as_average)
{
    struct bound_model model;

    bound_model_init(&model, 1.2, 0.75, 0);
    cr_assert_float_eq(model.k[0], 1.2, 1e-12);
    cr_assert_float_eq(model.k[255], 1.2, 1e-12);
}

Test(bound, k_is_that_of_bm25)
{
    struct bound_model model;

    bound_model_init(&model, 1.2, 0.75, 100);
    cr_assert_float_eq(model.k[norm_encode(100)],
                       1.2 * (0.25 + 0.75 * norm_decode(norm_encode(100)) / 100), 1e-12);
    cr_assert_eq(bound_ceiling(&model, 1, 5), 190);
}

Test(bound, scaled_bytes_are_safe_for_any_other_model)
{
    struct dice dice = dice_begin();

    for (unsigned round = 0; round < 30000; round++) {
        struct bound_model stored, query;
        uint8_t shortest = (uint8_t)dice_below(&dice, 200);
        uint8_t longest = (uint8_t)(shortest + dice_below(&dice, 256u - shortest));
        double scale, floor_scale;

        random_model(&dice, &stored);
        random_model(&dice, &query);
        scale = bound_scale(&stored, &query, shortest, longest);
        floor_scale = bound_floor_scale(&stored, &query, shortest, longest);
        cr_assert(scale >= 1 && floor_scale <= 1 && floor_scale >= 0);
        for (unsigned i = 0; i < 50; i++) {
            uint8_t code =
                (uint8_t)(shortest + dice_below(&dice, (unsigned)longest - shortest + 1));
            uint32_t tf = random_tf(&dice);
            float w = random_weight(&dice);
            double exact = (double)contribution(w, tf, query.k[code]);

            cr_assert_geq(w * fmin(1, scale * bound_ceiling(&stored, tf, code) / 255), exact);
            cr_assert_leq(w * (floor_scale * bound_floor(&stored, tf, code) / 255), exact);
        }
    }
    dice_end();
}

Test(bound, the_same_model_needs_no_scale)
{
    struct bound_model model;

    bound_model_init(&model, 0.9, 0.4, 300);
    cr_assert_eq(bound_scale(&model, &model, 0, 255), 1);
    cr_assert_eq(bound_floor_scale(&model, &model, 0, 255), 1);
}

Test(bound, floors_scaled_down_stay_below_small_contributions)
{
    /* Factors near 1/255, where a float32 contribution errs most, under a model that makes them
     * smaller still. */
    struct dice dice = dice_begin();

    for (unsigned round = 0; round < 500000; round++) {
        struct bound_model stored = {0}, query = {0};
        double factor = (1 + dice_below(&dice, 4)) / 255.0 * (1 + 0x1p-17 * dice_real(&dice));
        uint32_t tf = 1 + dice_below(&dice, 4);
        float w = random_weight(&dice);
        double floor;

        stored.k[0] = tf * (1 - factor) / factor;
        query.k[0] = stored.k[0] * (1 + ldexp(dice_real(&dice), (int)dice_below(&dice, 24) - 12));
        floor = bound_floor_scale(&stored, &query, 0, 0) * bound_floor(&stored, tf, 0);
        cr_assert_leq(w * (floor / 255), (double)contribution(w, tf, query.k[0]));
    }
    dice_end();
}
