#include <criterion/criterion.h>

#include "index/checksum.h"
#include "index/posting.h"
#include "tests/index/dice.h"
#include "tests/index/memory_lists.h"

enum { DOCUMENTS = 20000 };

/* A list of several blocks, with positions. */
static void make_of(struct memory_lists *lists, struct term_info *info, struct dice *dice,
                    uint32_t df)
{
    uint8_t *norms = malloc(DOCUMENTS);

    for (uint32_t i = 0; i < DOCUMENTS; i++)
        norms[i] = (uint8_t)(20 + dice_below(dice, 60));
    memory_lists_begin(lists, norms, DOCUMENTS, true);
    posting_writer_begin(lists->writer, df, 2 * (uint64_t)df);
    for (uint32_t i = 0; i < df; i++) {
        uint32_t positions[2] = {dice_below(dice, 100), 100 + dice_below(dice, 1000)};

        posting_writer_add(lists->writer, 5 * i + dice_below(dice, 5), 2);
        posting_writer_positions(lists->writer, positions, 2);
    }
    cr_assert_eq(posting_writer_end(lists->writer, info, NULL), LEDE_OK);
    memory_lists_seal(lists);
    free(norms);
}

static void make(struct memory_lists *lists, struct term_info *info, struct dice *dice)
{
    make_of(lists, info, dice, DOCUMENTS / 5);
}

/* Makes the checksums of an extent's value right for what it holds now. */
static void reseal(struct memory_lists *lists, enum stream_kind kind)
{
    struct memory_record *record = memory_records_extent(&lists->records, 1, kind, 0);
    uint32_t used = load_le32(record->value + 4);
    struct memory_records copy;
    struct stream_writer writer;
    uint64_t offset, size;
    uint8_t *room;

    memory_records_init(&copy);
    stream_writer_init(&writer, 1, kind, &copy.sink, NULL);
    room = stream_writer_reserve(&writer, used, 0, &offset);
    memcpy(room, record->value + EXTENT_HEADER, used);
    cr_assert_eq(stream_writer_finish(&writer, &size, NULL), LEDE_OK);
    memory_record_set(record, copy.records[0].value, copy.records[0].size);
    stream_writer_done(&writer);
    memory_records_done(&copy);
}

/* Walks a damaged list as searches do and checks what must hold whatever the bytes are. */
static enum lede_status walk(struct memory_lists *lists, const struct term_info *info,
                             struct dice *dice)
{
    struct posting_cursor cursor;
    struct buffer out;
    int64_t previous = -1;
    enum lede_status status;

    buffer_init(&out, NULL);
    posting_cursor_init(&cursor, &lists->source, info);
    while (cursor.last != DOC_END) {
        const uint32_t *documents = posting_cursor_documents(&cursor);
        const uint32_t *frequencies = documents ? posting_cursor_frequencies(&cursor) : NULL;

        (void)posting_cursor_bound(&cursor, dice_below(dice, DOCUMENTS));
        for (uint32_t i = 0; frequencies && i < cursor.count; i++) {
            cr_assert_gt(documents[i], previous);
            cr_assert_lt(documents[i], DOCUMENTS);
            cr_assert_neq(frequencies[i], 0);
            previous = documents[i];
        }
        buffer_clear(&out);
        if (frequencies)
            (void)posting_cursor_positions(&cursor, dice_below(dice, cursor.count), &out);
        if (dice_below(dice, 3))
            posting_cursor_next(&cursor);
        else
            posting_cursor_seek(&cursor, cursor.last + 1 + dice_bits(dice, 11));
    }
    cr_assert_eq(cursor.count, 0);
    status = cursor.status;
    buffer_done(&out);
    return status;
}

Test(posting_damage, a_flipped_byte_is_noticed_before_it_is_used)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct term_info info;

    make(&lists, &info, &dice);
    for (int kind = STREAM_SKIP; kind <= STREAM_POSITIONS; kind++) {
        struct memory_record *record =
            memory_records_extent(&lists.records, 1, (enum stream_kind)kind, 0);

        for (unsigned round = 0; round < 200; round++) {
            size_t at = dice_below(&dice, (uint32_t)record->size);
            uint8_t flip = (uint8_t)(1 << dice_below(&dice, 8));

            record->value[at] ^= flip;
            memory_lists_reopen(&lists);
            cr_assert_eq(posting_list_check(&lists.source, &info, &lists.streams[STREAM_NORMS],
                                            &lists.model, NULL),
                         LEDE_CORRUPT, "stream %d, byte %zu", kind, at);
            record->value[at] ^= flip;
        }
    }
    memory_lists_done(&lists);
    dice_end();
}

