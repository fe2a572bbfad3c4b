#include "evaluate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "evaluate_internal.h"
#include "loose.h"
#include "phrase.h"

/* ---- a segment's matchers ---- */

static void add(struct matchers *matchers, struct matcher *matcher)
{
    matchers->items[matchers->count++] = matcher;
}

void evaluation_end_segment(struct evaluation *run)
{
    for (size_t i = 0; i < run->all.count; i++)
        matcher_done(run->all.items[i]);
    run->all.count = run->scored.count = 0;
    run->required.count = run->optional.count = run->prohibited.count = 0;
    run->filters.count = run->barred.count = 0;
    arena_reset(&run->arena);
}

/* One clause that is all there is to find may be required or not: a phrase is quicker as a
 * conjunction of its words, a word as a union of one. */
static void settle_only_clause(struct evaluation *run)
{
    struct matcher *only = run->scored.items[0];

    if (run->scored.count != 1)
        return;
    run->required.count = run->optional.count = 0;
    add(only->kind == &PHRASE_MATCHER ? &run->required : &run->optional, only);
}

/* The clauses to evaluate: those of the query, or all of it as one group. That is where a group is
 * required, and where sums depend on their order: a conjunction adds what is required before what
 * is optional. */
static struct query_clauses choose_clauses(const struct plan *plan)
{
    bool whole = plan->has_required && plan->has_optional && !evaluation_may_prune(plan);

    for (size_t i = 0; i < plan->query.count; i++) {
        const struct query_clause *clause = &plan->query.clauses[i];

        whole |=
            clause->occur == OCCUR_REQUIRED && !clause->is_filter && query_clause_is_group(clause);
    }
    return whole ? (struct query_clauses){plan->whole, 1} : plan->query;
}

/* To the lists that the clause's part in the query puts it into. */
static void add_by_part(struct evaluation *run, struct matcher *matcher)
{
    const struct query_clause *clause = matcher->clause;

    if (clause->occur == OCCUR_PROHIBITED) {
        add(clause->is_filter ? &run->barred : &run->prohibited, matcher);
        return;
    }
    if (clause->occur == OCCUR_REQUIRED && clause->is_filter) {
        add(&run->filters, matcher);
        return;
    }
    add(&run->scored, matcher);
    add(clause->occur == OCCUR_REQUIRED ? &run->required : &run->optional, matcher);
}

enum lede_status evaluation_begin_segment(struct evaluation *run, uint32_t number, bool *possible)
{
    run->number = number;
    run->segment = run->plan->index->segments[number].segment;
    *possible = true;
    for (size_t i = 0; i < run->clauses.count && *possible; i++) {
        const struct query_clause *clause = &run->clauses.clauses[i];
        struct matcher *matcher;
        enum lede_status status = matcher_make(run->plan, clause, run->number, &run->arena,
                                               run->scratch, &matcher, run->err);

        if (status != LEDE_OK)
            return status;
        if (!matcher) {
            *possible = clause->occur != OCCUR_REQUIRED;
            continue;
        }
        add(&run->all, matcher);
        add_by_part(run, matcher);
    }
    if (run->scored.count == 0 && (run->plan->has_required || run->plan->has_optional))
        *possible = false;
    settle_only_clause(run);
    return LEDE_OK;
}

/* ---- one window ---- */

void evaluation_match_any(struct evaluation *run)
{
    uint64_t found[WINDOW_WORDS];
    bool marked = false;

    bits_clear(run->bits);
    for (size_t i = 0; i < run->optional.count; i++) {
        struct matcher *matcher = run->optional.items[i];

        if (matcher->kind->mark) {
            matcher->kind->mark(matcher, &run->window, run->bits, run->flags);
            marked = true;
            continue;
        }
        bits_fill(found, run->window.size);
        matcher->kind->match(matcher, &run->window, found);
        bits_or(run->bits, found);
    }
    if (marked)
        kernel_take_flags(run->flags, run->bits);
}

void evaluation_drop_matches(const struct evaluation *run, const struct matchers *matchers,
                             uint64_t *bits)
{
    uint64_t found[WINDOW_WORDS];

    for (size_t i = 0; i < matchers->count && bits_any(bits); i++) {
        struct matcher *matcher = matchers->items[i];

        memcpy(found, bits, sizeof found);
        matcher->kind->match(matcher, &run->window, found);
        bits_and_not(bits, found);
    }
}

