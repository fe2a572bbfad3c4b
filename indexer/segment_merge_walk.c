#include <stdlib.h>

#include "base/account.h"
#include "segment_merge_internal.h"

/* ---- the heap: the least term first, of equal ones the first segment's ---- */

static bool is_before(const struct term_walk *walk, uint32_t a, uint32_t b)
{
    int order = slice_compare(walk->sources[a].term, walk->sources[b].term);

    return order < 0 || (order == 0 && a < b);
}

static void push(struct term_walk *walk, uint32_t place)
{
    size_t at = walk->heap_count++;

    for (; at > 0 && is_before(walk, place, walk->heap[(at - 1) / 2]); at = (at - 1) / 2)
        walk->heap[at] = walk->heap[(at - 1) / 2];
    walk->heap[at] = place;
}

static uint32_t pop(struct term_walk *walk)
{
    uint32_t least = walk->heap[0], last = walk->heap[--walk->heap_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < walk->heap_count) {
        if (child + 1 < walk->heap_count &&
            is_before(walk, walk->heap[child + 1], walk->heap[child]))
            child++;
        if (!is_before(walk, walk->heap[child], last))
            break;
        walk->heap[at] = walk->heap[child];
        at = child;
    }
    walk->heap[at] = last;
    return least;
}

static void pop_group(struct term_walk *walk)
{
    do
        walk->group[walk->group_count++] = pop(walk);
    while (walk->heap_count > 0 &&
           slice_equal(walk->sources[walk->heap[0]].term, walk->sources[walk->group[0]].term));
}

/* ---- the sources ---- */

/* Behind the last term: were they all there? */
static enum lede_status check_source(const struct term_walk *walk, uint32_t place,
                                     struct lede_error *err)
{
    const struct segment *segment = &walk->whole->segments[place];
    const struct term_source *source = &walk->sources[place];

    if (source->terms == segment->info->terms && source->postings == segment->info->postings &&
        (!walk->whole->has_positions || source->occurrences == segment->info->positions))
        return LEDE_OK;
    return merge_damaged(segment, "it has not the terms that it had", err);
}

/* The next term of a source goes on the heap. */
static enum lede_status advance(struct term_walk *walk, uint32_t place, struct lede_error *err)
{
    struct term_source *source = &walk->sources[place];
    enum lede_status status =
        dictionary_cursor_next(&source->cursor, &source->term, &source->info, err);

    if (status == LEDE_MISSING)
        return check_source(walk, place, err);
    if (status != LEDE_OK)
        return status;
    source->terms++;
    source->postings += source->info.df;
    source->occurrences += source->info.total_tf;
    push(walk, place);
    return LEDE_OK;
}

/* ---- the walk ---- */

static size_t walk_size(size_t count)
{
    return count * (sizeof(struct term_source) + 2 * sizeof(uint32_t));
}

void merge_walk_done(struct term_walk *walk)
{
    free(walk->sources);
    free(walk->heap);
    free(walk->group);
    account_release(walk->whole->account, walk_size(walk->count));
}

enum lede_status merge_walk_begin(struct term_walk *walk, struct segment_merge *whole,
                                  struct lede_error *err)
{
    size_t count = whole->segment_count;
    enum lede_status status = LEDE_OK;

    *walk = (struct term_walk){.whole = whole};
    if (!account_charge(whole->account, walk_size(count)))
        return error_no_memory(err);
    walk->count = count;
    walk->sources = calloc(count, sizeof *walk->sources);
    walk->heap = calloc(count, sizeof *walk->heap);
    walk->group = calloc(count, sizeof *walk->group);
    if (!walk->sources || !walk->heap || !walk->group)
        return error_no_memory(err);
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        status = dictionary_cursor_seek(&walk->sources[i].cursor, &whole->snapshot->pages,
                                        whole->segments[i].info->number, slice_of(NULL, 0), err);
        if (status == LEDE_OK)
            status = advance(walk, (uint32_t)i, err);
    }
    return status;
}

enum lede_status merge_walk_next(struct term_walk *walk, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < walk->group_count && status == LEDE_OK; i++)
        status = advance(walk, walk->group[i], err);
    walk->group_count = 0;
    if (status != LEDE_OK)
        return status;
    if (walk->heap_count == 0)
        return LEDE_MISSING;
    pop_group(walk);
    return LEDE_OK;
}
