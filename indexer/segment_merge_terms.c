#include "segment_merge_internal.h"

struct joiner {
    struct segment_merge *whole;
    struct term_walk walk;
    struct posting_cursor postings;
    struct buffer positions;
};

/* ---- counting ---- */

static enum lede_status count_list(const struct term_walk *walk, uint32_t place,
                                   struct posting_cursor *cursor, uint64_t *df, uint64_t *total_tf,
                                   struct lede_error *err)
{
    const struct renumbering *renumbering = &walk->whole->renumberings[place];
    const struct term_info *info = &walk->sources[place].info;
    doc_id number;

    if (!renumbering->words) {
        *df += info->df;
        *total_tf += info->total_tf;
        return LEDE_OK;
    }
    posting_cursor_init(cursor, &walk->whole->segments[place].postings, info);
    for (; cursor->count > 0; posting_cursor_next(cursor)) {
        const uint32_t *documents = posting_cursor_documents(cursor);
        const uint32_t *frequencies = posting_cursor_frequencies(cursor);

        for (uint32_t i = 0; documents && frequencies && i < cursor->count; i++)
            if (renumber(renumbering, documents[i], &number)) {
                ++*df;
                *total_tf += frequencies[i];
            }
    }
    return merge_cursor_status(cursor, err);
}

enum lede_status merge_count_live(const struct term_walk *walk, struct posting_cursor *cursor,
                                  uint64_t *df, uint64_t *total_tf, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *df = *total_tf = 0;
    for (size_t i = 0; i < walk->group_count && status == LEDE_OK; i++)
        status = count_list(walk, walk->group[i], cursor, df, total_tf, err);
    if (status == LEDE_OK && *df > walk->whole->live)
        return merge_damaged(&walk->whole->segments[walk->group[0]],
                             "a term is in more articles than there are", err);
    return status;
}

/* ---- lists, joined ---- */

static enum lede_status copy_positions(struct joiner *joiner, uint32_t place,
                                       struct lede_error *err)
{
    buffer_clear(&joiner->positions);
    if (!posting_cursor_positions(&joiner->postings, place, &joiner->positions)) {
        if (joiner->positions.failed)
            return error_no_memory(err);
        return merge_cursor_status(&joiner->postings, err);
    }
    segment_writer_positions(joiner->whole->writer, (const void *)joiner->positions.data,
                             joiner->positions.size / sizeof(uint32_t));
    return LEDE_OK;
}

static enum lede_status copy_block(struct joiner *joiner, uint32_t source, struct lede_error *err)
{
    const struct renumbering *renumbering = &joiner->whole->renumberings[source];
    struct posting_cursor *cursor = &joiner->postings;
    const uint32_t *documents = posting_cursor_documents(cursor);
    const uint32_t *frequencies = posting_cursor_frequencies(cursor);
    enum lede_status status = LEDE_OK;
    doc_id number;

    if (!documents || !frequencies)
        return merge_cursor_status(cursor, err);
    for (uint32_t i = 0; i < cursor->count && status == LEDE_OK; i++) {
        if (!renumber(renumbering, documents[i], &number))
            continue;
        segment_writer_posting(joiner->whole->writer, number, frequencies[i]);
        if (joiner->whole->has_positions)
            status = copy_positions(joiner, i, err);
    }
    return status;
}

static enum lede_status copy_list(struct joiner *joiner, uint32_t source, struct lede_error *err)
{
    struct posting_cursor *cursor = &joiner->postings;
    enum lede_status status = LEDE_OK;

    posting_cursor_init(cursor, &joiner->whole->segments[source].postings,
                        &joiner->walk.sources[source].info);
    for (; cursor->count > 0 && status == LEDE_OK; posting_cursor_next(cursor))
        status = copy_block(joiner, source, err);
    return status == LEDE_OK ? merge_cursor_status(cursor, err) : status;
}

static enum lede_status copy_lists(struct joiner *joiner, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < joiner->walk.group_count && status == LEDE_OK; i++)
        status = copy_list(joiner, joiner->walk.group[i], err);
    return status;
}

/* ---- terms ---- */

/* A term that only deleted documents have goes with them. */
static enum lede_status copy_term(struct joiner *joiner, struct list_sorter *sorter,
                                  struct lede_error *err)
{
    const struct term_walk *walk = &joiner->walk;
    struct segment_writer *writer = joiner->whole->writer;
    uint64_t df, total_tf;
    enum lede_status status = merge_count_live(walk, &joiner->postings, &df, &total_tf, err);

    if (status != LEDE_OK || df == 0)
        return status;
    status = segment_writer_term(writer, walk->sources[walk->group[0]].term, (uint32_t)df, total_tf,
                                 err);
    if (status == LEDE_OK)
        status = sorter ? merge_sort_lists(sorter, walk, err) : copy_lists(joiner, err);
    return status == LEDE_OK ? segment_writer_term_end(writer, err) : status;
}

static enum lede_status copy_terms(struct joiner *joiner, struct list_sorter *sorter,
                                   struct lede_error *err)
{
    enum lede_status status = merge_walk_begin(&joiner->walk, joiner->whole, err);

    while (status == LEDE_OK && (status = merge_walk_next(&joiner->walk, err)) == LEDE_OK)
        status = copy_term(joiner, sorter, err);
    merge_walk_done(&joiner->walk);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

enum lede_status merge_terms(struct segment_merge *whole, struct lede_error *err)
{
    struct joiner joiner = {.whole = whole};
    struct list_sorter *sorter = NULL;
    enum lede_status status = LEDE_OK;

    buffer_init(&joiner.positions, whole->account);
    if (whole->order)
        status = merge_sorter_new(whole, &sorter, err);
    if (status == LEDE_OK)
        status = copy_terms(&joiner, sorter, err);
    merge_sorter_free(sorter);
    buffer_done(&joiner.positions);
    return status;
}
