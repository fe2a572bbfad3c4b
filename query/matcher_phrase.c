#include <stdlib.h>

#include "phrase.h"

/* ---- making ---- */

static struct phrase_matcher *phrase_of(struct matcher *matcher)
{
    return (struct phrase_matcher *)matcher;
}

static int compare_costs(const void *a, const void *b)
{
    const struct word_matcher *left = a, *right = b;

    return (left->matcher.cost > right->matcher.cost) - (left->matcher.cost < right->matcher.cost);
}

static enum lede_status make_words(struct phrase_matcher *phrase, const struct query_clause *clause,
                                   struct segment *segment, uint32_t number, struct arena *arena,
                                   struct lede_error *err)
{
    for (size_t i = 0; i < clause->word_count; i++) {
        enum lede_status status =
            word_matcher_init(&phrase->words[i], &clause->words[i], segment, number, arena, err);

        if (status != LEDE_OK)
            return status;
        phrase->words[i].distance = clause->words[i].position;
        phrase->matcher.cost += phrase->words[i].matcher.cost;
    }
    phrase->word_count = clause->word_count;
    qsort(phrase->words, phrase->word_count, sizeof *phrase->words, compare_costs);
    return LEDE_OK;
}

enum lede_status phrase_matcher_make(const struct query_clause *clause, struct segment *segment,
                                     uint32_t number, struct arena *arena, struct matcher **out,
                                     struct lede_error *err)
{
    struct phrase_matcher *phrase = arena_calloc(arena, 1, sizeof *phrase);
    enum lede_status status;

    if (!phrase)
        return error_no_memory(err);
    phrase->words = arena_calloc(arena, clause->word_count, sizeof *phrase->words);
    phrase->conjuncts = arena_calloc(arena, clause->word_count, sizeof(struct conjunct *));
    if (!phrase->words || !phrase->conjuncts)
        return error_no_memory(err);
    phrase->matcher.kind = &PHRASE_MATCHER;
    phrase->matcher.clause = clause;
    phrase->matched.base = DOC_END;
    phrase->adjacent = clause->adjacent;
    phrase->arena = arena;
    buffer_init(&phrase->starts, NULL);
    buffer_init(&phrase->positions, NULL);
    if (phrase->adjacent && clause->near != NEAR_NOT) {
        phrase->near = near_words_new(clause, arena, &phrase->near_count);
        if (!phrase->near)
            return error_no_memory(err);
    }
    status = make_words(phrase, clause, segment, number, arena, err);
    if (status == LEDE_OK)
        *out = &phrase->matcher;
    return status;
}

void phrase_matcher_done(struct matcher *matcher)
{
    struct phrase_matcher *phrase = phrase_of(matcher);

    buffer_done(&phrase->starts);
    buffer_done(&phrase->positions);
    near_words_done(phrase->near, phrase->near_count);
}

void phrase_attach(struct phrase_matcher *phrase, const struct conjunction *conjunction)
{
    for (size_t i = 0; i < phrase->word_count; i++)
        phrase->conjuncts[i] = conjunction_find(conjunction, &phrase->words[i]);
    for (size_t i = 0; i < phrase->near_count; i++)
        for (size_t j = 0; j < phrase->word_count; j++)
            if (phrase->near[i].word->position == phrase->words[j].distance)
                phrase->near[i].conjunct = phrase->conjuncts[j];
}

/* ---- positions ---- */

static uint32_t *numbers_of(const struct buffer *buffer, uint32_t *count)
{
    *count = (uint32_t)(buffer->size / sizeof(uint32_t));
    return (uint32_t *)(void *)buffer->data;
}

/* The rarest word's positions, less those that are too early for the phrase to begin. */
static uint32_t *read_starts(struct phrase_matcher *phrase, doc_id document, uint32_t number,
                             uint32_t *count)
{
    uint32_t *starts;

    conjunct_positions(phrase->conjuncts[0], document, number, &phrase->starts);
    phrase->failed |= phrase->starts.failed;
    starts = numbers_of(&phrase->starts, count);
    while (*count > 0 && *starts < phrase->words[0].distance) {
        starts++;
        --*count;
    }
    return starts;
}

uint32_t phrase_frequency(struct phrase_matcher *phrase, doc_id document, uint32_t number)
{
    uint32_t count, *starts;

    if (!phrase->adjacent)
        return 1;
    if (phrase->near)
        return near_frequency(phrase->near, phrase->near_count,
                              (uint32_t)phrase->word_count + (uint32_t)phrase->matcher.clause->near,
                              document, number, &phrase->failed);
    starts = read_starts(phrase, document, number, &count);
    for (size_t i = 1; i < phrase->word_count && count > 0; i++) {
        const uint32_t *positions;
        uint32_t position_count;

        conjunct_positions(phrase->conjuncts[i], document, number, &phrase->positions);
        phrase->failed |= phrase->positions.failed;
        positions = numbers_of(&phrase->positions, &position_count);
        count = join_keep(starts, count, positions, position_count,
                          (int64_t)phrase->words[i].distance - phrase->words[0].distance);
    }
    return count;
}

