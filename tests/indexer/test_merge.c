#include <criterion/criterion.h>

#include "base/account.h"
#include "tests/indexer/naive.h"
#include "tests/indexer/scratch.h"

TestSuite(merge, .init = scratch_make, .fini = scratch_remove);

enum { INVERTERS = 3 };

/* Documents dealt to several inverters that spill whenever they are full, as threads would. */
struct deal {
    struct naive *naive;
    struct inverter *inverters[INVERTERS];
    struct spill spill;
    struct merge_input *inputs;
    size_t count, spilled;
};

static void spill_one(struct deal *deal, struct inverter *inverter)
{
    struct merge_input *input = &deal->inputs[deal->count++];

    cr_assert_eq(inverter_sort(inverter, NULL), LEDE_OK);
    cr_assert_eq(spill_inverter(&deal->spill, inverter, &input->spilled, NULL), LEDE_OK);
    input->inverter = NULL;
    inverter_reset(inverter, false);
    deal->spilled++;
}

static void deal_document(struct deal *deal, const struct naive_document *document)
{
    struct inverter *inverter = deal->inverters[dice_below(&deal->naive->dice, INVERTERS)];

    while (!naive_invert(deal->naive, document, inverter)) {
        inverter_undo(inverter);
        cr_assert(!inverter_is_empty(inverter));
        spill_one(deal, inverter);
    }
}

static struct deal *deal_new(size_t documents, bool positions, size_t budget)
{
    struct deal *deal = calloc(1, sizeof *deal);

    cr_assert(deal);
    deal->naive = naive_new(documents);
    deal->inputs = calloc(documents + INVERTERS, sizeof *deal->inputs);
    cr_assert(deal->inputs);
    cr_assert_eq(spill_init(&deal->spill, scratch, NULL, NULL), LEDE_OK);
    for (size_t i = 0; i < INVERTERS; i++)
        cr_assert_eq(inverter_new(positions, budget, NULL, &deal->inverters[i], NULL), LEDE_OK);
    for (size_t i = 0; i < documents; i++)
        deal_document(deal, &deal->naive->documents[i]);
    for (size_t i = 0; i < INVERTERS; i++) {
        if (inverter_is_empty(deal->inverters[i]))
            continue;
        cr_assert_eq(inverter_sort(deal->inverters[i], NULL), LEDE_OK);
        deal->inputs[deal->count++].inverter = deal->inverters[i];
    }
    return deal;
}

static void deal_done(struct deal *deal)
{
    for (size_t i = 0; i < INVERTERS; i++)
        inverter_free(deal->inverters[i]);
    spill_done(&deal->spill);
    free(deal->inputs);
    naive_done(deal->naive);
    free(deal);
}

static void check(struct deal *deal, bool positions)
{
    struct naive_check checking = {.naive = deal->naive, .positions = positions};
    struct merge_output output = naive_output(&checking);
    struct lede_error error = {0};
    struct account account;
    struct spill scratch_spill;

    account_init(&account, (size_t)MERGE_MAX * (SPILL_BLOCK + 1024) + (1 << 20));
    cr_assert_eq(spill_init(&scratch_spill, scratch, &account, NULL), LEDE_OK);
    cr_assert_eq(merge_runs(deal->inputs, deal->count, &scratch_spill, &output, &account, &error),
                 LEDE_OK, "%s", error.text);
    cr_assert_eq(checking.at, deal->naive->posting_count, "seed %lu", deal->naive->dice.seed);
    spill_done(&scratch_spill);
    cr_assert_eq(account.used, 0);
}

Test(merge, runs_in_memory_come_out_in_input_order)
{
    struct deal *deal = deal_new(2000, true, 64 << 20);

    cr_assert_eq(deal->count, INVERTERS);
    check(deal, true);
    deal_done(deal);
}

Test(merge, spilled_runs_and_runs_in_memory_mix)
{
    struct deal *deal = deal_new(2000, true, 384 * 1024);

    cr_assert(deal->spilled > 2 && deal->spilled < MERGE_MAX);
    check(deal, true);
    deal_done(deal);
}

