/* Evaluation of the part of a union that may still enter the best k, by bounds.
 *
 * Windowed block-max MaxScore: in each window every clause has a bound. The clauses whose bounds
 * together do not pass the threshold are not essential: a document that has only them cannot enter.
 * The essential ones are scored in bulk into the window's sums, passing over blocks that cannot
 * lift a document over the threshold; the documents that still may enter then get what the others
 * add, the largest bound first, fewer being left after each. Where a phrase is among the clauses,
 * matching comes first.
 *
 * After Turtle and Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore); Ding
 * and Suel, "Faster top-k document retrieval using block-max indexes", 2011; Mallia et al., "An
 * experimental study of index compression and DAAT query processing methods", 2019; and Lucene's
 * MaxScoreBulkScorer for scoring in windows. */
#include <math.h>
#include <stdlib.h>

#include "evaluate_internal.h"

/* Windows in which lists have fewer postings than this are not worth looking at whole. */
enum { SPARSE_POSTINGS = 256 };

/* The least that 1 / K, and a weight, may be, so that every occurrence adds something: what matches
 * has a sum. */
#define INVERSE_MIN 0x1p-20F
#define WEIGHT_MIN  0x1p-20F

static bool is_only_filtered(const struct query_clauses *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->clauses[i].occur != OCCUR_PROHIBITED && !list->clauses[i].is_filter)
            return false;
    return true;
}

/* Appends the weights of what is scored: 0 for a filter that may be all of a match. Recursion ends
 * at GROUP_DEPTH. */
static size_t list_weights(const struct query_clauses *list, float *weights, size_t count)
{
    bool filtered = is_only_filtered(list);

    for (size_t i = 0; i < list->count; i++) {
        const struct query_clause *clause = &list->clauses[i];

        if (clause->occur == OCCUR_PROHIBITED ||
            (clause->is_filter && clause->occur == OCCUR_REQUIRED && !filtered))
            continue;
        if (query_clause_is_group(clause))
            count = list_weights(&clause->group, weights, count);
        else
            weights[count++] = clause->weight;
    }
    return count;
}

bool evaluation_every_match_scores(const struct plan *plan)
{
    float weights[LEDE_CLAUSES_MAX];
    size_t count = list_weights(&plan->query, weights, 0);

    for (size_t i = 0; i < count; i++)
        if (!(weights[i] >= WEIGHT_MIN))
            return false;
    for (uint32_t i = 0; i < plan->index->segment_count; i++)
        if (!(plan->bm25->inverse[plan->index->segments[i].segment->info->longest] >= INVERSE_MIN))
            return false;
    return true;
}

bool evaluation_may_prune(const struct plan *plan)
{
    float weights[LEDE_CLAUSES_MAX];

    return evaluation_every_match_scores(plan) &&
           bm25_is_exact(weights, list_weights(&plan->query, weights, 0));
}

/* ---- priming ---- */

/* The best floor that rank documents of the segment reach by the clause alone, in a byte. */
static uint8_t stored_floor(const struct query_word *word, uint32_t segment, size_t rank)
{
    uint8_t best = 0;

    for (size_t i = 0; i < PRIMED_COUNT; i++) {
        if (PRIMED_RANK[i] < rank)
            continue;
        for (size_t t = 0; t < word->term_count; t++) {
            const struct term_info *info = &word->terms[t].infos[segment];

            if (info->df >= PRIMED_RANK[i] && info->primed[i] > best)
                best = info->primed[i];
        }
        break;
    }
    return best;
}

double evaluation_primed(const struct plan *plan, size_t k)
{
    double best = 0;

    for (size_t i = 0; i < plan->query.count; i++) {
        const struct query_clause *clause = &plan->query.clauses[i];
        bool alone = clause->occur == OCCUR_REQUIRED && plan->query.count == 1;

        if (clause->word_count != 1 || (clause->occur != OCCUR_OPTIONAL && !alone))
            return -1;
        for (uint32_t s = 0; s < plan->index->segment_count; s++) {
            const struct segment *segment = plan->index->segments[s].segment;
            uint8_t floor = stored_floor(&clause->words[0], s, k + segment->info->deleted);
            double score = (double)clause->weight * floor / 255 *
                           bound_floor_scale(&segment->model, &plan->bm25->model,
                                             segment->info->shortest, segment->info->longest);

            best = score > best ? score : best;
        }
    }
    return best > 0 ? nextafter(best, 0) : -1;
}

/* ---- bounds of a window ---- */

void evaluation_take_bounds(const struct matchers *matchers, const struct window *window,
                            struct evaluation_bounds *out)
{
    out->count = 0;
    out->total = 0;
    for (size_t i = 0; i < matchers->count; i++) {
        struct matcher *matcher = matchers->items[i];
        double bound = matcher->kind->bound(matcher, window);
        size_t place = out->count;

        if (bound == 0)
            continue;
        for (; place > 0 && out->items[place - 1].bound > bound; place--)
            out->items[place] = out->items[place - 1];
        out->items[place] = (struct evaluation_bound){matcher, bound};
        out->count++;
        out->total += bound;
    }
}

void evaluation_score_rest(struct evaluation *run, const struct evaluation_bounds *bounds,
                           size_t count, double rest, double limit)
{
    for (size_t i = count; i-- > 0;) {
        struct matcher *matcher = bounds->items[i].matcher;

        kernel_keep(run->sums, evaluation_needed(limit, rest), run->bits);
        if (!bits_any(run->bits))
            return;
        matcher->kind->score(matcher, &run->window, run->bits, run->sums);
        rest -= bounds->items[i].bound;
    }
    kernel_keep(run->sums, limit, run->bits);
}

