#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/account.h"
#include "indexer/spill.h"
#include "tests/indexer/naive.h"
#include "tests/indexer/scratch.h"

TestSuite(run, .init = scratch_make, .fini = scratch_remove);

static struct spill spill_of(void)
{
    struct spill spill;

    cr_assert_eq(spill_init(&spill, scratch, NULL, NULL), LEDE_OK);
    return spill;
}

static struct spill_run write_naive(struct naive *naive, struct spill *spill, bool positions)
{
    struct lede_error error = {0};
    struct inverter *inverter;
    struct spill_run run;

    cr_assert_eq(inverter_new(positions, 64 << 20, NULL, &inverter, NULL), LEDE_OK);
    for (size_t i = 0; i < naive->document_count; i++)
        cr_assert(naive_invert(naive, &naive->documents[i], inverter));
    cr_assert_eq(inverter_sort(inverter, NULL), LEDE_OK);
    cr_assert_eq(spill_inverter(spill, inverter, &run, &error), LEDE_OK, "%s", error.text);
    inverter_free(inverter);
    return run;
}

static enum lede_status read_naive_by(struct naive *naive, const struct spill_run *run, bool many)
{
    struct naive_check checking = {.naive = naive, .positions = run->positions};
    struct merge_output output = naive_output(&checking);
    struct merge_input input = {.spilled = *run};
    enum lede_status status;

    if (!many)
        output.postings = NULL;
    status = merge_runs(&input, 1, NULL, &output, NULL, NULL);
    if (status == LEDE_OK)
        cr_assert_eq(checking.at, naive->posting_count, "seed %lu", naive->dice.seed);
    return status;
}

/* One by one and many at a time. */
static enum lede_status read_naive(struct naive *naive, const struct spill_run *run)
{
    enum lede_status status = read_naive_by(naive, run, false);

    cr_assert_eq(read_naive_by(naive, run, true), status);
    return status;
}

Test(run, what_was_spilled_is_read_back)
{
    for (int positions = 0; positions < 2; positions++) {
        struct naive *naive = naive_new(600);
        struct spill spill = spill_of();
        struct spill_run run = write_naive(naive, &spill, positions);

        cr_assert_gt(spill.size, 2 * SPILL_BLOCK);
        cr_assert_eq(read_naive(naive, &run), LEDE_OK);
        spill_done(&spill);
        naive_done(naive);
    }
}

Test(run, several_runs_share_a_file)
{
    struct naive *first = naive_new(50), *second = naive_new(80);
    struct spill spill = spill_of();
    struct spill_run a = write_naive(first, &spill, true), b = write_naive(second, &spill, true);

    cr_assert_eq(read_naive(first, &a), LEDE_OK);
    cr_assert_eq(read_naive(second, &b), LEDE_OK);
    spill_done(&spill);
    naive_done(first);
    naive_done(second);
}

Test(run, the_file_has_no_name_and_goes_with_the_spill)
{
    struct naive *naive = naive_new(20);
    struct spill spill = spill_of();

    write_naive(naive, &spill, true);
    cr_assert_eq(rmdir(scratch), 0, "something is left in the directory");
    cr_assert_eq(mkdir(scratch, 0755), 0);
    spill_reset(&spill);
    cr_assert_eq(spill.file, -1);
    spill_done(&spill);
    naive_done(naive);
}

