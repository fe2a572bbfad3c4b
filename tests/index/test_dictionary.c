#include <criterion/criterion.h>
#include <stdio.h>

#include "base/account.h"
#include "index/checksum.h"
#include "tests/index/dictionary_items.h"
#include "tests/index/memory_records.h"

enum { SEGMENT = 5 };

/* Terms of few letters, so that many share much; some as long as a term may be. */
static void random_term(struct dice *dice, struct item *item)
{
    item->size = 1 + dice_below(dice, dice_below(dice, 20) == 0 ? KEY_TERM_MAX : 9);
    for (size_t i = 0; i < item->size; i++)
        item->term[i] = (uint8_t)(dice_below(dice, 30) == 0 ? dice_below(dice, 256)
                                                            : 'a' + dice_below(dice, 3));
    if (item->term[0] == FIELD_END)
        item->term[0]--;
}

static void random_info(struct dice *dice, struct item *item)
{
    struct term_info *info = &item->info;

    memset(info, 0, sizeof *info);
    info->df = 1 + dice_bits(dice, 1 + dice_below(dice, 29));
    info->total_tf = info->df + dice_bits(dice, dice_below(dice, 32));
    if (posting_is_inline(info->df, info->total_tf)) {
        size_t size = 1 + dice_below(dice, dice_below(dice, 50) == 0 ? INLINE_SIZE_MAX : 12);

        for (size_t i = 0; i < size; i++)
            item->inlined[i] = (uint8_t)dice_roll(dice);
        info->inlined = slice_of(item->inlined, size);
        info->bound = UINT8_MAX;
        return;
    }
    draw_place(dice, info);
    for (size_t i = 0; i < PRIMED_COUNT; i++)
        info->primed[i] = info->df >= PRIMED_RANK[i] ? (uint8_t)dice_roll(dice) : 0;
}

/* Fills items with distinct terms, rising; returns how many there are. */
static size_t random_items(struct dice *dice, struct item *items, size_t count)
{
    size_t kept;

    for (size_t i = 0; i < count; i++)
        random_term(dice, &items[i]);
    kept = items_sort(items, count);
    for (size_t i = 0; i < kept; i++)
        random_info(dice, &items[i]);
    return kept;
}

static struct dictionary_totals write_items(struct memory_records *memory, uint32_t segment,
                                            const struct item *items, size_t count)
{
    struct dictionary_writer *writer;
    struct dictionary_totals totals = {0, 0};
    struct lede_error error = {0};

    cr_assert_eq(dictionary_writer_new(segment, &memory->sink, NULL, &writer, &error), LEDE_OK);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(dictionary_writer_add(writer, term_of(&items[i]), &items[i].info, &error),
                     LEDE_OK, "%s", error.text);
    cr_assert_eq(dictionary_writer_finish(writer, &totals, &error), LEDE_OK);
    dictionary_writer_free(writer);
    return totals;
}

static bool info_equal(const struct term_info *a, const struct term_info *b)
{
    return a->df == b->df && a->total_tf == b->total_tf && slice_equal(a->inlined, b->inlined) &&
           a->skip == b->skip && a->block == b->block && a->positions == b->positions &&
           a->bound == b->bound && memcmp(a->primed, b->primed, PRIMED_COUNT) == 0;
}

/* The example of dictionary.h. */
static void example_items(struct item items[2])
{
    static const uint8_t list[] = {7, 5};

    memset(items, 0, 2 * sizeof *items);
    memcpy(items[0].term, "\0cat", items[0].size = 4);
    items[0].info = (struct term_info){
        .df = 1, .total_tf = 1, .inlined = slice_of(list, sizeof list), .bound = UINT8_MAX};
    memcpy(items[1].term, "\0cats", items[1].size = 5);
    items[1].info =
        (struct term_info){.df = 200, .total_tf = 300, .bound = 0x2a, .primed = {0x19, 0x0b}};
}

static void reseal(struct memory_record *record)
{
    store_le32(record->value, checksum_of(checksum_seed('d', record->key.data, record->key.size),
                                          record->value + 4, record->size - 4));
}

static enum lede_status find(struct memory_records *memory, const char *term, size_t size,
                             struct term_info *info, struct lede_error *err)
{
    return dictionary_find(&memory->pages, SEGMENT, slice_of(term, size), info, err);
}

