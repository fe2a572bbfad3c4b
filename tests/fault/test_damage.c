/* Damaged files: whatever became of data.mdb, no signal ends a program that opens, searches, reads
 * or verifies it, nothing hangs, and what is answered is right. */
#include "tests/fault/fault.h"

#include <signal.h>
#include <unistd.h>

#include "base/command_line.h"
#include "index/verify.h"
#include "tests/fault/history.h"

TestSuite(damage, .init = runner_init, .fini = runner_done);

enum { PAGE = 4096, ANSWER_MAX = 1 << 17, WRONG = 77, ENOUGH = HISTORY_ARTICLES / 2 };

static const char *const QUERIES[] = {"w1 w2 -w3",     "\"w1 w2\"", "+w5 w6 w7 w8",
                                      "title:article", "w999",      "generation1 generation2"};

/* ---- an index and what it answers ---- */

struct sample {
    const char *index, *file;
    char *bytes, *damaged;
    size_t size;
    size_t answer_size;
    char answer[ANSWER_MAX]; /* of the index as it was */
};

struct text {
    size_t size;
    char bytes[ANSWER_MAX];
};

static void put(struct text *text, const void *bytes, size_t size)
{
    if (size > sizeof text->bytes - text->size)
        size = sizeof text->bytes - text->size;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

static enum lede_status put_hits(struct lede_index *index, const char *query, bool any,
                                 struct text *text)
{
    struct lede_search_options options = {.limit = 30, .any = any, .count_matches = true};
    struct lede_results *results;
    uint64_t total;
    enum lede_status status =
        lede_search(index, (struct lede_bytes){query, strlen(query)}, &options, &results, NULL);

    if (status != LEDE_OK)
        return status;
    total = lede_results_total(results);
    put(text, &total, sizeof total);
    for (size_t i = 0; i < lede_results_count(results); i++) {
        const struct lede_hit *hit = lede_results_hit(results, i);

        put(text, hit->id.data, hit->id.size);
        put(text, &hit->score, sizeof hit->score);
    }
    lede_results_free(results);
    return LEDE_OK;
}

static enum lede_status put_articles(struct lede_index *index, struct text *text)
{
    struct lede_cursor cursor = {0};
    struct lede_hit hit = {0};
    struct lede_stored *stored;
    enum lede_status status;

    while ((status = lede_cursor_next(index, &cursor, &hit, NULL)) == LEDE_OK) {
        status = lede_stored_get(index, &hit, &stored, NULL);
        if (status != LEDE_OK)
            return status;
        put(text, lede_stored_article(stored)->id.data, lede_stored_article(stored)->id.size);
        put(text, lede_stored_article(stored)->text.data, lede_stored_article(stored)->text.size);
        lede_stored_free(stored);
    }
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* One question after the other: each is answered in full, or with an error. */
static enum lede_status put_answer(struct lede_index *index, size_t number, struct text *text)
{
    size_t queries = sizeof QUERIES / sizeof *QUERIES;

    text->size = 0;
    return number < 2 * queries ? put_hits(index, QUERIES[number / 2], number % 2, text)
                                : put_articles(index, text);
}

enum { QUESTIONS = 2 * (int)(sizeof QUERIES / sizeof *QUERIES) + 1 };

/* The answers of the index as it was, each with its size before it. */
static void note_answers(struct sample *sample)
{
    static struct text text;
    struct lede_index *index;

    cr_assert_eq(lede_index_open(&sample->index, 1, &index, NULL), LEDE_OK);
    for (size_t i = 0; i < QUESTIONS; i++) {
        cr_assert_eq(put_answer(index, i, &text), LEDE_OK);
        cr_assert(text.size + sizeof text.size < sizeof sample->answer - sample->answer_size);
        memcpy(sample->answer + sample->answer_size, &text.size, sizeof text.size);
        memcpy(sample->answer + sample->answer_size + sizeof text.size, text.bytes, text.size);
        sample->answer_size += sizeof text.size + text.size;
    }
    lede_index_close(index);
}

static unsigned articles_in(const struct history *history)
{
    const uint16_t *state = history->states[history->count - 1];
    unsigned articles = 0;

    for (int i = 0; i < HISTORY_ARTICLES; i++)
        articles += state[i] != 0;
    return articles;
}

/* An index of six commands, or of as many as it takes until enough articles are there for most
 * damage to matter: one that was emptied is nearly all free pages. */
static struct sample *sample_new(struct dice *dice)
{
    struct history *history = history_new(runner_path("."), dice);
    struct sample *sample = calloc(1, sizeof *sample);

    cr_assert_not_null(sample);
    for (int i = 0; i < 6 || articles_in(history) < ENOUGH; i++) {
        struct run run;

        history_step(history);
        run = runner_run("lede-index", NULL, history->arguments);
        cr_assert_eq(run.code, 0, "%s", run.err);
        run_done(&run);
    }
    sample->index = runner_path("made/index");
    sample->file = runner_path("made/index/data.mdb");
    sample->bytes = runner_read(sample->file, &sample->size);
    sample->damaged = malloc(sample->size);
    cr_assert_not_null(sample->damaged);
    note_answers(sample);
    history_free(history);
    return sample;
}

static void sample_free(struct sample *sample)
{
    free(sample->bytes);
    free(sample->damaged);
    free(sample);
}

/* ---- asking, in a child ---- */

/* EXIT_DONE: all is answered, and rightly; EXIT_CORRUPT: something with an error; WRONG. */
static int ask(void *context)
{
    static struct text text;
    const struct sample *sample = context;
    const char *expected = sample->answer;
    struct lede_index *index;
    int code = EXIT_DONE;

    if (lede_index_open(&sample->index, 1, &index, NULL) != LEDE_OK)
        return EXIT_CORRUPT;
    for (size_t i = 0; i < QUESTIONS; i++) {
        size_t size;

        memcpy(&size, expected, sizeof size);
        if (put_answer(index, i, &text) != LEDE_OK)
            code = EXIT_CORRUPT;
        else if (size != text.size || memcmp(expected + sizeof size, text.bytes, size) != 0)
            return WRONG;
        expected += sizeof size + size;
    }
    lede_index_close(index);
    return code;
}

static int verify(void *context)
{
    const struct sample *sample = context;

    return verify_index(sample->index, true, NULL, NULL, NULL, NULL) == LEDE_OK ? EXIT_DONE
                                                                                : EXIT_CORRUPT;
}

/* ---- damage ---- */

enum damage { A_BIT, A_BYTE, A_ZERO_PAGE, TWO_PAGES_SWAPPED, A_PAGE_TWICE, CUT_SHORT, DAMAGES };

/* Where it was done; *size of the file then. */
static size_t do_damage(struct sample *sample, enum damage damage, struct dice *dice, size_t *size)
{
    size_t at = dice_below(dice, (uint32_t)sample->size), page = at / PAGE * PAGE;
    size_t other = dice_below(dice, (uint32_t)sample->size) / PAGE * PAGE;

    memcpy(sample->damaged, sample->bytes, sample->size);
    *size = sample->size;
    switch (damage) {
    case A_BIT:
        sample->damaged[at] ^= (char)(1 << dice_below(dice, 8));
        break;
    case A_BYTE:
        sample->damaged[at] = (char)dice_below(dice, 256);
        break;
    case A_ZERO_PAGE:
        memset(sample->damaged + page, 0, PAGE);
        break;
    case TWO_PAGES_SWAPPED:
        memcpy(sample->damaged + other, sample->bytes + page, PAGE);
        /* fall through */
    case A_PAGE_TWICE:
        memcpy(sample->damaged + page, sample->bytes + other, PAGE);
        break;
    case CUT_SHORT:
        *size = at;
        break;
    case DAMAGES:
        break;
    }
    return at;
}

struct outcome {
    unsigned right, told;
};

static void try_damage(struct sample *sample, enum damage damage, struct dice *dice,
                       struct outcome *outcome)
{
    size_t size, at = do_damage(sample, damage, dice, &size);
    int asked, verified;

    runner_write(sample->file, sample->damaged, size);
    asked = fault_in_child(ask, sample);
    verified = fault_in_child(verify, sample);
    cr_assert(asked == EXIT_DONE || asked == EXIT_CORRUPT,
              "damage %d at byte %zu of page %zu: asking ends with %d", (int)damage, at % PAGE,
              at / PAGE, asked);
    cr_assert(verified == EXIT_DONE || verified == EXIT_CORRUPT,
              "damage %d at byte %zu of page %zu: verify ends with %d", (int)damage, at % PAGE,
              at / PAGE, verified);
    cr_assert(asked == EXIT_DONE || verified == EXIT_CORRUPT,
              "damage %d at byte %zu of page %zu: verify does not see it", (int)damage, at % PAGE,
              at / PAGE);
    outcome->right += asked == EXIT_DONE;
    outcome->told += asked == EXIT_CORRUPT;
}

static void try_many(enum damage damage)
{
    struct dice dice = dice_begin();
    struct sample *sample = sample_new(&dice);
    unsigned times = fault_times(150, 4000);
    struct outcome outcome = {0, 0};

    for (unsigned i = 0; i < times || (outcome.told == 0 && i < 10 * times); i++)
        try_damage(sample, damage, &dice, &outcome);
    cr_assert(outcome.told > 0, "no damage in %u was noticed", 10 * times);
    sample_free(sample);
    dice_end();
}

Test(damage, a_flipped_bit_is_told_or_does_not_matter)
{
    try_many(A_BIT);
}

Test(damage, another_byte_is_told_or_does_not_matter)
{
    try_many(A_BYTE);
}

Test(damage, a_page_of_zeros_is_told_or_does_not_matter)
{
    try_many(A_ZERO_PAGE);
}

Test(damage, two_pages_swapped_are_told_or_do_not_matter)
{
    try_many(TWO_PAGES_SWAPPED);
}

Test(damage, a_page_in_place_of_another_is_told_or_does_not_matter)
{
    try_many(A_PAGE_TWICE);
}

Test(damage, a_file_cut_short_is_told_or_had_nothing_there)
{
    try_many(CUT_SHORT);
}

/* ---- without these the tests above would prove little ---- */

static int die(void *context)
{
    (void)context;
    (void)raise(SIGABRT);
    return EXIT_DONE;
}

static int answer_wrongly(void *context)
{
    struct sample *sample = context;

    sample->answer[sample->answer_size / 2] ^= 1;
    return ask(sample);
}

Test(damage, a_signal_and_a_wrong_answer_would_be_noticed)
{
    struct dice dice = dice_begin();
    struct sample *sample = sample_new(&dice);

    cr_assert_eq(fault_in_child(ask, sample), EXIT_DONE);
    cr_assert_eq(fault_in_child(verify, sample), EXIT_DONE);
    cr_assert_eq(fault_in_child(die, NULL), 128 + SIGABRT);
    cr_assert_eq(fault_in_child(answer_wrongly, sample), WRONG);
    sample_free(sample);
    dice_end();
}
