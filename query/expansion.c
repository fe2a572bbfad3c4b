#include "expansion.h"

#include <stdlib.h>

#include "pattern_walk.h"

struct candidate {
    uint64_t df;
    unsigned edits;
    uint8_t size, key[KEY_TERM_MAX];
};

struct gathering {
    struct candidate *items; /* room for twice the limit: what was kept, then a heap of the
                              * segment's best, the worst first */
    size_t kept, count;      /* of both; of all */
    size_t limit;
    uint8_t field; /* the query's: a segment may number it otherwise */
    bool cut;
    uint64_t here, most; /* of a segment: terms of this one; the most of one */
    uint32_t segments;   /* that have some */
};

/* ---- which is better ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    return slice_compare(slice_of(left->key, left->size), slice_of(right->key, right->size));
}

/* The better one first. */
static int compare_worth(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    if (left->edits != right->edits)
        return left->edits < right->edits ? -1 : 1;
    if (left->df != right->df)
        return left->df > right->df ? -1 : 1;
    return compare_keys(a, b);
}

/* ---- a segment's best ---- */

static void sift_up(struct candidate *heap, size_t place)
{
    while (place > 0 && compare_worth(&heap[place], &heap[(place - 1) / 2]) > 0) {
        struct candidate item = heap[place];

        heap[place] = heap[(place - 1) / 2];
        heap[(place - 1) / 2] = item;
        place = (place - 1) / 2;
    }
}

static void sift_down(struct candidate *heap, size_t count)
{
    for (size_t place = 0, child; (child = 2 * place + 1) < count; place = child) {
        struct candidate item = heap[place];

        child += child + 1 < count && compare_worth(&heap[child + 1], &heap[child]) > 0;
        if (compare_worth(&heap[child], &item) <= 0)
            return;
        heap[place] = heap[child];
        heap[child] = item;
    }
}

static bool gather(void *context, struct slice term, uint32_t df, unsigned edits)
{
    struct gathering *all = context;
    struct candidate *heap = all->items + all->kept, item;
    size_t count = all->count - all->kept;

    if (term.size > 1 && term.data[1] == 0) /* no word: a line of boilerplate as a whole */
        return true;
    all->here++;
    if (count == all->limit && (edits > heap->edits || (edits == heap->edits && df <= heap->df))) {
        all->cut = true; /* of equals the first is the better one, and terms rise */
        return true;
    }
    item.df = df;
    item.edits = edits;
    item.size = (uint8_t)term.size;
    memcpy(item.key, term.data, term.size);
    item.key[0] = all->field;
    if (count < all->limit) {
        heap[count] = item;
        all->count++;
        sift_up(heap, count);
        return true;
    }
    all->cut = true;
    *heap = item;
    sift_down(heap, count);
    return true;
}

/* ---- all segments ---- */

/* Makes one of candidates with the same key, and drops the worst if there are too many. */
static void unite(struct gathering *all)
{
    size_t kept = 0;

    if (all->count == 0)
        return;
    all->segments += all->here > 0;
    all->most = all->most > all->here ? all->most : all->here;
    all->here = 0;
    qsort(all->items, all->count, sizeof *all->items, compare_keys);
    for (size_t i = 0; i < all->count; i++)
        if (kept > 0 && compare_keys(&all->items[kept - 1], &all->items[i]) == 0)
            all->items[kept - 1].df += all->items[i].df;
        else
            all->items[kept++] = all->items[i];
    if (kept > all->limit) {
        qsort(all->items, kept, sizeof *all->items, compare_worth);
        kept = all->limit;
        qsort(all->items, kept, sizeof *all->items, compare_keys);
        all->cut = true;
    }
    all->kept = all->count = kept;
}

static enum lede_status copy_out(const struct gathering *all, struct arena *arena,
                                 struct expansion *out, struct lede_error *err)
{
    out->terms = arena_alloc(arena, all->count * sizeof *out->terms);
    if (!out->terms)
        return error_no_memory(err);
    for (out->count = 0; out->count < all->count; out->count++) {
        const struct candidate *item = &all->items[out->count];
        char *key = arena_copy(arena, item->key, item->size);

        if (!key)
            return error_no_memory(err);
        out->terms[out->count] = (struct expanded){slice_of(key, item->size), item->edits};
    }
    out->cut = all->cut;
    out->exact = all->segments <= 1;
    out->all = all->count + all->cut;
    if (out->all < all->most)
        out->all = all->most;
    return LEDE_OK;
}

enum lede_status expansion_find(struct lede_index *index, const struct pattern *pattern,
                                enum field field, struct slice beginning, size_t limit,
                                struct arena *arena, struct expansion *out, struct lede_error *err)
{
    struct gathering all = {
        .items = malloc(2 * limit * sizeof *all.items), .limit = limit, .field = (uint8_t)field};
    enum lede_status status = all.items ? LEDE_OK : error_no_memory(err);

    for (uint32_t i = 0; status == LEDE_OK && i < index->segment_count; i++) {
        uint8_t there = opened_field(index, i, (uint8_t)field);

        if (there == FIELD_END)
            continue;
        status = pattern_walk(pattern, index->segments[i].segment, (enum field)there, beginning,
                              gather, &all, err);
        unite(&all);
    }
    if (status == LEDE_OK)
        status = copy_out(&all, arena, out, err);
    free(all.items);
    return status;
}

/* Tells the terms of a segment's field from low on to high. */
static enum lede_status walk_between(struct segment *segment, enum field field, struct slice low,
                                     struct slice high, struct gathering *all,
                                     struct lede_error *err)
{
    uint8_t from[KEY_TERM_MAX] = {(uint8_t)field};
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;
    enum lede_status status;

    if (low.size > 0)
        memcpy(from + 1, low.data, low.size);
    status = dictionary_cursor_seek(&cursor, &segment->snapshot->pages, segment->info->number,
                                    slice_of(from, 1 + low.size), err);
    while (status == LEDE_OK) {
        status = dictionary_cursor_next(&cursor, &term, &info, err);
        if (status != LEDE_OK || term.data[0] != field ||
            (high.size > 0 && slice_compare(slice_of(term.data + 1, term.size - 1), high) > 0))
            break;
        (void)gather(all, term, info.df, 0);
    }
    return status == LEDE_MISSING ? LEDE_OK : status;
}

enum lede_status expansion_find_between(struct lede_index *index, enum field field,
                                        struct slice low, struct slice high, size_t limit,
                                        struct arena *arena, struct expansion *out,
                                        struct lede_error *err)
{
    struct gathering all = {
        .items = malloc(2 * limit * sizeof *all.items), .limit = limit, .field = (uint8_t)field};
    enum lede_status status = LEDE_OK;

    if (!all.items)
        return error_no_memory(err);
    for (uint32_t i = 0; status == LEDE_OK && i < index->segment_count; i++) {
        status = walk_between(index->segments[i].segment, field, low, high, &all, err);
        unite(&all);
    }
    if (status == LEDE_OK)
        status = copy_out(&all, arena, out, err);
    free(all.items);
    return status;
}
