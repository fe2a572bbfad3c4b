#include <criterion/criterion.h>

#include "index/pack_kernels.h"
#include "index/posting.h"
#include "tests/index/dice.h"
#include "tests/index/memory_lists.h"

/* A list as a test knows it; positions of posting i: tfs[i] values of gaps from position_at(i). */
struct model_list {
    uint32_t *documents, *tfs;
    uint32_t df;
    uint64_t total_tf;
    uint64_t seed; /* of the positions */
    struct term_info info;
};

static struct dice position_dice(const struct model_list *list, uint32_t posting)
{
    return dice_of(list->seed + posting * 1000003ull);
}

static uint32_t next_position(struct dice *dice, int64_t previous)
{
    unsigned bits = dice_below(dice, 20) == 0 ? 12 : 5;

    return (uint32_t)(previous + 1 + dice_bits(dice, bits));
}

/* Documents where a gap is on average `gap`, up to `documents`; frequencies mostly small. */
static void list_make(struct dice *dice, struct model_list *list, uint32_t documents, double gap,
                      uint32_t most)
{
    double at = dice_real(dice) * (gap < documents ? gap : documents);

    memset(list, 0, sizeof *list);
    list->documents = malloc(most * sizeof(uint32_t));
    list->tfs = malloc(most * sizeof(uint32_t));
    list->seed = dice_roll(dice);
    while (at < documents && list->df < most) {
        uint32_t tf = 1 + dice_bits(dice, dice_below(dice, 3) ? 0 : 4);

        if (dice_below(dice, 5000) == 0)
            tf += 400;
        list->documents[list->df] = (uint32_t)at;
        list->tfs[list->df++] = tf;
        list->total_tf += tf;
        at = (uint32_t)at + 1 + dice_real(dice) * 2 * (gap - 1);
    }
}

static void list_free(struct model_list *list)
{
    free(list->documents);
    free(list->tfs);
    free((void *)list->info.inlined.data);
}

static void posting_add(struct memory_lists *lists, const struct model_list *list, uint32_t i)
{
    struct dice dice = position_dice(list, i);
    int64_t position = -1;

    posting_writer_add(lists->writer, list->documents[i], list->tfs[i]);
    for (uint32_t k = 0; lists->source.positions && k < list->tfs[i]; k++) {
        uint32_t next = next_position(&dice, position);

        posting_writer_positions(lists->writer, &next, 1);
        position = next;
    }
}

enum { TOGETHER_MAX = 300 };

/* Adds count postings from number i on at once. */
static void postings_add(struct memory_lists *lists, const struct model_list *list, uint32_t i,
                         uint32_t count)
{
    size_t total = 0;
    uint32_t *gaps, *gap;

    for (uint32_t j = i; j < i + count; j++)
        total += list->tfs[j];
    gap = gaps = malloc(total * sizeof *gaps);
    cr_assert(gaps);
    for (uint32_t j = i; j < i + count; j++) {
        struct dice dice = position_dice(list, j);
        int64_t position = -1;

        for (uint32_t k = 0; k < list->tfs[j]; k++) {
            uint32_t next = next_position(&dice, position);

            *gap++ = (uint32_t)(next - position - 1);
            position = next;
        }
    }
    posting_writer_postings(lists->writer, list->documents + i, list->tfs + i, count,
                            lists->source.positions ? gaps : NULL);
    free(gaps);
}

static enum lede_status list_write(struct memory_lists *lists, struct model_list *list)
{
    struct posting_writer *writer = lists->writer;
    enum lede_status status;

