#include <criterion/criterion.h>

#include "base/account.h"
#include "index/column.h"
#include "tests/index/byte_stream.h"
#include "tests/index/dice.h"

enum { SEGMENT = 3 };

/* A segment's columns, written and opened. */
struct shelf {
    struct memory_records memory;
    struct stream columns, windows;
    struct column_source source;
};

static void shelf_write(struct shelf *shelf, const int64_t (*values)[COLUMN_COUNT], uint32_t count)
{
    struct stream_writer columns, windows;
    struct column_writer *writer;

    memory_records_init(&shelf->memory);
    stream_writer_init(&columns, SEGMENT, STREAM_COLUMNS, &shelf->memory.sink, NULL);
    stream_writer_init(&windows, SEGMENT, STREAM_WINDOWS, &shelf->memory.sink, NULL);
    cr_assert_eq(column_writer_new(&columns, &windows, NULL, &writer, NULL), LEDE_OK);
    for (uint32_t i = 0; i < count; i++)
        cr_assert_eq(column_writer_add(writer, values[i], NULL), LEDE_OK);
    cr_assert_eq(column_writer_finish(writer, NULL), LEDE_OK);
    column_writer_free(writer);
    byte_stream_open(&shelf->memory, &columns, &shelf->columns);
    byte_stream_open(&shelf->memory, &windows, &shelf->windows);
    shelf->source = (struct column_source){&shelf->columns, &shelf->windows, count};
}

static void shelf_done(struct shelf *shelf)
{
    stream_done(&shelf->columns);
    stream_done(&shelf->windows);
    memory_records_done(&shelf->memory);
}

/* Replaces both streams by these bytes. */
static void shelf_set(struct shelf *shelf, const void *columns, size_t columns_size,
                      const void *windows, size_t windows_size)
{
    stream_done(&shelf->columns);
    stream_done(&shelf->windows);
    byte_stream_of(&shelf->memory, SEGMENT, STREAM_COLUMNS, columns, columns_size, &shelf->columns);
    byte_stream_of(&shelf->memory, SEGMENT, STREAM_WINDOWS, windows, windows_size, &shelf->windows);
}

static int64_t get(const struct shelf *shelf, enum column column, doc_id document)
{
    int64_t value = 0;
    struct lede_error error = {0};

    cr_assert_eq(column_get(&shelf->source, column, document, &value, &error), LEDE_OK, "%s",
                 error.text);
    return value;
}

/* Three documents: dates 5, 7 and none; all else missing. */
static void example(struct shelf *shelf)
{
    int64_t values[3][COLUMN_COUNT];

    for (int i = 0; i < 3; i++)
        for (int column = 0; column < COLUMN_COUNT; column++)
            values[i][column] = COLUMN_MISSING;
    values[0][COLUMN_DATE] = 5;
    values[1][COLUMN_DATE] = 7;
    shelf_write(shelf, (const int64_t(*)[COLUMN_COUNT])values, 3);
}

Test(column, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {2, 1, 0x0d, 0, 1, 0, 1}; /* and two empty blocks */
    struct shelf shelf;
    const uint8_t *bytes, *record;

    example(&shelf);
    bytes = stream_at(&shelf.columns, 0, sizeof expected, NULL);
    record = stream_at(&shelf.windows, 0, COLUMN_RECORD, NULL);
    cr_assert(bytes && record);
    cr_expect_arr_eq(bytes, expected, sizeof expected);
    cr_expect_eq(load_le64(record), 0);
    cr_expect_eq(load_le64(record + 8), 5);
    cr_expect_eq(load_le64(record + 16), 7);
    cr_expect_eq(load_le64(record + 24), 3);
    cr_expect_eq(load_le64(record + 32), 1, "all missing: min 1");
    cr_expect_eq(load_le64(record + 40), 0, "all missing: max 0");
    cr_expect_eq(shelf.windows.size, COLUMN_RECORD);
    cr_expect_eq(get(&shelf, COLUMN_DATE, 0), 5);
    cr_expect_eq(get(&shelf, COLUMN_DATE, 1), 7);
    cr_expect_eq(get(&shelf, COLUMN_DATE, 2), COLUMN_MISSING);
    cr_expect_eq(get(&shelf, COLUMN_TOKENS, 1), COLUMN_MISSING);
    shelf_done(&shelf);
}