void evaluation_drop_prohibited(struct evaluation *run)
{
    evaluation_drop_matches(run, &run->prohibited, run->bits);
}

void evaluation_score(struct evaluation *run)
{
    for (size_t i = 0; i < run->scored.count; i++) {
        struct matcher *matcher = run->scored.items[i];

        matcher->kind->score(matcher, &run->window, run->bits, run->sums);
    }
}

enum lede_status evaluation_count(struct evaluation *run)
{
    uint32_t count = bits_count(run->bits);
    struct match_window window = {run->segment, run->number, run->window.base, run->bits};

    run->counted += count;
    return count > 0 && run->visitor ? run->visitor->visit(run->visitor, &window, run->err)
                                     : LEDE_OK;
}

double evaluation_fade(struct evaluation *run, double sum, uint32_t place)
{
    double factor = 1;

    if (run->failed == LEDE_OK)
        run->failed = recency_of(&run->plan->recency, run->segment, run->window.base + place,
                                 &factor, run->err);
    return sum * factor;
}

/* Offers what is in bits, and leaves zeros. */
bool evaluation_collect(struct evaluation *run)
{
    for (uint32_t word = 0; word < WINDOW_WORDS; word++)
        for (uint64_t left = run->bits[word]; left; left &= left - 1) {
            uint32_t place = 64 * word + (uint32_t)__builtin_ctzll(left);
            double score = run->sums[place];

            run->sums[place] = 0;
            if (!evaluation_offer(run, score, place))
                return false;
        }
    return true;
}

enum lede_status evaluation_pick(struct evaluation *run, struct matcher *matcher, double limit,
                                 const uint64_t *live)
{
    uint64_t picked[WINDOW_WORDS];
    enum lede_status status = LEDE_OK;

    bits_clear(run->bits);
    matcher->kind->pick(matcher, &run->window, limit, run->bits, run->sums);
    memcpy(picked, run->bits, sizeof picked);
    if (live) {
        bits_and(run->bits, live);
    } else {
        status = evaluation_drop_ineligible(run);
        evaluation_drop_prohibited(run);
    }
    if (status == LEDE_OK && !evaluation_collect(run))
        status = error_no_memory(run->err);
    kernel_clear(run->sums, picked);
    return status;
}

/* ---- segments ---- */

enum lede_status evaluation_set_window(struct evaluation *run, doc_id base)
{
    uint32_t left = run->segment->info->documents - base;

    if (run->plan->deadline > 0 && clock_seconds() > run->plan->deadline)
        return error_set(run->err, LEDE_LIMIT, "query: no answer in the time that it was given");
    run->window.inverses = NULL;
    run->window.base = base;
    run->window.size = left < WINDOW_DOCS ? left : WINDOW_DOCS;
    run->window.norms = segment_norms(run->segment, base / WINDOW_DOCS, run->err);
    return run->window.norms ? LEDE_OK : run->err->status;
}

/* True if the count of a single clause is known without looking at windows; nothing is asked of a
 * matcher that was tallied but its status. */
static bool count_is_known(const struct evaluation *run, uint64_t *count)
{
    struct matcher *matcher = run->scored.items[0];

    if (run->scored.count != 1 || run->prohibited.count > 0 || evaluation_is_filtered(run) ||
        run->segment->info->deleted > 0)
        return false;
    *count = matcher->matches;
    if (*count == UINT64_MAX && run->best->k == 0 && matcher->kind->tally)
        *count = matcher->kind->tally(matcher);
    return *count != UINT64_MAX;
}

static enum lede_status evaluate_segment(struct evaluation *run,
                                         const struct evaluate_options *options, bool pruning,
                                         uint64_t *total)
{
    uint64_t known = 0;
    enum lede_status status = LEDE_OK;

    run->counted = 0;
    run->counting = run->visitor || (options->count && !count_is_known(run, &known));
    if (run->counting || run->best->k > 0)
        status = run->scored.count == 0    ? evaluation_take_eligible(run)
                 : run->required.count > 0 ? evaluation_gather(run, pruning)
                                           : evaluation_take_union(run, pruning);
    if (status == LEDE_OK)
        status = evaluation_status(run);
    *total += options->count && !run->counting ? known : run->counted;
    return status;
}

