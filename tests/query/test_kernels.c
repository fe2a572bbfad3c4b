/* The kernels of every processor that this machine can be, against plain loops. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>

#include "base/cpu.h"
#include "query/kernels.h"
#include "tests/index/dice.h"

enum { TAIL = 64, ROUNDS = 3000 };

/* A part of a block in a window, as bits and as documents, and what it should add. */
struct scene {
    struct dice dice;
    struct window window;
    float inverse[256], inverses[SUMS_ROOM];
    uint8_t norms[WINDOW_DOCS + TAIL], bits[WINDOW_DOCS / 8 + TAIL];
    uint32_t documents[BLOCK_DOCS + 16], frequencies[BLOCK_DOCS + 16];
    struct kernel_weight weight;
    struct postings_part part;
    float worth[WINDOW_DOCS]; /* of each place; below 0: no posting */
    double sums[SUMS_ROOM], expected[SUMS_ROOM];
};

static void make_window(struct scene *scene)
{
    struct dice *dice = &scene->dice;
    unsigned longest = dice_below(dice, 4) == 0 ? 256 : 128;

    scene->window.base = WINDOW_DOCS * dice_below(dice, 3);
    scene->window.size = dice_below(dice, 3) == 0 ? 1 + dice_below(dice, WINDOW_DOCS) : WINDOW_DOCS;
    scene->window.norms = scene->norms;
    for (uint32_t i = 0; i < 256; i++)
        scene->inverse[i] = ldexpf(1 + (float)dice_below(dice, 1 << 20), -21);
    if (dice_below(dice, 10) == 0)
        scene->inverse[dice_below(dice, 256)] = INFINITY;
    for (uint32_t i = 0; i < sizeof scene->norms; i++)
        scene->norms[i] = (uint8_t)dice_below(dice, longest);
    kernel_inverses(scene->inverse, &scene->window, scene->inverses);
    for (uint32_t i = 0; i < scene->window.size; i++)
        cr_assert_eq(scene->inverses[i], scene->inverse[scene->norms[i]]);
    scene->window.inverses = dice_below(dice, 2) ? scene->inverses : NULL;
}

/* Postings from a random place on, at most a block, one in `every` documents. */
static void make_part(struct scene *scene, bool as_bits)
{
    struct dice *dice = &scene->dice;
    uint32_t every = 1 + dice_below(dice, 6), count = 0;
    uint32_t place = dice_below(dice, scene->window.size), from = dice_below(dice, 100), end;

    for (uint32_t i = 0; i < sizeof scene->bits; i++)
        scene->bits[i] = (uint8_t)dice_roll(dice);
    for (uint32_t i = 0; i < WINDOW_DOCS; i++)
        scene->worth[i] = -1;
    for (end = place; end < scene->window.size && count < BLOCK_DOCS && end < place + 400; end++) {
        uint32_t bit = from + end - place;

        scene->bits[bit / 8] &= (uint8_t) ~(1 << bit % 8);
        if (dice_below(dice, every) > 0)
            continue;
        scene->bits[bit / 8] |= (uint8_t)(1 << bit % 8);
        scene->documents[count] = scene->window.base + end;
        scene->frequencies[count] = 1 + dice_bits(dice, 1 + dice_below(dice, 20));
        scene->worth[end] = bm25_contribution(scene->weight.weight, scene->frequencies[count],
                                              scene->inverse[scene->norms[end]]);
        count++;
    }
    for (uint32_t i = count; i < BLOCK_DOCS + 16; i++)
        scene->documents[i] = scene->frequencies[i] = (uint32_t)dice_roll(dice);
    scene->part = (struct postings_part){.documents = as_bits ? NULL : scene->documents,
                                         .frequencies = scene->frequencies,
                                         .count = as_bits ? end - place : count,
                                         .bits = as_bits ? scene->bits : NULL,
                                         .from = from,
                                         .place = place};
}

