#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "index/deletion.h"
#include "index/store_internal.h"
#include "index/verify.h"
#include "tests/another_user.h"
#include "tests/index/memory_index.h"

static struct lede_error error;

#define OK(call) cr_assert_eq(call, LEDE_OK, "%s", error.text)

static struct store *open_writer(const char *path)
{
    struct store *store = NULL;

    OK(store_open_writer(path, 0, &store, &error));
    return store;
}

static struct store *open_reader(const char *path)
{
    struct store *store = NULL;

    OK(store_open(path, &store, &error));
    return store;
}

/* A record of a segment in table extent: size bytes, each fill. */
static enum lede_status put(struct store *store, uint32_t segment, uint32_t number, uint8_t fill,
                            size_t size)
{
    uint8_t key[EXTENT_KEY_SIZE], *value = malloc(size + !size);
    enum lede_status status;

    cr_assert(value);
    memset(value, fill, size);
    extent_key(key, segment, STREAM_POSTINGS, number);
    status = store_write_put(store, TABLE_EXTENT, slice_of(key, sizeof key), slice_of(value, size),
                             &error);
    free(value);
    return status;
}

/* The first byte of a record, -1 if it is not there. */
static int first_byte(struct store_snapshot *snapshot, uint32_t segment, uint32_t number)
{
    uint8_t key[EXTENT_KEY_SIZE];
    struct slice value;
    enum lede_status status;

    extent_key(key, segment, STREAM_POSTINGS, number);
    status = store_get(snapshot, TABLE_EXTENT, slice_of(key, sizeof key), &value, &error);
    cr_assert(status == LEDE_OK || status == LEDE_MISSING, "%s", error.text);
    return status == LEDE_OK ? value.data[0] : -1;
}

static int first_byte_now(struct store *store, uint32_t segment, uint32_t number)
{
    struct store_snapshot snapshot;
    int byte;

    OK(store_snapshot_begin(store, &snapshot, &error));
    byte = first_byte(&snapshot, segment, number);
    store_snapshot_end(&snapshot);
    return byte;
}

/* The child must not run Criterion's ends, nor close what it inherited. */
static int wait_for(pid_t child)
{
    int status;

    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void pause_for(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&time, NULL);
}

/* ---- what is there ---- */

Test(store, a_directory_without_an_index_is_missing)
{
    char *path = temp_directory_new();
    static const uint8_t ZEROS[2 * PAGE_SIZE];
    struct store *store;

    cr_assert_eq(store_open(path, &store, &error), LEDE_MISSING);
    cr_assert_eq(store_open("/nowhere/at/all", &store, &error), LEDE_MISSING);
    cr_assert_eq(store_open("", &store, &error), LEDE_INVALID);
    for (size_t size = 0; size <= sizeof ZEROS; size += 1024) {
        file_write(path, "data.mdb", ZEROS, size);
        cr_assert_eq(store_open(path, &store, &error), LEDE_MISSING, "%zu zeros", size);
    }
    temp_directory_free(path);
}

Test(store, what_a_crash_at_creation_left_is_made_anew)
{
    char *path = temp_directory_new();
    static const uint8_t ZEROS[2 * PAGE_SIZE];
    uint8_t *file;
    size_t size;

    store_close(open_writer(path));
    file = file_read(path, "data.mdb", &size);
    for (size_t left = 0; left <= sizeof ZEROS; left += 512) {
        file_write(path, "data.mdb", ZEROS, left);
        store_close(open_writer(path));
        if (left == sizeof ZEROS)
            break;
        file_write(path, "data.mdb", file, left);
        store_close(open_writer(path));
        store_close(open_reader(path));
    }
    free(file);
    temp_directory_free(path);
}

Test(store, a_file_of_another_program_is_left_alone)
{
    char *path = temp_directory_new();
    struct store *store;
    uint8_t *file;
    size_t size;

    file_write(path, "data.mdb", "my notes\n", 9);
    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_INCOMPATIBLE);
    file = file_read(path, "data.mdb", &size);
    cr_assert_eq(size, 9);
    free(file);
    file = malloc(100000);
    memset(file, 'x', 100000);
    file_write(path, "data.mdb", file, 100000);
    free(file);
    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_CORRUPT);
    cr_assert_eq(store_open(path, &store, &error), LEDE_CORRUPT);
    temp_directory_free(path);
}

Test(store, an_lmdb_database_of_another_program_is_left_alone)
{
    char *path = temp_directory_new();
    MDB_val key = {1, "k"}, value = {1, "v"};
    struct store *store;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;

    cr_assert_eq(mdb_env_create(&env), 0);
    cr_assert_eq(mdb_env_open(env, path, 0, 0644), 0);
    cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    cr_assert_eq(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    cr_assert_eq(mdb_put(txn, dbi, &key, &value, 0), 0);
    cr_assert_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_INCOMPATIBLE);
    cr_assert_eq(store_open(path, &store, &error), LEDE_MISSING);
    temp_directory_free(path);
}