Test(merge, more_runs_than_fit_are_merged_in_rounds)
{
    struct deal *deal = deal_new(4000, true, 96 * 1024);

    cr_assert_gt(deal->spilled, 2 * MERGE_MAX);
    check(deal, true);
    deal_done(deal);
}

Test(merge, without_positions_too)
{
    struct deal *deal = deal_new(4000, false, 96 * 1024);

    cr_assert_gt(deal->spilled, MERGE_MAX);
    check(deal, false);
    deal_done(deal);
}

Test(merge, nothing_merges_to_nothing)
{
    struct naive naive = {0};
    struct naive_check checking = {.naive = &naive};
    struct merge_output output = naive_output(&checking);

    cr_assert_eq(merge_runs(NULL, 0, NULL, &output, NULL, NULL), LEDE_OK);
    cr_assert_eq(checking.at, 0);
}

Test(merge, a_document_in_two_runs_is_an_error_not_a_longer_list)
{
    struct naive *naive = naive_new(1);
    struct inverter *inverters[2];
    struct merge_input inputs[2] = {0};
    struct naive_check checking = {.naive = naive, .positions = true};
    struct merge_output output = naive_output(&checking);
    struct token token = {.term = slice_str("twice")};

    for (int i = 0; i < 2; i++) {
        cr_assert_eq(inverter_new(true, 1 << 20, NULL, &inverters[i], NULL), LEDE_OK);
        inverter_begin(inverters[i], 5);
        cr_assert(inverter_add(inverters[i], FIELD_TEXT, &token, 1));
        cr_assert_eq(inverter_sort(inverters[i], NULL), LEDE_OK);
        inputs[i].inverter = inverters[i];
    }
    naive->words[0] = (struct word){5, "twice"};
    naive->postings[0] = naive->postings[1] = (struct naive_posting){0, FIELD_TEXT, 5, 0};
    naive->posting_count = 2;
    output.term_end = NULL;
    output.posting = naive_posting;
    naive->postings[1].document = 6; /* so that the term's df of two is expected */
    cr_assert_eq(merge_runs(inputs, 2, NULL, &output, NULL, NULL), LEDE_IO);
    inverter_free(inverters[0]);
    inverter_free(inverters[1]);
    naive_done(naive);
}

static enum lede_status refuse(void *context, run_document document,
                               const struct run_positions *positions, struct lede_error *err)
{
    (void)document;
    (void)positions;
    if (--*(int *)context > 0)
        return LEDE_OK;
    return error_set(err, LEDE_FULL, "no more");
}

static enum lede_status accept_term(void *context, struct slice term, uint32_t df,
                                    uint64_t total_tf, struct lede_error *err)
{
    (void)context, (void)term, (void)df, (void)total_tf, (void)err;
    return LEDE_OK;
}

static enum lede_status accept_end(void *context, struct lede_error *err)
{
    (void)context, (void)err;
    return LEDE_OK;
}

Test(merge, a_failure_of_the_output_or_of_memory_ends_it_without_leaks)
{
    struct deal *deal = deal_new(1000, true, 256 * 1024);
    struct merge_input *inputs = calloc(deal->count, sizeof *inputs);
    int countdown = 1 + (int)dice_below(&deal->naive->dice, 5000);
    struct merge_output output = {&countdown, accept_term, refuse, NULL, accept_end};
    struct lede_error error = {0};
    struct spill longer;
    struct account account;

    cr_assert_eq(spill_init(&longer, scratch, NULL, NULL), LEDE_OK);
    memcpy(inputs, deal->inputs, deal->count * sizeof *inputs);
    cr_assert_eq(merge_runs(inputs, deal->count, &longer, &output, NULL, &error), LEDE_FULL);
    cr_assert_str_eq(error.text, "no more");
    account_init(&account, 5 * SPILL_BLOCK);
    countdown = 1 << 30;
    memcpy(inputs, deal->inputs, deal->count * sizeof *inputs);
    cr_assert_eq(merge_runs(inputs, deal->count, &longer, &output, &account, &error),
                 LEDE_NO_MEMORY);
    cr_assert_eq(account.used, 0);
    spill_done(&longer);
    free(inputs);
    deal_done(deal);
}