    posting_writer_begin(writer, list->df, list->total_tf);
    for (uint32_t i = 0; i < list->df;) {
        struct dice dice = position_dice(list, i);
        uint32_t together = 1 + dice_below(&dice, TOGETHER_MAX);

        if (dice_below(&dice, 8) > 0) { /* between them some come alone */
            posting_add(lists, list, i++);
            continue;
        }
        together = together < list->df - i ? together : list->df - i;
        postings_add(lists, list, i, together);
        i += together;
    }
    status = posting_writer_end(writer, &list->info, NULL);
    if (status == LEDE_OK && list->info.inlined.size) {
        uint8_t *copy = malloc(list->info.inlined.size);

        memcpy(copy, list->info.inlined.data, list->info.inlined.size);
        list->info.inlined.data = copy;
    }
    return status;
}

static void check_positions(struct posting_cursor *cursor, const struct model_list *list,
                            uint32_t first, uint32_t place)
{
    struct dice dice = position_dice(list, first + place);
    int64_t position = -1;
    struct buffer out;

    buffer_init(&out, NULL);
    cr_assert(posting_cursor_positions(cursor, place, &out), "%s", cursor->error.text);
    cr_assert_eq(out.size, 4 * (size_t)list->tfs[first + place]);
    for (uint32_t k = 0; k < list->tfs[first + place]; k++) {
        uint32_t found;

        position = next_position(&dice, position);
        memcpy(&found, out.data + 4 * (size_t)k, sizeof found);
        cr_assert_eq(found, position);
    }
    buffer_done(&out);
}

/* Compares the current block's documents as bits, if they are stored so. */
static void check_bits(struct posting_cursor *cursor, const struct model_list *list, uint32_t first)
{
    doc_id from;
    const uint8_t *bits = posting_cursor_bitset(cursor, &from);
    uint32_t place = first;

    if (!bits)
        return;
    cr_assert_eq(from, first > 0 ? list->documents[first - 1] + 1 : 0);
    for (doc_id i = 0; from + i <= cursor->last; i++)
        if (bits[i / 8] >> i % 8 & 1)
            cr_assert_eq(list->documents[place++], from + i);
    cr_assert_eq(place, first + cursor->count);
    cr_assert_arr_eq(posting_cursor_frequencies(cursor), list->tfs + first,
                     cursor->count * sizeof(uint32_t));
    cr_assert_eq(posting_cursor_bitset(cursor, &from), bits);
}

/* Compares the current block, the list's postings from `first` on. */
static void check_block(struct posting_cursor *cursor, const struct model_list *list,
                        uint32_t first)
{
    const uint32_t *documents, *frequencies;

    if (first / BLOCK_DOCS % 2 == 0)
        check_bits(cursor, list, first);
    documents = posting_cursor_documents(cursor);
    frequencies = posting_cursor_frequencies(cursor);
    cr_assert(documents && frequencies, "%s", cursor->error.text);
    cr_assert_arr_eq(documents, list->documents + first, cursor->count * sizeof(uint32_t));
    cr_assert_arr_eq(frequencies, list->tfs + first, cursor->count * sizeof(uint32_t));
    for (uint32_t i = 0; i < 16; i++) {
        cr_assert_eq(documents[cursor->count + i], DOC_END);
        cr_assert_eq(frequencies[cursor->count + i], 0);
    }
    cr_assert_eq(cursor->last, documents[cursor->count - 1]);
    cr_assert_eq(cursor->has_before, first > 0);
    if (first > 0)
        cr_assert_eq(cursor->first_after, list->documents[first - 1]);
}

static void check_walk(struct memory_lists *lists, const struct model_list *list, bool positions)
{
    struct posting_cursor *cursor = malloc(sizeof *cursor);
    uint32_t first = 0;
    struct lede_error error = {0};

    posting_cursor_init(cursor, &lists->source, &list->info);
    for (; cursor->last != DOC_END; first += cursor->count, posting_cursor_next(cursor)) {
        check_block(cursor, list, first);
        for (uint32_t i = 0; positions && i < cursor->count; i++)
            check_positions(cursor, list, first, i);
    }
    cr_assert_eq(cursor->status, LEDE_OK, "%s", cursor->error.text);
    cr_assert_eq(first, list->df);
    cr_assert_eq(cursor->count, 0);
    cr_assert_null(posting_cursor_documents(cursor));
    cr_assert_eq(posting_cursor_next(cursor), DOC_END);
    cr_assert_eq(posting_cursor_seek(cursor, 0), DOC_END);
    cr_assert_eq(posting_list_check(&lists->source, &list->info, &lists->streams[STREAM_NORMS],
                                    &lists->model, &error),
                 LEDE_OK, "%s", error.text);
    free(cursor);
}

