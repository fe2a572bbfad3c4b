/* A word or phrase as it is written: what another matcher finds by stems, as far as the stored
 * texts have it so. It is asked about as few documents as will do (evaluate_forms.c). */
#include "as_written.h"
#include "matcher_internal.h"

/* What looks at texts comes behind all that does not, whatever that costs. */
#define TEXTS_COST ((uint64_t)1 << 40)

struct exact_matcher {
    struct matcher matcher; /* first, so that the one is the other */
    struct matcher *stems;
    struct as_written *check;
    uint32_t *tfs; /* of what was asked for last, by place */
    enum lede_status status;
    struct lede_error error;

    struct match_memory matched;
};

static struct exact_matcher *exact_of(struct matcher *matcher)
{
    return (struct exact_matcher *)matcher;
}

/* How often the document has it; 0, too, once something failed. */
static uint32_t frequency(struct exact_matcher *exact, doc_id document)
{
    uint32_t count = 0;

    if (exact->status == LEDE_OK)
        exact->status = as_written_count(exact->check, document, &count, &exact->error);
    return exact->status == LEDE_OK ? count : 0;
}

/* No frequency is above the stem's (in a language that is not asked for, a form's may be). */
static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct exact_matcher *exact = exact_of(matcher);
    uint32_t *tfs = exact->tfs;

    exact->stems->kind->match(exact->stems, window, bits);
    for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++)
        tfs[place] = 0;
    exact->stems->kind->count(exact->stems, window, bits, tfs);
    for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++) {
        uint32_t count = frequency(exact, window->base + place);

        tfs[place] = count < tfs[place] ? count : tfs[place];
        if (tfs[place] == 0)
            bits_reset(bits, place);
    }
    match_remember(&exact->matched, window, bits);
}

static void count(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs)
{
    struct exact_matcher *exact = exact_of(matcher);
    uint64_t found[WINDOW_WORDS];

    match_recall(matcher, &exact->matched, window, bits, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        tfs[place] += exact->tfs[place];
}

static void score(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums)
{
    struct exact_matcher *exact = exact_of(matcher);
    uint64_t found[WINDOW_WORDS];

    match_recall(matcher, &exact->matched, window, bits, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        sums[place] += (double)bm25_contribution(matcher->clause->weight, exact->tfs[place],
                                                 matcher->inverse[window->norms[place]]);
}

static enum lede_status status(const struct matcher *matcher, struct lede_error *err)
{
    const struct exact_matcher *exact = (const struct exact_matcher *)matcher;

    if (exact->status != LEDE_OK)
        return error_set(err, exact->status, "%s", exact->error.text);
    return matcher_status(exact->stems, err);
}

/* Whoever asks it knows which documents may match: it is not sought for, and has no bounds. */
const struct matcher_kind EXACT_MATCHER = {
    .match = match, .count = count, .score = score, .status = status};

enum lede_status exact_matcher_make(const struct plan *plan, struct matcher *stems, uint32_t number,
                                    struct arena *arena, struct matcher **out,
                                    struct lede_error *err)
{
    struct exact_matcher *exact = arena_calloc(arena, 1, sizeof *exact);
    enum lede_status status;

    if (exact)
        exact->tfs = arena_alloc(arena, WINDOW_DOCS * sizeof *exact->tfs);
    if (!exact || !exact->tfs)
        return error_no_memory(err);
    exact->matcher.kind = &EXACT_MATCHER;
    exact->matcher.cost = stems->cost + TEXTS_COST;
    exact->stems = stems;
    exact->matched.base = DOC_END;
    status = as_written_new(plan->index, number, stems->clause, arena, &exact->check, err);
    if (status == LEDE_OK)
        *out = &exact->matcher;
    return status;
}

void exact_matcher_done(struct matcher *matcher)
{
    struct exact_matcher *exact = exact_of(matcher);

    matcher_done(exact->stems);
    as_written_done(exact->check);
}
