#include <criterion/criterion.h>
#include <pthread.h>

#include "base/account.h"
#include "index/checksum.h"
#include "index/extent.h"
#include "tests/index/dice.h"
#include "tests/index/memory_records.h"

struct fixture {
    struct memory_records memory;
    struct stream_writer writer;
    struct stream stream;
    uint64_t size;
};

static void begin(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    memory_records_init(&fixture->memory);
    stream_writer_init(&fixture->writer, 7, STREAM_POSTINGS, &fixture->memory.sink, NULL);
}

static uint64_t put(struct fixture *fixture, uint8_t byte, size_t size, size_t min_left)
{
    uint64_t offset;
    uint8_t *room = stream_writer_reserve(&fixture->writer, size, min_left, &offset);

    cr_assert_not_null(room);
    for (size_t i = 0; i < size; i++)
        cr_assert_eq(room[i], 0);
    memset(room, byte, size);
    return offset;
}

static void seal(struct fixture *fixture)
{
    cr_assert_eq(stream_writer_finish(&fixture->writer, &fixture->size, NULL), LEDE_OK);
    cr_assert_eq(stream_init(&fixture->stream, 7, STREAM_POSTINGS, fixture->size,
                             &fixture->memory.source, NULL),
                 LEDE_OK);
}

static void reopen(struct fixture *fixture)
{
    stream_done(&fixture->stream);
    cr_assert_eq(stream_init(&fixture->stream, 7, STREAM_POSTINGS, fixture->size,
                             &fixture->memory.source, NULL),
                 LEDE_OK);
}

static void done(struct fixture *fixture)
{
    stream_done(&fixture->stream);
    stream_writer_done(&fixture->writer);
    memory_records_done(&fixture->memory);
}

static struct memory_record *record_of(struct fixture *fixture, uint32_t number)
{
    return memory_records_extent(&fixture->memory, 7, STREAM_POSTINGS, number);
}

/* ---- the layout ---- */

Test(extent, the_example_of_the_format_page_has_those_bytes)
{
    struct fixture fixture;
    struct memory_record *record;
    static const uint8_t KEY[] = {0, 0, 0, 7, 1, 0, 0, 0, 0};
    uint64_t seed = checksum_seed('e', KEY, sizeof KEY);

    begin(&fixture);
    cr_assert_eq(put(&fixture, 'x', 3, 0), 0);
    seal(&fixture);
    cr_assert_eq(fixture.size, 3);
    cr_assert_eq(fixture.memory.count, 1);
    record = &fixture.memory.records[0];
    cr_assert_eq(record->key.size, sizeof KEY);
    cr_assert_arr_eq(record->key.data, KEY, sizeof KEY);
    cr_assert_eq(record->size, EXTENT_HEADER + 3 + EXTENT_TAIL);
    cr_assert_eq(load_le32(record->value), checksum_of(seed, record->value + 4, 1068));
    cr_assert_eq(load_le32(record->value + 4), 3);
    cr_assert_eq(load_le32(record->value + 8), checksum_of(seed, record->value + 1072, 3 + 64));
    for (size_t i = 12; i < EXTENT_HEADER; i++)
        cr_assert_eq(record->value[i], 0);
    cr_assert_arr_eq(record->value + EXTENT_HEADER, "xxx", 3);
    for (size_t i = 0; i < EXTENT_TAIL; i++)
        cr_assert_eq(record->value[EXTENT_HEADER + 3 + i], 0);
    done(&fixture);
}

Test(extent, each_page_has_a_checksum_of_its_own)
{
    struct fixture fixture;
    const uint8_t *value;
    uint8_t key[EXTENT_KEY_SIZE];
    uint64_t seed;

    begin(&fixture);
    put(&fixture, 'x', 10000, 0);
    seal(&fixture);
    value = record_of(&fixture, 0)->value;
    extent_key(key, 7, STREAM_POSTINGS, 0);
    seed = checksum_seed('e', key, sizeof key);
    cr_assert_eq(load_le32(value + 8), checksum_of(seed, value + 1072, 4080 - 1072));
    cr_assert_eq(load_le32(value + 12), checksum_of(seed + 1, value + 4080, 4096));
    cr_assert_eq(load_le32(value + 16),
                 checksum_of(seed + 2, value + 8176, 1072 + 10000 + 64 - 8176));
    cr_assert_eq(load_le32(value + 20), 0);
    done(&fixture);
}

Test(extent, a_full_extent_covers_256_pages_exactly)
{
    struct fixture fixture;

    begin(&fixture);
    put(&fixture, 1, EXTENT_CAPACITY, 0);
    cr_assert_eq(put(&fixture, 2, 1, 0), EXTENT_CAPACITY);
    seal(&fixture);
    cr_assert_eq(record_of(&fixture, 0)->size, EXTENT_SIZE_MAX);
    cr_assert_eq((record_of(&fixture, 0)->size + PAGE_HEADER) % PAGE_SIZE, 0);
    cr_assert_eq(fixture.size, EXTENT_CAPACITY + 1);
    cr_assert_not_null(stream_at(&fixture.stream, 0, EXTENT_CAPACITY, NULL));
    done(&fixture);
}