static enum lede_status drop_dead(struct evaluation *run)
{
    enum lede_status status = evaluation_drop_ineligible(run);

    if (status == LEDE_OK)
        evaluation_drop_prohibited(run);
    return status;
}

/* Sets run->bits to the live matches of the window. Once a window: matchers do not go back. */
static enum lede_status match_live(struct evaluation *run)
{
    evaluation_match_any(run);
    return drop_dead(run);
}

/* ---- union ---- */

/* How many of the smallest bounds cannot lift a document over limit together; their sum. */
static size_t inessential(const struct evaluation_bounds *bounds, double limit, double *rest)
{
    size_t count = 0;

    for (*rest = 0; count < bounds->count && *rest + bounds->items[count].bound <= limit; count++)
        *rest += bounds->items[count].bound;
    return count;
}

static bool is_sparse(const struct evaluation *run, const struct evaluation_bounds *bounds,
                      size_t first)
{
    uint64_t postings = 0;

    for (size_t i = first; i < bounds->count; i++)
        postings += bounds->items[i].matcher->cost;
    return postings * WINDOW_DOCS < (uint64_t)SPARSE_POSTINGS * run->segment->info->documents;
}

/* Scores the essential clauses, and leaves in run->bits what they lift over least (>= 0). sparse:
 * touched holds the only places whose sums may not be 0. */
static void score_essential(struct evaluation *run, const struct evaluation_bounds *bounds,
                            size_t first, double limit, double least, uint64_t *touched)
{
    for (size_t i = first; i < bounds->count; i++) {
        const struct evaluation_bound *one = &bounds->items[i];
        double skip = evaluation_needed(limit, bounds->count > 1 ? bounds->total - one->bound : 0);

        one->matcher->kind->score_above(one->matcher, &run->window, skip, touched, run->sums);
    }
    if (!touched) {
        kernel_above(run->sums, least, run->bits);
        return;
    }
    memcpy(run->bits, touched, sizeof run->bits);
    kernel_keep(run->sums, least, run->bits);
}

static double above_zero(double value)
{
    return value > 0 ? value : 0;
}

/* live: the window's live matches, if they were counted; else NULL. */
static enum lede_status prune_union(struct evaluation *run, const struct evaluation_bounds *bounds,
                                    const uint64_t *live)
{
    double limit = evaluation_threshold(run), rest;
    size_t first = inessential(bounds, limit, &rest);
    uint64_t places[WINDOW_WORDS] = {0};
    bool sparse = is_sparse(run, bounds, first);
    enum lede_status status = LEDE_OK;

    score_essential(run, bounds, first, limit, above_zero(evaluation_needed(limit, rest)),
                    sparse ? places : NULL);
    if (!sparse)
        memcpy(places, run->bits, sizeof places);
    if (live)
        bits_and(run->bits, live);
    else
        status = drop_dead(run);
    if (status == LEDE_OK) {
        evaluation_score_rest(run, bounds, first, rest, limit);
        if (!evaluation_collect(run))
            status = error_no_memory(run->err);
    }
    if (sparse)
        bits_forget(run->sums, places, run->bits);
    else
        kernel_clear(run->sums, places);
    return status;
}

/* ---- anything else ---- */

/* Tells each matcher what it has to give for a document to enter: phrases need not read positions
 * of others. */
static void set_least(const struct evaluation_bounds *bounds, double limit)
{
    for (size_t i = 0; i < bounds->count; i++)
        bounds->items[i].matcher->least = evaluation_needed(
            limit, bounds->count > 1 ? bounds->total - bounds->items[i].bound : 0);
}

/* Matches first, unless that was done for counting, and scores what is left. */
static enum lede_status prune_matches(struct evaluation *run,
                                      const struct evaluation_bounds *bounds)
{
    double limit = evaluation_threshold(run);
    uint64_t touched[WINDOW_WORDS];
    enum lede_status status = LEDE_OK;

    if (!run->counting) {
        set_least(bounds, limit);
        status = match_live(run);
    }
    if (status != LEDE_OK)
        return status;
    memcpy(touched, run->bits, sizeof touched);
    evaluation_score_rest(run, bounds, bounds->count, bounds->total, limit);
    bits_forget(run->sums, touched, run->bits);
    return evaluation_collect(run) ? LEDE_OK : error_no_memory(run->err);
}

/* ---- a window ---- */

/* Whatever one of the clauses finds, counts. */
static bool is_union_of_words(const struct evaluation *run)
{
    for (size_t i = 0; i < run->scored.count; i++)
        if (!run->scored.items[i]->kind->score_above)
            return false;
    return true;
}

enum lede_status evaluation_prune_window(struct evaluation *run, doc_id base)
{
    uint32_t left = run->segment->info->documents - base;
    uint64_t live[WINDOW_WORDS];
    struct evaluation_bounds bounds;
    enum lede_status status;

    run->window.inverses = NULL;
    run->window.base = base;
    run->window.size = left < WINDOW_DOCS ? left : WINDOW_DOCS;
    evaluation_take_bounds(&run->scored, &run->window, &bounds);
    if (!run->counting && bounds.total <= evaluation_threshold(run))
        return LEDE_OK;
    status = evaluation_set_window(run, base);
    if (status == LEDE_OK && run->counting) {
        status = match_live(run);
        run->counted += bits_count(run->bits);
        memcpy(live, run->bits, sizeof live);
    }
    if (status != LEDE_OK || bounds.total <= evaluation_threshold(run))
        return status;
    if (!is_union_of_words(run))
        return prune_matches(run, &bounds);
    if (bounds.count == 1)
        return evaluation_pick(run, bounds.items[0].matcher, evaluation_threshold(run),
                               run->counting ? live : NULL);
    return prune_union(run, &bounds, run->counting ? live : NULL);
}
