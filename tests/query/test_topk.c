#include <criterion/criterion.h>
#include <math.h>

#include "base/arena.h"
#include "query/topk.h"
#include "tests/index/dice.h"

/* The entry of a rank. */
static const struct topk_entry *entry_of(const struct topk *topk, size_t rank)
{
    for (size_t i = 0; i < topk->count; i++)
        if (topk->ranks[i] == rank)
            return &topk->entries[i];
    cr_assert_fail("nothing has rank %zu", rank);
    return NULL;
}

static void expect_entry(const struct topk *topk, size_t rank, double score, uint32_t segment,
                         uint32_t document)
{
    const struct topk_entry *entry = entry_of(topk, rank);

    cr_expect_eq(entry->score, score);
    cr_expect_eq(entry->segment, segment);
    cr_expect_eq(entry->document, document);
}

Test(topk, keeps_the_best_in_order)
{
    static const double scores[] = {1, 5, 3, 4, 2};
    struct arena arena;
    struct topk topk;

    arena_init(&arena, 0, NULL);
    topk_init(&topk, 3, &arena);
    for (uint32_t i = 0; i < 5; i++)
        cr_assert(topk_offer(&topk, scores[i], 0, i));
    cr_assert(topk_finish(&topk));
    cr_assert_eq(topk.count, 3);
    expect_entry(&topk, 0, 5, 0, 1);
    expect_entry(&topk, 1, 4, 0, 3);
    expect_entry(&topk, 2, 3, 0, 2);
    arena_done(&arena);
}

Test(topk, of_equal_scores_the_first_stay)
{
    struct arena arena;
    struct topk topk;

    arena_init(&arena, 0, NULL);
    topk_init(&topk, 4, &arena);
    for (uint32_t i = 0; i < 10; i++)
        cr_assert(topk_offer(&topk, 1, i / 3, i));
    cr_assert(topk_finish(&topk));
    for (uint32_t i = 0; i < 4; i++)
        expect_entry(&topk, i, 1, i / 3, i);
    arena_done(&arena);
}

Test(topk, a_score_of_nothing_enters_while_there_is_room)
{
    struct arena arena;
    struct topk topk;

    arena_init(&arena, 0, NULL);
    topk_init(&topk, 2, &arena);
    cr_assert(topk_offer(&topk, 0, 0, 7));
    cr_assert(topk_finish(&topk));
    cr_assert_eq(topk.count, 1);
    expect_entry(&topk, 0, 0, 0, 7);
    arena_done(&arena);
}

Test(topk, none_wanted_none_kept)
{
    struct arena arena;
    struct topk topk;

    arena_init(&arena, 0, NULL);
    topk_init(&topk, 0, &arena);
    cr_assert(topk_offer(&topk, 100, 0, 1));
    cr_assert(topk_finish(&topk));
    cr_expect_eq(topk.count, 0);
    arena_done(&arena);
}

Test(topk, a_huge_k_takes_memory_for_what_was_found)
{
    struct arena arena;
    struct topk topk;

    arena_init(&arena, 0, NULL);
    topk_init(&topk, SIZE_MAX, &arena);
    for (uint32_t i = 0; i < 100; i++)
        cr_assert(topk_offer(&topk, i, 0, i));
    cr_assert(topk_finish(&topk));
    cr_expect_eq(topk.count, 100);
    expect_entry(&topk, 0, 99, 0, 99);
    arena_done(&arena);
}

static int compare(const void *a, const void *b)
{
    const struct topk_entry *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->document > y->document) - (x->document < y->document);
}

/* Scores with many ties, or hardly any, or nearly equal ones. */
static double random_score(struct dice *dice, unsigned kind)
{
    if (kind == 0)
        return dice_below(dice, 1 + dice_bits(dice, 10));
    if (kind == 1)
        return ldexp(1 + dice_below(dice, 1U << 31), (int)dice_below(dice, 40) - 60);
    return 7 + ldexp(dice_below(dice, 1000), -45);
}

