/* lede-search as its user sees it: arguments, exit codes, messages, and the five formats. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/command_runner.h"

TestSuite(search, .init = runner_init, .fini = runner_done, .timeout = 120);

/* ---- three articles ---- */

static const char HERONS[] =
    "{\"id\":\"a\",\"title\":\"Herons\",\"text\":\"A heron stood in the river.\\n\\nThe river "
    "rose, "
    "and the heron left.\",\"date\":\"2024-05-01\",\"url\":\"https://x.example/a\","
    "\"section\":\"birds\"}\n"
    "{\"id\":\"b c\",\"title\":\"Tab\\there, line\\nthere\",\"text\":\"No heron, but an otter in "
    "the river.\",\"date\":\"2024-06\"}\n"
    "{\"id\":\"d\",\"title\":\"Otters\",\"text\":\"An otter ate.\"}\n";

static const char *herons(void)
{
    return runner_index("herons.lede", HERONS);
}

/* ---- arguments ---- */

Test(search, exit_codes_tell_what_happened)
{
    const char *index = herons(), *nothing = runner_path("nothing"),
               *text = runner_path("text.lede");

    runner_expect(0, "lede-search", ARGUMENTS("-d", index, "heron"));
    runner_expect(1, "lede-search", ARGUMENTS("-d", index, "zeppelin"));
    runner_expect(1, "lede-search", ARGUMENTS("-d", index, "-c", "zeppelin"));
    runner_expect(0, "lede-search", ARGUMENTS("-h"));
    runner_expect(0, "lede-search", ARGUMENTS("--version"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index));
    runner_expect(2, "lede-search", ARGUMENTS("-d", "", "heron"));
    runner_expect(3, "lede-search", ARGUMENTS("-d", nothing, "heron"));
    runner_write(text, "no index", 8);
    runner_expect(3, "lede-search", ARGUMENTS("-d", text, "heron"));
}

Test(search, help_fits_a_terminal)
{
    struct run run = SEARCH("--help");
    char *rest = run.out, *line;

    cr_expect_eq(run.code, 0);
    while ((line = strsep(&rest, "\n")) != NULL)
        cr_expect_leq(strlen(line), 80, "%s", line);
    run_done(&run);
}

Test(search, values_that_make_no_sense_are_refused)
{
    static const char *const bad[][2] = {{"-n", "0"},           {"-n", "x"},
                                         {"-n", "-1"},          {"-n", "99999999999999"},
                                         {"--offset", "1.5"},   {"--k1", "-1"},
                                         {"--k1", "nan"},       {"--k1", "0x1"},
                                         {"--b", "1.5"},        {"--b", ""},
                                         {"--format", "xml"},   {"--snippets", "17"},
                                         {"--color", "maybe"},  {"--run-id", "a b"},
                                         {"--hyperlink", "no"}, {"-c", "-l"},
                                         {"-0", "-c"},          {"--format=tsv", "--explain"},
                                         {"-s", "newest"},      {"--histogram", "week"},
                                         {"--since", "july"},   {"--until", ""}};
    const char *index = herons();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct run run = SEARCH("-d", index, bad[i][0], bad[i][1], "heron");

        cr_expect_eq(run.code, 2, "%s %s: exit code %d", bad[i][0], bad[i][1], run.code);
        cr_expect_str_eq(run.out, "");
        cr_expect(strncmp(run.err, "lede-search: ", 13) == 0 &&
                      strchr(run.err, '\n') == run.err + run.err_size - 1,
                  "one line: %s", run.err);
        run_done(&run);
    }
}

Test(search, an_unknown_option_may_have_been_a_word_to_exclude)
{
    static const char *const words[] = {"-opec", "-otter", "-not", "-x", "-River"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct run run = SEARCH("oil", words[i]);

        cr_expect_eq(run.code, 2, "%s: exit code %d", words[i], run.code);
        cr_expect_not_null(strstr(run.err, "lede-search -- oil -opec"), "%s", run.err);
        run_done(&run);
    }
    for (size_t i = 0; i < 2; i++) {
        struct run run = SEARCH("oil", words[i]);

        cr_expect_not_null(strstr(run.err, words[i]), "%s", run.err);
        run_done(&run);
    }
}

Test(search, flags_stand_anywhere_and_words_are_joined)
{
    const char *index = herons();

    runner_expect_found("d\n", ARGUMENTS("-d", index, "-l", "--", "otter", "-river"));
    runner_expect_found("d\n", ARGUMENTS("otter -river", "-l", "-d", index));
    runner_expect_found("b c\n", ARGUMENTS("otter", "-l", "river", "-d", index, "-n1"));
    runner_expect_found("1\n", ARGUMENTS("heron", "-d", index, "\"river rose\"", "-c"));
}

Test(search, the_index_is_the_one_named_or_the_one_of_the_environment)
{
    const char *index = herons();
    struct run run;

    cr_assert_eq(setenv("LEDE_INDEX", index, 1), 0);
    runner_expect_found("2\n", ARGUMENTS("-c", "heron"));
    cr_assert_eq(unsetenv("LEDE_INDEX"), 0);
    run = SEARCH("-c", "heron");
    cr_expect_eq(run.code, 3);
    cr_expect_not_null(strstr(run.err, "/.local/share/lede/default: "), "%s", run.err);
    run_done(&run);
    cr_assert_eq(unsetenv("HOME"), 0);
    run = SEARCH("-c", "heron");
    cr_expect_eq(run.code, 2);
    cr_expect_not_null(strstr(run.err, "-d DIR"), "%s", run.err);
    run_done(&run);
}