static void check_score(struct scene *scene)
{
    for (uint32_t i = 0; i < SUMS_ROOM; i++)
        scene->expected[i] = scene->sums[i] =
            i < scene->window.size ? dice_below(&scene->dice, 9) : 0;
    for (uint32_t i = 0; i < WINDOW_DOCS; i++)
        scene->expected[i] += scene->worth[i] >= 0 ? (double)scene->worth[i] : 0;
    kernel_score(&scene->weight, &scene->part, &scene->window, scene->sums);
    cr_assert_arr_eq(scene->sums, scene->expected, sizeof scene->sums, "LEDE_SEED=%llu",
                     (unsigned long long)scene->dice.seed);
}

/* The worth of one of the postings, or one that none has. */
static double random_limit(struct scene *scene)
{
    uint32_t place = dice_below(&scene->dice, WINDOW_DOCS);
    double limit = (double)scene->worth[place];

    return dice_below(&scene->dice, 2) ? limit
                                       : nextafter(limit, dice_below(&scene->dice, 2) ? 9 : 0);
}

static void check_pick(struct scene *scene)
{
    double limit = random_limit(scene);
    uint64_t bits[WINDOW_WORDS] = {0};

    memset(scene->sums, 0, sizeof scene->sums);
    kernel_pick(&scene->weight, &scene->part, &scene->window, limit, bits, scene->sums);
    for (uint32_t i = 0; i < WINDOW_DOCS; i++) {
        bool wanted = scene->worth[i] >= 0 && (double)scene->worth[i] > limit;

        cr_assert_eq(bits_have(bits, i), wanted, "place %u LEDE_SEED=%llu", i,
                     (unsigned long long)scene->dice.seed);
        cr_assert_eq(scene->sums[i], wanted ? (double)scene->worth[i] : 0);
    }
}

static void check_above(struct scene *scene)
{
    double limit = dice_below(&scene->dice, 3);
    uint64_t bits[WINDOW_WORDS];

    memset(scene->sums, 0, sizeof scene->sums);
    for (uint32_t i = dice_below(&scene->dice, 200); i < WINDOW_DOCS;
         i += 1 + dice_below(&scene->dice, 200))
        scene->sums[i] = dice_below(&scene->dice, 5);
    memcpy(scene->expected, scene->sums, sizeof scene->sums);
    kernel_above(scene->sums, limit, bits);
    for (uint32_t i = 0; i < WINDOW_DOCS; i++) {
        cr_assert_eq(bits_have(bits, i), scene->expected[i] > limit);
        cr_assert_eq(scene->sums[i], bits[i / 64] ? scene->expected[i] : 0);
    }
}

static void check_keep(struct scene *scene)
{
    double limit = dice_below(&scene->dice, 3);
    uint64_t bits[WINDOW_WORDS] = {0}, kept[WINDOW_WORDS];

    for (uint32_t i = 0; i < WINDOW_DOCS; i++)
        scene->sums[i] = dice_below(&scene->dice, 5);
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 1 + dice_below(&scene->dice, 100))
        bits_set(bits, i);
    memcpy(kept, bits, sizeof bits);
    memcpy(scene->expected, scene->sums, sizeof scene->sums);
    kernel_keep(scene->sums, limit, kept);
    for (uint32_t i = 0; i < WINDOW_DOCS; i++) {
        bool dropped = bits_have(bits, i) && scene->expected[i] <= limit;

        cr_assert_eq(bits_have(kept, i), bits_have(bits, i) && !dropped);
        cr_assert_eq(scene->sums[i], scene->expected[i]);
    }
    kernel_clear(scene->sums, kept);
    for (uint32_t i = 0; i < WINDOW_DOCS; i++)
        cr_assert_eq(scene->sums[i], kept[i / 64] ? 0 : scene->expected[i]);
}