Test(run, the_example_of_the_header_has_those_bytes)
{
    static const uint8_t string[] = {0x03, 0x02, 0x05, 0x06, 0x01, 0x00, 0x0b, 0x00, 0x82, 0x01};
    static const uint8_t expected[] = {0,    4,    0,   'o',  'i',  'l',  3,    1,    0x03,
                                       0x02, 0x05, 6,   0x01, 0x00, 0x0b, 0x00, 0x82, 0x01,
                                       4,    1,    's', 1,    0,    3,    0,    7};
    struct spill spill = spill_of();
    struct spill_writer writer;
    struct spill_run run;
    uint8_t bytes[8 + sizeof expected];

    cr_assert_eq(spill_writer_begin(&writer, &spill, true, NULL), LEDE_OK);
    spill_writer_term(&writer, slice_of("\0oil", 4), 3, 4);
    spill_writer_put(&writer, string, sizeof string);
    spill_writer_term(&writer, slice_of("\0oils", 5), 1, 1);
    spill_writer_put(&writer, (const uint8_t[]){3, 0, 7}, 3);
    cr_assert_eq(spill_writer_end(&writer, &run, NULL), LEDE_OK);
    cr_assert_eq(run.terms, 2);
    cr_assert_eq(pread(spill.file, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    cr_assert_arr_eq(bytes + 8, expected, sizeof expected);
    cr_assert_eq(load_le32(bytes + 4), sizeof expected);
    spill_done(&spill);
}

static enum lede_status read_all_by(const struct spill_run *run, bool many, uint64_t *terms)
{
    struct run_positions positions = {0};
    struct run_postings postings = {0};
    struct run_cursor cursor = {0};
    enum lede_status status = spill_cursor(run, NULL, &cursor, NULL);

    *terms = 0;
    while (status == LEDE_OK && (status = run_cursor_next(&cursor, NULL)) == LEDE_OK) {
        while (status == LEDE_OK && cursor.document != RUN_END)
            status = many && cursor.df > 1 ? run_cursor_postings(&cursor, RUN_END, &postings, NULL)
                                           : run_cursor_read(&cursor, &positions, NULL);
        ++*terms;
    }
    run_cursor_done(&cursor);
    run_positions_done(&positions);
    run_postings_done(&postings);
    return status;
}

static enum lede_status read_all(const struct spill_run *run, uint64_t *terms)
{
    uint64_t terms_one_by_one;
    enum lede_status status = read_all_by(run, false, &terms_one_by_one);

    cr_assert_eq(read_all_by(run, true, terms), status);
    cr_assert_eq(*terms, terms_one_by_one);
    return status;
}

Test(run, every_flipped_byte_and_every_cut_is_noticed)
{
    struct naive *naive = naive_new(60);
    struct spill spill = spill_of();
    struct spill_run run = write_naive(naive, &spill, true);
    uint64_t terms, cut;

    cr_assert_eq(read_all(&run, &terms), LEDE_MISSING);
    for (int i = 0; i < 300; i++) {
        off_t at = (off_t)(dice_roll(&naive->dice) % spill.size);
        uint8_t was, flipped;

        cr_assert_eq(pread(spill.file, &was, 1, at), 1);
        flipped = was ^ (uint8_t)(1 + dice_below(&naive->dice, 255));
        cr_assert_eq(pwrite(spill.file, &flipped, 1, at), 1);
        cr_assert_eq(read_all(&run, &terms), LEDE_IO, "seed %lu byte %ld", naive->dice.seed,
                     (long)at);
        cr_assert_eq(pwrite(spill.file, &was, 1, at), 1);
    }
    cut = dice_roll(&naive->dice) % spill.size;
    cr_assert_eq(ftruncate(spill.file, (off_t)cut), 0);
    cr_assert_eq(read_all(&run, &terms), LEDE_IO, "seed %lu cut %lu", naive->dice.seed, cut);
    spill.size = cut;
    cr_assert_eq(read_all(&run, &terms), LEDE_IO, "seed %lu cut %lu", naive->dice.seed, cut);
    spill_done(&spill);
    naive_done(naive);
}

/* Bytes with a right checksum that make no sense: the checks behind the checksum. */
Test(run, random_bytes_in_a_block_end_in_an_error_or_an_end)
{
    struct dice dice = dice_new();

    for (int i = 0; i < 3000; i++) {
        struct spill spill = spill_of();
        struct spill_writer writer;
        struct spill_run run;
        uint8_t bytes[64];
        size_t size = 1 + dice_below(&dice, sizeof bytes);
        uint64_t terms;

        for (size_t j = 0; j < size; j++)
            bytes[j] = (uint8_t)dice_bits(&dice, 8);
        cr_assert_eq(spill_writer_begin(&writer, &spill, true, NULL), LEDE_OK);
        spill_writer_put(&writer, bytes, size);
        cr_assert_eq(spill_writer_end(&writer, &run, NULL), LEDE_OK);
        run.terms = 1 + dice_below(&dice, 3);
        (void)read_all(&run, &terms); /* no crash, no endless loop */
        cr_assert_leq(terms, 3);
        spill_done(&spill);
    }
}

Test(run, a_directory_that_is_gone_is_an_error_with_its_path)
{
    struct lede_error error = {0};
    struct spill_writer writer;
    struct spill spill;

    cr_assert_eq(spill_init(&spill, "/nowhere/at/all", NULL, NULL), LEDE_OK);
    cr_assert_eq(spill_writer_begin(&writer, &spill, true, &error), LEDE_IO);
    cr_assert(strstr(error.text, "/nowhere/at/all"));
    spill_done(&spill);
}

Test(run, a_full_disk_is_told_as_such)
{
    struct naive *naive = naive_new(600);
    struct spill spill = spill_of();
    struct lede_error error = {0};
    struct inverter *inverter;
    struct spill_run run;
    struct rlimit limit = {3 * SPILL_BLOCK, 3 * SPILL_BLOCK};

    signal(SIGXFSZ, SIG_IGN); /* writing beyond the limit is EFBIG, as ENOSPC on a full disk */
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(inverter_new(true, 64 << 20, NULL, &inverter, NULL), LEDE_OK);
    for (size_t i = 0; i < naive->document_count; i++)
        cr_assert(naive_invert(naive, &naive->documents[i], inverter));
    cr_assert_eq(inverter_sort(inverter, NULL), LEDE_OK);
    cr_assert_eq(spill_inverter(&spill, inverter, &run, &error), LEDE_FULL);
    cr_assert(strstr(error.text, scratch), "%s", error.text);
    inverter_free(inverter);
    spill_done(&spill);
    naive_done(naive);
}
