#include <criterion/criterion.h>

#include "base/account.h"
#include "index/source_file.h"
#include "tests/index/byte_stream.h"
#include "tests/index/dice.h"

enum { SEGMENT = 4, FILES = 5000 };

struct file { /* as a test remembers it */
    char path[64];
    bool complete;
    struct source_stamp stamp;
};

struct shelf {
    struct memory_records memory;
    struct stream_writer stream;
    struct source_file_writer *writer;
    struct stream sources;
};

static void shelf_begin(struct shelf *shelf)
{
    memory_records_init(&shelf->memory);
    stream_writer_init(&shelf->stream, SEGMENT, STREAM_SOURCES, &shelf->memory.sink, NULL);
    cr_assert_eq(source_file_writer_new(&shelf->stream, NULL, &shelf->writer, NULL), LEDE_OK);
}

static uint32_t shelf_add(struct shelf *shelf, const char *path, const struct source_stamp *stamp)
{
    uint32_t number;

    cr_assert_eq(source_file_writer_add(shelf->writer, slice_str(path), &number, NULL), LEDE_OK);
    if (stamp)
        source_file_writer_complete(shelf->writer, stamp);
    return number;
}

static void shelf_end(struct shelf *shelf)
{
    cr_assert_eq(source_file_writer_finish(shelf->writer, NULL), LEDE_OK);
    source_file_writer_free(shelf->writer);
    byte_stream_open(&shelf->memory, &shelf->stream, &shelf->sources);
}

static void shelf_done(struct shelf *shelf)
{
    stream_done(&shelf->sources);
    memory_records_done(&shelf->memory);
}

static bool is_file(const struct source_file *read, const struct file *file)
{
    return slice_equal(read->path, slice_str(file->path)) && read->complete == file->complete &&
           source_stamp_equal(&read->stamp, &file->stamp);
}

/* ---- what it is ---- */

Test(source_file, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {4,    '/', 'n', '/', '1', 3, 0x0a, 0xac, 0x02, 7, 0, 0,
                                       0,    4,   1,   '2', 0,               /* the group */
                                       0,    0,   0,   0,   0,   0, 0,       /* zeros */
                                       0x11, 0,   0,   0,   0,   0, 0,    0, /* directory */
                                       0x18, 0,   0,   0,   0,   0, 0,    0,    2,    0, 0, 0};
    struct shelf shelf;

    shelf_begin(&shelf);
    cr_expect_eq(shelf_add(&shelf, "/n/1", &(struct source_stamp){5, 300, 7}), 0);
    cr_expect_eq(shelf_add(&shelf, "/n/12", NULL), 1);
    shelf_end(&shelf);
    cr_assert_eq(shelf.sources.size, sizeof expected);
    cr_expect_arr_eq(stream_at(&shelf.sources, 0, sizeof expected, NULL), expected,
                     sizeof expected);
    shelf_done(&shelf);
}

Test(source_file, no_files_are_no_bytes)
{
    struct source_file_cursor cursor;
    struct source_file file;
    struct buffer path;
    struct shelf shelf;

    buffer_init(&path, NULL);
    shelf_begin(&shelf);
    shelf_end(&shelf);
    cr_expect_eq(shelf.sources.size, 0);
    cr_expect_eq(source_file_cursor_init(&cursor, &shelf.sources, NULL), LEDE_OK);
    cr_expect_eq(source_file_cursor_next(&cursor, &file, NULL), LEDE_MISSING);
    source_file_cursor_done(&cursor);
    cr_expect_eq(source_file_get(&shelf.sources, 0, &path, &file, NULL), LEDE_CORRUPT);
    buffer_done(&path);
    shelf_done(&shelf);
}

Test(source_file, a_path_that_comes_again_goes_on_until_it_is_complete)
{
    static const struct source_stamp stamp = {1, 2, 3};
    struct shelf shelf;

    shelf_begin(&shelf);
    cr_expect_eq(shelf_add(&shelf, "/a", NULL), 0);
    cr_expect_eq(shelf_add(&shelf, "/a", &stamp), 0);
    cr_expect_eq(shelf_add(&shelf, "/a", NULL), 1);
    cr_expect_eq(shelf_add(&shelf, "/b", NULL), 2);
    cr_expect_eq(shelf_add(&shelf, "/a", NULL), 3);
    cr_expect_eq(source_file_writer_count(shelf.writer), 4);
    shelf_end(&shelf);
    shelf_done(&shelf);
}

