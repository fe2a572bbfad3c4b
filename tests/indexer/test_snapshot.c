#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/indexer/histories.h"

TestSuite(snapshot, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

static enum lede_status copy_status(const char *from, const char *to, struct lede_error *error)
{
    struct store *store = NULL;
    uint64_t size = 0;
    enum lede_status status = store_open_checked(from, NULL, NULL, NULL, &store, error);

    if (status == LEDE_OK)
        status = store_copy(store, to, 0, &size, error);
    store_close(store);
    if (status == LEDE_OK)
        cr_expect_gt(size, 2 * PAGE_SIZE);
    return status;
}

static void copy(const char *from, const char *to)
{
    struct lede_error error = {0};

    cr_assert_eq(copy_status(from, to, &error), LEDE_OK, "%s", error.text);
}

static void make_index(void)
{
    struct dice dice = dice_of(scratch_seed());

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
    free_pieces();
}

static void verify(const char *path, struct verify_totals *totals)
{
    struct lede_error error = {0};

    cr_expect_eq(verify_index(path, true, report, NULL, totals, &error), LEDE_OK, "%s: %s", path,
                 error.text);
}

static off_t size_of(const char *path)
{
    struct stat about;

    cr_assert_eq(stat(path, &about), 0, "%s", path);
    return about.st_size;
}

Test(snapshot, the_copy_has_every_record_and_no_free_page)
{
    struct verify_totals totals = {0};

    make_index();
    copy("index", "some/where/copy");
    cr_expect_eq(index_digest("some/where/copy"), index_digest("index"));
    verify("some/where/copy", &totals);
    cr_expect_lt(size_of("some/where/copy/data.mdb"), size_of("index/data.mdb"));
    cr_expect_neq(access("some/where/copy/data.mdb.new", F_OK), 0);
}

Test(snapshot, the_copy_is_an_index_to_write_on)
{
    struct dice dice = dice_of(scratch_seed() + 1);
    struct lede_writer *writer;
    uint64_t digest;

    make_index();
    copy("index", "copy");
    digest = index_digest("index");
    make_pieces(&dice);
    writer = open_writer("copy", NULL);
    for (uint32_t i = 0; i < 50; i++)
        add(writer, &pieces[i]);
    commit(writer);
    lede_writer_close(writer);
    free_pieces();
    verify("copy", &(struct verify_totals){0});
    cr_expect_eq(index_digest("index"), digest);
    cr_expect_neq(index_digest("copy"), digest);
}

/* ---- what is there stays ---- */

Test(snapshot, an_index_that_is_there_is_not_overwritten)
{
    struct lede_error error = {0};
    uint64_t digest;

    make_index();
    copy("index", "copy");
    digest = index_digest("copy");
    cr_expect_eq(copy_status("index", "copy", &error), LEDE_INVALID);
    cr_expect(strstr(error.text, "copy: there is an index already"), "%s", error.text);
    cr_expect_eq(copy_status("index", "index", &error), LEDE_INVALID);
    cr_expect_eq(index_digest("copy"), digest);
    scratch_folder("other");
    scratch_file("other/data.mdb", "somebody's bytes");
    cr_expect_eq(copy_status("index", "other", &error), LEDE_INCOMPATIBLE, "%s", error.text);
    cr_expect_eq(size_of("other/data.mdb"), 16);
    scratch_file("file", "");
    cr_expect_neq(copy_status("index", "file", &error), LEDE_OK);
    cr_expect_eq(copy_status("none", "new", &error), LEDE_MISSING);
    cr_expect_neq(access("new", F_OK), 0);
}

Test(snapshot, who_writes_at_the_place_is_waited_for)
{
    struct lede_error error = {0};
    struct lede_writer *writer;

    make_index();
    writer = open_writer("copy", NULL);
    cr_expect_eq(copy_status("index", "copy", &error), LEDE_BUSY, "%s", error.text);
    lede_writer_close(writer);
}

/* ---- while a writer goes on ---- */

enum { COMMITS = 120, EACH = 5 };

/* Adds EACH articles a commit; tells each commit by a byte. */
static pid_t start_writer(int *told)
{
    struct dice dice = dice_of(scratch_seed() + 2);
    struct lede_writer *writer;
    int ends[2];
    pid_t pid;

    cr_assert_eq(pipe(ends), 0);
    pid = fork();
    cr_assert_geq(pid, 0);
    *told = ends[0];
    if (pid > 0) {
        close(ends[1]);
        return pid;
    }
    if (lede_writer_open("index", NULL, &writer, NULL) != LEDE_OK)
        _exit(1);
    for (uint32_t i = 0; i < COMMITS * EACH; i++) {
        struct piece piece;

        article_make(&dice, &piece, i, 300);
        if (article_add(writer, &piece, NULL) != LEDE_OK)
            _exit(2);
        free(piece.text);
        if (i % EACH == EACH - 1 &&
            (lede_writer_commit(writer, NULL) != LEDE_OK || write(ends[1], "", 1) != 1))
            _exit(3);
    }
    lede_writer_close(writer);
    _exit(0);
}

Test(snapshot, a_copy_made_while_a_writer_commits_is_one_commit)
{
    char path[20], bytes[COMMITS];
    int told, code;
    uint64_t commits = 1, taken = 0, between = 0;
    ssize_t size;
    pid_t pid;

    scratch_need_threads_in_children();
    pid = start_writer(&told);
    cr_assert_eq(read(told, bytes, 1), 1);
    for (; commits < COMMITS; taken++) {
        struct verify_totals totals = {0};

        snprintf(path, sizeof path, "copy%llu", (unsigned long long)taken);
        copy("index", path);
        size = read(told, bytes, sizeof bytes);
        cr_assert_geq(size, 0);
        verify(path, &totals);
        cr_expect_eq(totals.documents % EACH, 0);
        cr_expect_geq(totals.documents, commits * EACH);
        between += totals.documents < COMMITS * EACH;
        commits += (uint64_t)size;
        cr_expect(size > 0 || commits == COMMITS);
        if (size == 0)
            break;
    }
    cr_assert_eq(waitpid(pid, &code, 0), pid);
    cr_expect_eq(code, 0);
    cr_expect_gt(between, 2, "%llu copies", (unsigned long long)taken);
    verify("index", &(struct verify_totals){0});
    close(told);
}

/* ---- what goes wrong ---- */

Test(snapshot, a_killed_copy_leaves_no_index_or_a_whole_one)
{
    uint64_t digest;
    int none = 0, step = scratch_is_slow() ? 4 : 1;

    make_index();
    digest = index_digest("index");
    for (int i = 0; i < 20; i += step) {
        pid_t pid;

        cr_assert_eq(system("rm -rf copy"), 0);
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
            _exit((int)copy_status("index", "copy", NULL));
        (void)usleep((unsigned)i * 500);
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        if (access("copy/data.mdb", F_OK) != 0) {
            none++;
            copy("index", "copy");
        }
        cr_expect_eq(index_digest("copy"), digest);
        cr_expect_neq(access("copy/data.mdb.new", F_OK), 0);
    }
    cr_expect_gt(none, 0);
}

Test(snapshot, a_file_that_cannot_grow_leaves_none)
{
    struct rlimit old, limit;
    struct lede_error error = {0};

    (void)signal(SIGXFSZ, SIG_IGN);
    make_index();
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = old;
    limit.rlim_cur = 200000;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_neq(copy_status("index", "copy", &error), LEDE_OK);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    cr_expect_neq(access("copy/data.mdb", F_OK), 0);
    cr_expect_neq(access("copy/data.mdb.new", F_OK), 0);
    copy("index", "copy");
    verify("copy", &(struct verify_totals){0});
}

Test(snapshot, a_damaged_index_is_told)
{
    struct lede_error error = {0};
    char *bytes;
    size_t size;

    make_index();
    bytes = scratch_read("index/data.mdb", &size);
    for (size_t page = 2; page < size / PAGE_SIZE; page++)
        if (bytes[page * PAGE_SIZE + 10] == 0x02) /* a leaf */
            memset(bytes + page * PAGE_SIZE, 0x7f, 16);
    scratch_write("index/data.mdb", bytes, size);
    free(bytes);
    cr_expect_eq(copy_status("index", "copy", &error), LEDE_CORRUPT, "%s", error.text);
    cr_expect_neq(access("copy/data.mdb", F_OK), 0);
}