Test(search, several_indexes_are_searched_as_one)
{
    const char *index = herons(), *more = runner_path("more.lede");
    struct run run = INDEX_INPUT("{\"id\":\"z\",\"text\":\"heron heron heron\"}\n", "add", "-q",
                                 "-f", "jsonl", "-d", more, "-");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    runner_expect_found("3\n", ARGUMENTS("-d", index, "-d", more, "-c", "heron"));
    runner_expect_found("z\n", ARGUMENTS("-d", index, "-d", more, "-l", "-n", "1", "heron"));
    run = SEARCH("-d", index, "-d", more, "--format", "json", "--explain", "-n1", "heron");
    cr_expect_not_null(strstr(run.out, "\"articles\":4,"), "%s", run.out);
    run_done(&run);
}

Test(search, a_word_may_be_asked_for_as_it_is_written)
{
    const char *index = runner_path("forms.lede");
    const char *articles =
        "{\"id\":\"a\",\"text\":\"She runs. He runs. Running helps.\"}\n"
        "{\"id\":\"b\",\"text\":\"a run, don\xe2\x80\x99t run, r\xc3\xa9sum\xc3\xa9\"}\n"
        "{\"id\":\"c\",\"title\":\"Running water\",\"text\":\"resume\"}\n";
    struct run run = INDEX_INPUT(articles, "add", "-q", "-f", "jsonl", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    runner_expect_found("a\nb\nc\n", ARGUMENTS("-d", index, "-l", "--limit=9", "runs"));
    runner_expect_found("a\n", ARGUMENTS("-d", index, "-l", "=runs"));
    runner_expect_found("c\na\n", ARGUMENTS("-d", index, "-l", "=RUNNING"));
    runner_expect_found("c\n", ARGUMENTS("-d", index, "-l", "title:=running"));
    runner_expect_found("b\n", ARGUMENTS("-d", index, "-l", "--", "run", "-=running"));
    runner_expect_found("b\n", ARGUMENTS("-d", index, "-l", "=don't"));
    runner_expect_found("c\n", ARGUMENTS("-d", index, "-l", "=resume"));
    runner_expect_found("c\n", ARGUMENTS("-d", index, "-l", "=\"running water\""));
    runner_expect_found("1\n", ARGUMENTS("-d", index, "-c", "=runs"));
    run = SEARCH("-d", index, "--color=always", "=running", "helps");
    cr_expect_not_null(strstr(run.out, "\x1b[1;31mRunning\x1b[m"), "%s", run.out);
    cr_expect_null(strstr(run.out, "\x1b[1;31mruns\x1b[m"), "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "=\"he helps\"");
    cr_expect_eq(run.code, 1);
    run_done(&run);
}

Test(search, where_texts_are_not_kept_a_word_stands_for_its_forms)
{
    const char *index = runner_path("bare.lede");
    struct run run = INDEX_INPUT("{\"id\":\"a\",\"text\":\"runs\"}\n", "add", "-q", "-f", "jsonl",
                                 "--no-store", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "-l", "=running");
    cr_expect_str_eq(run.out, "a\n");
    cr_expect_not_null(strstr(run.err, "the index keeps no texts; searched by its stem"), "%s",
                       run.err);
    run_done(&run);
}

Test(search, hits_can_be_passed_over)
{
    const char *index = herons();
    struct run all = SEARCH("-d", index, "--format", "tsv", "--any", "heron", "river", "otter"),
               tail = SEARCH("-d", index, "--format", "tsv", "--any", "--offset", "1", "-n", "5",
                             "heron", "river", "otter");

    cr_expect_str_eq(strchr(all.out, '\n') + 1, tail.out);
    cr_expect_str_eq(tail.err, "");
    run_done(&all);
    run_done(&tail);
    runner_expect(0, "lede-search", ARGUMENTS("-d", index, "--offset", "0", "heron"));
}

/* ---- how a query was read ---- */

Test(search, an_odd_query_is_told_in_a_note_unless_quiet_or_strict)
{
    const char *index = herons();
    struct run run = SEARCH("-d", index, "-l", "\"river rose");

    cr_expect_eq(run.code, 0);
    cr_expect_str_eq(run.out, "a\n");
    cr_expect_eq(strncmp(run.err, "lede-search: note: ", 19), 0, "%s", run.err);
    run_done(&run);
    run = runner_run("lede-search", "river\n\"rose\n", ARGUMENTS("-d", index, "-l", "-"));
    cr_expect_str_eq(run.out, "a\nb c\na\n");
    cr_expect_eq(strncmp(run.err, "lede-search: standard input:2: note: ", 37), 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "-lq", "\"river rose");
    cr_expect_str_eq(run.err, "");
    run_done(&run);
    run = SEARCH("-d", index, "-l", "--strict", "\"river rose");
    cr_expect_eq(run.code, 2);
    cr_expect_str_eq(run.out, "");
    cr_expect_str_eq(run.err, "lede-search: query: \"\"river\" at column 1: unbalanced quote\n"
                              "  \"river rose\n"
                              "  ^\n");
    run_done(&run);
    run = SEARCH("-d", index, "-l", "-F", "--", "-river +\"rose");
    cr_expect_str_eq(run.out, "a\n");
    cr_expect_str_eq(run.err, "");
    run_done(&run);
}

/* The lines under the message. */
static void expect_caret(const char *query, const char *expected)
{
    struct run run = SEARCH("-d", herons(), "--strict", "--", query);

    cr_expect_eq(run.code, 2);
    cr_expect_str_eq(strchr(run.err, '\n') + 1, expected);
    run_done(&run);
}

Test(search, a_caret_stands_under_what_is_odd_however_wide_the_query_is)
{
    static const char words[] = "heron heron heron heron heron heron heron heron";
    char query[300], expected[300];

    expect_caret("heron \"rose", "  heron \"rose\n        ^\n");
    expect_caret("猫 é \"rose", "  猫 é \"rose\n       ^\n");
    expect_caret("e\xcc\x81 \"rose", "  e\xcc\x81 \"rose\n    ^\n");
    expect_caret("\x1b\n \"rose", "  \\x1b\\x0a \"rose\n           ^\n");
    expect_caret("\xff \"rose", "  \\xff \"rose\n       ^\n");
    (void)snprintf(query, sizeof query, "%s OR OR %s", words, words);
    (void)snprintf(expected, sizeof expected, "  ...%s OR OR %.24s...\n  %42s^\n", words + 9, words,
                   "");
    expect_caret(query, expected);
}

Test(search, a_query_is_given_up_when_its_time_is_over_and_the_next_one_is_answered)
{
    const char *index = herons();
    struct run run = SEARCH("-d", index, "--timeout", "0.000001", "heron");

    cr_expect_eq(run.code, 2);
    cr_expect_str_eq(run.out, "");
    cr_expect_str_eq(run.err, "lede-search: query: no answer in the time that it was given\n");
    run_done(&run);
    run = runner_run("lede-search", "heron\nzeppelin\n",
                     ARGUMENTS("-d", index, "--timeout=0.000001", "-"));
    cr_expect_eq(run.code, 2);
    cr_expect_eq(strncmp(run.out, "{\"version\":1,\"query\":\"heron\",\"error\":", 37), 0, "%s",
                 run.out);
    cr_expect_not_null(strstr(run.out, "\"query\":\"zeppelin\",\"total\":0"), "%s", run.out);
    run_done(&run);
    runner_expect(0, "lede-search", ARGUMENTS("-d", index, "--timeout", "60000", "heron"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--timeout", "0", "heron"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--timeout", "1", "--topics", "-"));
}

/* ---- articles like one ---- */

Test(search, articles_like_one_are_found_without_it)
{
    const char *index = herons();
    struct run run = SEARCH("-d", index, "--format", "json", "--snippets=0", "--similar", "d");

    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_not_null(strstr(run.out, "{\"version\":1,\"similar\":\"d\",\"total\":1,"), "%s",
                       run.out);
    run_done(&run);
    runner_expect_found("b c\n", ARGUMENTS("-d", index, "-l", "--similar=d"));
    runner_expect_found("1\n", ARGUMENTS("-d", index, "-c", "--similar", "d"));
    run = SEARCH("-d", index, "--similar", "x");
    cr_expect_eq(run.code, 2);
    cr_expect_str_eq(run.err, "lede-search: --similar x: no article has this id\n");
    run_done(&run);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--similar", ""));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--similar", "d", "heron"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--similar", "d", "--topics", "x"));
}

/* ---- where nothing is found ---- */

static void expect_told(const char *told, const char *input, const char *const *arguments)
{
    struct run run = runner_run("lede-search", input, arguments);

    cr_expect_eq(run.code, 1, "exit code %d", run.code);
    cr_expect_str_eq(run.err, told);
    run_done(&run);
}

Test(search, where_nothing_is_found_it_tells_what_would_be)
{
    const char *index = herons();

    expect_told("lede-search: no article has \"hreon\"; \"heron\" is in 2\n"
                "lede-search: 2 articles match: heron river\n",
                NULL, ARGUMENTS("-d", index, "hreon", "river"));
    expect_told("lede-search: no article has \"zeppelin\"\n"
                "lede-search: 2 articles have some of the words (--any)\n"
                "lede-search: 2 articles match without \"zeppelin\"\n",
                NULL, ARGUMENTS("-d", index, "zeppelin", "otter"));
    expect_told("lede-search: 3 articles have some of the words (--any)\n"
                "lede-search: 1 article matches without \"otter\"\n",
                NULL, ARGUMENTS("-d", index, "-c", "stood", "title:herons", "otter"));
    expect_told("lede-search: no title has \"zeppelin\"\n", NULL,
                ARGUMENTS("-d", index, "title:zeppelin"));
    expect_told("lede-search: 1 article has the words, but not as they are asked for\n", NULL,
                ARGUMENTS("-d", index, "\"ate otter\""));
    expect_told("lede-search: 2 articles match if nothing is excluded\n", NULL,
                ARGUMENTS("-d", index, "--", "heron", "-in"));
}

Test(search, advice_names_the_line_and_is_not_for_topics_or_the_quiet)
{
    const char *index = herons(), *topics = runner_path("topics");

    runner_write(topics, "t\tzeppelin\n", 11);
    expect_told("lede-search: standard input:1: no article has \"swan\"\n"
                "lede-search: standard input:2: no article has \"zeppelin\"\n",
                "swan\nzeppelin\n", ARGUMENTS("-d", index, "-"));
    expect_told("", NULL, ARGUMENTS("-d", index, "-q", "zeppelin"));
    expect_told("", NULL, ARGUMENTS("-d", index, "--topics", topics));
    expect_told("", NULL, ARGUMENTS("-d", index, "--explain=a", "zeppelin"));
}

Test(search, a_query_without_end_is_refused)
{
    const char *index = herons();
    char *query = malloc(5001);

    memset(query, 'a', 5000);
    query[5000] = '\0';
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, query));
    for (size_t i = 0; i < 4000; i += 2)
        memcpy(query + i, "b ", 2);
    query[4000] = '\0';
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, query));
    free(query);
}

