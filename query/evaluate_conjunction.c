/* Evaluation of queries with required clauses: one conjunction over all of their words, phrases
 * included (conjunction.h).
 *
 * Of each interval that may still matter, by its bound, the documents that have all words are
 * found; deleted ones go, then those that cannot enter even by the least of a phrase's frequencies,
 * then those that do not have the phrases. What is left is scored in batches. With optional or
 * excluded clauses beside, a window's documents are gathered first (windowed).
 *
 * Where the required clauses alone cannot lift a document over the threshold, the optional ones
 * that could are scored first, and only the documents they lift are looked for (choosing). */
#include "evaluate_internal.h"
#include "kernels.h"
#include "phrase.h"

enum { BATCH = 2 * BLOCK_DOCS, TAIL = 16 /* that kernels read over */ };

/* A required clause. */
struct part {
    struct matcher *matcher;
    struct conjunct *word;         /* if it is one; else */
    struct phrase_matcher *phrase; /* it is a phrase */
    uint32_t tfs[BATCH + TAIL];    /* of the batch */
};

struct gathering {
    struct evaluation *run;
    struct conjunction *conjunction;
    struct part *parts; /* in the order of the query */
    size_t count, phrases;
    bool pruning;
    bool scoring;  /* contributions are added up here, not behind matching */
    bool windowed; /* matches are kept in run->bits until the window's end */

    bool in_window;
    struct evaluation_bounds optional; /* of the window */
    size_t rest_count;                 /* of these, from the smallest on, are still to be scored; */
    double rest;                       /* the sum of their bounds */
    const uint64_t *eligible;          /* of the window; NULL: all are */
    bool choosing;                     /* nothing but chosen can enter */
    uint64_t chosen[WINDOW_WORDS];

    uint32_t size; /* the batch */
    uint32_t documents[BATCH + TAIL];
};

/* ---- making ---- */

static size_t list_words(const struct gathering *all, struct word_matcher **words)
{
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        struct phrase_matcher *phrase = all->parts[i].phrase;

        if (!phrase)
            words[count++] = (struct word_matcher *)all->parts[i].matcher;
        for (size_t j = 0; phrase && j < phrase->word_count; j++)
            words[count++] = &phrase->words[j];
    }
    return count;
}

static bool attach(struct gathering *all)
{
    struct word_matcher *words[LEDE_CLAUSES_MAX];
    size_t count = list_words(all, words);

    all->conjunction = conjunction_new(words, count, &all->run->arena);
    for (size_t i = 0; all->conjunction && i < all->count; i++) {
        struct part *part = &all->parts[i];

        if (part->phrase)
            phrase_attach(part->phrase, all->conjunction);
        else
            part->word = conjunction_find(all->conjunction, (struct word_matcher *)part->matcher);
    }
    return all->conjunction != NULL;
}

static bool make(struct gathering *all)
{
    struct evaluation *run = all->run;

    all->parts = arena_alloc(&run->arena, run->required.count * sizeof *all->parts);
    if (!all->parts)
        return false;
    for (size_t i = 0; i < run->scored.count; i++) {
        struct matcher *matcher = run->scored.items[i];
        struct part *part = &all->parts[all->count];

        if (run->optional.count > 0 && matcher->clause->occur != OCCUR_REQUIRED)
            continue;
        part->matcher = matcher;
        part->word = NULL;
        part->phrase = matcher->kind == &PHRASE_MATCHER ? (struct phrase_matcher *)matcher : NULL;
        all->phrases += part->phrase != NULL;
        all->count++;
    }
    return attach(all);
}

/* ---- bounds ---- */

/* A document has to get more than this from the required clauses to enter; below 0: anything may.
 */
static double least_of(const struct gathering *all)
{
    if (!all->pruning)
        return -1;
    return evaluation_needed(evaluation_threshold(all->run), all->optional.total);
}