/* Walks the list, and checks it, with another byte somewhere in the stream, under a right checksum.
 */
static enum lede_status walk_damaged(struct memory_lists *lists, const struct term_info *info,
                                     enum stream_kind kind, struct dice *dice)
{
    struct memory_record *record = memory_records_extent(&lists->records, 1, kind, 0);
    size_t at = EXTENT_HEADER + dice_below(dice, load_le32(record->value + 4));
    uint8_t old = record->value[at];
    enum lede_status status;

    record->value[at] = (uint8_t)dice_roll(dice);
    reseal(lists, kind);
    memory_lists_reopen(lists);
    status = walk(lists, info, dice);
    (void)posting_list_check(&lists->source, info, &lists->streams[STREAM_NORMS], &lists->model,
                             NULL);
    record->value[at] = old;
    reseal(lists, kind);
    return status;
}

Test(posting_damage, bytes_wrong_under_a_right_checksum_never_break_the_order)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct term_info info;
    unsigned noticed = 0;

    make(&lists, &info, &dice);
    for (unsigned round = 0; round < 3000; round++) {
        enum stream_kind kind = (enum stream_kind)dice_below(&dice, 3);

        noticed += walk_damaged(&lists, &info, kind, &dice) != LEDE_OK;
    }
    cr_assert_gt(noticed, 100);
    memory_lists_done(&lists);
    dice_end();
}

Test(posting_damage, a_wrong_bound_under_a_right_checksum_is_found_by_the_check)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct term_info info;
    struct memory_record *record;

    make(&lists, &info, &dice);
    record = memory_records_extent(&lists.records, 1, STREAM_SKIP, 0);
    /* The bounds are the last of the chunk: a byte per block, then one per group. */
    for (size_t back = 1; back <= DOCUMENTS / 5 / BLOCK_DOCS; back++) {
        size_t at = EXTENT_HEADER + load_le32(record->value + 4) - back;

        record->value[at]++;
        reseal(&lists, STREAM_SKIP);
        memory_lists_reopen(&lists);
        cr_assert_eq(posting_list_check(&lists.source, &info, &lists.streams[STREAM_NORMS],
                                        &lists.model, NULL),
                     LEDE_CORRUPT);
        record->value[at]--;
        reseal(&lists, STREAM_SKIP);
    }
    memory_lists_done(&lists);
    dice_end();
}

Test(posting_damage, what_the_dictionary_says_wrongly_is_noticed)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct term_info info;

    make(&lists, &info, &dice);
    for (unsigned i = 0; i < 9; i++) {
        struct term_info wrong = info;

        switch (i) {
        case 0:
            wrong.df++;
            break;
        case 1:
            wrong.df--;
            break;
        case 2:
            wrong.total_tf++;
            break;
        case 3:
            wrong.total_tf--;
            break;
        case 4:
            wrong.skip++;
            break;
        case 5:
            wrong.bound--;
            break;
        case 6:
            wrong.primed[1]++;
            break;
        case 7:
            wrong.df = DOCUMENTS + 1;
            break;
        default:
            wrong.skip = UINT64_MAX;
            break;
        }
        cr_expect_eq(posting_list_check(&lists.source, &wrong, &lists.streams[STREAM_NORMS],
                                        &lists.model, NULL),
                     LEDE_CORRUPT, "case %u", i);
    }
    memory_lists_done(&lists);
    dice_end();
}

/* ---- lists of one block ---- */

Test(posting_damage, a_wrong_byte_in_a_list_of_one_block_never_breaks_the_order)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct term_info info;
    unsigned noticed = 0;

    make_of(&lists, &info, &dice, 100);
    cr_assert(posting_is_single(info.df, info.total_tf));
    for (unsigned round = 0; round < 3000; round++) {
        enum stream_kind kind = dice_below(&dice, 2) ? STREAM_POSTINGS : STREAM_POSITIONS;

        noticed += walk_damaged(&lists, &info, kind, &dice) != LEDE_OK;
    }
    cr_assert_gt(noticed, 50);
    memory_lists_done(&lists);
    dice_end();
}