Test(extent, a_stream_without_bytes_has_no_extent)
{
    struct fixture fixture;

    begin(&fixture);
    seal(&fixture);
    cr_assert_eq(fixture.size, 0);
    cr_assert_eq(fixture.memory.count, 0);
    cr_assert_null(stream_at(&fixture.stream, 0, 1, NULL));
    cr_assert_eq(stream_left(&fixture.stream, 0, NULL), 0);
    done(&fixture);
}

/* ---- where parts go ---- */

Test(extent, what_is_reserved_at_once_never_crosses_an_extent)
{
    struct dice dice = dice_begin();
    struct fixture fixture;
    uint64_t offsets[400];
    size_t sizes[400];

    begin(&fixture);
    for (unsigned i = 0; i < 400; i++) {
        sizes[i] = 1 + dice_bits(&dice, 16);
        offsets[i] = put(&fixture, (uint8_t)(i + 1), sizes[i], 0);
        cr_assert_leq(offsets[i] % EXTENT_CAPACITY + sizes[i], EXTENT_CAPACITY);
    }
    seal(&fixture);
    for (unsigned i = 0; i < 400; i++) {
        const uint8_t *at = stream_at(&fixture.stream, offsets[i], sizes[i], NULL);

        cr_assert_not_null(at);
        for (size_t k = 0; k < sizes[i]; k++)
            cr_assert_eq(at[k], (uint8_t)(i + 1));
        for (size_t k = 0; k < EXTENT_TAIL; k++) /* readable: AddressSanitizer would object */
            (void)*(volatile const uint8_t *)(at + sizes[i] + k);
    }
    done(&fixture);
    dice_end();
}

Test(extent, min_left_and_stream_next_are_one_rule)
{
    struct dice dice = dice_begin();
    struct fixture fixture;
    uint64_t end = 0;

    begin(&fixture);
    for (unsigned i = 0; i < 10000; i++) {
        size_t size = 1 + dice_bits(&dice, 12);
        size_t min_left = size + dice_bits(&dice, 16);
        uint64_t offset = put(&fixture, 1, size, min_left);

        cr_assert_eq(offset, stream_next(end, min_left));
        end = offset + size;
    }
    cr_assert_gt(end, EXTENT_CAPACITY);
    done(&fixture);
    dice_end();
}

Test(extent, stream_next_moves_on_exactly_when_too_little_is_left)
{
    cr_assert_eq(stream_next(0, EXTENT_CAPACITY), 0);
    cr_assert_eq(stream_next(1, EXTENT_CAPACITY), EXTENT_CAPACITY);
    cr_assert_eq(stream_next(EXTENT_CAPACITY - 100, 100), EXTENT_CAPACITY - 100);
    cr_assert_eq(stream_next(EXTENT_CAPACITY - 100, 101), EXTENT_CAPACITY);
    cr_assert_eq(stream_next(EXTENT_CAPACITY, 100), EXTENT_CAPACITY);
    cr_assert_eq(stream_next(EXTENT_CAPACITY - 100, 0), EXTENT_CAPACITY - 100);
}

/* ---- what cannot be read ---- */

static bool readable(struct fixture *fixture, uint64_t offset, size_t size)
{
    struct lede_error error = {.status = LEDE_OK};
    bool found = stream_at(&fixture->stream, offset, size, &error) != NULL;

    cr_assert_eq(error.status, found ? LEDE_OK : LEDE_CORRUPT);
    return found;
}

Test(extent, parts_outside_or_across_are_refused)
{
    struct fixture fixture;

    begin(&fixture);
    put(&fixture, 1, 1000, 0);
    cr_assert_eq(put(&fixture, 2, 50, EXTENT_CAPACITY), EXTENT_CAPACITY);
    seal(&fixture);
    cr_expect(readable(&fixture, 0, 1000));
    cr_expect(readable(&fixture, 999, 1));
    cr_expect(readable(&fixture, 1000, 0));
    cr_expect(!readable(&fixture, 0, 1001), "behind what an extent uses");
    cr_expect(!readable(&fixture, 1000, 1));
    cr_expect(!readable(&fixture, EXTENT_CAPACITY - 1, 2), "across");
    cr_expect(readable(&fixture, EXTENT_CAPACITY, 50));
    cr_expect(!readable(&fixture, EXTENT_CAPACITY + 49, 2));
    cr_expect(!readable(&fixture, 2 * (uint64_t)EXTENT_CAPACITY, 1));
    cr_expect(!readable(&fixture, UINT64_MAX, 1));
    cr_expect(!readable(&fixture, 10, SIZE_MAX - 5));
    cr_expect_eq(stream_left(&fixture.stream, 10, NULL), 990);
    cr_expect_eq(stream_left(&fixture.stream, 1000, NULL), 0);
    cr_expect_eq(stream_left(&fixture.stream, 2000, NULL), 0);
    cr_expect_eq(stream_left(&fixture.stream, EXTENT_CAPACITY + 1, NULL), 49);
    done(&fixture);
}

