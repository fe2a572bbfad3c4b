/* Power cuts: every write since the last sync may be lost, torn, or come before others. What was
 * acknowledged is there all the same. */
#include "tests/fault/fault.h"

#include <sys/stat.h>

#include "tests/fault/disk.h"
#include "tests/fault/history.h"

TestSuite(power, .init = runner_init, .fini = runner_done);

/* Runs commands, journaled, and marks what each acknowledged. */
static void run_steps(struct history *history, unsigned steps, const struct shim *shim)
{
    journal_mark(shim->journal, 0, 0);
    for (unsigned i = 0; i < steps; i++) {
        struct run run;

        history_step(history);
        journal_mark(shim->journal, history->before, history->count - 1);
        run = shim_run(shim, "lede-index", history->arguments);
        cr_assert_eq(run.code, 0, "%s: exit code %d\n%s", history->arguments[0], run.code, run.err);
        run_done(&run);
        journal_mark(shim->journal, history->count - 1, history->count - 1);
    }
}

/* That the next writer finds its way: an article comes, and goes. */
static char *write_on(const char *path)
{
    struct lede_writer_options options = {.memory = 16 << 20, .jobs = 1};
    struct lede_article article = {.id = LEDE_STR("passing"), .text = LEDE_STR("by")};
    struct lede_writer *writer = NULL;
    struct lede_error error;
    enum lede_status status = lede_writer_open(path, &options, &writer, &error);

    if (status == LEDE_OK)
        status = lede_writer_add(writer, &article, &error);
    if (status == LEDE_OK)
        status = lede_writer_commit(writer, &error);
    if (status == LEDE_OK)
        status = lede_writer_remove(writer, article.id, &error);
    if (status == LEDE_OK)
        status = lede_writer_commit(writer, &error);
    lede_writer_close(writer);
    return status == LEDE_OK ? NULL : strdup(error.text);
}

static char *check(const struct history *history, const char *path, unsigned acknowledged,
                   unsigned begun, bool writes)
{
    unsigned state;
    char *problem = history_check(history, path, true, acknowledged, begun, &state);

    if (problem || !writes)
        return problem;
    problem = write_on(path);
    return problem ? problem : history_check(history, path, true, state, state, &state);
}

/* How many of the states that cuts at random moments leave are bad; the first is told in *first. */
static unsigned count_bad(struct history *history, const char *journal_path, unsigned states,
                          char **first)
{
    const char *place = runner_path("cut"), *index = runner_path("cut/made/index");
    struct journal journal;
    unsigned bad = 0, acknowledged = 0, begun = 0;

    cr_assert_eq(mkdir(place, 0755), 0);
    journal_read(&journal, journal_path);
    for (unsigned i = 0; i < states; i++) {
        size_t records = 1 + dice_below(history->dice, (uint32_t)journal.count);
        enum loss loss = (enum loss)(i % LOSS_KINDS);
        char *problem;

        disk_make(&journal, records, loss, history->dice, place, &acknowledged, &begun);
        problem = check(history, index, acknowledged, begun, i % 4 == 0);
        if (problem && !*first)
            cr_assert(asprintf(first, "cut behind record %zu of %zu, loss %d, states %u to %u: %s",
                               records, journal.count, (int)loss, acknowledged, begun,
                               problem) > 0);
        bad += problem != NULL;
        free(problem);
    }
    journal_done(&journal);
    return bad;
}

static unsigned cut_power(bool nosync, unsigned states, char **first)
{
    struct dice dice = dice_begin();
    const char *directory = runner_path("run"), *journal = runner_path("journal");
    struct shim shim = {.under = directory, .journal = journal, .nosync = nosync};
    struct history *history;
    unsigned bad;

    cr_assert_eq(mkdir(directory, 0755), 0);
    history = history_new(directory, &dice);
    run_steps(history, fault_times(12, 40), &shim);
    bad = count_bad(history, journal, states, first);
    history_free(history);
    return bad;
}

Test(power, nothing_acknowledged_is_lost_and_nothing_else_is_damaged)
{
    char *first = NULL;
    unsigned states = fault_times(150, 2000), bad = cut_power(false, states, &first);

    cr_assert_eq(bad, 0, "%u of %u states are bad: %s", bad, states, first);
    dice_end();
}

Test(power, without_syncing_it_would_be_noticed)
{
    char *first = NULL;
    unsigned states = fault_times(60, 500), bad = cut_power(true, states, &first);

    cr_assert(bad > states / 10, "only %u of %u states are bad", bad, states);
    free(first);
    dice_end();
}