/* Values of COLUMN_DUPLICATE_GROUP that come behind the others: of `given` windows. */
static void compare_late(uint32_t count, uint32_t given)
{
    struct stream_writer columns, windows;
    struct column_writer *writer;
    struct shelf shelf;

    memory_records_init(&shelf.memory);
    stream_writer_init(&columns, SEGMENT, STREAM_COLUMNS, &shelf.memory.sink, NULL);
    stream_writer_init(&windows, SEGMENT, STREAM_WINDOWS, &shelf.memory.sink, NULL);
    cr_assert_eq(column_writer_new(&columns, &windows, NULL, &writer, NULL), LEDE_OK);
    column_writer_late_groups(writer);
    for (uint32_t i = 0; i < count; i++) {
        int64_t values[COLUMN_COUNT];

        for (int column = 0; column < COLUMN_COUNT; column++)
            values[column] = 100 * (int64_t)i + column;
        cr_assert_eq(column_writer_add(writer, values, NULL), LEDE_OK);
    }
    cr_assert_eq(column_writer_end(writer, NULL), LEDE_OK);
    for (uint32_t window = 0; window < given; window++) {
        uint32_t left = count - (uint32_t)(window * WINDOW_DOCS),
                 size = left < WINDOW_DOCS ? left : WINDOW_DOCS;
        int64_t groups[WINDOW_DOCS];

        for (uint32_t i = 0; i < size; i++)
            groups[i] = i % 3 == 0 ? -(int64_t)(window * WINDOW_DOCS + i) : COLUMN_MISSING;
        cr_assert_eq(column_writer_groups(writer, groups, size, NULL), LEDE_OK);
    }
    cr_assert_eq(column_writer_finish(writer, NULL), LEDE_OK);
    column_writer_free(writer);
    byte_stream_open(&shelf.memory, &columns, &shelf.columns);
    byte_stream_open(&shelf.memory, &windows, &shelf.windows);
    shelf.source = (struct column_source){&shelf.columns, &shelf.windows, count};
    for (uint32_t i = 0; i < count; i++) {
        bool has = i / WINDOW_DOCS < given && i % WINDOW_DOCS % 3 == 0;

        cr_assert_eq(get(&shelf, COLUMN_DUPLICATE_GROUP, i), has ? -(int64_t)i : COLUMN_MISSING,
                     "%u of %u", i, count);
        cr_assert_eq(get(&shelf, COLUMN_CONTENT_HASH, i), 100 * i + COLUMN_CONTENT_HASH);
        cr_assert_eq(get(&shelf, COLUMN_SIGNATURE, i), 100 * i + COLUMN_SIGNATURE);
    }
    shelf_done(&shelf);
}

Test(column, groups_may_come_behind_the_documents)
{
    compare_late(0, 0);
    compare_late(5, 1);
    compare_late(WINDOW_DOCS, 1);
    compare_late(2 * WINDOW_DOCS + 77, 3);
}

Test(column, groups_that_do_not_come_are_missing)
{
    compare_late(5, 0);
    compare_late(2 * WINDOW_DOCS + 77, 1);
}

Test(column, the_record_of_a_window_is_where_the_format_says)
{
    cr_expect_eq(COLUMN_RECORD, 288);
    cr_expect_eq(COLUMN_RECORDS, 3636);
    cr_expect_eq(column_record_offset(0), 0);
    cr_expect_eq(column_record_offset(3635), 3635 * 288);
    cr_expect_eq(column_record_offset(3637), 1047424 + 288);
}