Test(extent, a_size_beyond_all_extents_is_refused)
{
    struct stream stream;

    cr_assert_eq(stream_init(&stream, 1, STREAM_SKIP, UINT64_MAX, NULL, NULL), LEDE_CORRUPT);
    stream_done(&stream);
}

/* Reads all of a stream whose bytes are all `byte`. */
static bool all_right(struct fixture *fixture, uint8_t byte)
{
    const uint8_t *at = stream_at(&fixture->stream, 0, (size_t)fixture->size, NULL);

    for (uint64_t i = 0; at && i < fixture->size; i++)
        cr_assert_eq(at[i], byte);
    return at != NULL;
}

Test(extent, a_flipped_bit_anywhere_is_noticed)
{
    struct fixture fixture;
    struct memory_record *record;

    begin(&fixture);
    put(&fixture, 0x55, 9000, 0);
    seal(&fixture);
    record = record_of(&fixture, 0);
    for (size_t i = 0; i < record->size; i++) {
        record->value[i] ^= (uint8_t)(1 << i % 8);
        reopen(&fixture);
        cr_assert(!all_right(&fixture, 0x55), "byte %zu", i);
        record->value[i] ^= (uint8_t)(1 << i % 8);
    }
    reopen(&fixture);
    cr_assert(all_right(&fixture, 0x55));
    done(&fixture);
}

/* Payloads that end just before, at and behind a page's end: the zeros behind them, too. */
Test(extent, a_flipped_bit_anywhere_in_a_record_is_seen_by_a_whole_check)
{
    enum { TO_PAGE_END = PAGE_SIZE - PAGE_HEADER - EXTENT_HEADER };

    for (size_t size = TO_PAGE_END - EXTENT_TAIL - 1; size <= TO_PAGE_END + 1; size += 11) {
        struct fixture fixture;
        struct memory_record *record;

        begin(&fixture);
        put(&fixture, 0x55, size, 0);
        seal(&fixture);
        record = record_of(&fixture, 0);
        for (size_t i = 0; i < record->size; i++) {
            record->value[i] ^= (uint8_t)(1 << i % 8);
            reopen(&fixture);
            cr_assert(!stream_check_extent(&fixture.stream, 0, NULL), "%zu: byte %zu", size, i);
            record->value[i] ^= (uint8_t)(1 << i % 8);
        }
        reopen(&fixture);
        cr_assert(stream_check_extent(&fixture.stream, 0, NULL));
        done(&fixture);
    }
}

Test(extent, damage_on_one_page_leaves_the_others_readable)
{
    struct fixture fixture;

    begin(&fixture);
    put(&fixture, 0x55, 20000, 0);
    seal(&fixture);
    record_of(&fixture, 0)->value[4080 + 4096 + 17] ^= 1; /* page 2 of the map */
    cr_assert(readable(&fixture, 0, 4080 - EXTENT_HEADER + 4096));
    cr_assert(!readable(&fixture, 4080 - EXTENT_HEADER + 4096, 1));
    cr_assert(readable(&fixture, 4080 - EXTENT_HEADER + 8192, 1000));
    cr_assert(!readable(&fixture, 0, 20000));
    done(&fixture);
}

Test(extent, an_extent_under_another_key_is_refused)
{
    struct fixture fixture;
    struct memory_record *first, *second;
    uint8_t *value;
    size_t size;

    begin(&fixture);
    put(&fixture, 1, EXTENT_CAPACITY, 0);
    put(&fixture, 1, EXTENT_CAPACITY, 0);
    seal(&fixture);
    first = record_of(&fixture, 0);
    second = record_of(&fixture, 1);
    value = first->value, size = first->size;
    first->value = second->value, first->size = second->size;
    second->value = value, second->size = size;
    cr_assert(!readable(&fixture, 0, 1));
    cr_assert(!readable(&fixture, EXTENT_CAPACITY, 1));
    done(&fixture);
}

Test(extent, a_page_of_another_extent_is_refused)
{
    struct fixture fixture;

    begin(&fixture);
    put(&fixture, 1, EXTENT_CAPACITY, 0);
    put(&fixture, 2, EXTENT_CAPACITY, 0);
    seal(&fixture);
    memcpy(record_of(&fixture, 0)->value + 4080, record_of(&fixture, 1)->value + 4080, 4096);
    cr_assert(readable(&fixture, 0, 100));
    cr_assert(!readable(&fixture, 4080 - EXTENT_HEADER, 1));
    done(&fixture);
}

