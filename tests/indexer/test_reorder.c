#include "base/account.h"
#include "tests/indexer/histories.h"

TestSuite(reorder, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

enum { HITS = PIECES + 100 };

static void reorder(const char *path, size_t memory, unsigned jobs)
{
    compact_so(path, &(struct compact_options){.memory = memory, .reorder = true, .jobs = jobs});
}

static void make_copy(const char *from, const char *to)
{
    char command[200];

    snprintf(command, sizeof command, "rm -rf %s; mkdir %s; cp %s/data.mdb %s", to, to, from, to);
    cr_assert_eq(system(command), 0);
}

/* ---- the same answers, but for the order of equal ones ---- */

static int by_score_and_id(const void *left, const void *right)
{
    const struct lede_hit *const *a = left, *const *b = right;

    if ((*a)->score != (*b)->score)
        return (*a)->score < (*b)->score ? 1 : -1;
    return slice_compare(slice_of((*a)->id.data, (*a)->id.size),
                         slice_of((*b)->id.data, (*b)->id.size));
}

static size_t sorted_hits(struct lede_results *results, const struct lede_hit *hits[HITS])
{
    size_t count = lede_results_count(results);

    cr_assert_leq(count, (size_t)HITS);
    for (size_t i = 0; i < count; i++)
        hits[i] = lede_results_hit(results, i);
    qsort(hits, count, sizeof *hits, by_score_and_id);
    return count;
}

/* All hits: the same ids with the same scores. The best k alone: the same scores. */
static void expect_same_set(struct lede_index *a, struct lede_index *b, const char *query,
                            const struct lede_search_options *options)
{
    static const struct lede_hit *hits_a[HITS], *hits_b[HITS];
    struct lede_results *results_a, *results_b;
    size_t count;

    cr_assert_eq(lede_search(a, bytes_of(query), options, &results_a, NULL), LEDE_OK);
    cr_assert_eq(lede_search(b, bytes_of(query), options, &results_b, NULL), LEDE_OK);
    cr_assert_eq(lede_results_total(results_a), lede_results_total(results_b), "%s", query);
    count = sorted_hits(results_a, hits_a);
    cr_assert_eq(sorted_hits(results_b, hits_b), count, "%s", query);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(memcmp(&hits_a[i]->score, &hits_b[i]->score, sizeof hits_a[i]->score), 0,
                     "%s: %a and %a, seed %u", query, hits_a[i]->score, hits_b[i]->score,
                     scratch_seed());
        if (options->limit == HITS)
            expect_same_bytes(hits_a[i]->id, hits_b[i]->id);
    }
    lede_results_free(results_a);
    lede_results_free(results_b);
}

static void expect_same_sets(struct dice *dice, const char *a, const char *b, int queries)
{
    struct lede_index *index_a, *index_b;
    struct lede_search_options options = {.count_matches = true};

    cr_assert_eq(lede_index_open(&a, 1, &index_a, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&b, 1, &index_b, NULL), LEDE_OK);
    for (int i = 0; i < queries; i++) {
        char query[256];

        make_query(dice, query);
        options.any = dice_below(dice, 2);
        options.exhaustive = dice_below(dice, 4) == 0;
        options.limit = dice_below(dice, 2) ? HITS : 1 + dice_below(dice, 30);
        expect_same_set(index_a, index_b, query, &options);
    }
    lede_index_close(index_a);
    lede_index_close(index_b);
}

/* ---- the same articles ---- */

static struct lede_stored *stored_of(struct lede_index *index, struct lede_bytes id)
{
    struct lede_stored *stored = NULL;
    struct lede_error error = {0};

    cr_assert_eq(lede_stored_find(index, id, &stored, &error), LEDE_OK, "%s", error.text);
    return stored;
}

/* Each article of a is in b, and b has no more; returns how many stand elsewhere. */
static uint32_t expect_same_set_of_articles(const char *a, const char *b)
{
    struct lede_index *index_a, *index_b;
    struct lede_cursor at_a = {0}, at_b = {0};
    struct lede_hit hit_a, hit_b;
    uint32_t moved = 0;

    cr_assert_eq(lede_index_open(&a, 1, &index_a, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&b, 1, &index_b, NULL), LEDE_OK);
    while (lede_cursor_next(index_a, &at_a, &hit_a, NULL) == LEDE_OK) {
        struct lede_stored *stored_a, *stored_b;

        cr_assert_eq(lede_cursor_next(index_b, &at_b, &hit_b, NULL), LEDE_OK);
        cr_assert_eq(lede_stored_get(index_a, &hit_a, &stored_a, NULL), LEDE_OK);
        stored_b = stored_of(index_b, lede_stored_article(stored_a)->id);
        expect_same_article(lede_stored_article(stored_a), lede_stored_article(stored_b));
        lede_stored_free(stored_b);
        cr_assert_eq(lede_stored_get(index_b, &hit_b, &stored_b, NULL), LEDE_OK);
        moved += !slice_equal(slice_of(lede_stored_article(stored_a)->id.data,
                                       lede_stored_article(stored_a)->id.size),
                              slice_of(lede_stored_article(stored_b)->id.data,
                                       lede_stored_article(stored_b)->id.size));
        lede_stored_free(stored_a);
        lede_stored_free(stored_b);
    }
    cr_assert_eq(lede_cursor_next(index_b, &at_b, &hit_b, NULL), LEDE_MISSING);
    lede_index_close(index_a);
    lede_index_close(index_b);
    return moved;
}

/* ---- what comes out ---- */