Test(dictionary, the_example_of_the_header_is_these_bytes)
{
    static const uint8_t expected[] = {2, 0, 0, 0,   0,    0, 0,    0, 0,    0,    0,   0,   0,   0,
                                       0, 0, 0, 0,   0,    0, 0x1a, 0, 0x30, 0,    'c', 'a', 't', 2,
                                       7, 5, 4, 's', 0x91, 3, 0x64, 0, 0x2a, 0x19, 0x0b};
    static const uint8_t zeros[DICT_PAGE_SIZE];
    struct memory_records memory;
    struct item items[2];
    struct dictionary_totals totals;
    const struct memory_record *page;

    memory_records_init(&memory);
    example_items(items);
    totals = write_items(&memory, SEGMENT, items, 2);
    cr_expect_eq(totals.pages, 1);
    cr_expect_eq(totals.terms, 2);
    page = memory_records_find(&memory, 'd', slice_of("\0\0\0\5\xff", 5));
    cr_assert(page);
    cr_assert_eq(page->size, DICT_PAGE_SIZE);
    cr_expect_arr_eq(page->value + 4, expected, sizeof expected);
    cr_expect_arr_eq(page->value + 4 + sizeof expected, zeros,
                     DICT_PAGE_SIZE - 4 - sizeof expected);
    memory_records_done(&memory);
}

Test(dictionary, a_term_is_found_and_one_between_two_is_missing)
{
    struct memory_records memory;
    struct item items[2];
    struct term_info info;
    struct lede_error error = {.status = LEDE_OK, .text = "untouched"};

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT, items, 2);
    cr_expect_eq(find(&memory, "\0cat", 4, &info, &error), LEDE_OK);
    cr_expect(info_equal(&info, &items[0].info));
    cr_expect_eq(find(&memory, "\0cats", 5, &info, &error), LEDE_OK);
    cr_expect(info_equal(&info, &items[1].info));
    cr_expect_eq(find(&memory, "\0ca", 3, &info, &error), LEDE_MISSING);
    cr_expect_eq(find(&memory, "\0catr", 5, &info, &error), LEDE_MISSING);
    cr_expect_eq(find(&memory, "\0catsy", 6, &info, &error), LEDE_MISSING);
    cr_expect_eq(find(&memory, "\xfe", 1, &info, &error), LEDE_MISSING);
    cr_expect_eq(find(&memory, "\xff", 1, &info, &error), LEDE_MISSING);
    cr_expect_eq(find(&memory, NULL, 0, &info, &error), LEDE_MISSING);
    cr_expect_str_eq(error.text, "untouched");
    memory_records_done(&memory);
}

Test(dictionary, a_segment_sees_only_its_own_terms)
{
    struct memory_records memory;
    struct item items[2];
    struct term_info info;
    struct slice term;
    struct dictionary_cursor cursor;

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT - 1, items, 1);
    write_items(&memory, SEGMENT, items + 1, 1);
    write_items(&memory, SEGMENT + 1, items, 2);
    cr_expect_eq(find(&memory, "\0cat", 4, &info, NULL), LEDE_MISSING);
    cr_expect_eq(find(&memory, "\0cats", 5, &info, NULL), LEDE_OK);
    cr_expect_eq(dictionary_cursor_seek(&cursor, &memory.pages, SEGMENT - 1, slice_str(""), NULL),
                 LEDE_OK);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_OK);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_MISSING);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_MISSING);
    memory_records_done(&memory);
}

Test(dictionary, a_segment_without_terms_has_a_page_that_says_so)
{
    struct memory_records memory;
    struct memory_record *page;
    struct dictionary_totals totals;
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;

    memory_records_init(&memory);
    totals = write_items(&memory, SEGMENT, NULL, 0);
    cr_expect_eq(totals.pages, 1);
    cr_expect_eq(totals.terms, 0);
    page = &memory.records[0];
    cr_expect_eq(dictionary_page_check(page->key, slice_of(page->value, page->size), NULL),
                 LEDE_OK);
    cr_expect_eq(find(&memory, "\0cat", 4, &info, NULL), LEDE_MISSING);
    cr_expect_eq(dictionary_cursor_seek(&cursor, &memory.pages, SEGMENT, slice_str("a"), NULL),
                 LEDE_OK);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_MISSING);
    memory_records_done(&memory);
}

Test(dictionary, a_term_that_is_too_long_to_exist_is_missing)
{
    struct memory_records memory;
    struct item items[2];
    struct term_info info;
    struct dictionary_cursor cursor;
    struct slice term;
    char text[400];

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT, items, 2);
    memset(text, 0, sizeof text);
    cr_expect_eq(find(&memory, text, sizeof text, &info, NULL), LEDE_MISSING);
    cr_expect_eq(
        dictionary_cursor_seek(&cursor, &memory.pages, SEGMENT, slice_of(text, sizeof text), NULL),
        LEDE_OK);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_OK);
    cr_expect(slice_equal(term, term_of(&items[0])));
    memory_records_done(&memory);
}