Test(extent, pages_swapped_within_an_extent_are_noticed_even_if_alike)
{
    struct fixture fixture;
    uint8_t *value;

    begin(&fixture);
    put(&fixture, 1, 20000, 0);
    seal(&fixture);
    value = record_of(&fixture, 0)->value;
    cr_assert_neq(load_le32(value + 12), load_le32(value + 16), "alike, yet of other pages");
    done(&fixture);
}

Test(extent, a_value_cut_short_or_grown_is_refused)
{
    struct fixture fixture;
    struct memory_record *record;
    uint8_t *whole;

    begin(&fixture);
    put(&fixture, 1, 5000, 0);
    seal(&fixture);
    record = record_of(&fixture, 0);
    whole = calloc(1, record->size + 1);
    memcpy(whole, record->value, record->size);
    for (size_t size = 0, full = record->size; size <= full + 1; size++) {
        memory_record_set(record, whole, size);
        reopen(&fixture);
        cr_assert_eq(readable(&fixture, 0, 1), size == full, "%zu bytes", size);
    }
    free(whole);
    done(&fixture);
}

Test(extent, a_missing_extent_is_reported)
{
    struct fixture fixture;

    begin(&fixture);
    put(&fixture, 1, EXTENT_CAPACITY, 0);
    put(&fixture, 1, 10, 0);
    seal(&fixture);
    fixture.stream.segment = 8;
    cr_assert(!readable(&fixture, 0, 1));
    done(&fixture);
}

Test(extent, a_last_extent_of_another_size_than_the_manifest_says_is_refused)
{
    struct fixture fixture;

    begin(&fixture);
    put(&fixture, 1, 10, 0);
    seal(&fixture);
    fixture.size = 9;
    reopen(&fixture);
    cr_assert(!readable(&fixture, 0, 1));
    fixture.size = 11;
    reopen(&fixture);
    cr_assert(!readable(&fixture, 0, 1));
    done(&fixture);
}

/* ---- failures of writing ---- */

Test(extent, a_full_disk_is_sticky)
{
    struct fixture fixture;
    struct lede_error error = {.status = LEDE_OK};
    uint64_t offset, size;

    begin(&fixture);
    fixture.memory.puts_left = 0;
    put(&fixture, 1, EXTENT_CAPACITY, 0);
    cr_assert_null(stream_writer_reserve(&fixture.writer, 1, 0, &offset));
    fixture.memory.puts_left = 9;
    cr_assert_null(stream_writer_reserve(&fixture.writer, 1, 0, &offset));
    cr_assert_eq(stream_writer_finish(&fixture.writer, &size, &error), LEDE_FULL);
    cr_assert_eq(error.status, LEDE_FULL);
    done(&fixture);
}

Test(extent, memory_is_charged_and_given_back)
{
    struct account account;
    struct stream_writer writer;
    struct memory_records memory;
    uint64_t offset;

    memory_records_init(&memory);
    account_init(&account, EXTENT_SIZE_MAX);
    stream_writer_init(&writer, 1, STREAM_SKIP, &memory.sink, &account);
    cr_assert_not_null(stream_writer_reserve(&writer, 1, 0, &offset));
    cr_assert_eq(account.used, EXTENT_SIZE_MAX);
    stream_writer_done(&writer);
    cr_assert_eq(account.used, 0);
    account_init(&account, EXTENT_SIZE_MAX - 1);
    stream_writer_init(&writer, 1, STREAM_SKIP, &memory.sink, &account);
    cr_assert_null(stream_writer_reserve(&writer, 1, 0, &offset));
    cr_assert_eq(writer.status, LEDE_NO_MEMORY);
    stream_writer_done(&writer);
    memory_records_done(&memory);
}

/* ---- threads ---- */

static void *read_all(void *context)
{
    struct fixture *fixture = context;

    for (uint64_t offset = 0; offset < fixture->size; offset += 100)
        if (stream_at(&fixture->stream, offset, 100, NULL) == NULL)
            return fixture;
    return NULL;
}

Test(extent, many_threads_may_read_at_once)
{
    struct fixture fixture;
    pthread_t threads[4];

    begin(&fixture);
    put(&fixture, 1, EXTENT_CAPACITY / 100 * 100, 0);
    seal(&fixture);
    for (unsigned i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, read_all, &fixture), 0);
    for (unsigned i = 0; i < 4; i++) {
        void *failed;

        cr_assert_eq(pthread_join(threads[i], &failed), 0);
        cr_assert_null(failed);
    }
    done(&fixture);
}
