#include <stdlib.h>

#include "base/account.h"
#include "segment_merge_internal.h"

struct source { /* a segment's dictionary */
    struct dictionary_cursor cursor;
    struct slice term;
    struct term_info info;
    uint64_t terms, postings, occurrences; /* passed */
};

/* Segments follow each other in document order, so a term's list is those of its segments, one
 * behind the other. */
struct merge {
    struct segment_merge *whole;
    struct source *sources;
    uint32_t *heap; /* places of sources: the least term first, of equal ones the first segment's */
    uint32_t *group; /* those that have the current term, rising */
    size_t count, heap_count, group_count;
    struct posting_cursor postings;
    struct buffer positions;
    bool has_positions;
};

/* ---- the heap ---- */

static bool is_before(const struct merge *merge, uint32_t a, uint32_t b)
{
    int order = slice_compare(merge->sources[a].term, merge->sources[b].term);

    return order < 0 || (order == 0 && a < b);
}

static void push(struct merge *merge, uint32_t place)
{
    size_t at = merge->heap_count++;

    for (; at > 0 && is_before(merge, place, merge->heap[(at - 1) / 2]); at = (at - 1) / 2)
        merge->heap[at] = merge->heap[(at - 1) / 2];
    merge->heap[at] = place;
}

static uint32_t pop(struct merge *merge)
{
    uint32_t least = merge->heap[0], last = merge->heap[--merge->heap_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < merge->heap_count) {
        if (child + 1 < merge->heap_count &&
            is_before(merge, merge->heap[child + 1], merge->heap[child]))
            child++;
        if (!is_before(merge, merge->heap[child], last))
            break;
        merge->heap[at] = merge->heap[child];
        at = child;
    }
    merge->heap[at] = last;
    return least;
}

static void pop_group(struct merge *merge)
{
    merge->group_count = 0;
    do
        merge->group[merge->group_count++] = pop(merge);
    while (merge->heap_count > 0 &&
           slice_equal(merge->sources[merge->heap[0]].term, merge->sources[merge->group[0]].term));
}

/* ---- the sources ---- */

/* Behind the last term: were they all there? */
static enum lede_status check_source(const struct merge *merge, uint32_t place,
                                     struct lede_error *err)
{
    const struct segment *segment = &merge->whole->segments[place];
    const struct source *source = &merge->sources[place];

    if (source->terms == segment->info->terms && source->postings == segment->info->postings &&
        (!merge->has_positions || source->occurrences == segment->info->positions))
        return LEDE_OK;
    return merge_damaged(segment, "it has not the terms that it had", err);
}

/* The next term of a source goes on the heap. */
static enum lede_status advance(struct merge *merge, uint32_t place, struct lede_error *err)
{
    struct source *source = &merge->sources[place];
    enum lede_status status =
        dictionary_cursor_next(&source->cursor, &source->term, &source->info, err);

    if (status == LEDE_MISSING)
        return check_source(merge, place, err);
    if (status != LEDE_OK)
        return status;
    source->terms++;
    source->postings += source->info.df;
    source->occurrences += source->info.total_tf;
    push(merge, place);
    return LEDE_OK;
}

static size_t merge_size(size_t count)
{
    return count * (sizeof(struct source) + 2 * sizeof(uint32_t));
}

static void merge_done(struct merge *merge)
{
    free(merge->sources);
    free(merge->heap);
    free(merge->group);
    buffer_done(&merge->positions);
    account_release(merge->whole->account, merge_size(merge->count));
}

static enum lede_status merge_init(struct merge *merge, struct segment_merge *whole,
                                   struct lede_error *err)
{
    struct snapshot *snapshot = whole->snapshot;
    size_t count = whole->segment_count;
    enum lede_status status = LEDE_OK;

    *merge = (struct merge){.whole = whole};
    merge->has_positions = !(snapshot->manifest.flags & MANIFEST_NO_POSITIONS);
    buffer_init(&merge->positions, whole->account);
    if (!account_charge(whole->account, merge_size(count)))
        return error_no_memory(err);
    merge->count = count;
    merge->sources = calloc(count, sizeof *merge->sources);
    merge->heap = calloc(count, sizeof *merge->heap);
    merge->group = calloc(count, sizeof *merge->group);
    if (!merge->sources || !merge->heap || !merge->group)
        return error_no_memory(err);
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        status = dictionary_cursor_seek(&merge->sources[i].cursor, &snapshot->pages,
                                        whole->segments[i].info->number, slice_of(NULL, 0), err);
        if (status == LEDE_OK)
            status = advance(merge, (uint32_t)i, err);
    }
    return status;
}

