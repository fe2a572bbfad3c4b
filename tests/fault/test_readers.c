/* Readers beside a writer: each answer is that of one commit; one that was killed keeps no space;
 * one that cannot be registered notices that it was overtaken. */
#include "tests/fault/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "index/store.h"
#include "lede.h"
#include "tests/another_user.h"

TestSuite(readers, .init = runner_init, .fini = runner_done);

enum { ARTICLES = 20, READERS = 4, TEXT_MAX = 4096 };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* ---- commits of which each replaces every article ---- */

static size_t make_text(unsigned article, unsigned generation, char text[TEXT_MAX])
{
    struct dice dice = dice_of((uint64_t)generation * ARTICLES + article);
    size_t size = (size_t)sprintf(text, "generation%u", generation);

    for (unsigned i = 0; i < 250; i++)
        size += (size_t)sprintf(text + size, " word%u", dice_bits(&dice, 14));
    return size;
}

/* The first articles anew, in one commit. */
static enum lede_status commit(struct lede_writer *writer, unsigned articles, unsigned generation)
{
    char text[TEXT_MAX], id[16];
    enum lede_status status = LEDE_OK;

    for (unsigned i = 0; i < articles && status == LEDE_OK; i++) {
        struct lede_article article = {.id = {id, (size_t)sprintf(id, "a%u", i)}};

        article.text = (struct lede_bytes){text, make_text(i, generation, text)};
        status = lede_writer_add(writer, &article, NULL);
    }
    return status == LEDE_OK ? lede_writer_commit(writer, NULL) : status;
}

static enum lede_status commit_once(const char *path, unsigned articles, unsigned generation)
{
    struct lede_writer_options options = {.memory = 16 << 20, .jobs = 1};
    struct lede_writer *writer;
    enum lede_status status = lede_writer_open(path, &options, &writer, NULL);

    if (status != LEDE_OK)
        return status;
    status = commit(writer, articles, generation);
    lede_writer_close(writer);
    return status;
}

/* ---- what a reader sees ---- */

/* The generation of all of an index's articles; 0: they are not of one, or not all found. */
static unsigned generation_of(struct lede_index *index)
{
    struct lede_search_options options = {.limit = 2 * ARTICLES, .count_matches = true};
    unsigned generation = 0, articles = 0, one;
    struct lede_cursor cursor = {0};
    struct lede_hit hit = {0};
    struct lede_stored *stored;
    struct lede_results *results;
    uint64_t total;
    char query[32];

    while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK) {
        if (lede_stored_get(index, &hit, &stored, NULL) != LEDE_OK)
            return 0;
        one =
            (unsigned)strtoul((const char *)lede_stored_article(stored)->text.data + 10, NULL, 10);
        lede_stored_free(stored);
        if (articles++ > 0 && one != generation)
            return 0;
        generation = one;
    }
    (void)snprintf(query, sizeof query, "generation%u", generation);
    if (lede_search(index, (struct lede_bytes){query, strlen(query)}, &options, &results, NULL) !=
        LEDE_OK)
        return 0;
    total = lede_results_total(results);
    lede_results_free(results);
    return articles == ARTICLES && total == ARTICLES ? generation : 0;
}

/* Shared by all processes of a test. */
struct reading {
    char path[4096];
    _Atomic bool over;
    _Atomic unsigned changes[READERS]; /* that each reader saw */
};

