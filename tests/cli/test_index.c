/* lede-index as its user sees it: what it says, what lede-search finds afterwards, and what is left
 * when it is stopped. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command_runner.h"

TestSuite(index, .init = runner_init, .fini = runner_done, .timeout = 120);

static void add(const char *index, const char *lines)
{
    struct run run = INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-d", index, "-");

    cr_expect_eq(run.code, 0, "exit code %d\n%s", run.code, run.err);
    cr_expect_str_eq(run.err, "");
    run_done(&run);
}

static void expect_ids(const char *index, const char *query, const char *ids)
{
    struct run run = SEARCH("-q", "-d", index, "-l", "-n", "1000", "--", query);

    cr_expect_str_eq(run.out, ids, "%s: expected %sfound %s", query, ids, run.out);
    cr_expect_str_eq(run.err, "");
    run_done(&run);
}

/* ---- what is said ---- */

Test(index, exit_codes_tell_what_happened)
{
    const char *index = runner_path("a.lede"), *none = runner_path("none.lede"),
               *bad = runner_path("bad.jsonl");

    runner_write(bad, "{\"id\":\"x\",\"text\":\"fine\"}\n{oops\n", 30);
    add(index, "{\"id\":\"a\",\"text\":\"heron\"}\n");
    runner_expect(1, "lede-index", ARGUMENTS("add", "-q", "-d", index, bad));
    runner_expect(1, "lede-index", ARGUMENTS("rm", "-q", "-d", index, "nobody"));
    runner_expect(2, "lede-index", ARGUMENTS("add", "-d", index, "corpus"));
    runner_expect(2, "lede-index", ARGUMENTS("frobnicate"));
    runner_expect(2, "lede-index", ARGUMENTS("add", "--nonsense", "-d", index, bad));
    runner_expect(3, "lede-index", ARGUMENTS("stats", "-d", none));
    runner_expect(3, "lede-index", ARGUMENTS("verify", "-d", none));
    runner_expect(3, "lede-index", ARGUMENTS("export", "-d", none));
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
    runner_expect(0, "lede-index", ARGUMENTS("--help"));
    runner_expect(0, "lede-index", ARGUMENTS("-V"));
    expect_ids(index, "fine", "x\n");
}

Test(index, both_programs_mean_the_same_default_index)
{
    struct run run =
        INDEX_INPUT("{\"id\":\"a\",\"text\":\"heron\"}\n", "add", "-q", "-f", "jsonl", "-");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-l", "heron");
    cr_expect_str_eq(run.out, "a\n");
    run_done(&run);
}

Test(index, one_writer_at_a_time_and_readers_do_not_mind)
{
    const char *index = runner_path("a.lede");
    struct child writer;
    struct run run;
    char line[512];

    add(index, "{\"id\":\"a\",\"text\":\"heron\"}\n");
    writer = runner_start("lede-index",
                          ARGUMENTS("add", "-f", "jsonl", "-d", index, "--commit-every", "1", "-"));
    cr_assert_gt(write(writer.in, "{\"id\":\"b\",\"text\":\"heron\"}\n", 26), 0);
    for (int i = 0; i < 500; i++) { /* until the writer has committed it, and so holds the lock */
        run = SEARCH("-d", index, "-c", "heron");
        if (strcmp(run.out, "2\n") == 0)
            break;
        run_done(&run);
        (void)usleep(10000);
    }
    cr_expect_str_eq(run.out, "2\n");
    run_done(&run);
    run = INDEX_INPUT("", "rm", "--wait", "0", "-d", index, "a");
    cr_expect_eq(run.code, 5, "exit code %d\n%s", run.code, run.err);
    (void)snprintf(line, sizeof line, "%d", (int)writer.pid);
    cr_expect_not_null(strstr(run.err, line), "the holder is named: %s", run.err);
    run_done(&run);
    (void)close(writer.in);
    cr_expect_eq(runner_wait(writer.pid), 0);
    (void)close(writer.out);
    (void)close(writer.err);
    runner_expect(0, "lede-index", ARGUMENTS("rm", "-q", "-d", index, "a"));
    expect_ids(index, "heron", "b\n");
}

/* ---- what is found afterwards ---- */

