#include <criterion/criterion.h>
#include <pthread.h>

#include "index/bundle.h"
#include "index/checksum.h"
#include "tests/index/dice.h"
#include "tests/index/memory_records.h"

enum { SEGMENT = 7 };

static struct lede_error error;

struct fixture {
    struct memory_records memory;
    struct segment_info info;
    uint8_t *bytes[STREAM_COUNT]; /* what each stream is to hold */
    struct stream streams[STREAM_COUNT];
};

static void write_stream(struct fixture *fixture, int kind, struct bundle_writer *bundle)
{
    struct stream_writer writer;
    uint64_t size = fixture->info.stream_sizes[kind], offset, written;

    stream_writer_init(&writer, SEGMENT, (enum stream_kind)kind, &fixture->memory.sink, NULL);
    for (uint64_t at = 0; at < size; at += EXTENT_CAPACITY) {
        size_t part = size - at < EXTENT_CAPACITY ? size - at : EXTENT_CAPACITY;
        uint8_t *room = stream_writer_reserve(&writer, part, 0, &offset);

        cr_assert_not_null(room);
        memcpy(room, fixture->bytes[kind] + at, part);
    }
    cr_assert_eq(bundle_writer_take(bundle, &writer, &written, &error), LEDE_OK);
    cr_assert_eq(written, size);
    stream_writer_done(&writer);
}

static void open_streams(struct fixture *fixture)
{
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        cr_assert_eq(segment_stream_init(&fixture->streams[kind], &fixture->info,
                                         (enum stream_kind)kind, &fixture->memory.source, &error),
                     LEDE_OK);
}

static void fixture_make(struct fixture *fixture, struct dice *dice,
                         const uint64_t sizes[STREAM_COUNT])
{
    struct bundle_writer bundle;

    *fixture = (struct fixture){.info = {.number = SEGMENT, .small_records = true}};
    memory_records_init(&fixture->memory);
    bundle_writer_init(&bundle, NULL);
    for (int kind = 0; kind < STREAM_COUNT; kind++) {
        fixture->info.stream_sizes[kind] = sizes[kind];
        fixture->bytes[kind] = malloc(sizes[kind] + 1);
        for (uint64_t i = 0; i < sizes[kind]; i++)
            fixture->bytes[kind][i] = (uint8_t)dice_roll(dice);
    }
    for (int kind = STREAM_COUNT - 1; kind >= 0; kind--) /* in which order they end is all one */
        write_stream(fixture, kind, &bundle);
    cr_assert_eq(bundle_writer_finish(&bundle, SEGMENT, &fixture->memory.sink, &error), LEDE_OK);
    bundle_writer_done(&bundle);
    open_streams(fixture);
}

static void close_streams(struct fixture *fixture)
{
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        stream_done(&fixture->streams[kind]);
}

static void fixture_done(struct fixture *fixture)
{
    close_streams(fixture);
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        free(fixture->bytes[kind]);
    memory_records_done(&fixture->memory);
}

/* A part of a stream that crosses no extent. */
static void check_part(struct fixture *fixture, struct dice *dice, int kind)
{
    uint64_t size = fixture->info.stream_sizes[kind], at = dice_below(dice, (uint32_t)size);
    uint64_t left = (at / EXTENT_CAPACITY + 1) * EXTENT_CAPACITY - at;
    size_t most = size - at < left ? size - at : left;
    size_t part = dice_below(dice, most < 9000 ? (uint32_t)most : 9000) + 1;
    const uint8_t *found;

    part = part < most ? part : most;
    found = stream_at(&fixture->streams[kind], at, part, &error);
    cr_assert_not_null(found, "%s", error.text);
    cr_assert_eq(memcmp(found, fixture->bytes[kind] + at, part), 0, "stream %d at %llu", kind,
                 (unsigned long long)at);
    cr_assert_eq(stream_left(&fixture->streams[kind], at, &error), most);
}

Test(bundle, streams_of_any_size_are_read_as_they_were_written)
{
    static const uint64_t SIZES[][STREAM_COUNT] = {
        {0},
        {0, 0, 0, 1},
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
        {BUNDLE_PIECE, BUNDLE_PIECE - 1, 1, BUNDLE_PIECE + 1, 0, 3008, 3009, 7104, 7105, 4096},
        {BUNDLE_STREAM, 0, BUNDLE_STREAM + 1, 5, 100000, 2 * EXTENT_CAPACITY + 7, 300}};
    struct dice dice = dice_begin();
    struct fixture fixture;

    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        fixture_make(&fixture, &dice, SIZES[i]);
        for (int round = 0; round < 200; round++)
            for (int kind = 0; kind < STREAM_COUNT; kind++)
                if (SIZES[i][kind] > 0)
                    check_part(&fixture, &dice, kind);
        for (int kind = 0; kind < STREAM_COUNT; kind++)
            cr_expect_null(stream_at(&fixture.streams[kind], SIZES[i][kind], 1, NULL));
        fixture_done(&fixture);
    }
    dice_end();
}

