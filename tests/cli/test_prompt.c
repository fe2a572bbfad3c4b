/* lede-search -i: queries typed at a terminal, whose screen is read. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command_runner.h"
#include "tests/screen.h"

TestSuite(prompt, .init = runner_init, .fini = runner_done, .timeout = 300);

static const char *history_path(void)
{
    return runner_path("history");
}

/* Starts it on the corpus, and waits for its first prompt. */
static void start(const char *options)
{
    char command[1000];

    cr_assert_eq(setenv("LEDE_HISTORY", history_path(), 1), 0);
    (void)snprintf(command, sizeof command, "lede-search -i %s; echo ended $?", options);
    screen_start(command);
    screen_expect("lede>");
}

static void start_on_corpus(const char *options)
{
    cr_assert_eq(setenv("LEDE_INDEX", runner_corpus(), 1), 0);
    start(options);
}

/* What is typed before the next prompt is there may be the shell's terminal's, and not libedit's.
 */
static void end(void)
{
    screen_expect_last("lede>");
    screen_type("C-d", NULL);
    screen_expect("ended 0");
    screen_end();
}

Test(prompt, queries_are_answered_one_after_the_other)
{
    start_on_corpus("-n 2");
    screen_type("grain corridor", "Enter", NULL);
    screen_expect(" 1  First ships pass the grain corridor");
    screen_expect("matches in ");
    screen_type("octopus", "Enter", NULL);
    screen_expect("articles/science/glass-octopus.txt");
    screen_expect("2 of 3 matches in ");
    screen_type("grain coridor", "Enter", NULL);
    screen_expect("lede-search: 3 articles match: grain corridor");
    end();
}

Test(prompt, an_article_is_opened_and_the_next_ones_are_shown)
{
    cr_assert_eq(setenv("PAGER", "sed 's/^/paged: /'", 1), 0);
    start_on_corpus("-n 2 --snippets 0");
    screen_type(":2", "Enter", NULL);
    screen_expect("lede-search: :2: ask something first");
    screen_type("ferry", "Enter", NULL);
    screen_expect(" 2  Ferry subsidy survives a late vote");
    screen_type(":more", "Enter", NULL);
    screen_expect(" 4  ");
    screen_type(":2", "Enter", NULL);
    screen_expect("paged:  2  Ferry subsidy survives a late vote");
    screen_expect("with forty sheep.");
    screen_type(":9", "Enter", NULL);
    screen_expect("--open: there is no number 9: 4 articles match");
    screen_type(":nonsense", "Enter", NULL);
    screen_expect("lede-search: :nonsense: no such command; :help has them");
    screen_type(":help", "Enter", NULL);
    screen_expect(":more   the next articles");
    screen_type(":quit", "Enter", NULL);
    screen_expect("ended 0");
    screen_end();
}

/* An interrupt is the pager's while it shows something. */
Test(prompt, an_interrupt_while_an_article_is_shown_leaves_the_prompt_alone)
{
    cr_assert_eq(setenv("PAGER",
                        "trap 'echo interrupted' INT; cat >/dev/null; echo shown; "
                        "read a </dev/tty; read a </dev/tty; echo heard $a",
                        1),
                 0);
    start_on_corpus("");
    screen_type("ferry", "Enter", NULL);
    screen_expect_last("lede>");
    screen_type(":1", "Enter", NULL);
    screen_expect("shown");
    screen_type("C-c", NULL);
    screen_expect("interrupted");
    screen_type("hm", "Enter", "hm", "Enter", NULL);
    screen_expect("heard hm");
    end();
}

Test(prompt, words_and_fields_are_completed)
{
    start_on_corpus("");
    screen_type("grain titl", "Tab", "lighth", "Tab", NULL);
    screen_expect("lede> grain title:lighthouse");
    screen_type("C-u", "ferr", "Tab", NULL);
    screen_expect("lede> ferr");
    screen_type("Tab", NULL);
    screen_expect("ferry  ferreday");
    screen_type("y", "Enter", NULL);
    screen_expect("articles/business/ferry-strike.txt");
    screen_type("\u043c\u0430\u044f", "Tab", "Enter", NULL);
    screen_expect("wire-008");
    end();
}

