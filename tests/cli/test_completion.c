/* What shells offer while a command is typed: lede-search --complete, and completions/. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"
#include "tests/screen.h"

TestSuite(completion, .init = runner_init, .fini = runner_done, .timeout = 300);

/* ---- lede-search --complete ---- */

static void expect_offered(const char *index, const char *word, const char *lines)
{
    struct run run = SEARCH("-d", index, "--complete", word);

    cr_expect_str_eq(run.out, lines, "%s: %s", word, run.out);
    cr_expect_str_eq(run.err, "");
    cr_expect_eq(run.code, *lines ? 0 : 1);
    run_done(&run);
}

Test(completion, the_beginning_of_a_word_becomes_fields_and_words_of_the_index)
{
    const char *index = runner_corpus();

    expect_offered(index, "tit", "title:\n");
    expect_offered(index, "boilerp", "boilerplate:\n");
    expect_offered(index, "date:20", "");
    expect_offered(index, "lighth", "lighthouse\n");
    expect_offered(index, "Desal", "desalination\n");
    expect_offered(index, "ferr", "ferry\nferreday\n"); /* the more frequent one first */
    expect_offered(index, "title:lighth", "title:lighthouse\n");
    expect_offered(index, "-title:\"lighth", "-title:\"lighthouse\n");
    expect_offered(index, "+(lighth", "+(lighthouse\n");
    expect_offered(index, "section:sci", "section:science\n");
    expect_offered(index,
                   "lang:", "lang:en\nlang:de\nlang:es\nlang:fr\nlang:ja\nlang:ru\nlang:sv\n");
}

Test(completion, a_word_longer_than_its_stem_is_completed_too)
{
    const char *index = runner_corpus();

    expect_offered(index, "desalinati", "desalination\n");
    expect_offered(index, "lighthouse", "lighthouse\n");
}

Test(completion, a_value_with_blanks_is_in_quotes)
{
    const char *index = runner_corpus();

    expect_offered(index, "author:jor", "author:\"jorun ask\"\n");
    expect_offered(index, "-author:\"jor", "-author:\"jorun ask\"\n");
    expect_offered(index, "author:\"jorun a", "author:\"jorun ask\"\n");
    expect_offered(index, "author:(jor", "author:(\"jorun ask\"\n");
    expect_offered(index, "section:\"sci", "section:\"science\"\n");
    runner_expect(0, "lede-search", ARGUMENTS("-q", "-d", index, "author:\"jorun ask\""));
}

Test(completion, marks_may_be_left_out)
{
    const char *index = runner_corpus();

    expect_offered(index, "solanc", "solanc\u00e9\n");
    expect_offered(index, "SOLANC\u00c9", "solanc\u00e9\n");
    expect_offered(index, "маяк", "маяк\n");
}

Test(completion, where_nothing_begins_so_nothing_is_offered)
{
    const char *index = runner_corpus();

    expect_offered(index, "zzz", "");
    expect_offered(index, "nosuchfield:a", "");
    expect_offered(index, "--li", "");
    expect_offered(index, "gov*", "");
    expect_offered(index, "\x1b[31m", "");
    expect_offered(index, "\x1b[31m:", "");
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--complete", "a", "b"));
    runner_expect(3, "lede-search", ARGUMENTS("-d", "nowhere", "--complete", "a"));
}