/* ---- random dictionaries ---- */

enum { MANY = 6000 };

struct world {
    struct memory_records memory;
    struct dice dice;
    struct item *items;
    size_t count;
};

static void world_init(struct world *world)
{
    world->dice = dice_new();
    world->items = calloc(MANY, sizeof *world->items);
    cr_assert(world->items);
    world->count = random_items(&world->dice, world->items, MANY);
    memory_records_init(&world->memory);
}

static void world_done(struct world *world)
{
    memory_records_done(&world->memory);
    free(world->items);
}

static unsigned long long seed_of(const struct world *world)
{
    return (unsigned long long)world->dice.seed;
}

Test(dictionary, whatever_is_written_is_found)
{
    struct world world;
    struct dictionary_totals totals;
    struct term_info info;

    world_init(&world);
    totals = write_items(&world.memory, SEGMENT, world.items, world.count);
    cr_expect_eq(totals.terms, world.count);
    cr_expect_eq(totals.pages, world.memory.count);
    cr_expect_gt(totals.pages, 10);
    for (size_t i = 0; i < world.count; i++) {
        cr_assert_eq(
            dictionary_find(&world.memory.pages, SEGMENT, term_of(&world.items[i]), &info, NULL),
            LEDE_OK, "term %zu, LEDE_SEED=%llu", i, seed_of(&world));
        cr_assert(info_equal(&info, &world.items[i].info), "term %zu, LEDE_SEED=%llu", i,
                  seed_of(&world));
    }
    world_done(&world);
}

/* The place of the first item that is not below term. */
static size_t item_lower_bound(const struct world *world, struct slice term)
{
    size_t at = 0;

    while (at < world->count && slice_compare(term_of(&world->items[at]), term) < 0)
        at++;
    return at;
}

Test(dictionary, find_and_seek_agree_with_a_sorted_array_on_any_term)
{
    struct world world;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    for (int round = 0; round < 3000; round++) {
        struct item wanted;
        struct dictionary_cursor cursor;
        struct term_info info;
        struct slice term;
        size_t at;
        bool there;

        random_term(&world.dice, &wanted);
        at = item_lower_bound(&world, term_of(&wanted));
        there = at < world.count && item_compare(&wanted, &world.items[at]) == 0;
        cr_assert_eq(dictionary_find(&world.memory.pages, SEGMENT, term_of(&wanted), &info, NULL),
                     there ? LEDE_OK : LEDE_MISSING, "LEDE_SEED=%llu", seed_of(&world));
        cr_assert_eq(
            dictionary_cursor_seek(&cursor, &world.memory.pages, SEGMENT, term_of(&wanted), NULL),
            LEDE_OK);
        for (size_t i = at; i < at + 40 && i < world.count; i++) {
            cr_assert_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_OK);
            cr_assert(slice_equal(term, term_of(&world.items[i])) &&
                          info_equal(&info, &world.items[i].info),
                      "LEDE_SEED=%llu", seed_of(&world));
        }
    }
    world_done(&world);
}

Test(dictionary, a_cursor_walks_every_term_in_order_and_ends)
{
    struct world world;
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    cr_assert_eq(
        dictionary_cursor_seek(&cursor, &world.memory.pages, SEGMENT, slice_of(NULL, 0), NULL),
        LEDE_OK);
    for (size_t i = 0; i < world.count; i++) {
        cr_assert_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_OK, "LEDE_SEED=%llu",
                     seed_of(&world));
        cr_assert(slice_equal(term, term_of(&world.items[i])), "LEDE_SEED=%llu", seed_of(&world));
    }
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_MISSING);
    world_done(&world);
}

Test(dictionary, every_page_passes_its_check_and_none_has_room_for_the_next_term)
{
    struct world world;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    for (size_t i = 0; i < world.memory.count; i++) {
        const struct memory_record *record = &world.memory.records[i];
        struct lede_error error = {0};
        size_t used = record->size;

        cr_expect_eq(
            dictionary_page_check(record->key, slice_of(record->value, record->size), &error),
            LEDE_OK, "%s, LEDE_SEED=%llu", error.text, seed_of(&world));
        while (used > 0 && record->value[used - 1] == 0)
            used--;
        cr_expect(i + 1 == world.memory.count ||
                      used + 2 + 8 + KEY_TERM_MAX + 15 + 20 + INLINE_SIZE_MAX > DICT_PAGE_SIZE,
                  "LEDE_SEED=%llu", seed_of(&world));
    }
    world_done(&world);
}

