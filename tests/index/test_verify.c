#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "index/verify.h"
#include "tests/index/memory_index.h"

static struct lede_error error;

static void count(void *context, const char *what)
{
    (void)what;
    ++*(unsigned *)context;
}

static void index_write(const char *path, uint32_t documents, uint32_t terms, uint64_t seed)
{
    struct dice dice = dice_of(seed);
    struct plain_index plain;

    plain_index_make(&plain, &dice, 2, documents, terms, true);
    plain_index_write(&plain, path);
    plain_index_free(&plain);
}

/* ---- whole indexes ---- */

Test(verify, a_whole_index_passes_and_is_counted)
{
    struct dice dice = dice_new();
    struct verify_totals totals;
    struct plain_index plain;
    char *path = temp_directory_new();
    unsigned problems = 0;

    fprintf(stderr, "LEDE_SEED=%llu\n", (unsigned long long)dice.seed);
    plain_index_make(&plain, &dice, 3, 5000, 100, true);
    plain_index_write(&plain, path);
    for (int deep = 0; deep < 2; deep++) {
        cr_assert_eq(verify_index(path, deep, count, &problems, &totals, &error), LEDE_OK, "%s",
                     error.text);
        cr_assert_eq(problems, 0);
        cr_assert_eq(totals.segments, 3);
        cr_assert_eq(totals.documents, 15000);
        cr_assert_eq(totals.terms, 300);
        cr_assert_eq(totals.garbage, 0);
        cr_assert_eq(totals.deleted, plain.segments[0].deleted + plain.segments[1].deleted +
                                         plain.segments[2].deleted);
        cr_assert_eq(totals.file.lost, 0);
        cr_assert_gt(totals.bytes, 1000000);
    }
    plain_index_free(&plain);
    temp_directory_free(path);
}

Test(verify, nothing_there_is_missing_not_damaged)
{
    char *path = temp_directory_new();

    cr_assert_eq(verify_index(path, true, NULL, NULL, NULL, &error), LEDE_MISSING);
    cr_assert_eq(verify_index("/nowhere/at/all", true, NULL, NULL, NULL, NULL), LEDE_MISSING);
    file_write(path, "data.mdb", "", 0);
    cr_assert_eq(verify_index(path, true, NULL, NULL, NULL, &error), LEDE_MISSING);
    temp_directory_free(path);
}

Test(verify, records_nobody_names_are_garbage_not_damage)
{
    char *path = temp_directory_new();
    struct verify_totals totals;
    struct dice dice = dice_of(3);
    struct plain_index plain;
    struct record_sink sink;
    struct store *store;

    index_write(path, 100, 10, 1);
    plain_index_make(&plain, &dice, 1, 50, 10, true);
    plain.segments[0].info.number = 77;
    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_OK);
    sink = store_sink(store);
    cr_assert_eq(plain_segment_write(&plain, &plain.segments[0], &sink, NULL, &error), LEDE_OK);
    cr_assert_eq(store_write_commit(store, &error), LEDE_OK);
    store_close(store);
    cr_assert_eq(verify_index(path, true, NULL, NULL, &totals, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(totals.garbage, 1);
    cr_assert_geq(totals.garbage_records, 2); /* a page of the dictionary, a piece */
    plain_index_free(&plain);
    temp_directory_free(path);
}

/* Changes to the manifest that checksums do not see. */
static enum lede_status verify_with(const char *path, void (*change)(struct manifest *manifest))
{
    struct store_snapshot snapshot;
    struct manifest manifest, changed;
    struct store *store;
    enum lede_status status;

    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_OK);
    cr_assert_eq(store_snapshot_begin(store, &snapshot, &error), LEDE_OK);
    cr_assert_eq(store_manifest(&snapshot, &manifest, &error), LEDE_OK);
    store_snapshot_end(&snapshot);
    cr_assert_eq(manifest_copy(&manifest, &changed, &error), LEDE_OK);
    change(&changed);
    cr_assert_eq(store_flip(store, &changed, NULL, 0, &error), LEDE_OK);
    status = verify_index(path, false, NULL, NULL, NULL, &error);
    cr_assert_eq(store_flip(store, &manifest, NULL, 0, &error), LEDE_OK);
    manifest_done(&manifest);
    manifest_done(&changed);
    store_close(store);
    return status;
}

