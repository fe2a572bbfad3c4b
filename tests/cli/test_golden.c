/* An index that was made once goes on being read: tests/golden/index.mdb.zst, which
 * tests/golden/make made, gives the answers it gave then, to the bit of a score. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "base/buffer.h"
#include "index/segment.h"
#include "index/verify.h"
#include "lede.h"
#include "tests/command_runner.h"

TestSuite(golden, .init = runner_init, .fini = runner_done, .timeout = 60);

/* Every kind of list (inline, one block, many; bitsets), of matcher and of stream has its part. */
static const struct question {
    const char *query;
    bool any;
} QUESTIONS[] = {
    {"water", false},
    {"\"grain corridor\"", false},
    {"title:ferry", false},
    {"water storm harbour", true},
    {"two", false},
    {"three five", false},
    {"two three five seven eleven", true},
    {"nineteen seventeen", true},
    {"\"two times two\"", false},
    {"\"three by three\"", false},
    {"+seven two -three", true},
    {"title:number thirteen", false},
    {"rest41", false},
    {"41 one", true},
    {"rest23 five", false},
    {"absent", false},
};

static const char *golden_index(void)
{
    const char *folder = runner_path("golden.lede");
    size_t packed_size, size;
    char *packed = runner_read("tests/golden/index.mdb.zst", &packed_size), *bytes;

    size = (size_t)ZSTD_getFrameContentSize(packed, packed_size);
    cr_assert_leq(size, 16U << 20);
    bytes = malloc(size);
    cr_assert_not_null(bytes);
    cr_assert_eq(ZSTD_decompress(bytes, size, packed, packed_size), size);
    cr_assert_eq(mkdir(folder, 0755), 0);
    runner_write(runner_path("golden.lede/data.mdb"), bytes, size);
    free(bytes);
    free(packed);
    return folder;
}

/* ---- answers ---- */

static void put_hit(struct buffer *out, const struct lede_hit *hit)
{
    uint64_t bits;

    memcpy(&bits, &hit->score, sizeof bits);
    buffer_printf(out, "%.*s\t%016llx\n", (int)hit->id.size, (const char *)hit->id.data,
                  (unsigned long long)bits);
}

/* The question, the number of its matches and its best hits, a line each. False: this analysis is
 * not the one that made the index. */
static bool put_answer(struct lede_index *index, const struct question *question,
                       struct buffer *out)
{
    struct lede_search_options options = {.limit = 20, .any = question->any, .count_matches = true};
    struct lede_bytes query = {question->query, strlen(question->query)};
    struct lede_results *results;
    struct lede_error error;
    enum lede_status status = lede_search(index, query, &options, &results, &error);

    if (status == LEDE_INCOMPATIBLE)
        return false;
    cr_assert_eq(status, LEDE_OK, "%s", error.text);
    buffer_printf(out, "%s%s\t%llu\n", question->query, question->any ? " (any)" : "",
                  (unsigned long long)lede_results_total(results));
    for (size_t i = 0; i < lede_results_count(results); i++)
        put_hit(out, lede_results_hit(results, i));
    lede_results_free(results);
    return true;
}

/* Told by the first line that differs. */
static void expect_equal(const char *answers, const char *expected)
{
    size_t line = 1;

    for (; *answers && *answers == *expected; answers++, expected++)
        line += *answers == '\n';
    cr_assert(*answers == *expected, "answers.tsv differs in line %zu: \"%.40s\", not \"%.40s\"",
              line, answers, expected);
}

Test(golden, answers_are_those_that_it_gave_when_it_was_made)
{
    const char *path = golden_index(), *written = getenv("LEDE_GOLDEN");
    struct lede_index *index;
    struct lede_error error;
    struct buffer answers;
    bool analysed = true;

    buffer_init(&answers, NULL);
    cr_assert_eq(lede_index_open(&path, 1, &index, &error), LEDE_OK, "%s", error.text);
    for (size_t i = 0; i < sizeof QUESTIONS / sizeof QUESTIONS[0] && analysed; i++)
        analysed = put_answer(index, &QUESTIONS[i], &answers);
    lede_index_close(index);
    buffer_byte(&answers, 0);
    cr_assert(!answers.failed);
    if (analysed && written) {
        runner_write(written, answers.data, answers.size - 1);
    } else if (analysed) {
        size_t size;
        char *expected = runner_read("tests/golden/answers.tsv", &size);

        cr_assert_gt(size, 100);
        expect_equal((const char *)answers.data, expected);
        free(expected);
    }
    buffer_done(&answers);
    if (!analysed)
        cr_skip_test("other versions of libunistring or libstemmer than those that made it");
}

/* ---- the rest ---- */

Test(golden, verify_finds_it_sound_and_whole)
{
    struct verify_totals totals;
    struct lede_error error = {.status = LEDE_OK};

    cr_expect_eq(verify_index(golden_index(), true, NULL, NULL, &totals, &error), LEDE_OK,
                 "an index of version 1 stays readable: %s", error.text);
    cr_expect_geq(totals.segments, 2);
    cr_expect_gt(totals.documents, 4200);
    cr_expect_geq(totals.deleted, 3);
}