Test(source_file, a_path_has_between_one_and_4096_bytes)
{
    static char path[SOURCE_PATH_MAX + 1];
    uint32_t number;
    struct shelf shelf;

    memset(path, 'x', sizeof path);
    shelf_begin(&shelf);
    cr_expect_eq(source_file_writer_add(shelf.writer, slice_str(""), &number, NULL), LEDE_INVALID);
    cr_expect_eq(source_file_writer_add(shelf.writer, slice_of(path, sizeof path), &number, NULL),
                 LEDE_LIMIT);
    for (unsigned i = 0; i < 2 * SOURCE_GROUP; i++) { /* groups as large as they may be */
        path[0] = (char)i;
        cr_expect_eq(
            source_file_writer_add(shelf.writer, slice_of(path, SOURCE_PATH_MAX), &number, NULL),
            LEDE_OK);
        source_file_writer_complete(
            shelf.writer,
            &(struct source_stamp){i % 2 ? INT64_MIN : INT64_MAX, UINT64_MAX, UINT32_MAX - i});
    }
    shelf_end(&shelf);
    cr_expect_gt(shelf.sources.size, 2 * SOURCE_GROUP * SOURCE_PATH_MAX);
    shelf_done(&shelf);
}

/* ---- many of them ---- */

static void random_file(struct dice *dice, struct file *file, unsigned i)
{
    (void)snprintf(file->path, sizeof file->path, "/archive/%u/%u/%x.txt", i / 700,
                   dice_below(dice, 3), dice_bits(dice, 20) * 2 + i % 2);
    file->complete = dice_below(dice, 3) > 0;
    file->stamp = (struct source_stamp){0};
    if (!file->complete)
        return;
    file->stamp.modified = dice_below(dice, 5)
                               ? (int64_t)(1700000000000000000 + dice_bits(dice, 30))
                               : (int64_t)dice_roll(dice);
    file->stamp.size = dice_below(dice, 5) ? dice_bits(dice, 20) : dice_roll(dice);
    file->stamp.reading = dice_below(dice, 4);
}

Test(source_file, what_was_written_is_read_in_order_and_by_number)
{
    static struct file files[FILES];
    struct dice dice = dice_begin();
    struct source_file_cursor cursor;
    struct source_file read;
    struct buffer path;
    struct shelf shelf;

    buffer_init(&path, NULL);
    shelf_begin(&shelf);
    for (unsigned i = 0; i < FILES; i++) {
        do
            random_file(&dice, &files[i], i);
        while (i > 0 && strcmp(files[i].path, files[i - 1].path) == 0);
        cr_assert_eq(shelf_add(&shelf, files[i].path, files[i].complete ? &files[i].stamp : NULL),
                     i);
    }
    shelf_end(&shelf);
    cr_assert_eq(source_file_cursor_init(&cursor, &shelf.sources, NULL), LEDE_OK);
    cr_assert_eq(cursor.count, FILES);
    for (unsigned i = 0; i < FILES; i++) {
        cr_assert_eq(source_file_cursor_next(&cursor, &read, NULL), LEDE_OK);
        cr_assert(is_file(&read, &files[i]), "file %u", i);
    }
    cr_assert_eq(source_file_cursor_next(&cursor, &read, NULL), LEDE_MISSING);
    source_file_cursor_done(&cursor);
    for (unsigned i = 0; i < FILES; i++) {
        unsigned number = dice_below(&dice, FILES);

        cr_assert_eq(source_file_get(&shelf.sources, number, &path, &read, NULL), LEDE_OK);
        cr_assert(is_file(&read, &files[number]), "file %u", number);
    }
    cr_assert_eq(source_file_get(&shelf.sources, FILES, &path, &read, NULL), LEDE_CORRUPT);
    buffer_done(&path);
    shelf_done(&shelf);
    dice_end();
}