enum lede_status evaluation_status(const struct evaluation *run)
{
    enum lede_status status = run->failed;

    for (size_t i = 0; status == LEDE_OK && i < run->all.count; i++)
        status = matcher_status(run->all.items[i], run->err);
    return status;
}

/* True if the dictionary alone tells how many documents of the segment match: one word, of which
 * the segment has one term. */
static bool count_is_stored(const struct evaluation *run, uint32_t number, uint64_t *count)
{
    const struct segment *segment = run->plan->index->segments[number].segment;
    const struct query_clause *clause = &run->plan->query.clauses[0];
    size_t terms = 0;

    if (run->best->k > 0 || run->visitor || run->plan->query.count > 1 || clause->word_count != 1 ||
        clause->occur == OCCUR_PROHIBITED || segment->info->deleted > 0)
        return false;
    *count = 0;
    for (size_t i = 0; i < clause->words[0].term_count; i++) {
        uint32_t df = clause->words[0].terms[i].infos[number].df;

        terms += df > 0;
        *count += df;
    }
    return terms <= 1;
}

/* ---- a plan ---- */

void evaluation_free(struct evaluation *run)
{
    arena_done(&run->arena);
    free(run);
}

/* One whose sums and scratch are zero: another query's that ended well, or a new one. */
static struct evaluation *evaluation_take(struct lede_index *index)
{
    struct evaluation *run = opened_take_idle(index, &index->evaluations);

    if (run)
        return run;
    run = calloc(1, sizeof *run);
    if (run)
        arena_init(&run->arena, 0, NULL);
    return run;
}

struct evaluation *evaluation_begin(const struct plan *plan, struct lede_error *err)
{
    struct evaluation *run = evaluation_take(plan->index);

    if (!run)
        return NULL;
    run->plan = plan;
    run->clauses = choose_clauses(plan);
    run->visitor = NULL;
    run->failed = LEDE_OK;
    run->err = err ? err : &run->unheard;
    return run;
}

/* Only what ended well left zeros. */
void evaluation_end(struct evaluation *run, enum lede_status status)
{
    if (status != LEDE_OK ||
        !opened_keep_idle(run->plan->index, &run->plan->index->evaluations, run))
        evaluation_free(run);
}

static enum lede_status evaluate_segments(struct evaluation *run,
                                          const struct evaluate_options *options, bool pruning,
                                          uint64_t *total)
{
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; status == LEDE_OK && i < run->plan->index->segment_count; i++) {
        bool possible;
        uint64_t count;

        if (count_is_stored(run, i, &count)) {
            *total += count;
            continue;
        }
        status = evaluation_begin_segment(run, i, &possible);
        if (status == LEDE_OK && possible)
            status = evaluate_segment(run, options, pruning, total);
        evaluation_end_segment(run);
    }
    return status;
}

enum lede_status evaluate_plan(const struct plan *plan, const struct evaluate_options *options,
                               struct topk *best, uint64_t *total, struct lede_error *err)
{
    bool pruning = !options->exhaustive && best->k > 0 && evaluation_may_prune(plan);
    struct evaluation *run;
    enum lede_status status;

    if (!plan_finds(plan))
        return LEDE_OK;
    if (loose_differs(&plan->query))
        return evaluate_forms(plan, options, best, total, err);
    run = evaluation_begin(plan, err);
    if (!run)
        return error_no_memory(err);
    run->best = best;
    run->visitor = options->visitor;
    run->primed = pruning && plan->recency.half_life == 0 && !best->by
                      ? evaluation_primed(plan, best->k)
                      : -1;
    status = evaluate_segments(run, options, pruning, total);
    evaluation_end(run, status);
    return status;
}

enum lede_status evaluate_matches(const struct plan *plan, struct match_visitor *visitor,
                                  uint64_t *total, struct lede_error *err)
{
    const struct evaluate_options how = {.count = true, .visitor = visitor};
    struct topk none;

    topk_init(&none, 0, NULL);
    return evaluate_plan(plan, &how, &none, total, err);
}
