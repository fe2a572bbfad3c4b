/* Keyword fields from declaring them to filters and facets. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/command_runner.h"

TestSuite(keywords, .init = runner_init, .fini = runner_done, .timeout = 120);

static const char WIRE[] =
    "{\"id\":\"a\",\"text\":\"grain prices\",\"section\":\"World\",\"author\":\"Jorun Ask\","
    "\"url\":\"https://www.wire.example/a\",\"tags\":[\"grain\",\"Black Sea\"]}\n"
    "{\"id\":\"b\",\"text\":\"grain ships\",\"section\":\"world\",\"author\":\"Osric Lund\","
    "\"url\":\"https://wire.example/b\",\"tags\":\"ships\"}\n"
    "{\"id\":\"c\",\"text\":\"ferry ships\",\"section\":\"Coast\",\"language\":\"de\"}\n";

static const char *wire(void)
{
    const char *index = runner_path("wire.lede");
    struct run run =
        INDEX_INPUT(WIRE, "add", "-q", "-f", "jsonl", "--keyword", "tags", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    return index;
}

Test(keywords, say_what_may_be_found)
{
    const char *index = wire();

    runner_expect_found("a\nb\n", ARGUMENTS("-d", index, "-l", "section:world"));
    runner_expect_found("b\n",
                        ARGUMENTS("-d", index, "-l", "--any", "ships ferry site:wire.example"));
    runner_expect_found("a\n", ARGUMENTS("-d", index, "-l", "tags:\"black sea\" grain"));
    runner_expect_found("1\n", ARGUMENTS("-d", index, "-c", "ships -lang:de"));
}

Test(keywords, that_are_not_declared_are_words_or_an_error)
{
    const char *index = wire();
    struct run run = SEARCH("-d", index, "desk:x");

    cr_expect_eq(run.code, 1);
    cr_expect_not_null(strstr(run.err, "no such field (there are title:, date:, site:, section:, "
                                       "author:, lang:, tags:), taken literally"),
                       "%s", run.err);
    run_done(&run);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--strict", "desk:x"));
}

Test(keywords, are_declared_when_the_index_is_made)
{
    const char *index = wire(), *other = runner_path("other.lede");
    struct run run =
        INDEX_INPUT(WIRE, "add", "-f", "jsonl", "--keyword", "title", "-d", other, "-");

    cr_expect_eq(run.code, 2);
    run_done(&run);
    run = INDEX("stats", "-d", index);
    cr_expect_not_null(strstr(run.out, "\nkeywords    site section author lang tags\nanalyzer"),
                       "%s", run.out);
    run_done(&run);
    run = INDEX("stats", "--json", "-d", index);
    cr_expect_not_null(strstr(run.out, "\"keywords\":[\"site\",\"section\",\"author\",\"lang\","
                                       "\"tags\"],\"lacking\":{}"),
                       "%s", run.out);
    run_done(&run);
}

/* Nothing may be found without a word about why. */
Test(keywords, that_are_declared_later_are_told_to_lack_what_was_there)
{
    const char *index = runner_path("grown.lede");
    struct run run;

    run = INDEX_INPUT(WIRE, "add", "-q", "-f", "jsonl", "-d", index, "-");
    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = INDEX_INPUT(WIRE, "add", "-f", "jsonl", "--keyword", "tags", "-d", index, "-");
    cr_expect_eq(run.code, 0);
    cr_expect_not_null(strstr(run.err, "tags: 3 articles were indexed before this field was "
                                       "declared; lede-index compact gives it to them\n"),
                       "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "tags:ships");
    cr_expect_eq(run.code, 1);
    cr_expect_not_null(strstr(run.err,
                              "note: \"tags:ships\" at column 1: 3 articles were indexed "
                              "before the field tags was declared, and are not found by it; "
                              "lede-index compact gives it to them\n"),
                       "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "--snippets=0", "--facet", "tags", "grain");
    cr_expect_not_null(
        strstr(run.out, "\ntags\n        2  without, of which 2 were indexed without this field\n"),
        "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "--format=json", "--facet", "tags", "grain");
    cr_expect_not_null(strstr(run.out, "\"without\":2,\"lacking\":2}"), "%s", run.out);
    run_done(&run);
    run = INDEX("stats", "-d", index);
    cr_expect_not_null(strstr(run.out, "\n            tags: not of 3 articles, which were there "
                                       "before\n"),
                       "%s", run.out);
    run_done(&run);
    run = INDEX("stats", "--json", "-d", index);
    cr_expect_not_null(strstr(run.out, "\"lacking\":{\"tags\":3}"), "%s", run.out);
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("verify", "-q", "--deep", "-d", index));
    runner_expect(0, "lede-index", ARGUMENTS("compact", "-q", "-d", index));
    run = SEARCH("-d", index, "-l", "tags:ships");
    cr_expect_str_eq(run.out, "b\n");
    cr_expect_str_eq(run.err, "");
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("verify", "-q", "--deep", "-d", index));
}

/* sync, which reads nothing again, declares them as well. */
Test(keywords, may_be_declared_by_a_sync_that_finds_nothing_new)
{
    const char *index = runner_path("synced.lede"), *folder = runner_path("wire");
    struct run run;

    cr_assert_eq(mkdir(folder, 0777), 0);
    runner_write(runner_path("wire/wire.jsonl"), WIRE, strlen(WIRE));
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-r", "-d", index, folder));
    run = INDEX("sync", "--keyword", "tags", "-d", index, folder);
    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_not_null(strstr(run.err, "tags: 3 articles"), "%s", run.err);
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("compact", "-q", "-d", index));
    runner_expect_found("1\n", ARGUMENTS("-d", index, "-c", "tags:ships"));
}

