/* lede-search --open N: an article as a whole, on a terminal through a pager. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/command_runner.h"

TestSuite(open, .init = runner_init, .fini = runner_done, .timeout = 60);

Test(open, the_article_of_that_place_is_shown_as_a_whole)
{
    const char *index = runner_corpus();
    struct run run = SEARCH("-d", index, "--open", "2", "ferry");

    cr_expect_eq(run.code, 0);
    cr_expect_eq(strncmp(run.out,
                         " 2  Ferry subsidy survives a late vote\n"
                         "    articles/politics/ferry-subsidy.txt  ",
                         79),
                 0, "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\n\nIslanders who had filled the public gallery cheered "
                                       "until the Speaker threatened\nto clear it."),
                       "%s", run.out);
    cr_expect_not_null(strstr(run.out, "forty sheep.\n"), "%s", run.out);
    cr_expect_str_eq(run.err, "");
    run_done(&run);
    run = SEARCH("-d", index, "--offset=1", "--open=1", "--color=always", "ferry");
    cr_expect_not_null(strstr(run.out, " 2  "), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "The lifeline \x1b[1;31mferry\x1b[m to the outer islands"),
                       "%s", run.out);
    cr_expect_not_null(strstr(run.out, "The \x1b[1;31mferry\x1b[m carries"), "%s", run.out);
    run_done(&run);
}

Test(open, a_place_past_the_last_is_told)
{
    const char *index = runner_corpus();
    struct run run = SEARCH("-d", index, "--open", "9", "ferry");

    cr_expect_eq(run.code, 1);
    cr_expect_str_eq(run.out, "");
    cr_expect_str_eq(run.err, "lede-search: --open: there is no number 9: 4 articles match\n");
    run_done(&run);
    run = SEARCH("-d", index, "--open", "1", "zeppelin");
    cr_expect_eq(run.code, 1);
    cr_expect_str_eq(run.err, "lede-search: no article has \"zeppelin\"\n");
    run_done(&run);
}

Test(open, it_shows_text_of_one_query)
{
    const char *index = runner_corpus();

    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--open", "0", "ferry"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--open", "1", "-l", "ferry"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--open=1", "--format=json", "ferry"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--open", "1", "-"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--open=1", "--explain=wire-001", "a"));
}

Test(open, a_text_that_was_not_kept_is_told)
{
    const char *index = runner_path("bare.lede");
    struct run run;

    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "--no-store", "-d", index, "corpus/wire.jsonl"));
    run = SEARCH("-d", index, "--open", "1", "lighthouse");
    cr_expect_eq(run.code, 0);
    cr_expect_not_null(strstr(run.out, "\n(its text is not kept in the index)\n"), "%s", run.out);
    run_done(&run);
}

Test(open, a_terminal_gets_it_through_the_pager)
{
    const char *const *arguments = ARGUMENTS("-d", runner_corpus(), "--open", "2", "ferry");
    char text[16384];

    cr_assert_eq(setenv("PAGER", "sed 's/^/paged: /'", 1), 0);
    cr_expect_eq(runner_on_terminal("lede-search", arguments, text, sizeof text), 0);
    cr_expect_not_null(strstr(text, "paged: winter it is the only way off Ostrey"), "%s", text);
    cr_expect_not_null(strstr(text, "\x1b[1;31mFerry\x1b[m"), "%s", text);
    cr_assert_eq(setenv("PAGER", "head -n 1", 1), 0); /* goes away early */
    cr_expect_eq(runner_on_terminal("lede-search", arguments, text, sizeof text), 0);
    cr_expect_null(strstr(text, "Ostrey"), "%s", text);
    cr_assert_eq(setenv("PAGER", "cat", 1), 0);
    cr_expect_eq(runner_on_terminal("lede-search", arguments, text, sizeof text), 0);
    cr_expect_null(strstr(text, "paged: "), "%s", text);
    cr_expect_not_null(strstr(text, "Ostrey"), "%s", text);
}

/* ---- the list ---- */

Test(open, a_path_that_a_line_has_no_room_for_is_cut_on_a_terminal_alone)
{
    static const char line[] =
        "{\"id\":\"x\",\"text\":\"heron\",\"date\":\"2024-06-16T11:40:00Z\"}\n";
    const char *index = runner_path("long.lede"), *directory;
    char name[64], text[16384];
    struct run run;

    memset(name, 'd', 60);
    name[60] = '\0';
    directory = runner_path(name);
    cr_assert_eq(mkdir(directory, 0777), 0);
    (void)snprintf(text, sizeof text, "%s/birds.jsonl", name);
    directory = runner_path(text);
    runner_write(directory, line, sizeof line - 1);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, directory));
    run = SEARCH("-d", index, "heron");
    (void)snprintf(text, sizeof text, "    x (%s:0+%zu)  2024-06-16T11:40:00Z  ", directory,
                   sizeof line - 2);
    cr_expect_not_null(strstr(run.out, text), "%s", run.out);
    run_done(&run);
    cr_expect_eq(
        runner_on_terminal("lede-search",
                           ARGUMENTS("-d", index, "--color=never", "--hyperlink=never", "heron"),
                           text, sizeof text),
        0);
    cr_expect_not_null(strstr(text, "    x (…/birds.jsonl:0+"), "%s", text);
}