/* ---- formats ---- */

Test(search, text_shows_rank_title_id_date_score_and_a_passage)
{
    runner_expect_found(" 1  Herons\n"
                        "    a  2024-05-01  0.5733\n"
                        "    A heron stood in the river. The river rose, and the heron left.\n"
                        "\n"
                        " 2  Tab here, line there\n"
                        "    b c  2024-06  0.3950\n"
                        "    No heron, but an otter in the river.\n",
                        ARGUMENTS("-d", herons(), "heron", "river"));
}

Test(search, tsv_escapes_what_would_break_a_field)
{
    struct run run = SEARCH("-d", herons(), "--format", "tsv", "heron", "otter");
    const char *id = strchr(run.out + 2, '\t');

    cr_expect_eq(strncmp(run.out, "1\t0.", 4), 0, "%s", run.out);
    cr_expect(id && strcmp(id, "\tb c\tTab\\there, line\\nthere\t2024-06\n") == 0, "%s", run.out);
    run_done(&run);
}

Test(search, trec_has_six_fields_whatever_an_id_has)
{
    struct run run =
        SEARCH("-d", herons(), "--format", "trec", "--run-id", "mine", "--any", "heron", "otter");
    char *rest = run.out, *line, topic[8], zero[8], id[8], name[8];
    unsigned rank, count = 0;
    double score, before = 1e9;

    while ((line = strsep(&rest, "\n")) != NULL && *line) {
        cr_assert_eq(sscanf(line, "%7s %7s %7s %u %lf %7s", topic, zero, id, &rank, &score, name),
                     6, "%s", line);
        cr_expect(strcmp(topic, "1") == 0 && strcmp(zero, "Q0") == 0 && rank == ++count &&
                      score <= before && strcmp(name, "mine") == 0,
                  "%s", line);
        before = score;
    }
    cr_expect_eq(count, 3);
    run_done(&run);
    run = SEARCH("-d", herons(), "--format", "trec", "heron", "otter");
    cr_expect_not_null(strstr(run.out, " b\\x20c "), "%s", run.out);
    run_done(&run);
}

