/* Languages of articles as a user sees them: what is guessed, told and kept, and what is found
 * across them. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(languages, .init = runner_init, .fini = runner_done, .timeout = 120);

/* An article a line, which tells no language. */
static const char LINES[] =
    "{\"id\":\"de\",\"text\":\"Der Hafen ist seit gestern wieder offen. Zwölf Schiffe liegen auf "
    "der "
    "Reede, und die Lotsen haben mehr zu tun als in jeder Woche des letzten Winters.\"}\n"
    "{\"id\":\"en\",\"text\":\"The harbour is open again since yesterday. Twelve ships are waiting "
    "in "
    "the roads, and the pilots have more to do than in any week of last winter.\"}\n"
    "{\"id\":\"ru\",\"text\":\"Гавань снова открыта со вчерашнего утра. Двенадцать кораблей ждут "
    "на "
    "рейде, и у лоцманов больше работы, чем в любую неделю прошлой зимы.\"}\n"
    "{\"id\":\"short\",\"text\":\"Schiffe im Hafen\"}\n"
    "{\"id\":\"told\",\"language\":\"sv\",\"text\":\"Der Hafen ist seit gestern wieder offen. "
    "Zwölf "
    "Schiffe liegen auf der Reede, und die Lotsen haben mehr zu tun als sonst im Winter.\"}\n";

static void add_lines(const char *index, const char *lines, const char *language)
{
    struct run run =
        language ? INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-d", index, "-l", language, "-")
                 : INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
}

/* The line "languages ..." of stats. */
static void expect_languages(const char *index, const char *wanted)
{
    struct run run = INDEX("stats", "-d", index);
    const char *line = strstr(run.out, "languages "), *end = line ? strchr(line, '\n') : NULL;

    cr_assert(end, "%s", run.out);
    while (line[0] != ' ' || line[1] == ' ')
        line++;
    cr_expect((size_t)(end - line - 1) == strlen(wanted) &&
                  memcmp(line + 1, wanted, strlen(wanted)) == 0,
              "expected %s, found %.*s", wanted, (int)(end - line), line);
    run_done(&run);
}

static void expect_found(const char *index, const char *query, const char *ids)
{
    struct run run = SEARCH("-q", "-d", index, "-l", "--", query);

    cr_expect_str_eq(run.out, ids, "%s: expected %s, found %s", query, ids, run.out);
    run_done(&run);
}

Test(languages, are_guessed_where_none_is_told)
{
    const char *index = runner_path("a.lede");

    add_lines(index, LINES, NULL);
    expect_languages(index, "en 2 de 1 ru 1 sv 1");
    expect_found(index, "Wochen", "de\n");
    expect_found(index, "ship", "en\n");
    expect_found(index, "корабль", "ru\n");
}

Test(languages, a_fallback_is_for_what_is_too_short)
{
    const char *index = runner_path("a.lede");

    add_lines(index, LINES, "auto:de");
    expect_languages(index, "en 1 de 2 ru 1 sv 1");
}

Test(languages, one_that_is_given_is_that_of_all)
{
    const char *index = runner_path("a.lede");

    add_lines(index, LINES, "de");
    expect_languages(index, "de 4 sv 1");
}

/* Lines of which the ids differ from those above. */
static char *other_lines(void)
{
    char *lines = strdup(LINES);

    cr_assert(lines);
    for (char *at = lines; (at = strstr(at, "\"id\":\"")); at += 6)
        at[6] = 'x';
    return lines;
}

Test(languages, an_index_goes_on_as_it_was_made)
{
    const char *fixed = runner_path("a.lede"), *guessing = runner_path("b.lede");
    char *lines = other_lines();

    add_lines(fixed, LINES, "de");
    add_lines(fixed, lines, NULL);
    expect_languages(fixed, "de 8 sv 2");
    add_lines(guessing, LINES, "auto:fr");
    add_lines(guessing, lines, NULL);
    expect_languages(guessing, "en 2 fr 2 de 2 ru 2 sv 2");
    free(lines);
}

Test(languages, auto_alone_falls_back_on_the_index_s_own)
{
    const char *index = runner_path("a.lede");
    char *lines = other_lines();

    add_lines(index, LINES, "fi");
    add_lines(index, lines, "auto");
    expect_languages(index, "en 1 fi 5 de 1 ru 1 sv 2");
    free(lines);
}

Test(languages, an_unchanged_article_stays_when_it_is_guessed_again)
{
    const char *index = runner_path("a.lede");
    struct run run;

    add_lines(index, LINES, NULL);
    run = INDEX_INPUT(LINES, "add", "-f", "jsonl", "-d", index, "-");
    cr_expect(strstr(run.err, "added 0 articles, left 5 as they were"), "%s", run.err);
    run_done(&run);
}

