/* Scores of documents that were found in another order than theirs. */
#include "evaluate_internal.h"

size_t evaluation_take_entries(struct evaluation *run, const struct topk_entry *entries,
                               size_t left)
{
    doc_id base = run->window.base;
    size_t count = 0;

    bits_clear(run->bits);
    for (; count < left && entries[count].segment == run->number &&
           entries[count].document - base < run->window.size;
         count++)
        bits_set(run->bits, entries[count].document - base);
    return count;
}

static enum lede_status score_segment(struct evaluation *run, struct topk_entry *entries,
                                      size_t left, size_t *scored)
{
    enum lede_status status = LEDE_OK;
    size_t at = 0;

    while (status == LEDE_OK && at < left && entries[at].segment == run->number) {
        doc_id document = entries[at].document;
        size_t count;

        status = evaluation_set_window(run, document - document % WINDOW_DOCS);
        if (status != LEDE_OK)
            break;
        count = evaluation_take_entries(run, entries + at, left - at);
        evaluation_score(run);
        for (size_t end = at + count; at < end; at++) {
            uint32_t place = entries[at].document - run->window.base;

            entries[at].score = evaluation_fade(run, run->sums[place], place);
            run->sums[place] = 0;
        }
    }
    *scored = at;
    return status == LEDE_OK ? evaluation_status(run) : status;
}

enum lede_status evaluate_scores(const struct plan *plan, struct topk_entry *entries, size_t count,
                                 struct lede_error *err)
{
    struct evaluation *run = evaluation_begin(plan, err);
    enum lede_status status = LEDE_OK;
    size_t scored;

    if (!run)
        return error_no_memory(err);
    for (size_t at = 0; status == LEDE_OK && at < count; at += scored) {
        bool possible;

        scored = 0;
        status = evaluation_begin_segment(run, entries[at].segment, &possible);
        if (status == LEDE_OK)
            status = score_segment(run, entries + at, count - at, &scored);
        evaluation_end_segment(run);
    }
    evaluation_end(run, status);
    return status;
}
