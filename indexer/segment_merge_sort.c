#include <stdlib.h>

#include "base/account.h"
#include "segment_merge_internal.h"

/* A posting that is kept to be written in its place of the new order. */
struct kept {
    doc_id document; /* its new number */
    uint32_t tf;
    uint32_t positions; /* its first, among those kept */
};

/* Keeps the postings of a range of new numbers at a time, as many as there is room for; a list that
 * does not fit is read once for each range. */
struct list_sorter {
    struct segment_merge *whole;
    struct kept *postings, *other; /* room for as many as are kept, and to sort them */
    uint32_t *positions;
    uint32_t room, position_room; /* of postings, in either; of positions */
    uint32_t count, position_count;
    doc_id begin, end; /* of the range */
    struct posting_cursor cursor;
    struct buffer found; /* positions of a posting */
};

/* ---- sorting ---- */

enum { POSITIONS_MOST = 1 << 28 }; /* of all kept: 1 GiB */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, FEW = 64 };

static void sort_few(struct kept *postings, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct kept one = postings[i];
        size_t at = i;

        for (; at > 0 && postings[at - 1].document > one.document; at--)
            postings[at] = postings[at - 1];
        postings[at] = one;
    }
}

static void sort_digit(const struct kept *from, struct kept *to, size_t count, unsigned shift)
{
    size_t places[DIGITS] = {0}, sum = 0;

    for (size_t i = 0; i < count; i++)
        places[from[i].document >> shift & (DIGITS - 1)]++;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t many = places[digit];

        places[digit] = sum;
        sum += many;
    }
    for (size_t i = 0; i < count; i++)
        to[places[from[i].document >> shift & (DIGITS - 1)]++] = from[i];
}

/* By document, digit by digit: a list's documents are all different. */
static void sort(struct list_sorter *sorter)
{
    if (sorter->count <= FEW) {
        sort_few(sorter->postings, sorter->count);
        return;
    }
    for (unsigned shift = 0; shift < 31 && sorter->whole->live >> shift > 0; shift += DIGIT_BITS) {
        struct kept *sorted = sorter->other;

        sort_digit(sorter->postings, sorted, sorter->count, shift);
        sorter->other = sorter->postings;
        sorter->postings = sorted;
    }
}

/* ---- keeping ---- */

/* LEDE_LIMIT, err untouched: no room for it. */
static enum lede_status keep_positions(struct list_sorter *sorter, uint32_t place,
                                       struct lede_error *err)
{
    size_t count;

    buffer_clear(&sorter->found);
    if (!posting_cursor_positions(&sorter->cursor, place, &sorter->found)) {
        if (sorter->found.failed)
            return error_no_memory(err);
        return merge_cursor_status(&sorter->cursor, err);
    }
    count = sorter->found.size / sizeof *sorter->positions;
    if (count > sorter->position_room - sorter->position_count)
        return LEDE_LIMIT;
    memcpy(sorter->positions + sorter->position_count, sorter->found.data, sorter->found.size);
    sorter->position_count += (uint32_t)count;
    return LEDE_OK;
}

static enum lede_status keep_block(struct list_sorter *sorter, uint32_t source,
                                   struct lede_error *err)
{
    const struct segment_merge *whole = sorter->whole;
    struct posting_cursor *cursor = &sorter->cursor;
    const uint32_t *documents = posting_cursor_documents(cursor);
    const uint32_t *frequencies = posting_cursor_frequencies(cursor);
    enum lede_status status = LEDE_OK;
    doc_id number;

    if (!documents || !frequencies)
        return merge_cursor_status(cursor, err);
    for (uint32_t i = 0; i < cursor->count && status == LEDE_OK; i++) {
        if (!renumber(&whole->renumberings[source], documents[i], &number))
            continue;
        number = whole->order[number];
        if (number < sorter->begin || number >= sorter->end)
            continue;
        if (sorter->count == sorter->room)
            return LEDE_LIMIT;
        sorter->postings[sorter->count++] =
            (struct kept){number, frequencies[i], sorter->position_count};
        if (whole->has_positions)
            status = keep_positions(sorter, i, err);
    }
    return status;
}

