#include <criterion/criterion.h>

#include "index/id_map.h"
#include "tests/index/byte_stream.h"
#include "tests/index/dice.h"

enum { SEGMENT = 6 };

struct shelf {
    struct memory_records memory;
    struct stream ids;
    doc_id documents;
};

static void shelf_write(struct shelf *shelf, struct id_entry *entries, uint32_t count)
{
    struct stream_writer writer;

    memory_records_init(&shelf->memory);
    stream_writer_init(&writer, SEGMENT, STREAM_IDS, &shelf->memory.sink, NULL);
    cr_assert_eq(id_map_write(&writer, entries, count, NULL), LEDE_OK);
    byte_stream_open(&shelf->memory, &writer, &shelf->ids);
    shelf->documents = count;
}

static void shelf_done(struct shelf *shelf)
{
    stream_done(&shelf->ids);
    memory_records_done(&shelf->memory);
}

struct answer {
    doc_id documents[64];
    size_t count, most;
};

static bool take(void *context, doc_id document)
{
    struct answer *answer = context;

    cr_assert_lt(answer->count, sizeof answer->documents / sizeof *answer->documents);
    answer->documents[answer->count++] = document;
    return answer->count < answer->most;
}

static enum lede_status find(struct shelf *shelf, uint64_t hash, size_t most, struct answer *answer)
{
    answer->count = 0;
    answer->most = most;
    return id_map_find(&shelf->ids, shelf->documents, hash, take, answer, NULL);
}