static uint8_t *random_norms(struct dice *dice, uint32_t documents)
{
    uint8_t *norms = malloc(documents + 1);

    for (uint32_t i = 0; i < documents; i++)
        norms[i] = norm_encode(1 + dice_bits(dice, 12));
    return norms;
}

static void begin(struct memory_lists *lists, struct dice *dice, uint32_t documents, bool positions)
{
    uint8_t *norms = random_norms(dice, documents);

    memory_lists_begin(lists, norms, documents, positions);
    free(norms);
}

/* ---- the examples of the headers ---- */

static void write_example(struct memory_lists *lists, struct term_info *info)
{
    uint8_t norms[12] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5};

    memory_lists_begin(lists, norms, sizeof norms, true);
    posting_writer_begin(lists->writer, 2, 3);
    posting_writer_add(lists->writer, 7, 1);
    posting_writer_positions(lists->writer, (const uint32_t[]){5}, 1);
    posting_writer_add(lists->writer, 11, 2);
    posting_writer_positions(lists->writer, (const uint32_t[]){3, 4}, 2);
    cr_assert_eq(posting_writer_end(lists->writer, info, NULL), LEDE_OK);
}

Test(posting, the_inline_example_of_the_header_has_those_bytes)
{
    struct memory_lists lists;
    struct term_info info;

    write_example(&lists, &info);
    cr_assert_eq(info.inlined.size, 6);
    cr_assert_arr_eq(info.inlined.data, "\x0e\x05\x07\x00\x03\x00", 6);
    cr_assert_eq(info.bound, 255);
    memory_lists_seal(&lists);
    memory_lists_done(&lists);
}

Test(posting, an_inline_list_is_one_block)
{
    struct memory_lists lists;
    struct term_info info;
    struct posting_cursor cursor;
    struct buffer out;

    write_example(&lists, &info);
    memory_lists_seal(&lists);
    posting_cursor_init(&cursor, &lists.source, &info);
    cr_assert_eq(cursor.last, 11);
    cr_assert_eq(cursor.count, 2);
    cr_assert_eq(posting_cursor_documents(&cursor)[0], 7);
    cr_assert_eq(posting_cursor_documents(&cursor)[2], DOC_END);
    cr_assert_eq(posting_cursor_frequencies(&cursor)[1], 2);
    buffer_init(&out, NULL);
    cr_assert(posting_cursor_positions(&cursor, 1, &out));
    cr_assert(posting_cursor_positions(&cursor, 0, &out));
    cr_assert_eq(out.size, 12);
    cr_assert_arr_eq(out.data, ((const uint32_t[]){3, 4, 5}), 12);
    buffer_done(&out);
    cr_assert_eq(posting_cursor_bound(&cursor, 11), 255);
    cr_assert_eq(posting_cursor_bound(&cursor, DOC_END), 255);
    cr_assert_eq(posting_cursor_seek(&cursor, 11), 11);
    cr_assert_eq(posting_cursor_seek(&cursor, 12), DOC_END);
    cr_assert_eq(posting_cursor_bound(&cursor, DOC_END), 0);
    cr_assert_eq(cursor.status, LEDE_OK);
    memory_lists_done(&lists);
}