Test(prompt, an_interrupt_abandons_the_line_and_not_the_program)
{
    start_on_corpus("");
    screen_type("zeppelin", NULL);
    screen_expect("lede> zeppelin");
    screen_type("C-c", "octopus", "Enter", NULL);
    screen_expect("lede> octopus");
    screen_expect("glass-octopus.txt");
    cr_expect_null(strstr(screen_text(), "no article has"));
    end();
}

Test(prompt, what_was_asked_before_comes_back_today_and_another_day)
{
    struct stat status;

    start_on_corpus("-n 1");
    screen_type("octopus", "Enter", NULL);
    screen_expect("1 of 3 matches");
    screen_expect_last("lede>");
    screen_type("Up", NULL);
    screen_expect("lede> octopus\n\n"); /* the second one, with nothing below */
    screen_type("C-u", NULL);
    end();
    cr_assert_eq(stat(history_path(), &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    start("-n 1");
    cr_expect_null(strstr(screen_text(), "octopus"));
    screen_type("Up", "Enter", NULL);
    screen_expect("lede> octopus");
    screen_expect("1 of 3 matches");
    end();
}

/* Whatever stands in the file of other days; and what is not kept. */
Test(prompt, a_history_with_control_characters_or_none_does_no_harm)
{
    static const char lines[] = "first query\nhero\x1b]0;owned\x07n\n\xff\xfe\nlast query\ncut off";

    runner_write(history_path(), lines, sizeof lines - 1);
    start_on_corpus("");
    screen_type("Up", NULL);
    screen_expect("lede> last query");
    screen_type("Up", NULL);
    screen_expect("lede> first query");
    screen_type("C-u", NULL);
    end();
    cr_assert_eq(setenv("LEDE_HISTORY", "", 1), 0);
    screen_start("lede-search -i; echo ended $?");
    screen_expect("lede>");
    screen_type("octopus", "Enter", NULL);
    screen_expect("3 matches");
    end();
    cr_assert_eq(setenv("LEDE_HISTORY", "/dev/full", 1), 0);
    screen_start("lede-search -i; echo ended $?");
    screen_expect("lede>");
    screen_type("octopus", "Enter", "octopus", "Enter", NULL);
    screen_expect("lede-search: note: /dev/full: No space left on device: queries are not kept");
    end();
}

Test(prompt, a_long_history_is_cut_to_its_newer_half)
{
    const char *path = history_path();
    FILE *file = fopen(path, "wb");
    char *text;
    size_t lines = 0;

    cr_assert_not_null(file);
    for (int i = 0; i < 2500; i++)
        (void)fprintf(file, "query %d\n", i);
    cr_assert_eq(fclose(file), 0);
    start_on_corpus("");
    screen_type("Up", NULL);
    screen_expect("lede> query 2499");
    screen_type("C-u", NULL);
    end();
    text = runner_read(path, NULL);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    cr_expect_eq(lines, 1000);
    cr_expect_eq(strncmp(text, "query 1500\n", 11), 0, "%.20s", text);
    free(text);
}

Test(prompt, the_index_is_asked_as_it_is_then)
{
    const char *index = runner_path("growing.lede");
    struct run run = INDEX_INPUT("{\"id\":\"a\",\"text\":\"heron\"}\n", "add", "-q", "-f", "jsonl",
                                 "-d", index, "-");

    run_done(&run);
    cr_assert_eq(setenv("LEDE_INDEX", index, 1), 0);
    start("");
    screen_type("heron", "Enter", NULL);
    screen_expect("1 match in ");
    run = INDEX_INPUT("{\"id\":\"b\",\"text\":\"heron\"}\n", "add", "-q", "-f", "jsonl", "-d",
                      index, "-");
    run_done(&run);
    screen_type("C-l", "heron", "Enter", NULL);
    screen_expect("2 matches in ");
    end();
}

Test(prompt, it_is_for_terminals_and_lists)
{
    const char *index = runner_corpus();
    struct run run = SEARCH("-d", index, "-i");

    cr_expect_eq(run.code, 2);
    cr_expect_str_eq(run.err, "lede-search: -i needs a terminal; lede-search - answers what it "
                              "reads\n");
    run_done(&run);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "-i", "octopus"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "-i", "--format=json"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "-i", "--open=1"));
    screen_start("lede-search -i -d /nowhere; echo ended $?");
    screen_expect("ended 3");
    cr_expect_null(strstr(screen_text(), "lede>"));
    screen_end();
}