static void one_more_term(struct manifest *manifest)
{
    manifest->segments[0].terms++;
}

static void one_more_token(struct manifest *manifest)
{
    manifest->segments[1].tokens++;
}

static void one_more_posting(struct manifest *manifest)
{
    manifest->segments[1].postings++;
}

static void one_more_page(struct manifest *manifest)
{
    manifest->segments[0].dictionary_pages++;
}

static void one_less_deleted(struct manifest *manifest)
{
    manifest->segments[0].deleted--;
}

static void nothing_deleted(struct manifest *manifest)
{
    manifest->segments[0].deleted = 0;
}

static void another_language(struct manifest *manifest)
{
    manifest->segments[0].languages[1]--;
    manifest->segments[0].languages[9]++;
}

static void one_longer(struct manifest *manifest)
{
    manifest->segments[0].longest++;
}

static void one_counted_less(struct manifest *manifest)
{
    manifest->segments[0].counted--;
}

static void an_extent_more(struct manifest *manifest)
{
    manifest->segments[0].stream_sizes[STREAM_POSTINGS] += EXTENT_CAPACITY;
}

static void an_extent_less(struct manifest *manifest)
{
    manifest->segments[0].stream_sizes[STREAM_ARTICLES] = 0;
}

static void nothing(struct manifest *manifest)
{
    (void)manifest;
}

Test(verify, a_manifest_that_says_something_else_is_damage)
{
    static void (*const CHANGES[])(struct manifest * manifest) = {
        one_more_term,    one_more_token,  one_more_posting, one_more_page,
        one_less_deleted, nothing_deleted, another_language, one_longer,
        one_counted_less, an_extent_more,  an_extent_less};
    char *path = temp_directory_new();

    index_write(path, 400, 20, 1);
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++)
        cr_assert_eq(verify_with(path, CHANGES[i]), LEDE_CORRUPT, "change %zu", i);
    cr_assert_eq(verify_with(path, nothing), LEDE_OK, "%s", error.text);
    temp_directory_free(path);
}

/* ---- damaged files ---- */

/* A hash of every record that a reader of the index can see. */
static enum lede_status digest(const char *path, uint64_t *out)
{
    uint8_t next[600] = {0};
    struct store_snapshot snapshot;
    struct slice key, value;
    struct store *store;
    enum lede_status status = store_open(path, &store, &error);

    *out = 0;
    if (status != LEDE_OK)
        return status;
    status = store_snapshot_begin(store, &snapshot, &error);
    for (int table = 0; table < TABLE_COUNT && status == LEDE_OK; table++) {
        struct slice from = slice_of(next, 1);

        next[0] = 0;
        for (;;) {
            status = store_seek(&snapshot, (enum table)table, from, &key, &value, &error);
            if (status != LEDE_OK)
                break;
            *out = XXH3_64bits_withSeed(key.data, key.size, *out);
            *out = XXH3_64bits_withSeed(value.data, value.size, *out);
            memcpy(next, key.data, key.size);
            next[key.size] = 0;
            from.size = key.size + 1;
        }
        if (status == LEDE_MISSING)
            status = LEDE_OK;
    }
    store_snapshot_end(&snapshot);
    store_close(store);
    return status;
}

/* Verify says that an index is whole only if what it holds is what it held. */
static void check_damaged(const char *path, uint64_t expected, const char *what, uint64_t at)
{
    uint64_t got;
    enum lede_status status = verify_index(path, true, NULL, NULL, NULL, &error);

    if (status != LEDE_OK)
        return;
    cr_assert_eq(digest(path, &got), LEDE_OK, "%s %llu", what, (unsigned long long)at);
    cr_assert_eq(got, expected, "%s %llu", what, (unsigned long long)at);
}