/* No document of the interval gets more. */
static double interval_bound(const struct gathering *all)
{
    double bound = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct part *part = &all->parts[i];

        bound += part->phrase ? phrase_bound(part->phrase)
                              : matcher_bound(part->matcher, part->word->bound);
    }
    return bound;
}

/* The document that was found as this number gets no more, whatever its positions are. */
static double document_bound(const struct gathering *all, uint32_t number)
{
    const struct window *window = &all->run->window;
    uint8_t code = window->norms[all->conjunction->documents[number] - window->base];
    double bound = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct part *part = &all->parts[i];
        const uint32_t *frequencies = part->word ? conjunct_frequencies(part->word) : NULL;
        uint32_t tf = part->phrase  ? phrase_frequency_most(part->phrase, number)
                      : frequencies ? frequencies[part->word->places[number]]
                                    : 0;

        bound += (double)bm25_contribution(part->matcher->clause->weight, tf,
                                           part->matcher->inverse[code]);
    }
    return bound;
}

/* ---- scoring a batch ---- */

static void score_documents(struct gathering *all, uint32_t from, uint32_t count)
{
    struct evaluation *run = all->run;

    for (size_t i = 0; i < all->count; i++) {
        const struct part *part = &all->parts[i];
        const struct kernel_weight weight = {part->matcher->clause->weight, part->matcher->inverse};
        const struct postings_part postings = {
            .documents = all->documents + from, .frequencies = part->tfs + from, .count = count};

        kernel_score(&weight, &postings, &run->window, run->sums);
    }
}

static bool offer(struct evaluation *run, doc_id document)
{
    uint32_t place = document - run->window.base;
    double sum = run->sums[place];

    run->sums[place] = 0;
    return evaluation_offer(run, sum, place);
}

/* Scores what is in the batch; offers it, unless the window's end will. */
static bool flush(struct gathering *all)
{
    bool taken = true;

    for (uint32_t from = 0; from < all->size; from += BLOCK_DOCS)
        score_documents(all, from, all->size - from < BLOCK_DOCS ? all->size - from : BLOCK_DOCS);
    for (uint32_t i = 0; taken && !all->windowed && i < all->size; i++)
        taken = offer(all->run, all->documents[i]);
    all->size = 0;
    return taken;
}

/* Adds what was found to the batch: tfs of phrases are there already. */
static bool append(struct gathering *all)
{
    const struct conjunction *found = all->conjunction;

    for (size_t i = 0; i < all->count; i++) {
        struct part *part = &all->parts[i];
        const uint32_t *frequencies = part->word ? conjunct_frequencies(part->word) : NULL;

        if (part->word && !frequencies)
            return true; /* damage, which its status tells */
        for (uint32_t j = 0; part->word && j < found->found; j++)
            part->tfs[all->size + j] = frequencies[part->word->places[j]];
    }
    memcpy(all->documents + all->size, found->documents, found->found * sizeof *found->documents);
    all->size += found->found;
    return all->size <= BATCH - BLOCK_DOCS || flush(all);
}

/* ---- an interval ---- */

/* Keeps what is chosen, if something is, and eligible. */
static void drop_others(struct gathering *all)
{
    struct conjunction *found = all->conjunction;
    uint16_t kept[BLOCK_DOCS];
    uint32_t count = 0;

    for (uint32_t i = 0; i < found->found; i++) {
        uint32_t place = found->documents[i] - all->run->window.base;

        kept[count] = (uint16_t)i;
        count += (!all->choosing || bits_have(all->chosen, place)) &&
                 (!all->eligible || bits_have(all->eligible, place));
    }
    conjunction_keep(found, kept, count);
}

/* Reads the tfs of all phrases in a document into what will be the batch's place; false: one is
 * not there. */
static bool has_phrases(struct gathering *all, uint32_t number, uint32_t place)
{
    for (size_t i = 0; i < all->count; i++) {
        struct part *part = &all->parts[i];

        if (!part->phrase)
            continue;
        part->tfs[place] =
            phrase_frequency(part->phrase, all->conjunction->documents[number], number);
        if (part->tfs[place] == 0)
            return false;
    }
    return true;
}

