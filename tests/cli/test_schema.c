/* What json and jsonl print is what docs/lede-search.schema.json describes, member by member. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(schema, .init = runner_init, .fini = runner_done, .timeout = 120);

/* Whether tests/check_schema takes the file's lines; what it says goes to standard error. */
static bool fits(const char *file, const char *rest)
{
    char command[8192];

    (void)snprintf(command, sizeof command,
                   "tests/check_schema docs/lede-search.schema.json <'%s' %s", file, rest);
    return system(command) == 0; /* NOLINT(cert-env33-c) */
}

static void put_answer(FILE *file, const char *input, const char *const *arguments)
{
    struct run run = runner_run("lede-search", input, arguments);

    cr_expect_gt(run.out_size, 0, "%s", run.err);
    cr_expect_eq(fwrite(run.out, 1, run.out_size, file), run.out_size);
    run_done(&run);
}

/* An index that has a keyword field which the corpus has not. */
static const char *tagged(void)
{
    const char *index = runner_path("tagged.lede");
    struct run run = INDEX_INPUT("{\"id\":\"t\",\"text\":\"octopus\",\"tags\":\"sea\"}\n", "add",
                                 "-q", "-f", "jsonl", "--keyword", "tags", "-d", index, "-");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    return index;
}

/* Answers of every kind, in a file, of which together have every member. */
static const char *answers(const char *format)
{
    const char *index = runner_corpus(), *path = runner_path("answers"),
               *topics = runner_path("topics");
    FILE *file = fopen(path, "wb");

    cr_assert_not_null(file);
    runner_write(topics, "t\toctopus\n", 10);
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "--explain", "\"the sea\"~3 OR 猫"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "--snippets=3", "octopus"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "--explain=wire-001", "octopus"));
    if (strcmp(format, "--format=json") == 0) {
        put_answer(
            file, NULL,
            ARGUMENTS("-d", index, format, "--histogram=month", "--facet=author", "date:2024"));
        put_answer(file, NULL,
                   ARGUMENTS("-d", index, "-d", tagged(), format, "--facet=tags", "octopus"));
    }
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "octopuss", "ferry"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "title:zeppelin", "water"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "ferry", "octopus"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "--topics", topics));
    put_answer(file, "octopus\n\"octopus\n\n",
               ARGUMENTS("-d", index, format, "--strict", "--snippets=0", "-"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "--similar", "wire-004"));
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "--collapse=near", "octopus"));
    cr_assert_eq(fclose(file), 0);
    return path;
}

Test(schema, every_answer_is_as_the_schema_says_and_has_all_that_it_names)
{
    cr_expect(fits(answers("--format=json"), "--all"));
}

Test(schema, every_line_of_jsonl_is_as_the_schema_says)
{
    cr_expect(fits(answers("--format=jsonl"), "line"));
}

/* The checker checks. */
Test(schema, a_member_more_or_less_or_of_another_type_does_not_fit)
{
    static const char *const lines[] = {
        "{\"version\":1,\"query\":\"\",\"total\":0,\"hits\":[]}",
        "{\"version\":1,\"query\":\"\",\"total\":0}",
        "{\"version\":1,\"query\":\"\",\"total\":0,\"hits\":[],\"more\":1}",
        "{\"version\":1,\"query\":\"\",\"total\":\"0\",\"hits\":[]}",
        "{\"version\":1,\"query\":\"\",\"total\":0,\"hits\":[{}]}",
    };
    const char *path = runner_path("line");

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        runner_write(path, lines[i], strlen(lines[i]));
        cr_expect_eq(fits(path, "2>&1 | grep -q . && exit 1; exit 0"), i == 0, "%s", lines[i]);
    }
}