Test(bundle, the_example_of_the_format_page_has_those_bytes)
{
    static const uint64_t SIZES[STREAM_COUNT] = {[STREAM_NORMS] = 3, [STREAM_NAMES] = 2};
    struct dice dice = dice_of(1);
    struct fixture fixture;
    struct memory_record *record;

    fixture_make(&fixture, &dice, SIZES);
    cr_assert_eq(fixture.memory.count, 1);
    record = &fixture.memory.records[0];
    cr_expect_eq(memcmp(record->key.data, "\0\0\0\7\12\0\0\0\0", 9), 0);
    cr_assert_eq(record->size, 4 + 5);
    cr_expect_eq(load_le32(record->value),
                 checksum_of(checksum_seed('e', record->key.data, 9), record->value + 4, 5));
    cr_expect_eq(memcmp(record->value + 4, fixture.bytes[STREAM_NORMS], 3), 0);
    cr_expect_eq(memcmp(record->value + 7, fixture.bytes[STREAM_NAMES], 2), 0);
    fixture_done(&fixture);
}

Test(bundle, a_flipped_bit_or_another_size_is_told)
{
    static const uint64_t SIZES[STREAM_COUNT] = {3000, 5000, 1, 0, 9000};
    struct dice dice = dice_begin();
    struct fixture fixture;

    fixture_make(&fixture, &dice, SIZES);
    for (int round = 0; round < 300; round++) {
        struct memory_record *record =
            &fixture.memory.records[dice_below(&dice, (uint32_t)fixture.memory.count)];
        size_t size = record->size, cut = dice_below(&dice, (uint32_t)size);
        uint8_t *whole = malloc(size);
        bool sound = true;

        memcpy(whole, record->value, size);
        if (dice_below(&dice, 2))
            record->value[cut] ^= (uint8_t)(1 << dice_below(&dice, 8));
        else
            memory_record_set(record, whole, cut);
        close_streams(&fixture);
        open_streams(&fixture);
        for (int kind = 0; kind < STREAM_COUNT; kind++)
            if (SIZES[kind] > 0)
                sound &= stream_check_extent(&fixture.streams[kind], 0, &error);
        cr_expect_not(sound);
        cr_expect_eq(error.status, LEDE_CORRUPT);
        memory_record_set(record, whole, size);
        free(whole);
    }
    fixture_done(&fixture);
    dice_end();
}

/* Whoever reads a lot of small streams has no more of them in memory than it wants. */
Test(bundle, what_is_forgotten_is_read_again)
{
    static const uint64_t SIZES[STREAM_COUNT] = {100, 300000, 5000, BUNDLE_STREAM, 1};
    struct dice dice = dice_begin();
    struct fixture fixture;
    size_t all = 100 + 300000 + 5000 + BUNDLE_STREAM + 1;

    fixture_make(&fixture, &dice, SIZES);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 200; i++)
            check_part(&fixture, &dice, (int)dice_below(&dice, 5));
        cr_expect_gt(fixture.memory.source.kept, 0);
        cr_expect_leq(fixture.memory.source.kept, all);
        for (int kind = 0; kind < STREAM_COUNT; kind++)
            stream_forget(&fixture.streams[kind]);
        cr_expect_eq(fixture.memory.source.kept, 0);
    }
    for (int kind = 0; kind < 5; kind++)
        cr_expect(stream_check_extent(&fixture.streams[kind], 0, &error), "%s", error.text);
    cr_expect_eq(fixture.memory.source.kept, all);
    close_streams(&fixture);
    cr_expect_eq(fixture.memory.source.kept, 0);
    fixture_done(&fixture);
    dice_end();
}

static void *read_all(void *context)
{
    struct fixture *fixture = context;
    struct dice dice = dice_of(3);

    for (int round = 0; round < 2000; round++)
        check_part(fixture, &dice, STREAM_POSTINGS);
    return NULL;
}

Test(bundle, many_threads_may_read_a_stream)
{
    static const uint64_t SIZES[STREAM_COUNT] = {[STREAM_SKIP] = 77, [STREAM_POSTINGS] = 500000};
    struct dice dice = dice_of(2);
    struct fixture fixture;
    pthread_t threads[4];

    fixture_make(&fixture, &dice, SIZES);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, read_all, &fixture), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    fixture_done(&fixture);
}
