#include <criterion/criterion.h>

#include "index/id_map.h"
#include "tests/index/byte_stream.h"
#include "tests/index/dice.h"

enum { SEGMENT = 6, KEY_MAX = (1 << ID_KEY_BITS) - 1, ANSWER_MAX = 64 };

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
    doc_id documents[ANSWER_MAX];
    size_t count, most;
};

static bool take(void *context, doc_id document)
{
    struct answer *answer = context;

    cr_assert_lt(answer->count, ANSWER_MAX);
    answer->documents[answer->count++] = document;
    return answer->count < answer->most;
}

static enum lede_status find(struct shelf *shelf, uint32_t key, size_t most, struct answer *answer)
{
    answer->count = 0;
    answer->most = most;
    return id_map_find(&shelf->ids, shelf->documents, key, take, answer, NULL);
}

Test(id_map, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {1, 0, 0, 0, 0x1e, 0x7e, 0x9f, 0x06};
    struct id_entry entry = {id_key(id_hash(slice_str("news/1"))), 0};
    struct answer answer;
    struct shelf shelf;

    cr_expect_eq(entry.key, 0x69f7e1e);
    shelf_write(&shelf, &entry, 1);
    cr_assert_eq(shelf.ids.size, sizeof expected);
    cr_expect_arr_eq(stream_at(&shelf.ids, 0, sizeof expected, NULL), expected, sizeof expected);
    cr_expect_eq(find(&shelf, entry.key, 9, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 1);
    cr_expect_eq(find(&shelf, entry.key + 1, 9, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 0);
    shelf_done(&shelf);
}

Test(id_map, a_bucket_is_for_eight_to_sixteen_documents)
{
    cr_expect_eq(id_map_size(0), 0);
    cr_expect_eq(id_map_size(1), 4 * (1 + 1));
    cr_expect_eq(id_map_size(16), 4 * (1 + 16));
    cr_expect_eq(id_map_size(17), 4 * (2 + 17));
    cr_expect_eq(id_map_size(32), 4 * (2 + 32));
    cr_expect_eq(id_map_size(33), 4 * (4 + 33));
    cr_expect_eq(id_map_size(DOCS_MAX), 4 * ((uint64_t)DOCS_MAX / 16 + DOCS_MAX));
}

Test(id_map, an_empty_map_finds_nothing)
{
    struct shelf shelf;
    struct answer answer;
    struct id_cursor cursor;
    struct id_entry entry;

    shelf_write(&shelf, NULL, 0);
    cr_expect_eq(find(&shelf, 0, 9, &answer), LEDE_OK);
    cr_expect_eq(find(&shelf, KEY_MAX, 9, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 0);
    id_cursor_init(&cursor, &shelf.ids, 0);
    cr_expect_eq(id_cursor_next(&cursor, &entry, NULL), LEDE_MISSING);
    shelf_done(&shelf);
}

Test(id_map, documents_of_one_key_come_rising_until_enough)
{
    struct id_entry entries[] = {{7, 4}, {KEY_MAX, 1}, {7, 0}, {0, 3}, {7, 2}, {8, 5}};
    struct shelf shelf;
    struct answer answer;

    shelf_write(&shelf, entries, 6);
    cr_expect_eq(find(&shelf, 7, 9, &answer), LEDE_OK);
    cr_assert_eq(answer.count, 3);
    cr_expect_arr_eq(answer.documents, ((doc_id[]){0, 2, 4}), 3 * sizeof(doc_id));
    cr_expect_eq(find(&shelf, 7, 2, &answer), LEDE_OK);
    cr_expect_eq(answer.count, 2);
    cr_expect_eq(find(&shelf, KEY_MAX, 9, &answer), LEDE_OK);
    cr_expect(answer.count == 1 && answer.documents[0] == 1);
    cr_expect_eq(find(&shelf, 0, 9, &answer), LEDE_OK);
    cr_expect(answer.count == 1 && answer.documents[0] == 3);
    shelf_done(&shelf);
}

static enum lede_status write_two(struct id_entry first, struct id_entry second)
{
    struct id_entry entries[] = {first, second};
    struct memory_records memory;
    struct stream_writer writer;
    enum lede_status status;

    memory_records_init(&memory);
    stream_writer_init(&writer, SEGMENT, STREAM_IDS, &memory.sink, NULL);
    status = id_map_write(&writer, entries, 2, NULL);
    stream_writer_done(&writer);
    memory_records_done(&memory);
    return status;
}

Test(id_map, entries_that_cannot_be_are_refused)
{
    cr_expect_eq(write_two((struct id_entry){7, 1}, (struct id_entry){7, 0}), LEDE_OK);
    cr_expect_eq(write_two((struct id_entry){7, 1}, (struct id_entry){7, 1}), LEDE_CORRUPT);
    cr_expect_eq(write_two((struct id_entry){7, 1}, (struct id_entry){7, 2}), LEDE_CORRUPT);
    cr_expect_eq(write_two((struct id_entry){7, 1}, (struct id_entry){KEY_MAX + 1, 0}),
                 LEDE_CORRUPT);
}

/* How keys are spread: as they are, or as who chose his ids could make them. */
static uint32_t random_key(struct dice *dice, int spread)
{
    switch (spread) {
    case 0:
        return dice_below(dice, KEY_MAX + 1);
    case 1:
        return dice_below(dice, 5000);
    case 2:
        return 1U << dice_below(dice, ID_KEY_BITS) | dice_below(dice, 1000);
    default:
        return KEY_MAX - dice_below(dice, 200000);
    }
}

/* That a walk gives the entries, which id_map_write sorted. */
static void expect_walk(struct shelf *shelf, const struct id_entry *entries)
{
    struct id_cursor cursor;
    struct id_entry entry;

    id_cursor_init(&cursor, &shelf->ids, shelf->documents);
    for (doc_id i = 0; i < shelf->documents; i++) {
        cr_assert_eq(id_cursor_next(&cursor, &entry, NULL), LEDE_OK);
        cr_assert(entry.key == entries[i].key && entry.document == entries[i].document);
        cr_assert(i == 0 || entries[i - 1].key < entry.key ||
                  (entries[i - 1].key == entry.key && entries[i - 1].document < entry.document));
    }
    cr_expect_eq(id_cursor_next(&cursor, &entry, NULL), LEDE_MISSING);
}

/* That the documents of the key of entry number at are found, and no others. */
static void expect_found(struct shelf *shelf, const struct id_entry *entries, doc_id at)
{
    struct answer answer;
    doc_id first = at;

    while (first > 0 && entries[first - 1].key == entries[at].key)
        first--;
    cr_assert_eq(find(shelf, entries[at].key, ANSWER_MAX, &answer), LEDE_OK);
    for (size_t i = 0; i < answer.count; i++)
        cr_assert(first + i < shelf->documents && entries[first + i].key == entries[at].key &&
                  entries[first + i].document == answer.documents[i]);
    cr_assert(answer.count == ANSWER_MAX || first + answer.count == shelf->documents ||
              entries[first + answer.count].key != entries[at].key);
}

Test(id_map, every_key_of_any_spread_is_found_with_its_documents)
{
    static const doc_id counts[] = {1, 2, 16, 17, 1000, 300000};
    struct dice dice = dice_new();
    struct id_entry *entries = malloc(300000 * sizeof *entries);

    cr_assert(entries);
    for (size_t round = 0; round < 4 * sizeof counts / sizeof *counts; round++) {
        doc_id count = counts[round / 4];
        struct shelf shelf;

        for (doc_id i = 0; i < count; i++)
            entries[i] = (struct id_entry){random_key(&dice, (int)(round % 4)), count - 1 - i};
        shelf_write(&shelf, entries, count);
        cr_expect_eq(shelf.ids.size, id_map_size(count));
        cr_expect_eq(shelf.ids.count > 1, count == 300000);
        expect_walk(&shelf, entries);
        for (doc_id i = 0; i < count; i += 1 + dice_below(&dice, 1 + count / 1000))
            expect_found(&shelf, entries, i);
        shelf_done(&shelf);
    }
    free(entries);
}

Test(id_map, a_key_that_no_id_has_is_not_found)
{
    enum { COUNT = 5000 };
    struct dice dice = dice_new();
    struct id_entry *entries = malloc(COUNT * sizeof *entries);
    struct shelf shelf;
    struct answer answer;

    cr_assert(entries);
    for (doc_id i = 0; i < COUNT; i++)
        entries[i] = (struct id_entry){random_key(&dice, 0) & ~1U, i};
    shelf_write(&shelf, entries, COUNT);
    for (int round = 0; round < 10000; round++) {
        cr_assert_eq(find(&shelf, random_key(&dice, 0) | 1, 9, &answer), LEDE_OK);
        cr_assert_eq(answer.count, 0, "LEDE_SEED=%llu", (unsigned long long)dice.seed);
    }
    shelf_done(&shelf);
    free(entries);
}

/* ---- damage ---- */

/* A map of three documents: one bucket, records of 28 bits of key and 2 of document. */
static void shelf_of(struct shelf *shelf, const uint32_t *numbers, size_t count, doc_id documents)
{
    uint8_t bytes[16];

    cr_assert_leq(4 * count, sizeof bytes);
    for (size_t i = 0; i < count; i++)
        store_le32(bytes + 4 * i, numbers[i]);
    memory_records_init(&shelf->memory);
    byte_stream_of(&shelf->memory, SEGMENT, STREAM_IDS, bytes, 4 * count, &shelf->ids);
    shelf->documents = documents;
}

static enum lede_status walk(struct shelf *shelf)
{
    struct id_cursor cursor;
    struct id_entry entry;
    enum lede_status status;

    id_cursor_init(&cursor, &shelf->ids, shelf->documents);
    while ((status = id_cursor_next(&cursor, &entry, NULL)) == LEDE_OK)
        cr_assert(entry.document < shelf->documents && entry.key <= KEY_MAX);
    return status;
}

Test(id_map, what_cannot_be_is_corrupt)
{
    static const struct {
        uint32_t numbers[4];
        size_t count;
        uint32_t key;
        enum lede_status found, walked;
        const char *what;
    } cases[] = {
        {{3, 4, 8, 14}, 4, 3, LEDE_OK, LEDE_MISSING, "1: 0, 2: 0, 3: 2"},
        {{3, 4, 8, 15}, 4, 3, LEDE_CORRUPT, LEDE_CORRUPT, "a document that does not exist"},
        {{3, 8, 4, 14}, 4, 3, LEDE_OK, LEDE_CORRUPT, "an order that a search need not see"},
        {{3, 14, 14, 14}, 4, 3, LEDE_CORRUPT, LEDE_CORRUPT, "a document twice"},
        {{4, 4, 8, 14}, 4, 3, LEDE_CORRUPT, LEDE_CORRUPT, "more than there are"},
        {{2, 4, 8, 14}, 4, 3, LEDE_CORRUPT, LEDE_CORRUPT, "fewer than there are"},
        {{3, 4, 8}, 3, 3, LEDE_CORRUPT, LEDE_CORRUPT, "a record is missing"},
        {{3, 4, 8, 1U << 30}, 4, 3, LEDE_OK, LEDE_CORRUPT, "a key of too many bits"},
        {{0}, 0, 3, LEDE_CORRUPT, LEDE_CORRUPT, "all is missing"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shelf shelf;
        struct answer answer;

        shelf_of(&shelf, cases[i].numbers, cases[i].count, 3);
        cr_expect_eq(find(&shelf, cases[i].key, 9, &answer), cases[i].found, "%s", cases[i].what);
        cr_expect_eq(walk(&shelf), cases[i].walked, "%s", cases[i].what);
        shelf_done(&shelf);
    }
}

Test(id_map, numbers_of_any_kind_end_a_search_and_a_walk)
{
    enum { DOCUMENTS = 60, NUMBERS = 4 + DOCUMENTS };
    struct dice dice = dice_new();

    for (int round = 0; round < 3000; round++) {
        uint8_t bytes[4 * NUMBERS];
        struct answer answer;
        struct shelf shelf;

        for (size_t i = 0; i < NUMBERS; i++)
            store_le32(bytes + 4 * i,
                       i < 4 ? dice_below(&dice, DOCUMENTS + 2) : (uint32_t)dice_roll(&dice));
        memory_records_init(&shelf.memory);
        byte_stream_of(&shelf.memory, SEGMENT, STREAM_IDS, bytes, sizeof bytes, &shelf.ids);
        shelf.documents = DOCUMENTS;
        for (int i = 0; i < 20; i++) {
            enum lede_status status = find(&shelf, random_key(&dice, i % 4), DOCUMENTS, &answer);

            cr_assert(status == LEDE_OK || status == LEDE_CORRUPT);
        }
        cr_assert_eq(walk(&shelf), LEDE_CORRUPT, "LEDE_SEED=%llu", (unsigned long long)dice.seed);
        shelf_done(&shelf);
    }
}
