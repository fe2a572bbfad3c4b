#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/indexer/histories.h"

TestSuite(compact, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

/* ---- what comes out ---- */

static void compare_with_anew(const struct lede_writer_options *options)
{
    struct lede_writer_options unmerged = *options;
    struct dice dice = dice_of(scratch_seed());
    struct compact_totals totals;

    unmerged.no_merge = true;
    make_pieces(&dice);
    live_through(&dice, "index", &unmerged);
    add_live("anew", "index", options, 0);
    add_live("pieces", "index", options, 37);
    totals = compact("index");
    cr_expect_gt(totals.segments, 1);
    cr_expect_gt(totals.removed, 0);
    cr_expect_lt(totals.after, totals.before);
    expect_sound("index", 1);
    if (!options->no_store)
        expect_same(&dice, "index", "anew");
    compact("anew");
    compact("pieces");
    cr_expect_eq(segment_digest("index"), segment_digest("anew"), "seed %u", scratch_seed());
    cr_expect_eq(segment_digest("index"), segment_digest("pieces"), "seed %u", scratch_seed());
    free_pieces();
}

Test(compact, the_index_is_as_if_only_the_live_articles_had_been_added)
{
    compare_with_anew(&(struct lede_writer_options){.jobs = 2});
}

Test(compact, neither_do_positions_have_to_be_there)
{
    compare_with_anew(&(struct lede_writer_options){.no_positions = true, .jobs = 1});
}

Test(compact, an_index_without_texts_keeps_its_answers)
{
    struct lede_writer_options options = {.no_store = true, .jobs = 1};
    struct lede_search_options all = {.limit = PIECES, .count_matches = true, .any = true};
    struct dice dice = dice_of(scratch_seed() + 1);
    const char *paths[] = {"index", "copy"};
    struct lede_index *index, *copy;

    make_pieces(&dice);
    live_through(&dice, "index", &options);
    cr_assert_eq(system("mkdir copy && cp index/data.mdb copy"), 0);
    compact("copy");
    compact("index");
    cr_assert_eq(lede_index_open(&paths[0], 1, &index, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&paths[1], 1, &copy, NULL), LEDE_OK);
    expect_same_export(index, copy);
    expect_same_answer(index, copy, "kato mi", &all);
    lede_index_close(index);
    lede_index_close(copy);
    cr_expect_eq(segment_digest("index"), segment_digest("copy"));
    expect_sound("index", 1);
    free_pieces();
}

/* Each segment has its article in the first block of its stream, at the same place. */
static void compact_twins(bool reorder)
{
    static const char *const texts[] = {"red red red", "tan tan tan", "sky sky sky"};
    static const char *const ids[] = {"a", "b", "c"};
    const char *path = reorder ? "reordered" : "plain";
    struct lede_writer *writer = open_writer(path, &(struct lede_writer_options){.no_merge = true});
    struct lede_index *index;

    for (int i = 0; i < 3; i++) {
        struct lede_article article = {.id = bytes_of(ids[i]), .text = bytes_of(texts[i])};

        cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_OK);
        commit(writer);
    }
    lede_writer_close(writer);
    cr_assert_eq(compact_so(path, &(struct compact_options){.memory = 32 << 20, .reorder = reorder})
                     .segments,
                 3);
    cr_assert_eq(lede_index_open(&path, 1, &index, NULL), LEDE_OK);
    for (int i = 0; i < 3; i++) {
        struct lede_stored *stored;

        cr_assert_eq(lede_stored_find(index, bytes_of(ids[i]), &stored, NULL), LEDE_OK);
        expect_same_bytes(lede_stored_article(stored)->text, bytes_of(texts[i]));
        lede_stored_free(stored);
    }
    lede_index_close(index);
}

Test(compact, blocks_at_the_same_offset_of_several_segments_are_not_taken_for_each_other)
{
    compact_twins(false);
    compact_twins(true);
}

Test(compact, again_changes_nothing_and_the_index_can_be_written_on)
{
    struct dice dice = dice_of(scratch_seed() + 2);
    struct lede_writer *writer;
    uint64_t digest;

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
    compact("index");
    digest = segment_digest("index");
    compact("index");
    cr_expect_eq(segment_digest("index"), digest);
    writer = open_writer("index", NULL);
    for (uint32_t i = 0; i < PIECES; i += 2)
        add(writer, &pieces[i]);
    commit(writer);
    lede_writer_close(writer);
    compact("index");
    expect_sound("index", 1);
    free_pieces();
}