Test(index, an_article_of_the_same_id_is_replaced_and_one_removed_is_gone)
{
    const char *index = runner_path("a.lede");

    add(index, "{\"id\":\"a\",\"text\":\"heron\"}\n{\"id\":\"b\",\"text\":\"heron otter\"}\n");
    add(index, "{\"id\":\"a\",\"text\":\"swan\"}\n");
    expect_ids(index, "heron", "b\n");
    expect_ids(index, "swan", "a\n");
    runner_expect(0, "lede-index", ARGUMENTS("rm", "-q", "-d", index, "b"));
    expect_ids(index, "heron", "");
    expect_ids(index, "otter", "");
    add(index, "{\"id\":\"b\",\"text\":\"otter\"}\n{\"id\":\"b\",\"text\":\"newt\"}\n");
    expect_ids(index, "otter", "");
    expect_ids(index, "newt", "b\n");
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
}

Test(index, one_article_of_one_file_is_told_as_one)
{
    const char *index = runner_path("a.lede"), *first = runner_path("a"), *other = runner_path("b");
    struct run run;

    runner_write(first, "heron\n", 6);
    runner_write(other, "otter\n", 6);
    run = INDEX("add", "--dry-run", "-d", index, first);
    cr_expect(strstr(run.err, "would add 1 article from 1 file: "), "%s", run.err);
    run_done(&run);
    run = INDEX("add", "-d", index, first);
    cr_expect(strstr(run.err, "added 1 article from 1 file: "), "%s", run.err);
    run_done(&run);
    run = INDEX("verify", "-d", index);
    cr_expect(strstr(run.err, ": 1 article in 1 segment, "), "%s", run.err);
    run_done(&run);
    run = INDEX("add", "-d", index, first, other);
    cr_expect(strstr(run.err, " from 2 files: "), "%s", run.err);
    run_done(&run);
    run = INDEX("compact", "-d", index);
    cr_expect(strstr(run.err, ": 2 articles in one part"), "%s", run.err);
    run_done(&run);
    run = INDEX("rm", "-d", index, "no-such-id");
    cr_expect(strstr(run.err, "removed 0 of 1 article\n"), "%s", run.err);
    run_done(&run);
}

Test(index, compacting_makes_the_file_smaller_and_changes_no_answer)
{
    const char *index = runner_path("a.lede"), *file = runner_path("a.lede/data.mdb");
    struct run run, before, after;
    size_t before_size, after_size;

    for (int i = 0; i < 5; i++)
        add(index,
            i % 2 ? "{\"id\":\"a\",\"text\":\"heron\"}\n{\"id\":\"b\",\"text\":\"otter heron\"}\n"
                  : "{\"id\":\"b\",\"text\":\"heron newt\"}\n{\"id\":\"c\",\"text\":\"newt\"}\n");
    before = INDEX("export", "-d", index);
    free(runner_read(file, &before_size));
    run = INDEX("compact", "-d", index);
    cr_expect_eq(run.code, 0, "exit code %d\n%s", run.code, run.err);
    cr_expect_not_null(strstr(run.err, "3 articles in one part"), "%s", run.err);
    run_done(&run);
    after = INDEX("export", "-d", index);
    cr_expect_str_eq(after.out, before.out);
    run_done(&before);
    run_done(&after);
    free(runner_read(file, &after_size));
    cr_expect_lt(after_size, before_size);
    expect_ids(index, "newt", "c\nb\n");
    runner_expect(0, "lede-index", ARGUMENTS("compact", "--reorder", "-j", "2", "-d", index));
    expect_ids(index, "newt", "c\nb\n");
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
    runner_expect(2, "lede-index", ARGUMENTS("rm", "--reorder", "-d", index, "a"));
    runner_expect(3, "lede-index", ARGUMENTS("compact", "-d", runner_path("none.lede")));
    runner_expect(2, "lede-index", ARGUMENTS("compact", "-d", index, "more"));
}

Test(index, what_is_there_already_is_left_alone)
{
    const char *index = runner_path("a.lede"), *file = runner_path("a.lede/data.mdb");
    size_t before_size, after_size;
    char *before, *after;

    add(index, "{\"id\":\"a\",\"text\":\"heron\"}\n");
    before = runner_read(file, &before_size);
    add(index, "{\"id\":\"a\",\"text\":\"heron\"}\n");
    after = runner_read(file, &after_size);
    expect_ids(index, "heron", "a\n");
    cr_expect_eq(before_size, after_size);
    free(before);
    free(after);
}