/* An end is a beginning of the first term behind it, above the last term before it, and the
 * shortest such. */
Test(dictionary, where_a_page_ends_the_next_one_begins)
{
    struct world world;
    size_t at = 0;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    for (size_t i = 0; i + 1 < world.memory.count; i++) {
        const struct memory_record *record = &world.memory.records[i];
        struct slice end = slice_of(record->key.data + 4, record->key.size - 4);
        struct slice first, last;

        at += load_le16(record->value + 4);
        last = term_of(&world.items[at - 1]);
        first = term_of(&world.items[at]);
        cr_assert_leq(end.size, first.size);
        cr_expect(slice_equal(end, slice_of(first.data, end.size)) && slice_compare(last, end) < 0,
                  "LEDE_SEED=%llu", seed_of(&world));
        cr_expect_geq(slice_compare(last, slice_of(end.data, end.size - 1)), 0, "LEDE_SEED=%llu",
                      seed_of(&world));
        cr_expect_eq(world.memory.records[i + 1].value[6], end.size);
    }
    cr_expect(
        slice_equal(world.memory.records[world.memory.count - 1].key, slice_of("\0\0\0\5\xff", 5)));
    world_done(&world);
}

/* Of all sizes of the first entry, some let the last one end exactly where the page does. */
Test(dictionary, a_page_may_be_filled_to_its_last_byte_and_not_beyond)
{
    enum { COUNT = 900 };
    struct item *items = calloc(COUNT, sizeof *items);
    struct term_info info;
    bool filled = false;

    cr_assert(items);
    for (uint32_t i = 0; i < COUNT; i++) {
        items[i].size = 3;
        memcpy(items[i].term, ((uint8_t[]){1, (uint8_t)(i / 250), (uint8_t)(i % 250)}), 3);
        items[i].info = (struct term_info){.df = 1, .total_tf = 1, .bound = UINT8_MAX};
        items[i].info.inlined = slice_of(items[i].inlined, 2);
        memset(items[i].inlined, 0xee, INLINE_SIZE_MAX);
    }
    for (size_t size = 1; size <= INLINE_SIZE_MAX; size++) {
        struct memory_records memory;

        memory_records_init(&memory);
        items[0].info.inlined.size = size;
        write_items(&memory, SEGMENT, items, COUNT);
        filled |= memory.records[0].value[DICT_PAGE_SIZE - 1] != 0;
        for (size_t i = 0; i < COUNT; i++)
            cr_assert(dictionary_find(&memory.pages, SEGMENT, term_of(&items[i]), &info, NULL) ==
                          LEDE_OK &&
                      info_equal(&info, &items[i].info));
        memory_records_done(&memory);
    }
    cr_expect(filled);
    free(items);
}

Test(dictionary, lists_of_one_block_are_placed_behind_the_first_of_their_page)
{
    struct memory_records memory;
    struct item items[2];
    const uint8_t *page;

    memory_records_init(&memory);
    memset(items, 0, sizeof items);
    for (unsigned i = 0; i < 2; i++) {
        items[i].size = 1;
        items[i].term[0] = (uint8_t)i;
        items[i].info = (struct term_info){
            .df = 9, .total_tf = 9, .block = 1000 + 300 * i, .positions = 7000 + 5 * i, .bound = 9};
    }
    write_items(&memory, SEGMENT, items, 2);
    page = memory.records[0].value;
    cr_expect_eq(load_le64(page + 8), 1000);
    cr_expect_eq(load_le64(page + 16), 7000);
    cr_expect_arr_eq(page + 26,
                     "\0\0\x13\0\0\0\x09"
                     "\0\1\x13\0\xac\x02\5\x09",
                     15);
    memory_records_done(&memory);
}

Test(dictionary, the_same_terms_give_the_same_pages)
{
    struct world world;
    struct memory_records again;

    world_init(&world);
    memory_records_init(&again);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    write_items(&again, SEGMENT, world.items, world.count);
    cr_assert_eq(again.count, world.memory.count);
    for (size_t i = 0; i < again.count; i++) {
        cr_expect(slice_equal(again.records[i].key, world.memory.records[i].key));
        cr_expect_arr_eq(again.records[i].value, world.memory.records[i].value, DICT_PAGE_SIZE);
    }
    memory_records_done(&again);
    world_done(&world);
}

/* ---- mistakes of the writer's caller ---- */

static enum lede_status add_two(const char *first, const char *second, struct term_info info)
{
    struct memory_records memory;
    struct dictionary_writer *writer;
    struct dictionary_totals totals;
    enum lede_status status;