Test(column, a_document_or_window_that_is_not_there_is_invalid)
{
    struct shelf shelf;
    int64_t value, min, max, out[WINDOW_DOCS];

    example(&shelf);
    cr_expect_eq(column_get(&shelf.source, COLUMN_DATE, 3, &value, NULL), LEDE_INVALID);
    cr_expect_eq(column_get(&shelf.source, COLUMN_DATE, DOC_END, &value, NULL), LEDE_INVALID);
    cr_expect_eq(column_window(&shelf.source, COLUMN_DATE, 1, out, &min, &max, NULL), LEDE_INVALID);
    cr_expect_eq(column_bounds(&shelf.source, COLUMN_DATE, UINT32_MAX, &min, &max, NULL),
                 LEDE_INVALID);
    shelf_done(&shelf);
}

Test(column, no_documents_are_no_streams)
{
    struct shelf shelf;

    shelf_write(&shelf, NULL, 0);
    cr_expect_eq(shelf.columns.size, 0);
    cr_expect_eq(shelf.windows.size, 0);
    cr_expect_eq(shelf.memory.count, 0);
    shelf_done(&shelf);
}

/* ---- random columns ---- */

/* A column's values are of a random number of bits around a random centre, some missing. */
struct habit {
    unsigned bits;
    int64_t centre;
    uint32_t gaps; /* missing in 8 */
};

static int64_t random_value(struct dice *dice, const struct habit *habit)
{
    uint64_t spread = habit->bits == 0 ? 0 : dice_roll(dice) >> (64 - habit->bits);
    int64_t value = (int64_t)((uint64_t)habit->centre + spread);

    return dice_below(dice, 8) < habit->gaps ? COLUMN_MISSING : value;
}

/* Values as they are read back: those of COLUMN_NAMES are the group's. */
static void random_values(struct dice *dice, int64_t (*values)[COLUMN_COUNT], uint32_t count)
{
    for (int column = 0; column < COLUMN_COUNT; column++) {
        struct habit habit = {0, 0, 0};

        for (uint32_t i = 0; i < count; i++) {
            if (i % WINDOW_DOCS == 0)
                habit = (struct habit){dice_below(dice, 65), (int64_t)dice_roll(dice),
                                       dice_below(dice, 3) ? 0 : dice_below(dice, 9)};
            values[i][column] = random_value(dice, &habit);
            if (column == COLUMN_NAMES && i % NAME_GROUP != 0)
                values[i][column] = values[i - 1][column];
        }
    }
}

static void check_window(const struct shelf *shelf, const int64_t (*values)[COLUMN_COUNT],
                         enum column column, uint32_t window, uint64_t seed)
{
    uint32_t step = column == COLUMN_NAMES ? NAME_GROUP : 1;
    uint32_t first = window * WINDOW_DOCS, end = first + WINDOW_DOCS;
    int64_t out[WINDOW_DOCS], min, max, least = INT64_MAX, most = INT64_MIN, low, high;

