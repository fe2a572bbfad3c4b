/* What the documents say is what the programs do: every example, and the set of options. */
#include <criterion/criterion.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(manual, .init = runner_init, .fini = runner_done, .timeout = 300);

/* ---- examples ---- */

static bool examples_hold(const char *page)
{
    const char *build = getenv("LEDE_BUILD");
    char command[8192];

    (void)snprintf(command, sizeof command, "tests/check_examples '%s' '%s' >&2",
                   build && *build ? build : "build", page);
    return system(command) == 0; /* NOLINT(cert-env33-c) */
}

Test(manual, every_example_of_the_readme_and_the_man_pages_prints_what_it_says)
{
    static const char *const pages[] = {"README.md",
                                        "docs/SCRAPED.md",
                                        "docs/man/lede-index.1",
                                        "docs/man/lede-search.1",
                                        "docs/man/lede-query.7",
                                        "docs/man/lede-format.5"};

    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        cr_expect(examples_hold(pages[i]), "%s", pages[i]);
}

/* The checker checks. */
Test(manual, an_example_that_prints_something_else_does_not_hold)
{
    static const char *const pages[] = {
        "text\n\n    $ lede-search -c octopus\n    3\n",
        "text\n\n    lede-search -c octopus\n",
        "text\n\n    $ lede-search -c octopus\n    4\n",
        "text\n\n    $ lede-search -c octopus\n    3\n    3\n",
        "text\n\n    $ lede-search -c octopus\n",
        "text\n\n    lede-search -c octopuss\n",
        "no example\n",
    };
    const char *path = runner_path("page.md");

    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        runner_write(path, pages[i], strlen(pages[i]));
        cr_expect_eq(examples_hold(path), i < 2, "%s", pages[i]);
    }
}

/* ---- options ---- */

/* A set of options, such as " -c --count ", each once. */
struct set {
    char text[8192];
};

static bool set_has(const struct set *set, const char *option)
{
    char word[160];

    (void)snprintf(word, sizeof word, " %s ", option);
    return strstr(set->text, word) != NULL;
}

static void set_add(struct set *set, const char *option, size_t size)
{
    char word[128];

    cr_assert_lt(size, sizeof word);
    (void)snprintf(word, sizeof word, "%.*s", (int)size, option);
    if (!set_has(set, word))
        (void)snprintf(set->text + strlen(set->text), sizeof set->text - strlen(set->text), "%s%s ",
                       set->text[0] ? "" : " ", word);
}

/* The length of an option at the beginning of text: -c, --count; 0: none is there. */
static size_t option_size(const char *text)
{
    size_t size = 2;

    if (text[0] != '-' || (!isalnum((unsigned char)text[1]) && text[1] != '-'))
        return 0;
    if (text[1] != '-')
        return isalnum((unsigned char)text[2]) ? 0 : size;
    while (isalnum((unsigned char)text[size]) || text[size] == '-')
        size++;
    return size > 3 || (size == 3 && text[2] != '-') ? size : 0;
}

/* Adds what stands anywhere in the lines of options: those that begin with blanks and a minus,
 * which are behind the examples, and those below them. */
static void add_options_of_help(struct set *set, const char *page)
{
    const char *at = strstr(page, "\n  -d");

    for (at = at ? at : strstr(page, "\n  -"); at && *at; at++) {
        size_t size = strchr("\n ,([", at[0]) ? option_size(at + 1) : 0;

        if (size)
            set_add(set, at + 1, size);
    }
}

static void add_options_of_program(struct set *set, const char *program, const char *subcommand)
{
    struct run run = subcommand ? runner_run(program, NULL, ARGUMENTS(subcommand, "--help"))
                                : runner_run(program, NULL, ARGUMENTS("--help"));

    cr_assert_eq(run.code, 0);
    add_options_of_help(set, run.out);
    run_done(&run);
}

/* Adds the options of an item, `.It Fl d , -index Ar dir`. The known ones are all of them, or,
 * where
 * --help has but one form of each, one. */