Test(keywords, of_a_merge_are_all_in_whatever_order)
{
    const char *index = wire(), *other = runner_path("other.lede"),
               *third = runner_path("third.lede");
    struct run run = INDEX_INPUT(
        "{\"id\":\"d\",\"text\":\"x\",\"desk\":\"y\",\"tags\":\"grain\"}\n", "add", "-q", "-f",
        "jsonl", "--keyword", "desk", "--keyword", "tags", "-d", other, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "-d", other, "-l", "desk:y");
    cr_expect_str_eq(run.out, "d\n");
    cr_expect_not_null(strstr(run.err,
                              "3 articles are in indexes without the field desk, and are not "
                              "found by it\n"),
                       "%s", run.err);
    run_done(&run);
    run = INDEX_INPUT(WIRE, "add", "-q", "-f", "jsonl", "--keyword", "tags", "--keyword", "desk",
                      "-d", third, "-");
    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("merge", "-q", "-d", third, other));
    runner_expect_found("d\n", ARGUMENTS("-d", third, "-l", "desk:y"));
    runner_expect_found("a\nd\n", ARGUMENTS("-d", third, "-l", "tags:grain"));
    runner_expect(0, "lede-index", ARGUMENTS("verify", "-q", "--deep", "-d", third));
    run = INDEX("merge", "-d", index, other);
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "-l", "desk:y");
    cr_expect_str_eq(run.out, "d\n");
    cr_expect_not_null(strstr(run.err, "3 articles were indexed before"), "%s", run.err);
    run_done(&run);
}

Test(keywords, of_all_matches_are_counted_by_facets)
{
    const char *index = wire();
    struct run run = SEARCH("-d", index, "-n1", "--snippets=0", "--facet", "section", "--facet",
                            "tags:1", "--any", "grain ships");
    json_t *root, *facet;

    cr_expect_not_null(strstr(run.out, "\n\nsection\n        2  World\n        1  Coast\n\ntags\n"
                                       "        1  Black Sea\n        1  without\n"
                                       "and 2 more values\n"),
                       "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "--format=json", "--facet=author", "ships");
    root = json_loadb(run.out, run.out_size, 0, NULL);
    facet = json_object_get(json_object_get(root, "facets"), "author");
    cr_expect_eq(json_array_size(json_object_get(facet, "values")), 1);
    cr_expect_eq(json_integer_value(json_object_get(facet, "distinct")), 1);
    cr_expect_eq(json_integer_value(json_object_get(facet, "without")), 1);
    json_decref(root);
    run_done(&run);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--facet=desk", "ships"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--facet=author:x", "ships"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--facet=author:10001", "ships"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--facet=author", "-l", "ships"));
}