Test(store, a_writer_makes_the_directory_and_its_parents)
{
    char *path = temp_directory_new(), deep[600];

    (void)snprintf(deep, sizeof deep, "%s/a//b/c", path);
    store_close(open_writer(deep));
    store_close(open_reader(deep));
    (void)snprintf(deep, sizeof deep, "rm -r '%s/a'", path);
    cr_assert_eq(system(deep), 0);
    temp_directory_free(path);
}

Test(store, nothing_committed_is_missing_and_an_empty_flip_is_an_index)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct store_snapshot snapshot;
    struct manifest manifest;

    OK(store_snapshot_begin(store, &snapshot, &error));
    cr_assert_eq(store_manifest(&snapshot, &manifest, &error), LEDE_MISSING);
    store_snapshot_end(&snapshot);
    manifest.generation = 9;
    OK(store_flip(store, &manifest, NULL, 0, &error));
    manifest_done(&manifest);
    OK(store_snapshot_begin(store, &snapshot, &error));
    OK(store_manifest(&snapshot, &manifest, &error));
    cr_assert_eq(manifest.generation, 9);
    manifest_done(&manifest);
    store_snapshot_end(&snapshot);
    store_close(store);
    temp_directory_free(path);
}

/* ---- records ---- */

Test(store, seek_finds_the_first_record_at_or_behind_a_key)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct store_snapshot snapshot;
    struct slice key, value;

    OK(store_write_put(store, TABLE_DICT, slice_str("bb"), slice_str("2"), &error));
    OK(store_write_put(store, TABLE_DICT, slice_str("aa"), slice_str("1"), &error));
    OK(store_write_commit(store, &error));
    OK(store_snapshot_begin(store, &snapshot, &error));
    OK(store_seek(&snapshot, TABLE_DICT, slice_str("a"), &key, &value, &error));
    cr_assert(slice_equal(key, slice_str("aa")) && slice_equal(value, slice_str("1")));
    OK(store_seek(&snapshot, TABLE_DICT, slice_str("ab"), &key, &value, &error));
    cr_assert(slice_equal(key, slice_str("bb")));
    cr_assert_eq(store_seek(&snapshot, TABLE_DICT, slice_str("c"), &key, &value, &error),
                 LEDE_MISSING);
    cr_assert_eq(store_seek(&snapshot, TABLE_EXTENT, slice_str("a"), &key, &value, &error),
                 LEDE_MISSING);
    store_snapshot_end(&snapshot);
    store_close(store);
    temp_directory_free(path);
}

Test(store, a_sink_puts_by_the_letter_of_the_table)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct record_sink sink = store_sink(store);
    struct store_snapshot snapshot;
    struct slice value;

    for (const char *letter = "mdex"; *letter; letter++)
        OK(sink.put(sink.context, *letter, slice_str("key"), slice_of(letter, 1), &error));
    cr_assert_eq(sink.put(sink.context, 'z', slice_str("key"), slice_str(""), &error),
                 LEDE_INVALID);
    OK(store_write_commit(store, &error));
    OK(store_snapshot_begin(store, &snapshot, &error));
    for (int table = 0; table < TABLE_COUNT; table++) {
        OK(store_get(&snapshot, (enum table)table, slice_str("key"), &value, &error));
        cr_assert_eq(value.data[0], "mdex"[table]);
        OK(snapshot.records.get(snapshot.records.context, "mdex"[table], slice_str("key"), &value,
                                &error));
    }
    cr_assert_eq(
        snapshot.records.get(snapshot.records.context, 'e', slice_str("other"), &value, &error),
        LEDE_CORRUPT);
    store_snapshot_end(&snapshot);
    store_close(store);
    temp_directory_free(path);
}

Test(store, a_snapshot_stays_as_it_was_while_a_writer_commits)
{
    char *path = temp_directory_new();
    struct store *writer = open_writer(path), *reader;
    struct store_snapshot before;
    struct slice value;
    uint8_t key[EXTENT_KEY_SIZE];

    for (uint32_t i = 0; i < 20; i++)
        OK(put(writer, 1, i, 0, 100000));
    OK(store_write_commit(writer, &error));
    reader = open_reader(path);
    OK(store_snapshot_begin(reader, &before, &error));
    for (uint8_t round = 1; round <= 20; round++) {
        for (uint32_t i = 0; i < 20; i++)
            OK(put(writer, 1, i, round, 100000));
        OK(store_write_commit(writer, &error));
        cr_assert_eq(first_byte_now(reader, 1, 3), round);
    }
    for (uint32_t i = 0; i < 20; i++) {
        extent_key(key, 1, STREAM_POSTINGS, i);
        OK(store_get(&before, TABLE_EXTENT, slice_of(key, sizeof key), &value, &error));
        cr_assert_eq(value.size, 100000);
        for (size_t at = 0; at < value.size; at++)
            cr_assert_eq(value.data[at], 0);
    }
    cr_assert_not(store_snapshot_overtaken(&before));
    store_snapshot_end(&before);
    store_close(reader);
    store_close(writer);
    temp_directory_free(path);
}