    memory_records_init(&memory);
    cr_assert_eq(dictionary_writer_new(SEGMENT, &memory.sink, NULL, &writer, NULL), LEDE_OK);
    status = dictionary_writer_add(writer, slice_str(first), &info, NULL);
    if (status == LEDE_OK)
        status = dictionary_writer_add(writer, slice_str(second), &info, NULL);
    cr_expect_eq(dictionary_writer_finish(writer, &totals, NULL), status, "failures are sticky");
    dictionary_writer_free(writer);
    memory_records_done(&memory);
    return status;
}

Test(dictionary_writer, terms_that_do_not_rise_or_contradict_their_counts_are_refused)
{
    char longest[KEY_TERM_MAX + 2];
    struct term_info good = {.df = 9, .total_tf = 9};

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    cr_expect_eq(add_two("a", "b", good), LEDE_OK);
    cr_expect_eq(add_two("a", longest + 1, good), LEDE_OK);
    cr_expect_eq(add_two("a", longest, good), LEDE_CORRUPT);
    cr_expect_eq(add_two("b", "a", good), LEDE_CORRUPT);
    cr_expect_eq(add_two("a", "a", good), LEDE_CORRUPT);
    cr_expect_eq(add_two("a", "\xfe\xff", good), LEDE_OK);
    cr_expect_eq(add_two("a", "\xff", good), LEDE_CORRUPT);
    cr_expect_eq(add_two("", "a", good), LEDE_CORRUPT);
    cr_expect_eq(add_two("a", "b", (struct term_info){.df = 0, .total_tf = 40}), LEDE_CORRUPT);
    cr_expect_eq(add_two("a", "b", (struct term_info){.df = 40, .total_tf = 39}), LEDE_CORRUPT);
    cr_expect_eq(add_two("a", "b", (struct term_info){.df = 1, .total_tf = 1}), LEDE_CORRUPT);
}

Test(dictionary_writer, a_sink_that_fails_is_reported_and_sticks)
{
    struct world world;
    struct dictionary_writer *writer;
    struct dictionary_totals totals;
    enum lede_status status = LEDE_OK;
    struct lede_error error = {0};

    world_init(&world);
    world.memory.puts_left = 3;
    cr_assert_eq(dictionary_writer_new(SEGMENT, &world.memory.sink, NULL, &writer, NULL), LEDE_OK);
    for (size_t i = 0; i < world.count && status == LEDE_OK; i++)
        status =
            dictionary_writer_add(writer, term_of(&world.items[i]), &world.items[i].info, &error);
    cr_expect_eq(status, LEDE_FULL);
    cr_expect_eq(error.status, LEDE_FULL);
    cr_expect_eq(dictionary_writer_finish(writer, &totals, &error), LEDE_FULL);
    dictionary_writer_free(writer);
    world_done(&world);
}

Test(dictionary_writer, memory_that_the_account_refuses_is_a_status)
{
    struct account account;
    struct memory_records memory;
    struct dictionary_writer *writer;

    memory_records_init(&memory);
    account_init(&account, 4000);
    cr_expect_eq(dictionary_writer_new(SEGMENT, &memory.sink, &account, &writer, NULL),
                 LEDE_NO_MEMORY);
    account_init(&account, 1 << 20);
    cr_expect_eq(dictionary_writer_new(SEGMENT, &memory.sink, &account, &writer, NULL), LEDE_OK);
    cr_expect_gt(account.used, 0);
    dictionary_writer_free(writer);
    cr_expect_eq(account.used, 0);
    memory_records_done(&memory);
}

/* ---- damage ---- */

Test(dictionary, a_flipped_bit_anywhere_in_a_page_is_noticed)
{
    struct memory_records memory;
    struct item items[2];
    struct term_info info;
    struct memory_record *record;
    struct dice dice = dice_new();

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT, items, 2);
    record = &memory.records[0];
    for (int round = 0; round < 2000; round++) {
        uint32_t bit = dice_below(&dice, 8 * DICT_PAGE_SIZE);

        record->value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(find(&memory, "\0cat", 4, &info, NULL), LEDE_CORRUPT, "bit %u", bit);
        cr_assert_eq(
            dictionary_page_check(record->key, slice_of(record->value, record->size), NULL),
            LEDE_CORRUPT);
        record->value[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    cr_expect_eq(find(&memory, "\0cat", 4, &info, NULL), LEDE_OK);
    memory_records_done(&memory);
}

Test(dictionary, a_page_cut_short_or_of_another_place_is_noticed)
{
    struct memory_records memory;
    struct item items[2];
    struct term_info info;
    struct memory_record *record;
    uint8_t page[DICT_PAGE_SIZE];

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT, items, 2);
    record = &memory.records[0];
    memcpy(page, record->value, sizeof page);
    for (size_t size = 0; size < DICT_PAGE_SIZE; size += 97) {
        memory_record_set(record, page, size);
        cr_expect_eq(find(&memory, "\0cat", 4, &info, NULL), LEDE_CORRUPT);
    }
    memory_record_set(record, page, sizeof page);
    cr_expect_eq(
        dictionary_page_check(slice_of("\0\0\0\6\xff", 5), slice_of(page, sizeof page), NULL),
        LEDE_CORRUPT);
    cr_expect_eq(dictionary_page_check(slice_of("\0\0\0", 3), slice_of(page, sizeof page), NULL),
                 LEDE_CORRUPT);
    memory_records_done(&memory);
}