static void check_item(const char *line, const struct set *known, bool all, struct set *described)
{
    char option[128];
    size_t count = 0, matched = 0;

    for (const char *at = line; (at = strpbrk(at, " ")) != NULL;) {
        size_t size = strcspn(++at, " ");

        if (at == line + 4 || (size == 1 && *at == ','))
            continue; /* Fl, or what divides */
        if (size == 2 && (strncmp(at, "Ar", 2) == 0 || strncmp(at, "Ns", 2) == 0))
            break;
        (void)snprintf(option, sizeof option, "-%.*s", (int)size, at);
        set_add(described, option, strlen(option));
        matched += set_has(known, option);
        count++;
    }
    cr_expect(all ? matched == count : matched > 0, "--help does not have: %s", line);
}

static void check_man_page(const char *page, const struct set *known, bool all)
{
    char *text = runner_read(page, NULL), *rest = text, *line;
    struct set described = {""};
    char *words = strdup(known->text), *word;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (strncmp(line, ".It Fl ", 7) == 0)
            check_item(line, known, all, &described);
    for (char *list = words; (word = strsep(&list, " ")) != NULL;)
        cr_expect(!*word || set_has(&described, word), "%s does not describe %s", page, word);
    free(words);
    free(text);
}

Test(manual, the_options_of_lede_search_are_those_of_its_man_page)
{
    struct set known = {""};

    add_options_of_program(&known, "lede-search", NULL);
    cr_expect(set_has(&known, "--topics") && set_has(&known, "-0") && set_has(&known, "--b"), "%s",
              known.text);
    check_man_page("docs/man/lede-search.1", &known, true);
}

/* The subcommands of lede-index, as its --help lists them; ends with NULL. */
static char **subcommands(void)
{
    static char *names[64];
    static char text[2048];
    struct run run = INDEX("--help");
    char *rest = run.out, *line, *at = text;
    size_t count = 0;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (strncmp(line, "  ", 2) == 0 && islower((unsigned char)line[2])) {
            size_t size = strcspn(line + 2, " ");

            cr_assert(count < 63 && at + size + 1 < text + sizeof text);
            names[count++] = memcpy(at, line + 2, size);
            at[size] = '\0';
            at += size + 1;
        }
    names[count] = NULL;
    run_done(&run);
    cr_assert_gt(count, 10);
    return names;
}

Test(manual, the_options_of_lede_index_are_those_of_its_man_page)
{
    struct set known = {""};

    add_options_of_program(&known, "lede-index", NULL);
    for (char **name = subcommands(); *name; name++)
        add_options_of_program(&known, "lede-index", *name);
    cr_expect(set_has(&known, "--stopwords") && set_has(&known, "-v") && set_has(&known, "-0"),
              "%s", known.text);
    check_man_page("docs/man/lede-index.1", &known, false);
}

/* What a shell offers behind `lede-index SUBCOMMAND -`. */
static void add_options_of_shell(struct set *set, const char *shell, const char *subcommand)
{
    const char *build = getenv("LEDE_BUILD"), *path = runner_path("offered");
    char command[4096], *text, *rest, *option;

    (void)snprintf(command, sizeof command,
                   "PATH=$(realpath '%s'):$PATH tests/completions %s 'lede-index %s -' >'%s'",
                   build && *build ? build : "build", shell, subcommand, path);
    cr_expect_eq(system(command), 0, "%s", command); /* NOLINT(cert-env33-c) */
    rest = text = runner_read(path, NULL);
    while ((option = strsep(&rest, "\n")) != NULL)
        if (*option)
            set_add(set, option, strlen(option));
    free(text);
}

static void expect_all(const struct set *has, const struct set *wanted, const char *what)
{
    char *words = strdup(wanted->text), *word;

    for (char *list = words; (word = strsep(&list, " ")) != NULL;)
        cr_expect(!*word || set_has(has, word), "%s: %s", what, word);
    free(words);
}

Test(manual, shells_offer_the_options_of_each_subcommand_of_lede_index)
{
    static const char *const shells[] = {"bash", "fish"};

    for (char **name = subcommands(); *name; name++) {
        struct set known = {""};

        add_options_of_program(&known, "lede-index", *name);
        cr_expect(set_has(&known, "--help"));
        for (size_t j = 0; j < 2; j++) {
            struct set offered = {""};

            add_options_of_shell(&offered, shells[j], *name);
            expect_all(&offered, &known, "a shell does not offer");
            expect_all(&known, &offered, "a shell offers what --help does not have");
        }
    }
}