/* A text file of more than a MiB comes in parts. */
Test(languages, a_long_text_in_parts_has_one_too)
{
    static const char line[] = "Der Hafen ist seit gestern wieder offen, und zwölf Schiffe liegen "
                               "auf der Reede.\n";
    const char *index = runner_path("a.lede"), *file = runner_path("long.txt");
    size_t size = sizeof line - 1, count = 20000;
    char *text = malloc(size * count);

    cr_assert(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * size, line, size);
    runner_write(file, text, size * count);
    free(text);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, file));
    expect_languages(index, "de 1");
}

Test(languages, any_number_of_jobs_guesses_the_same)
{
    const char *one = runner_path("one.lede"), *two = runner_path("two.lede");
    char *lines = other_lines(), *first, *second;
    size_t first_size, second_size;

    for (int i = 0; i < 2; i++) {
        const char *index = i ? two : one;
        struct run run =
            INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-d", index, "-j", i ? "2" : "1", "-");

        cr_assert_eq(run.code, 0, "%s", run.err);
        run_done(&run);
    }
    first = runner_read(runner_path("one.lede/data.mdb"), &first_size);
    second = runner_read(runner_path("two.lede/data.mdb"), &second_size);
    cr_expect(first_size == second_size && memcmp(first, second, first_size) == 0);
    free(first);
    free(second);
    free(lines);
}

/* What is all English, or too short to tell, ranks as if nobody had guessed. */
Test(languages, english_articles_rank_as_they_did)
{
    static const char *const queries[] = {"harbour",  "grain corridor", "flood warning",
                                          "ferry",    "the old town",   "\"fish market\"",
                                          "minister", "octopus"};
    const char *guessed = runner_path("a.lede"), *told = runner_path("b.lede");

    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "-r", "--base", "corpus", "-d", guessed, "corpus/articles",
                            "corpus/wire.jsonl"));
    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "-r", "-l", "en", "--base", "corpus", "-d", told,
                            "corpus/articles", "corpus/wire.jsonl"));
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct run one = SEARCH("--any", "--format", "tsv", "-n", "100", "-d", guessed, queries[i]);
        struct run other = SEARCH("--any", "--format", "tsv", "-n", "100", "-d", told, queries[i]);

        cr_expect_gt(one.out_size, 0, "%s", queries[i]);
        cr_expect_str_eq(one.out, other.out, "%s", queries[i]);
        run_done(&one);
        run_done(&other);
    }
}

Test(languages, analyze_guesses_if_asked_to)
{
    struct run run =
        INDEX_INPUT("Der Hafen ist seit gestern wieder offen, und zwölf Schiffe liegen "
                    "auf der Reede, weil das Wetter so ist.",
                    "analyze", "-l", "auto", "-");

    cr_expect(strstr(run.out, "\tSchiffe\tschiff\t"), "%s", run.out);
    run_done(&run);
}

/* More languages than are asked, of which some have the same terms: each is found all the same. */
Test(languages, a_query_finds_across_many)
{
    static const char lines[] =
        "{\"id\":\"1\",\"language\":\"pl\",\"text\":\"okno\"}\n"
        "{\"id\":\"2\",\"language\":\"cs\",\"text\":\"okno\"}\n"
        "{\"id\":\"3\",\"language\":\"sk\",\"text\":\"okno\"}\n"
        "{\"id\":\"4\",\"language\":\"hr\",\"text\":\"okno\"}\n"
        "{\"id\":\"5\",\"language\":\"sl\",\"text\":\"okno\"}\n"
        "{\"id\":\"6\",\"language\":\"lv\",\"text\":\"okno\"}\n"
        "{\"id\":\"7\",\"language\":\"et\",\"text\":\"okno\"}\n"
        "{\"id\":\"8\",\"language\":\"vi\",\"text\":\"okno\"}\n"
        "{\"id\":\"9\",\"language\":\"zh\",\"text\":\"\xe7\x81\xaf\xe5\x8f\xb0\"}\n"
        "{\"id\":\"10\",\"language\":\"ja\",\"text\":\"\xe7\x81\xaf\xe5\x8f\xb0\"}\n"
        "{\"id\":\"11\",\"language\":\"uk\",\"text\":\"\xd0\xb2\xd1\x96\xd0\xba\xd0\xbd\xd0\xbe\"}"
        "\n"
        "{\"id\":\"12\",\"language\":\"bg\",\"text\":\"\xd0\xbf\"}\n"
        "{\"id\":\"de\",\"language\":\"de\",\"text\":\"Die H\xc3\xa4user\"}\n"
        "{\"id\":\"fr\",\"language\":\"fr\",\"text\":\"l'homme\"}\n"
        "{\"id\":\"hu\",\"language\":\"hu\",\"text\":\"h\xc3\xa1zak\"}\n";
    const char *index = runner_path("a.lede");

    add_lines(index, lines, NULL);
    expect_found(index, "okno", "1\n2\n3\n4\n5\n6\n7\n8\n");
    expect_found(index, "H\xc3\xa4usern", "de\n");
    expect_found(index, "homme", "fr\n");
    expect_found(index, "h\xc3\xa1zakat", "hu\n");
}
