#include "segment_merge_internal.h"

struct joiner {
    struct segment_merge *whole;
    struct list_sorter *sorter; /* NULL: documents stay in order */
    struct term_walk walk;
    bool more; /* the walk is at a term */
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
    snapshot_relieve(walk->whole->snapshot);
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
    snapshot_relieve(joiner->whole->snapshot);
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
static enum lede_status copy_term(struct joiner *joiner, struct slice term, struct lede_error *err)
{
    const struct term_walk *walk = &joiner->walk;
    struct segment_writer *writer = joiner->whole->writer;
    uint64_t df, total_tf;
    enum lede_status status = merge_count_live(walk, &joiner->postings, &df, &total_tf, err);

    if (status != LEDE_OK || df == 0)
        return status;
    status = segment_writer_term(writer, term, (uint32_t)df, total_tf, err);
    if (status == LEDE_OK)
        status =
            joiner->sorter ? merge_sort_lists(joiner->sorter, walk, err) : copy_lists(joiner, err);
    return status == LEDE_OK ? segment_writer_term_end(writer, err) : status;
}

static enum lede_status next_term(struct joiner *joiner, struct lede_error *err)
{
    enum lede_status status = merge_walk_next(&joiner->walk, err);

    joiner->more = status == LEDE_OK;
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* Copies the terms before one; all that are left, if it has no bytes. */
static enum lede_status copy_terms(void *context, struct slice end, struct lede_error *err)
{
    struct joiner *joiner = context;
    const struct term_walk *walk = &joiner->walk;
    enum lede_status status = LEDE_OK;

    while (joiner->more && status == LEDE_OK) {
        struct slice term = walk->sources[walk->group[0]].term;

        if (end.size > 0 && slice_compare(term, end) >= 0)
            break;
        if (!merge_fields_have(joiner->whole, term))
            status = copy_term(joiner, term, err);
        if (status == LEDE_OK)
            status = next_term(joiner, err);
    }
    return status;
}

static enum lede_status copy_all(struct joiner *joiner, struct lede_error *err)
{
    const struct other_terms others = {joiner, copy_terms};
    enum lede_status status = merge_walk_begin(&joiner->walk, joiner->whole, err);

    if (status == LEDE_OK)
        status = next_term(joiner, err);
    if (status == LEDE_OK)
        status = merge_fields_write(joiner->whole, &others, err);
    merge_walk_done(&joiner->walk);
    return status;
}

enum lede_status merge_terms(struct segment_merge *whole, struct lede_error *err)
{
    struct joiner joiner = {.whole = whole};
    enum lede_status status = LEDE_OK;

    buffer_init(&joiner.positions, whole->account);
    if (whole->order)
        status = merge_sorter_new(whole, &joiner.sorter, err);
    if (status == LEDE_OK)
        status = copy_all(&joiner, err);
    merge_sorter_free(joiner.sorter);
    buffer_done(&joiner.positions);
    return status;
}