Test(source_file, groups_and_directory_go_on_in_the_next_extent)
{
    enum { COUNT = 60000 };
    struct source_file read;
    struct buffer path;
    char name[64];
    struct shelf shelf;

    buffer_init(&path, NULL);
    shelf_begin(&shelf);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "/%08x/%08x/%08x", (unsigned)i * 2654435761U,
                       (unsigned)i * 40503U, (unsigned)i);
        shelf_add(&shelf, name, &(struct source_stamp){i, (uint64_t)i, 1});
    }
    shelf_end(&shelf);
    cr_expect_gt(shelf.sources.size, EXTENT_CAPACITY);
    for (unsigned i = 0; i < COUNT; i += 7) {
        cr_assert_eq(source_file_get(&shelf.sources, i, &path, &read, NULL), LEDE_OK);
        cr_assert_eq(read.stamp.size, i);
    }
    buffer_done(&path);
    shelf_done(&shelf);
}

/* ---- damage ---- */

Test(source_file, no_bytes_whatever_lead_astray)
{
    struct dice dice = dice_begin();
    struct memory_records memory;
    struct stream sources;
    struct shelf shelf;
    uint8_t *whole, *bytes;
    size_t size;

    shelf_begin(&shelf);
    for (int i = 0; i < 40; i++) {
        struct file file;

        random_file(&dice, &file, (unsigned)i);
        shelf_add(&shelf, file.path, file.complete ? &file.stamp : NULL);
    }
    shelf_end(&shelf);
    size = (size_t)shelf.sources.size;
    whole = malloc(size);
    bytes = malloc(size);
    cr_assert(whole && bytes);
    memcpy(whole, stream_at(&shelf.sources, 0, size, NULL), size);
    for (int round = 0; round < 2000; round++) {
        struct source_file_cursor cursor;
        struct source_file file;
        enum lede_status status;
        size_t left = dice_below(&dice, 2) ? size : dice_below(&dice, (uint32_t)size);
        uint32_t read = 0;

        memcpy(bytes, whole, size);
        bytes[dice_below(&dice, (uint32_t)size)] = (uint8_t)dice_roll(&dice);
        memory_records_init(&memory);
        byte_stream_of(&memory, SEGMENT, STREAM_SOURCES, bytes, left, &sources);
        status = source_file_cursor_init(&cursor, &sources, NULL);
        while (status == LEDE_OK) {
            status = source_file_cursor_next(&cursor, &file, NULL);
            read += status == LEDE_OK;
        }
        cr_assert(status == LEDE_CORRUPT || (status == LEDE_MISSING && read == cursor.count));
        source_file_cursor_done(&cursor);
        stream_done(&sources);
        memory_records_done(&memory);
    }
    free(whole);
    free(bytes);
    shelf_done(&shelf);
    dice_end();
}

Test(source_file, memory_that_runs_out_is_a_status)
{
    struct source_file_writer *writer;
    struct stream_writer stream;
    struct memory_records memory;
    struct account account;
    size_t limit = 0;
    enum lede_status status;

    do {
        uint32_t number;

        memory_records_init(&memory);
        account_init(&account, limit += 997);
        stream_writer_init(&stream, SEGMENT, STREAM_SOURCES, &memory.sink, &account);
        status = source_file_writer_new(&stream, &account, &writer, NULL);
        if (status == LEDE_OK) {
            for (int i = 0; i < 600 && status == LEDE_OK; i++)
                status = source_file_writer_add(writer, slice_str(i % 2 ? "/one" : "/two"), &number,
                                                NULL);
            if (status == LEDE_OK)
                status = source_file_writer_finish(writer, NULL);
            source_file_writer_free(writer);
        }
        stream_writer_done(&stream);
        memory_records_done(&memory);
        cr_assert_eq(atomic_load(&account.used), 0);
        cr_assert(status == LEDE_OK || status == LEDE_NO_MEMORY);
        limit += limit > 20000 ? EXTENT_SIZE_MAX / 3 : 0;
    } while (status != LEDE_OK);
}
