/* Which documents may be found at all: those that are not deleted and that the filters let through.
 * Filters are asked before anything is scored, and let whole windows be passed over. */
#include "evaluate_internal.h"

doc_id evaluation_seek_eligible(struct evaluation *run, doc_id from)
{
    doc_id before;

    do {
        before = from;
        for (size_t i = 0; i < run->filters.count && from != DOC_END; i++)
            from = run->filters.items[i]->kind->seek(run->filters.items[i], from);
    } while (from != before && from != DOC_END);
    return from;
}

static void drop_filtered(const struct evaluation *run, uint64_t *bits)
{
    for (size_t i = 0; i < run->filters.count && bits_any(bits); i++)
        run->filters.items[i]->kind->match(run->filters.items[i], &run->window, bits);
    evaluation_drop_matches(run, &run->barred, bits);
}

static enum lede_status drop(struct evaluation *run, uint64_t *bits)
{
    const uint8_t *deleted;
    enum lede_status status =
        segment_deletions(run->segment, run->window.base / WINDOW_DOCS, &deleted, run->err);

    for (size_t i = 0; status == LEDE_OK && deleted && i < WINDOW_WORDS; i++)
        bits[i] &= ~load_le64(deleted + 8 * i);
    if (status == LEDE_OK)
        drop_filtered(run, bits);
    return status;
}

enum lede_status evaluation_drop_ineligible(struct evaluation *run)
{
    return drop(run, run->bits);
}

enum lede_status evaluation_find_eligible(struct evaluation *run, const uint64_t **bits)
{
    *bits = NULL;
    if (!evaluation_is_filtered(run) && run->segment->info->deleted == 0)
        return LEDE_OK;
    bits_fill(run->eligible, run->window.size);
    *bits = run->eligible;
    return drop(run, run->eligible);
}

/* True if no more documents are needed: those that come are worth no more than what there is. */
static bool has_enough(const struct evaluation *run)
{
    return !run->counting && run->best->count >= run->best->k;
}

enum lede_status evaluation_take_eligible(struct evaluation *run)
{
    doc_id base = 0;
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && !has_enough(run) &&
           (base = evaluation_seek_eligible(run, base)) < run->segment->info->documents) {
        status = evaluation_set_window(run, base - base % WINDOW_DOCS);
        if (status != LEDE_OK)
            return status;
        bits_fill(run->bits, run->window.size);
        status = evaluation_drop_ineligible(run);
        evaluation_drop_prohibited(run);
        if (status == LEDE_OK)
            status = evaluation_count(run);
        if (status == LEDE_OK && run->best->k > 0 && !evaluation_collect(run))
            status = error_no_memory(run->err);
        base = run->window.base + WINDOW_DOCS;
    }
    return status;
}