Test(posting, block_examples_have_the_bytes_of_the_format_page)
{
    uint8_t out[POSTING_BLOCK_MAX + PACK_OVERRUN];
    uint32_t documents[PACK_ROOM];

    /* Deltas 1, 2, 3 behind document 9, then tf - 1 = 0, 0, 1. */
    cr_assert_eq(posting_block_encode((const uint32_t[]){11, 14, 18}, (const uint32_t[]){1, 1, 2},
                                      3, true, 9, out),
                 4);
    cr_assert_arr_eq(out, "\x02\x39\x01\x04", 4);
    cr_assert_eq(posting_block_decode(out, 4, 3, true, 9, 18, documents), 2);
    cr_assert_arr_eq(documents, ((const uint32_t[]){11, 14, 18}), 12);
    /* 0 to 7 but for 3: a bitset of one byte, since a pack would take three. */
    cr_assert_eq(posting_block_encode((const uint32_t[]){0, 1, 2, 4, 5, 6, 7, 10, 12},
                                      (const uint32_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1}, 9, false, 0,
                                      out),
                 4);
    cr_assert_arr_eq(out, "\x40\xf7\x14\x00", 4);
    cr_assert_eq(posting_block_decode(out, 4, 9, false, 0, 12, documents), 3);
    cr_assert_eq(documents[8], 12);
}

Test(posting, a_bitset_that_does_not_hold_what_the_headers_say_is_none)
{
    static const uint8_t block[] = {0x40, 0xf7, 0x14, 0x00}; /* 0 to 7 but for 3, 10 and 12 */
    uint8_t bytes[sizeof block + EXTENT_TAIL] = {0};
    size_t used;

    memcpy(bytes, block, sizeof block);
    cr_expect_eq(posting_block_bitset(bytes, 4, 9, false, 0, 12, &used), bytes + 1);
    cr_expect_eq(used, 3);
    cr_expect_null(posting_block_bitset(bytes, 2, 9, false, 0, 12, &used), "cut short");
    cr_expect_null(posting_block_bitset(bytes, 4, 8, false, 0, 12, &used), "one too many");
    cr_expect_null(posting_block_bitset(bytes, 4, 9, false, 0, 11, &used), "one behind the last");
    cr_expect_null(posting_block_bitset(bytes, 4, 9, false, 0, 13, &used), "the last is not there");
    cr_expect_null(posting_block_bitset(bytes, 4, 9, true, 12, 12, &used), "nothing can be there");
    bytes[0] = 0x41;
    cr_expect_null(posting_block_bitset(bytes, 4, 9, false, 0, 12, &used), "a code that is none");
}

/* Documents 0, 2, .. of tf 1, length code 5, position 2 each. */
static struct term_info write_even(struct memory_lists *lists, uint32_t df)
{
    struct term_info info;
    uint8_t norms[600];

    memset(norms, 5, sizeof norms);
    memory_lists_begin(lists, norms, sizeof norms, true);
    posting_writer_begin(lists->writer, df, df);
    for (uint32_t i = 0; i < df; i++) {
        posting_writer_add(lists->writer, 2 * i, 1);
        posting_writer_positions(lists->writer, (const uint32_t[]){2}, 1);
    }
    cr_assert_eq(posting_writer_end(lists->writer, &info, NULL), LEDE_OK);
    memory_lists_seal(lists);
    return info;
}

static void check_stream(struct memory_lists *lists, enum stream_kind kind, const void *bytes,
                         size_t size)
{
    const uint8_t *at = stream_at(&lists->streams[kind], 0, size, NULL);

    cr_assert_eq(lists->streams[kind].size, size);
    cr_assert_arr_eq(at, bytes, size);
}

Test(posting, the_example_of_one_block_has_the_bytes_of_the_format_page)
{
    struct memory_lists lists;
    struct term_info info = write_even(&lists, 9);

    cr_assert_eq(info.bound, 190); /* 255 / (1 + 1.2 * (0.25 + 0.75 * 5 / 100)) = 189.6 */
    cr_assert(info.skip == 0 && info.block == 0 && info.positions == 0);
    cr_assert_eq(lists.streams[STREAM_SKIP].size, 0);
    check_stream(&lists, STREAM_POSTINGS, "\x01\xfe\x01\x00", 4);
    check_stream(&lists, STREAM_POSITIONS, "\x02\xaa\xaa\x02", 4);
    memory_lists_done(&lists);
}

