/* Dates in lede-search: what they let through, the order of hits, and histograms. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <string.h>

#include "tests/command_runner.h"

TestSuite(dates, .init = runner_init, .fini = runner_done, .timeout = 120);

static const char HERONS[] =
    "{\"id\":\"a\",\"title\":\"Herons\",\"text\":\"A heron stood in the river. The river rose, "
    "and the heron left.\",\"date\":\"2024-05-01\"}\n"
    "{\"id\":\"b c\",\"title\":\"A walk\",\"text\":\"No heron, but an otter in the river.\","
    "\"date\":\"2024-06\"}\n"
    "{\"id\":\"d\",\"title\":\"Otters\",\"text\":\"An otter ate.\"}\n";

static const char *herons(void)
{
    return runner_index("herons.lede", HERONS);
}

Test(dates, dates_say_what_may_be_found)
{
    const char *index = herons();

    runner_expect_found("a\nb c\n", ARGUMENTS("-d", index, "-l", "river"));
    runner_expect_found("a\n", ARGUMENTS("-d", index, "-l", "river", "date:2024-05"));
    runner_expect_found("b c\n", ARGUMENTS("-d", index, "-l", "--", "river", "-date:..2024-05"));
    runner_expect_found("b c\n", ARGUMENTS("-d", index, "-l", "river", "date:>2024-05"));
    runner_expect_found("a\nb c\n", ARGUMENTS("-d", index, "-l", "date:2024"));
    runner_expect_found("a\nb c\n", ARGUMENTS("-d", index, "-l", "--since", "2024"));
    runner_expect_found("a\n",
                        ARGUMENTS("-d", index, "-l", "--until", "2024-05-31", "heron", "--any"));
    runner_expect_found("b c\na\n",
                        ARGUMENTS("-d", index, "-l", "--any", "otter", "heron", "date:2024"));
    runner_expect_found("d\n", ARGUMENTS("-d", index, "-l", "--", "otter", "-date:0000.."));
    runner_expect_found("d\nb c\n", ARGUMENTS("-d", index, "-l", "otter", "OR", "date:2024-06"));
    runner_expect_found("2\n", ARGUMENTS("-d", index, "-c", "date:2024"));
    runner_expect(1, "lede-search", ARGUMENTS("-d", index, "-q", "river", "date:2023"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--since", "2024", "--until", "2023"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--strict", "date:someday"));
}

Test(dates, hits_stand_in_the_order_of_their_dates_if_that_is_wanted)
{
    const char *index = herons();

    runner_expect_found("b c\na\nd\n",
                        ARGUMENTS("-d", index, "-l", "-s", "date", "heron", "OR", "otter"));
    runner_expect_found("a\nb c\nd\n",
                        ARGUMENTS("-d", index, "-l", "-s", "-date", "heron", "OR", "otter"));
    runner_expect_found("b c\n", ARGUMENTS("-d", index, "-l", "-n1", "-s", "date", "river"));
    runner_expect_found("a\n", ARGUMENTS("-d", index, "-l", "--offset=1", "-s", "date", "river"));
}

Test(dates, scores_fade_with_age_if_that_is_wanted)
{
    const char *index = herons();
    struct run run = SEARCH("-d", index, "--explain", "--recency=12h", "river");

    runner_expect_found("a\nb c\n", ARGUMENTS("-d", index, "-l", "--recency=90w", "river"));
    runner_expect_found("b c\na\n", ARGUMENTS("-d", index, "-l", "--recency", "12h", "river"));
    cr_expect_not_null(strstr(run.out, "0.000000  times, by its age\n"), "%s", run.out);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--recency=0d", "river"));
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--recency=1month", "river"));
    run_done(&run);
}

Test(dates, a_histogram_counts_all_matches)
{
    const char *index = herons();
    struct run run =
        SEARCH("-d", index, "-n1", "--histogram", "month", "--snippets=0", "heron", "OR", "otter");
    json_t *root, *bars;

    cr_expect_not_null(strstr(run.out, "\n\n2024-05           1 ██"), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\n2024-06           1 ██"), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "\nundated           1\n"), "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", index, "--format=json", "--histogram", "year", "river");
    root = json_loadb(run.out, run.out_size, 0, NULL);
    bars = json_object_get(json_object_get(root, "histogram"), "bars");
    cr_assert_eq(json_array_size(bars), 1);
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(bars, 0), "date")), "2024");
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(bars, 0), "articles")), 2);
    json_decref(root);
    run_done(&run);
    runner_expect(2, "lede-search", ARGUMENTS("-d", index, "--histogram=day", "-l", "river"));
}

Test(dates, dates_that_leave_nothing_are_told)
{
    struct run run = SEARCH("-d", herons(), "--since", "2025", "heron");

    cr_expect_eq(run.code, 1);
    cr_expect_not_null(strstr(run.err, "2 articles match without \"date:2025..\""), "%s", run.err);
    run_done(&run);
    run = SEARCH("-d", herons(), "date:..2023");
    cr_expect_str_eq(run.err,
                     "lede-search: the index has articles from 2024-05-01 to 2024-06-01\n");
    run_done(&run);
    run = SEARCH("-d", herons(), "otter", "date:2024-05-01..2024-06-30", "river");
    cr_expect_null(strstr(run.err, "the index has articles"), "%s", run.err);
    run_done(&run);
}

Test(dates, an_explanation_says_that_dates_are_met)
{
    struct run run =
        SEARCH("-d", herons(), "--explain", "-n1", "--", "river", "date:2024-05", "-date:2025");

    cr_expect_not_null(strstr(run.out, "          met  date:2024-05\n"), "%s", run.out);
    cr_expect_not_null(strstr(run.out, "      not met  -date:2025\n"), "%s", run.out);
    run_done(&run);
    run = SEARCH("-d", herons(), "--format=json", "--explain", "river", "date:2024-05");
    cr_expect_not_null(strstr(run.out, "\"filter\":true"), "%s", run.out);
    run_done(&run);
}