    if (end > shelf->source.documents)
        end = shelf->source.documents;
    cr_assert_eq(column_window(&shelf->source, column, window, out, &min, &max, NULL), LEDE_OK);
    cr_assert_eq(column_bounds(&shelf->source, column, window, &low, &high, NULL), LEDE_OK);
    for (uint32_t i = first; i < end; i += step) {
        int64_t value = values[i][column];

        cr_assert_eq(out[(i - first) / step], value, "document %u column %d LEDE_SEED=%llu", i,
                     (int)column, (unsigned long long)seed);
        if (value == COLUMN_MISSING)
            continue;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    cr_assert_eq(min, least <= most ? least : 1);
    cr_assert_eq(max, least <= most ? most : 0);
    cr_assert(low == min && high == max);
}

Test(column, whatever_is_written_is_read_one_by_one_and_by_window)
{
    struct dice dice = dice_new();

    for (int round = 0; round < 20; round++) {
        uint32_t count = 1 + dice_below(&dice, 3 * WINDOW_DOCS);
        int64_t(*values)[COLUMN_COUNT] = calloc(count, sizeof *values);
        struct shelf shelf;

        cr_assert(values);
        random_values(&dice, values, count);
        shelf_write(&shelf, (const int64_t(*)[COLUMN_COUNT])values, count);
        for (int column = 0; column < COLUMN_COUNT; column++) {
            for (uint32_t i = 0; i < count; i += 1 + dice_below(&dice, 50))
                cr_assert_eq(get(&shelf, (enum column)column, i), values[i][column],
                             "document %u column %d LEDE_SEED=%llu", i, column,
                             (unsigned long long)dice.seed);
            for (uint32_t window = 0; window * WINDOW_DOCS < count; window++)
                check_window(&shelf, (const int64_t(*)[COLUMN_COUNT])values, (enum column)column,
                             window, dice.seed);
        }
        shelf_done(&shelf);
        free(values);
    }
}

Test(column, every_width_up_to_64_bits_holds_its_extremes)
{
    for (unsigned bits = 0; bits <= 64; bits++) {
        uint64_t spread = bits == 64 ? UINT64_MAX - 1 : (1ULL << bits) - 1;
        int64_t low = INT64_MIN + 1, high = (int64_t)((uint64_t)low + spread);
        int64_t values[4][COLUMN_COUNT];
        struct shelf shelf;

        for (int i = 0; i < 4; i++)
            for (int column = 0; column < COLUMN_COUNT; column++)
                values[i][column] = i % 2 ? high : low;
        values[2][COLUMN_DATE] = COLUMN_MISSING;
        shelf_write(&shelf, (const int64_t(*)[COLUMN_COUNT])values, 4);
        for (doc_id i = 0; i < 4; i++) {
            cr_expect_eq(get(&shelf, COLUMN_DATE, i), values[i][COLUMN_DATE], "bits %u", bits);
            cr_expect_eq(get(&shelf, COLUMN_TOKENS, i), values[i][COLUMN_TOKENS], "bits %u", bits);
        }
        shelf_done(&shelf);
    }
}

Test(column, a_column_without_differences_takes_no_bits)
{
    static int64_t values[100][COLUMN_COUNT];
    struct shelf shelf;

    for (int i = 0; i < 100; i++)
        for (int column = 0; column < COLUMN_COUNT; column++)
            values[i][column] = 1234567;
    shelf_write(&shelf, (const int64_t(*)[COLUMN_COUNT])values, 100);
    cr_expect_eq(shelf.columns.size, 2 * COLUMN_COUNT);
    cr_expect_eq(get(&shelf, COLUMN_SOURCE_SIZE, 99), 1234567);
    shelf_done(&shelf);
}

/* More windows than an extent of the directory holds. */
Test(column, records_of_the_directory_never_cross_an_extent)
{
    uint32_t windows = COLUMN_RECORDS + 10, count = windows * WINDOW_DOCS;
    struct shelf shelf;
    struct stream_writer columns, directory;
    struct column_writer *writer;
    int64_t values[COLUMN_COUNT] = {0};

    memory_records_init(&shelf.memory);
    stream_writer_init(&columns, SEGMENT, STREAM_COLUMNS, &shelf.memory.sink, NULL);
    stream_writer_init(&directory, SEGMENT, STREAM_WINDOWS, &shelf.memory.sink, NULL);
    cr_assert_eq(column_writer_new(&columns, &directory, NULL, &writer, NULL), LEDE_OK);
    for (uint32_t i = 0; i < count; i++) {
        values[COLUMN_DATE] = i / WINDOW_DOCS;
        cr_assert_eq(column_writer_add(writer, values, NULL), LEDE_OK);
    }
    cr_assert_eq(column_writer_finish(writer, NULL), LEDE_OK);
    column_writer_free(writer);
    byte_stream_open(&shelf.memory, &columns, &shelf.columns);
    byte_stream_open(&shelf.memory, &directory, &shelf.windows);
    shelf.source = (struct column_source){&shelf.columns, &shelf.windows, count};
    for (uint32_t window = COLUMN_RECORDS - 2; window < windows; window++)
        cr_expect_eq(get(&shelf, COLUMN_DATE, window * WINDOW_DOCS + 7), window);
    shelf_done(&shelf);
}

/* ---- failures ---- */

Test(column_writer, a_sink_that_fails_is_reported_and_sticks)
{
    struct memory_records memory;
    struct stream_writer columns, windows;
    struct column_writer *writer;
    struct dice dice = dice_new();
    int64_t values[COLUMN_COUNT];
    enum lede_status status = LEDE_OK;

    memory_records_init(&memory);
    memory.puts_left = 1;
    stream_writer_init(&columns, SEGMENT, STREAM_COLUMNS, &memory.sink, NULL);
    stream_writer_init(&windows, SEGMENT, STREAM_WINDOWS, &memory.sink, NULL);
    cr_assert_eq(column_writer_new(&columns, &windows, NULL, &writer, NULL), LEDE_OK);
    for (uint32_t i = 0; i < 20 * WINDOW_DOCS && status == LEDE_OK; i++) {
        for (int column = 0; column < COLUMN_COUNT; column++)
            values[column] = (int64_t)dice_roll(&dice);
        status = column_writer_add(writer, values, NULL);
    }
    cr_expect_eq(status, LEDE_FULL);
    cr_expect_eq(column_writer_add(writer, values, NULL), LEDE_FULL);
    cr_expect_eq(column_writer_finish(writer, NULL), LEDE_FULL);
    column_writer_free(writer);
    stream_writer_done(&columns);
    stream_writer_done(&windows);
    memory_records_done(&memory);
}

Test(column_writer, memory_that_the_account_refuses_is_a_status)
{
    struct account account;
    struct stream_writer columns, windows;
    struct column_writer *writer;

    account_init(&account, 100000);
    cr_expect_eq(column_writer_new(&columns, &windows, &account, &writer, NULL), LEDE_NO_MEMORY);
    account_init(&account, 1 << 20);
    cr_expect_eq(column_writer_new(&columns, &windows, &account, &writer, NULL), LEDE_OK);
    column_writer_free(writer);
    cr_expect_eq(account.used, 0);
}

/* ---- damage ---- */

Test(column, blocks_and_records_that_contradict_themselves_are_corrupt)
{
    static const struct {
        size_t at; /* under 8: of the block; else of the record, plus 8 */
        uint8_t byte;
        const char *what;
    } faults[] = {
        {0, 65, "a width over 64"},
        {0, 64, "a width beyond the stream"},
        {1, 2, "a flag that is none"},
        {8 + 8, 9, "min above max"},
        {8 + 16, 6, "max below a value"},
        {8, 200, "an offset behind all"},
        {8 + 4, 1, "an offset far behind all"},
    };
    struct shelf shelf;
    uint8_t block[7], record[COLUMN_RECORD];
    int64_t value, min, max, out[WINDOW_DOCS];

    example(&shelf);
    memcpy(block, stream_at(&shelf.columns, 0, sizeof block, NULL), sizeof block);
    memcpy(record, stream_at(&shelf.windows, 0, sizeof record, NULL), sizeof record);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        uint8_t *byte = faults[i].at < 8 ? &block[faults[i].at] : &record[faults[i].at - 8];
        uint8_t before = *byte;

        *byte = faults[i].byte;
        shelf_set(&shelf, block, sizeof block, record, sizeof record);
        cr_expect(column_get(&shelf.source, COLUMN_DATE, 0, &value, NULL) == LEDE_CORRUPT ||
                      column_get(&shelf.source, COLUMN_DATE, 1, &value, NULL) == LEDE_CORRUPT,
                  "%s", faults[i].what);
        cr_expect_eq(column_window(&shelf.source, COLUMN_DATE, 0, out, &min, &max, NULL),
                     LEDE_CORRUPT, "%s", faults[i].what);
        *byte = before;
    }
    shelf_set(&shelf, block, sizeof block, record, COLUMN_RECORD - 1);
    cr_expect_eq(column_get(&shelf.source, (enum column)(COLUMN_COUNT - 1), 0, &value, NULL),
                 LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(column, a_width_over_64_bits_is_corrupt_even_where_the_bytes_would_suffice)
{
    static const uint8_t block[300] = {65, 0};
    uint8_t record[COLUMN_RECORD] = {0};
    struct shelf shelf;
    int64_t value, min, max, out[WINDOW_DOCS];

    example(&shelf);
    shelf_set(&shelf, block, sizeof block, record, sizeof record);
    cr_expect_eq(column_get(&shelf.source, COLUMN_DATE, 0, &value, NULL), LEDE_CORRUPT);
    cr_expect_eq(column_window(&shelf.source, COLUMN_DATE, 0, out, &min, &max, NULL), LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(column, min_above_max_is_corrupt_but_for_the_mark_of_an_empty_window)
{
    static const uint8_t block[] = {0, 1};
    uint8_t record[COLUMN_RECORD] = {0};
    struct shelf shelf;
    int64_t min, max;

    example(&shelf);
    store_le64(record + 8, 1);
    shelf_set(&shelf, block, sizeof block, record, sizeof record);
    cr_expect_eq(column_bounds(&shelf.source, COLUMN_DATE, 0, &min, &max, NULL), LEDE_OK);
    store_le64(record + 8, 2);
    shelf_set(&shelf, block, sizeof block, record, sizeof record);
    cr_expect_eq(column_bounds(&shelf.source, COLUMN_DATE, 0, &min, &max, NULL), LEDE_CORRUPT);
    store_le64(record + 8, (uint64_t)INT64_MIN);
    shelf_set(&shelf, block, sizeof block, record, sizeof record);
    cr_expect_eq(column_bounds(&shelf.source, COLUMN_DATE, 0, &min, &max, NULL), LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(column, random_bytes_give_values_within_bounds_or_a_status)
{
    struct dice dice = dice_new();
    struct shelf shelf;
    int64_t out[WINDOW_DOCS], min, max, value;

    example(&shelf);
    for (int round = 0; round < 3000; round++) {
        uint8_t columns[600], windows[COLUMN_RECORD];
        enum lede_status status;

        for (size_t i = 0; i < sizeof columns; i++)
            columns[i] = (uint8_t)(dice_below(&dice, 4) ? dice_below(&dice, 3) : dice_roll(&dice));
        memset(windows, 0, sizeof windows);
        for (size_t i = 0; i < 3; i++) {
            windows[8 * i] = (uint8_t)dice_roll(&dice);
            windows[8 * i + 1] = (uint8_t)dice_below(&dice, 3);
            windows[8 * i + dice_below(&dice, 8)] = (uint8_t)dice_bits(&dice, 8);
        }
        shelf_set(&shelf, columns, sizeof columns, windows, sizeof windows);
        shelf.source.documents = 1 + dice_below(&dice, WINDOW_DOCS);
        status = column_window(&shelf.source, COLUMN_DATE, 0, out, &min, &max, NULL);
        cr_assert(status == LEDE_OK || status == LEDE_CORRUPT);
        for (uint32_t i = 0; i < shelf.source.documents && status == LEDE_OK; i++) {
            cr_assert(out[i] == COLUMN_MISSING || (out[i] >= min && out[i] <= max),
                      "LEDE_SEED=%llu", (unsigned long long)dice.seed);
            cr_assert_eq(column_get(&shelf.source, COLUMN_DATE, i, &value, NULL), LEDE_OK);
            cr_assert_eq(value, out[i], "LEDE_SEED=%llu", (unsigned long long)dice.seed);
        }
    }
    shelf_done(&shelf);
}