Test(posting, the_example_of_two_blocks_has_the_bytes_of_the_format_page)
{
    static const uint8_t CHUNK[] = {
        2,   0,   0,  0, 3,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* header */
        254, 0,   0,  0, 0,  1, 0, 0,              /* last documents */
        0,   0,   0,  0, 18, 0, 0, 0, 21, 0, 0, 0, /* where they begin and end */
        0,   0,   0,  0, 33, 0, 0, 0,              /* their first packs */
        190, 190, 190                              /* bounds */
    };
    struct memory_lists lists;
    struct term_info info = write_even(&lists, 129);
    uint8_t block[21] = {0x01, 0xfe}, packs[35] = {0x02};

    memset(block + 2, 0xff, 15);
    memcpy(block + 17, "\x00\x01\x01\x00", 4);
    memset(packs + 1, 0xaa, 32);
    memcpy(packs + 33, "\x02\x02", 2);
    cr_assert(info.bound == 190 && info.skip == 0);
    check_stream(&lists, STREAM_SKIP, CHUNK, sizeof CHUNK);
    check_stream(&lists, STREAM_POSTINGS, block, sizeof block);
    check_stream(&lists, STREAM_POSITIONS, packs, sizeof packs);
    memory_lists_done(&lists);
}

/* ---- lists of every shape ---- */

static void round_of_lists(uint32_t documents, uint32_t most, bool positions, int rounds)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct model_list list[24];

    for (int round = 0; round < rounds; round++) {
        begin(&lists, &dice, documents, positions);
        for (unsigned i = 0; i < 24; i++) {
            double gap = 1 + dice_bits(&dice, 14) * dice_real(&dice);

            list_make(&dice, &list[i], documents, gap, 1 + dice_bits(&dice, 20) % most);
            cr_assert_eq(list_write(&lists, &list[i]), LEDE_OK);
            cr_assert_eq(list[i].info.inlined.size > 0,
                         posting_is_inline(list[i].df, list[i].total_tf));
        }
        memory_lists_seal(&lists);
        for (unsigned i = 0; i < 24; i++) {
            pack_kernels_use((enum cpu_level)dice_below(&dice, (uint32_t)cpu_level() + 1));
            check_walk(&lists, &list[i], positions);
            list_free(&list[i]);
        }
        memory_lists_done(&lists);
    }
    dice_end();
}

Test(posting, lists_with_positions_come_back)
{
    round_of_lists(300000, 20000, true, 5);
}

Test(posting, lists_without_positions_come_back)
{
    round_of_lists(300000, 20000, false, 10);
}

Test(posting, tiny_lists_come_back)
{
    round_of_lists(300, 40, true, 300);
}

/* A list of many chunks over many extents: every document below `documents`, but for some. */
static void make_long(struct dice *dice, struct memory_lists *lists, struct model_list *list,
                      uint32_t documents, bool positions)
{
    begin(lists, dice, documents, positions);
    list_make(dice, list, documents, 6, documents);
    for (uint32_t i = 0; i < list->df; i++) { /* few positions: they are not what is tested */
        list->total_tf -= list->tfs[i] - 1;
        list->tfs[i] = 1;
    }
    cr_assert_eq(list_write(lists, list), LEDE_OK);
    memory_lists_seal(lists);
}

enum { LONG = BLOCK_DOCS * CHUNK_BLOCKS * 15 };

Test(posting, a_list_of_several_chunks_and_extents_comes_back)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct model_list list;

    make_long(&dice, &lists, &list, LONG, true);
    cr_assert_gt(list.df, 2 * BLOCK_DOCS * CHUNK_BLOCKS);
    cr_assert_gt(lists.streams[STREAM_POSTINGS].count, 1);
    check_walk(&lists, &list, false);
    list_free(&list);
    memory_lists_done(&lists);
    dice_end();
}