Test(store, a_transaction_commits_by_itself_at_ten_megabytes)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);

    OK(put(store, 1, 0, 1, 9 << 20));
    cr_assert_eq(first_byte_now(store, 1, 0), -1);
    OK(put(store, 1, 1, 2, 1 << 20));
    cr_assert_eq(first_byte_now(store, 1, 0), 1);
    cr_assert_eq(first_byte_now(store, 1, 1), 2);
    OK(put(store, 1, 2, 3, 1 << 20));
    cr_assert_eq(first_byte_now(store, 1, 2), -1);
    store_write_abort(store);
    cr_assert_eq(first_byte_now(store, 1, 2), -1);
    store_close(store);
    temp_directory_free(path);
}

Test(store, a_failure_stays_until_the_transaction_is_aborted)
{
    char *path = temp_directory_new(), key[600];
    struct store *store = open_writer(path);
    struct manifest manifest;

    manifest_init(&manifest);
    memset(key, 'k', sizeof key);
    OK(put(store, 1, 0, 1, 100));
    cr_assert_eq(
        store_write_put(store, TABLE_META, slice_of(key, sizeof key), slice_str("v"), &error),
        LEDE_INVALID);
    cr_assert_eq(put(store, 1, 1, 1, 100), LEDE_INVALID);
    cr_assert_eq(store_write_commit(store, &error), LEDE_INVALID);
    cr_assert_eq(store_flip(store, &manifest, NULL, 0, &error), LEDE_INVALID);
    store_write_abort(store);
    cr_assert_eq(first_byte_now(store, 1, 0), -1);
    OK(store_flip(store, &manifest, NULL, 0, &error));
    store_close(store);
    temp_directory_free(path);
}

/* ---- segments ---- */

Test(store, dropping_a_segment_leaves_its_neighbours)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct store_snapshot snapshot;
    struct slice value;
    uint8_t key[DELETION_KEY_SIZE];

    for (uint32_t segment = 1; segment <= 3; segment++) {
        for (uint32_t i = 0; i < 5000; i++)
            OK(put(store, segment, i, (uint8_t)segment, 10));
        deletion_key(key, segment, 0);
        OK(store_write_put(store, TABLE_DELETED, slice_of(key, sizeof key), slice_str("d"),
                           &error));
        OK(store_write_put(store, TABLE_DICT, slice_of(key, sizeof key), slice_str("t"), &error));
    }
    OK(store_write_drop_segment(store, 2, &error));
    OK(store_write_commit(store, &error));
    for (uint32_t segment = 1; segment <= 3; segment++) {
        int expected = segment == 2 ? -1 : (int)segment;

        cr_assert_eq(first_byte_now(store, segment, 0), expected);
        cr_assert_eq(first_byte_now(store, segment, 4999), expected);
        OK(store_snapshot_begin(store, &snapshot, &error));
        deletion_key(key, segment, 0);
        for (enum table table = TABLE_DICT; table <= TABLE_DELETED; table += 2)
            cr_assert_eq(store_get(&snapshot, table, slice_of(key, sizeof key), &value, &error),
                         segment == 2 ? LEDE_MISSING : LEDE_OK);
        store_snapshot_end(&snapshot);
    }
    store_close(store);
    temp_directory_free(path);
}

Test(store, collecting_takes_what_no_manifest_names_and_passes_its_numbers)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct segment_info info = {.number = 4, .average = 1};
    struct manifest manifest;

    manifest_init(&manifest);
    manifest.next_segment = 5;
    OK(manifest_add(&manifest, &info, &error));
    OK(put(store, 3, 0, 3, 10));
    OK(put(store, 4, 0, 4, 10));
    OK(put(store, 17, 0, 17, 5000));
    OK(put(store, UINT32_MAX - 1, 0, 1, 10));
    OK(store_collect(store, &manifest, &error));
    cr_assert_eq(first_byte_now(store, 3, 0), -1);
    cr_assert_eq(first_byte_now(store, 4, 0), 4);
    cr_assert_eq(first_byte_now(store, 17, 0), -1);
    cr_assert_eq(first_byte_now(store, UINT32_MAX - 1, 0), -1);
    cr_assert_eq(manifest.next_segment, UINT32_MAX);
    OK(store_collect(store, &manifest, &error));
    manifest_done(&manifest);
    store_close(store);
    temp_directory_free(path);
}

