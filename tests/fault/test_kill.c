/* kill -9 at any moment: what was acknowledged is there, no part of a commit is to be seen, and the
 * same command again continues. */
#include "tests/fault/fault.h"

#include <signal.h>
#include <time.h>

#include "tests/fault/history.h"

TestSuite(kill, .init = runner_init, .fini = runner_done);

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void pause_for(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    (void)nanosleep(&time, NULL);
}

/* What the commands that came to their end took, to aim at moments in those to come. */
struct aim {
    double seconds;
    unsigned long calls[SHIM_KINDS];
    const char *counts; /* file to count calls in */
};

/* The step, until it is killed: after some time, or at one of its calls. */
static int run_killed(const struct history *history, const struct aim *aim)
{
    static const char *const kinds[] = {"write", "write", "sync", "open", "malloc"};
    static const enum shim_kind numbers[] = {SHIM_WRITE, SHIM_WRITE, SHIM_SYNC, SHIM_OPEN,
                                             SHIM_MALLOC};
    struct dice *dice = history->dice;
    unsigned kind = dice_below(dice, 5);
    char fail[64];
    struct shim shim = {.fail = fail};
    pid_t pid;

    (void)snprintf(fail, sizeof fail, "%s:%u:%s", kinds[kind],
                   1 + dice_below(dice, 1 + (uint32_t)aim->calls[numbers[kind]]),
                   kind == 0 ? "tear" : "kill");
    if (dice_below(dice, 2) == 0)
        shim.fail = NULL;
    pid = shim_spawn(&shim, "lede-index", history->arguments);
    if (!shim.fail) {
        pause_for(dice_real(dice) * aim->seconds);
        (void)kill(pid, SIGKILL);
    }
    return runner_wait(pid);
}

static void expect(const struct history *history, unsigned from, unsigned to, const char *when)
{
    unsigned state;
    char *problem = history_check(history, history->index, true, from, to, &state);

    cr_assert_null(problem, "%s, %s of state %u: %s", when, history->arguments[0], from, problem);
}

/* The step again, which has to succeed: rm says 1 of what it removed the last time. */
static void run_again(const struct history *history, struct aim *aim)
{
    double began = now();
    struct run run =
        shim_run(&(struct shim){.counts = aim->counts}, "lede-index", history->arguments);

    aim->seconds = now() - began;
    shim_read_counts(aim->counts, aim->calls);
    cr_assert(run.code == 0 || (run.code == 1 && strcmp(history->arguments[0], "rm") == 0),
              "%s again: exit code %d\n%s", history->arguments[0], run.code, run.err);
    run_done(&run);
}

Test(kill, a_killed_command_has_lost_nothing_and_goes_on_when_it_is_run_again)
{
    struct dice dice = dice_begin();
    struct history *history = history_new(runner_path("."), &dice);
    struct aim aim = {0.03, {1000, 30, 10, 20, 20, 10}, runner_path("counts")};
    unsigned times = fault_times(40, 400), killed = 0;

    for (unsigned i = 0; i < times; i++) {
        int code;

        history_step(history);
        code = run_killed(history, &aim);
        cr_assert(code == 0 || code == 128 + SIGKILL, "exit code %d", code);
        killed += code != 0;
        expect(history, code == 0 ? history->count - 1 : history->before, history->count - 1,
               "killed");
        run_again(history, &aim);
        expect(history, history->count - 1, history->count - 1, "run again");
    }
    cr_assert(killed >= times / 3, "%u of %u were killed", killed, times);
    history_free(history);
    dice_end();
}

/* ---- without these the test above would prove little ---- */

Test(kill, a_commit_that_is_not_there_is_missed)
{
    struct dice dice = dice_begin();
    struct history *history = history_new(runner_path("."), &dice);
    struct aim aim = {.counts = runner_path("counts")};
    unsigned state;
    char *problem;

    history_step(history);
    run_again(history, &aim);
    do
        history_step(history);
    while (strcmp(history->arguments[0], "compact") == 0); /* which leaves what there was */
    problem = history_check(history, history->index, false, history->count - 1, history->count - 1,
                            &state);
    cr_assert_not_null(problem);
    free(problem);
    history_free(history);
    dice_end();
}

Test(kill, a_part_of_a_commit_is_noticed)
{
    struct dice dice = dice_begin();
    struct history *history = history_new(runner_path("."), &dice);
    struct aim aim = {.counts = runner_path("counts")};
    unsigned state;
    char *problem, *input, *end;

    history_step(history);
    end = input = runner_read(history->input, NULL);
    for (int line = 0; line < 3; line++)
        end = strchr(end, '\n') + 1;
    runner_write(history->input, input, (size_t)(end - input));
    run_again(history, &aim);
    problem = history_check(history, history->index, false, 0, history->count - 1, &state);
    cr_assert_not_null(problem);
    free(problem);
    free(input);
    history_free(history);
    dice_end();
}