/* Drops what does not have the phrases, and, unless all are counted, what cannot get over least. */
static void check_phrases(struct gathering *all, double least)
{
    struct conjunction *found = all->conjunction;
    bool bounded = least > 0 && !all->run->counting;
    uint16_t kept[BLOCK_DOCS];
    uint32_t count = 0;

    for (uint32_t i = 0; i < found->found; i++) {
        kept[count] = (uint16_t)i;
        count +=
            (!bounded || document_bound(all, i) > least) && has_phrases(all, i, all->size + count);
    }
    conjunction_keep(found, kept, count);
}

static bool take_interval(struct gathering *all)
{
    struct evaluation *run = all->run;
    struct conjunction *found = all->conjunction;
    double least = least_of(all);
    bool worthy = least < 0 || interval_bound(all) > least;

    if (!worthy && !run->counting)
        return true;
    conjunction_meet(found);
    if (found->found && (all->eligible || all->choosing))
        drop_others(all);
    if (found->found && all->phrases)
        check_phrases(all, least);
    for (uint32_t i = 0; all->windowed && i < found->found; i++)
        bits_set(run->bits, found->documents[i] - run->window.base);
    if (!all->windowed)
        run->counted += found->found;
    return !worthy || !all->scoring || append(all);
}

/* ---- which documents of a window may enter ---- */

static double required_bound(const struct gathering *all)
{
    double bound = 0;

    for (size_t i = 0; i < all->count; i++) {
        struct matcher *matcher = all->parts[i].matcher;

        bound += matcher->kind->bound(matcher, &all->run->window);
    }
    return bound;
}

/* Scores the optional clauses from number first on, of which a document needs one, into chosen.
 * total: what all clauses give at most; rest: those that are not scored here. */
static void score_essential(struct gathering *all, size_t first, double total, double rest)
{
    struct evaluation *run = all->run;
    double limit = evaluation_threshold(run), least = evaluation_needed(limit, rest);

    bits_clear(all->chosen);
    for (size_t i = first; i < all->optional.count; i++) {
        const struct evaluation_bound *one = &all->optional.items[i];

        one->matcher->kind->score_above(one->matcher, &run->window,
                                        evaluation_needed(limit, total - one->bound), all->chosen,
                                        run->sums);
    }
    for (uint32_t place = 0; (place = bits_next(all->chosen, place)) < WINDOW_DOCS; place++)
        if (run->sums[place] <= least) {
            run->sums[place] = 0;
            bits_reset(all->chosen, place);
        }
}

/* True if the optional clauses from number first on can be scored into chosen, and that is less
 * work than to look at the documents that have the rarest required word. */
static bool is_choosing_cheap(const struct gathering *all, size_t first)
{
    uint64_t postings = 0;

    for (size_t i = first; i < all->optional.count; i++) {
        const struct matcher *matcher = all->optional.items[i].matcher;

        if (!matcher->kind->score_above)
            return false;
        postings += matcher->cost;
    }
    return 2 * postings <= all->conjunction->words[0].word->matcher.cost;
}

static void choose(struct gathering *all)
{
    double limit = evaluation_threshold(all->run), required = required_bound(all);
    double total = required + all->optional.total, rest = required;
    size_t first = 0;

    if (limit <= 0 || required > limit)
        return;
    for (; first < all->optional.count && rest + all->optional.items[first].bound <= limit; first++)
        rest += all->optional.items[first].bound;
    if (!is_choosing_cheap(all, first))
        return;
    score_essential(all, first, total, rest);
    all->choosing = true;
    all->rest_count = first;
    all->rest = rest - required;
}

/* The next document >= from that is worth looking for; DOC_END: none is. Filters have been asked
 * for all of the window that is the current one, and do not go back. */