static struct reading *reading_new(const char *path)
{
    struct reading *reading =
        mmap(NULL, sizeof *reading, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(reading, MAP_FAILED);
    (void)snprintf(reading->path, sizeof reading->path, "%s", path);
    return reading;
}

/* Opens and looks until it is over. 0: every answer was one commit's, and never of an older one
 * than before; 1: an error; 2: a mixture; 3: an older one. */
static int read_on(struct reading *reading, _Atomic unsigned *changes)
{
    const char *path = reading->path;
    unsigned before = 0;

    while (!reading->over) {
        struct lede_index *index;
        unsigned generation;

        if (lede_index_open(&path, 1, &index, NULL) != LEDE_OK)
            return 1;
        generation = generation_of(index);
        if (generation == 0)
            return 2;
        if (generation < before)
            return 3;
        *changes += generation != before;
        before = generation;
        lede_index_close(index);
    }
    return 0;
}

static int read_first(void *context)
{
    struct reading *reading = context;

    return read_on(reading, &reading->changes[0]);
}

static pid_t start(int (*action)(void *context), void *context)
{
    pid_t pid = fork();

    cr_assert(pid >= 0);
    if (pid == 0) {
        (void)alarm(120);
        _exit(action(context));
    }
    return pid;
}

static pid_t start_reader(struct reading *reading, int number)
{
    pid_t pid = fork();

    cr_assert(pid >= 0);
    if (pid == 0) {
        (void)alarm(120);
        _exit(read_on(reading, &reading->changes[number]));
    }
    return pid;
}

static bool all_saw(const struct reading *reading, unsigned changes)
{
    for (int i = 0; i < READERS; i++)
        if (reading->changes[i] < changes)
            return false;
    return true;
}

/* For some time, and until every reader has seen a few commits. */
Test(readers, every_answer_is_that_of_one_commit)
{
    const char *path = runner_path("index");
    struct lede_writer_options options = {.memory = 16 << 20, .jobs = 1};
    struct reading *reading = reading_new(path);
    struct lede_writer *writer;
    double end = now() + fault_times(2, 10);
    unsigned generation = 1;
    pid_t readers[READERS];

    cr_assert_eq(commit_once(path, ARTICLES, generation), LEDE_OK);
    for (int i = 0; i < READERS; i++)
        readers[i] = start_reader(reading, i);
    cr_assert_eq(lede_writer_open(path, &options, &writer, NULL), LEDE_OK);
    while (now() < end || (!all_saw(reading, 3) && now() < end + 60))
        cr_assert_eq(commit(writer, ARTICLES, ++generation), LEDE_OK);
    lede_writer_close(writer);
    reading->over = true;
    for (int i = 0; i < READERS; i++)
        cr_expect_eq(runner_wait(readers[i]), 0, "reader %d, of %u commits", i, generation);
    cr_expect(all_saw(reading, 3));
    (void)munmap(reading, sizeof *reading);
}

/* Without it the test above would prove little. */
Test(readers, a_mixture_would_be_noticed)
{
    const char *path = runner_path("index");
    struct reading *reading = reading_new(path);

    cr_assert_eq(commit_once(path, ARTICLES, 1), LEDE_OK);
    cr_assert_eq(commit_once(path, ARTICLES / 2, 2), LEDE_OK);
    cr_expect_eq(runner_wait(start(read_first, reading)), 2);
    (void)munmap(reading, sizeof *reading);
}

/* ---- killed readers ---- */

struct opening {
    const char *path;
    int done; /* end of a pipe: gets a byte when the index is open */
};

static int hold(void *context)
{
    const struct opening *opening = context;
    struct lede_index *index;

    if (lede_index_open(&opening->path, 1, &index, NULL) == LEDE_OK &&
        write(opening->done, "", 1) == 1)
        (void)pause();
    return 1;
}

/* Keeps lock.mdb in use, so that LMDB does not begin a new one; reads nothing. */
static int attend(void *context)
{
    const struct opening *opening = context;
    struct store *store;

    if (store_open(opening->path, &store, NULL) == LEDE_OK && write(opening->done, "", 1) == 1)
        (void)pause();
    return 1;
}

/* Starts what opens the index, and waits until it did. */
static pid_t start_opening(int (*action)(void *context), const char *path)
{
    int done[2];
    struct opening opening = {.path = path};
    char byte;
    pid_t pid;

    cr_assert_eq(pipe(done), 0);
    opening.done = done[1];
    pid = start(action, &opening);
    (void)close(done[1]);
    cr_assert_eq(read(done[0], &byte, 1), 1);
    (void)close(done[0]);
    return pid;
}

static void write_input(const char *path, unsigned generation)
{
    FILE *file = fopen(path, "we");
    char text[TEXT_MAX];

    cr_assert_not_null(file);
    for (unsigned i = 0; i < ARTICLES; i++) {
        make_text(i, generation, text);
        cr_assert(fprintf(file, "{\"id\":\"a%u\",\"text\":\"%s\"}\n", i, text) > 0);
    }
    cr_assert_eq(fclose(file), 0);
}

/* Every article anew, and then all in one segment: the old ones' pages are free. data.mdb is open,
 * so that it keeps its size is told (5). */
static void rewrite_all(const char *path, const char *input, unsigned generation,
                        const struct shim *shim)
{
    struct run run;

    write_input(input, generation);
    run = shim_run(shim, "lede-index", ARGUMENTS("add", "-q", "-d", path, input));
    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    run = shim_run(shim, "lede-index", ARGUMENTS("compact", "-q", "--wait", "0", "-d", path));
    cr_assert(run.code == 0 || run.code == 5, "%s", run.err);
    run_done(&run);
}

/* How often data.mdb is as large as it was, after as many commits of other processes: a reader that
 * was killed is left behind. */
static double growth(bool no_reader_check)
{
    const char *path = runner_path("index"), *file = runner_path("index/data.mdb");
    const char *input = runner_path("input.jsonl");
    struct shim shim = {.no_reader_check = no_reader_check};
    pid_t killed, attendant;
    struct stat before, after;

    cr_assert_eq(commit_once(path, ARTICLES, 1), LEDE_OK);
    attendant = start_opening(attend, path);
    killed = start_opening(hold, path);
    cr_assert_eq(kill(killed, SIGKILL), 0);
    cr_assert_eq(runner_wait(killed), 128 + SIGKILL);
    for (unsigned generation = 2; generation < 20; generation++) {
        if (generation == 6)
            cr_assert_eq(stat(file, &before), 0);
        rewrite_all(path, input, generation, &shim);
    }
    cr_assert_eq(stat(file, &after), 0);
    (void)kill(attendant, SIGKILL);
    (void)runner_wait(attendant);
    return (double)after.st_size / (double)before.st_size;
}

Test(readers, one_that_was_killed_keeps_no_space)
{
    double times = growth(false);

    cr_expect(times < 2, "the file grew %.1f times", times);
}

Test(readers, without_looking_for_dead_ones_it_would)
{
    double times = growth(true);

    cr_expect(times > 2, "the file grew but %.1f times", times);
}

/* ---- readers that cannot be registered ---- */

struct visit {
    const char *path;
    int ready, go; /* ends of pipes */
};

static void set_modes(const char *path, bool writable)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "lede.lock"};
    char file[4096];

    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(file, sizeof file, "%s/%s", path, names[i]);
        cr_assert_eq(chmod(file, writable ? 0644 : 0444), 0);
    }
    cr_assert_eq(chmod(path, writable ? 0755 : 0555), 0);
}

