#include <stdlib.h>

#include "matcher_internal.h"

/* Which documents have all the words is settled first, by their lists; positions are read last, of
 * the word with the fewest postings first, and only until a word rules the document out. */
struct phrase_matcher {
    struct matcher matcher;
    struct word_matcher *words; /* rarest first */
    size_t word_count;
    bool adjacent;

    uint32_t tfs[WINDOW_DOCS];      /* of the documents that matched last: */
    uint64_t matched[WINDOW_WORDS]; /* these, */
    doc_id matched_base;            /* of the window here; DOC_END: none yet */

    struct buffer starts, positions; /* native uint32_t; their memory is not the arena's */
    bool failed;                     /* they could not grow, once */
};

static struct phrase_matcher *phrase_of(struct matcher *matcher)
{
    return (struct phrase_matcher *)matcher;
}

/* ---- making ---- */

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
    if (!phrase->words)
        return error_no_memory(err);
    phrase->matcher.kind = &PHRASE_MATCHER;
    phrase->adjacent = clause->adjacent;
    phrase->matched_base = DOC_END;
    buffer_init(&phrase->starts, NULL);
    buffer_init(&phrase->positions, NULL);
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
}

/* ---- positions ---- */

/* Keeps of the phrase's beginnings in starts those that have one of the positions at distance. */
static void keep_starts(struct buffer *starts, const struct buffer *positions, uint32_t distance)
{
    uint32_t *start = (uint32_t *)(void *)starts->data;
    const uint32_t *position = (const uint32_t *)(const void *)positions->data;
    size_t count = starts->size / sizeof *start, kept = 0;
    size_t left = positions->size / sizeof *position;

    for (size_t i = 0; i < count && left > 0; i++) {
        uint64_t wanted = (uint64_t)start[i] + distance;

        while (left > 0 && *position < wanted) {
            position++;
            left--;
        }
        if (left > 0 && *position == wanted)
            start[kept++] = start[i];
    }
    starts->size = kept * sizeof *start;
}

/* Turns a word's positions into the beginnings of the phrases that they may be in. */
static void shift_starts(struct buffer *starts, uint32_t distance)
{
    uint32_t *start = (uint32_t *)(void *)starts->data;
    size_t count = starts->size / sizeof *start, kept = 0;

    for (size_t i = 0; i < count; i++)
        if (start[i] >= distance)
            start[kept++] = start[i] - distance;
    starts->size = kept * sizeof *start;
}

/* How often the phrase is in a document that has all its words. */
static uint32_t occurrences(struct phrase_matcher *phrase, doc_id document)
{
    word_matcher_positions(&phrase->words[0], document, &phrase->starts);
    phrase->failed |= phrase->starts.failed;
    shift_starts(&phrase->starts, phrase->words[0].distance);
    for (size_t i = 1; i < phrase->word_count && phrase->starts.size > 0; i++) {
        word_matcher_positions(&phrase->words[i], document, &phrase->positions);
        phrase->failed |= phrase->positions.failed;
        keep_starts(&phrase->starts, &phrase->positions, phrase->words[i].distance);
    }
    return (uint32_t)(phrase->starts.size / sizeof(uint32_t));
}

/* ---- matching ---- */

static doc_id seek(struct matcher *matcher, doc_id from)
{
    struct phrase_matcher *phrase = phrase_of(matcher);

    for (size_t i = 0; i < phrase->word_count && from != DOC_END; i++)
        from = word_matcher_seek(&phrase->words[i], from);
    return from;
}

/* Takes from bits the documents that do not have all words. */
static void match_words(struct phrase_matcher *phrase, const struct window *window, uint64_t *bits)
{
    for (size_t i = 0; i < phrase->word_count && bits_any(bits); i++)
        word_matcher_match(&phrase->words[i], window, bits, NULL);
}

/* The same, and those that are worth no more than least even if each occurrence of the word that is
 * there least often is one of the phrase: positions need not be read for them. */
static void match_worthy(struct phrase_matcher *phrase, const struct window *window, uint64_t *bits)
{
    const struct matcher *matcher = &phrase->matcher;
    uint32_t counts[WINDOW_DOCS];

    memset(phrase->tfs, 0xff, window->size * sizeof *phrase->tfs);
    for (size_t i = 0; i < phrase->word_count && bits_any(bits); i++) {
        memset(counts, 0, window->size * sizeof *counts);
        word_matcher_match(&phrase->words[i], window, bits, counts);
        for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++)
            if (counts[place] < phrase->tfs[place])
                phrase->tfs[place] = counts[place];
    }
    for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++)
        if ((double)bm25_contribution(matcher->clause->weight, phrase->tfs[place],
                                      matcher->inverse[window->norms[place]]) <= matcher->least)
            bits_reset(bits, place);
}

static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct phrase_matcher *phrase = phrase_of(matcher);

    phrase->matched_base = window->base;
    if (matcher->least > 0)
        match_worthy(phrase, window, bits);
    else
        match_words(phrase, window, bits);
    for (uint32_t place = 0; (place = bits_next(bits, place)) < WINDOW_DOCS; place++) {
        phrase->tfs[place] = phrase->adjacent ? occurrences(phrase, window->base + place) : 1;
        if (phrase->tfs[place] == 0)
            bits_reset(bits, place);
    }
    memcpy(phrase->matched, bits, sizeof phrase->matched);
}

/* What of bits matches, with tfs known. All of bits has been asked for if anything of this window
 * has. */
static void find_matches(struct phrase_matcher *phrase, const struct window *window,
                         const uint64_t *bits, uint64_t *found)
{
    memcpy(found, bits, WINDOW_WORDS * sizeof *found);
    if (phrase->matched_base == window->base)
        bits_and(found, phrase->matched);
    else
        match(&phrase->matcher, window, found);
}

static void count(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs)
{
    struct phrase_matcher *phrase = phrase_of(matcher);
    uint64_t found[WINDOW_WORDS];

    find_matches(phrase, window, bits, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        tfs[place] += phrase->tfs[place];
}

static void score(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums)
{
    struct phrase_matcher *phrase = phrase_of(matcher);
    float weight = matcher->clause->weight;
    uint64_t found[WINDOW_WORDS];

    find_matches(phrase, window, bits, found);
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