Test(id_map, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {0x8d, 0x18, 0x45, 0x08, 0xed, 0xe1, 0xf7, 0x69, 0, 0, 0, 0};
    struct id_entry entry = {id_hash(slice_str("news/1")), 0};
    struct answer answer;
    struct shelf shelf;

    shelf_write(&shelf, &entry, 1);
    cr_assert_eq(shelf.ids.size, ID_RECORD);
    cr_expect_arr_eq(stream_at(&shelf.ids, 0, ID_RECORD, NULL), expected, sizeof expected);
    cr_expect_eq(find(&shelf, entry.hash, 9, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 1);
    cr_expect_eq(find(&shelf, entry.hash + 1, 9, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 0);
    shelf_done(&shelf);
}

Test(id_map, an_extent_holds_as_many_records_as_fit)
{
    cr_expect_eq(ID_RECORDS, 87285);
}

Test(id_map, an_empty_map_finds_nothing)
{
    struct shelf shelf;
    struct answer answer;

    shelf_write(&shelf, NULL, 0);
    cr_expect_eq(find(&shelf, 0, 9, &answer), LEDE_OK);
    cr_expect_eq(find(&shelf, UINT64_MAX, 9, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 0);
    shelf_done(&shelf);
}

Test(id_map, documents_of_one_hash_come_rising_until_enough)
{
    struct id_entry entries[] = {{7, 4}, {UINT64_MAX, 1}, {7, 0}, {0, 3}, {7, 2}, {8, 5}};
    struct shelf shelf;
    struct answer answer;

    shelf_write(&shelf, entries, 6);
    cr_expect_eq(find(&shelf, 7, 9, &answer), LEDE_OK);
    cr_assert_eq(answer.count, 3);
    cr_expect_arr_eq(answer.documents, ((doc_id[]){0, 2, 4}), 3 * sizeof(doc_id));
    cr_expect_eq(find(&shelf, 7, 2, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 2);
    cr_expect_eq(find(&shelf, UINT64_MAX, 9, &answer), LEDE_OK);
    cr_expect(answer.count == 1 && answer.documents[0] == 1);
    cr_expect_eq(find(&shelf, 0, 9, &answer), LEDE_OK);
    cr_expect(answer.count == 1 && answer.documents[0] == 3);
    shelf_done(&shelf);
}

Test(id_map, a_document_given_twice_is_refused)
{
    struct id_entry entries[] = {{7, 4}, {7, 4}};
    struct memory_records memory;
    struct stream_writer writer;

    memory_records_init(&memory);
    stream_writer_init(&writer, SEGMENT, STREAM_IDS, &memory.sink, NULL);
    cr_expect_eq(id_map_write(&writer, entries, 2, NULL), LEDE_CORRUPT);
    stream_writer_done(&writer);
    memory_records_done(&memory);
}

/* How hashes are spread: as they are, or as who chose his ids could make them. */
static uint64_t random_hash(struct dice *dice, int spread)
{
    switch (spread) {
    case 0:
        return dice_roll(dice);
    case 1:
        return dice_below(dice, 5000);
    case 2:
        return 1ULL << dice_below(dice, 64) | dice_below(dice, 1000);
    default:
        return UINT64_MAX - dice_bits(dice, 32);
    }
}

Test(id_map, every_hash_of_any_spread_is_found_and_no_other)
{
    enum { COUNT = 200000 };
    struct dice dice = dice_new();
    struct id_entry *entries = malloc(COUNT * sizeof *entries);

    cr_assert(entries);
    for (int spread = 0; spread < 4; spread++) {
        struct shelf shelf;
        struct answer answer;

        for (doc_id i = 0; i < COUNT; i++)
            entries[i] = (struct id_entry){random_hash(&dice, spread), COUNT - 1 - i};
        shelf_write(&shelf, entries, COUNT);
        cr_expect_gt(shelf.ids.count, 1);
        for (uint32_t i = 1; i < COUNT; i++)
            cr_assert(entries[i - 1].hash < entries[i].hash ||
                      (entries[i - 1].hash == entries[i].hash &&
                       entries[i - 1].document < entries[i].document));
        for (uint32_t i = 0; i < COUNT; i += 1 + dice_below(&dice, 20)) {
            struct id_entry read;

            cr_assert_eq(id_map_get(&shelf.ids, i, &read, NULL), LEDE_OK);
            cr_assert(read.hash == entries[i].hash && read.document == entries[i].document);
            if (spread == 2 && read.hash < 1024)
                continue; /* more of them than an answer holds */
            cr_assert_eq(find(&shelf, read.hash, 1, &answer), LEDE_OK);
            cr_assert_eq(answer.count, 1, "LEDE_SEED=%llu", (unsigned long long)dice.seed);
            cr_assert(answer.documents[0] == read.document ||
                          (i > 0 && entries[i - 1].hash == read.hash),
                      "LEDE_SEED=%llu", (unsigned long long)dice.seed);
            if (spread == 0) {
                cr_assert_eq(find(&shelf, dice_roll(&dice), 1, &answer), LEDE_OK);
                cr_assert_eq(answer.count, 0);
            }
        }
        shelf_done(&shelf);
    }
    free(entries);
}

/* ---- damage ---- */

Test(id_map, a_record_of_no_document_is_corrupt)
{
    struct id_entry entries[] = {{1, 0}, {2, 1}, {3, 3}};
    struct shelf shelf;
    struct answer answer;

    shelf_write(&shelf, entries, 3);
    cr_expect_eq(find(&shelf, 1, 9, &answer), LEDE_OK);
    cr_expect_eq(find(&shelf, 3, 9, &answer), LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(id_map, fewer_records_than_documents_is_corrupt)
{
    struct id_entry entries[] = {{1, 0}, {2, 1}}, read;
    struct shelf shelf;
    struct answer answer;

    shelf_write(&shelf, entries, 2);
    shelf.documents = 100;
    cr_expect_eq(find(&shelf, 3, 9, &answer), LEDE_CORRUPT);
    cr_expect_eq(id_map_get(&shelf.ids, 2, &read, NULL), LEDE_CORRUPT);
    cr_expect_eq(id_map_get(&shelf.ids, UINT64_MAX, &read, NULL), LEDE_INVALID);
    shelf_done(&shelf);
}

Test(id_map, records_in_any_order_end_a_search)
{
    struct dice dice = dice_new();

    for (int round = 0; round < 3000; round++) {
        uint8_t bytes[60 * ID_RECORD];
        size_t corrupt = 0;
        struct answer answer;
        struct shelf shelf;

        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(i % ID_RECORD < 8 ? dice_roll(&dice)
                                                   : (i % ID_RECORD == 8) * (i / ID_RECORD));
        memory_records_init(&shelf.memory);
        byte_stream_of(&shelf.memory, SEGMENT, STREAM_IDS, bytes, sizeof bytes, &shelf.ids);
        shelf.documents = 60;
        for (int i = 0; i < 20; i++) {
            enum lede_status status = find(&shelf, dice_roll(&dice), 60, &answer);

            cr_assert(status == LEDE_OK || status == LEDE_CORRUPT);
            corrupt += status == LEDE_CORRUPT;
        }
        cr_assert_gt(corrupt, 0, "LEDE_SEED=%llu", (unsigned long long)dice.seed);
        shelf_done(&shelf);
    }
}
