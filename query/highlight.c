/* Where a query's words stand in a text: the text is analysed again, and its terms are looked up
 * among the query's. */
#include <stdlib.h>

#include "base/array.h"
#include "as_written.h"
#include "base/lede_bytes.h"
#include "results.h"
#include "text/small_digits.h"

/* A term of the query, and a word that it stands for. */
struct wanted {
    struct slice key;
    uint32_t word;
};

/* A distinct word of the query: clauses that say the same word share it. */
struct shown_word {
    const struct query_word *word;
    bool exact; /* only where it stands as the query has it */
    bool alone; /* a clause asks for it outside of a phrase */
};

struct shown_phrase {
    const struct query_clause *clause;
    uint32_t *words; /* numbers of its words */
};

/* A word of the query at a place of the text. */
struct sighting {
    size_t offset, size;
    uint32_t position, word;
    bool shown;
};

struct lede_highlighter {
    struct lede_index *index;
    struct analyzer *analyzer;
    struct arena arena;
    struct wanted *wanted; /* by key */
    size_t wanted_count;
    struct shown_word words[LEDE_CLAUSES_MAX];
    uint32_t word_count;
    struct shown_phrase phrases[LEDE_CLAUSES_MAX];
    size_t phrase_count;

    struct slice text; /* that is looked at */
    language_id language;
    struct sighting *sightings; /* by position */
    size_t sighting_count, sighting_capacity;
    struct lede_span *spans;
    size_t span_count, span_capacity;
};

/* ---- what is wanted ---- */

static int compare_wanted(const void *a, const void *b)
{
    const struct wanted *left = a, *right = b;
    int order = slice_compare(left->key, right->key);

    return order ? order : (left->word > right->word) - (left->word < right->word);
}

/* The number of a word of the query, which it gets if it is new. */
static uint32_t word_number(struct lede_highlighter *highlighter, const struct query_word *word,
                            bool exact)
{
    uint32_t number = 0;

    for (; number < highlighter->word_count; number++) {
        const struct shown_word *shown = &highlighter->words[number];

        if (shown->exact == exact && query_word_same_terms(shown->word, word) &&
            (!exact || slice_equal(shown->word->text, word->text)))
            return number;
    }
    highlighter->words[highlighter->word_count++] = (struct shown_word){word, exact, false};
    return number;
}

/* terms_find sees to it that there are at most LEDE_CLAUSES_MAX words in all clauses. */
static enum lede_status want_clause(struct lede_highlighter *highlighter,
                                    const struct query_clause *clause, struct lede_error *err)
{
    struct shown_phrase *phrase;

    if (clause->word_count == 1) {
        highlighter->words[word_number(highlighter, &clause->words[0], clause->exact)].alone = true;
        return LEDE_OK;
    }
    phrase = &highlighter->phrases[highlighter->phrase_count++];
    phrase->clause = clause;
    phrase->words = arena_calloc(&highlighter->arena, clause->word_count, sizeof *phrase->words);
    if (!phrase->words)
        return error_no_memory(err);
    for (size_t i = 0; i < clause->word_count; i++)
        phrase->words[i] = word_number(highlighter, &clause->words[i], clause->exact);
    return LEDE_OK;
}

/* The keys stay the results'. */
static enum lede_status list_wanted(struct lede_highlighter *highlighter, struct lede_error *err)
{
    size_t count = 0;

    for (uint32_t i = 0; i < highlighter->word_count; i++)
        count += highlighter->words[i].word->term_count;
    highlighter->wanted = arena_calloc(&highlighter->arena, count, sizeof *highlighter->wanted);
    if (!highlighter->wanted)
        return error_no_memory(err);
    for (uint32_t i = 0; i < highlighter->word_count; i++)
        for (size_t j = 0; j < highlighter->words[i].word->term_count; j++)
            highlighter->wanted[highlighter->wanted_count++] =
                (struct wanted){highlighter->words[i].word->terms[j].key, i};
    if (count)
        qsort(highlighter->wanted, count, sizeof *highlighter->wanted, compare_wanted);
    return LEDE_OK;
}