static enum lede_status keep_lists(struct list_sorter *sorter, const struct term_walk *walk,
                                   struct lede_error *err)
{
    struct posting_cursor *cursor = &sorter->cursor;
    enum lede_status status = LEDE_OK;

    sorter->count = sorter->position_count = 0;
    for (size_t i = 0; i < walk->group_count && status == LEDE_OK; i++) {
        uint32_t source = walk->group[i];

        posting_cursor_init(cursor, &sorter->whole->segments[source].postings,
                            &walk->sources[source].info);
        for (; cursor->count > 0 && status == LEDE_OK; posting_cursor_next(cursor))
            status = keep_block(sorter, source, err);
        if (status == LEDE_OK)
            status = merge_cursor_status(cursor, err);
        snapshot_relieve(sorter->whole->snapshot);
    }
    return status;
}

/* ---- writing ---- */

static void write_kept(struct list_sorter *sorter)
{
    struct segment_writer *writer = sorter->whole->writer;

    sort(sorter);
    for (size_t i = 0; i < sorter->count; i++) {
        const struct kept *kept = &sorter->postings[i];

        segment_writer_posting(writer, kept->document, kept->tf);
        if (sorter->whole->has_positions)
            segment_writer_positions(writer, sorter->positions + kept->positions, kept->tf);
    }
}

enum lede_status merge_sort_lists(struct list_sorter *sorter, const struct term_walk *walk,
                                  struct lede_error *err)
{
    doc_id live = sorter->whole->live, width = live;

    for (sorter->begin = 0; sorter->begin < live; sorter->begin = sorter->end) {
        enum lede_status status;

        do {
            sorter->end = width < live - sorter->begin ? sorter->begin + width : live;
            status = keep_lists(sorter, walk, err);
        } while (status == LEDE_LIMIT && (width /= 2) > 0);
        if (status == LEDE_LIMIT)
            return error_no_memory(err);
        if (status != LEDE_OK)
            return status;
        write_kept(sorter);
        width = width < live / 2 ? 2 * width : live;
    }
    return LEDE_OK;
}

/* ---- making it ---- */

static size_t sorter_size(const struct list_sorter *sorter)
{
    return sizeof *sorter + (size_t)sorter->room * 2 * sizeof *sorter->postings +
           (size_t)sorter->position_room * sizeof *sorter->positions;
}

void merge_sorter_free(struct list_sorter *sorter)
{
    struct account *account;

    if (!sorter)
        return;
    account = sorter->whole->account;
    free(sorter->postings);
    free(sorter->other);
    free(sorter->positions);
    buffer_done(&sorter->found);
    account_release(account, sorter_size(sorter));
    free(sorter);
}

/* Half of the memory that is left: three parts of four for postings, and the longest list needs no
 * more than there are documents; the other half is for a document's positions. */
static void plan_rooms(struct list_sorter *sorter)
{
    size_t room = account_left(sorter->whole->account) / 2;
    size_t postings = room / 4 * 3 / (2 * sizeof *sorter->postings);
    size_t positions = room / 4 / sizeof *sorter->positions;

    sorter->room = postings < sorter->whole->live ? (uint32_t)postings : sorter->whole->live;
    if (sorter->whole->has_positions)
        sorter->position_room = positions < POSITIONS_MOST ? (uint32_t)positions : POSITIONS_MOST;
}

enum lede_status merge_sorter_new(struct segment_merge *whole, struct list_sorter **out,
                                  struct lede_error *err)
{
    struct list_sorter *sorter = calloc(1, sizeof *sorter);

    if (!sorter)
        return error_no_memory(err);
    sorter->whole = whole;
    buffer_init(&sorter->found, whole->account);
    plan_rooms(sorter);
    if (!account_charge(whole->account, sorter_size(sorter))) {
        free(sorter);
        return error_no_memory(err);
    }
    *out = sorter; /* to be freed also if what follows fails */
    sorter->postings = malloc(((size_t)sorter->room + 1) * sizeof *sorter->postings);
    sorter->other = malloc(((size_t)sorter->room + 1) * sizeof *sorter->other);
    sorter->positions = malloc(((size_t)sorter->position_room + 1) * sizeof *sorter->positions);
    return sorter->postings && sorter->other && sorter->positions ? LEDE_OK : error_no_memory(err);
}
