#include <criterion/criterion.h>
#include <stdio.h>

#include "base/account.h"
#include "index/name.h"
#include "tests/index/byte_stream.h"
#include "tests/index/dice.h"

enum { SEGMENT = 4 };

struct shelf {
    struct memory_records memory;
    struct stream names, columns, windows;
    struct column_source source;
};

/* Writes ids as a segment writer does: the group's place goes to the column of each document. */
static void shelf_write(struct shelf *shelf, const struct buffer *ids, uint32_t count)
{
    struct stream_writer names, columns, windows;
    struct column_writer *column_writer;
    struct name_writer *writer;

    memory_records_init(&shelf->memory);
    stream_writer_init(&names, SEGMENT, STREAM_NAMES, &shelf->memory.sink, NULL);
    stream_writer_init(&columns, SEGMENT, STREAM_COLUMNS, &shelf->memory.sink, NULL);
    stream_writer_init(&windows, SEGMENT, STREAM_WINDOWS, &shelf->memory.sink, NULL);
    cr_assert_eq(name_writer_new(&names, NULL, &writer, NULL), LEDE_OK);
    cr_assert_eq(column_writer_new(&columns, &windows, NULL, &column_writer, NULL), LEDE_OK);
    for (uint32_t first = 0; first < count; first += NAME_GROUP) {
        int64_t values[COLUMN_COUNT] = {0};
        uint64_t offset;
        uint32_t end = count - first < NAME_GROUP ? count : first + NAME_GROUP;

        for (uint32_t i = first; i < end; i++)
            cr_assert_eq(name_writer_add(writer, buffer_bytes(&ids[i]), NULL), LEDE_OK);
        cr_assert_eq(name_writer_flush(writer, &offset, NULL), LEDE_OK);
        values[COLUMN_NAMES] = (int64_t)offset;
        for (uint32_t i = first; i < end; i++)
            cr_assert_eq(column_writer_add(column_writer, values, NULL), LEDE_OK);
    }
    cr_assert_eq(column_writer_finish(column_writer, NULL), LEDE_OK);
    column_writer_free(column_writer);
    name_writer_free(writer);
    byte_stream_open(&shelf->memory, &names, &shelf->names);
    byte_stream_open(&shelf->memory, &columns, &shelf->columns);
    byte_stream_open(&shelf->memory, &windows, &shelf->windows);
    shelf->source = (struct column_source){&shelf->columns, &shelf->windows, count};
}

static void shelf_done(struct shelf *shelf)
{
    stream_done(&shelf->names);
    stream_done(&shelf->columns);
    stream_done(&shelf->windows);
    memory_records_done(&shelf->memory);
}

static void check_name(struct shelf *shelf, doc_id document, struct slice expected, uint64_t seed)
{
    struct buffer out;
    struct lede_error error = {0};

    buffer_init(&out, NULL);
    buffer_str(&out, "what was there before");
    cr_assert_eq(name_get(&shelf->names, &shelf->source, document, &out, &error), LEDE_OK,
                 "%s LEDE_SEED=%llu", error.text, (unsigned long long)seed);
    cr_assert(slice_equal(buffer_bytes(&out), expected), "document %u LEDE_SEED=%llu", document,
              (unsigned long long)seed);
    buffer_done(&out);
}

static struct buffer *ids_new(uint32_t count)
{
    struct buffer *ids = calloc(count, sizeof *ids);

    cr_assert(ids);
    return ids;
}

static void ids_free(struct buffer *ids, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buffer_done(&ids[i]);
    free(ids);
}

static void example(struct shelf *shelf)
{
    struct buffer *ids = ids_new(2);

    buffer_str(&ids[0], "news/1");
    buffer_str(&ids[1], "news/12");
    shelf_write(shelf, ids, 2);
    ids_free(ids, 2);
}

Test(name, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {6, 'n', 'e', 'w', 's', '/', '1', 6, 1, '2'};
    struct shelf shelf;

    example(&shelf);
    cr_assert_eq(shelf.names.size, sizeof expected);
    cr_expect_arr_eq(stream_at(&shelf.names, 0, sizeof expected, NULL), expected, sizeof expected);
    check_name(&shelf, 0, slice_str("news/1"), 0);
    check_name(&shelf, 1, slice_str("news/12"), 0);
    shelf_done(&shelf);
}