Test(index, an_export_makes_the_same_index_again)
{
    const char *index = runner_corpus(), *again = runner_path("again.lede");
    static const char *const queries[] = {"water", "title:ferry", "\"grain corridor\"", "маяки"};
    struct run all = INDEX("export", "-d", index);

    cr_expect_eq(all.code, 0, "%s", all.err);
    add(again, all.out);
    run_done(&all);
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct run one = SEARCH("-d", index, "--format", "tsv", "--any", queries[i]),
                   other = SEARCH("-d", again, "--format", "tsv", "--any", queries[i]);

        cr_expect_gt(one.out_size, 0, "%s", queries[i]);
        cr_expect_str_eq(one.out, other.out, "%s", queries[i]);
        run_done(&one);
        run_done(&other);
    }
}

/* Words from a small vocabulary, so that lists are long; the same for the same seed. */
static char *many_articles(size_t count)
{
    size_t room = count * 700, size = 0;
    unsigned long long state = 7;
    char *lines = malloc(room);

    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(lines + size, room - size, "{\"id\":\"n%zu\",\"text\":\"", i);
        for (size_t j = 0; j < 40; j++) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            size += (size_t)snprintf(lines + size, room - size, "w%llu ",
                                     (state >> 40) % 97 * ((state >> 50) % 89));
        }
        size += (size_t)snprintf(lines + size, room - size, "\"}\n");
    }
    return lines;
}

Test(index, neither_threads_nor_memory_change_an_index)
{
    const char *one = runner_path("one.lede"), *other = runner_path("other.lede");
    char *lines = many_articles(runner_sanitized() ? 1000 : 20000);
    struct run run = INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-j", "1", "-d", one, "-");
    size_t one_size, other_size;
    char *one_bytes, *other_bytes;

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-j", "4", "--memory", "16M", "-d", other,
                      "-");
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = INDEX("stats", "--json", "-d", one);
    cr_expect_eq(run.code, 0);
    run_done(&run);
    one_bytes = runner_read(runner_path("one.lede/data.mdb"), &one_size);
    other_bytes = runner_read(runner_path("other.lede/data.mdb"), &other_size);
    cr_expect(one_size == other_size && memcmp(one_bytes, other_bytes, one_size) == 0,
              "%zu and %zu bytes", one_size, other_size);
    free(one_bytes);
    free(other_bytes);
    free(lines);
}

/* ---- options that make an index ---- */

Test(index, an_index_without_texts_is_searched_and_shows_no_passages)
{
    const char *index = runner_path("a.lede");
    struct run run = INDEX_INPUT("{\"id\":\"a\",\"title\":\"Birds\",\"text\":\"A grey heron.\"}\n",
                                 "add", "-q", "-f", "jsonl", "--no-store", "-d", index, "-");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "--format", "json", "\"grey heron\"");
    cr_expect_not_null(strstr(run.out, "\"title\":\"Birds\""), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\"snippets\":[]"), "%s", run.out);
    run_done(&run);
}

Test(index, an_index_without_positions_takes_phrases_as_words)
{
    const char *index = runner_path("a.lede");
    struct run run = INDEX_INPUT("{\"id\":\"a\",\"text\":\"heron grey\"}\n", "add", "-q", "-f",
                                 "jsonl", "--no-positions", "-d", index, "-");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "-l", "\"grey heron\"");
    cr_expect_str_eq(run.out, "a\n");
    cr_expect_eq(strncmp(run.err, "lede-search: note: ", 19), 0, "%s", run.err);
    run_done(&run);
}

Test(index, an_index_that_does_not_stem_finds_words_as_they_are)
{
    const char *index = runner_path("a.lede");
    struct run run = INDEX_INPUT("{\"id\":\"a\",\"text\":\"Herons\"}\n", "add", "-q", "-f", "jsonl",
                                 "--no-stem", "-d", index, "-");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    expect_ids(index, "herons", "a\n");
    expect_ids(index, "heron", "");
    run = INDEX_INPUT("{\"id\":\"b\",\"text\":\"swans\"}\n", "add", "-q", "-f", "jsonl",
                      "--no-positions", "-d", index, "-");
    cr_expect_eq(run.code, 3, "made otherwise: exit code %d\n%s", run.code, run.err);
    run_done(&run);
}

