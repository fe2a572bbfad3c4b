/* A word or phrase as it is written: what another matcher finds by stems, as far as the stored
 * texts have it so. Texts are looked at last, and of those documents alone that could enter. */
#include "as_written.h"
#include "matcher_internal.h"

struct exact_matcher {
    struct matcher matcher; /* first, so that the one is the other */
    struct matcher *stems;
    struct as_written *check;
    uint32_t number; /* of the segment */
    uint32_t *tfs;   /* of what was asked for last, by place */
    enum lede_status status;
    struct lede_error error;

    struct match_memory matched;
};

static struct exact_matcher *exact_of(struct matcher *matcher)
{
    return (struct exact_matcher *)matcher;
}

static doc_id seek(struct matcher *matcher, doc_id from)
{
    struct matcher *stems = exact_of(matcher)->stems;

    return stems->kind->seek(stems, from);
}

/* What the document gets for its tf. */
static double worth(const struct matcher *matcher, const struct window *window, uint32_t place,
                    uint32_t tf)
{
    return (double)bm25_contribution(matcher->clause->weight, tf,
                                     matcher->inverse[window->norms[place]]);
}

/* How often the document has it; 0, too, once something failed. */
static uint32_t frequency(struct exact_matcher *exact, doc_id document)
{
    uint32_t count = 0;

    if (exact->status == LEDE_OK)
        exact->status =
            as_written_count(exact->check, exact->number, document, &count, &exact->error);
    return exact->status == LEDE_OK ? count : 0;
}

/* The stems' frequencies, which are asked for once, say which texts are worth looking at. */
static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct exact_matcher *exact = exact_of(matcher);
    uint32_t *tfs = exact->tfs;

    exact->stems->least = matcher->least;
    exact->stems->kind->match(exact->stems, window, bits);
    for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++)
        tfs[place] = 0;
    exact->stems->kind->count(exact->stems, window, bits, tfs);
    for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++) {
        uint32_t count = 0;

        if (matcher->least < 0 || worth(matcher, window, place, tfs[place]) > matcher->least)
            count = frequency(exact, window->base + place);
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
        sums[place] += worth(matcher, window, place, exact->tfs[place]);
}

/* No frequency is above the stem's (in a language that is not asked for, a form may be). */
static double bound(struct matcher *matcher, const struct window *window)
{
    struct matcher *stems = exact_of(matcher)->stems;

    return stems->kind->bound(stems, window);
}

static enum lede_status status(const struct matcher *matcher, struct lede_error *err)
{
    const struct exact_matcher *exact = (const struct exact_matcher *)matcher;

    if (exact->status != LEDE_OK)
        return error_set(err, exact->status, "%s", exact->error.text);
    return matcher_status(exact->stems, err);
}

const struct matcher_kind EXACT_MATCHER = {
    .seek = seek, .match = match, .count = count, .score = score, .bound = bound, .status = status};

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
    exact->matcher.cost = stems->cost;
    exact->stems = stems;
    exact->number = number;
    exact->matched.base = DOC_END;
    status = as_written_new(plan->index, stems->clause, arena, &exact->check, err);
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