enum { FLIPS = 1500 };

/* The offsets in data.mdb to damage: half of them in the pages of LMDB's trees. */
static uint64_t offset_pick(struct dice *dice, const uint8_t *file, size_t size)
{
    for (;;) {
        uint64_t at = dice_roll(dice) % size;
        unsigned flags = load_le16(file + at / PAGE_SIZE * PAGE_SIZE + 10);
        bool is_own = load_le64(file + at / PAGE_SIZE * PAGE_SIZE) == at / PAGE_SIZE;

        if (dice_below(dice, 2) == 0 || (is_own && (flags & ~0xbU) == 0 && flags != 0))
            return at;
    }
}

static void write_at(const char *path, uint64_t offset, const void *bytes, size_t size)
{
    char name[600];
    FILE *file;

    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    file = fopen(name, "r+b");
    cr_assert(file && fseek(file, (long)offset, SEEK_SET) == 0);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

Test(verify, a_flipped_byte_anywhere_is_reported_or_was_not_used, .timeout = 120)
{
    struct dice dice = dice_new();
    char *path = temp_directory_new();
    unsigned reported = 0, flips = getenv("LEDE_SANITIZED") ? FLIPS / 4 : FLIPS; /* it is slow */
    uint64_t expected;
    uint8_t *file;
    size_t size;

    fprintf(stderr, "LEDE_SEED=%llu\n", (unsigned long long)dice.seed);
    index_write(path, 60, 12, dice.seed);
    cr_assert_eq(digest(path, &expected), LEDE_OK);
    file = file_read(path, "data.mdb", &size);
    for (unsigned i = 0; i < flips; i++) {
        uint64_t at = offset_pick(&dice, file, size);
        uint8_t flipped = (uint8_t)(file[at] ^ (1 + dice_below(&dice, 255)));

        write_at(path, at, &flipped, 1);
        check_damaged(path, expected, "byte", at);
        reported += verify_index(path, false, NULL, NULL, NULL, NULL) != LEDE_OK;
        write_at(path, at, &file[at], 1);
    }
    cr_assert_gt(reported, flips / 5);
    cr_assert_eq(verify_index(path, true, NULL, NULL, NULL, &error), LEDE_OK, "%s", error.text);
    free(file);
    temp_directory_free(path);
}

/* LMDB would look for the other meta page where this one says, and die. */
Test(verify, a_damaged_page_size_in_either_meta_page_is_told)
{
    char *path = temp_directory_new();
    uint8_t *file;
    size_t size;

    index_write(path, 60, 12, 1);
    file = file_read(path, "data.mdb", &size);
    for (uint64_t at = 40; at < 2 * PAGE_SIZE; at += at % PAGE_SIZE == 43 ? PAGE_SIZE - 3 : 1) {
        uint8_t flipped = file[at] ^ 0x55;

        write_at(path, at, &flipped, 1);
        cr_expect_eq(verify_index(path, true, NULL, NULL, NULL, &error), LEDE_CORRUPT, "%s",
                     error.text);
        write_at(path, at, &file[at], 1);
    }
    free(file);
    temp_directory_free(path);
}

Test(verify, a_file_cut_short_is_reported_or_had_free_pages_there)
{
    char *path = temp_directory_new(), name[600];
    uint64_t expected;
    uint8_t *file;
    size_t size;

    index_write(path, 60, 12, 5);
    cr_assert_eq(digest(path, &expected), LEDE_OK);
    file = file_read(path, "data.mdb", &size);
    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    for (size_t cut = size - 1000; cut > 3000; cut -= 1000) {
        cr_assert_eq(truncate(name, (off_t)cut), 0);
        check_damaged(path, expected, "cut at", cut);
    }
    file_write(path, "data.mdb", file, size);
    cr_assert_eq(verify_index(path, true, NULL, NULL, NULL, &error), LEDE_OK, "%s", error.text);
    free(file);
    temp_directory_free(path);
}

Test(verify, pages_zeroed_or_swapped_are_reported_or_were_not_used)
{
    struct dice dice = dice_new();
    char *path = temp_directory_new();
    static const uint8_t ZEROS[PAGE_SIZE];
    uint64_t expected, pages;
    uint8_t *file;
    size_t size;

    fprintf(stderr, "LEDE_SEED=%llu\n", (unsigned long long)dice.seed);
    index_write(path, 60, 12, 5);
    cr_assert_eq(digest(path, &expected), LEDE_OK);
    file = file_read(path, "data.mdb", &size);
    pages = size / PAGE_SIZE;
    for (uint64_t a = 0; a < pages; a++) {
        uint64_t b = dice_roll(&dice) % pages;

        write_at(path, a * PAGE_SIZE, ZEROS, PAGE_SIZE);
        check_damaged(path, expected, "zeroed page", a);
        write_at(path, a * PAGE_SIZE, file + b * PAGE_SIZE, PAGE_SIZE);
        check_damaged(path, expected, "copied page", a);
        write_at(path, b * PAGE_SIZE, file + a * PAGE_SIZE, PAGE_SIZE);
        check_damaged(path, expected, "swapped page", a);
        write_at(path, a * PAGE_SIZE, file + a * PAGE_SIZE, PAGE_SIZE);
        write_at(path, b * PAGE_SIZE, file + b * PAGE_SIZE, PAGE_SIZE);
    }
    free(file);
    temp_directory_free(path);
}

Test(verify, a_writer_refuses_a_file_that_is_damaged)
{
    char *path = temp_directory_new();
    struct store *store;
    uint8_t *file;
    size_t size, at;

    index_write(path, 60, 12, 5);
    file = file_read(path, "data.mdb", &size);
    for (at = 2 * PAGE_SIZE; load_le16(file + at + 10) != 2; at += PAGE_SIZE)
        ;
    for (; at < size; at += PAGE_SIZE) { /* the leaf pages that are in use and the others */
        uint8_t garbage[2] = {0xff, 0x7f};

        if (load_le16(file + at + 10) == 2)
            write_at(path, at + 12, garbage, 2);
    }
    cr_assert_eq(store_open_writer(path, 0, &store, &error), LEDE_CORRUPT);
    cr_assert(strstr(error.text, "verify"), "%s", error.text);
    cr_assert_eq(store_open_checked(path, NULL, NULL, NULL, &store, &error), LEDE_CORRUPT);
    free(file);
    temp_directory_free(path);
}

Test(lmdb_check, another_page_size_or_version_is_incompatible)
{
    char *path = temp_directory_new(), name[600];
    uint8_t *file, version = 2;
    size_t size;

    index_write(path, 60, 12, 5);
    file = file_read(path, "data.mdb", &size);
    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    write_at(path, PAGE_HEADER + 4, &version, 1);
    cr_assert_eq(lmdb_check_path(name, LMDB_NEWEST, NULL, NULL, NULL, &error), LEDE_INCOMPATIBLE);
    free(file);
    temp_directory_free(path);
}

Test(lmdb_check, the_tree_of_an_older_transaction_can_be_looked_at_until_it_is_written_over)
{
    char *path = temp_directory_new(), name[600];
    struct lmdb_totals totals;
    uint64_t newest;

    index_write(path, 60, 12, 5);
    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    cr_assert_eq(lmdb_check_path(name, LMDB_NEWEST, NULL, NULL, &totals, &error), LEDE_OK);
    newest = totals.transaction;
    cr_assert_eq(lmdb_check_path(name, newest, NULL, NULL, &totals, &error), LEDE_OK);
    cr_assert_eq(lmdb_check_path(name, newest - 1, NULL, NULL, &totals, &error), LEDE_OK);
    cr_assert_eq(totals.transaction, newest - 1);
    cr_assert_eq(lmdb_check_path(name, newest - 2, NULL, NULL, &totals, &error), LEDE_MISSING);
    temp_directory_free(path);
}
