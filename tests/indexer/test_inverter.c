#include <criterion/criterion.h>

#include "base/account.h"
#include "indexer/inverter.h"
#include "tests/indexer/naive.h"

static struct inverter *inverter_of(bool positions, size_t budget)
{
    struct inverter *inverter;

    cr_assert_eq(inverter_new(positions, budget, NULL, &inverter, NULL), LEDE_OK);
    return inverter;
}

static bool add_word(struct inverter *inverter, const char *word, uint32_t position)
{
    struct token token = {.position = position, .term = slice_str(word)};

    return inverter_add(inverter, FIELD_TEXT, &token, 1);
}

/* The string of the only term. */
static size_t string_of(const struct inverter *inverter, uint8_t *bytes)
{
    struct run_cursor cursor;
    size_t size = 0;

    inverter_cursor(inverter, &cursor);
    cr_assert_eq(cursor.supply->next(&cursor, NULL), LEDE_OK);
    do {
        memcpy(bytes + size, cursor.at, (size_t)(cursor.end - cursor.at));
        size += (size_t)(cursor.end - cursor.at);
    } while (cursor.supply->refill(&cursor, NULL) == LEDE_OK);
    return size;
}

/* Compares all that the inverter has with the whole naive inversion. */
static void check(struct naive *naive, struct inverter *inverter, bool positions)
{
    struct naive_check checking = {.naive = naive, .positions = positions};
    struct merge_output output = naive_output(&checking);
    struct merge_input input = {.inverter = inverter};
    struct lede_error error = {0};

    cr_assert_eq(inverter_sort(inverter, &error), LEDE_OK);
    cr_assert_eq(merge_runs(&input, 1, NULL, &output, NULL, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(checking.at, naive->posting_count, "seed %lu", naive->dice.seed);
}

static void invert_all(struct naive *naive, struct inverter *inverter)
{
    for (size_t i = 0; i < naive->document_count; i++)
        cr_assert(naive_invert(naive, &naive->documents[i], inverter));
}

Test(inverter, the_example_of_the_run_header_has_those_bytes)
{
    static const uint8_t expected[] = {0x03, 0x02, 0x05, 0x06, 0x01, 0x00, 0x0b, 0x00, 0x82, 0x01};
    struct inverter *inverter = inverter_of(true, INVERTER_BUDGET_MIN);
    uint8_t bytes[64];

    inverter_begin(inverter, run_document_of(0, 2));
    cr_assert(add_word(inverter, "oil", 5) && add_word(inverter, "oil", 9));
    inverter_begin(inverter, run_document_of(0, 3));
    cr_assert(add_word(inverter, "oil", 0));
    inverter_begin(inverter, run_document_of(2, 0));
    cr_assert(add_word(inverter, "oil", 130));
    cr_assert_eq(inverter_sort(inverter, NULL), LEDE_OK);
    cr_assert_eq(string_of(inverter, bytes), sizeof expected);
    cr_assert_arr_eq(bytes, expected, sizeof expected);
    inverter_free(inverter);
}

Test(inverter, random_documents_are_inverted_as_with_plain_arrays)
{
    struct naive *naive = naive_new(2000);
    struct inverter *inverter = inverter_of(true, 64 << 20);

    invert_all(naive, inverter);
    check(naive, inverter, true);
    inverter_free(inverter);
    naive_done(naive);
}

Test(inverter, tokens_whose_memo_tells_their_entry_are_inverted_the_same)
{
    struct naive *naive = naive_new(1000);
    struct inverter *inverter = inverter_of(true, 64 << 20);
    size_t remembered = 0;

    naive->remembers = true;
    for (int give_back = 0; give_back < 3; give_back++) {
        invert_all(naive, inverter);
        check(naive, inverter, true);
        inverter_reset(inverter, give_back == 1); /* and the memos are void */
    }
    for (size_t i = 0; i < WORDS; i++)
        remembered += naive->memos[i] != 0;
    cr_expect_gt(remembered, WORDS / 4);
    inverter_free(inverter);
    naive_done(naive);
}

Test(inverter, without_positions_the_frequencies_are_the_same)
{
    struct naive *naive = naive_new(500);
    struct inverter *inverter = inverter_of(false, 64 << 20);

    invert_all(naive, inverter);
    check(naive, inverter, false);
    inverter_free(inverter);
    naive_done(naive);
}

Test(inverter, an_inverter_used_again_knows_nothing_of_before)
{
    struct naive *naive = naive_new(300);
    struct inverter *inverter = inverter_of(true, 64 << 20);

    for (int give_back = 0; give_back < 2; give_back++) {
        inverter_begin(inverter, 0);
        cr_assert(add_word(inverter, "before", 7));
        inverter_reset(inverter, give_back);
        cr_assert(inverter_is_empty(inverter));
        invert_all(naive, inverter);
        check(naive, inverter, true);
        inverter_reset(inverter, give_back);
    }
    inverter_free(inverter);
    naive_done(naive);
}

Test(inverter, a_full_inverter_gives_back_whole_documents)
{
    struct naive *naive = naive_new(2000);
    struct inverter *inverter = inverter_of(true, 512 * 1024);
    size_t fitted = 0, kept = 0;

    while (naive_invert(naive, &naive->documents[fitted], inverter))
        fitted++;
    cr_assert_lt(fitted, naive->document_count);
    inverter_undo(inverter);
    for (size_t i = 0; i < naive->posting_count; i++)
        if (naive->postings[i].document < naive->documents[fitted].document)
            naive->postings[kept++] = naive->postings[i];
    naive->posting_count = kept;
    check(naive, inverter, true);
    inverter_free(inverter);
    naive_done(naive);
}

Test(inverter, a_document_taken_back_alone_leaves_nothing)
{
    struct inverter *inverter = inverter_of(true, INVERTER_BUDGET_MIN);
    struct run_cursor cursor;

    inverter_begin(inverter, 0);
    cr_assert(add_word(inverter, "gone", 0));
    inverter_undo(inverter);
    cr_assert(inverter_is_empty(inverter));
    cr_assert_eq(inverter_sort(inverter, NULL), LEDE_OK);
    inverter_cursor(inverter, &cursor);
    cr_assert_eq(run_cursor_next(&cursor, NULL), LEDE_MISSING);
    inverter_free(inverter);
}

Test(inverter, it_takes_no_more_than_its_budget_and_gives_all_of_it_back)
{
    struct naive *naive = naive_new(2000);
    struct inverter *inverter;
    struct account account;
    size_t budget = 300 * 1024, i = 0;

    account_init(&account, 0);
    cr_assert_eq(inverter_new(true, budget, &account, &inverter, NULL), LEDE_OK);
    while (naive_invert(naive, &naive->documents[i], inverter))
        i++;
    cr_assert_leq(account.peak, budget);
    cr_assert_geq(account.peak, budget / 2);
    inverter_reset(inverter, true);
    cr_assert_lt(account.used, budget / 4);
    inverter_free(inverter);
    cr_assert_eq(account.used, 0);
    naive_done(naive);
}

Test(inverter, a_refused_charge_is_the_same_as_a_full_inverter)
{
    struct naive *naive = naive_new(2000);
    struct inverter *inverter;
    struct account account;
    size_t i = 0;

    account_init(&account, 200 * 1024);
    cr_assert_eq(inverter_new(true, 64 << 20, &account, &inverter, NULL), LEDE_OK);
    while (naive_invert(naive, &naive->documents[i], inverter))
        i++;
    cr_assert_lt(i, naive->document_count);
    inverter_undo(inverter);
    cr_assert_eq(inverter_sort(inverter, NULL), LEDE_OK);
    inverter_free(inverter);
    cr_assert_eq(account.used, 0);
    account_init(&account, 1000);
    cr_assert_eq(inverter_new(true, 64 << 20, &account, &inverter, NULL), LEDE_NO_MEMORY);
    cr_assert_eq(account.used, 0);
    naive_done(naive);
}