/* Recursion ends at GROUP_DEPTH. */
static enum lede_status want_list(struct lede_highlighter *highlighter,
                                  const struct query_clauses *list, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < list->count; i++) {
        const struct query_clause *clause = &list->clauses[i];

        if (clause->occur == OCCUR_PROHIBITED || clause->is_filter)
            continue;
        status = query_clause_is_group(clause) ? want_list(highlighter, &clause->group, err)
                                               : want_clause(highlighter, clause, err);
    }
    return status;
}

static enum lede_status want(struct lede_highlighter *highlighter,
                             const struct query_clauses *query, struct lede_error *err)
{
    enum lede_status status = want_list(highlighter, query, err);

    return status == LEDE_OK ? list_wanted(highlighter, err) : status;
}

enum lede_status lede_highlighter_new(const struct lede_results *results,
                                      struct lede_highlighter **out, struct lede_error *err)
{
    struct lede_highlighter *highlighter = calloc(1, sizeof *highlighter);
    enum lede_status status;

    if (!highlighter)
        return error_no_memory(err);
    highlighter->index = results->plan.index;
    arena_init(&highlighter->arena, 0, NULL);
    status = opened_take_analyzer(highlighter->index, &highlighter->analyzer, err);
    if (status == LEDE_OK)
        status = want(highlighter, &results->plan.query, err);
    if (status != LEDE_OK) {
        lede_highlighter_free(highlighter);
        return status;
    }
    *out = highlighter;
    return LEDE_OK;
}

void lede_highlighter_free(struct lede_highlighter *highlighter)
{
    if (!highlighter)
        return;
    opened_give_analyzer(highlighter->index, highlighter->analyzer);
    arena_done(&highlighter->arena);
    free(highlighter->sightings);
    free(highlighter->spans);
    free(highlighter);
}

/* ---- finding words ---- */

/* What is marked for a token that a word was found by: for a small digit that carries its run, CO₂,
 * all of that. */
static struct slice place_of(const struct lede_highlighter *highlighter, const struct token *token,
                             enum field field)
{
    struct slice run = slice_of(NULL, 0);

    if (field == FIELD_TEXT_VARIANT || field == FIELD_TITLE_VARIANT)
        run = small_digits_run(highlighter->text, token->offset);
    return run.size > 0 ? run : slice_of(highlighter->text.data + token->offset, token->size);
}

static bool sight(struct lede_highlighter *highlighter, const struct token *token,
                  struct slice place, uint32_t word)
{
    size_t count = highlighter->sighting_count;

    /* A token can stand for a word by its term and by its variant. */
    for (size_t i = count; i > 0 && highlighter->sightings[i - 1].position == token->position; i--)
        if (highlighter->sightings[i - 1].word == word)
            return true;
    if (count == highlighter->sighting_capacity &&
        !array_grow((void **)&highlighter->sightings, &highlighter->sighting_capacity,
                    sizeof *highlighter->sightings, NULL))
        return false;
    highlighter->sightings[highlighter->sighting_count++] = (struct sighting){
        (size_t)(place.data - highlighter->text.data), place.size, token->position, word, false};
    return true;
}

