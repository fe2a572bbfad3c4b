#include "tests/query/oracle_world.h"

#include <criterion/criterion.h>
#include <string.h>

static bool same_bits(double a, double b)
{
    uint64_t x, y;

    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static void check_hit(const struct world *world, const char *text, const struct lede_hit *hit,
                      const struct naive_hit *expected, size_t place)
{
    cr_assert_eq(hit->id.size, strlen(expected->id));
    cr_assert(memcmp(hit->id.data, expected->id, hit->id.size) == 0 &&
                  same_bits(hit->score, expected->score) && hit->index == expected->index &&
                  hit->segment == expected->segment && hit->document == expected->document,
              "LEDE_SEED=%llu, query <%s>: at place %zu %.*s (%u, %u, %u) with %.17g, should be %s "
              "(%u, %u, %u) with %.17g",
              (unsigned long long)world->dice.seed, text, place, (int)hit->id.size,
              (const char *)hit->id.data, hit->index, hit->segment, hit->document, hit->score,
              expected->id, expected->index, expected->segment, expected->document,
              expected->score);
}

static void check_explanation(const struct world *world, const char *text,
                              const struct lede_results *results, const struct lede_hit *hit)
{
    struct lede_explanation *explanation;
    struct lede_error error;

    cr_assert_eq(lede_explain(results, hit, &explanation, &error), LEDE_OK, "%s", error.text);
    cr_assert(same_bits(explanation->score, hit->score),
              "LEDE_SEED=%llu, query <%s>: explained %.17g, found %.17g",
              (unsigned long long)world->dice.seed, text, explanation->score, hit->score);
    for (size_t i = 0; i < explanation->clause_count; i++)
        cr_assert(explanation->clauses[i].depth > 0 || !explanation->clauses[i].prohibited ||
                  explanation->clauses[i].tf == 0);
    lede_explanation_free(explanation);
}

/* Counting alone finds as many, and no hits. */
void oracle_check_count(struct world *world, const char *text, size_t size,
                        struct lede_search_options options, size_t count)
{
    struct lede_results *results;
    struct lede_error error;

    options.count_only = true;
    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, &options, &results, &error),
        LEDE_OK, "%s", error.text);
    cr_assert_eq(lede_results_total(results), count,
                 "LEDE_SEED=%llu, query <%s>: counted %llu for %zu",
                 (unsigned long long)world->dice.seed, text,
                 (unsigned long long)lede_results_total(results), count);
    cr_assert_eq(lede_results_count(results), 0);
    lede_results_free(results);
}

/* The best of expected, and nothing else. */
static void check_answer(struct world *world, const char *text, size_t size,
                         const struct lede_search_options *options,
                         const struct naive_hit *expected, size_t count)
{
    size_t wanted = count > options->offset ? count - options->offset : 0;
    struct lede_results *results;
    struct lede_error error;

    wanted = wanted < options->limit ? wanted : options->limit;
    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, options, &results, &error),
        LEDE_OK, "LEDE_SEED=%llu, query <%s>: %s", (unsigned long long)world->dice.seed, text,
        error.text);
    if (options->count_matches)
        cr_assert_eq(lede_results_total(results), count, "LEDE_SEED=%llu, query <%s>: %llu for %zu",
                     (unsigned long long)world->dice.seed, text,
                     (unsigned long long)lede_results_total(results), count);
    cr_assert_eq(lede_results_count(results), wanted,
                 "LEDE_SEED=%llu, query <%s>: %zu hits for %zu",
                 (unsigned long long)world->dice.seed, text, lede_results_count(results), wanted);
    for (size_t i = 0; i < wanted; i++)
        check_hit(world, text, lede_results_hit(results, i), &expected[options->offset + i], i);
    if (wanted)
        check_explanation(world, text, results,
                          lede_results_hit(results, dice_below(&world->dice, (uint32_t)wanted)));
    lede_results_free(results);
}

/* For one hit, some, a part, just all and more than there are, pruned and not. */
void oracle_check_answers(struct world *world, const char *text, size_t size,
                          struct lede_search_options options, const struct naive_hit *expected,
                          size_t count)
{
    const size_t limits[] = {1, 1 + dice_below(&world->dice, 10), 1 + dice_below(&world->dice, 100),
                             count ? count : 1, count + 7};

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        options.limit = limits[i];
        options.offset = dice_below(&world->dice, 3) ? 0 : dice_below(&world->dice, 20);
        options.count_matches = dice_below(&world->dice, 2);
        options.exhaustive = dice_below(&world->dice, 3) == 0;
        check_answer(world, text, size, &options, expected, count);
    }
}