Test(golden, an_article_is_shown_and_another_added)
{
    const char *index = golden_index();
    struct run run = INDEX("show", "-d", index, "n/4200");

    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_not_null(strstr(run.out, "It is two times"), "%s", run.out);
    run_done(&run);
    run = INDEX("show", "-d", index, "n/4199");
    cr_expect_eq(run.code, 1, "a deleted one");
    run_done(&run);
    run = INDEX_INPUT("{\"id\":\"n/1\",\"text\":\"nothing\"}\n", "add", "-q", "-f", "jsonl", "-d",
                      index, "-");
    if (run.code == 3) { /* another analysis */
        run_done(&run);
        return;
    }
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = INDEX("verify", "-q", "--deep", "-d", index);
    cr_expect_eq(run.code, 0, "%s%s", run.out, run.err);
    run_done(&run);
}

/* How many of its segments have small records, and how many have not. */
static void count_forms(const char *path, size_t count[2])
{
    struct snapshot *snapshot;

    cr_assert_eq(snapshot_open(path, &snapshot, NULL), LEDE_OK);
    count[0] = count[1] = 0;
    for (size_t i = 0; i < snapshot->segment_count; i++)
        count[snapshot->segments[i].info->small_records]++;
    snapshot_close(snapshot);
}

static void expect_sound(const char *index, const char *articles)
{
    struct run run = INDEX("verify", "-q", "--deep", "-d", index);

    cr_expect_eq(run.code, 0, "%s%s", run.out, run.err);
    run_done(&run);
    run = SEARCH("-d", index, "-c", "number");
    cr_expect_str_eq(run.out, articles, "%s%s", run.out, run.err);
    run_done(&run);
}

/* Its segments keep the records that they have until they are written anew. */
Test(golden, small_records_stand_beside_those_that_it_has)
{
    const char *index = golden_index();
    struct run run = SEARCH("-d", index, "-c", "number");
    unsigned long before = strtoul(run.out, NULL, 10);
    size_t forms[2];
    char now[32];

    run_done(&run);
    count_forms(index, forms);
    cr_expect_geq(forms[0], 2);
    cr_expect_eq(forms[1], 0);
    run = INDEX_INPUT(
        "{\"id\":\"n/1\",\"text\":\"nothing\"}\n{\"id\":\"new\",\"text\":\"a number\"}\n", "add",
        "-q", "-f", "jsonl", "-d", index, "-");
    if (run.code == 3) { /* another analysis */
        run_done(&run);
        return;
    }
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = INDEX("rm", "-q", "-d", index, "n/2");
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    count_forms(index, forms);
    cr_expect_geq(forms[0], 1);
    cr_expect_geq(forms[1], 1);
    (void)snprintf(now, sizeof now, "%lu\n", before - 1); /* two went, one came */
    expect_sound(index, now);
    run = INDEX("compact", "-q", "-d", index);
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    count_forms(index, forms);
    cr_expect_eq(forms[0], 0);
    cr_expect_eq(forms[1], 1);
    expect_sound(index, now);
}

/* Where the manifest that readers use says its version. */
static char *version_in(char *bytes, size_t size)
{
    static const char fingerprint[] = "analysis=";
    char *found = memmem(bytes, size, fingerprint, sizeof fingerprint - 1);

    cr_assert_not_null(found);
    return found - (4 + 8 + 4 + 1) - (found[-2] & 0x80 ? 2 : 1);
}

/* It was made before there were signatures. */
Test(golden, no_article_is_a_copy)
{
    static const char *const how[] = {"none", "exact", "near"};
    const char *index = golden_index();
    char *found[3];

    for (int i = 0; i < 3; i++) {
        struct run run = SEARCH("-d", index, "--collapse", how[i], "--any", "water", "the");

        cr_expect_eq(run.code, 0, "%s", run.err);
        cr_expect_null(strstr(run.out, "cop"), "%s", run.out);
        found[i] = strdup(run.out);
        run_done(&run);
    }
    cr_expect_str_eq(found[1], found[0]);
    cr_expect_str_eq(found[2], found[0]);
    for (int i = 0; i < 3; i++)
        free(found[i]);
}

Test(golden, another_version_is_refused_by_every_command_and_left_alone)
{
    const char *index = golden_index(), *file = runner_path("golden.lede/data.mdb");
    size_t size;
    char *bytes = runner_read(file, &size), *after, *at = bytes;

    while ((at = memmem(at, size - (size_t)(at - bytes), "analysis=", 9)) != NULL) {
        version_in(at - 32, size - (size_t)(at - 32 - bytes))[0] = FORMAT_VERSION + 1;
        at++; /* also those of commits before */
    }
    runner_write(file, bytes, size);
    for (int i = 0; i < 5; i++) {
        struct run run = i == 0   ? SEARCH("-d", index, "water")
                         : i == 1 ? INDEX("show", "-d", index, "n/1")
                         : i == 2 ? INDEX("rm", "-d", index, "n/1")
                         : i == 3 ? INDEX("compact", "-d", index)
                                  : INDEX("verify", "-d", index);

        cr_expect_eq(run.code, 3, "command %d: %d %s%s", i, run.code, run.out, run.err);
        cr_expect_not_null(strstr(run.err, "format version"), "%s", run.err);
        run_done(&run);
    }
    after = runner_read(file, &size);
    cr_expect_arr_eq(after, bytes, size);
    free(after);
    free(bytes);
}