/* Opens, lets the writer commit, and asks. 0: it says that it was overtaken. */
static int visit(void *context)
{
    struct visit *visit = context;
    struct lede_index *index;
    char byte = 0;

    if (!another_user_become() || lede_index_open(&visit->path, 1, &index, NULL) != LEDE_OK)
        return 1;
    if (lede_index_overtaken(index) || generation_of(index) != 1)
        return 2;
    if (write(visit->ready, &byte, 1) != 1 || read(visit->go, &byte, 1) != 1)
        return 3;
    (void)generation_of(index);
    return lede_index_overtaken(index) ? 0 : 4;
}

Test(readers, one_that_cannot_be_registered_knows_that_it_was_overtaken)
{
    const char *path = runner_path("index");
    int ready[2], go[2];
    struct visit context = {.path = path};
    char byte;
    pid_t pid;

    another_user_or_skip();
    cr_assert_eq(chmod(runner_path("."), 0755), 0);
    cr_assert(pipe(ready) == 0 && pipe(go) == 0);
    context.ready = ready[1], context.go = go[0];
    cr_assert_eq(commit_once(path, ARTICLES, 1), LEDE_OK);
    set_modes(path, false);
    pid = start(visit, &context);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    set_modes(path, true);
    cr_assert_eq(commit_once(path, ARTICLES, 2), LEDE_OK);
    cr_assert_eq(write(go[1], "", 1), 1);
    cr_expect_eq(runner_wait(pid), 0);
}

/* The command asks anew: a question after the commit is answered as of the commit. */
static int ask_lines(void *context)
{
    const char *const *arguments = context;
    char path[4096];

    if (!another_user_become())
        return 1;
    (void)snprintf(path, sizeof path, "%s/lede-search",
                   getenv("LEDE_BUILD") ? getenv("LEDE_BUILD") : "build");
    (void)execv(path, (char *const *)arguments);
    return 2;
}

Test(readers, lede_search_discards_what_was_overtaken_and_asks_again)
{
    const char *path = runner_path("index");
    const char *arguments[] = {"lede-search", "-d", path, "-c", "-", NULL};
    int in[2], out[2], old[2] = {dup(0), dup(1)};
    char line[32];
    pid_t pid;

    another_user_or_skip();
    cr_assert_eq(chmod(runner_path("."), 0755), 0);
    cr_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    cr_assert_eq(commit_once(path, ARTICLES, 1), LEDE_OK);
    set_modes(path, false);
    cr_assert(dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1);
    pid = start(ask_lines, arguments);
    cr_assert(dup2(old[0], 0) == 0 && dup2(old[1], 1) == 1);
    cr_assert_eq(write(in[1], "generation1\n", 12), 12);
    cr_assert(runner_read_line(out[0], line, sizeof line));
    cr_expect_str_eq(line, "20\n");
    set_modes(path, true);
    cr_assert_eq(commit_once(path, ARTICLES / 2, 2), LEDE_OK);
    set_modes(path, false);
    cr_assert_eq(write(in[1], "generation1\n", 12), 12);
    cr_assert(runner_read_line(out[0], line, sizeof line));
    cr_expect_str_eq(line, "10\n");
    (void)close(in[1]);
    cr_expect_eq(runner_wait(pid), 0);
    set_modes(path, true);
}