/* A path that resembles the one before; now and then as long as an id may be, or empty. */
static void random_id(struct dice *dice, const struct buffer *before, struct buffer *id)
{
    uint32_t kind = dice_below(dice, 40);
    size_t size = kind == 0 ? 0 : kind == 1 ? NAME_MAX_SIZE : dice_below(dice, 40);
    size_t keep = before ? dice_below(dice, (uint32_t)before->size + 1) : 0;

    if (keep > 0 && keep < NAME_MAX_SIZE - 40 && kind > 1)
        buffer_put(id, before->data, keep);
    for (size_t i = 0; i < size; i++)
        buffer_byte(id, (uint8_t)dice_roll(dice));
}

Test(name, whatever_is_written_is_read)
{
    struct dice dice = dice_new();

    for (int round = 0; round < 10; round++) {
        uint32_t count = 1 + dice_below(&dice, 6000);
        struct buffer *ids = ids_new(count);
        struct shelf shelf;

        for (uint32_t i = 0; i < count; i++)
            random_id(&dice, i > 0 ? &ids[i - 1] : NULL, &ids[i]);
        shelf_write(&shelf, ids, count);
        for (uint32_t i = 0; i < count; i++)
            check_name(&shelf, i, buffer_bytes(&ids[i]), dice.seed);
        shelf_done(&shelf);
        ids_free(ids, count);
    }
}

/* Reads rising documents with one reader, now and then going back. */
static void read_in_steps(struct shelf *shelf, const struct buffer *ids, uint32_t count,
                          uint32_t step, struct dice *dice)
{
    struct name_reader reader;

    name_reader_init(&reader, &shelf->names, &shelf->source);
    for (uint32_t i = dice_below(dice, step); i < count; i += 1 + dice_below(dice, step)) {
        if (dice_below(dice, 50) == 0)
            i -= dice_below(dice, i < 2 * NAME_GROUP ? i + 1 : 2 * NAME_GROUP);
        cr_assert_eq(name_read(&reader, i, NULL), LEDE_OK);
        cr_assert(slice_equal(slice_of(reader.id, reader.size), buffer_bytes(&ids[i])),
                  "document %u LEDE_SEED=%llu", i, (unsigned long long)dice->seed);
    }
    cr_expect_eq(name_read(&reader, count, NULL), LEDE_INVALID);
}

Test(name, a_reader_of_many_goes_forward_and_back)
{
    struct dice dice = dice_new();
    uint32_t count = 2 * WINDOW_DOCS + 100;
    struct buffer *ids = ids_new(count);
    struct shelf shelf;

    for (uint32_t i = 0; i < count; i++)
        random_id(&dice, i > 0 ? &ids[i - 1] : NULL, &ids[i]);
    shelf_write(&shelf, ids, count);
    for (uint32_t step = 1; step < 10000; step *= 3)
        read_in_steps(&shelf, ids, count, step, &dice);
    shelf_done(&shelf);
    ids_free(ids, count);
}

Test(name, a_reader_goes_on_behind_a_damaged_group)
{
    /* both documents' groups are at 0, and the second one of the group is damaged */
    static const uint8_t bytes[] = {2, 'a', 'b', 3, 1, 'c'};
    struct name_reader reader;
    struct shelf shelf;

    example(&shelf);
    stream_done(&shelf.names);
    byte_stream_of(&shelf.memory, SEGMENT, STREAM_NAMES, bytes, sizeof bytes, &shelf.names);
    name_reader_init(&reader, &shelf.names, &shelf.source);
    for (int round = 0; round < 2; round++) {
        cr_expect_eq(name_read(&reader, 0, NULL), LEDE_OK);
        cr_expect(slice_equal(slice_of(reader.id, reader.size), slice_str("ab")));
        cr_expect_eq(name_read(&reader, 1, NULL), LEDE_CORRUPT);
    }
    shelf_done(&shelf);
}

Test(name, groups_never_cross_an_extent)
{
    enum { COUNT = 2000 };
    struct buffer *ids = ids_new(COUNT);
    struct shelf shelf;
    struct dice dice = dice_of(7);

    for (uint32_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < NAME_MAX_SIZE; j++)
            buffer_byte(&ids[i], (uint8_t)dice_roll(&dice));
    shelf_write(&shelf, ids, COUNT);
    cr_expect_gt(shelf.names.count, 7);
    for (uint32_t i = 0; i < COUNT; i++)
        check_name(&shelf, i, buffer_bytes(&ids[i]), dice.seed);
    shelf_done(&shelf);
    ids_free(ids, COUNT);
}