Test(completion, what_a_terminal_must_not_get_is_not_offered)
{
    const char *index = runner_path("nasty.lede");
    struct run run =
        INDEX_INPUT("{\"id\":\"a\",\"text\":\"herons\",\"section\":\"he\\u001b[31m\"}\n"
                    "{\"id\":\"b\",\"text\":\"heron\",\"section\":\"he\\u202en\"}\n"
                    "{\"id\":\"c\",\"text\":\"a\",\"section\":\"hello world\"}\n"
                    "{\"id\":\"d\",\"text\":\"a\",\"section\":\"hello\"}\n",
                    "add", "-q", "-f", "jsonl", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    expect_offered(index, "her", "herons\n");
    expect_offered(index, "section:hell", "section:hello\nsection:\"hello world\"\n");
    run = SEARCH("-d", index, "--complete", "section:");
    cr_expect_null(strchr(run.out, '\x1b'));
    cr_expect_null(strstr(run.out, "\u202e"));
    run_done(&run);
}

/* ---- shells ---- */

static char *offered(const char *shell, const char *line)
{
    const char *build = getenv("LEDE_BUILD"), *path = runner_path("offered");
    char command[4096];

    (void)snprintf(command, sizeof command,
                   "PATH=$(realpath '%s'):$PATH tests/completions %s '%s' | sort >'%s'",
                   build && *build ? build : "build", shell, line, path);
    cr_expect_eq(system(command), 0, "%s", command); /* NOLINT(cert-env33-c) */
    return runner_read(path, NULL);
}

static void expect_in_shell(const char *shell, const char *line, const char *lines)
{
    char *found = offered(shell, line);

    cr_expect_str_eq(found, lines, "%s: %s: %s", shell, line, found);
    free(found);
}

/* The options of lede-search --help, sorted, one a line. */
static char *options_of_help(void)
{
    const char *build = getenv("LEDE_BUILD"), *path = runner_path("options");
    char command[4096];

    (void)snprintf(command, sizeof command,
                   "'%s/lede-search' --help | grep -E '^  (-., |    )--' | cut -c 1-22 | "
                   "grep -oE -- '--?[a-zA-Z0-9][a-z0-9-]*' | sort >'%s'",
                   build && *build ? build : "build", path);
    cr_expect_eq(system(command), 0); /* NOLINT(cert-env33-c) */
    return runner_read(path, NULL);
}

Test(completion, bash_and_fish_offer_the_options_of_help_and_no_other)
{
    char *options = options_of_help();

    cr_expect(strstr(options, "--topics\n") && strstr(options, "-0\n"), "%s", options);
    expect_in_shell("bash", "lede-search -", options);
    expect_in_shell("fish", "lede-search -", options);
    expect_in_shell("bash", "lede-index compact --r", "--reorder\n");
    expect_in_shell("fish", "lede-index compact --r", "--reorder\n");
    free(options);
}

Test(completion, bash_and_fish_offer_fields_words_and_values)
{
    static const char *const shells[] = {"bash", "fish"};

    cr_assert_eq(setenv("LEDE_INDEX", runner_corpus(), 1), 0);
    for (size_t i = 0; i < 2; i++) {
        const char *shell = shells[i];

        expect_in_shell(shell, "lede-search grain tit", "title:\n");
        expect_in_shell(shell, "lede-search lighth", "lighthouse\n");
        expect_in_shell(shell, "lede-search -- grain -lighth", "-lighthouse\n");
        expect_in_shell(shell, "lede-search --format ", "json\njsonl\ntext\ntrec\ntsv\n");
        expect_in_shell(shell, "lede-search --histogram m", "month\n");
        expect_in_shell(shell, "lede-search -n 1", "");
        expect_in_shell(shell, "lede-index sn", "snapshot\n");
    }
    /* bash replaces only what stands behind the colon, fish the whole word */
    expect_in_shell("bash", "lede-search title:lighth", "lighthouse\n");
    expect_in_shell("fish", "lede-search title:lighth", "title:lighthouse\n");
    expect_in_shell("bash", "lede-search --color=a", "always\nauto\n");
    /* the query's quotes are quoted for the shell, which fish does itself */
    expect_in_shell("bash", "lede-search author:jor", "\\\"jorun\\ ask\\\"\n");
    expect_in_shell("fish", "lede-search author:jor", "author:\"jorun ask\"\n");
}

Test(completion, shells_ask_the_index_that_the_line_names)
{
    char line[4096];

    (void)snprintf(line, sizeof line, "lede-search -d %s lighth", runner_corpus());
    expect_in_shell("bash", line, "lighthouse\n");
    expect_in_shell("fish", line, "lighthouse\n");
}

static void start_zsh(void)
{
    cr_assert_eq(setenv("LEDE_INDEX", runner_corpus(), 1), 0);
    screen_start("PS1='ready> ' zsh -f");
    screen_expect("ready>");
    screen_type("fpath=(completions/zsh $fpath); autoload -Uz compinit; compinit -u -D; "
                "zstyle ':completion:*' verbose no; clear",
                "Enter", NULL);
    screen_expect_gone("compinit");
}

/* Whether the screen shows it as a word. */
static bool is_shown(const char *option)
{
    size_t size = strlen(option);

    for (const char *at = screen_text(); (at = strstr(at, option)) != NULL; at++)
        if (strchr(" \n", at[size]) && (at[-1] == ' ' || at[-1] == '\n'))
            return true;
    return false;
}

Test(completion, zsh_offers_the_options_of_help)
{
    char *options = options_of_help(), *rest = options, *option;
    size_t count = 0;

    start_zsh();
    screen_type("lede-search --", "Tab", NULL);
    screen_expect("--version");
    while ((option = strsep(&rest, "\n")) != NULL && *option) {
        if (strncmp(option, "--", 2) != 0)
            continue;
        cr_expect(is_shown(option), "%s\n%s", option, screen_text());
        count++;
    }
    cr_expect_gt(count, 20);
    screen_end();
    free(options);
}

Test(completion, zsh_completes_options_fields_and_words)
{
    start_zsh();
    screen_type("lede-search grain titl", "Tab", "lighth", "Tab", NULL);
    screen_expect("ready> lede-search grain title:lighthouse");
    screen_type("C-u", "lede-search -- -lighth", "Tab", NULL);
    screen_expect("-lighthouse");
    screen_type("C-u", "lede-search author:jor", "Tab", NULL);
    screen_expect("ready> lede-search author:\\\"jorun\\ ask\\\"");
    screen_type("C-u", "lede-search author:jo", "Tab", "Tab", NULL);
    screen_expect("jost\\ uberweg");
    screen_type("s", "Tab", NULL);
    screen_expect("ready> lede-search author:\\\"jost\\ uberweg\\\"");
    screen_type("C-u", "lede-search section:sc", "Tab", NULL);
    screen_expect("ready> lede-search section:science");
    screen_type("C-u", "lede-search --st", "Tab", NULL);
    screen_expect("ready> lede-search --strict");
    screen_type("C-u", "lede-search --format js", "Tab", "Tab", NULL);
    screen_expect("jsonl");
    screen_type("C-u", "lede-index snap", "Tab", NULL);
    screen_expect("ready> lede-index snapshot");
    screen_end();
}