Test(search, ids_are_ended_by_newlines_or_nuls)
{
    const char *index = herons();
    struct run run = SEARCH("-d", index, "-l0", "otter");

    cr_expect(run.out_size == 6 &&
                  (memcmp(run.out, "b c\0d\0", 6) == 0 || memcmp(run.out, "d\0b c\0", 6) == 0),
              "%s", run.out);
    run_done(&run);
    runner_expect_found("0\n", ARGUMENTS("-d", index, "-cq", "zeppelin"));
}

static json_t *parse(const char *text, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, 0, &error);

    cr_assert_not_null(root, "%s: %s", error.text, text);
    return root;
}

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

Test(search, json_has_everything_and_marks_that_fit)
{
    struct run run = SEARCH("-d", herons(), "--format", "json", "-n", "1", "heron", "river");
    json_t *root = parse(run.out, run.out_size), *hit, *snippet, *mark;
    size_t i;

    cr_expect_eq(json_integer_value(json_object_get(root, "version")), 1);
    cr_expect_str_eq(string_of(root, "query"), "heron river");
    cr_expect_eq(json_integer_value(json_object_get(root, "total")), 2);
    cr_assert_eq(json_array_size(json_object_get(root, "hits")), 1);
    hit = json_array_get(json_object_get(root, "hits"), 0);
    cr_expect_eq(json_integer_value(json_object_get(hit, "rank")), 1);
    cr_expect_str_eq(string_of(hit, "id"), "a");
    cr_expect_str_eq(string_of(hit, "title"), "Herons");
    cr_expect_eq(json_integer_value(json_object_get(hit, "offset")), 0);
    cr_expect_gt(json_integer_value(json_object_get(hit, "size")), 0);
    cr_expect_str_eq(string_of(hit, "date"), "2024-05-01");
    cr_expect_str_eq(string_of(hit, "url"), "https://x.example/a");
    cr_expect_not_null(json_object_get(hit, "language"));
    cr_expect_str_eq(string_of(json_object_get(hit, "metadata"), "section"), "birds");
    snippet = json_array_get(json_object_get(hit, "snippets"), 0);
    cr_expect_eq(json_integer_value(json_object_get(snippet, "offset")), 0);
    cr_expect_eq(json_array_size(json_object_get(snippet, "highlights")), 4);
    json_array_foreach(json_object_get(snippet, "highlights"), i, mark)
    {
        const char *word = i == 0 || i == 3 ? "heron" : "river";

        cr_expect_eq(json_integer_value(json_array_get(mark, 1)), 5);
        cr_expect_eq(
            strncmp(string_of(snippet, "text") + json_integer_value(json_array_get(mark, 0)), word,
                    5),
            0);
    }
    json_decref(root);
    run_done(&run);
}