static void expect_best(const struct topk *topk, const struct topk_entry *sorted, size_t count,
                        uint64_t seed)
{
    cr_assert_eq(topk->count, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(compare(&topk->entries[i], &sorted[topk->ranks[i]]), 0, "LEDE_SEED=%llu",
                     (unsigned long long)seed);
        cr_assert(i == 0 || topk->entries[i - 1].document < topk->entries[i].document);
    }
}

Test(topk, agrees_with_sorting_everything)
{
    struct dice dice = dice_new();
    static struct topk_entry all[3000];

    for (int round = 0; round < 300; round++) {
        uint32_t count = dice_below(&dice, 3000);
        size_t k = 1 + dice_bits(&dice, 12);
        unsigned kind = dice_below(&dice, 3);
        struct arena arena;
        struct topk topk;

        arena_init(&arena, 0, NULL);
        topk_init(&topk, k, &arena);
        for (uint32_t i = 0; i < count; i++) {
            all[i] = (struct topk_entry){random_score(&dice, kind), i / 100, i};
            cr_assert(topk_offer(&topk, all[i].score, all[i].segment, all[i].document));
        }
        qsort(all, count, sizeof *all, compare);
        cr_assert(topk_finish(&topk));
        expect_best(&topk, all, k < count ? k : count, dice.seed);
        arena_done(&arena);
    }
}

/* Groups by document: of a few large ones, or many small ones. */
static uint32_t group_modulus;

static uint64_t group_of(void *context, uint32_t segment, uint32_t document)
{
    (void)context, (void)segment;
    return (uint64_t)document * document % group_modulus;
}

/* Keeps the first of each group of sorted entries; returns how many. */
static size_t fold(struct topk_entry *sorted, size_t count)
{
    static bool seen[3000];
    size_t kept = 0;

    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < count; i++) {
        uint64_t group = group_of(NULL, 0, sorted[i].document);

        if (!seen[group])
            sorted[kept++] = sorted[i];
        seen[group] = true;
    }
    return kept;
}

Test(topk, of_groups_agrees_with_sorting_everything)
{
    struct dice dice = dice_new();
    static struct topk_entry all[3000];
    const struct topk_groups groups = {NULL, group_of};

    for (int round = 0; round < 300; round++) {
        uint32_t count = dice_below(&dice, 3000);
        size_t k = 1 + dice_bits(&dice, 12), folded;
        unsigned kind = dice_below(&dice, 3);
        struct arena arena;
        struct topk topk;

        group_modulus = 1 + dice_below(&dice, 2999);
        arena_init(&arena, 0, NULL);
        topk_init(&topk, k, &arena);
        topk_collapse(&topk, &groups);
        for (uint32_t i = 0; i < count; i++) {
            all[i] = (struct topk_entry){random_score(&dice, kind), i / 100, i};
            cr_assert(topk_offer(&topk, all[i].score, all[i].segment, all[i].document));
        }
        qsort(all, count, sizeof *all, compare);
        folded = fold(all, count);
        cr_assert(topk_finish(&topk));
        expect_best(&topk, all, k < folded ? k : folded, dice.seed);
        for (size_t i = 0; i < topk.count; i++)
            cr_assert_eq(topk.groups[i], group_of(NULL, 0, topk.entries[i].document));
        arena_done(&arena);
    }
}

Test(topk, the_threshold_follows_the_worst_of_the_best)
{
    struct arena arena;
    struct topk topk;

    arena_init(&arena, 0, NULL);
    topk_init(&topk, 3, &arena);
    cr_expect_lt(topk.threshold, 0);
    for (uint32_t i = 0; i < 10000; i++) {
        cr_assert(topk_offer(&topk, i, 0, i));
        cr_expect_lt(topk.threshold, i);
        cr_expect(i < 100 || topk.threshold > i - 100);
    }
    arena_done(&arena);
}