Test(store, space_of_dropped_segments_is_used_again)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    uint64_t size = 0;

    for (uint32_t segment = 0; segment < 12; segment++) {
        for (uint32_t i = 0; i < 12; i++)
            OK(put(store, segment, i, 1, 1 << 20));
        if (segment > 0)
            OK(store_write_drop_segment(store, segment - 1, &error));
        OK(store_write_commit(store, &error));
        if (segment == 3)
            size = store_size(store);
    }
    cr_assert_leq(store_size(store), size + (8 << 20));
    store_close(store);
    temp_directory_free(path);
}

/* ---- writers among themselves ---- */

Test(store, two_writers_exclude_each_other_and_the_error_names_the_holder)
{
    char *path = temp_directory_new(), pid[40];
    struct store *first = open_writer(path), *second = NULL;
    pid_t child;

    (void)snprintf(pid, sizeof pid, "(pid %ld)", (long)getpid());
    cr_assert_eq(store_open_writer(path, 0, &second, &error), LEDE_BUSY);
    cr_assert(strstr(error.text, pid), "%s", error.text);
    child = fork();
    if (child == 0)
        _exit(store_open_writer(path, 0, &second, &error) == LEDE_BUSY && strstr(error.text, pid)
                  ? 0
                  : 1);
    cr_assert_eq(wait_for(child), 0);
    store_close(first);
    child = fork();
    if (child == 0)
        _exit(store_open_writer(path, 0, &second, &error) == LEDE_OK ? 0 : 1);
    cr_assert_eq(wait_for(child), 0);
    store_close(open_writer(path));
    temp_directory_free(path);
}

Test(store, a_writer_waits_as_long_as_it_is_told_to)
{
    char *path = temp_directory_new();
    struct store *store;
    int ready[2];
    char byte;
    pid_t child;

    cr_assert_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        bool opened = store_open_writer(path, 0, &store, &error) == LEDE_OK;

        if (write(ready[1], "x", 1) != 1)
            _exit(2);
        pause_for(0.4);
        _exit(!opened);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_BUSY);
    OK(store_open_writer(path, 20, &store, &error));
    store_close(store);
    cr_assert_eq(wait_for(child), 0);
    temp_directory_free(path);
}

/* Writes extents of segment 8 until it is killed. */
static void write_for_ever(const char *path, int ready)
{
    struct store *store;

    if (store_open_writer(path, 0, &store, NULL) != LEDE_OK)
        _exit(1);
    for (uint32_t i = 0;; i++) {
        if (put(store, 8, i % 1000, 8, 1 << 20) != LEDE_OK)
            _exit(2);
        if (i == 25 && write(ready, "x", 1) != 1)
            _exit(3);
    }
}