Test(search, jsonl_is_a_hit_a_line_and_absent_things_are_null)
{
    struct run run = SEARCH("-d", herons(), "--format", "jsonl", "--snippets", "0", "otter");
    char *second = strchr(run.out, '\n') + 1;
    json_t *first = parse(run.out, (size_t)(second - run.out)),
           *other = parse(second, strlen(second));
    const json_t *short_one = strcmp(string_of(first, "id"), "d") == 0 ? first : other;

    cr_expect(json_is_null(json_object_get(short_one, "date")));
    cr_expect(json_is_null(json_object_get(short_one, "url")));
    cr_expect_eq(json_array_size(json_object_get(short_one, "snippets")), 0);
    cr_expect_eq(json_integer_value(json_object_get(other, "rank")), 2);
    cr_expect_null(json_object_get(first, "query"));
    json_decref(first);
    json_decref(other);
    run_done(&run);
}

static void expect_advice(const json_t *advice)
{
    const json_t *missing = json_object_get(advice, "missing"), *first = json_array_get(missing, 0),
                 *second = json_array_get(missing, 1),
                 *without = json_object_get(advice, "without");

    cr_expect_eq(json_array_size(missing), 2);
    cr_expect_str_eq(string_of(first, "word"), "hreon");
    cr_expect_str_eq(string_of(first, "suggestion"), "heron");
    cr_expect_eq(json_integer_value(json_object_get(first, "articles")), 2);
    cr_expect(json_is_false(json_object_get(first, "title")));
    cr_expect(json_is_null(json_object_get(second, "suggestion")));
    cr_expect(json_is_null(json_object_get(advice, "query")));
    cr_expect_eq(json_integer_value(json_object_get(advice, "any")), 2);
    cr_expect_eq(json_integer_value(json_object_get(advice, "apart")), 0);
    cr_expect_eq(json_integer_value(json_object_get(advice, "included")), 0);
    cr_expect_eq(json_array_size(without), 0);
}

Test(search, advice_is_a_member_of_json)
{
    const char *index = herons();
    static const char *const formats[] = {"json", "jsonl"};

    for (size_t i = 0; i < 2; i++) {
        struct run run = SEARCH("-d", index, "--format", formats[i], "hreon", "zeppelin", "river");
        json_t *root = parse(run.out, run.out_size);

        cr_expect_eq(run.code, 1);
        cr_expect_eq(json_integer_value(json_object_get(root, "total")), 0);
        expect_advice(json_object_get(root, "advice"));
        json_decref(root);
        run_done(&run);
        run = SEARCH("-d", index, "-q", "--format", formats[i], "hreon");
        cr_expect_null(strstr(run.out, "advice"));
        run_done(&run);
    }
}

Test(search, every_machine_format_has_the_same_score_to_the_last_bit)
{
    const char *index = herons();
    struct run tsv = SEARCH("-d", index, "-n1", "--format", "tsv", "heron"),
               trec = SEARCH("-d", index, "-n1", "--format", "trec", "heron"),
               json = SEARCH("-d", index, "-n1", "--format", "jsonl", "heron");
    double a = strtod(tsv.out + 2, NULL), b;
    json_t *hit = parse(json.out, json.out_size);

    cr_assert_eq(sscanf(trec.out, "1 Q0 %*s 1 %lf", &b), 1);
    cr_expect(a > 0 && a == b && a == json_real_value(json_object_get(hit, "score")));
    json_decref(hit);
    run_done(&tsv);
    run_done(&trec);
    run_done(&json);
}

/* ---- explanations ---- */

Test(search, the_parts_of_an_explanation_add_up_to_the_score)
{
    struct run run = SEARCH("-d", runner_corpus(), "--format", "jsonl", "--explain", "--any", "-n",
                            "20", "storm", "surge", "\"the sea\"", "title:storm", "water", "storm");
    char *rest = run.out, *line;
    size_t count = 0;

    while ((line = strsep(&rest, "\n")) != NULL && *line) {
        json_t *hit = parse(line, strlen(line)), *clause;
        const json_t *why = json_object_get(hit, "explanation");
        double sum = 0;
        size_t i;

        json_array_foreach(json_object_get(why, "clauses"), i, clause) sum +=
            json_number_value(json_object_get(clause, "contribution"));
        cr_expect(sum == json_number_value(json_object_get(hit, "score")), "%s", line);
        cr_expect_eq(json_integer_value(json_object_get(why, "articles")), 69);
        json_decref(hit);
        count++;
    }
    cr_expect_gt(count, 5);
    run_done(&run);
}

