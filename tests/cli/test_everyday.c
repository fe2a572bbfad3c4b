/* Queries as people type them: tests/everyday_queries.jsonl says what each has to find. None fails
 * silently, however odd it is. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(everyday, .init = runner_init, .fini = runner_done, .timeout = 300);

/* ---- the table ---- */

/* A JSON object a line: "query"; "finds", a text; "not", one that it may not find; "told", what
 * standard error says in part (without: nothing). Without "finds" nothing is found. */
static json_t *read_table(void)
{
    char *text = runner_read("tests/everyday_queries.jsonl", NULL), *rest = text, *line;
    json_t *table = json_array();

    while ((line = strsep(&rest, "\n")) != NULL) {
        json_error_t error;
        json_t *row = *line ? json_loads(line, 0, &error) : NULL;

        cr_assert(row || !*line, "%s: %s", error.text, line);
        if (row)
            cr_assert_eq(json_array_append_new(table, row), 0);
    }
    free(text);
    return table;
}

static const char *member(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

/* The id of the text that a row has under this name. */
static void name_text(size_t row, const char *name, char id[32])
{
    (void)snprintf(id, 32, "%zu-%s", row, name);
}

static void put_article(FILE *file, const json_t *table, size_t place, const char *name)
{
    const char *text = member(json_array_get(table, place), name);
    char id[32], *line;
    json_t *article;

    if (!text)
        return;
    name_text(place, name, id);
    article = json_pack("{s:s,s:s}", "id", id, "text", text);
    line = json_dumps(article, JSON_COMPACT);
    cr_assert_not_null(line);
    cr_assert_gt(fprintf(file, "%s\n", line), 0);
    free(line);
    json_decref(article);
}

/* An index of all texts of the table. */
static const char *table_index(const json_t *table)
{
    const char *index = runner_path("everyday.lede"), *path = runner_path("texts.jsonl");
    FILE *file = fopen(path, "wb");

    cr_assert_not_null(file);
    for (size_t i = 0; i < json_array_size(table); i++) {
        put_article(file, table, i, "finds");
        put_article(file, table, i, "not");
    }
    cr_assert_eq(fclose(file), 0);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, path));
    return index;
}

/* Whether one of the lines is this. */
static bool has_line(const char *lines, const char *wanted)
{
    size_t size = strlen(wanted);

    for (const char *at = lines; (at = strstr(at, wanted)) != NULL; at++)
        if ((at == lines || at[-1] == '\n') && at[size] == '\n')
            return true;
    return false;
}

/* flag NULL: the query as it is, of which what is told counts, too. */
static void check_row(const char *index, const json_t *table, size_t place, const char *flag)
{
    const json_t *row = json_array_get(table, place);
    const char *query = member(row, "query"), *told = member(row, "told");
    struct run run =
        SEARCH("-d", index, "-l", "-n", "5000", flag ? flag : "--color=never", "--", query);
    char id[32];

    if (member(row, "finds")) {
        name_text(place, "finds", id);
        cr_expect_eq(run.code, 0, "%s: exit code %d\n%s", query, run.code, run.err);
        cr_expect(has_line(run.out, id), "%s does not find %s\n%s", query, member(row, "finds"),
                  run.err);
    } else if (!flag) {
        cr_expect(run.code == 1 && run.out_size == 0, "%s: exit code %d", query, run.code);
    }
    name_text(place, "not", id);
    cr_expect(flag || !has_line(run.out, id), "%s finds %s", query, member(row, "not"));
    if (!flag && told)
        cr_expect_not_null(strstr(run.err, told), "%s: %s", query, run.err);
    if (!flag && !told)
        cr_expect_str_eq(run.err, "", "%s", query);
    cr_expect(run.code == 0 || run.err_size > 0, "%s fails silently", query);
    run_done(&run);
}