Test(store, what_a_killed_writer_left_is_garbage_that_the_next_collects)
{
    char *path = temp_directory_new(), byte;
    struct dice dice = dice_of(11);
    struct plain_index plain;
    struct verify_totals totals;
    struct store_snapshot snapshot;
    struct manifest manifest;
    struct store *store;
    int ready[2];
    pid_t child;

    plain_index_make(&plain, &dice, 2, 100, 10, true);
    plain_index_write(&plain, path);
    cr_assert_eq(pipe(ready), 0);
    child = fork();
    if (child == 0)
        write_for_ever(path, ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    pause_for(0.02);
    kill(child, SIGKILL);
    cr_assert_eq(wait_for(child), 128 + SIGKILL);
    cr_assert_eq(verify_index(path, true, NULL, NULL, &totals, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(totals.garbage, 1);
    store = open_writer(path);
    OK(store_snapshot_begin(store, &snapshot, &error));
    OK(store_manifest(&snapshot, &manifest, &error));
    store_snapshot_end(&snapshot);
    cr_assert_eq(manifest.generation, plain.manifest.generation);
    cr_assert_eq(manifest.segment_count, 2);
    cr_assert_eq(manifest.segments[1].tokens, plain.manifest.segments[1].tokens);
    OK(store_collect(store, &manifest, &error));
    cr_assert_eq(manifest.next_segment, 9);
    manifest_done(&manifest);
    store_close(store);
    OK(verify_index(path, true, NULL, NULL, &totals, &error));
    cr_assert_eq(totals.garbage, 0);
    plain_index_free(&plain);
    temp_directory_free(path);
}

Test(store, a_killed_reader_does_not_keep_space_from_the_next_writer)
{
    char *path = temp_directory_new(), byte;
    struct store *store = open_writer(path);
    struct store_snapshot snapshot;
    uint64_t size;
    int ready[2];
    pid_t child;

    OK(put(store, 1, 0, 1, 1 << 20));
    OK(store_write_commit(store, &error));
    store_close(store);
    cr_assert_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        if (store_open(path, &store, &error) != LEDE_OK ||
            store_snapshot_begin(store, &snapshot, &error) != LEDE_OK ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    cr_assert_eq(wait_for(child), 128 + SIGKILL);
    store = open_writer(path);
    size = store_size(store);
    for (uint8_t i = 0; i < 40; i++) {
        OK(put(store, 1, 0, i, 1 << 20));
        OK(store_write_commit(store, &error));
    }
    cr_assert_leq(store_size(store), size + (8 << 20));
    store_close(store);
    temp_directory_free(path);
}

/* ---- one environment ---- */

Test(store, stores_of_one_directory_share_an_environment)
{
    char *path = temp_directory_new(), other[600];
    struct store *writer = open_writer(path), *first = open_reader(path), *second;
    struct store_snapshot a, b;

    (void)snprintf(other, sizeof other, "%s/../%s/.", path, strrchr(path, '/') + 1);
    second = open_reader(other);
    OK(store_snapshot_begin(first, &a, &error));
    OK(store_snapshot_begin(second, &b, &error));
    cr_assert_eq(mdb_txn_env(a.txn), mdb_txn_env(b.txn));
    store_snapshot_end(&a);
    store_close(first);
    OK(put(writer, 1, 0, 7, 100));
    OK(store_write_commit(writer, &error));
    cr_assert_eq(first_byte(&b, 1, 0), -1);
    cr_assert_eq(first_byte_now(second, 1, 0), 7);
    store_close(writer);
    cr_assert_eq(first_byte(&b, 1, 0), -1);
    store_snapshot_end(&b);
    store_close(second);
    store_close(open_writer(path));
    temp_directory_free(path);
}

Test(store, a_writer_can_be_opened_while_the_process_reads)
{
    char *path = temp_directory_new();
    struct store *reader, *writer;
    struct store_snapshot snapshot;

    store_close(open_writer(path));
    reader = open_reader(path);
    OK(store_snapshot_begin(reader, &snapshot, &error));
    writer = open_writer(path);
    for (uint32_t i = 0; i < 30; i++)
        OK(put(writer, 1, i, 1, 1 << 20));
    OK(store_write_commit(writer, &error));
    cr_assert_eq(first_byte(&snapshot, 1, 0), -1);
    cr_assert_eq(first_byte_now(reader, 1, 0), 1);
    store_snapshot_end(&snapshot);
    store_close(reader);
    store_close(writer);
    temp_directory_free(path);
}

Test(store, a_forked_child_opens_an_environment_of_its_own)
{
    char *path = temp_directory_new();
    struct store *reader, *writer = open_writer(path), *own;
    struct store_snapshot snapshot;
    pid_t child;

    OK(put(writer, 1, 0, 1, 1 << 20));
    OK(store_write_commit(writer, &error));
    store_close(writer);
    reader = open_reader(path);
    OK(store_snapshot_begin(reader, &snapshot, &error));
    child = fork();
    if (child == 0) { /* rewrites the record again and again */
        if (store_open_writer(path, 5, &own, &error) != LEDE_OK)
            _exit(1);
        for (uint8_t i = 2; i < 20; i++)
            if (put(own, 1, 0, i, 1 << 20) != LEDE_OK || store_write_commit(own, &error) != LEDE_OK)
                _exit(2);
        if (first_byte_now(own, 1, 0) != 19)
            _exit(3);
        store_close(own);
        _exit(0);
    }
    cr_assert_eq(wait_for(child), 0);
    cr_assert_eq(first_byte(&snapshot, 1, 0), 1);
    cr_assert_eq(first_byte_now(reader, 1, 0), 19);
    store_snapshot_end(&snapshot);
    store_close(reader);
    temp_directory_free(path);
}

/* Bytes of files that are mapped and were looked at, of this process. */
static size_t mapped_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    cr_assert(file);
    cr_assert_eq(fscanf(file, "%*u %*u %lu", &pages), 1);
    (void)fclose(file);
    return pages * PAGE_SIZE;
}

/* Looks at each page of many records; the most bytes of them that were mapped at a time. */
static size_t most_mapped(struct store *store, uint32_t records, size_t size)
{
    struct store_snapshot snapshot;
    size_t before = mapped_bytes(), most = before;
    uint8_t key[EXTENT_KEY_SIZE];
    struct slice value;

    OK(store_snapshot_begin(store, &snapshot, &error));
    for (uint32_t i = 0; i < records; i++) {
        extent_key(key, 1, STREAM_POSTINGS, i);
        OK(store_get(&snapshot, TABLE_EXTENT, slice_of(key, sizeof key), &value, &error));
        cr_assert_eq(value.size, size);
        for (size_t at = 0; at < size; at += PAGE_SIZE)
            cr_assert_eq(value.data[at], (uint8_t)i);
        store_snapshot_read(&snapshot, size / PAGE_SIZE);
        most = mapped_bytes() > most ? mapped_bytes() : most;
    }
    store_snapshot_end(&snapshot);
    return most - before;
}

Test(store, pages_that_were_looked_at_are_given_back_where_that_is_wanted, .timeout = 60)
{
    enum { RECORDS = 48, SIZE = 1 << 20, MOST = 8 << 20 };
    char *path = temp_directory_new();
    struct store *store = open_writer(path);

    for (uint32_t i = 0; i < RECORDS; i++)
        OK(put(store, 1, i, (uint8_t)i, SIZE));
    OK(store_write_commit(store, &error));
    store_bound_pages(store, mapped_bytes() + MOST);
    cr_expect_leq(most_mapped(store, RECORDS, SIZE), 2 * (size_t)MOST);
    store_bound_pages(store, 0);
    cr_expect_geq(most_mapped(store, RECORDS, SIZE), (RECORDS - 16) * (size_t)SIZE);
    store_close(store);
    temp_directory_free(path);
}

/* The largest resident size since reset_peak, in bytes. */
static size_t peak_resident(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    unsigned long kilobytes = 0;
    char line[256];

    cr_assert(file);
    while (kilobytes == 0 && fgets(line, sizeof line, file))
        (void)sscanf(line, "VmHWM: %lu", &kilobytes);
    (void)fclose(file);
    return kilobytes * 1024;
}

static void reset_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");

    cr_assert(file);
    cr_assert_geq(fputs("5", file), 0);
    cr_assert_eq(fclose(file), 0);
}

static size_t peak_of_copy(struct store *store, size_t most)
{
    char *to = temp_directory_new();
    uint64_t size;
    size_t before;

    store_bound_pages(store, 1); /* what is there is given back */
    cr_expect_leq(most_mapped(store, 1, 1 << 20), (size_t)2 << 20);
    store_bound_pages(store, most ? mapped_bytes() + most : 0);
    reset_peak();
    before = peak_resident();
    OK(store_copy(store, to, 0, &size, &error));
    temp_directory_free(to);
    return peak_resident() - before;
}

Test(store, pages_that_a_copy_reads_are_given_back_where_that_is_wanted, .timeout = 60)
{
    enum { RECORDS = 256, SIZE = 1 << 20, MOST = 8 << 20 };
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct manifest manifest;

    manifest_init(&manifest);
    for (uint32_t i = 0; i < RECORDS; i++)
        OK(put(store, 1, i, (uint8_t)i, SIZE));
    OK(store_flip(store, &manifest, NULL, 0, &error));
    cr_expect_leq(peak_of_copy(store, MOST), (size_t)RECORDS / 4 * 3 * SIZE);
    cr_expect_geq(peak_of_copy(store, 0), (size_t)RECORDS / 8 * 7 * SIZE);
    store_close(store);
    temp_directory_free(path);
}

Test(store, a_program_can_ask_whether_an_address_is_in_a_map)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path);
    struct store_snapshot snapshot;
    struct manifest manifest;
    struct slice value;
    const uint8_t *inside;

    manifest_init(&manifest);
    OK(store_flip(store, &manifest, NULL, 0, &error));
    OK(put(store, 1, 0, 1, 1 << 20));
    OK(store_write_commit(store, &error));
    OK(store_snapshot_begin(store, &snapshot, &error));
    OK(store_manifest(&snapshot, &manifest, &error));
    OK(store_seek(&snapshot, TABLE_EXTENT, slice_of("", 1), &value, &value, &error));
    inside = value.data;
    cr_assert(store_maps(inside) && store_maps(inside + value.size - 1));
    cr_assert_not(store_maps(&value));
    cr_assert_not(store_maps(NULL));
    store_snapshot_end(&snapshot);
    manifest_done(&manifest);
    store_close(store);
    cr_assert_not(store_maps(inside));
    temp_directory_free(path);
}