static void compare_with_plain(unsigned seed, const struct lede_writer_options *options)
{
    struct dice dice = dice_of(seed);

    make_pieces(&dice);
    live_through(&dice, "index", options);
    make_copy("index", "plain");
    compact("plain");
    reorder("index", 32 << 20, 2);
    expect_sound("index", 1);
    cr_expect_gt(expect_same_set_of_articles("plain", "index"), 100, "seed %u", seed);
    expect_same_sets(&dice, "plain", "index", options->no_positions ? 300 : 1500);
    free_pieces();
}

Test(reorder, answers_are_those_of_the_plain_order_to_the_bit)
{
    compare_with_plain(scratch_seed(), &(struct lede_writer_options){.jobs = 2});
}

Test(reorder, and_once_more_for_another_history)
{
    compare_with_plain(scratch_seed() + 1, &(struct lede_writer_options){.jobs = 1});
}

Test(reorder, positions_need_not_be_there)
{
    compare_with_plain(scratch_seed() + 2,
                       &(struct lede_writer_options){.jobs = 1, .no_positions = true});
}

Test(reorder, the_segment_is_the_same_from_any_threads_and_any_segments)
{
    struct dice dice = dice_of(scratch_seed() + 3);
    struct lede_writer_options options = {.jobs = 1};
    static const unsigned jobs[] = {2, 4, 0};
    uint64_t digest;

    make_pieces(&dice);
    live_through(&dice, "index", &options);
    add_live("pieces", "index", &options, 53);
    make_copy("index", "one");
    reorder("one", 32 << 20, 1);
    digest = index_digest("one");
    for (int i = 0; i < 3; i++) {
        make_copy("index", "many");
        reorder("many", 32 << 20, jobs[i]);
        cr_expect_eq(index_digest("many"), digest, "%u threads, seed %u", jobs[i], scratch_seed());
    }
    reorder("pieces", 32 << 20, 2);
    cr_expect_eq(segment_digest("pieces"), segment_digest("one"), "seed %u", scratch_seed());
    free_pieces();
}

/* Articles of one word, which comes a quarter of a million times in all. */
static void add_long_lists(struct dice *dice, const char *path)
{
    struct lede_writer *writer = open_writer(path, NULL);
    struct piece piece;

    for (uint32_t i = 0; i < 60; i++) {
        uint32_t words = dice_below(dice, 8000);
        char *at;

        article_make(dice, &piece, PIECES + i, 8000);
        for (at = piece.text; words > 0; words--)
            at = stpcpy(at, dice_below(dice, 30) ? "don " : "ka ");
        add(writer, &piece);
        free(piece.text);
    }
    commit(writer);
    lede_writer_close(writer);
}

/* A list that does not fit is written range by range: from memory that is not enough, to enough. */
Test(reorder, little_memory_is_kept_to_and_changes_no_answer)
{
    struct dice dice = dice_of(scratch_seed() + 4);
    size_t passed = 0, refused = 0, step = scratch_is_slow() ? 16 : 64;

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
    add_long_lists(&dice, "index");
    make_copy("index", "plain");
    compact("plain");
    for (size_t memory = 6 << 20; passed < 6; memory += memory / step) {
        struct compact_options options = {.memory = memory, .reorder = true, .jobs = 2};
        struct compact_totals totals;
        struct lede_error error = {0};
        enum lede_status status;

        cr_assert_lt(memory, (size_t)32 << 20);
        make_copy("index", "little");
        status = compact_index("little", &options, &totals, &error);
        if (status == LEDE_NO_MEMORY) {
            cr_expect(strstr(error.text, "--memory"), "%s", error.text);
            cr_expect(!totals.done);
            refused++;
            continue;
        }
        cr_assert_eq(status, LEDE_OK, "%s", error.text);
        passed++;
        expect_sound("little", 1);
        expect_same_sets(&dice, "plain", "little", 100);
    }
    cr_expect_gt(refused, 0);
    free_pieces();
}

Test(reorder, nothing_live_and_one_article_are_orders_too)
{
    struct dice dice = dice_of(scratch_seed() + 5);
    struct lede_writer *writer = open_writer("index", NULL);

    make_pieces(&dice);
    add(writer, &pieces[0]);
    commit(writer);
    lede_writer_close(writer);
    reorder("index", 32 << 20, 2);
    expect_sound("index", 1);
    writer = open_writer("index", NULL);
    cr_assert_eq(lede_writer_remove(writer, bytes_of(pieces[0].id), NULL), LEDE_OK);
    commit(writer);
    lede_writer_close(writer);
    reorder("index", 32 << 20, 2);
    expect_sound("index", 0);
    free_pieces();
}

Test(reorder, a_damaged_list_is_not_passed_on)
{
    struct dice dice = dice_of(scratch_seed() + 6);
    struct compact_options options = {.memory = 32 << 20, .reorder = true, .jobs = 1};
    struct compact_totals totals;
    struct lede_error error = {0};
    struct snapshot *snapshot;
    uint8_t wanted[32];
    char *bytes, *found;
    size_t size;

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
    compact("index");
    cr_assert_eq(snapshot_open("index", &snapshot, NULL), LEDE_OK);
    memcpy(wanted, stream_at(&snapshot->segments[0].streams[STREAM_POSTINGS], 100, 32, &error), 32);
    snapshot_close(snapshot);
    bytes = scratch_read("index/data.mdb", &size);
    found = memmem(bytes, size, wanted, 32);
    cr_assert(found);
    found[9] ^= 4;
    scratch_write("index/data.mdb", bytes, size);
    free(bytes);
    cr_expect_eq(compact_index("index", &options, &totals, &error), LEDE_CORRUPT, "%s", error.text);
    cr_expect(!totals.done);
    free_pieces();
}
