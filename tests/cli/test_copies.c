/* --collapse in lede-search: copies under the best of them, told in text and JSON. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(copies, .init = runner_init, .fini = runner_done, .timeout = 900);

#define REPORT                                                                                     \
    "A grey heron has nested on the crane of the old wharf, where nobody has worked since the "    \
    "spring flood. The owners wanted to take the crane down in May and will now wait until the "   \
    "young have flown. Boys who climbed the fence to see the nest were sent home by the ferryman."

/* a; b, the same with other metadata; c, with a footer; d, another one. */
static const char ARTICLES[] =
    "{\"id\":\"a\",\"title\":\"Heron on the crane\",\"text\":\"" REPORT "\"}\n"
    "{\"id\":\"b\",\"title\":\"Heron on the crane\",\"text\":\"" REPORT
    "\",\"url\":\"https://b.example/heron\",\"date\":\"2024-05-02\"}\n"
    "{\"id\":\"c\",\"title\":\"Heron on the crane\",\"text\":\"" REPORT " Read more tomorrow.\"}\n"
    "{\"id\":\"d\",\"title\":\"A crane for the wharf\",\"text\":\"The new crane has come by "
    "ship.\"}\n";

static const char *cranes(void)
{
    return runner_index("cranes.lede", ARTICLES);
}

static void expect_ids(const char *index, const char *how, const char *ids)
{
    struct run run = SEARCH("-d", index, "-l", "--collapse", how, "crane wharf");

    cr_expect_str_eq(run.out, ids, "%s: %s", how, run.out);
    run_done(&run);
}

Test(copies, the_best_of_them_is_shown)
{
    const char *index = cranes();
    struct run run;

    expect_ids(index, "none", "d\na\nb\nc\n");
    expect_ids(index, "exact", "d\na\nc\n");
    expect_ids(index, "near", "d\na\n");
    run = SEARCH("-d", index, "-c", "--collapse=near", "crane wharf");
    cr_expect_str_eq(run.out, "4\n", "counts are of articles");
    run_done(&run);
    run = SEARCH("-d", index, "-l", "--collapse=near", "--offset=1", "crane wharf");
    cr_expect_str_eq(run.out, "a\n");
    run_done(&run);
    run = SEARCH("-d", index, "-l", "--collapse=near", "-s", "date", "crane wharf");
    cr_expect_str_eq(run.out, "b\nd\n");
    run_done(&run);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--collapse=all", "crane"));
}

Test(copies, text_and_json_tell_how_many_there_are)
{
    const char *index = cranes();
    struct run run = SEARCH("-d", index, "--collapse=near", "--snippets=0", "crane");
    json_t *root, *hits;

    cr_expect_not_null(strstr(run.out, "  +2 copies\n"), "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "--collapse=exact", "--snippets=0", "crane");
    cr_expect_not_null(strstr(run.out, "  +1 copy\n"), "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "--collapse=near", "--format=json", "crane wharf");
    root = json_loadb(run.out, run.out_size, 0, NULL);
    hits = json_object_get(root, "hits");
    cr_assert_eq(json_array_size(hits), 2);
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(hits, 0), "copies")), 0);
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(hits, 1), "copies")), 2);
    cr_expect_eq(json_integer_value(json_object_get(root, "total")), 4);
    json_decref(root);
    run_done(&run);
    run = SEARCH("-d", index, "--format=json", "crane wharf");
    cr_expect_null(strstr(run.out, "copies"), "%s", run.out);
    run_done(&run);
}

Test(copies, stats_lists_them_by_group)
{
    const char *index = cranes();
    struct run run = INDEX("stats", "--copies", "-d", index);
    char group[17] = "", expected[200];

    cr_assert_eq(sscanf(run.out, "%16[0-9a-f]\t", group), 1, "%s", run.out);
    cr_assert_eq(strlen(group), 16);
    (void)snprintf(expected, sizeof expected, "%s\ta\n%s\tb\n%s\tc\n", group, group, group);
    cr_expect_str_eq(run.out, expected);
    run_done(&run);
    run = INDEX("stats", "--copies", "--json", "-d", index);
    (void)snprintf(expected, sizeof expected, "{\"group\":\"%s\",\"id\":\"a\"}\n", group);
    cr_expect_eq(strncmp(run.out, expected, strlen(expected)), 0, "%s", run.out);
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("rm", "-q", "-d", index, "a", "b"));
    run = INDEX("stats", "--copies", "-d", index);
    cr_expect_str_eq(run.out, "", "alone is no copy");
    run_done(&run);
}

Test(copies, those_that_were_removed_do_not_count)
{
    const char *index = cranes();
    struct run run = INDEX("rm", "-q", "-d", index, "a");

    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    expect_ids(index, "near", "d\nb\n");
    run = SEARCH("-d", index, "--collapse=near", "--snippets=0", "heron");
    cr_expect_not_null(strstr(run.out, "  +1 copy\n"), "%s", run.out);
    run_done(&run);
    run = INDEX("compact", "-q", "-d", index);
    cr_expect_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", index, "--collapse=near", "--snippets=0", "heron");
    cr_expect_not_null(strstr(run.out, "  +1 copy\n"), "%s", run.out);
    run_done(&run);
    run = INDEX("verify", "--deep", "-d", index);
    cr_expect_eq(run.code, 0, "%s%s", run.out, run.err);
    run_done(&run);
}

/* ---- articles of others ---- */

Test(copies, groups_of_reuters_are_those_of_comparing_all_with_all)
{
    const char *data = getenv("LEDE_DATA"), *required = getenv("LEDE_DATA_REQUIRED");
    char command[4096];

    if (!data) {
        cr_assert(!required || !*required, "LEDE_DATA_REQUIRED is set, but not LEDE_DATA");
        cr_skip_test("LEDE_DATA is not set");
    }
    if (runner_sanitized())
        cr_skip_test("nothing but figures, which are the same");
    (void)snprintf(command, sizeof command, "python3 bench/copies.py --check %s >&2",
                   getenv("LEDE_BUILD") ? getenv("LEDE_BUILD") : "build");
    cr_expect_eq(system(command), 0);
}