static doc_id next_chosen(const struct gathering *all, doc_id from)
{
    const struct window *window = &all->run->window;
    const uint64_t *wanted = all->choosing ? all->chosen : all->eligible;
    uint32_t place = from - window->base;

    if (all->in_window && place < window->size) {
        if (wanted)
            place = bits_next(wanted, place);
        if (place < window->size)
            return window->base + place;
        from = window->base + window->size;
    }
    return evaluation_seek_eligible(all->run, from);
}

/* ---- a window ---- */

static enum lede_status begin_window(struct gathering *all, doc_id base)
{
    struct evaluation *run = all->run;
    enum lede_status status = evaluation_set_window(run, base);

    if (status == LEDE_OK)
        status = evaluation_find_eligible(run, &all->eligible);
    if (all->windowed)
        bits_clear(run->bits);
    all->optional.count = 0;
    all->optional.total = 0;
    if (run->optional.count > 0)
        evaluation_take_bounds(&run->optional, &run->window, &all->optional);
    all->rest_count = all->optional.count;
    all->rest = all->optional.total;
    all->choosing = false;
    all->in_window = true;
    if (status == LEDE_OK && run->optional.count > 0 && all->pruning && !run->counting)
        choose(all);
    return status;
}

/* Takes the excluded documents out, and forgets their sums, and those of what was chosen in vain.
 */
static void drop_prohibited(struct gathering *all)
{
    struct evaluation *run = all->run;
    uint64_t touched[WINDOW_WORDS];

    memcpy(touched, run->bits, sizeof touched);
    if (all->choosing)
        bits_or(touched, all->chosen);
    evaluation_drop_prohibited(run);
    bits_forget(run->sums, touched, run->bits);
}

/* Adds what the optional clauses give, and offers. */
static enum lede_status finish_windowed(struct gathering *all)
{
    struct evaluation *run = all->run;
    uint64_t touched[WINDOW_WORDS];
    enum lede_status status;

    drop_prohibited(all);
    status = evaluation_count(run);
    if (status != LEDE_OK || run->best->k == 0)
        return status;
    memcpy(touched, run->bits, sizeof touched);
    evaluation_score_rest(run, &all->optional, all->rest_count, all->rest,
                          all->pruning ? evaluation_threshold(run) : -1);
    bits_forget(run->sums, touched, run->bits);
    return evaluation_collect(run) ? LEDE_OK : error_no_memory(run->err);
}

static enum lede_status finish_window(struct gathering *all)
{
    bool taken = !all->in_window || flush(all), windowed = all->in_window && all->windowed;

    all->in_window = false;
    if (!taken)
        return error_no_memory(all->run->err);
    return windowed ? finish_windowed(all) : LEDE_OK;
}

/* ---- a segment ---- */

static enum lede_status gather(struct gathering *all)
{
    struct evaluation *run = all->run;
    struct conjunction *intervals = all->conjunction;
    enum lede_status status = LEDE_OK;

    for (doc_id from = 0; conjunction_next(intervals, next_chosen(all, from));
         from = intervals->upto + 1) {
        doc_id base = intervals->from - intervals->from % WINDOW_DOCS;

        if (!all->in_window || base != run->window.base) {
            status = finish_window(all);
            if (status == LEDE_OK)
                status = begin_window(all, base);
            if (status != LEDE_OK)
                return status;
        }
        if (intervals->upto - base >= run->window.size)
            intervals->upto = base + run->window.size - 1;
        if (!take_interval(all))
            return error_no_memory(run->err);
    }
    return finish_window(all);
}

enum lede_status evaluation_gather(struct evaluation *run, bool pruning)
{
    struct gathering *all = arena_calloc(&run->arena, 1, sizeof *all);

    if (!all)
        return error_no_memory(run->err);
    all->run = run;
    all->pruning = pruning;
    all->windowed = run->optional.count + run->prohibited.count > 0 || run->visitor;
    all->scoring = run->best->k > 0;
    if (!make(all))
        return error_no_memory(run->err);
    return gather(all);
}