Test(compact, nothing_live_leaves_no_segment)
{
    struct dice dice = dice_of(scratch_seed() + 3);
    struct lede_writer *writer = open_writer("index", NULL);

    make_pieces(&dice);
    for (uint32_t i = 0; i < 20; i++)
        add(writer, &pieces[i]);
    commit(writer);
    for (uint32_t i = 0; i < 20; i++)
        cr_assert_eq(lede_writer_remove(writer, bytes_of(pieces[i].id), NULL), LEDE_OK);
    commit(writer);
    lede_writer_close(writer);
    cr_expect_eq(compact("index").articles, 0);
    expect_sound("index", 0);
    cr_expect_eq(compact("index").segments, 0);
    writer = open_writer("index", NULL);
    add(writer, &pieces[0]);
    commit(writer);
    lede_writer_close(writer);
    expect_sound("index", 1);
    free_pieces();
}

/* ---- who is in the way ---- */

static void small_index(void)
{
    struct dice dice = dice_of(scratch_seed() + 4);

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
}

static enum lede_status compact_status(struct compact_totals *totals, struct lede_error *error)
{
    struct compact_options options = {.memory = 32 << 20};

    return compact_index("index", &options, totals, error);
}

Test(compact, an_index_that_is_open_in_this_process_is_left_alone)
{
    const char *path = "index";
    struct lede_index *index;
    struct compact_totals totals;
    struct lede_error error = {0};
    uint64_t digest;

    small_index();
    digest = index_digest("index");
    cr_assert_eq(lede_index_open(&path, 1, &index, NULL), LEDE_OK);
    cr_expect_eq(compact_status(&totals, &error), LEDE_BUSY);
    cr_expect(!totals.done);
    lede_index_close(index);
    cr_expect_eq(index_digest("index"), digest);
    free_pieces();
}

/* Has the index open until its standard input, a pipe, ends; then reads all of it. */
static pid_t start_reader(int from[2], int ready[2])
{
    const char *path = "index";
    struct lede_index *index;
    struct lede_cursor cursor = {0};
    struct lede_hit hit;
    struct lede_stored *stored;
    char byte = 0;
    pid_t pid;

    cr_assert_eq(pipe(from), 0);
    cr_assert_eq(pipe(ready), 0);
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid > 0) {
        close(from[0]);
        close(ready[1]);
        cr_assert_eq(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        return pid;
    }
    close(from[1]);
    if (lede_index_open(&path, 1, &index, NULL) != LEDE_OK)
        _exit(1);
    if (write(ready[1], &byte, 1) != 1)
        _exit(2);
    (void)!read(from[0], &byte, 1);
    while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK) {
        if (lede_stored_get(index, &hit, &stored, NULL) != LEDE_OK)
            _exit(3);
        lede_stored_free(stored);
    }
    lede_index_close(index);
    _exit(0);
}

Test(compact, a_reader_of_another_process_keeps_the_file_but_not_the_segments)
{
    struct compact_totals totals;
    struct lede_error error = {0};
    int from[2], ready[2], code;
    pid_t pid;

    small_index();
    pid = start_reader(from, ready);
    cr_expect_eq(compact_status(&totals, &error), LEDE_BUSY);
    cr_expect(totals.done);
    cr_expect(strstr(error.text, "another process"), "%s", error.text);
    expect_sound("index", 1);
    close(from[1]);
    cr_assert_eq(waitpid(pid, &code, 0), pid);
    cr_expect_eq(code, 0, "the reader saw what it had opened");
    cr_expect_neq(access("index/data.mdb.new", F_OK), 0);
    cr_expect_lt(compact("index").after, totals.before);
    expect_sound("index", 1);
    free_pieces();
}

/* Readers that open, read and close all the time, and compaction in between: LMDB's locks keep them
 * from seeing one file's table of readers with the other file. */
Test(compact, readers_that_come_and_go_see_one_file_or_the_other)
{
    struct compact_options options = {.memory = 32 << 20, .wait = 5};
    struct compact_totals totals;
    struct lede_error error = {0};
    uint32_t expected = 0;
    int code, busy = 0;
    pid_t pid;

    small_index();
    for (uint32_t i = 0; i < PIECES; i++)
        expected += live[i];
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        const char *path = "index";

        while (access("stop", F_OK) != 0) {
            struct lede_cursor cursor = {0};
            struct lede_index *index;
            struct lede_hit hit;
            uint32_t count = 0;

            if (lede_index_open(&path, 1, &index, &error) != LEDE_OK) {
                (void)fprintf(stderr, "%s\n", error.text);
                _exit(1);
            }
            while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK)
                count++;
            lede_index_close(index);
            if (count != expected)
                _exit(2);
        }
        _exit(0);
    }
    for (int i = 0; i < 10; i++) {
        enum lede_status status = compact_index("index", &options, &totals, &error);

        cr_expect(status == LEDE_OK || status == LEDE_BUSY, "%s", error.text);
        cr_expect(totals.done);
        busy += status == LEDE_BUSY;
    }
    scratch_file("stop", "");
    cr_assert_eq(waitpid(pid, &code, 0), pid);
    cr_expect_eq(code, 0, "%d", code);
    cr_expect_lt(busy, 10);
    expect_sound("index", 1);
    free_pieces();
}