Test(search, an_article_that_was_not_found_is_explained_too)
{
    const char *index = herons();
    struct run run = SEARCH("-d", index, "--explain=d", "heron", "otter");

    cr_expect_eq(run.code, 0);
    cr_expect_not_null(strstr(run.out, " -  Otters\n"), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "0.000000  heron"), "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "--explain=nobody", "heron");
    cr_expect_eq(run.code, 2);
    cr_expect_not_null(strstr(run.err, "nobody"), "%s", run.err);
    run_done(&run);
}

/* ---- many questions ---- */

Test(search, each_line_of_standard_input_is_answered_before_the_next_is_read)
{
    struct child child =
        runner_start("lede-search", ARGUMENTS("-d", herons(), "--format", "jsonl", "-n", "1", "-"));
    static const char *const asked[] = {"heron\n", "otter -river\r\n", "title:herons\n"};
    static const char *const found[] = {"a", "d", "a"};
    char line[4096];

    for (size_t i = 0; i < 3; i++) {
        json_t *hit;

        cr_assert_eq(write(child.in, asked[i], strlen(asked[i])), (ssize_t)strlen(asked[i]));
        cr_assert(runner_read_line(child.out, line, sizeof line), "no answer to %s", asked[i]);
        hit = parse(line, strlen(line));
        cr_expect_eq(strncmp(string_of(hit, "query"), asked[i], 5), 0, "%s", line);
        cr_expect_str_eq(string_of(hit, "id"), found[i]);
        json_decref(hit);
    }
    (void)close(child.in);
    cr_expect_eq(runner_wait(child.pid), 0);
    (void)close(child.out);
    (void)close(child.err);
}

Test(search, what_is_wrong_with_one_line_does_not_stop_the_others)
{
    struct run run = runner_run("lede-search", "heron\n\"heron\nzeppelin\nriver",
                                ARGUMENTS("-d", herons(), "--strict", "-c", "-"));

    cr_expect_eq(run.code, 2);
    cr_expect_str_eq(run.out, "2\n0\n2\n");
    cr_expect_not_null(strstr(run.err, "standard input:2: "), "%s", run.err);
    run_done(&run);
}

Test(search, topics_are_taken_literally_and_keep_their_ids)
{
    const char *index = herons(), *topics = runner_path("topics.tsv");
    static const char text[] = "q7\t-heron \"otter\n\nq8\tzeppelin\nq9\theron\r\n";
    struct run run;

    runner_write(topics, text, sizeof text - 1);
    run = SEARCH("-d", index, "--topics", topics, "--format", "trec", "--run-id", "r");
    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_str_eq(run.err, "");
    cr_expect_eq(strncmp(run.out, "q7 Q0 b\\x20c 1 ", 15), 0, "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\nq7 Q0 a "), "%s", run.out);
    cr_expect_null(strstr(run.out, "q8"), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\nq9 Q0 a 1 "), "%s", run.out);
    run_done(&run);
    run = runner_run("lede-search", text,
                     ARGUMENTS("-d", index, "--topics", "-", "--format", "json", "-c"));
    cr_expect_str_eq(run.out, "q7\t3\nq8\t0\nq9\t2\n");
    run_done(&run);
}

Test(search, a_topic_longer_than_a_query_is_cut)
{
    char text[4000] = "q1\theron";
    struct run run;

    for (size_t size = strlen(text); size < 3900; size += 10)
        (void)snprintf(text + size, sizeof text - size, " the river");
    run = runner_run("lede-search", text,
                     ARGUMENTS("-d", herons(), "--topics", "-", "--format", "trec"));
    cr_expect_eq(run.code, 0, "exit code %d", run.code);
    cr_expect_eq(strncmp(run.out, "q1 Q0 a 1 ", 10), 0, "%s", run.out);
    cr_expect_not_null(strstr(run.err, "standard input:1: note: "), "%s", run.err);
    run_done(&run);
}

Test(search, a_topic_without_an_id_is_told_by_its_line)
{
    const char *topics = runner_path("topics.tsv");
    struct run run;

    runner_write(topics, "q1\theron\nheron\n", 15);
    run = SEARCH("-d", herons(), "--topics", topics);
    cr_expect_eq(run.code, 2);
    cr_expect_not_null(strstr(run.err, "topics.tsv:2: "), "%s", run.err);
    run_done(&run);
    runner_expect(6, "lede-search",
                  ARGUMENTS("-d", herons(), "--topics", runner_path("missing.tsv")));
    runner_expect(2, "lede-search", ARGUMENTS("-d", herons(), "--topics", topics, "heron"));
}