/* ---- the map ---- */

/* With few addresses the map is small, and has to move. AddressSanitizer needs them all. */
static void limit_addresses(void)
{
    struct rlimit limit = {1200u << 20, 1200u << 20};

    if (getenv("LEDE_SANITIZED"))
        cr_skip_test("addresses cannot be limited under AddressSanitizer");
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

Test(store, the_map_grows_with_the_index, .timeout = 60)
{
    char *path = temp_directory_new();
    struct store_snapshot snapshot;
    struct store *store;
    uint32_t number = 0;

    limit_addresses();
    store = open_writer(path);
    OK(store_snapshot_begin(store, &snapshot, &error));
    while (put(store, 1, number, (uint8_t)number, EXTENT_SIZE_MAX) == LEDE_OK)
        number++;
    cr_assert_eq(error.status, LEDE_BUSY, "%s", error.text);
    cr_assert(number > 50 && number < 300, "%u", number);
    store_snapshot_end(&snapshot);
    store_write_abort(store);
    for (uint32_t i = number / 10 * 10; i < 300; i++)
        OK(put(store, 1, i, (uint8_t)i, EXTENT_SIZE_MAX));
    OK(store_write_commit(store, &error));
    for (uint32_t i = 0; i < 300; i++)
        cr_assert_eq(first_byte_now(store, 1, i), (uint8_t)i);
    store_close(store);
    temp_directory_free(path);
}

Test(store, a_reader_follows_an_index_that_another_process_grew, .timeout = 60)
{
    char *path = temp_directory_new();
    struct store *store, *own;
    struct store_snapshot old, snapshot;
    pid_t child;

    limit_addresses();
    store_close(open_writer(path));
    store = open_reader(path);
    OK(store_snapshot_begin(store, &old, &error));
    child = fork();
    if (child == 0) {
        if (store_open_writer(path, 5, &own, &error) != LEDE_OK)
            _exit(1);
        for (uint32_t i = 0; i < 300; i++)
            if (put(own, 1, i, 5, EXTENT_SIZE_MAX) != LEDE_OK)
                _exit(2);
        if (store_write_commit(own, &error) != LEDE_OK)
            _exit(3);
        _exit(0);
    }
    cr_assert_eq(wait_for(child), 0);
    cr_assert_eq(store_snapshot_begin(store, &snapshot, &error), LEDE_BUSY);
    cr_assert(strstr(error.text, "outgrew"), "%s", error.text);
    store_snapshot_end(&old);
    cr_assert_eq(first_byte_now(store, 1, 299), 5);
    store_close(store);
    temp_directory_free(path);
}

/* ---- permissions and disks ---- */

static void set_mode(const char *path, const char *name, mode_t mode)
{
    char file[600];

    (void)snprintf(file, sizeof file, "%s/%s", path, name);
    (void)chmod(file, mode);
}

Test(store, a_directory_without_permission_to_write_can_be_read)
{
    char *path;
    struct store *store;
    struct store_snapshot snapshot;
    pid_t child;

    another_user_or_skip();
    path = temp_directory_new();
    store = open_writer(path);
    OK(put(store, 1, 0, 5, 5000));
    OK(store_write_commit(store, &error));
    store_close(store);
    set_mode(path, "lock.mdb", 0444);
    set_mode(path, "data.mdb", 0444);
    set_mode(path, "lede.lock", 0444);
    set_mode(path, ".", 0555);
    child = fork();
    if (child == 0) {
        if (!another_user_become() || store_open_writer(path, 0, &store, &error) != LEDE_IO)
            _exit(1);
        if (store_open(path, &store, &error) != LEDE_OK ||
            store_snapshot_begin(store, &snapshot, &error) != LEDE_OK ||
            first_byte(&snapshot, 1, 0) != 5 || store_snapshot_overtaken(&snapshot))
            _exit(2);
        _exit(0);
    }
    cr_assert_eq(wait_for(child), 0);
    set_mode(path, ".", 0755);
    temp_directory_free(path);
}

Test(store, a_snapshot_that_cannot_be_registered_notices_that_it_was_overtaken)
{
    char *path, byte;
    struct store *store;
    struct store_snapshot snapshot;
    int ready[2], go[2];
    pid_t child;

    another_user_or_skip();
    path = temp_directory_new();
    store = open_writer(path);
    cr_assert_eq(pipe(ready), 0);
    cr_assert_eq(pipe(go), 0);
    OK(put(store, 1, 0, 5, 5000));
    OK(store_write_commit(store, &error));
    set_mode(path, "lock.mdb", 0444);
    set_mode(path, ".", 0555);
    child = fork();
    if (child == 0) {
        if (geteuid() != 0)
            _exit(0); /* we own the files, and access says that we may write them */
        if (!another_user_become() || store_open(path, &store, &error) != LEDE_OK ||
            store_snapshot_begin(store, &snapshot, &error) != LEDE_OK ||
            store_snapshot_overtaken(&snapshot) || write(ready[1], "x", 1) != 1 ||
            read(go[0], &byte, 1) != 1)
            _exit(1);
        _exit(store_snapshot_overtaken(&snapshot) ? 0 : 2);
    }
    if (geteuid() == 0)
        cr_assert_eq(read(ready[0], &byte, 1), 1);
    OK(put(store, 1, 0, 6, 5000));
    OK(store_write_commit(store, &error));
    cr_assert_eq(write(go[1], "x", 1), 1);
    cr_assert_eq(wait_for(child), 0);
    store_close(store);
    set_mode(path, ".", 0755);
    temp_directory_free(path);
}

/* A file system of a few megabytes of our own; false if we may not have one. */
static bool mount_small(const char *path)
{
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", path, "tmpfs", 0, "size=24m") == 0;
}

/* Fills the disk; 0 if that was told as it should be and what was committed is still whole. */
static int fill_disk(const char *path)
{
    struct store *store;
    enum lede_status status = LEDE_OK;

    if (!mount_small(path))
        return 77;
    if (store_open_writer(path, 0, &store, &error) != LEDE_OK)
        return 1;
    for (uint32_t i = 0; i < 5 && status == LEDE_OK; i++)
        status = put(store, 1, i, 1, 1 << 20);
    if (status != LEDE_OK || store_write_commit(store, &error) != LEDE_OK)
        return 2;
    for (uint32_t i = 0; i < 100 && status == LEDE_OK; i++)
        status = put(store, 2, i, 2, 1 << 20);
    if (status != LEDE_FULL || !strstr(error.text, "disk full"))
        return 3;
    store_write_abort(store);
    if (first_byte_now(store, 1, 4) != 1)
        return 4;
    store_close(store);
    return store_open_checked(path, NULL, NULL, NULL, &store, &error) == LEDE_OK ? 0 : 5;
}

/* From now on the meta page cannot be written: LMDB's descriptor for it, the one with O_DSYNC, is
 * that of a full device. */
static void refuse_meta_pages(const char *path)
{
    int full = open("/dev/full", O_WRONLY), replaced = 0;
    char wanted[600], link[64], name[600];

    (void)snprintf(wanted, sizeof wanted, "%s/data.mdb", path);
    for (int file = 3; file < 256; file++) {
        ssize_t size;

        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        size = readlink(link, name, sizeof name - 1);
        name[size > 0 ? size : 0] = '\0';
        if (strcmp(name, wanted) == 0 && fcntl(file, F_GETFL) & O_DSYNC)
            replaced += dup2(full, file) == file;
    }
    close(full);
    cr_assert_eq(replaced, 1);
}

Test(store, after_a_meta_page_could_not_be_written_all_is_closed_and_opened_again)
{
    char *path = temp_directory_new();
    struct store *store = open_writer(path), *reader;

    OK(put(store, 1, 0, 5, 5000));
    OK(store_write_commit(store, &error));
    reader = open_reader(path);
    refuse_meta_pages(path);
    OK(put(store, 1, 1, 6, 5000));
    cr_assert_eq(store_write_commit(store, &error), LEDE_FULL, "%s", error.text);
    store_write_abort(store);
    cr_assert_eq(put(store, 1, 1, 6, 5000), LEDE_IO);
    cr_assert(strstr(error.text, "open it again"), "%s", error.text);
    store_close(store);
    store_close(reader);
    store = open_writer(path);
    cr_assert_eq(first_byte_now(store, 1, 0), 5);
    OK(put(store, 1, 1, 7, 5000));
    OK(store_write_commit(store, &error));
    cr_assert_eq(first_byte_now(store, 1, 1), 7);
    store_close(store);
    temp_directory_free(path);
}

Test(store, more_readers_than_there_is_room_for_are_told_to_come_later)
{
    static struct store_snapshot snapshots[STORE_READERS + 1];
    char *path = temp_directory_new();
    struct store *store = open_writer(path);

    for (int i = 0; i < STORE_READERS; i++)
        OK(store_snapshot_begin(store, &snapshots[i], &error));
    cr_assert_eq(store_snapshot_begin(store, &snapshots[STORE_READERS], &error), LEDE_BUSY);
    cr_assert(strstr(error.text, "too many readers"), "%s", error.text);
    store_snapshot_end(&snapshots[0]);
    OK(store_snapshot_begin(store, &snapshots[0], &error));
    for (int i = 0; i < STORE_READERS; i++)
        store_snapshot_end(&snapshots[i]);
    store_close(store);
    temp_directory_free(path);
}

Test(store, a_table_of_mounts_tells_what_fuse_serves)
{
    static char table[] =
        "21 26 0:19 / /sys rw,nosuid - sysfs sysfs rw\n"
        "26 1 253:1 / / rw,relatime shared:1 master:2 - ext4 /dev/vda1 rw\n"
        "99 26 0:52 / /home/you/far rw,nosuid shared:9 - fuse.sshfs you@far: rw,user_id=0\n";
    FILE *mounts = fmemopen(table, sizeof table - 1, "r");
    char type[STORE_MOUNT_TYPE];

    cr_assert(store_mount_type(mounts, makedev(0, 52), type));
    cr_assert_str_eq(type, "fuse.sshfs");
    rewind(mounts);
    cr_assert(store_mount_type(mounts, makedev(253, 1), type));
    cr_assert_str_eq(type, "ext4");
    rewind(mounts);
    cr_assert_not(store_mount_type(mounts, makedev(0, 5), type));
    (void)fclose(mounts);
}

Test(store, a_full_disk_is_told_as_one_and_harms_nothing)
{
    char *path = temp_directory_new();
    pid_t child = fork();
    int code;

    if (child == 0)
        _exit(fill_disk(path));
    code = wait_for(child);
    temp_directory_free(path);
    if (code == 77)
        cr_skip_test("no file system of our own can be mounted");
    cr_assert_eq(code, 0);
}