static void check_counted(struct scene *scene)
{
    static uint32_t tfs[WINDOW_DOCS];
    uint64_t found[WINDOW_WORDS] = {0};

    for (uint32_t i = 0; i < scene->window.size; i++) {
        tfs[i] = dice_below(&scene->dice, 8) == 0 ? dice_bits(&scene->dice, 10) : 0;
        scene->expected[i] = scene->sums[i] = dice_below(&scene->dice, 9);
        if (tfs[i])
            scene->expected[i] += (double)bm25_contribution(scene->weight.weight, tfs[i],
                                                            scene->inverse[scene->norms[i]]);
        scene->worth[i] = (float)tfs[i];
    }
    kernel_score_counted(&scene->weight, &scene->window, tfs, scene->sums, found);
    for (uint32_t i = 0; i < scene->window.size; i++) {
        cr_assert_eq(scene->sums[i], scene->expected[i], "LEDE_SEED=%llu",
                     (unsigned long long)scene->dice.seed);
        cr_assert_eq(bits_have(found, i), scene->worth[i] > 0);
        cr_assert_eq(tfs[i], 0);
    }
}

static void check_flags(struct scene *scene)
{
    uint64_t bits[WINDOW_WORDS] = {0}, expected[WINDOW_WORDS] = {0};
    uint8_t flags[WINDOW_DOCS] = {0};

    bits_set(bits, 77);
    bits_set(expected, 77);
    for (uint32_t i = 0; i < WINDOW_DOCS; i += 1 + dice_below(&scene->dice, 30)) {
        flags[i] = 1;
        bits_set(expected, i);
    }
    kernel_take_flags(flags, bits);
    cr_assert_arr_eq(bits, expected, sizeof bits);
    for (uint32_t i = 0; i < WINDOW_DOCS; i++)
        cr_assert_eq(flags[i], 0);
}

ParameterizedTestParameters(kernels, give_what_plain_loops_give)
{
    static const char levels[][9] = {"portable", "sse4", "avx2", "avx512"};

    return cr_make_param_array(const char[9], (void *)(uintptr_t)levels, 4);
}

ParameterizedTest(const char level[9], kernels, give_what_plain_loops_give)
{
    struct scene *scene = calloc(1, sizeof *scene);

    setenv("LEDE_CPU", level, 1);
    scene->dice = dice_new();
    for (int round = 0; round < ROUNDS; round++) {
        scene->weight = (struct kernel_weight){
            ldexpf(1 + (float)dice_below(&scene->dice, 1 << 20), -19), scene->inverse};
        make_window(scene);
        make_part(scene, kernel_takes_bits() && round % 3 > 0);
        check_score(scene);
        check_pick(scene);
        if (round % 10 == 0) {
            check_above(scene);
            check_keep(scene);
            check_flags(scene);
            check_counted(scene);
        }
    }
    free(scene);
}

Test(bits, bits_of_any_place_are_added_to_any_place)
{
    struct dice dice = dice_new();
    uint8_t other[WINDOW_DOCS / 8 + 8];

    for (int round = 0; round < 2000; round++) {
        uint32_t place = dice_below(&dice, WINDOW_DOCS), from = dice_below(&dice, 300);
        uint32_t count = dice_below(&dice, WINDOW_DOCS - place + 1), set = 0;
        uint64_t bits[WINDOW_WORDS] = {0};

        count = count < WINDOW_DOCS - from ? count : WINDOW_DOCS - from;
        for (uint32_t i = 0; i < sizeof other; i++)
            other[i] = (uint8_t)dice_roll(&dice);
        bits_add(bits, place, other, from, count);
        for (uint32_t i = 0; i < WINDOW_DOCS; i++)
            cr_assert_eq(bits_have(bits, i),
                         i >= place && i < place + count &&
                             other[(from + i - place) / 8] >> (from + i - place) % 8 & 1,
                         "LEDE_SEED=%llu", (unsigned long long)dice.seed);
        for (uint32_t i = 0; i < from; i++)
            set += other[i / 8] >> i % 8 & 1;
        cr_assert_eq(bits_among(other, from), set);
    }
}