Test(search, rankings_are_measured_by_judgements_and_compared_with_another_run)
{
    const char *topics = runner_path("topics.tsv"), *judged = runner_path("qrels");
    const char *other = runner_path("other.run");

    runner_write(topics, "q1\theron\nq2\totter\nq3\tegret\n", 27);
    runner_write(judged, "q1 0 a 2\nq2 0 d 1\nq4 0 d 1\n", 27);
    runner_write(other, "q1 Q0 d 1 2 r\nq1 Q0 a 2 1 r\nq2 Q0 d 1 1 r\n", 42);
    runner_expect_found(
        "topic\tnDCG@10\tMAP\tMRR\tP@10\tR@100\tR@1000\n"
        "q1\t1.0000\t1.0000\t1.0000\t0.1000\t1.0000\t1.0000\n"
        "q2\t1.0000\t1.0000\t1.0000\t0.1000\t1.0000\t1.0000\n"
        "q4\t0.0000\t0.0000\t0.0000\t0.0000\t0.0000\t0.0000\n"
        "mean\t0.6667\t0.6667\t0.6667\t0.0667\t0.6667\t0.6667\n"
        "\n"
        "measure\tthis\tother\tdifference\tworse\tequal\tbetter\tp\n"
        "nDCG@10\t0.6667\t0.5436\t-0.1230\t1\t2\t0\t0.4226\n"
        "MAP\t0.6667\t0.5000\t-0.1667\t1\t2\t0\t0.4226\n"
        "MRR\t0.6667\t0.5000\t-0.1667\t1\t2\t0\t0.4226\n"
        "P@10\t0.0667\t0.0667\t+0.0000\t0\t3\t0\t1.0000\n"
        "R@100\t0.6667\t0.6667\t+0.0000\t0\t3\t0\t1.0000\n"
        "R@1000\t0.6667\t0.6667\t+0.0000\t0\t3\t0\t1.0000\n",
        ARGUMENTS("-q", "-d", herons(), "--topics", topics, "--eval", judged, "--compare", other));
    runner_write(other, "q1 Q0 d 1 2 r\nq1 Q0 d 2 1 r\n", 28);
    runner_expect(
        2, "lede-search",
        ARGUMENTS("-d", herons(), "--topics", topics, "--eval", judged, "--compare", other));
    runner_expect(2, "lede-search", ARGUMENTS("-d", herons(), "--eval", judged, "heron"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", herons(), "--compare", judged, "heron"));
    runner_expect(6, "lede-search",
                  ARGUMENTS("-d", herons(), "--topics", topics, "--eval", runner_path("none")));
}

/* ---- output that fails ---- */

Test(search, a_full_disk_is_told)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC), nothing = open("/dev/null", O_RDONLY);
    const char *index = herons();
    char line[256];
    int err[2];

    cr_assert(full >= 0 && nothing >= 0 && pipe2(err, O_CLOEXEC) == 0);
    cr_expect_eq(runner_wait(runner_spawn("lede-search", ARGUMENTS("-d", index, "heron"), nothing,
                                          full, err[1])),
                 6);
    cr_expect(runner_read_line(err[0], line, sizeof line));
    cr_expect_eq(strncmp(line, "lede-search: standard output: ", 30), 0, "%s", line);
}

static void write_to_nobody(bool ignored)
{
    const char *index = herons();
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), out[2], err[2], code;
    char line[256];

    cr_assert(nothing >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    (void)close(out[0]);
    cr_assert_neq(signal(SIGPIPE, ignored ? SIG_IGN : SIG_DFL), SIG_ERR);
    code = runner_wait(runner_spawn("lede-search", ARGUMENTS("-d", index, "-l", "heron"), nothing,
                                    out[1], err[1]));
    cr_expect_eq(code, ignored ? 0 : 128 + SIGPIPE, "%d", code);
    (void)close(err[1]);
    cr_expect(!runner_read_line(err[0], line, sizeof line), "%s", line);
}

/* ---- what is easily mistyped ---- */

static void expect_error(int code, const char *message, const char *const *arguments)
{
    struct run run = runner_run("lede-search", NULL, arguments);

    cr_expect_eq(run.code, code);
    cr_expect_str_eq(run.err, message);
    run_done(&run);
}

Test(search, a_word_with_a_minus_that_is_taken_for_an_option_is_told_where_to_stand)
{
#define BEHIND "; words that begin with a minus stand behind --: lede-search -- oil -opec\n"
    expect_error(2, "lede-search: -s trike: relevance, date or -date" BEHIND,
                 ARGUMENTS("ferry", "-strike"));
    expect_error(2, "lede-search: -n ovember: no number" BEHIND, ARGUMENTS("ferry", "-november"));
    expect_error(2, "lede-search: -n x: no number\n", ARGUMENTS("ferry", "-n", "x"));
    expect_error(2, "lede-search: --count=3: takes no value\n", ARGUMENTS("ferry", "--count=3"));
    expect_error(2,
                 "lede-search: unknown option --json, or several begin so (lede-search --help "
                 "lists them)\n",
                 ARGUMENTS("ferry", "--json"));
}

Test(search, a_word_that_is_taken_for_an_index_is_told_where_to_stand)
{
#define NO_INDEX "lede-search: no-such: no index there; lede-index add makes one"
    const char *index = herons();
    char glued[4096];

    (void)snprintf(glued, sizeof glued, "-d%s", index);
    expect_error(3, NO_INDEX BEHIND, ARGUMENTS("-d", index, "ferry", "-dno-such"));
    expect_error(3, NO_INDEX BEHIND, ARGUMENTS("-dno-such", "ferry"));
    expect_error(3, NO_INDEX "\n", ARGUMENTS("-d", "no-such", "ferry"));
    expect_error(3, NO_INDEX "\n", ARGUMENTS(glued, "-d", "no-such", "ferry"));
}

