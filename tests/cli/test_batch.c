/* lede-search - : many queries in one process, as lines of JSON, in order, by any number of
 * threads. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/command_runner.h"

TestSuite(batch, .init = runner_init, .fini = runner_done, .timeout = 300);

static json_t *parse_line(const char *line, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(line, size, 0, &error);

    cr_assert_not_null(root, "%s: %.*s", error.text, (int)size, line);
    return root;
}

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- what comes out ---- */

Test(batch, each_line_is_answered_by_a_line_of_json_whatever_it_says)
{
    static const char *const asked[] = {"octopus", "\"octopus", "zeppelin", "", "ferry strike"};
    static const long long totals[] = {3, -1, 0, 0, 1};
    struct run run = runner_run("lede-search", "octopus\n\"octopus\nzeppelin\n\nferry strike",
                                ARGUMENTS("-d", runner_corpus(), "--strict", "-"));
    char *rest = run.out, *line;
    size_t count = 0;

    cr_expect_eq(run.code, 2);
    for (; (line = strsep(&rest, "\n")) != NULL && *line; count++) {
        json_t *root = parse_line(line, strlen(line));
        const json_t *total = json_object_get(root, "total");

        cr_assert_lt(count, 5);
        cr_expect_eq(json_integer_value(json_object_get(root, "version")), 1);
        cr_expect_str_eq(string_of(root, "query"), asked[count]);
        cr_expect_eq(total ? json_integer_value(total) : -1, totals[count], "%s", line);
        cr_expect_eq(string_of(root, "error") != NULL, totals[count] < 0, "%s", line);
        json_decref(root);
    }
    cr_expect_eq(count, 5);
    cr_expect_not_null(strstr(run.err, "standard input:2: "), "%s", run.err);
    run_done(&run);
}

Test(batch, other_formats_are_to_be_had_and_text_is_one)
{
    const char *index = runner_corpus();
    struct run run = runner_run("lede-search", "octopus\nzeppelin\n",
                                ARGUMENTS("-q", "-d", index, "--format", "text", "-n1", "-"));

    cr_expect_eq(strncmp(run.out, "> octopus\n 1  ", 14), 0, "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\n> zeppelin\n"), "%s", run.out);
    run_done(&run);
    run = runner_run("lede-search", "octopus\nzeppelin\n", ARGUMENTS("-q", "-d", index, "-c", "-"));
    cr_expect_str_eq(run.out, "3\n0\n");
    run_done(&run);
    run = runner_run("lede-search", "\"octopus\n",
                     ARGUMENTS("-d", index, "--strict", "--format=jsonl", "-"));
    cr_expect_eq(strncmp(run.out, "{\"version\":1,\"query\":\"\\\"octopus\",\"error\":\"", 42), 0,
                 "%s", run.out);
    run_done(&run);
}

/* ---- any number of threads ---- */

/* The queries of the table, and between them some that take long, are long, or make no sense. */
static char *many_lines(void)
{
    char *table = runner_read("tests/everyday_queries.jsonl", NULL), *rest = table, *line, *lines;
    size_t size;
    FILE *out = open_memstream(&lines, &size);

    cr_assert_not_null(out);
    for (size_t i = 0; (line = strsep(&rest, "\n")) != NULL && *line; i++) {
        json_t *row = parse_line(line, strlen(line));
        const char *query = string_of(row, "query");

        if (!strchr(query, '\n'))
            (void)fprintf(out, "%s\n", query);
        if (i % 7 == 0)
            (void)fprintf(out, "the OR a OR of OR gov* OR \"the a\"~9\n");
        if (i % 11 == 0)
            (void)fprintf(out, "%05000zu\n", i);
        json_decref(row);
    }
    cr_assert_eq(fclose(out), 0);
    free(table);
    return lines;
}

static struct run run_jobs(const char *lines, const char *jobs, const char *const *arguments)
{
    const char *all[16] = {"-j", jobs};
    size_t count = 2;

    while (*arguments)
        all[count++] = *arguments++;
    return runner_run("lede-search", lines, all);
}

static void expect_same_for_any_jobs(const char *lines, const char *const *arguments)
{
    static const char *const jobs[] = {"2", "16"};
    struct run one = run_jobs(lines, "1", arguments);

    cr_expect_gt(one.out_size, 500);
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        struct run many = run_jobs(lines, jobs[i], arguments);

        cr_expect_eq(many.code, one.code, "-j %s: exit code %d, not %d", jobs[i], many.code,
                     one.code);
        cr_expect(many.out_size == one.out_size && !memcmp(many.out, one.out, one.out_size),
                  "-j %s %s: another answer", jobs[i], arguments[2]);
        cr_expect_str_eq(many.err, one.err, "-j %s: other messages", jobs[i]);
        run_done(&many);
    }
    run_done(&one);
}