/* Moves a stream on by more than an offset of 32 bits can say, as 4 GiB of other bytes would. */
static void leap(struct stream_writer *stream)
{
    uint64_t offset;

    cr_assert_not_null(stream_writer_reserve(stream, 1, EXTENT_CAPACITY, &offset));
    stream->number += 4200;
}

static void check_leap(enum stream_kind kind)
{
    struct dice dice = dice_of(5);
    struct memory_lists lists;
    struct model_list list;
    struct posting_cursor *cursor = malloc(sizeof *cursor);
    uint32_t first = 0;

    begin(&lists, &dice, 5000, true);
    list_make(&dice, &list, 5000, 5, 5 * BLOCK_DOCS);
    posting_writer_begin(lists.writer, list.df, list.total_tf);
    for (uint32_t i = 0; i < list.df; i++) {
        if (i ==
            2 * BLOCK_DOCS + 1) /* the positions of two blocks are written, none of the third */
            leap(&lists.writers[kind]);
        posting_add(&lists, &list, i);
    }
    cr_assert_eq(posting_writer_end(lists.writer, &list.info, NULL), LEDE_OK);
    memory_lists_seal(&lists);
    posting_cursor_init(cursor, &lists.source, &list.info);
    for (; cursor->last != DOC_END; first += cursor->count, posting_cursor_next(cursor)) {
        check_block(cursor, &list, first);
        for (uint32_t i = 0; i < cursor->count; i++)
            check_positions(cursor, &list, first, i);
    }
    cr_assert_eq(cursor->status, LEDE_OK, "%s", cursor->error.text);
    cr_assert_eq(first, list.df);
    cr_assert_gt(cursor->before, 0, "a second chunk");
    free(cursor);
    list_free(&list);
    memory_lists_done(&lists);
}

Test(posting, a_chunk_ends_where_an_offset_would_not_fit)
{
    check_leap(STREAM_POSTINGS);
    check_leap(STREAM_POSITIONS);
}

/* The first posting whose document is >= target; df if there is none. */
static uint32_t lower_bound(const struct model_list *list, doc_id target)
{
    uint32_t low = 0, high = list->df;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (list->documents[middle] < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void check_seeks(struct dice *dice, struct memory_lists *lists,
                        const struct model_list *list, unsigned bits)
{
    struct posting_cursor *cursor = malloc(sizeof *cursor);
    uint32_t current = 0;
    doc_id target = 0;

    posting_cursor_init(cursor, &lists->source, &list->info);
    while (cursor->last != DOC_END) {
        uint32_t posting, block;

        target += dice_bits(dice, bits);
        posting = lower_bound(list, target);
        block = posting / BLOCK_DOCS > current ? posting / BLOCK_DOCS : current;
        if (posting == list->df) {
            cr_assert_eq(posting_cursor_seek(cursor, target), DOC_END);
            break;
        }
        posting_cursor_seek(cursor, target);
        cr_assert_eq(cursor->before / BLOCK_DOCS + cursor->block, block);
        current = block;
        if (dice_below(dice, 4) == 0)
            check_block(cursor, list, block * BLOCK_DOCS);
        if (dice_below(dice, 4) == 0 && posting_cursor_next(cursor) != DOC_END)
            current++;
    }
    cr_assert_eq(cursor->status, LEDE_OK, "%s", cursor->error.text);
    free(cursor);
}

Test(posting, seek_finds_the_block_that_a_search_of_all_documents_finds)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct model_list list;

    make_long(&dice, &lists, &list, LONG, false);
    for (unsigned bits = 5; bits < 24; bits++)
        check_seeks(&dice, &lists, &list, bits);
    list_free(&list);
    memory_lists_done(&lists);
    dice_end();
}

Test(posting, positions_may_be_asked_for_in_any_order)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct model_list list;
    struct posting_cursor *cursor = malloc(sizeof *cursor);
    uint32_t first = 0;

    begin(&lists, &dice, 60000, true);
    list_make(&dice, &list, 60000, 2, 60000);
    cr_assert_eq(list_write(&lists, &list), LEDE_OK);
    memory_lists_seal(&lists);
    posting_cursor_init(cursor, &lists.source, &list.info);
    for (; cursor->last != DOC_END; first += cursor->count, posting_cursor_next(cursor))
        for (unsigned i = 0; i < 20; i++) {
            uint32_t place = dice_below(&dice, cursor->count);

            check_positions(cursor, &list, first, place);
            if (i % 2)
                check_positions(cursor, &list, first, place);
        }
    cr_assert_eq(cursor->status, LEDE_OK);
    free(cursor);
    list_free(&list);
    memory_lists_done(&lists);
    dice_end();
}

