#include "index/posting.h"
#include "index/posting_internal.h"

struct check {
    struct posting_cursor cursor;
    struct posting_bounds bounds;
    struct buffer positions;
    struct stream *norms; /* NULL: bounds are not looked at */
    const struct bound_model *model;
    uint64_t df, total_tf;
    uint64_t positions_end; /* offset behind the packs of the block before */
    uint8_t group;          /* bound of the group's blocks so far */
    uint32_t window;
    const uint8_t *codes; /* of the window's documents; NULL: none was looked up */
};

/* The positions of every posting; and they begin where those of the block before ended. */
static bool check_positions(struct check *check, uint32_t count)
{
    struct posting_cursor *cursor = &check->cursor;

    if (!cursor->source->positions)
        return true;
    for (uint32_t i = 0; i < count; i++) {
        buffer_clear(&check->positions);
        if (posting_cursor_positions(cursor, i, &check->positions))
            continue;
        if (check->positions.failed && cursor->status == LEDE_OK)
            cursor->status = error_no_memory(&cursor->error);
        return false;
    }
    if (cursor->is_single)
        return true;
    if (cursor->has_before &&
        cursor->position_base + load_le32(cursor->position_offsets + 4 * (size_t)cursor->block) !=
            check->positions_end)
        return posting_cursor_fail(cursor, "positions do not follow each other");
    check->positions_end = cursor->pack_offset;
    return true;
}

static bool code_of(struct check *check, doc_id document, uint8_t *code)
{
    uint32_t window = document / WINDOW_DOCS;

    if (!check->codes || window != check->window) {
        check->window = window;
        check->codes = norm_window(check->norms, window, check->cursor.source->documents,
                                   &check->cursor.error);
        if (!check->codes)
            return posting_cursor_fail(&check->cursor, NULL);
    }
    *code = check->codes[document % WINDOW_DOCS];
    return true;
}

/* The current block's bound, and at the end of a group the group's. */
static bool check_bounds(struct check *check, const uint32_t *documents,
                         const uint32_t *frequencies, uint32_t count)
{
    struct posting_cursor *cursor = &check->cursor;
    uint8_t code = 0, bound;

    if (!check->norms)
        return true;
    for (uint32_t i = 0; i < count; i++) {
        if (!code_of(check, documents[i], &code))
            return false;
        check->bounds.k[i] = check->model->k[code];
    }
    bound = posting_bounds_block(&check->bounds, frequencies, count);
    if (cursor->is_single)
        return true;
    if (bound != cursor->bound)
        return posting_cursor_fail(cursor, "a block's bound is not that of its postings");
    if (cursor->block % GROUP_BLOCKS == 0)
        check->group = 0;
    if (bound > check->group)
        check->group = bound;
    if ((cursor->block % GROUP_BLOCKS == GROUP_BLOCKS - 1 || cursor->block == cursor->blocks - 1) &&
        cursor->group_bounds[cursor->block / GROUP_BLOCKS] != check->group)
        return posting_cursor_fail(cursor, "a group's bound is not that of its blocks");
    return true;
}

static bool check_block(struct check *check)
{
    struct posting_cursor *cursor = &check->cursor;
    uint32_t count = cursor->count;
    const uint32_t *documents = posting_cursor_documents(cursor);
    const uint32_t *frequencies = documents ? posting_cursor_frequencies(cursor) : NULL;

    if (!frequencies)
        return false;
    check->df += count;
    for (uint32_t i = 0; i < count; i++)
        check->total_tf += frequencies[i];
    if (check->total_tf > cursor->info.total_tf)
        return posting_cursor_fail(cursor, "more occurrences than its total");
    return check_positions(check, count) && check_bounds(check, documents, frequencies, count);
}

static void check_totals(struct check *check, const struct term_info *info)
{
    uint8_t primed[PRIMED_COUNT];

    if (check->df != info->df || check->total_tf != info->total_tf) {
        posting_cursor_fail(&check->cursor, "its counts are not those of its blocks");
        return;
    }
    if (!check->norms || posting_is_inline(info->df, info->total_tf))
        return;
    posting_bounds_primed(&check->bounds, primed);
    if (check->bounds.list != info->bound || memcmp(primed, info->primed, sizeof primed) != 0)
        posting_cursor_fail(&check->cursor, "its bound or floors are not those of its postings");
}

enum lede_status posting_list_check(const struct posting_source *source,
                                    const struct term_info *info, struct stream *norms,
                                    const struct bound_model *model, struct lede_error *err)
{
    struct check check = {.norms = norms, .model = model};
    struct posting_cursor *cursor = &check.cursor;

    buffer_init(&check.positions, NULL);
    posting_bounds_begin(&check.bounds, info->df);
    posting_cursor_init(cursor, source, info);
    while (cursor->last != DOC_END && check_block(&check))
        posting_cursor_next(cursor);
    if (cursor->status == LEDE_OK)
        check_totals(&check, info);
    buffer_done(&check.positions);
    if (cursor->status != LEDE_OK && err)
        *err = cursor->error;
    return cursor->status;
}
