/* Thousands of small commits: segments stay few, and what they hold is right. */
#include "index/verify.h"
#include "indexer/merge_policy.h"
#include "tests/indexer/articles.h"

TestSuite(tiered_merge, .init = scratch_make, .fini = scratch_remove);

enum { IDS = 60, COMMITS = 150 };

struct wanted { /* the word that an article has; 0: there is no such article */
    uint32_t word[IDS];
};

static struct lede_writer *writer_of(const char *path, bool no_merge)
{
    struct lede_writer_options options = {.no_merge = no_merge, .jobs = 1};
    struct lede_writer *writer = NULL;
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_open(path, &options, &writer, &error), LEDE_OK, "%s", error.text);
    return writer;
}

static void change(struct dice *dice, struct lede_writer *writer, struct wanted *wanted)
{
    uint32_t number = dice_below(dice, IDS);
    struct lede_error error = {0};
    char id[16], text[2000], *at = text;

    snprintf(id, sizeof id, "a%u", number);
    if (wanted->word[number] && dice_below(dice, 4) == 0) {
        enum lede_status status = lede_writer_remove(writer, bytes_of(id), &error);

        cr_assert(status == LEDE_OK || status == LEDE_MISSING, "%s", error.text);
        wanted->word[number] = 0;
        return;
    }
    wanted->word[number] = 1 + dice_below(dice, 1000000);
    at += sprintf(at, "word%u common ", wanted->word[number]);
    article_words(dice, dice_below(dice, 40), at);
    cr_assert_eq(lede_writer_add(writer,
                                 &(struct lede_article){.id = bytes_of(id), .text = bytes_of(text)},
                                 &error),
                 LEDE_OK, "%s", error.text);
}

static uint64_t total(struct lede_index *index, const char *query)
{
    struct lede_search_options options = {.count_only = true};
    struct lede_results *results;
    struct lede_error error = {0};
    uint64_t count;

    cr_assert_eq(lede_search(index, bytes_of(query), &options, &results, &error), LEDE_OK, "%s",
                 error.text);
    count = lede_results_total(results);
    lede_results_free(results);
    return count;
}

static void expect(const char *path, const struct wanted *wanted)
{
    struct verify_totals totals;
    struct lede_index *index;
    struct lede_error error = {0};
    uint64_t live = 0;
    char word[32];

    cr_assert_eq(verify_index(path, true, NULL, NULL, &totals, &error), LEDE_OK, "%s", error.text);
    cr_expect_eq(totals.garbage, 0);
    cr_assert_eq(lede_index_open(&path, 1, &index, &error), LEDE_OK, "%s", error.text);
    for (int i = 0; i < IDS; i++) {
        live += wanted->word[i] > 0;
        snprintf(word, sizeof word, "word%u", wanted->word[i]);
        if (wanted->word[i])
            cr_expect_geq(total(index, word), 1, "a%d has not %s", i, word);
    }
    cr_expect_eq(total(index, "common"), live);
    lede_index_close(index);
}

static size_t segments(const char *path, uint64_t *deleted)
{
    struct snapshot *snapshot;
    struct lede_error error = {0};
    size_t count;

    cr_assert_eq(snapshot_open(path, &snapshot, &error), LEDE_OK, "%s", error.text);
    count = snapshot->segment_count;
    *deleted = 0;
    for (size_t i = 0; i < count; i++)
        *deleted += snapshot->manifest.segments[i].deleted;
    snapshot_close(snapshot);
    return count;
}

Test(tiered_merge, many_small_commits_leave_few_segments_and_the_right_articles)
{
    struct dice dice = dice_begin(), other;
    struct lede_writer *merging = writer_of("merged", false), *plain = writer_of("plain", true);
    struct wanted wanted = {{0}};
    uint64_t deleted, all;

    for (int i = 0; i < COMMITS; i++) {
        struct wanted same = wanted;
        uint32_t changes = 1 + dice_below(&dice, 5);

        other = dice;
        for (uint32_t j = 0; j < changes; j++)
            change(&dice, merging, &wanted);
        for (uint32_t j = 0; j < changes; j++)
            change(&other, plain, &same);
        cr_assert_eq(lede_writer_commit(merging, NULL), LEDE_OK);
        cr_assert_eq(lede_writer_commit(plain, NULL), LEDE_OK);
        if (i % 30 == 29)
            expect("merged", &wanted);
    }
    lede_writer_close(merging);
    lede_writer_close(plain);
    expect("merged", &wanted);
    expect("plain", &wanted);
    cr_expect_lt(segments("merged", &deleted), 2 * MERGE_SEGMENTS);
    cr_expect_gt(segments("plain", &all), COMMITS / 2, "the control merges nothing");
    cr_expect_lt(deleted, all / 4, "%lu of %lu", deleted, all);
    dice_end();
}