Test(posting_damage, a_list_of_one_block_in_a_wrong_place_is_noticed)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct term_info info;

    make_of(&lists, &info, &dice, 100);
    for (unsigned i = 0; i < 8; i++) {
        struct term_info wrong = info;

        wrong.block += i == 0 ? 1 : i == 1 ? 1 << 20 : i == 2 ? UINT64_MAX : 0;
        wrong.positions += i == 3 ? 1 << 20 : i == 4 ? UINT64_MAX : 0;
        wrong.df -= i == 5;
        wrong.total_tf += i == 6;
        wrong.bound = (uint8_t)(wrong.bound - (i == 7));
        cr_expect_eq(posting_list_check(&lists.source, &wrong, &lists.streams[STREAM_NORMS],
                                        &lists.model, NULL),
                     LEDE_CORRUPT, "case %u", i);
    }
    memory_lists_done(&lists);
    dice_end();
}

/* ---- inline lists ---- */

static enum lede_status open_inline(const char *bytes, size_t size, uint32_t df, uint64_t total_tf)
{
    struct stream postings = {.segment = 1}, positions = {.segment = 1};
    struct posting_source source = {&postings, &postings, &positions, 100};
    struct term_info info = {.df = df, .total_tf = total_tf};
    uint8_t *copy = malloc(size + 1);
    struct posting_cursor cursor;

    memcpy(copy, bytes, size);
    copy = realloc(copy, size ? size : 1);
    info.inlined = slice_of(copy, size);
    posting_cursor_init(&cursor, &source, &info);
    free(copy);
    return cursor.status;
}

Test(posting_damage, an_inline_list_cut_short_or_too_long_is_reported)
{
    static const char LIST[] = "\x0e\x05\x07\x00\x03\x00\x00";

    for (size_t size = 0; size <= 7; size++)
        cr_expect_eq(open_inline(LIST, size, 2, 3), size == 6 ? LEDE_OK : LEDE_CORRUPT, "%zu bytes",
                     size);
}

Test(posting_damage, an_inline_list_that_contradicts_itself_is_reported)
{
    cr_expect_eq(open_inline("\x0e\x05\x07\x00\x03\x00", 6, 2, 4), LEDE_CORRUPT, "total");
    cr_expect_eq(open_inline("\x0e\x05\x07\x00\x03\x00", 6, 1, 3), LEDE_CORRUPT, "df");
    cr_expect_eq(open_inline("\x64\x05", 2, 1, 1), LEDE_CORRUPT, "document 100 of 100");
    cr_expect_eq(open_inline("\x63\x05", 2, 1, 1), LEDE_OK, "document 99 of 100");
    cr_expect_eq(open_inline("\x00\x05\x01\x1f\x05", 5, 2, 3), LEDE_CORRUPT, "tf 33");
    cr_expect_eq(open_inline("\x00\xff\xff\xff\xff\x0f\x00", 7, 1, 2), LEDE_CORRUPT,
                 "a position over 32 bits");
}

/* ---- one block ---- */

Test(posting_damage, random_blocks_decode_within_their_room_or_not_at_all)
{
    struct dice dice = dice_begin();
    uint32_t documents[PACK_ROOM];

    for (unsigned round = 0; round < 50000; round++) {
        uint32_t n = dice_below(&dice, BLOCK_DOCS + 2), before = dice_bits(&dice, 31);
        uint32_t last = before + dice_bits(&dice, 12);
        size_t size = dice_below(&dice, 200), used;
        uint8_t *bytes = malloc(size + PACK_OVERRUN);

        for (size_t i = 0; i < size + PACK_OVERRUN; i++)
            bytes[i] = (uint8_t)dice_roll(&dice);
        if (size && dice_below(&dice, 2))
            bytes[0] = 0x40;
        used = posting_block_decode(bytes, size, n, true, before, last, documents);
        cr_assert_leq(used, size);
        if (used) {
            cr_assert_gt(documents[0], before);
            cr_assert_eq(documents[n - 1], last);
            for (uint32_t i = 1; i < n; i++)
                cr_assert_gt(documents[i], documents[i - 1]);
        }
        free(bytes);
    }
    dice_end();
}

Test(posting_damage, a_bitset_with_bits_behind_its_last_document_is_refused)
{
    uint8_t bytes[2 + PACK_OVERRUN] = {0x40, 0x05};
    uint32_t documents[PACK_ROOM];

    cr_assert_eq(posting_block_decode(bytes, 2, 2, false, 0, 2, documents), 2);
    bytes[1] = 0x0d;
    cr_assert_eq(posting_block_decode(bytes, 2, 2, false, 0, 2, documents), 0);
    cr_assert_eq(posting_block_decode(bytes, 2, 3, false, 0, 2, documents), 0);
    bytes[1] = 0x05;
    bytes[0] = 0x41;
    cr_assert_eq(posting_block_decode(bytes, 2, 2, false, 0, 2, documents), 0);
}