/* ---- bounds ---- */

static uint8_t bound_by_hand(const struct memory_lists *lists, const struct model_list *list,
                             uint32_t from, uint32_t to)
{
    uint8_t best = 0;

    for (uint32_t i = from; i < to; i++) {
        uint8_t bound =
            bound_ceiling(&lists->model, list->tfs[i], lists->norms[list->documents[i]]);

        best = bound > best ? bound : best;
    }
    return best;
}

Test(posting, a_bound_upto_a_document_is_that_of_the_blocks_it_spans)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct model_list list;
    struct posting_cursor *cursor = malloc(sizeof *cursor);

    begin(&lists, &dice, 200000, false);
    list_make(&dice, &list, 200000, 2, 200000);
    cr_assert_eq(list_write(&lists, &list), LEDE_OK);
    memory_lists_seal(&lists);
    posting_cursor_init(cursor, &lists.source, &list.info);
    for (doc_id target = 0; posting_cursor_seek(cursor, target) != DOC_END;
         target += dice_bits(&dice, 13)) {
        doc_id upto = dice_bits(&dice, 32);
        uint32_t from = cursor->block * BLOCK_DOCS;
        uint32_t to = (lower_bound(&list, upto) / BLOCK_DOCS + 1) * BLOCK_DOCS;

        if (cursor->has_before && upto <= cursor->first_after)
            to = from;
        cr_assert_eq(posting_cursor_bound(cursor, upto),
                     bound_by_hand(&lists, &list, from, to < list.df ? to : list.df));
    }
    free(cursor);
    list_free(&list);
    memory_lists_done(&lists);
    dice_end();
}

Test(posting, a_bound_that_leaves_the_chunk_is_that_of_the_list)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;
    struct model_list list;
    struct posting_cursor *cursor = malloc(sizeof *cursor);

    make_long(&dice, &lists, &list, LONG, false);
    posting_cursor_init(cursor, &lists.source, &list.info);
    cr_assert_eq(posting_cursor_bound(cursor, DOC_END), list.info.bound);
    cr_assert_eq(posting_cursor_bound(cursor, DOC_END), bound_by_hand(&lists, &list, 0, list.df));
    free(cursor);
    list_free(&list);
    memory_lists_done(&lists);
    dice_end();
}

static int descending(const void *a, const void *b)
{
    return *(const uint8_t *)b - *(const uint8_t *)a;
}

Test(posting, primed_floors_are_those_of_the_best_postings)
{
    struct dice dice = dice_begin();
    struct memory_lists lists;

    begin(&lists, &dice, 50000, false);
    for (unsigned round = 0; round < 30; round++) {
        struct model_list list;
        uint8_t *floors;

        list_make(&dice, &list, 50000, 1 + 20 * dice_real(&dice), 9 + dice_bits(&dice, 16));
        floors = malloc(list.df);
        cr_assert_eq(list_write(&lists, &list), LEDE_OK);
        for (uint32_t i = 0; i < list.df; i++)
            floors[i] = bound_floor(&lists.model, list.tfs[i], lists.norms[list.documents[i]]);
        qsort(floors, list.df, 1, descending);
        for (unsigned i = 0; i < PRIMED_COUNT; i++)
            cr_assert_eq(list.info.primed[i],
                         list.df >= PRIMED_RANK[i] ? floors[PRIMED_RANK[i] - 1] : 0);
        free(floors);
        list_free(&list);
    }
    memory_lists_done(&lists);
    dice_end();
}