/* ---- postings ---- */

static enum lede_status cursor_status(const struct posting_cursor *cursor, struct lede_error *err)
{
    if (cursor->status != LEDE_OK && err)
        *err = cursor->error;
    return cursor->status;
}

/* How many live documents a list has, and their frequencies. */
static enum lede_status count_live(struct merge *merge, uint32_t place, uint64_t *df,
                                   uint64_t *total_tf, struct lede_error *err)
{
    const struct renumbering *renumbering = &merge->whole->renumberings[place];
    struct posting_cursor *cursor = &merge->postings;
    const struct term_info *info = &merge->sources[place].info;
    doc_id number;

    if (!renumbering->words) {
        *df += info->df;
        *total_tf += info->total_tf;
        return LEDE_OK;
    }
    posting_cursor_init(cursor, &merge->whole->segments[place].postings, info);
    for (; cursor->count > 0; posting_cursor_next(cursor)) {
        const uint32_t *documents = posting_cursor_documents(cursor);
        const uint32_t *frequencies = posting_cursor_frequencies(cursor);

        for (uint32_t i = 0; documents && frequencies && i < cursor->count; i++)
            if (renumber(renumbering, documents[i], &number)) {
                ++*df;
                *total_tf += frequencies[i];
            }
    }
    return cursor_status(cursor, err);
}

static enum lede_status copy_positions(struct merge *merge, uint32_t place, struct lede_error *err)
{
    buffer_clear(&merge->positions);
    if (!posting_cursor_positions(&merge->postings, place, &merge->positions)) {
        if (merge->positions.failed)
            return error_no_memory(err);
        return cursor_status(&merge->postings, err);
    }
    segment_writer_positions(merge->whole->writer, (const void *)merge->positions.data,
                             merge->positions.size / sizeof(uint32_t));
    return LEDE_OK;
}

static enum lede_status copy_block(struct merge *merge, uint32_t source, struct lede_error *err)
{
    const struct renumbering *renumbering = &merge->whole->renumberings[source];
    struct posting_cursor *cursor = &merge->postings;
    const uint32_t *documents = posting_cursor_documents(cursor);
    const uint32_t *frequencies = posting_cursor_frequencies(cursor);
    enum lede_status status = LEDE_OK;
    doc_id number;

    if (!documents || !frequencies)
        return cursor_status(cursor, err);
    for (uint32_t i = 0; i < cursor->count && status == LEDE_OK; i++) {
        if (!renumber(renumbering, documents[i], &number))
            continue;
        segment_writer_posting(merge->whole->writer, number, frequencies[i]);
        if (merge->has_positions)
            status = copy_positions(merge, i, err);
    }
    return status;
}

static enum lede_status copy_list(struct merge *merge, uint32_t source, struct lede_error *err)
{
    struct posting_cursor *cursor = &merge->postings;
    enum lede_status status = LEDE_OK;

    posting_cursor_init(cursor, &merge->whole->segments[source].postings,
                        &merge->sources[source].info);
    for (; cursor->count > 0 && status == LEDE_OK; posting_cursor_next(cursor))
        status = copy_block(merge, source, err);
    return status == LEDE_OK ? cursor_status(cursor, err) : status;
}

/* A term that only deleted documents have goes with them. */
static enum lede_status copy_term(struct merge *merge, struct lede_error *err)
{
    struct segment_writer *writer = merge->whole->writer;
    uint64_t df = 0, total_tf = 0;
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < merge->group_count && status == LEDE_OK; i++)
        status = count_live(merge, merge->group[i], &df, &total_tf, err);
    if (status == LEDE_OK && df > DOCS_MAX)
        return merge_damaged(&merge->whole->segments[merge->group[0]],
                             "a term is in more articles than there are", err);
    if (status != LEDE_OK || df == 0)
        return status;
    status = segment_writer_term(writer, merge->sources[merge->group[0]].term, (uint32_t)df,
                                 total_tf, err);
    for (size_t i = 0; i < merge->group_count && status == LEDE_OK; i++)
        status = copy_list(merge, merge->group[i], err);
    return status == LEDE_OK ? segment_writer_term_end(writer, err) : status;
}

enum lede_status merge_terms(struct segment_merge *whole, struct lede_error *err)
{
    struct merge merge;
    enum lede_status status = merge_init(&merge, whole, err);

    while (status == LEDE_OK && merge.heap_count > 0) {
        pop_group(&merge);
        status = copy_term(&merge, err);
        for (size_t i = 0; i < merge.group_count && status == LEDE_OK; i++)
            status = advance(&merge, merge.group[i], err);
    }
    merge_done(&merge);
    return status;
}
