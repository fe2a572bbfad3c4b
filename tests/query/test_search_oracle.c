/* Random articles and queries: the engine's answers against the naive ranker's, to the bit, by
 * every processor's instructions, pruned and exhaustive, for few hits and for more than there are.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/query/oracle_world.h"
#include "text/language.h"

static void check_query(struct world *world)
{
    struct naive_query query;
    char text[LEDE_QUERY_MAX];
    struct lede_search_options options = {0};
    struct naive_hit *expected;
    size_t size, count;

    oracle_roll_query(world, &query);
    size = oracle_query_text(&query, text);
    expected = naive_ranker_search(world->ranker, &query, &count);
    options.k1 = query.k1;
    options.b = query.b;
    options.any = query.any;
    options.literal = query.literal;
    options.half_life = query.half_life;
    if (query.dated) {
        options.since = (struct lede_date){query.first, LEDE_DAY};
        options.until = (struct lede_date){query.last, LEDE_SECOND};
    }
    options.language = query.language >= 0 ? language_code((language_id)query.language) : NULL;
    oracle_check_answers(world, text, size, options, expected, count);
    oracle_check_count(world, text, size, options, count);
    if (world->keywords)
        oracle_check_facets(world, text, size, &options, expected, count);
    if (world->days)
        oracle_check_by_date(world, text, size, options, expected, count);
    free(expected);
}

static void check_world(struct world *world, uint32_t queries)
{
    oracle_world_make(world);
    for (uint32_t i = 0; i < queries; i++)
        check_query(world);
    oracle_world_drop(world);
}

/* ---- tests ---- */

static void small_worlds(const struct dice *dice, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        struct world world = {.dice = dice_of(dice->seed + i)};

        world.indexes = 1 + dice_below(&world.dice, INDEXES);
        world.segments = 1 + dice_below(&world.dice, 3);
        world.documents = 1 + dice_below(&world.dice, 40);
        world.ids = 1 + dice_below(&world.dice, 100);
        world.words = dice_below(&world.dice, 40);
        world.vocabulary =
            dice_below(&world.dice, 2) ? VOCABULARY_SIZE : 1 + dice_below(&world.dice, 6);
        world.rare = dice_below(&world.dice, 50);
        world.days = dice_below(&world.dice, 2) ? 1 + dice_below(&world.dice, 40) : 0;
        world.in_order = dice_below(&world.dice, 2);
        world.keywords = dice_below(&world.dice, 2);
        world.boilerplate = dice_below(&world.dice, 2);
        world.literal = dice_below(&world.dice, 2);
        world.options.no_stem = dice_below(&world.dice, 8) == 0;
        world.options.no_positions = dice_below(&world.dice, 8) == 0;
        world.options.no_store = dice_below(&world.dice, 8) == 0;
        if (dice_below(&world.dice, 8) == 0)
            world.options.stopwords = LEDE_STR("the\na\nof\nand\n");
        check_world(&world, 120);
    }
}

/* Each test is a process of its own, which chooses its instructions once. With LEDE_SEED of a
 * failure the first small world is that one. */
static void small_worlds_by(const char *level)
{
    struct dice dice = dice_new();

    cr_assert_eq(setenv("LEDE_CPU", level, 1), 0);
    small_worlds(&dice, 0, 15);
}

Test(search_oracle, small_indexes_of_every_shape_by_portable_code)
{
    small_worlds_by("portable");
}

Test(search_oracle, small_indexes_of_every_shape_by_sse)
{
    small_worlds_by("sse4");
}

Test(search_oracle, small_indexes_of_every_shape_by_avx2)
{
    small_worlds_by("avx2");
}

Test(search_oracle, small_indexes_of_every_shape_by_avx512)
{
    small_worlds_by("avx512");
}

/* Lists of many blocks, and windows of many blocks. */
Test(search_oracle, long_lists_and_many_windows)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 6000,
                          .ids = 20000,
                          .words = 6,
                          .vocabulary = VOCABULARY_SIZE,
                          .rare = 100000};

    check_world(&world, 60);
}

/* Where almost every document has every word, bounds and phrases have the most to do. */
Test(search_oracle, few_words_everywhere)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 5000,
                          .ids = 30000,
                          .words = 14,
                          .vocabulary = 9,
                          .rare = 0};

    check_world(&world, 60);
}

/* Where the rare words, not the required one, say which documents can be among the best. */
Test(search_oracle, a_frequent_word_required_beside_rare_ones)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 6000,
                          .ids = 30000,
                          .words = 10,
                          .vocabulary = 6,
                          .rare = 300,
                          .mixed = true};

    check_world(&world, 60);
}

Test(search_oracle, more_deleted_than_alive)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 4,
                          .documents = 1500,
                          .ids = 700,
                          .words = 8,
                          .vocabulary = VOCABULARY_SIZE,
                          .rare = 3000};

    check_world(&world, 100);
}

/* Windows of which all, some or none are let through, or some of each. */
Test(search_oracle, dates_in_the_order_of_articles)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 15000,
                          .ids = 100000,
                          .words = 5,
                          .vocabulary = 12,
                          .rare = 200,
                          .days = 300,
                          .in_order = true};

    check_world(&world, 60);
}

Test(search_oracle, dates_in_no_order_beside_a_frequent_word)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 9000,
                          .ids = 30000,
                          .words = 8,
                          .vocabulary = 6,
                          .rare = 300,
                          .mixed = true,
                          .days = 50};

    check_world(&world, 60);
}

/* Lists of many blocks, and ones that few articles have. */
Test(search_oracle, keywords_beside_words)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 12000,
                          .ids = 40000,
                          .words = 6,
                          .vocabulary = 12,
                          .rare = 200,
                          .keywords = true};

    check_world(&world, 80);
}

Test(search_oracle, keywords_and_dates_beside_a_frequent_word)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 9000,
                          .ids = 30000,
                          .words = 8,
                          .vocabulary = 6,
                          .rare = 300,
                          .mixed = true,
                          .days = 50,
                          .keywords = true};

    check_world(&world, 60);
}

/* Lists of many blocks, of words that are in texts and in what recurs around them. */
Test(search_oracle, boilerplate_beside_words)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 3000,
                          .ids = 10000,
                          .words = 6,
                          .vocabulary = 12,
                          .rare = 200,
                          .boilerplate = true,
                          .literal = true};

    check_world(&world, 40);
}
