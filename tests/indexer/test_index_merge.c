#include <signal.h>
#include <sys/wait.h>

#include "indexer/index_merge.h"
#include "tests/indexer/histories.h"

TestSuite(index_merge, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

static const char *const NAMES[] = {"a", "b", "c"};
enum { PARTS = 3 };

static enum lede_status merge_status(const char *path, const char *const *others, size_t count,
                                     struct index_merge_totals *totals, struct lede_error *error)
{
    return index_merge(path, others, count, &(struct index_merge_options){.memory = 16 << 20},
                       totals, error);
}

static struct index_merge_totals merge(const char *path, const char *const *others, size_t count)
{
    struct index_merge_totals totals;
    struct lede_error error = {0};

    cr_assert_eq(merge_status(path, others, count, &totals, &error), LEDE_OK, "%s", error.text);
    return totals;
}

/* Adds, replaces and removes articles with ids [first, end), in several segments. */
static void make_part(struct dice *dice, const char *path, uint32_t first, uint32_t end,
                      const struct lede_writer_options *options)
{
    struct lede_writer *writer = open_writer(path, options);

    for (uint32_t step = 0; step < 2 * (end - first); step++) {
        uint32_t id = first + dice_below(dice, end - first);
        uint32_t words = dice_below(dice, 20) ? 12 + dice_below(dice, 48) : 0;
        struct piece piece;

        article_make(dice, &piece, id, words);
        if (words == 0) /* none is a copy of one that is gone */
            piece.title[0] = '\0';
        if (dice_below(dice, 5) == 0)
            cr_assert_leq(lede_writer_remove(writer, bytes_of(piece.id), NULL), LEDE_MISSING);
        else
            add(writer, &piece);
        free(piece.text);
        if (dice_below(dice, 90) == 0)
            commit(writer);
    }
    commit(writer);
    lede_writer_close(writer);
}

static void verify(const char *path, struct verify_totals *totals)
{
    struct lede_error error = {0};

    *totals = (struct verify_totals){0};
    cr_expect_eq(verify_index(path, true, report, NULL, totals, &error), LEDE_OK, "%s: %s", path,
                 error.text);
}

/* ---- what comes out ---- */

Test(index_merge, answers_are_those_of_the_indexes_together_to_the_bit)
{
    struct dice dice = dice_of(scratch_seed());
    struct lede_writer_options writing = {.jobs = 1, .no_merge = true};
    struct lede_search_options options = {.limit = 60, .count_matches = true};
    const char *path = "merged";
    struct lede_index *together, *merged;
    struct verify_totals totals;

    for (uint32_t i = 0; i < PARTS; i++)
        make_part(&dice, NAMES[i], 200 * i, 200 * (i + 1), &writing);
    cr_expect_eq(merge(path, NAMES, PARTS).replaced, 0);
    verify(path, &totals);
    cr_expect_gt(totals.deleted, 20);
    cr_expect_gt(totals.segments, (uint64_t)PARTS);
    cr_expect_eq(totals.garbage, 0);
    cr_assert_eq(lede_index_open(NAMES, PARTS, &together, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&path, 1, &merged, NULL), LEDE_OK);
    for (int i = 0; i < 1500; i++) {
        char query[256];

        make_query(&dice, query);
        options.any = dice_below(&dice, 2);
        options.exhaustive = dice_below(&dice, 4) == 0;
        expect_same_answer(together, merged, query, &options);
    }
    lede_index_close(together);
    lede_index_close(merged);
}

/* Ids that several have: as if the articles had been added one index after the other. */
static void compare_with_added(unsigned seed, const struct lede_writer_options *writing)
{
    struct dice dice = dice_of(seed);
    struct index_merge_totals first, second;
    struct verify_totals totals;

    for (uint32_t i = 0; i < PARTS; i++) {
        make_part(&dice, NAMES[i], 100 * i, 100 * i + 250, writing);
        add_live("added", NAMES[i], writing, 0);
    }
    first = merge("merged", NAMES, 1);
    second = merge("merged", NAMES + 1, 2);
    cr_expect_eq(first.replaced, 0);
    cr_expect_gt(second.replaced, 100);
    verify("merged", &totals);
    cr_expect_eq(totals.documents - totals.deleted,
                 first.articles + second.articles - second.replaced);
    compact("merged");
    compact("added");
    cr_expect_eq(segment_digest("merged"), segment_digest("added"), "seed %u", seed);
}

Test(index_merge, of_an_id_in_several_the_last_ones_article_stays)
{
    compare_with_added(scratch_seed() + 1, &(struct lede_writer_options){.jobs = 1});
}

Test(index_merge, positions_and_stems_need_not_be_there)
{
    compare_with_added(scratch_seed() + 2, &(struct lede_writer_options){
                                               .jobs = 1, .no_positions = true, .no_stem = true});
}

Test(index_merge, the_others_stay_and_what_was_merged_can_be_written_on)
{
    struct dice dice = dice_of(scratch_seed() + 3);
    struct lede_writer_options writing = {.jobs = 1};
    struct verify_totals totals;
    uint64_t digests[2];

    for (uint32_t i = 0; i < 2; i++) {
        make_part(&dice, NAMES[i], 0, 100, &writing);
        digests[i] = index_digest(NAMES[i]);
    }
    merge("merged", NAMES, 2);
    for (uint32_t i = 0; i < 2; i++)
        cr_expect_eq(index_digest(NAMES[i]), digests[i]);
    make_part(&dice, "merged", 50, 150, &writing);
    verify("merged", &totals);
    merge("a", (const char *[]){"merged", "b"}, 2);
    verify("a", &totals);
}

Test(index_merge, an_index_without_articles_brings_nothing)
{
    struct dice dice = dice_of(scratch_seed() + 4);
    struct lede_writer *writer = open_writer("empty", NULL);
    struct verify_totals totals;

    lede_writer_close(writer);
    writer = open_writer("empty", NULL);
    commit(writer);
    lede_writer_close(writer);
    make_part(&dice, "a", 0, 300, &(struct lede_writer_options){.jobs = 1});
    merge("a", (const char *[]){"empty"}, 1);
    merge("empty", NAMES, 1);
    verify("empty", &totals);
    expect_same_articles("a", "empty");
}

/* As an index is that was made before small digits carried anything. */
static void forget_small_digits(const char *path)
{
    struct store_snapshot snapshot;
    struct manifest manifest;
    struct store *store;

    cr_assert_eq(store_open_writer(path, 0, &store, NULL), LEDE_OK);
    cr_assert_eq(store_snapshot_begin(store, &snapshot, NULL), LEDE_OK);
    cr_assert_eq(store_manifest(&snapshot, &manifest, NULL), LEDE_OK);
    store_snapshot_end(&snapshot);
    manifest.flags &= (uint8_t)~MANIFEST_SMALL_DIGITS;
    manifest.generation++;
    cr_assert_eq(store_flip(store, &manifest, NULL, 0, NULL), LEDE_OK);
    manifest_done(&manifest);
    store_close(store);
}

static bool has_small_digits(const char *path)
{
    struct snapshot *snapshot;
    bool has;

    cr_assert_eq(snapshot_open(path, &snapshot, NULL), LEDE_OK);
    has = snapshot->manifest.flags & MANIFEST_SMALL_DIGITS;
    snapshot_close(snapshot);
    return has;
}

Test(index_merge, what_not_all_indexes_have_the_whole_has_not)
{
    struct dice dice = dice_of(scratch_seed() + 7);

    for (uint32_t i = 0; i < 2; i++)
        make_part(&dice, NAMES[i], 100 * i, 100 * i + 80, &(struct lede_writer_options){.jobs = 1});
    forget_small_digits("b");
    merge("whole", (const char *[]){"a"}, 1);
    cr_expect(has_small_digits("whole"));
    merge("whole", (const char *[]){"b"}, 1);
    cr_expect_not(has_small_digits("whole"));
    merge("b", NAMES, 1);
    cr_expect_not(has_small_digits("b"));
    compact("b");
    cr_expect_not(has_small_digits("b"));
    expect_sound("b", 1);
}

/* ---- what is refused ---- */

static void expect_refused(const char *path, const char *other, enum lede_status status,
                           const char *text)
{
    struct index_merge_totals totals;
    struct lede_error error = {0};

    cr_expect_eq(merge_status(path, &other, 1, &totals, &error), status, "%s", error.text);
    cr_expect(strstr(error.text, other), "%s", error.text);
    cr_expect(strstr(error.text, text), "%s", error.text);
}

Test(index_merge, indexes_made_otherwise_are_refused_with_what_differs)
{
    struct dice dice = dice_of(scratch_seed() + 5);
    const struct {
        const char *path, *text;
        struct lede_writer_options options;
    } others[] = {{"unplaced", "has no positions", {.no_positions = true}},
                  {"untold", "keeps no texts", {.no_store = true}},
                  {"unstemmed", "without stemming", {.no_stem = true}},
                  {"unstopped", "other stop words", {.stopwords = {"ka\n", 3}}}};
    uint64_t digest;

    make_part(&dice, "a", 0, 40, &(struct lede_writer_options){.jobs = 1});
    digest = index_digest("a");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        make_part(&dice, others[i].path, 0, 40, &others[i].options);
        expect_refused("a", others[i].path, LEDE_INCOMPATIBLE, others[i].text);
        cr_expect_eq(merge_status("new", (const char *[]){"a", others[i].path}, 2,
                                  &(struct index_merge_totals){0}, NULL),
                     LEDE_INCOMPATIBLE);
        cr_expect_neq(access("new", F_OK), 0);
    }
    cr_expect_eq(index_digest("a"), digest);
}

