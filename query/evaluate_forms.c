/* Evaluation of queries that only the stored texts can answer, words as they are written (loose.h).
 *
 * Reading a text takes thousands of times as long as scoring a document. So the loose plan, which
 * reads none, finds and ranks candidates in the usual ways, and the plan itself, all of it as one
 * group, is asked about as few of them as will do (late): from the highest score down, until k
 * were found that no other candidate can displace, since none gets more than its loose score.
 * Where all matches are wanted, all candidates are asked about, window by window. */
#include <stdlib.h>

#include "evaluate_internal.h"
#include "loose.h"

enum {
    CHUNK_MIN = 8,       /* candidates that are checked before another look at what is found */
    LATE_MAX = 64 * 1024 /* candidates that are ranked; where more would be, all are checked */
};

/* ---- checking ---- */

/* An evaluation of the whole plan as one group. NULL: memory ran out. */
static struct evaluation *begin(const struct plan *plan, struct topk *best, struct lede_error *err)
{
    struct evaluation *run = evaluation_begin(plan, err);

    if (!run)
        return NULL;
    run->clauses = (struct query_clauses){plan->whole, 1};
    run->best = best;
    run->counted = 0;
    return run;
}

static void end(struct evaluation *run, enum lede_status status)
{
    evaluation_end_segment(run);
    evaluation_end(run, status);
}

/* Makes a window of a segment the current one; both rise. */
static enum lede_status enter(struct evaluation *run, uint32_t number, doc_id base)
{
    enum lede_status status = LEDE_OK;
    bool possible;

    if (run->all.count == 0 || run->number != number) {
        evaluation_end_segment(run);
        status = evaluation_begin_segment(run, number, &possible);
    }
    return status == LEDE_OK ? evaluation_set_window(run, base) : status;
}

/* Takes from run->bits, candidates that are live and pass filters, what the plan does not find, and
 * scores the others if asked to. */
static enum lede_status check(struct evaluation *run, bool scoring)
{
    if (run->scored.count == 0) {
        bits_clear(run->bits);
        return LEDE_OK;
    }
    run->scored.items[0]->kind->match(run->scored.items[0], &run->window, run->bits);
    if (scoring && bits_any(run->bits))
        evaluation_score(run);
    return evaluation_status(run);
}

/* ---- all ---- */

struct checker {
    struct match_visitor visitor; /* of the loose plan; first, so that the one is the other */
    struct evaluation *run;
};

static enum lede_status visit(struct match_visitor *visitor, const struct match_window *window,
                              struct lede_error *err)
{
    struct evaluation *run = ((struct checker *)visitor)->run;
    bool scoring = run->best->k > 0;
    enum lede_status status = enter(run, window->number, window->base);

    if (status != LEDE_OK)
        return status;
    memcpy(run->bits, window->bits, sizeof run->bits);
    status = check(run, scoring);
    if (status == LEDE_OK)
        status = evaluation_count(run);
    if (status != LEDE_OK || !scoring)
        return status;
    return evaluation_collect(run) ? LEDE_OK : error_no_memory(err);
}

static enum lede_status check_all(const struct plan *plan, const struct plan *loose,
                                  struct match_visitor *visitor, struct topk *best, uint64_t *total,
                                  struct lede_error *err)
{
    struct checker checker = {{visit}, begin(plan, best, err)};
    uint64_t candidates = 0;
    enum lede_status status;

    if (!checker.run)
        return error_no_memory(err);
    checker.run->visitor = visitor;
    status = evaluate_matches(loose, &checker.visitor, &candidates, err);
    *total += checker.run->counted;
    end(checker.run, status);
    return status;
}

/* ---- late ---- */

struct late {
    const struct plan *plan;
    struct topk *best;        /* gets what was found, at the end */
    struct arena arena;       /* of this search */
    struct topk ranked;       /* candidates, by their loose scores */
    uint32_t *order;          /* their places among the entries, the best first */
    size_t checked;           /* of these */
    struct topk_entry *found; /* of those; in the order of documents, with room for as many */
    size_t count;
};

static int compare_places(const void *a, const void *b)
{
    const struct topk_entry *one = a, *other = b;

    if (one->segment != other->segment)
        return one->segment < other->segment ? -1 : 1;
    return one->document < other->document ? -1 : one->document > other->document;
}

/* Scores the entries, rising, that the plan finds, and drops the others. */
static enum lede_status check_window(struct evaluation *run, struct topk_entry *entries,
                                     size_t left, size_t *taken, size_t *kept)
{
    doc_id base = entries->document - entries->document % WINDOW_DOCS;
    enum lede_status status = enter(run, entries->segment, base);

    if (status != LEDE_OK)
        return status;
    *taken = evaluation_take_entries(run, entries, left);
    *kept = 0;
    status = check(run, true);
    for (size_t i = 0; i < *taken; i++) {
        uint32_t place = entries[i].document - base;

        if (!bits_have(run->bits, place))
            continue;
        entries[*kept] = entries[i];
        entries[(*kept)++].score = evaluation_fade(run, run->sums[place], place);
        run->sums[place] = 0;
    }
    return status == LEDE_OK ? run->failed : status;
}

/* Checks count entries, rising, that stand behind what was found, and adds them to that. */
static enum lede_status check_entries(struct late *late, size_t count, struct lede_error *err)
{
    struct evaluation *run = begin(late->plan, late->best, err);
    struct topk_entry *entries = late->found + late->count;
    enum lede_status status = LEDE_OK;
    size_t taken, kept;

