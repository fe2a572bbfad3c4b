/* Dates of articles as a user sees them: where they are from, and what they are good for. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(date_sources, .init = runner_init, .fini = runner_done, .timeout = 120);

static const char LINES[] =
    "{\"id\":\"meta\",\"text\":\"heron\",\"date\":\"2023-07-19\",\"url\":\"http://a/2022/01/02/"
    "x\"}\n"
    "{\"id\":\"words\",\"text\":\"heron\",\"date\":\"19. Juli 2023\"}\n"
    "{\"id\":\"url\",\"text\":\"heron\",\"url\":\"http://a.example/2023/07/19/heron\"}\n"
    "{\"id\":\"text\",\"text\":\"Published 19 July 2023\\n\\nA heron stood in the harbour.\"}\n"
    "{\"id\":\"told\",\"text\":\"On 19 July 2023 a heron stood in the harbour.\"}\n"
    "{\"id\":\"odd\",\"text\":\"heron\",\"date\":\"once upon a time\"}\n";

static void expect_shown(const char *index, const char *id, const char *line)
{
    struct run run = INDEX("show", "-d", index, id);

    if (line)
        cr_expect(strstr(run.out, line), "%s: no %s in\n%s", id, line, run.out);
    else
        cr_expect_null(strstr(run.out, "\ndate  "), "%s: %s", id, run.out);
    run_done(&run);
}

static void expect_found(const char *index, const char *query, const char *ids)
{
    struct run run = SEARCH("-q", "-d", index, "-l", "-n", "100", "--", query);

    cr_expect_str_eq(run.out, ids, "%s: %s", query, run.out);
    run_done(&run);
}

Test(date_sources, each_says_where_it_is_from)
{
    const char *index = runner_path("a.lede");
    struct run run = INDEX_INPUT(LINES, "add", "-q", "-f", "jsonl", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    expect_shown(index, "meta", "date      2023-07-19\n");
    expect_shown(index, "words", "date      2023-07-19\n");
    expect_shown(index, "url", "date      2023-07-19 (from its url)\n");
    expect_shown(index, "text", "date      2023-07-19 (from its text)\n");
    expect_shown(index, "told", NULL);
    expect_found(index, "heron date:2023-07-19", "meta\nwords\nurl\ntext\n");
    run = SEARCH("-d", index, "--format", "jsonl", "heron");
    cr_expect(strstr(run.out, "\"date\":\"2023-07-19\",\"date_source\":\"text\""), "%s", run.out);
    cr_expect(strstr(run.out, "\"date\":\"2023-07-19\",\"date_source\":\"url\""), "%s", run.out);
    cr_expect(strstr(run.out, "\"date\":\"2023-07-19\",\"date_source\":\"metadata\""), "%s",
              run.out);
    cr_expect(strstr(run.out, "\"date\":null,\"date_source\":null"), "%s", run.out);
    run_done(&run);
}

Test(date_sources, a_file_has_its_own_if_that_is_asked_for)
{
    const char *index = runner_path("a.lede"), *file = runner_path("a.txt");

    runner_write(file, "heron\n", 6);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, file));
    expect_shown(index, file, NULL);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "--file-dates", "-d", index, file));
    expect_shown(index, file, " (from its file)\n");
    expect_found(index, "heron date:1980..1990", "");
}

Test(date_sources, merging_and_compacting_keep_where_they_are_from)
{
    const char *one = runner_path("a.lede"), *other = runner_path("b.lede");
    struct run run = INDEX_INPUT(LINES, "add", "-q", "-f", "jsonl", "-d", one, "-");

    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("merge", "-q", "-d", other, one));
    runner_expect(0, "lede-index", ARGUMENTS("compact", "-q", "-d", other));
    expect_shown(other, "url", "date      2023-07-19 (from its url)\n");
    expect_shown(other, "text", "date      2023-07-19 (from its text)\n");
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", other));
}

/* With what only looks like it, which is metadata. */
Test(date_sources, exporting_and_adding_again_keep_where_they_are_from)
{
    const char *one = runner_path("a.lede"), *other = runner_path("b.lede");
    struct run run = INDEX_INPUT(LINES, "add", "-q", "-f", "jsonl", "-d", one, "-"), again;

    run_done(&run);
    run = INDEX_INPUT(
        "{\"id\":\"agency\",\"text\":\"heron\",\"date\":\"2023\",\"date_source\":\"AP\"}\n"
        "{\"id\":\"undated\",\"text\":\"heron\",\"date_source\":\"text\"}\n",
        "add", "-q", "-f", "jsonl", "-d", one, "-");
    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = INDEX("export", "-d", one);
    cr_expect(strstr(run.out, "\"date\":\"2023-07-19\",\"date_source\":\"url\""), "%s", run.out);
    cr_expect(strstr(run.out, ",\"date_source\":\"AP\","), "%s", run.out);
    again = INDEX_INPUT(run.out, "add", "-q", "-f", "jsonl", "-d", other, "-");
    cr_assert_eq(again.code, 0, "%s", again.err);
    run_done(&again);
    expect_shown(other, "meta", "date      2023-07-19\n");
    expect_shown(other, "words", "date      2023-07-19\n");
    expect_shown(other, "url", "date      2023-07-19 (from its url)\n");
    expect_shown(other, "text", "date      2023-07-19 (from its text)\n");
    expect_shown(other, "agency", "date      2023\n");
    expect_shown(other, "undated", NULL);
    again = INDEX("export", "-d", other);
    cr_expect(strstr(again.out, "\"date_source\":\"url\""), "%s", again.out);
    cr_expect(strstr(again.out, "\"date_source\":\"AP\""), "%s", again.out);
    run_done(&again);
    run_done(&run);
}
