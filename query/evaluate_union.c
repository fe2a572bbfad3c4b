/* Evaluation of a union, all of it, in the cheapest way that its clauses allow: matching first and
 * scoring behind; both at once; or sums alone, where what matches has one. */
#include "evaluate_internal.h"

/* A union is dense if a window has this many postings at least: then it is cheaper to look at all
 * of its sums than to note where a posting was. */
enum { DENSE_POSTINGS = WINDOW_DOCS / 4 };

/* ---- which windows ---- */

static doc_id window_base(doc_id document)
{
    return document - document % WINDOW_DOCS;
}

/* The first window from base on in which any of the matchers may match something. */
static doc_id next_matched(const struct matchers *optional, doc_id base)
{
    doc_id nearest = DOC_END;

    for (size_t i = 0; i < optional->count && nearest > base; i++) {
        struct matcher *matcher = optional->items[i];
        doc_id document = matcher->kind->seek(matcher, base);

        if (document < nearest)
            nearest = document == DOC_END ? DOC_END : window_base(document);
    }
    return nearest;
}

/* The first window from base on in which one of the optional clauses may match what the filters let
 * through. */
static doc_id next_window(struct evaluation *run, doc_id base)
{
    for (;;) {
        doc_id eligible;

        base = next_matched(&run->optional, base);
        eligible = evaluation_seek_eligible(run, base);
        if (eligible == DOC_END || window_base(eligible) == base)
            return eligible == DOC_END ? DOC_END : base;
        base = window_base(eligible);
    }
}

/* ---- one window ---- */

static enum lede_status evaluate_window(struct evaluation *run)
{
    enum lede_status status;

    evaluation_match_any(run);
    if (!bits_any(run->bits))
        return LEDE_OK;
    status = evaluation_drop_ineligible(run);
    if (status != LEDE_OK)
        return status;
    evaluation_drop_prohibited(run);
    status = evaluation_count(run);
    if (status != LEDE_OK || run->best->k == 0 || !bits_any(run->bits))
        return status;
    evaluation_score(run);
    return evaluation_collect(run) ? LEDE_OK : error_no_memory(run->err);
}

/* True if whatever one of the scored matchers finds is wanted, so that each can match and score in
 * one pass. */
static bool is_simple_union(const struct evaluation *run)
{
    if (run->prohibited.count > 0 || run->best->k == 0)
        return false;
    for (size_t i = 0; i < run->scored.count; i++)
        if (!run->scored.items[i]->kind->match_and_score)
            return false;
    return true;
}

/* True if there is one clause, whose documents need not be counted: those that enter are found
 * without sums. */
static bool is_alone(const struct evaluation *run)
{
    return run->scored.count == 1 && !run->counting && run->scored.items[0]->kind->pick;
}

/* Deleted documents are scored with the others, and dropped behind. */
static enum lede_status evaluate_union_window(struct evaluation *run)
{
    uint64_t touched[WINDOW_WORDS];
    enum lede_status status;

    bits_clear(run->bits);
    for (size_t i = 0; i < run->scored.count; i++) {
        struct matcher *matcher = run->scored.items[i];

        matcher->kind->match_and_score(matcher, &run->window, run->bits, run->sums);
    }
    memcpy(touched, run->bits, sizeof touched);
    status = evaluation_drop_ineligible(run);
    if (status != LEDE_OK)
        return status;
    bits_forget(run->sums, touched, run->bits);
    run->counted += bits_count(run->bits);
    return evaluation_collect(run) ? LEDE_OK : error_no_memory(run->err);
}

static bool is_dense(const struct evaluation *run)
{
    uint64_t postings = 0;

    for (size_t i = 0; i < run->scored.count; i++)
        postings += run->scored.items[i]->cost;
    return evaluation_every_match_scores(run->plan) &&
           postings >= (uint64_t)run->segment->info->documents * DENSE_POSTINGS / WINDOW_DOCS;
}

/* As a simple union's, where whatever matches has a sum. */
static enum lede_status evaluate_dense_window(struct evaluation *run)
{
    double limit = run->best->threshold > 0 ? run->best->threshold : 0;
    enum lede_status status = LEDE_OK;
    uint64_t above[WINDOW_WORDS], live[WINDOW_WORDS] = {0};

    kernel_inverses(run->plan->bm25->inverse, &run->window, run->inverses);
    run->window.inverses = run->inverses;
    for (size_t i = 0; i < run->scored.count; i++) {
        struct matcher *matcher = run->scored.items[i];

        matcher->kind->match_and_score(matcher, &run->window, NULL, run->sums);
    }
    if (run->counting) {
        kernel_above(run->sums, 0, run->bits);
        status = evaluation_drop_ineligible(run);
        run->counted += bits_count(run->bits);
        memcpy(live, run->bits, sizeof live);
    }
    kernel_above(run->sums, limit, run->bits);
    memcpy(above, run->bits, sizeof above);
    if (run->counting)
        bits_and(run->bits, live); /* filters are asked once a window */
    else
        status = evaluation_drop_ineligible(run);
    if (status == LEDE_OK && !evaluation_collect(run))
        status = error_no_memory(run->err);
    kernel_clear(run->sums, above);
    return status;
}

/* ---- a segment ---- */

enum lede_status evaluation_take_union(struct evaluation *run, bool pruning)
{
    bool simple = is_simple_union(run), dense = simple && is_dense(run);
    bool alone = simple && is_alone(run);
    doc_id documents = run->segment->info->documents, base = 0;
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && base < documents && (base = next_window(run, base)) < documents) {
        if (pruning) {
            status = evaluation_prune_window(run, base);
        } else {
            status = evaluation_set_window(run, base);
            if (status == LEDE_OK)
                status =
                    alone   ? evaluation_pick(run, run->scored.items[0], run->best->threshold, NULL)
                    : dense ? evaluate_dense_window(run)
                    : simple ? evaluate_union_window(run)
                             : evaluate_window(run);
        }
        base += WINDOW_DOCS;
    }
    return status;
}
