/* Every call that can fail does, once or from then on: the program says so and exits as it should,
 * and the index is as it was or as it was to become. Nothing leaks: under a sanitizer that would be
 * reported. */
#include "tests/fault/fault.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/history.h"

TestSuite(failures, .init = runner_init, .fini = runner_done);

enum { OUT_OF_ORDER = 6 }; /* the exit code of what failed outside of us */

/* A command, what it says when nothing fails, and the states it may leave. */
struct subject {
    const char *program;
    const char *const *arguments;
    const char *counts; /* a file's name */
    struct run healthy;
    unsigned before, after;
    unsigned long calls[SHIM_KINDS];
};

struct laboratory {
    struct history *history;
    const char *made, *file, *lock, *copy; /* all of it; data.mdb; lock.mdb; a compaction's */
    char *bytes;                           /* of data.mdb as it is before each command */
    size_t size;
};

static void restore(const struct laboratory *laboratory)
{
    (void)unlink(laboratory->lock);
    (void)unlink(laboratory->copy);
    runner_write(laboratory->file, laboratory->bytes, laboratory->size);
}

/* The next step, which is to be of that kind. */
static void step_of(struct history *history, const char *command)
{
    unsigned count = history->count;

    do {
        history->count = count;
        history_step(history);
    } while (strcmp(history->arguments[0], command) != 0);
}

static void succeed(const struct history *history)
{
    struct run run = runner_run("lede-index", NULL, history->arguments);

    cr_assert_eq(run.code, 0, "%s: %s", history->arguments[0], run.err);
    run_done(&run);
}

/* An index of several commits, and deletions. */
static struct laboratory laboratory_new(struct dice *dice)
{
    struct laboratory laboratory = {.history = history_new(runner_path("."), dice)};

    for (int i = 0; i < 4; i++) {
        history_step(laboratory.history);
        succeed(laboratory.history);
    }
    do {
        step_of(laboratory.history, "add");
        succeed(laboratory.history);
    } while (laboratory.history->states[laboratory.history->count - 1][0] == 0);
    laboratory.made = runner_path("made");
    laboratory.file = runner_path("made/index/data.mdb");
    laboratory.lock = runner_path("made/index/lock.mdb");
    laboratory.copy = runner_path("made/index/data.mdb.new");
    laboratory.bytes = runner_read(laboratory.file, &laboratory.size);
    return laboratory;
}

static void laboratory_free(struct laboratory *laboratory)
{
    history_free(laboratory->history);
    free(laboratory->bytes);
}

static void expect_state(const struct laboratory *laboratory, const struct subject *subject,
                         bool done, const char *when)
{
    unsigned state;
    char *problem = history_check(laboratory->history, laboratory->history->index, true,
                                  done ? subject->after : subject->before, subject->after, &state);

    cr_assert_null(problem, "%s %s, %s: %s", subject->program, subject->arguments[0], when,
                   problem);
}

static struct subject subject_of(const struct laboratory *laboratory, const char *program,
                                 const char *const *arguments, unsigned before, unsigned after)
{
    struct subject subject = {.program = program,
                              .arguments = arguments,
                              .counts = runner_path("counts"),
                              .before = before,
                              .after = after};

    restore(laboratory);
    subject.healthy = shim_run(&(struct shim){.counts = subject.counts}, program, arguments);
    cr_assert_eq(subject.healthy.code, 0, "%s %s: %s", program, arguments[0], subject.healthy.err);
    shim_read_counts(subject.counts, subject.calls);
    return subject;
}

/* Done, and all of it told; or not, and that told. add passes over an input that cannot be read. */
static void expect_answer(const struct subject *subject, const struct run *run, const char *fail)
{
    bool passed_over = run->code == 1 && strcmp(subject->arguments[0], "add") == 0 &&
                       (strncmp(fail, "open", 4) == 0 || strncmp(fail, "read", 4) == 0);

    cr_assert(run->code == 0 || run->code == OUT_OF_ORDER || passed_over,
              "%s %s, %s: exit code %d\n%s", subject->program, subject->arguments[0], fail,
              run->code, run->err);
    if (run->code == 0)
        cr_assert_str_eq(run->out, subject->healthy.out, "%s %s, %s", subject->program,
                         subject->arguments[0], fail);
    else if (strcmp(subject->arguments[0], "export") != 0)
        cr_assert_eq(run->out_size, 0, "%s %s, %s: %s", subject->program, subject->arguments[0],
                     fail, run->out);
    cr_assert(run->code != OUT_OF_ORDER || strstr(run->err, "lede-index: ") ||
                  strstr(run->err, "lede-search: "),
              "%s %s, %s: told nothing: %s", subject->program, subject->arguments[0], fail,
              run->err);
}