    if (!run)
        return error_no_memory(err);
    for (size_t at = 0; status == LEDE_OK && at < count; at += taken) {
        taken = kept = 0;
        status = check_window(run, entries + at, count - at, &taken, &kept);
        memmove(late->found + late->count, entries + at, kept * sizeof *entries);
        late->count += kept;
    }
    end(run, status);
    qsort(late->found, late->count, sizeof *late->found, compare_places);
    return status;
}

/* Checks the next candidates. */
static enum lede_status check_chunk(struct late *late, struct lede_error *err)
{
    size_t left = late->ranked.count - late->checked, count = late->checked / 4;

    if (late->checked == 0)
        count = late->best->k;
    if (count < CHUNK_MIN)
        count = CHUNK_MIN;
    if (count > left)
        count = left;
    for (size_t i = 0; i < count; i++)
        late->found[late->count + i] = late->ranked.entries[late->order[late->checked + i]];
    late->checked += count;
    qsort(late->found + late->count, count, sizeof *late->found, compare_places);
    return check_entries(late, count, err);
}

/* Offers what was found, in order. */
static bool offer_found(const struct late *late, struct topk *best)
{
    for (size_t i = 0; i < late->count; i++)
        if (!topk_offer(best, late->found[i].score, late->found[i].segment,
                        late->found[i].document))
            return false;
    return true;
}

/* *settled: no candidate that was not checked yet can be among the best k. */
static enum lede_status find_settled(struct late *late, bool *settled, struct lede_error *err)
{
    const struct topk_entry *next = &late->ranked.entries[late->order[late->checked]];
    const struct topk_entry *last = NULL;
    struct topk best;

    *settled = false;
    if (late->count < late->best->k)
        return LEDE_OK;
    topk_init(&best, late->best->k, &late->arena);
    if (late->best->by)
        topk_collapse(&best, late->best->by);
    if (!offer_found(late, &best) || !topk_finish(&best))
        return error_no_memory(err);
    for (size_t i = 0; best.count == best.k && i < best.count; i++)
        if (best.ranks[i] == best.k - 1)
            last = &best.entries[i];
    *settled = last && (next->score < last->score ||
                        (next->score == last->score && compare_places(next, last) > 0));
    return LEDE_OK;
}

/* Ranks candidates anew, more of them; those that were checked are the best of these, too. */
static enum lede_status rank(struct late *late, const struct plan *loose, size_t most,
                             struct lede_error *err)
{
    static const struct evaluate_options HOW = {.exhaustive = false};
    struct topk *ranked = &late->ranked;
    struct topk_entry *found;
    uint64_t seen = 0;
    enum lede_status status;

    topk_init(ranked, most, &late->arena);
    status = evaluate_plan(loose, &HOW, ranked, &seen, err);
    if (status != LEDE_OK)
        return status;
    if (!topk_finish(ranked))
        return error_no_memory(err);
    late->order = arena_alloc(&late->arena, ranked->count * sizeof *late->order);
    found = arena_alloc(&late->arena, ranked->count * sizeof *found);
    if (!late->order || !found)
        return error_no_memory(err);
    for (size_t i = 0; i < ranked->count; i++)
        late->order[ranked->ranks[i]] = (uint32_t)i;
    if (late->count > 0)
        memcpy(found, late->found, late->count * sizeof *found);
    late->found = found;
    return LEDE_OK;
}

/* As many candidates as there are among the best `most`; *done: it took no more. */
static enum lede_status check_best(struct late *late, const struct plan *loose, size_t most,
                                   bool *done, struct lede_error *err)
{
    enum lede_status status = rank(late, loose, most, err);

    *done = false;
    while (status == LEDE_OK && !*done && late->checked < late->ranked.count) {
        status = find_settled(late, done, err);
        if (status == LEDE_OK && !*done)
            status = check_chunk(late, err);
    }
    *done |= late->ranked.count < most;
    return status;
}

/* *done: the best k were found, else nothing was. */
static enum lede_status search_late(struct late *late, const struct plan *loose, uint64_t *total,
                                    bool *done, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *done = false;
    for (size_t most = late->best->k; status == LEDE_OK && !*done && most <= LATE_MAX / 4;) {
        most = 4 * most + 8 * CHUNK_MIN;
        status = check_best(late, loose, most, done, err);
    }
    if (status != LEDE_OK || !*done)
        return status;
    *total += late->count;
    return offer_found(late, late->best) ? LEDE_OK : error_no_memory(err);
}

enum lede_status evaluate_forms(const struct plan *plan, const struct evaluate_options *options,
                                struct topk *best, uint64_t *total, struct lede_error *err)
{
    struct late late = {.plan = plan, .best = best};
    bool done = false;
    struct plan loose;
    enum lede_status status;

    arena_init(&late.arena, 0, NULL);
    status = loose_make(plan, &late.arena, &loose, err);
    if (status == LEDE_OK && best->k > 0 && !options->exhaustive && !options->count &&
        !options->visitor)
        status = search_late(&late, &loose, total, &done, err);
    if (status == LEDE_OK && !done)
        status = check_all(plan, &loose, options->visitor, best, total, err);
    arena_done(&late.arena);
    return status;
}
