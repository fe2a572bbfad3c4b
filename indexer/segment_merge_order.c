#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "bisection.h"
#include "segment_merge_internal.h"

/* Which terms count: those that at least ORDER_DF_MIN live documents have, as rarer ones have not
 * much of a list. They are numbered by classes of their document frequency, each of half of that of
 * the one before. If the index of them does not fit the memory, those that more than one document
 * of ORDER_FREQUENT has are left out, which costs 1% of what is gained, and then the rarest, class
 * by class. */
enum { ORDER_DF_MIN = 8, ORDER_FREQUENT = 16, NO_CLASS = 255 };

struct order_maker {
    struct segment_merge *whole;
    struct buffer classes; /* of each term of the walk: a byte */
    int rarest, commonest; /* classes that count */
    size_t room;           /* bytes that the index may have, and the degrees of its terms */
    struct forward_index index;
    uint32_t *next; /* of each document: the least number that its next term can have */
    size_t charged; /* for the index and for next */
    struct posting_cursor postings;
};

/* ---- classes ---- */

static int class_of(uint64_t df)
{
    return 63 - __builtin_clzll(df | 1);
}

static enum lede_status classify(struct order_maker *maker, struct lede_error *err)
{
    struct term_walk walk;
    enum lede_status status = merge_walk_begin(&walk, maker->whole, err);

    while (status == LEDE_OK && (status = merge_walk_next(&walk, err)) == LEDE_OK) {
        uint64_t df, total_tf;

        status = merge_count_live(&walk, &maker->postings, &df, &total_tf, err);
        buffer_byte(&maker->classes, df < ORDER_DF_MIN ? NO_CLASS : (uint8_t)class_of(df));
        if (maker->classes.failed)
            status = error_no_memory(err);
    }
    merge_walk_done(&walk);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* ---- the terms of every document, class by class ---- */

typedef void (*taker)(struct order_maker *maker, doc_id document, uint32_t gap);

static void take_size(struct order_maker *maker, doc_id document, uint32_t gap)
{
    maker->index.starts[document + 1] += forward_gap_size(gap);
}

/* Meanwhile starts[d] is where the next gap of document d goes. */
static void take_bytes(struct order_maker *maker, doc_id document, uint32_t gap)
{
    uint64_t *at = &maker->index.starts[document];

    *at = (uint64_t)(forward_gap_put(maker->index.bytes + *at, gap) - maker->index.bytes);
}

static enum lede_status take_list(struct order_maker *maker, const struct term_walk *walk,
                                  uint32_t place, taker take, struct lede_error *err)
{
    struct posting_cursor *cursor = &maker->postings;
    const struct renumbering *renumbering = &maker->whole->renumberings[place];
    uint32_t term = maker->index.terms;
    doc_id number;

    posting_cursor_init(cursor, &maker->whole->segments[place].postings,
                        &walk->sources[place].info);
    for (; cursor->count > 0; posting_cursor_next(cursor)) {
        const uint32_t *documents = posting_cursor_documents(cursor);

        for (uint32_t i = 0; documents && i < cursor->count; i++)
            if (renumber(renumbering, documents[i], &number)) {
                take(maker, number, term - maker->next[number]);
                maker->next[number] = term + 1;
            }
    }
    snapshot_relieve(maker->whole->snapshot);
    return merge_cursor_status(cursor, err);
}

static enum lede_status take_class(struct order_maker *maker, int class, taker take,
                                   struct lede_error *err)
{
    struct term_walk walk;
    enum lede_status status = merge_walk_begin(&walk, maker->whole, err);

    for (size_t term = 0; status == LEDE_OK; term++) {
        status = merge_walk_next(&walk, err);
        if (status != LEDE_OK || maker->classes.data[term] != class)
            continue;
        for (size_t i = 0; i < walk.group_count && status == LEDE_OK; i++)
            status = take_list(maker, &walk, walk.group[i], take, err);
        maker->index.terms++;
    }
    merge_walk_done(&walk);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static void take_none(struct order_maker *maker)
{
    memset(maker->next, 0, maker->index.documents * sizeof *maker->next);
    maker->index.terms = 0;
}

/* ---- sizes ---- */

static size_t size_taken(const struct order_maker *maker)
{
    const struct forward_index *index = &maker->index;
    uint64_t size = bisection_thread_size(index->terms);

    for (uint32_t i = 1; i <= index->documents; i++)
        size += index->starts[i];
    return size;
}

/* Sizes in starts, moved up by one. *full is the class that was too many, or -1. */
static enum lede_status measure(struct order_maker *maker, int *full, struct lede_error *err)
{
    struct forward_index *index = &maker->index;
    enum lede_status status = LEDE_OK;

