/* Copying an index, and bringing one into another, where calls of the system fail: it is done, or
 * nothing is and the reason is told. */
#include "tests/fault/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(copy, .init = runner_init, .fini = runner_done);

static const char *index_with_articles(void)
{
    const char *index = runner_path("a.lede"), *lines = runner_path("a.jsonl");
    FILE *file = fopen(lines, "we");

    cr_assert(file);
    for (int i = 0; i < 2000; i++)
        (void)fprintf(file, "{\"id\":\"%d\",\"text\":\"heron %x otter %x\"}\n", i, i * 7919,
                      i % 97);
    (void)fclose(file);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, lines));
    return index;
}

/* A call to fail, of as many as there are, each kind in its turn; NULL: there are none of it. */
static const char *draw_failure(struct dice *dice, unsigned turn,
                                const unsigned long calls[SHIM_KINDS])
{
    static const char *const kinds[SHIM_KINDS] = {"malloc", "write", "sync", "open", "read", "map"};
    static char failure[64];
    unsigned kind = turn % SHIM_KINDS, number;

    if (calls[kind] == 0)
        return NULL;
    number = 1 + dice_below(dice, (uint32_t)calls[kind]);
    (void)snprintf(failure, sizeof failure, "%s:%u:%s", kinds[kind], number,
                   dice_below(dice, 2) ? "once" : "ever");
    return failure;
}

struct copying {
    const char *index, *out, *data, *unfinished;
};

static struct copying copying_of(void)
{
    return (struct copying){index_with_articles(), runner_path("copy"),
                            runner_path("copy/data.mdb"), runner_path("copy/data.mdb.new")};
}

/* Copies with the fault; then without, which leaves a sound index. Returns the first's exit code.
 */
static int copy_twice(const struct copying *copying, const struct shim *shim, bool *full)
{
    const char *const *arguments = ARGUMENTS("snapshot", "-d", copying->index, copying->out);
    struct run run = shim_run(shim, "lede-index", arguments);
    int code = run.code;

    *full = strstr(run.err, "disk full") != NULL;
    cr_expect(code == 0 || run.err[0], "exit code %d without a word", code);
    run_done(&run);
    if (access(copying->data, F_OK) != 0) {
        cr_expect_neq(code, 0);
        runner_expect(0, "lede-index", arguments);
    }
    cr_expect_neq(access(copying->unfinished, F_OK), 0);
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", copying->out));
    (void)unlink(copying->data); /* what else is there is no index */
    return code;
}

Test(copy, a_full_disk_is_told_as_such)
{
    struct copying copying = copying_of();
    struct shim shim = {.under = copying.out, .space = "100000"};
    bool full;

    cr_expect_eq(copy_twice(&copying, &shim, &full), 6);
    cr_expect(full, "the message names the disk");
}

Test(copy, any_call_that_fails_leaves_a_whole_copy_or_none)
{
    struct copying copying = copying_of();
    const char *counts = runner_path("counts");
    unsigned long calls[SHIM_KINDS];
    struct dice dice = dice_of(7);
    bool full;

    cr_assert_eq(copy_twice(&copying, &(struct shim){.counts = counts}, &full), 0);
    shim_read_counts(counts, calls);
    for (unsigned i = 0; i < fault_times(30, 600); i++) {
        struct shim shim = {.fail = draw_failure(&dice, i, calls)};

        if (shim.fail)
            (void)copy_twice(&copying, &shim, &full);
    }
}

/* ---- merge ---- */

struct merging {
    const char *into, *other, *data;
    char *bytes; /* of into, as it was */
    size_t size;
};

static void expect_count(const char *index, const char *one, const char *other)
{
    struct run run = SEARCH("-c", "-d", index, "heron");

    cr_expect(strcmp(run.out, one) == 0 || strcmp(run.out, other) == 0, "%s%s", run.out, run.err);
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
}

/* Merges with the fault; then without. */
static void merge_twice(const struct merging *merging, const struct shim *shim)
{
    const char *const *arguments = ARGUMENTS("merge", "-q", "-d", merging->into, merging->other);
    struct run run;

    runner_write(merging->data, merging->bytes, merging->size);
    run = shim_run(shim, "lede-index", arguments);
    cr_expect(run.code == 0 || run.err[0], "exit code %d without a word", run.code);
    expect_count(merging->into, run.code == 0 ? "2001\n" : "1\n", "2001\n");
    run_done(&run);
    runner_expect(0, "lede-index", arguments);
    expect_count(merging->into, "2001\n", "2001\n");
}

Test(copy, any_call_that_fails_leaves_all_of_a_merge_or_nothing)
{
    struct merging merging = {runner_path("into"), index_with_articles(),
                              runner_path("into/data.mdb"), NULL, 0};
    const char *counts = runner_path("counts");
    unsigned long calls[SHIM_KINDS];
    struct dice dice = dice_of(8);
    struct run run = INDEX_INPUT("{\"id\":\"first\",\"text\":\"heron\"}\n", "add", "-q", "-d",
                                 merging.into, "-f", "jsonl", "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    merging.bytes = runner_read(merging.data, &merging.size);
    merge_twice(&merging, &(struct shim){.counts = counts});
    shim_read_counts(counts, calls);
    merge_twice(&merging, &(struct shim){.under = merging.into, .space = "100000"});
    for (unsigned i = 0; i < fault_times(24, 600); i++) {
        struct shim shim = {.fail = draw_failure(&dice, i, calls)};

        if (shim.fail)
            merge_twice(&merging, &shim);
    }
    free(merging.bytes);
}