/* ---- writers that break their word, and sinks that fail ---- */

static enum lede_status write_wrong_by(const uint32_t *documents, const uint32_t *tfs,
                                       uint32_t count, uint32_t df, uint64_t total_tf, bool many)
{
    struct memory_lists lists;
    struct term_info info;
    uint8_t norms[100] = {1};
    enum lede_status status;

    memory_lists_begin(&lists, norms, 100, false);
    posting_writer_begin(lists.writer, df, total_tf);
    if (many)
        posting_writer_postings(lists.writer, documents, tfs, count, NULL);
    for (uint32_t i = 0; i < count && !many; i++)
        posting_writer_add(lists.writer, documents[i], tfs[i]);
    status = posting_writer_end(lists.writer, &info, NULL);
    memory_lists_seal(&lists);
    memory_lists_done(&lists);
    return status;
}

static enum lede_status write_wrong(const uint32_t *documents, const uint32_t *tfs, uint32_t count,
                                    uint32_t df, uint64_t total_tf)
{
    enum lede_status status = write_wrong_by(documents, tfs, count, df, total_tf, false);

    cr_expect_eq(write_wrong_by(documents, tfs, count, df, total_tf, true), status);
    return status;
}

Test(posting, a_list_that_is_not_what_was_promised_is_refused)
{
    static const uint32_t UP[] = {3, 5}, DOWN[] = {5, 3}, SAME[] = {5, 5}, TF[] = {1, 2};
    static const uint32_t NONE[] = {1, 0};

    cr_expect_eq(write_wrong(UP, TF, 2, 2, 3), LEDE_OK);
    cr_expect_eq(write_wrong(DOWN, TF, 2, 2, 3), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(SAME, TF, 2, 2, 3), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(UP, NONE, 2, 2, 3), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(UP, TF, 2, 3, 3), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(UP, TF, 2, 1, 3), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(UP, TF, 2, 2, 4), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(UP, TF, 2, 2, 2), LEDE_CORRUPT);
    cr_expect_eq(write_wrong(UP, TF, 0, 0, 0), LEDE_CORRUPT);
}

Test(posting, positions_that_do_not_rise_or_do_not_match_are_refused)
{
    static const uint32_t WRONG[3][2] = {{4, 4}, {4, 3}, {1, 2}};
    static const size_t COUNT[3] = {2, 2, 1};

    for (unsigned i = 0; i < 3; i++) {
        struct memory_lists lists;
        struct term_info info;
        uint8_t norm = 1;

        memory_lists_begin(&lists, &norm, 1, true);
        posting_writer_begin(lists.writer, 1, 2);
        posting_writer_add(lists.writer, 0, 2);
        posting_writer_positions(lists.writer, WRONG[i], COUNT[i]);
        cr_expect_eq(posting_writer_end(lists.writer, &info, NULL), LEDE_CORRUPT);
        memory_lists_done(&lists);
    }
}

Test(posting, a_full_disk_reaches_who_writes_the_list)
{
    struct dice dice = dice_of(3);
    struct memory_lists lists;
    struct model_list list;

    begin(&lists, &dice, 2000000, true);
    lists.records.puts_left = 0;
    list_make(&dice, &list, 2000000, 1.2, 2000000);
    cr_assert_eq(list_write(&lists, &list), LEDE_FULL);
    list_free(&list);
    memory_lists_done(&lists);
}