/* A source from which one page has gone. */
struct gap {
    struct memory_records *memory;
    size_t gone;
};

static enum lede_status seek_around(void *context, struct slice key, struct slice *found_key,
                                    struct slice *value, struct lede_error *err)
{
    struct gap *gap = context;
    struct memory_record *record = &gap->memory->records[gap->gone];
    enum lede_status status = gap->memory->pages.seek(gap->memory, key, found_key, value, err);

    if (status != LEDE_OK || !slice_equal(*found_key, record->key))
        return status;
    if (gap->gone + 1 == gap->memory->count)
        return LEDE_MISSING;
    *found_key = record[1].key;
    *value = slice_of(record[1].value, record[1].size);
    return LEDE_OK;
}

/* The number of the page to which a term belongs. */
static size_t page_of(const struct memory_records *memory, struct slice term)
{
    size_t page = 0;

    while (slice_compare(
               slice_of(memory->records[page].key.data + 4, memory->records[page].key.size - 4),
               term) <= 0)
        page++;
    return page;
}

Test(dictionary, a_term_of_a_page_that_is_gone_is_corrupt_not_missing)
{
    struct world world;
    struct gap gap;
    struct page_source source = {&gap, seek_around, NULL};
    struct term_info info;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    write_items(&world.memory, SEGMENT + 1, world.items, 1);
    gap = (struct gap){&world.memory, 0};
    for (int round = 0; round < 20000; round++) {
        struct item *item = &world.items[dice_below(&world.dice, (uint32_t)world.count)], wanted;
        enum lede_status expected = LEDE_OK;

        if (round % 2 == 0) {
            random_term(&world.dice, &wanted);
            item = &wanted;
            expected = dictionary_find(&world.memory.pages, SEGMENT, term_of(item), &info, NULL);
        }
        gap.gone = page_of(&world.memory, term_of(item));
        cr_assert_eq(dictionary_find(&source, SEGMENT, term_of(item), &info, NULL), LEDE_CORRUPT,
                     "LEDE_SEED=%llu", seed_of(&world));
        gap.gone += gap.gone > 0 ? (size_t)-1 : 1;
        cr_assert_eq(dictionary_find(&source, SEGMENT, term_of(item), &info, NULL), expected,
                     "LEDE_SEED=%llu", seed_of(&world));
    }
    world_done(&world);
}

Test(dictionary, a_walk_tells_of_a_page_that_is_gone_and_of_no_other)
{
    struct world world;
    struct gap gap;
    struct page_source source = {&gap, seek_around, NULL};
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    write_items(&world.memory, SEGMENT + 1, world.items, 1);
    for (gap = (struct gap){&world.memory, 0}; gap.gone + 1 < world.memory.count; gap.gone++) {
        size_t start = dice_below(&world.dice, (uint32_t)world.count), at = start;
        size_t page = page_of(&world.memory, term_of(&world.items[at]));
        enum lede_status status =
            dictionary_cursor_seek(&cursor, &source, SEGMENT, term_of(&world.items[at]), NULL);

        while (status == LEDE_OK &&
               (status = dictionary_cursor_next(&cursor, &term, &info, NULL)) == LEDE_OK)
            cr_assert(slice_equal(term, term_of(&world.items[at++])), "LEDE_SEED=%llu",
                      seed_of(&world));
        cr_assert_eq(status, page <= gap.gone ? LEDE_CORRUPT : LEDE_MISSING, "LEDE_SEED=%llu",
                     seed_of(&world));
        if (page > gap.gone)
            cr_assert_eq(at, world.count, "LEDE_SEED=%llu", seed_of(&world));
        else if (at > start)
            cr_assert_eq(page_of(&world.memory, term_of(&world.items[at])), gap.gone,
                         "LEDE_SEED=%llu", seed_of(&world));
    }
    world_done(&world);
}