uint32_t phrase_frequency_most(struct phrase_matcher *phrase, uint32_t number)
{
    uint32_t least = UINT32_MAX;

    for (size_t i = 0; i < phrase->word_count; i++) {
        struct conjunct *conjunct = phrase->conjuncts[i];
        const uint32_t *frequencies = conjunct_frequencies(conjunct);
        uint32_t tf = frequencies ? frequencies[conjunct->places[number]] : 0;

        least = tf < least ? tf : least;
    }
    return least;
}

double phrase_bound(const struct phrase_matcher *phrase)
{
    uint32_t least = 255;

    for (size_t i = 0; i < phrase->word_count; i++)
        if (phrase->conjuncts[i]->bound < least)
            least = phrase->conjuncts[i]->bound;
    return matcher_bound(&phrase->matcher, least);
}

/* ---- matching ---- */

/* What a phrase needs that is not one of the required clauses: it walks its words by itself. */
static bool begin_alone(struct phrase_matcher *phrase)
{
    struct word_matcher *words[LEDE_CLAUSES_MAX];

    if (phrase->alone)
        return true;
    for (size_t i = 0; i < phrase->word_count; i++)
        words[i] = &phrase->words[i];
    phrase->tfs = arena_alloc(phrase->arena, WINDOW_DOCS * sizeof *phrase->tfs);
    phrase->alone = phrase->tfs ? conjunction_new(words, phrase->word_count, phrase->arena) : NULL;
    if (!phrase->alone) {
        phrase->failed = true;
        return false;
    }
    phrase_attach(phrase, phrase->alone);
    return true;
}

static doc_id seek(struct matcher *matcher, doc_id from)
{
    struct phrase_matcher *phrase = phrase_of(matcher);

    return begin_alone(phrase) ? conjunction_seek(phrase->alone, from) : DOC_END;
}

/* True if all occurrences of the word that is there least often would not be worth enough, were
 * they ones of the phrase: its positions need not be read. */
static bool is_unworthy(struct phrase_matcher *phrase, const struct window *window, uint32_t place,
                        uint32_t number)
{
    const struct matcher *matcher = &phrase->matcher;

    return matcher->least > 0 &&
           (double)bm25_contribution(matcher->clause->weight, phrase_frequency_most(phrase, number),
                                     matcher->inverse[window->norms[place]]) <= matcher->least;
}

/* Sets the bits of those documents of the interval that are wanted and have the phrase. */
static void match_interval(struct phrase_matcher *phrase, const struct window *window,
                           const uint64_t *wanted, uint64_t *found)
{
    struct conjunction *alone = phrase->alone;

    if (phrase->matcher.least > 0 && phrase_bound(phrase) <= phrase->matcher.least)
        return;
    conjunction_meet(alone);
    for (uint32_t i = 0; i < alone->found; i++) {
        uint32_t place = alone->documents[i] - window->base;

        if (!bits_have(wanted, place) || is_unworthy(phrase, window, place, i))
            continue;
        phrase->tfs[place] = phrase_frequency(phrase, alone->documents[i], i);
        if (phrase->tfs[place] > 0)
            bits_set(found, place);
    }
}

static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct phrase_matcher *phrase = phrase_of(matcher);
    doc_id last = window->base + window->size - 1;
    uint64_t found[WINDOW_WORDS];

    bits_clear(found);
    for (uint32_t place = bits_next(bits, 0);
         place < window->size && begin_alone(phrase) &&
         conjunction_next(phrase->alone, window->base + place) && phrase->alone->from <= last;
         place = bits_next(bits, phrase->alone->upto - window->base + 1)) {
        if (phrase->alone->upto > last)
            phrase->alone->upto = last;
        match_interval(phrase, window, bits, found);
    }
    memcpy(bits, found, sizeof found);
    match_remember(&phrase->matched, window, found);
}

static void count(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs)
{
    struct phrase_matcher *phrase = phrase_of(matcher);
    uint64_t found[WINDOW_WORDS];

    match_recall(matcher, &phrase->matched, window, bits, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        tfs[place] += phrase->tfs[place];
}

static void score(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums)
{
    struct phrase_matcher *phrase = phrase_of(matcher);
    float weight = matcher->clause->weight;
    uint64_t found[WINDOW_WORDS];

    match_recall(matcher, &phrase->matched, window, bits, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        sums[place] += (double)bm25_contribution(weight, phrase->tfs[place],
                                                 matcher->inverse[window->norms[place]]);
}

/* ---- status ---- */

static enum lede_status status(const struct matcher *matcher, struct lede_error *err)
{
    const struct phrase_matcher *phrase = (const struct phrase_matcher *)matcher;

    for (size_t i = 0; i < phrase->word_count; i++) {
        enum lede_status word = word_matcher_status(&phrase->words[i], err);

        if (word != LEDE_OK)
            return word;
    }
    return phrase->failed ? error_no_memory(err) : LEDE_OK;
}

/* A phrase occurs no more often than any of its words. */
static double bound(struct matcher *matcher, const struct window *window)
{
    struct phrase_matcher *phrase = phrase_of(matcher);
    uint32_t least = 255;

    for (size_t i = 0; i < phrase->word_count && least > 0; i++) {
        uint32_t word = word_matcher_bound(&phrase->words[i], window);

        least = word < least ? word : least;
    }
    return matcher_bound(matcher, least);
}

const struct matcher_kind PHRASE_MATCHER = {
    .seek = seek, .match = match, .count = count, .score = score, .bound = bound, .status = status};