/* ---- what goes wrong ---- */

Test(compact, too_little_memory_is_told_and_changes_nothing)
{
    struct compact_options options = {.memory = 3 << 20};
    struct compact_totals totals;
    struct lede_error error = {0};
    uint64_t digest;

    small_index();
    digest = index_digest("index");
    cr_expect_eq(compact_index("index", &options, &totals, &error), LEDE_NO_MEMORY);
    cr_expect(strstr(error.text, "--memory"), "%s", error.text);
    cr_expect(!totals.done);
    cr_expect_eq(index_digest("index"), digest);
    free_pieces();
}

/* A disk that is full at some size of the file: before the flip all is as it was, behind it all is
 * there. */
Test(compact, a_full_disk_leaves_the_old_or_the_new)
{
    struct stat about;

    (void)signal(SIGXFSZ, SIG_IGN);
    small_index();
    cr_assert_eq(stat("index/data.mdb", &about), 0);
    cr_assert_eq(system("cp -r index kept"), 0);
    for (int more = 0; more <= 40; more += 4) {
        struct rlimit old, limit;
        struct compact_totals totals;
        struct lede_error error = {0};
        enum lede_status status;

        cr_assert_eq(system("rm -rf index; mkdir index; cp kept/data.mdb index"), 0);
        cr_assert_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
        limit = old;
        limit.rlim_cur = (rlim_t)about.st_size + (rlim_t)more * 16384;
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        status = compact_status(&totals, &error);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
        cr_expect(totals.done || status != LEDE_OK);
        expect_same_articles("index", "kept");
        cr_expect_neq(access("index/data.mdb.new", F_OK), 0);
        compact("index");
        expect_sound("index", 1);
    }
    free_pieces();
}

/* Killed at any moment: what is there is whole, and compacts. */
Test(compact, a_killed_compaction_leaves_a_whole_index)
{
    uint64_t digest;

    small_index();
    cr_assert_eq(system("cp -r index done"), 0);
    compact("done");
    digest = segment_digest("done");
    for (int i = 0; i < 12; i++) {
        struct compact_totals totals;
        pid_t pid;

        cr_assert_eq(system("rm -rf index; cp -r done index"), 0);
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
            _exit((int)compact_status(&totals, NULL));
        (void)usleep((unsigned)i * 4000);
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        compact("index");
        expect_sound("index", 1);
        cr_expect_eq(segment_digest("index"), digest);
        cr_expect_neq(access("index/data.mdb.new", F_OK), 0);
    }
    free_pieces();
}

Test(compact, a_damaged_posting_list_is_not_passed_on)
{
    struct compact_totals totals;
    struct lede_error error = {0};
    struct snapshot *snapshot;
    const uint8_t *postings;
    char *bytes, *found = NULL;
    size_t size;

    small_index();
    cr_assert_eq(snapshot_open("index", &snapshot, NULL), LEDE_OK);
    for (size_t i = 0; i < snapshot->segment_count && !found; i++) {
        struct stream *stream = &snapshot->segments[i].streams[STREAM_POSITIONS];

        if (stream->size < 40)
            continue;
        postings = stream_at(stream, 0, 40, &error);
        cr_assert(postings);
        bytes = scratch_read("index/data.mdb", &size);
        found = memmem(bytes, size, postings, 40);
        cr_assert(found);
        found[11] ^= 1;
        scratch_write("damaged", bytes, size);
        free(bytes);
    }
    snapshot_close(snapshot);
    cr_assert(found, "there are positions");
    cr_assert_eq(system("cp damaged index/data.mdb"), 0);
    cr_expect_eq(compact_status(&totals, &error), LEDE_CORRUPT, "%s", error.text);
    cr_expect(!totals.done);
    free_pieces();
}

Test(compact, where_there_is_no_index_none_is_made)
{
    struct compact_totals totals;

    cr_expect_eq(compact_status(&totals, NULL), LEDE_MISSING);
    cr_expect_neq(access("index", F_OK), 0);
}