static void try_failure(const struct laboratory *laboratory, const struct subject *subject,
                        const char *fail)
{
    struct run run;

    restore(laboratory);
    run = shim_run(&(struct shim){.fail = fail}, subject->program, subject->arguments);
    expect_answer(subject, &run, fail);
    expect_state(laboratory, subject, run.code == 0, fail);
    run_done(&run);
}

/* The n-th calls that fail: all of them in full, else a sample. */
static void try_kind(const struct laboratory *laboratory, const struct subject *subject,
                     enum shim_kind kind)
{
    static const char *const kinds[] = {"malloc", "write", "sync", "open", "read", "map"};
    unsigned calls = (unsigned)subject->calls[kind], times = fault_times(3, UINT32_MAX);

    for (unsigned i = 0; i < (times < calls ? times : calls); i++) {
        unsigned n = times < calls ? dice_below(laboratory->history->dice, calls) : i;
        char fail[64];

        (void)snprintf(fail, sizeof fail, "%s:%u:once", kinds[kind], n + 1);
        try_failure(laboratory, subject, fail);
        (void)snprintf(fail, sizeof fail, "%s:%u:ever", kinds[kind], n + 1);
        try_failure(laboratory, subject, fail);
    }
}

static void try_subject(const struct laboratory *laboratory, struct subject subject)
{
    for (int kind = 0; kind < SHIM_KINDS; kind++)
        try_kind(laboratory, &subject, (enum shim_kind)kind);
    run_done(&subject.healthy);
}

/* A command that changes the index: the next step of its history that is of the kind. */
static void try_change(const char *command)
{
    struct dice dice = dice_begin();
    struct laboratory laboratory = laboratory_new(&dice);
    struct history *history = laboratory.history;

    step_of(history, command);
    try_subject(&laboratory, subject_of(&laboratory, "lede-index", history->arguments,
                                        history->before, history->count - 1));
    laboratory_free(&laboratory);
    dice_end();
}

Test(failures, add_says_what_failed_and_leaves_what_was_or_what_was_to_be)
{
    try_change("add");
}

Test(failures, rm_does_so_too)
{
    try_change("rm");
}

Test(failures, compact_does_so_too)
{
    try_change("compact");
}

Test(failures, merge_does_so_too)
{
    try_change("merge");
}

static void try_question(const char *program, const char *const *arguments)
{
    struct dice dice = dice_begin();
    struct laboratory laboratory = laboratory_new(&dice);
    unsigned state = laboratory.history->count - 1;
    const char *all[16] = {arguments[0], "-d", laboratory.history->index};

    for (size_t i = 1; (all[i + 2] = arguments[i]) != NULL; i++)
        cr_assert(i < 10);
    try_subject(&laboratory, subject_of(&laboratory, program, all, state, state));
    laboratory_free(&laboratory);
    dice_end();
}

Test(failures, search_answers_rightly_or_says_what_failed)
{
    try_question("tests/fault/lede-search",
                 ARGUMENTS("--any", "w1 -w2 \"w3 w5\" title:article w99"));
}

Test(failures, search_in_json_does_so_too)
{
    try_question("tests/fault/lede-search",
                 ARGUMENTS("--format=json", "--explain", "w1", "w2", "w3"));
}

Test(failures, verify_takes_no_failure_for_damage)
{
    try_question("lede-index", ARGUMENTS("verify", "--deep"));
}

Test(failures, export_writes_all_or_says_what_failed)
{
    try_question("lede-index", ARGUMENTS("export"));
}

Test(failures, an_output_that_takes_nothing_is_told)
{
    struct dice dice = dice_begin();
    struct laboratory laboratory = laboratory_new(&dice);
    struct history *history = laboratory.history;
    const char *index = history->index, *live = history->ids[0];
    const struct {
        const char *program;
        const char *const *arguments;
    } cases[] = {
        {"lede-search", ARGUMENTS("-d", index, "--any", "w1", "w2", "w3")},
        {"lede-search", ARGUMENTS("-d", index, "-c", "w1")},
        {"lede-search", ARGUMENTS("--help")},
        {"lede-index", ARGUMENTS("export", "-d", index)},
        {"lede-index", ARGUMENTS("stats", "-d", index)},
        {"lede-index", ARGUMENTS("show", "-d", index, live)},
        {"lede-index", ARGUMENTS("--help")},
    };
    int null = open("/dev/null", O_RDWR | O_CLOEXEC),
        full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    cr_assert(null >= 0 && full >= 0);
    cr_assert_neq(history->states[history->count - 1][0], 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int code =
            runner_wait(runner_spawn(cases[i].program, cases[i].arguments, null, full, null));

        cr_expect_eq(code, OUT_OF_ORDER, "%s %s: exit code %d", cases[i].program,
                     cases[i].arguments[0], code);
    }
    (void)close(null), (void)close(full);
    laboratory_free(&laboratory);
    dice_end();
}