Test(name_writer, an_id_that_is_too_long_is_refused_and_nothing_taken)
{
    struct memory_records memory;
    struct stream_writer names;
    struct name_writer *writer;
    uint8_t bytes[NAME_MAX_SIZE + 1] = {0};
    uint64_t offset, size;

    memory_records_init(&memory);
    stream_writer_init(&names, SEGMENT, STREAM_NAMES, &memory.sink, NULL);
    cr_assert_eq(name_writer_new(&names, NULL, &writer, NULL), LEDE_OK);
    cr_expect_eq(name_writer_add(writer, slice_of(bytes, sizeof bytes), NULL), LEDE_LIMIT);
    cr_expect_eq(name_writer_add(writer, slice_str("a"), NULL), LEDE_OK);
    cr_expect_eq(name_writer_flush(writer, &offset, NULL), LEDE_OK);
    cr_expect_eq(stream_writer_finish(&names, &size, NULL), LEDE_OK);
    cr_expect_eq(size, 2);
    name_writer_free(writer);
    stream_writer_done(&names);
    memory_records_done(&memory);
}

Test(name_writer, memory_that_the_account_refuses_is_a_status)
{
    struct account account;
    struct name_writer *writer;
    uint8_t bytes[NAME_MAX_SIZE] = {0};
    enum lede_status status = LEDE_OK;
    struct stream_writer names;

    account_init(&account, 1000);
    cr_expect_eq(name_writer_new(&names, &account, &writer, NULL), LEDE_NO_MEMORY);
    account_init(&account, 12000);
    cr_assert_eq(name_writer_new(&names, &account, &writer, NULL), LEDE_OK);
    for (int i = 0; i < NAME_GROUP && status == LEDE_OK; i++) {
        bytes[0] = (uint8_t)i;
        status = name_writer_add(writer, slice_of(bytes, sizeof bytes), NULL);
    }
    cr_expect_eq(status, LEDE_NO_MEMORY);
    name_writer_free(writer);
    cr_expect_eq(account.used, 0);
}

/* ---- damage ---- */

static enum lede_status read_of_bytes(struct shelf *shelf, const void *bytes, size_t size,
                                      doc_id document, struct buffer *out)
{
    stream_done(&shelf->names);
    byte_stream_of(&shelf->memory, SEGMENT, STREAM_NAMES, bytes, size, &shelf->names);
    return name_get(&shelf->names, &shelf->source, document, out, NULL);
}

Test(name, a_group_cut_short_is_corrupt)
{
    static const uint8_t bytes[] = {6, 'n', 'e', 'w', 's', '/', '1', 6, 1, '2'};
    struct shelf shelf;
    struct buffer out;

    example(&shelf);
    buffer_init(&out, NULL);
    for (size_t size = 1; size < sizeof bytes; size++)
        cr_expect_eq(read_of_bytes(&shelf, bytes, size, 1, &out), LEDE_CORRUPT, "%zu bytes", size);
    cr_expect_eq(read_of_bytes(&shelf, bytes, sizeof bytes, 1, &out), LEDE_OK);
    buffer_done(&out);
    shelf_done(&shelf);
}

Test(name, an_id_that_shares_or_holds_too_much_is_corrupt)
{
    static uint8_t bytes[2 + NAME_MAX_SIZE + 1];
    struct shelf shelf;
    struct buffer out;

    example(&shelf);
    buffer_init(&out, NULL);
    cr_expect_eq(read_of_bytes(&shelf, "\2ab\3\1c", 6, 1, &out), LEDE_CORRUPT);
    cr_expect_eq(read_of_bytes(&shelf, "\2ab\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 14, 1, &out),
                 LEDE_CORRUPT);
    varint_put(bytes, NAME_MAX_SIZE + 1); /* and the bytes are there */
    cr_expect_eq(read_of_bytes(&shelf, bytes, sizeof bytes, 0, &out), LEDE_CORRUPT);
    varint_put(bytes, NAME_MAX_SIZE);
    cr_expect_eq(read_of_bytes(&shelf, bytes, sizeof bytes, 0, &out), LEDE_OK);
    buffer_done(&out);
    shelf_done(&shelf);
}

Test(name, random_bytes_give_a_short_id_or_a_status)
{
    struct dice dice = dice_new();
    struct shelf shelf;
    struct buffer out;

    example(&shelf);
    buffer_init(&out, NULL);
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[64];
        size_t size = 1 + dice_below(&dice, sizeof bytes);
        enum lede_status status;

        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)dice_bits(&dice, 8);
        status = read_of_bytes(&shelf, bytes, size, 1, &out);
        cr_assert(status == LEDE_CORRUPT || (status == LEDE_OK && out.size <= NAME_MAX_SIZE),
                  "LEDE_SEED=%llu", (unsigned long long)dice.seed);
    }
    buffer_done(&out);
    shelf_done(&shelf);
}