Test(index_merge, itself_and_what_is_no_index_are_refused)
{
    struct dice dice = dice_of(scratch_seed() + 6);
    uint64_t digest;

    make_part(&dice, "a", 0, 40, &(struct lede_writer_options){.jobs = 1});
    digest = index_digest("a");
    expect_refused("a", "./a", LEDE_INVALID, "into itself");
    expect_refused("a", "none", LEDE_MISSING, "no index");
    cr_expect_eq(index_digest("a"), digest);
    cr_expect_neq(access("none", F_OK), 0);
}

/* Flips bytes of the file where they are no structure of LMDB's: each time the merge is refused,
 * or nothing that it reads was hit. */
Test(index_merge, a_damaged_index_is_refused_and_the_other_stays)
{
    struct dice dice = dice_of(scratch_seed() + 7);
    const char *other = "b";
    struct verify_totals totals;
    char *bytes;
    size_t size;
    uint64_t digest;
    int refused = 0, times = scratch_is_slow() ? 12 : 40;

    make_part(&dice, "a", 0, 40, &(struct lede_writer_options){.jobs = 1});
    make_part(&dice, "b", 20, 260, &(struct lede_writer_options){.jobs = 1});
    compact("b");
    digest = index_digest("a");
    cr_assert_eq(system("cp -r a kept"), 0);
    bytes = scratch_read("b/data.mdb", &size);
    for (int i = 0; i < times; i++) {
        size_t at = 2 * PAGE_SIZE + dice_below(&dice, (uint32_t)(size - 2 * PAGE_SIZE));
        struct lede_error error = {0};
        enum lede_status status;

        bytes[at] ^= 0x10;
        scratch_write("b/data.mdb", bytes, size);
        bytes[at] ^= 0x10;
        status = merge_status("a", &other, 1, &(struct index_merge_totals){0}, &error);
        if (status == LEDE_OK) { /* into bytes that mean nothing */
            cr_assert_eq(system("rm -rf a; cp -r kept a"), 0);
            continue;
        }
        cr_expect(status == LEDE_CORRUPT || status == LEDE_MISSING, "%s", error.text);
        cr_expect(strstr(error.text, "b: "), "%s", error.text);
        refused++;
        verify("a", &totals);
        cr_expect_eq(totals.garbage, 0);
        cr_expect_eq(index_digest("a"), digest, "seed %u", scratch_seed());
    }
    free(bytes);
    cr_expect_gt(refused, times / 4);
}