Test(batch, answers_and_messages_are_the_same_for_any_number_of_threads)
{
    const char *index = runner_corpus();
    char *lines = many_lines();

    expect_same_for_any_jobs(lines, ARGUMENTS("-d", index, "-", "--strict"));
    expect_same_for_any_jobs(lines, ARGUMENTS("-d", index, "--format=text", "--explain", "-"));
    if (!runner_sanitized()) {
        expect_same_for_any_jobs(lines, ARGUMENTS("-d", index, "--format=jsonl", "--any", "-"));
        expect_same_for_any_jobs(lines, ARGUMENTS("-q", "-d", index, "--format=trec", "-"));
        expect_same_for_any_jobs(lines, ARGUMENTS("-q", "-d", index, "-l", "-0", "-"));
        expect_same_for_any_jobs(lines, ARGUMENTS("-q", "-d", index, "-c", "-"));
    }
    free(lines);
}

/* An answer larger than what is held of one (1 MiB) is written in parts, in its turn all the same.
 */
Test(batch, long_answers_do_not_mix)
{
    const char *index = runner_path("many.lede");
    char *articles, *lines;
    size_t size;
    FILE *out = open_memstream(&articles, &size);

    for (int i = 0; i < 4000; i++)
        (void)fprintf(out, "{\"id\":\"%d\",\"text\":\"%0300d word%d every\"}\n", i, i, i % 2);
    cr_assert_eq(fclose(out), 0);
    {
        struct run run = INDEX_INPUT(articles, "add", "-q", "-f", "jsonl", "-d", index, "-");

        cr_assert_eq(run.code, 0, "%s", run.err);
        run_done(&run);
    }
    free(articles);
    out = open_memstream(&lines, &size);
    for (int i = 0; i < 6; i++)
        (void)fprintf(out, "every\nword%d\nnothing\n", i % 2);
    cr_assert_eq(fclose(out), 0);
    expect_same_for_any_jobs(lines, ARGUMENTS("-d", index, "-", "-n", "4000"));
    free(lines);
}

Test(batch, topics_are_ranked_and_measured_the_same_by_many_threads)
{
    const char *index = runner_corpus(), *topics = runner_path("topics"),
               *judged = runner_path("judged");
    FILE *file = fopen(topics, "wb"), *judgements = fopen(judged, "wb");

    cr_assert(file && judgements);
    for (int i = 0; i < 200; i++) {
        (void)fprintf(file, "q%d\t%s\n", i, i % 3 ? "octopus of the sea" : "water storm");
        (void)fprintf(judgements, "q%d 0 wire-0%02d %d\n", i, i % 20 + 1, i % 3);
    }
    cr_assert(fclose(file) == 0 && fclose(judgements) == 0);
    expect_same_for_any_jobs("", ARGUMENTS("-d", index, "--topics", topics, "--format=trec"));
    expect_same_for_any_jobs("", ARGUMENTS("-d", index, "--topics", topics, "--eval", judged));
}

Test(batch, threads_answer_each_line_before_the_next_is_there)
{
    struct child child = runner_start("lede-search", ARGUMENTS("-d", runner_corpus(), "-j4", "-"));
    char line[65536];

    for (int i = 0; i < 20; i++) {
        json_t *root;

        cr_assert_eq(write(child.in, "octopus\n", 8), 8);
        cr_assert(runner_read_line(child.out, line, sizeof line), "no answer to line %d", i + 1);
        root = parse_line(line, strlen(line));
        cr_expect_eq(json_integer_value(json_object_get(root, "total")), 3);
        json_decref(root);
    }
    (void)close(child.in);
    cr_expect_eq(runner_wait(child.pid), 0);
    (void)close(child.out);
    (void)close(child.err);
}

/* ---- what ends it ---- */

Test(batch, what_cannot_be_read_ends_it_behind_the_answers_before)
{
    const char *index = runner_corpus(), *topics = runner_path("topics");
    static const char *const jobs[] = {"1", "4"};

    runner_write(topics, "a\toctopus\nb\toctopus\noctopus\nd\toctopus\n", 38);
    for (size_t i = 0; i < 2; i++) {
        struct run run = SEARCH("-j", jobs[i], "-d", index, "--topics", topics, "-c");

        cr_expect_eq(run.code, 2);
        cr_expect_str_eq(run.out, "a\t3\nb\t3\n", "-j %s: %s", jobs[i], run.out);
        cr_expect_not_null(strstr(run.err, "topics:3: "), "%s", run.err);
        run_done(&run);
    }
}

/* Nobody reads, but whoever asks goes on asking, or says nothing any more. */
Test(batch, it_ends_when_nobody_reads_the_answers)
{
    static const char *const jobs[] = {"-j1", "-j4"};
    const char *index = runner_corpus();

    cr_assert_neq(signal(SIGPIPE, SIG_IGN), SIG_ERR);
    for (size_t i = 0; i < 2; i++) {
        struct child child =
            runner_start("lede-search", ARGUMENTS("-d", index, jobs[i], "-q", "-"));

        (void)close(child.out);
        (void)write(child.in, "octopus\noctopus\n", 16);
        cr_expect_leq(runner_wait(child.pid), 1, "%s", jobs[i]);
        (void)close(child.in);
        (void)close(child.err);
    }
}

Test(batch, threads_are_for_many_queries)
{
    const char *index = runner_corpus();

    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "-j2", "octopus"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "-j0", "-"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "-j", "2000", "-"));
    runner_expect(0, "lede-search", ARGUMENTS("-d", index, "-j1", "octopus"));
}