/* The wanted terms with this field and term begin at the place returned. */
static size_t find_wanted(const struct lede_highlighter *highlighter, struct slice key)
{
    size_t low = 0, high = highlighter->wanted_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_compare(highlighter->wanted[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_wanted(const struct lede_highlighter *highlighter, const struct token *token,
                      uint32_t word)
{
    const struct shown_word *shown = &highlighter->words[word];
    struct slice text = slice_of(highlighter->text.data + token->offset, token->size);

    return !shown->exact || as_written_same(text, shown->word->text, highlighter->language);
}

static bool sight_term(struct lede_highlighter *highlighter, const struct token *token,
                       enum field field, struct slice term)
{
    uint8_t bytes[KEY_TERM_MAX] = {(uint8_t)field};
    struct slice key = slice_of(bytes, term.size + 1);

    if (term.size == 0)
        return true;
    memcpy(bytes + 1, term.data, term.size); /* at most TERM_MAX bytes: analyzer.h */
    for (size_t i = find_wanted(highlighter, key);
         i < highlighter->wanted_count && slice_equal(highlighter->wanted[i].key, key); i++)
        if (is_wanted(highlighter, token, highlighter->wanted[i].word) &&
            !sight(highlighter, token, place_of(highlighter, token, field),
                   highlighter->wanted[i].word))
            return false;
    return true;
}

static bool sight_token(struct lede_highlighter *highlighter, enum lede_part part,
                        const struct token *token)
{
    return sight_term(highlighter, token, FIELD_TEXT, token->term) &&
           sight_term(highlighter, token, FIELD_TEXT_VARIANT, token->variant) &&
           sight_term(highlighter, token, FIELD_AMOUNT, token->amount) &&
           (part != LEDE_TITLE ||
            (sight_term(highlighter, token, FIELD_TITLE, token->term) &&
             sight_term(highlighter, token, FIELD_TITLE_VARIANT, token->variant)));
}

static enum lede_status sight_all(struct lede_highlighter *highlighter, enum lede_part part,
                                  struct slice text, language_id language, struct lede_error *err)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    highlighter->text = text;
    highlighter->language = language;
    highlighter->sighting_count = 0;
    analyzer_start(highlighter->analyzer, text, language, 0);
    while ((count = analyzer_next(highlighter->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++)
            if (!sight_token(highlighter, part, &tokens[i]))
                return error_no_memory(err);
    if (analyzer_status(highlighter->analyzer) != LEDE_OK)
        return error_no_memory(err);
    return LEDE_OK;
}

/* ---- words and phrases ---- */

/* The sighting of a word at a position, or NULL; from: one that does not stand behind it. */
static struct sighting *sighting_at(const struct lede_highlighter *highlighter,
                                    struct sighting *from, uint64_t position, uint32_t word)
{
    const struct sighting *end = highlighter->sightings + highlighter->sighting_count;

    for (; from < end && from->position <= position; from++)
        if (from->position == position && from->word == word)
            return from;
    return NULL;
}

/* Shows the words of the phrase if it begins at this sighting of its first word. */
static void show_phrase(const struct lede_highlighter *highlighter,
                        const struct shown_phrase *phrase, struct sighting *first)
{
    const struct query_clause *clause = phrase->clause;
    struct sighting *found[LEDE_CLAUSES_MAX] = {first};

    for (size_t i = 1; i < clause->word_count; i++) {
        found[i] =
            sighting_at(highlighter, found[i - 1],
                        (uint64_t)first->position + clause->words[i].position, phrase->words[i]);
        if (!found[i])
            return;
    }
    for (size_t i = 0; i < clause->word_count; i++)
        found[i]->shown = true;
}

/* A near phrase, as its runs are looked for: how many sightings of each word are missing. */
struct near_count {
    uint32_t missing[LEDE_CLAUSES_MAX];
    size_t total;
};

static void count_words(const struct shown_phrase *phrase, struct near_count *count)
{
    memset(count, 0, sizeof *count);
    for (size_t i = 0; i < phrase->clause->word_count; i++)
        count->missing[phrase->words[i]]++;
    count->total = phrase->clause->word_count;
}

/* The first sighting of the shortest run that ends with sighting number last, does not begin
 * before number from, and has all words; last + 1 if there is none that is short enough. */
static size_t find_run(const struct lede_highlighter *highlighter,
                       const struct shown_phrase *phrase, size_t from, size_t last)
{
    uint32_t end = highlighter->sightings[last].position;
    uint32_t width = (uint32_t)phrase->clause->word_count + (uint32_t)phrase->clause->near;
    struct near_count count;

    count_words(phrase, &count);
    for (size_t at = last + 1; at-- > from;) {
        const struct sighting *sighting = &highlighter->sightings[at];

        if (end - sighting->position >= width)
            break;
        if (count.missing[sighting->word] == 0)
            continue;
        count.missing[sighting->word]--;
        if (--count.total == 0)
            return at;
    }
    return last + 1;
}

/* Shows the words of the phrase in its runs, which are those that matching counts. */
static void show_near(const struct lede_highlighter *highlighter, const struct shown_phrase *phrase)
{
    size_t from = 0, last = 0;
    struct near_count words;

    count_words(phrase, &words);
    for (size_t next = 0; next < highlighter->sighting_count; next = last + 1) {
        size_t first;

        for (last = next;
             last + 1 < highlighter->sighting_count &&
             highlighter->sightings[last + 1].position == highlighter->sightings[next].position;)
            last++;
        first = find_run(highlighter, phrase, from, last);
        if (first > last)
            continue;
        for (size_t i = first; i <= last; i++)
            if (words.missing[highlighter->sightings[i].word] > 0)
                highlighter->sightings[i].shown = true;
        from = last + 1;
    }
}

static void choose_sightings(const struct lede_highlighter *highlighter)
{
    for (size_t i = 0; i < highlighter->sighting_count; i++) {
        struct sighting *sighting = &highlighter->sightings[i];

        if (highlighter->words[sighting->word].alone)
            sighting->shown = true;
        for (size_t j = 0; j < highlighter->phrase_count; j++)
            if (highlighter->phrases[j].clause->near == NEAR_NOT &&
                highlighter->phrases[j].words[0] == sighting->word)
                show_phrase(highlighter, &highlighter->phrases[j], sighting);
    }
    for (size_t j = 0; j < highlighter->phrase_count; j++)
        if (highlighter->phrases[j].clause->near != NEAR_NOT)
            show_near(highlighter, &highlighter->phrases[j]);
}

/* ---- spans ---- */

/* The most telling of the shown sightings at the position of sighting number *at, or NULL; *at
 * moves behind them all. */
static const struct sighting *best_sighting(const struct lede_highlighter *highlighter, size_t *at)
{
    uint32_t position = highlighter->sightings[*at].position;
    const struct sighting *best = NULL;

    for (; *at < highlighter->sighting_count && highlighter->sightings[*at].position == position;
         ++*at) {
        const struct sighting *sighting = &highlighter->sightings[*at];

        if (sighting->shown && (!best || highlighter->words[sighting->word].word->idf >
                                             highlighter->words[best->word].word->idf))
            best = sighting;
    }
    return best;
}

static bool add_span(struct lede_highlighter *highlighter, const struct lede_span *span)
{
    if (highlighter->span_count == highlighter->span_capacity &&
        !array_grow((void **)&highlighter->spans, &highlighter->span_capacity,
                    sizeof *highlighter->spans, NULL))
        return false;
    highlighter->spans[highlighter->span_count++] = *span;
    return true;
}

/* Pairs of characters overlap: what a span shares with the one before it stays that one's. */
static bool list_spans(struct lede_highlighter *highlighter)
{
    size_t end = 0, at = 0;

    highlighter->span_count = 0;
    while (at < highlighter->sighting_count) {
        const struct sighting *best = best_sighting(highlighter, &at);
        struct lede_span span;
        size_t skipped;

        if (!best || best->offset + best->size <= end)
            continue;
        skipped = best->offset < end ? end - best->offset : 0;
        span = (struct lede_span){best->offset + skipped, best->size - skipped, best->word,
                                  highlighter->words[best->word].word->idf};
        end = best->offset + best->size;
        if (!add_span(highlighter, &span))
            return false;
    }
    return true;
}

enum lede_status lede_highlight(struct lede_highlighter *highlighter, enum lede_part part,
                                struct lede_bytes text, struct lede_bytes language,
                                const struct lede_span **spans, size_t *count,
                                struct lede_error *err)
{
    language_id id;
    enum lede_status status;

    if (language.size == 0 || !language_find(slice_from(language), &id))
        id = highlighter->index->default_language;
    status = sight_all(highlighter, part, slice_from(text), id, err);
    if (status != LEDE_OK)
        return status;
    choose_sightings(highlighter);
    if (!list_spans(highlighter))
        return error_no_memory(err);
    *spans = highlighter->spans;
    *count = highlighter->span_count;
    return LEDE_OK;
}
