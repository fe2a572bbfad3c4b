/* What lede-index takes of memory: --memory and 64 MiB of fixed cost are the most, whatever the
 * input. Inputs are larger than that, or ask for more if they are inverted as a whole. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/command_runner.h"

TestSuite(memory, .init = runner_init, .fini = runner_done, .timeout = 300);

enum { MIB = 1 << 20, CAP = (16 + 64) * MIB };

/* The input, which the test writes. */
static FILE *create(const char *path)
{
    FILE *file;

    if (runner_sanitized())
        cr_skip_test("a sanitizer's memory is not the program's");
    file = fopen(path, "we");
    cr_assert(file);
    return file;
}

/* Ends the input and indexes it: within the cap, and with this exit code. */
static void expect_within(FILE *file, const char *index, const char *path, int code)
{
    long peak;

    cr_assert_eq(fclose(file), 0);
    cr_expect_eq(runner_add_within(index, path, &peak), code);
    cr_expect_leq(peak, CAP);
}

static void expect_found(const char *index, const char *query, const char *count)
{
    struct run run = SEARCH("-d", index, "-c", "--", query);

    cr_expect_str_eq(run.out, count, "%s: %s%s", query, run.out, run.err);
    run_done(&run);
}

Test(memory, a_text_larger_than_the_limit_is_indexed_in_a_stream)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.txt");
    FILE *file = create(path);

    fprintf(file, "A long heron\n\nfirst otter\n");
    for (int i = 0; ftell(file) < CAP + 4 * MIB; i++)
        fprintf(file,
                "line %d of many that say nothing much, caf\xc3\xa9 by caf\xc3\xa9, nor often "
                "nor well, about the water and the reeds and the wind\n",
                i % 5000);
    fprintf(file, "last grebe\n");
    expect_within(file, index, path, 0);
    expect_found(index, "\"first otter\"", "1\n");
    expect_found(index, "\"wind last grebe\"", "1\n");
    expect_found(index, "\"last otter\"", "0\n");
    expect_found(index, "title:heron", "1\n");
}

Test(memory, distinct_words_of_one_text_are_spilled_inside_it)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.txt");
    FILE *file = create(path);

    for (int i = 0; i < 800000; i++)
        fprintf(file, "q%xz%c", i, i % 10 ? ' ' : '\n');
    expect_within(file, index, path, 0);
    expect_found(index, "\"qc34ffz qc3500z\"", "0\n");
    expect_found(index, "\"qc34fez qc34ffz\"", "1\n");
    expect_found(index, "\"q0z q1z q2z\"", "1\n");
}

Test(memory, any_number_of_records_may_have_one_id)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.jsonl");
    FILE *file = create(path);

    for (int i = 0; i < 2000000; i++)
        fprintf(file, "{\"id\":\"a\",\"text\":\"heron %d\"}\n", i % 100);
    expect_within(file, index, path, 0);
    expect_found(index, "heron", "1\n");
    expect_found(index, "99", "1\n");
}

/* A record of a few megabytes, of many pieces, among others: it is skipped as too large. */
static void expect_skipped(const char *piece)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.jsonl");
    FILE *file = create(path);

    fprintf(file, "{\"id\":\"a\",\"text\":\"heron\"}\n{\"id\":\"b\",\"text\":\"heron\",\"m\":[0");
    while (ftell(file) < 4 * MIB - 4096)
        fputs(piece, file);
    fprintf(file, "]}\n{\"id\":\"c\",\"text\":\"heron\"}\n");
    expect_within(file, index, path, 1);
    expect_found(index, "heron", "2\n");
}

Test(memory, a_record_of_millions_of_numbers_is_passed_over_and_named)
{
    expect_skipped(",0");
}

Test(memory, a_record_of_millions_of_strings_is_passed_over_and_named)
{
    expect_skipped(",\"a\"");
}

Test(memory, a_record_of_a_quarter_of_the_memory_is_taken)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.jsonl");
    FILE *file = create(path);

    fprintf(file, "{\"id\":\"a\",\"text\":\"heron");
    while (ftell(file) < 4 * MIB - 100)
        fputs(" otter\\u00e9 \\n 12", file);
    fprintf(file, " grebe\"}\n");
    expect_within(file, index, path, 0);
    expect_found(index, "heron grebe", "1\n");
}

Test(memory, a_line_over_the_limit_is_passed_over_and_named)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.jsonl");
    FILE *file = create(path);

    fprintf(file, "{\"id\":\"a\",\"text\":\"heron\"}\n{\"id\":\"b\",\"text\":\"");
    while (ftell(file) < CAP)
        fprintf(file, "heron after heron after heron after heron after heron ");
    fprintf(file, "\"}\n{\"id\":\"c\",\"text\":\"heron\"}\n");
    expect_within(file, index, path, 1);
    expect_found(index, "heron", "2\n");
}
