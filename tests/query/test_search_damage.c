/* A damaged index: a search answers as if it were whole, or says that it is not. */
#include <criterion/criterion.h>
#include <sys/wait.h>

#include "index/lmdb_check.h"
#include "tests/index/dice.h"
#include "tests/query/small_index.h"

enum { ARTICLES = 1500, FLIPS = 150, ANSWER = 1 << 16 };

static const char *const QUERIES[] = {"word1 word2",      "\"word2 word1\"", "word3 -word1",
                                      "title:word4",      "word999",         "+word700 word5",
                                      "word1 section:s3", "section:s?",      "word2 -section:s1"};

static void fill(struct dice *dice)
{
    struct lede_writer *writer;

    cr_assert_eq(lede_writer_open("index",
                                  &(struct lede_writer_options){
                                      .memory = 16 << 20, .jobs = 1, .standard_keywords = true},
                                  &writer, NULL),
                 LEDE_OK);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char id[16], text[512], title[16], section[16];
        const struct lede_field field = {
            LEDE_STR("section"), {section, (size_t)sprintf(section, "s%u", dice_bits(dice, 5))}};
        size_t size = 0;
        struct lede_article article = {
            .id = {id, (size_t)sprintf(id, "%u", i % (ARTICLES - 100))},
            .title = {title, (size_t)sprintf(title, "word%u", dice_below(dice, 10))},
            .metadata = &field,
            .metadata_count = 1};

        for (uint32_t j = dice_below(dice, 20); j > 0; j--)
            size +=
                (size_t)sprintf(text + size, "word%u ", dice_below(dice, 1 + dice_bits(dice, 10)));
        article.text = (struct lede_bytes){text, size};
        cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_OK);
    }
    cr_assert_eq(lede_writer_commit(writer, NULL), LEDE_OK);
    lede_writer_close(writer);
}

static bool append_facet(const struct lede_results *results, char **at)
{
    struct lede_facet *facet;

    if (lede_facet(results, LEDE_STR("section"), 50, &facet, NULL) != LEDE_OK)
        return false;
    for (size_t i = 0; i < facet->count; i++)
        *at += sprintf(*at, " %.*s %llu", (int)facet->values[i].value.size,
                       (const char *)facet->values[i].value.data,
                       (unsigned long long)facet->values[i].articles);
    lede_facet_free(facet);
    return true;
}

/* Appends all that the query's answer says; false if there is an error. */
static bool append_answer(struct lede_index *index, const char *query, char **at)
{
    struct lede_search_options options = {.limit = 30, .any = true, .count_matches = true};
    struct lede_results *results;
    bool counted = true;

    for (int any = 0; counted && any < 2; any++) {
        options.any = any;
        if (lede_search(index, small_bytes(query), &options, &results, NULL) != LEDE_OK)
            return false;
        *at += sprintf(*at, "%llu:", (unsigned long long)lede_results_total(results));
        for (size_t i = 0; i < lede_results_count(results); i++) {
            const struct lede_hit *hit = lede_results_hit(results, i);

            *at +=
                sprintf(*at, " %.*s %a", (int)hit->id.size, (const char *)hit->id.data, hit->score);
        }
        counted = append_facet(results, at);
        lede_results_free(results);
    }
    return counted;
}

/* The answers to all queries; those that end in an error are empty. */
static bool append_answers(const char *path, char answers[][ANSWER])
{
    struct lede_index *index;

    if (lede_index_open(&path, 1, &index, NULL) != LEDE_OK)
        return false;
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
        char *at = answers[i];

        if (!append_answer(index, QUERIES[i], &at))
            answers[i][0] = '\0';
    }
    lede_index_close(index);
    return true;
}

static char whole[sizeof QUERIES / sizeof *QUERIES][ANSWER];
static char damaged[sizeof QUERIES / sizeof *QUERIES][ANSWER];

enum outcome { SAME, TOLD, WRONG };

/* In a process of its own. */
static enum outcome search_damaged(void)
{
    enum outcome outcome = SAME;

    if (!append_answers("damaged", damaged))
        return TOLD;
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
        if (!damaged[i][0])
            outcome = TOLD;
        else if (strcmp(damaged[i], whole[i]) != 0)
            return WRONG;
    }
    return outcome;
}

static enum outcome outcome_of_child(void)
{
    int status = 0;
    pid_t child = fork();

    cr_assert_geq(child, 0);
    if (child == 0)
        _exit((int)search_damaged());
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) <= WRONG ? (enum outcome)WEXITSTATUS(status)
                                                             : WRONG;
}

/* LMDB's own structure is another matter (lmdb_check.h): flips that break it are passed over. */
Test(search_damage, flipped_bits_never_give_a_wrong_answer, .init = scratch_make,
     .fini = scratch_remove)
{
    struct dice dice = dice_new();
    size_t size, told = 0, tried = 0;
    char *bytes;

    fill(&dice);
    cr_assert(append_answers("index", whole));
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++)
        cr_assert(whole[i][0], "%s", QUERIES[i]);
    bytes = scratch_read("index/data.mdb", &size);
    scratch_folder("damaged");
    for (int i = 0; i < FLIPS; i++) {
        size_t at = dice_below(&dice, (uint32_t)size);
        char bit = (char)(1 << dice_below(&dice, 8));
        enum outcome outcome;

        bytes[at] ^= bit;
        scratch_write("damaged/data.mdb", bytes, size);
        if (lmdb_check_path("damaged/data.mdb", LMDB_NEWEST, NULL, NULL, NULL, NULL) == LEDE_OK) {
            outcome = outcome_of_child();
            cr_assert_neq(outcome, WRONG, "LEDE_SEED=%llu: bit %d of byte %zu",
                          (unsigned long long)dice.seed, bit, at);
            told += outcome == TOLD;
            tried++;
        }
        bytes[at] ^= bit;
    }
    free(bytes);
    cr_expect_gt(tried, FLIPS / 2);
    cr_expect_gt(told, tried / 10, "%zu of %zu told", told, tried);
}
