#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "query/command/evaluation.h"

static char path[64];

static const char *file(const char *text)
{
    int fd;

    strcpy(path, "/tmp/lede-judgements-XXXXXX");
    fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
    return path;
}

static void read_judgements(const char *text, struct judgements *judgements)
{
    cr_assert_eq(judgements_read(file(text), judgements, NULL), LEDE_OK);
    (void)unlink(path);
}

static void expect_refused(const char *text, const char *reason)
{
    struct judgements judgements;
    struct lede_error error;

    cr_expect_eq(judgements_read(file(text), &judgements, &error), LEDE_INVALID, "%s", text);
    (void)unlink(path);
    cr_expect_not_null(strstr(error.text, reason), "%s", error.text);
    judgements_done(&judgements);
}

static void expect_close(double got, double wanted)
{
    cr_expect_lt(fabs(got - wanted), 1e-9, "%.10f, not %.10f", got, wanted);
}

static struct measures measured(const char *judged, const char *topic, const char *const *ids,
                                size_t count)
{
    struct slice ranking[16];
    struct judgements judgements;
    struct measures measures;
    const struct judgement *of;
    size_t of_count;

    for (size_t i = 0; i < count; i++)
        ranking[i] = slice_str(ids[i]);
    read_judgements(judged, &judgements);
    of = judgements_of(&judgements, slice_str(topic), &of_count);
    (void)measures_of(of, of_count, ranking, count, &measures);
    judgements_done(&judgements);
    return measures;
}

/* Relevant: a (2), b (1), c (1); ranked: x b a. */
Test(judgements, a_ranking_is_measured_as_by_hand)
{
    struct measures got = measured("1 0 a 2\n1 0 b 1\n1 0 c 1\n1 0 x 0\n2 0 x 1\n", "1",
                                   (const char *const[]){"x", "b", "a"}, 3);

    expect_close(got.of[MEASURE_NDCG_10],
                 (1 / log2(3) + 2 / log2(4)) / (2 / log2(2) + 1 / log2(3) + 1 / log2(4)));
    expect_close(got.of[MEASURE_MAP], (1.0 / 2 + 2.0 / 3) / 3);
    expect_close(got.of[MEASURE_MRR], 0.5);
    expect_close(got.of[MEASURE_P_10], 0.2);
    expect_close(got.of[MEASURE_R_100], 2.0 / 3);
    expect_close(got.of[MEASURE_R_1000], 2.0 / 3);
}

Test(judgements, what_stands_behind_the_tenth_counts_where_it_should)
{
    struct measures got =
        measured("1 0 k 1\n", "1",
                 (const char *const[]){"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}, 11);

    expect_close(got.of[MEASURE_NDCG_10], 0);
    expect_close(got.of[MEASURE_P_10], 0);
    expect_close(got.of[MEASURE_MAP], 1.0 / 11);
    expect_close(got.of[MEASURE_R_100], 1);
}

Test(judgements, the_tenth_is_the_last_of_ten)
{
    struct measures got =
        measured("1 0 j 1\n", "1",
                 (const char *const[]){"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, 10);

    expect_close(got.of[MEASURE_NDCG_10], log(2) / log(11));
    expect_close(got.of[MEASURE_P_10], 0.1);
    expect_close(got.of[MEASURE_MRR], 0.1);
}

Test(judgements, a_grade_below_zero_and_an_unknown_article_count_as_none)
{
    struct measures got =
        measured("1 0 a -1\n1 0 b 1\n", "1", (const char *const[]){"a", "u", "b"}, 3);

    expect_close(got.of[MEASURE_MRR], 1.0 / 3);
    expect_close(measured("1 0 a -1\n", "1", (const char *const[]){"a"}, 1).of[MEASURE_MAP], 0);
}

Test(judgements, a_line_that_makes_no_sense_is_told_with_its_number)
{
    expect_refused("1 0 a 1\n1 0 b\n", ":2: 3 fields");
    expect_refused("1 0 a 1\n\n1 0 b one\n", ":3: the grade");
    expect_refused("1 0 a 99999999999\n", ":1: the grade");
    expect_refused("1 0 a 1\n2 0 a 1\n1 0 a 2\n", "twice");
    expect_refused("\n", "no judgement");
}

/* A run to compare with; the judgements are sound. */
static void expect_run_refused(const char *text, const char *reason)
{
    struct evaluation evaluation;
    struct lede_error error;
    char judged[sizeof path];

    (void)strcpy(judged, file("1 0 a 1\n"));
    cr_expect_eq(evaluation_open(judged, file(text), &evaluation, &error), LEDE_INVALID, "%s",
                 text);
    (void)unlink(judged), (void)unlink(path);
    cr_expect_not_null(strstr(error.text, reason), "%s", error.text);
    evaluation_done(&evaluation);
}

Test(judgements, a_run_that_makes_no_sense_is_told)
{
    expect_run_refused("", "no article is ranked in it");
    expect_run_refused("\n \n", "no article is ranked in it");
    expect_run_refused("1 Q0 a 1 2.5\n", ":1: 5 fields between blanks, not 6");
    expect_run_refused("\n1 Q0 a 1 x run\n", ":2: the score, the fifth field, is no number");
    expect_run_refused("1 Q0 a 1 2 run\n1 Q0 a 2 1 run\n", "topic 1 ranks article a twice");
}

Test(judgements, fields_stand_between_any_blanks_and_the_last_line_needs_no_end)
{
    struct judgements judgements;
    size_t count;

    read_judgements("t2\t0\tb\t1\r\n  t1 0 a  3", &judgements);
    cr_expect_eq(judgements.count, 2);
    cr_expect_eq(judgements_of(&judgements, slice_str("t1"), &count)->grade, 3);
    cr_expect_eq(count, 1);
    (void)judgements_of(&judgements, slice_str("t0"), &count);
    cr_expect_eq(count, 0);
    (void)judgements_of(&judgements, slice_str("t3"), &count);
    cr_expect_eq(count, 0);
    judgements_done(&judgements);
}

/* Two-sided 5% points of Student's t, as any table has them. */
Test(judgements, the_t_test_has_its_well_known_points)
{
    static const struct {
        size_t freedom;
        double t;
    } points[] = {{1, 12.706}, {2, 4.303}, {3, 3.182}, {9, 2.262}, {10, 2.228}, {120, 1.980}};

    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        cr_expect_lt(fabs(student_p(points[i].t, points[i].freedom) - 0.05), 5e-5, "%zu: %f",
                     points[i].freedom, student_p(points[i].t, points[i].freedom));
        expect_close(student_p(-points[i].t, points[i].freedom),
                     student_p(points[i].t, points[i].freedom));
    }
    expect_close(student_p(0, 7), 1);
}