/* Damage that kept its checksum: whatever the bytes, finding and walking end and stay inside. */
Test(dictionary, bytes_that_make_no_sense_give_a_status_and_no_endless_walk)
{
    struct world world;
    uint8_t page[DICT_PAGE_SIZE];

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    for (int round = 0; round < 4000; round++) {
        struct memory_record *record =
            &world.memory.records[dice_below(&world.dice, (uint32_t)world.memory.count)];
        struct dictionary_cursor cursor;
        struct term_info info;
        struct slice term;
        enum lede_status status;
        size_t steps = 0;

        memcpy(page, record->value, sizeof page);
        for (uint32_t i = 0; i <= dice_below(&world.dice, 3); i++) {
            uint32_t most = dice_below(&world.dice, 2) ? 100 : DICT_PAGE_SIZE;

            record->value[dice_below(&world.dice, most)] = (uint8_t)dice_roll(&world.dice);
        }
        reseal(record);
        status = dictionary_find(&world.memory.pages, SEGMENT,
                                 slice_of(record->key.data + 4, record->key.size - 4), &info, NULL);
        cr_assert(status == LEDE_OK || status == LEDE_MISSING || status == LEDE_CORRUPT);
        status = dictionary_cursor_seek(&cursor, &world.memory.pages, SEGMENT,
                                        slice_of(record->key.data + 4, 1), NULL);
        while (status == LEDE_OK && steps++ <= 2 * world.count)
            status = dictionary_cursor_next(&cursor, &term, &info, NULL);
        cr_assert(status == LEDE_MISSING || status == LEDE_CORRUPT, "LEDE_SEED=%llu",
                  seed_of(&world));
        if (status == LEDE_CORRUPT && cursor.page.size > 0)
            cr_assert_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_CORRUPT);
        memcpy(record->value, page, sizeof page);
    }
    world_done(&world);
}

static void set_page(struct memory_record *record, const uint8_t *bytes, size_t size)
{
    memset(record->value, 0, record->size);
    memcpy(record->value + 4, bytes, size);
    reseal(record);
}

/* The example page with one thing wrong that only a look at every entry can tell. */
Test(dictionary, a_check_sees_wrong_restarts_order_sharing_ends_and_rest)
{
    static const uint8_t good[] = {2, 0, 0,    0,   0,    0, 0,    0, 0,    0,    0,   0,   0,   0,
                                   0, 0, 0,    0,   0,    0, 0x1a, 0, 0x30, 0,    'c', 'a', 't', 2,
                                   7, 5, 0x04, 's', 0x91, 3, 0x64, 0, 0x2a, 0x19, 0x0b};
    static const struct {
        size_t at;
        uint8_t byte;
        const char *what;
    } faults[] = {
        {20, 0x1b, "restart"}, {0, 1, "count"},
        {0, 3, "count"},       {2, 5, "lower end"},
        {3, 1, "reserved"},    {22, 0x31, "sharing"},
        {30, 3, "order"},      {23, 0xff, "upper end"},
        {22, 0xf0, "follow"},  {32, 1, "df 0"},
        {27, 0x1e, "list"},    {56, 1, "rest"},
        {30, 0xf4, "follow"},  {27, 3, "blocked, of one posting"},
        {22, 0x3f, "sharing"},
    };
    struct memory_records memory;
    struct item items[2];
    struct memory_record *record;
    uint8_t bytes[80] = {0};

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT, items, 2);
    record = &memory.records[0];
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, good, sizeof good);
        set_page(record, bytes, sizeof bytes);
        cr_assert_eq(
            dictionary_page_check(record->key, slice_of(record->value, record->size), NULL),
            LEDE_OK);
        bytes[faults[i].at] = faults[i].byte;
        set_page(record, bytes, sizeof bytes);
        cr_expect_eq(
            dictionary_page_check(record->key, slice_of(record->value, record->size), NULL),
            LEDE_CORRUPT, "%s", faults[i].what);
    }
    memory_records_done(&memory);
}

Test(dictionary, an_inline_list_longer_than_any_can_be_is_corrupt)
{
    static const uint8_t head[] = {1, 0, 0, 0, 0, 0, 0,    0, 0,    0, 0,   0,   0,   0,
                                   0, 0, 0, 0, 0, 0, 0x1a, 0, 0x30, 0, 'c', 'a', 't', 0x1e};
    struct memory_records memory;
    struct item items[2];
    struct term_info info;
    uint8_t bytes[sizeof head + 2 + INLINE_SIZE_MAX + 1] = {0};

    memory_records_init(&memory);
    example_items(items);
    write_items(&memory, SEGMENT, items, 1);
    memcpy(bytes, head, sizeof head);
    for (uint64_t size = INLINE_SIZE_MAX; size <= INLINE_SIZE_MAX + 1; size++) {
        varint_put(bytes + sizeof head, size - DICT_SIZE_MORE);
        set_page(&memory.records[0], bytes, sizeof bytes);
        cr_expect_eq(find(&memory, "\0cat", 4, &info, NULL),
                     size > INLINE_SIZE_MAX ? LEDE_CORRUPT : LEDE_OK);
    }
    memory_records_done(&memory);
}