static void check_table(const char *flag)
{
    json_t *table = read_table();
    const char *index = table_index(table);
    size_t step = runner_sanitized() ? 5 : 1;

    cr_expect_gt(json_array_size(table), 200);
    for (size_t i = 0; i < json_array_size(table); i += step)
        check_row(index, table, i, flag);
    json_decref(table);
}

Test(everyday, every_query_finds_what_a_person_expects_or_says_why_not)
{
    check_table(NULL);
}

Test(everyday, what_a_query_finds_it_finds_with_any_of_its_words_too)
{
    check_table("--any");
}

Test(everyday, text_that_is_taken_literally_finds_itself)
{
    check_table("-F");
}

/* ---- as much as fits ---- */

enum { MOST = 4096 };

struct repeated {
    const char *part;
    int code; /* what it ends with; 2 is told as a limit */
};

static void check_repeated(const char *index, const struct repeated *repeated)
{
    size_t size = strlen(repeated->part), at = 0;
    char query[MOST + 1];
    struct run run;

    for (; at + size <= MOST; at += size)
        memcpy(query + at, repeated->part, size);
    query[at] = '\0';
    run = SEARCH("-d", index, "-c", "--", query);
    cr_expect_eq(run.code, repeated->code, "%s over and over: exit code %d\n%s", repeated->part,
                 run.code, run.err);
    cr_expect(run.code == 0 || run.err_size > 0, "%s over and over fails silently", repeated->part);
    cr_expect(run.code != 2 || strstr(run.err, "use fewer") || strstr(run.err, "more than"), "%s",
              run.err);
    run_done(&run);
}

Test(everyday, four_kib_of_one_thing_end_in_an_answer_or_a_message)
{
    static const struct repeated all[] = {
        {"a", 1},
        {"\"", 2},
        {"(", 2},
        {")", 1},
        {"*", 1},
        {"?", 1},
        {"-", 1},
        {"+", 1},
        {"^", 1},
        {"~1", 2},
        {"()", 2},
        {"\"a\" ", 2},
        {"a* ", 2},
        {"a ", 2},
        {"AND ", 2},
        {"OR ", 2},
        {"-a ", 2},
        {"title:", 2},
        {"\\", 1},
        {"<a href=\"x\">", 2},
        {"🐙", 2},
        {"e\u0301", 1},
        {"\u202e", 1},
        {"灯", 2},
        {"\xff", 1},
        {"\xf0\x9f", 1},
        {"o\u0300\u0301\u0302\u0303", 1},
        {"'; DROP TABLE articles; --", 2},
    };
    const char *index = runner_corpus();

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        check_repeated(index, &all[i]);
}

/* xorshift; what fails is told with the seed that brings it back. */
static unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static void make_garbage(unsigned seed, char query[MOST + 1])
{
    static const char signs[] = "\"\"()+-^~*?:'&|<>[]{}\\ \t\n\x1b ANDORNOTtitle";
    unsigned state = seed * 2654435761U + 1;

    for (size_t i = 0; i < MOST; i++) {
        unsigned dice = next_random(&state), kind = dice % 4;

        query[i] = kind == 0   ? (char)(1 + dice / 4 % 255)
                   : kind == 1 ? signs[dice / 4 % (sizeof signs - 1)]
                   : kind == 2 ? (char)('a' + dice / 4 % 26)
                               : ' ';
    }
    query[MOST] = '\0';
}

Test(everyday, four_kib_of_garbage_end_in_an_answer_or_a_message)
{
    const char *index = runner_corpus();
    unsigned cases = runner_sanitized() ? 10 : 100;

    for (unsigned seed = 0; seed < cases; seed++) {
        char query[MOST + 1];
        struct run run;

        make_garbage(seed, query);
        run = SEARCH("-d", index, "-c", seed % 2 ? "--any" : "-F", "--", query);
        cr_expect(run.code >= 0 && run.code <= 2, "seed %u: exit code %d", seed, run.code);
        cr_expect(run.code == 0 || run.err_size > 0, "seed %u fails silently", seed);
        run_done(&run);
    }
}