/* ---- kill -9 ---- */

Test(index_merge, killed_at_any_moment_it_is_not_there_or_whole)
{
    struct dice dice = dice_of(scratch_seed() + 8);
    struct lede_writer_options writing = {.jobs = 1};
    const char *others[] = {"b", "c"};
    struct verify_totals of_a;
    int before = 0, step = scratch_is_slow() ? 4 : 1;

    for (uint32_t i = 0; i < PARTS; i++)
        make_part(&dice, NAMES[i], 100 * i, 100 * i + 250, &writing);
    verify("a", &of_a);
    cr_assert_eq(system("cp -r a whole"), 0);
    merge("whole", others, 2);
    for (int i = 0; i < 15; i += step) {
        struct verify_totals totals;
        pid_t pid;

        cr_assert_eq(system("rm -rf killed; cp -r a killed"), 0);
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
            _exit((int)merge_status("killed", others, 2, &(struct index_merge_totals){0}, NULL));
        (void)usleep((unsigned)i * 1500);
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        verify("killed", &totals);
        if (totals.segments == of_a.segments) {
            before++;
            expect_same_articles("killed", "a");
            merge("killed", others, 2);
        }
        expect_same_articles("killed", "whole");
        verify("killed", &totals);
        cr_expect_eq(totals.garbage, 0);
    }
    cr_expect_gt(before, 0);
}
