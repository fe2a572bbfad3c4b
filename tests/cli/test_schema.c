/* What json and jsonl print is what docs/lede-search.schema.json describes, member by member. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

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
    put_answer(file, NULL, ARGUMENTS("-d", index, format, "\"octopus"));
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

/* ---- notes ---- */

/* What a line has as its notes; NULL: it has none. The caller's. */
static json_t *notes_of(const char *line, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(line, size, 0, &error), *notes;

    cr_assert_not_null(root, "%s: %.*s", error.text, (int)size, line);
    notes = json_incref(json_object_get(root, "notes"));
    json_decref(root);
    return notes;
}

/* Standard error has them line by line, with `before` in front. */
static void expect_told(const json_t *notes, const char *before, const char *err)
{
    char line[512];
    size_t i;
    json_t *note;

    json_array_foreach(notes, i, note)
    {
        int size = snprintf(line, sizeof line, "lede-search: %snote: %s\n", before,
                            json_string_value(note));

        cr_expect_eq(strncmp(err, line, (size_t)size), 0, "%s: %s", err, line);
        err += size;
    }
    cr_expect_null(strstr(err, "note: "), "%s", err);
}

static void expect_notes(const char *index, const char *query, size_t count, const char *part)
{
    struct run run = SEARCH("-d", index, "--format=json", "-n1", "--", query);
    json_t *notes = notes_of(run.out, run.out_size);

    cr_expect_eq(json_array_size(notes), count, "%s: %s", query, run.out);
    cr_expect_eq(notes == NULL, count == 0, "%s: %s", query, run.out);
    if (count > 0)
        cr_expect(strstr(json_string_value(json_array_get(notes, 0)), part), "%s", run.out);
    if (count > 0)
        expect_told(notes, "", run.err);
    runner_write(runner_path("noted"), run.out, run.out_size);
    cr_expect(fits(runner_path("noted"), ""));
    json_decref(notes);
    run_done(&run);
}

Test(schema, json_has_the_notes_that_standard_error_is_told)
{
    const char *index = runner_corpus();

    expect_notes(index, "\"octopus", 1, "at column 1: unbalanced quote, taken literally");
    expect_notes(index, "headline:sea (ferry", 2, "at column 1: ");
    expect_notes(index, "\"oct\xff\x1b", 1, "\"oct\\xff\\x1b\" at column 1: ");
    expect_notes(index, "octopus", 0, NULL);
}

/* What is said of a query that finds nothing has a member of its own. */
Test(schema, a_suggestion_is_advice_and_no_note)
{
    struct run run = SEARCH("-d", runner_corpus(), "--format=json", "octopuss");

    cr_expect_null(notes_of(run.out, run.out_size));
    cr_expect(strstr(run.out, "\"suggestion\":\"octopus\""), "%s", run.out);
    run_done(&run);
}

Test(schema, a_pattern_that_stands_for_too_many_terms_is_noted)
{
    enum { TERMS = 1500 };
    const char *index = runner_path("many.lede");
    char *articles = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&articles, &size);
    struct run run;

    cr_assert_not_null(file);
    (void)fputs("{\"id\":\"a\",\"text\":\"", file);
    for (int i = 0; i < TERMS; i++)
        (void)fprintf(file, "q%04d ", i);
    (void)fputs("\"}\n", file);
    cr_assert_eq(fclose(file), 0);
    run = INDEX_INPUT(articles, "add", "-q", "-f", "jsonl", "-d", index, "-");
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    free(articles);
    expect_notes(index, "q*", 1, "\"q*\" at column 1: stands for too many terms, 1500: ");
}

Test(schema, each_line_of_a_batch_has_its_own_notes_unless_they_are_not_wanted)
{
    const char *index = runner_corpus(), *lines = "octopus\n\"octopus\n";
    struct run run = runner_run("lede-search", lines, ARGUMENTS("-d", index, "--format=json", "-"));
    const char *second = strchr(run.out, '\n') + 1;
    json_t *notes = notes_of(second, strlen(second));

    cr_expect_null(notes_of(run.out, (size_t)(second - run.out)));
    cr_expect_eq(json_array_size(notes), 1, "%s", second);
    expect_told(notes, "standard input:2: ", run.err);
    json_decref(notes);
    run_done(&run);
    run = runner_run("lede-search", lines, ARGUMENTS("-d", index, "--format=json", "-q", "-"));
    cr_expect_null(strstr(run.out, "\"notes\""), "%s", run.out);
    cr_expect_str_empty(run.err);
    run_done(&run);
}