/* A source that gives the same page for ever. */
static enum lede_status seek_first(void *context, struct slice key, struct slice *found_key,
                                   struct slice *value, struct lede_error *err)
{
    struct memory_records *memory = context;

    (void)key;
    (void)err;
    *found_key = memory->records[0].key;
    *value = slice_of(memory->records[0].value, memory->records[0].size);
    return LEDE_OK;
}

Test(dictionary, keys_that_go_backwards_end_a_walk)
{
    struct world world;
    struct page_source source = {&world.memory, seek_first, NULL};
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;
    size_t entries;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    entries = load_le16(world.memory.records[0].value + 4);
    cr_assert_eq(dictionary_cursor_seek(&cursor, &source, SEGMENT, slice_str(""), NULL), LEDE_OK);
    for (size_t i = 0; i < entries; i++)
        cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_OK);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_CORRUPT);
    cr_expect_eq(dictionary_cursor_next(&cursor, &term, &info, NULL), LEDE_CORRUPT);
    world_done(&world);
}

Test(dictionary, a_page_of_another_place_is_corrupt_not_missing)
{
    struct world world;
    struct page_source source = {&world.memory, seek_first, NULL};
    struct term_info info;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    cr_expect_eq(dictionary_find(&source, SEGMENT, slice_str("\xfe"), &info, NULL), LEDE_CORRUPT);
    cr_expect_eq(dictionary_find(&source, SEGMENT + 1, slice_str("a"), &info, NULL), LEDE_CORRUPT);
    cr_expect_eq(dictionary_find(&source, SEGMENT - 1, slice_str("a"), &info, NULL), LEDE_CORRUPT);
    world_done(&world);
}

static enum lede_status seek_swapped(void *context, struct slice key, struct slice *found_key,
                                     struct slice *value, struct lede_error *err)
{
    struct memory_records *memory = context;

    (void)key;
    (void)err;
    *found_key = memory->records[1].key;
    *value = slice_of(memory->records[0].value, memory->records[0].size);
    return LEDE_OK;
}

Test(dictionary, a_page_is_remembered_as_sound_where_it_is_under_its_key)
{
    static struct page_memory memory;
    struct page_source swapped;
    struct term_info info;
    struct slice first;
    struct world world;

    world_init(&world);
    write_items(&world.memory, SEGMENT, world.items, world.count);
    first = term_of(&world.items[0]);
    world.memory.pages.memory = &memory;
    swapped = (struct page_source){&world.memory, seek_swapped, &memory};
    cr_expect_eq(dictionary_find(&world.memory.pages, SEGMENT, first, &info, NULL), LEDE_OK);
    cr_expect_eq(dictionary_find(&swapped, SEGMENT, first, &info, NULL), LEDE_CORRUPT);
    world.memory.records[0].value[0] ^= 1;
    cr_expect_eq(dictionary_find(&world.memory.pages, SEGMENT, first, &info, NULL), LEDE_OK);
    memset(&memory, 0, sizeof memory);
    for (int again = 0; again < 2; again++)
        cr_expect_eq(dictionary_find(&world.memory.pages, SEGMENT, first, &info, NULL),
                     LEDE_CORRUPT);
    world_done(&world);
}

static enum lede_status seek_fails(void *context, struct slice key, struct slice *found_key,
                                   struct slice *value, struct lede_error *err)
{
    (void)context;
    (void)key;
    (void)found_key;
    (void)value;
    return error_set(err, LEDE_IO, "no disk");
}

Test(dictionary, a_source_that_fails_is_passed_on)
{
    struct page_source source = {NULL, seek_fails, NULL};
    struct dictionary_cursor cursor;
    struct term_info info;
    struct lede_error error = {0};

    cr_expect_eq(dictionary_find(&source, SEGMENT, slice_str("a"), &info, &error), LEDE_IO);
    cr_expect_str_eq(error.text, "no disk");
    cr_expect_eq(dictionary_cursor_seek(&cursor, &source, SEGMENT, slice_str("a"), &error),
                 LEDE_IO);
}