    *full = -1;
    take_none(maker);
    memset(index->starts, 0, ((size_t)index->documents + 1) * sizeof *index->starts);
    for (int class = maker->commonest; class >= maker->rarest && *full < 0; class --) {
        status = take_class(maker, class, take_size, err);
        if (status != LEDE_OK)
            return status;
        if (size_taken(maker) > maker->room)
            *full = class;
    }
    return LEDE_OK;
}

/* Chooses the classes and measures. */
static enum lede_status choose(struct order_maker *maker, struct lede_error *err)
{
    int full, frequent = class_of(maker->index.documents / ORDER_FREQUENT);
    enum lede_status status;

    maker->rarest = class_of(ORDER_DF_MIN);
    maker->commonest = class_of(maker->index.documents);
    status = measure(maker, &full, err);
    if (status != LEDE_OK || full < 0)
        return status;
    if (frequent >= maker->rarest) {
        maker->commonest = frequent;
        status = measure(maker, &full, err);
        if (status != LEDE_OK || full < 0)
            return status;
    }
    maker->rarest = full + 1;
    if (maker->rarest > maker->commonest)
        return error_no_memory(err);
    return measure(maker, &full, err);
}

/* ---- the index ---- */

static void *take_memory(struct order_maker *maker, size_t size)
{
    if (!account_charge(maker->whole->account, size))
        return NULL;
    maker->charged += size;
    return malloc(size + !size);
}

static void maker_done(struct order_maker *maker)
{
    buffer_done(&maker->classes);
    free(maker->next);
    free(maker->index.starts);
    free(maker->index.bytes);
    account_release(maker->whole->account, maker->charged);
}

/* What is left, but for an eighth and what the bisection takes for each document. */
static enum lede_status plan_room(struct order_maker *maker, struct lede_error *err)
{
    struct forward_index *index = &maker->index;
    size_t left;

    index->documents = maker->whole->live;
    index->starts = take_memory(maker, ((size_t)index->documents + 1) * sizeof *index->starts);
    left = account_left(maker->whole->account);
    maker->next = take_memory(maker, index->documents * sizeof *maker->next);
    if (!index->starts || !maker->next || left / 8 * 7 < bisection_size(index->documents))
        return error_no_memory(err);
    maker->room = left / 8 * 7 - bisection_size(index->documents);
    return LEDE_OK;
}

static enum lede_status fill(struct order_maker *maker, struct lede_error *err)
{
    struct forward_index *index = &maker->index;
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; i < index->documents; i++)
        index->starts[i + 1] += index->starts[i];
    index->bytes = take_memory(maker, index->starts[index->documents]);
    if (!index->bytes)
        return error_no_memory(err);
    take_none(maker);
    for (int class = maker->commonest; class >= maker->rarest && status == LEDE_OK; class --)
        status = take_class(maker, class, take_bytes, err);
    for (uint32_t i = index->documents; i > 0; i--) /* each ends where the next one began */
        index->starts[i] = index->starts[i - 1];
    index->starts[0] = 0;
    return status;
}

/* What only the making needs goes first. */
static enum lede_status order(struct order_maker *maker, unsigned threads, struct lede_error *err)
{
    struct segment_merge *whole = maker->whole;
    size_t size = whole->live * sizeof *whole->order;

    free(maker->next);
    maker->next = NULL;
    maker->charged -= size; /* next was as large as the order is */
    account_release(whole->account, size);
    buffer_done(&maker->classes);
    whole->order = account_malloc(whole->account, size);
    if (!whole->order)
        return error_no_memory(err);
    return bisection_order(&maker->index, threads, whole->account, whole->order, err);
}

enum lede_status merge_order(struct segment_merge *whole, unsigned threads, struct lede_error *err)
{
    struct order_maker maker = {.whole = whole};
    enum lede_status status;

    assert(whole->live > 0);
    buffer_init(&maker.classes, whole->account);
    status = classify(&maker, err);
    if (status == LEDE_OK)
        status = plan_room(&maker, err);
    if (status == LEDE_OK)
        status = choose(&maker, err);
    if (status == LEDE_OK)
        status = fill(&maker, err);
    if (status == LEDE_OK)
        status = order(&maker, threads, err);
    maker_done(&maker);
    return status;
}

void merge_order_done(struct segment_merge *whole)
{
    if (!whole->order)
        return;
    free(whole->order);
    account_release(whole->account, (size_t)whole->live * sizeof *whole->order);
    whole->order = NULL;
}

/* Cycle by cycle; what is done is marked by a bit that no number has. */
void merge_order_invert(struct segment_merge *whole)
{
    const doc_id done = 1U << 31;
    doc_id *order = whole->order;

    if (!order)
        return;
    for (doc_id first = 0; first < whole->live; first++) {
        doc_id before = first, at = order[first];

        if (at & done)
            continue;
        while (at != first) {
            doc_id next = order[at];

            order[at] = before | done;
            before = at;
            at = next;
        }
        order[first] = before | done;
    }
    for (doc_id i = 0; i < whole->live; i++)
        order[i] &= ~done;
}