Test(search, an_offset_behind_the_last_article_is_told)
{
    struct run run = SEARCH("-d", herons(), "--offset", "90", "heron");

    cr_expect_eq(run.code, 0);
    cr_expect_str_empty(run.out);
    cr_expect(strstr(run.err, "note: --offset 90 passes over all: "), "%s", run.err);
    run_done(&run);
}

Test(search, an_id_that_is_ended_by_a_nul_is_as_it_is)
{
    static const char name[] = "a\n\xff.txt";
    const char *file = runner_path(name), *index = runner_path("odd");
    struct run run, shown;

    runner_write(file, "ferry\n", 6);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, file));
    run = SEARCH("-d", index, "-l0", "ferry");
    cr_expect_eq(run.out_size, strlen(run.out) + 1);
    cr_expect(strstr(run.out, name), "%s", run.out);
    shown = INDEX("show", "--raw", "-d", index, run.out);
    cr_expect_str_eq(shown.out, "ferry\n");
    run_done(&shown);
    run_done(&run);
    run = SEARCH("-d", index, "-l", "ferry");
    cr_expect(strstr(run.out, "a\\x0a\\xff.txt\n"), "%s", run.out);
    run_done(&run);
}

/* ---- nobody listens ---- */

/* Runs a program with these of its first three descriptors closed: as run.code. */
static int run_without(unsigned closed, const char *program, const char *const *arguments)
{
    const char *build = getenv("LEDE_BUILD"), *all[16] = {program};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    char path[512];
    pid_t pid;

    for (size_t i = 0; arguments[i]; i++)
        all[i + 1] = arguments[i];
    (void)snprintf(path, sizeof path, "%s/%s", build && *build ? build : "build", program);
    pid = fork();
    cr_assert(pid >= 0 && null >= 0);
    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            if (closed & 1U << i)
                (void)close(i);
            else
                (void)dup2(null, i);
        (void)execv(path, (char *const *)all);
        _exit(99);
    }
    (void)close(null);
    return runner_wait(pid);
}

/* Whatever is opened first has the number of what is closed: it may be a file of the index. */
Test(search, what_is_written_to_a_closed_output_does_not_go_into_the_index)
{
    const char *index = runner_index("closed", "{\"id\":\"a\",\"text\":\"ferry\"}\n");

    for (unsigned closed = 0; closed < 8; closed++) {
        int failed = closed & 2 ? 6 : 0;

        cr_expect_eq(run_without(closed, "lede-search", ARGUMENTS("-d", index, "ferry")), failed);
        cr_expect_eq(run_without(closed, "lede-search", ARGUMENTS("-d", index, "=ferryX")), 1);
        cr_expect_eq(run_without(closed, "lede-index", ARGUMENTS("export", "-d", index)), failed);
        cr_expect_eq(run_without(closed, "lede-index", ARGUMENTS("rm", "-d", index, "none")), 1);
        runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
    }
}

Test(search, a_reader_that_went_away_is_no_error)
{
    write_to_nobody(true);
    write_to_nobody(false);
}

/* ---- terminals ---- */

Test(search, a_terminal_gets_colour_and_a_summary_a_pipe_does_not)
{
    const char *index = herons();
    const char *const *arguments = ARGUMENTS("-d", index, "-n", "1", "heron");
    char text[8192];
    struct run run;

    runner_on_terminal("lede-search", arguments, text, sizeof text);
    cr_expect_not_null(strstr(text, "\x1b["), "%s", text);
    cr_expect_not_null(strstr(text, "\x1b]8;;https://x.example/a\x1b\\"), "%s", text);
    cr_expect_not_null(strstr(text, "1 of 2 matches in "), "%s", text);
    cr_assert_eq(setenv("NO_COLOR", "1", 1), 0);
    runner_on_terminal("lede-search", arguments, text, sizeof text);
    cr_expect_null(strchr(text, '\x1b'), "%s", text);
    cr_assert_eq(unsetenv("NO_COLOR"), 0);
    cr_assert_eq(setenv("TERM", "dumb", 1), 0);
    runner_on_terminal("lede-search", arguments, text, sizeof text);
    cr_expect_null(strchr(text, '\x1b'), "%s", text);
    run = runner_run("lede-search", NULL, arguments);
    cr_expect_null(strchr(run.out, '\x1b'));
    cr_expect_str_eq(run.err, "");
    run_done(&run);
    run = SEARCH("-d", index, "--color=always", "--hyperlink=always", "heron");
    cr_expect_not_null(strstr(run.out, "\x1b[1;31mheron\x1b[m"), "%s", run.out);
    run_done(&run);
}

Test(search, passages_are_cut_with_an_ellipsis_and_kept_to_80_columns)
{
    struct run run = SEARCH("-d", runner_corpus(), "-n", "5", "--snippets", "3", "the");
    char *rest = run.out, *line;
    bool cut = strstr(run.out, "\xe2\x80\xa6") != NULL;

    cr_expect(cut, "%s", run.out);
    while ((line = strsep(&rest, "\n")) != NULL) {
        size_t columns = 0;

        if (strstr(line, ".jsonl:"))
            continue; /* a path is not cut */
        for (const char *at = line; *at; at++)
            columns += (*at & 0xc0) != 0x80;
        cr_expect_leq(columns, 80, "%s", line);
    }
    run_done(&run);
}