/* ---- a full disk ---- */

static void expect_full(const struct history *history, const struct run *run, const char *when)
{
    cr_assert_eq(run->code, OUT_OF_ORDER, "%s: exit code %d\n%s", when, run->code, run->err);
    cr_assert(strstr(run->err, "disk full") && strstr(run->err, history->index), "%s: %s", when,
              run->err);
}

/* Room for a part of what a command writes: the disk is told, nothing is lost, and with room again
 * the same command continues. */
static void try_space(const struct laboratory *laboratory, const struct subject *subject,
                      size_t bytes)
{
    char space[32];
    struct run run;

    (void)snprintf(space, sizeof space, "%zu", bytes);
    restore(laboratory);
    run = shim_run(&(struct shim){.space = space, .under = laboratory->made}, subject->program,
                   subject->arguments);
    if (run.code != 0)
        expect_full(laboratory->history, &run, space);
    expect_state(laboratory, subject, run.code == 0, space);
    run_done(&run);
    run = runner_run(subject->program, NULL, subject->arguments);
    cr_assert(run.code == 0 || (run.code == 1 && strcmp(subject->arguments[0], "rm") == 0),
              "%s bytes, then all: exit code %d\n%s", space, run.code, run.err);
    expect_state(laboratory, subject, true, "with room again");
    run_done(&run);
}

static void try_full(const char *command)
{
    struct dice dice = dice_begin();
    struct laboratory laboratory = laboratory_new(&dice);
    struct history *history = laboratory.history;
    unsigned times = fault_times(15, 300);
    struct subject subject;

    step_of(history, command);
    subject = subject_of(&laboratory, "lede-index", history->arguments, history->before,
                         history->count - 1);
    for (unsigned i = 0; i < times; i++)
        try_space(&laboratory, &subject, dice_bits(&dice, 18));
    run_done(&subject.healthy);
    laboratory_free(&laboratory);
    dice_end();
}

Test(failures, a_disk_that_is_full_is_told_by_add_and_it_continues)
{
    try_full("add");
}

Test(failures, a_disk_that_is_full_is_told_by_rm_and_it_continues)
{
    try_full("rm");
}

Test(failures, a_disk_that_is_full_is_told_by_compact_and_it_continues)
{
    try_full("compact");
}

enum { FITTING = 20 /* commits that may find room in the file's free pages */ };

/* Fills a file system that is really small. */
static void fill(const char *path)
{
    static const char zeros[4096];
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file);
    while (fwrite(zeros, 1, sizeof zeros, file) == sizeof zeros && fflush(file) == 0)
        ;
    (void)fclose(file);
}

Test(failures, a_small_file_system_that_is_full_loses_nothing)
{
    struct dice dice = dice_begin();
    const char *place = runner_path("small"), *filler = runner_path("small/filler");
    struct history *history;
    unsigned state;
    struct run run;
    char *problem;

    cr_assert_eq(mkdir(place, 0755), 0);
    if (mount("tmpfs", place, "tmpfs", 0, "size=4m") != 0) {
        dice_end();
        cr_skip_test("no permission to mount");
    }
    history = history_new(place, &dice);
    history_step(history);
    succeed(history);
    for (unsigned i = 0;; i++) {
        step_of(history, "add");
        fill(filler);
        run = runner_run("lede-index", NULL, history->arguments);
        if (run.code != 0 || i == FITTING)
            break;
        run_done(&run);
        cr_expect_eq(unlink(filler), 0);
    }
    expect_full(history, &run, "no room");
    run_done(&run);
    problem =
        history_check(history, history->index, true, history->before, history->count - 1, &state);
    cr_expect_null(problem, "%s", problem);
    cr_expect_eq(unlink(filler), 0);
    succeed(history);
    problem = history_check(history, history->index, true, history->count - 1, history->count - 1,
                            &state);
    cr_expect_null(problem, "%s", problem);
    cr_expect_eq(umount2(place, MNT_DETACH), 0);
    history_free(history);
    dice_end();
}