Test(index, statistics_count_what_there_is)
{
    struct run run = INDEX("stats", "--json", "-d", runner_corpus());
    json_error_t error;
    json_t *root = json_loadb(run.out, run.out_size, 0, &error);
    static const char *const members[] = {"articles", "terms", "tokens", "segments", "deleted"};

    cr_assert_not_null(root, "%s: %s", error.text, run.out);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        cr_expect(json_is_integer(json_object_get(root, members[i])), "%s", members[i]);
    cr_expect_eq(json_integer_value(json_object_get(root, "articles")), 69);
    cr_expect_eq(json_integer_value(json_object_get(root, "deleted")), 0);
    json_decref(root);
    run_done(&run);
}

/* ---- what is left when it is stopped ---- */

static unsigned long count_articles(const char *index)
{
    struct run run = SEARCH("-d", index, "-c", "heron");
    unsigned long count = strtoul(run.out, NULL, 10);

    cr_expect(run.code == 0 || run.code == 3, "exit code %d\n%s", run.code, run.err);
    run_done(&run);
    return count;
}

/* Feeds articles to a writer that commits every 100, and sends a signal somewhere on the way. */
static void stop_somewhere(const char *index, int number, size_t articles, int expected)
{
    struct child writer =
        runner_start("lede-index", ARGUMENTS("add", "-q", "-f", "jsonl", "-d", index,
                                             "--commit-every", "100", "-"));
    unsigned long count;
    char line[128];
    int code;

    for (size_t i = 0; i < articles; i++) {
        int size = snprintf(line, sizeof line, "{\"id\":\"n%zu\",\"text\":\"heron %zu\"}\n", i, i);

        cr_assert_eq(write(writer.in, line, (size_t)size), size);
    }
    cr_assert_eq(kill(writer.pid, number), 0);
    code = runner_wait(writer.pid);
    cr_expect_eq(code, expected, "exit code %d", code);
    (void)close(writer.in), (void)close(writer.out), (void)close(writer.err);
    count = count_articles(index);
    if (number == SIGKILL)
        cr_expect(count % 100 == 0 && count <= articles, "%lu articles", count);
    if (count > 0)
        runner_expect(0, "lede-index", ARGUMENTS("verify", "-q", "-d", index));
    add(index, "{\"id\":\"n0\",\"text\":\"heron\"}\n{\"id\":\"last\",\"text\":\"heron\"}\n");
    cr_expect_geq(count_articles(index), count + (count == 0) + 1);
}

Test(index, a_killed_writer_leaves_what_it_committed)
{
    size_t most = runner_sanitized() ? 200 : 3000;

    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t articles = 50; articles <= most; articles *= 2) {
        char name[32];

        (void)snprintf(name, sizeof name, "killed%zu.lede", articles);
        stop_somewhere(runner_path(name), SIGKILL, articles, 128 + SIGKILL);
    }
}

Test(index, an_interrupted_writer_says_so)
{
    stop_somewhere(runner_path("interrupted.lede"), SIGINT, 500, 130);
}

Test(index, a_damaged_index_is_told_by_verify_and_not_written_to)
{
    const char *index = runner_corpus(), *file = runner_path("corpus.lede/data.mdb");
    size_t size, told = 0, cases = 0, step = runner_sanitized() ? 5 : 2;
    char *bytes = runner_read(file, &size);

    for (size_t at = 4096 * 2 + 100; at < size; at += 4096 * step) {
        char before = bytes[at];
        struct run run;

        bytes[at] ^= 0x10;
        runner_write(file, bytes, size);
        run = INDEX("verify", "--deep", "-d", index);
        cr_expect(run.code == 0 || run.code == 4, "byte %zu: exit code %d\n%s", at, run.code,
                  run.err);
        told += run.code == 4;
        cases++;
        run_done(&run);
        run = INDEX_INPUT("", "rm", "-q", "-d", index, "wire-001");
        cr_expect(run.code == 0 || run.code == 3 || run.code == 4, "byte %zu: exit code %d\n%s", at,
                  run.code, run.err);
        run_done(&run);
        bytes[at] = before;
    }
    cr_expect(told * 3 >= cases, "%zu of %zu told", told, cases);
    free(bytes);
}

Test(index, a_word_that_an_article_has_very_often_is_verified)
{
    const char *index = runner_path("often.lede"), *file = runner_path("often.txt");
    size_t size = 40000 * 11;
    char *text = malloc(size);

    cr_assert(text);
    for (size_t at = 0; at < size; at += 11)
        memcpy(text + at, "quay tern \n", 11);
    runner_write(file, text, size);
    free(text);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, file));
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
}
