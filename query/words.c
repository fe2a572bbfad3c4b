#include "words.h"

#include <stdio.h>
#include <stdlib.h>

#include "amounts.h"
#include "text/fold.h"
#include "text/keyword.h"
#include "text/small_digits.h"

/* ---- terms ---- */

bool words_reserve(struct arena *arena, void **items, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity ? 2 * *capacity : 4;
    void *grown;

    if (count < *capacity)
        return true;
    grown = arena_calloc(arena, wanted, size);
    if (!grown)
        return false;
    if (count)
        memcpy(grown, *items, count * size);
    *items = grown;
    *capacity = wanted;
    return true;
}

static bool key_of(struct arena *arena, enum field field, struct slice term, struct slice *key)
{
    uint8_t *bytes = arena_alloc(arena, term.size + 1);

    if (!bytes)
        return false;
    bytes[0] = (uint8_t)field;
    memcpy(bytes + 1, term.data, term.size);
    *key = slice_of(bytes, term.size + 1);
    return true;
}

bool words_add_term(struct word_finder *finder, struct draft *word, enum field field,
                    struct slice term)
{
    struct slice key;

    if (!key_of(finder->arena, field, term, &key))
        return false;
    for (size_t i = 0; i < word->count; i++)
        if (slice_equal(word->terms[i].key, key))
            return true;
    if (!words_reserve(finder->arena, (void **)&word->terms, &word->capacity, word->count,
                       sizeof *word->terms))
        return false;
    word->terms[word->count++].key = key;
    return true;
}

static enum field variant_of(enum field field)
{
    return field == FIELD_TITLE  ? FIELD_TITLE_VARIANT
           : field == FIELD_TEXT ? FIELD_TEXT_VARIANT
                                 : field;
}

/* ---- from tokens to words ---- */

struct draft *words_draft_at(struct word_finder *finder, struct drafts *drafts, uint32_t position)
{
    size_t place = drafts->count;

    while (place > 0 && drafts->words[place - 1].position >= position)
        place--;
    if (place < drafts->count && drafts->words[place].position == position)
        return &drafts->words[place];
    if (!words_reserve(finder->arena, (void **)&drafts->words, &drafts->capacity, drafts->count,
                       sizeof *drafts->words))
        return NULL;
    memmove(&drafts->words[place + 1], &drafts->words[place],
            (drafts->count - place) * sizeof *drafts->words);
    drafts->words[place] = (struct draft){.position = position};
    drafts->count++;
    return &drafts->words[place];
}

enum lede_status words_too_many(const struct word_finder *finder)
{
    return error_set(finder->err, LEDE_LIMIT, "query: more than %d words; use fewer",
                     LEDE_CLAUSES_MAX);
}

static enum lede_status add_token(struct word_finder *finder, const struct clause *clause,
                                  const struct token *token, struct drafts *drafts)
{
    struct draft *word = words_draft_at(finder, drafts, token->position);
    bool added;

    if (!word)
        return error_no_memory(finder->err);
    if (finder->words + drafts->count > LEDE_CLAUSES_MAX)
        return words_too_many(finder);
    if (word->count == 0)
        word->text = slice_of(clause->text.data + token->offset, token->size);
    word->lone = token->lone_character;
    added = words_add_term(finder, word, clause->field, token->term);
    if (added && clause->field == FIELD_TEXT)
        added = amounts_add(finder, word, token);
    if (added && !token->marked && !token->lone_character)
        added = words_add_term(finder, word, variant_of(clause->field), token->term);
    if (added && token->marked && token->variant.size)
        added = words_add_term(finder, word, clause->field, token->variant);
    return added ? LEDE_OK : error_no_memory(finder->err);
}

/* The last character of a run says nothing that the pair before it does not say; where the text
 * goes on it would not even be there. */
static bool is_end_of_pair(const struct token *token, size_t pair_end)
{
    return token->lone_character && token->offset < pair_end;
}

static enum lede_status analyse(struct word_finder *finder, const struct clause *clause,
                                language_id language, struct drafts *drafts)
{
    struct token tokens[TOKEN_BATCH];
    enum lede_status status = LEDE_OK;
    size_t pair_end = 0, count, size = 0;
    uint8_t run[SMALL_DIGITS_MAX];

    if (finder->index->small_digits && !clause->exact)
        size = small_digits_word(clause->text, run);
    analyzer_start(finder->analyzer, size ? slice_of(run, size) : clause->text, language, 0);
    while (status == LEDE_OK && (count = analyzer_next(finder->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; status == LEDE_OK && i < count; i++) {
            if (!is_end_of_pair(&tokens[i], pair_end))
                status = add_token(finder, clause, &tokens[i], drafts);
            pair_end = tokens[i].offset + tokens[i].size;
        }
    if (status == LEDE_OK && analyzer_status(finder->analyzer) != LEDE_OK)
        status = error_no_memory(finder->err);
    if (size && drafts->count == 1)
        drafts->words[0].text = clause->text; /* all of it, and not as many bytes as the run has */
    return status;
}

static enum lede_status analyse_in_languages(struct word_finder *finder,
                                             const struct clause *clause, struct drafts *drafts)
{
    const struct lede_index *index = finder->index;
    enum lede_status status = LEDE_OK;

    if (finder->language)
        return analyse(finder, clause, *finder->language, drafts);
    for (size_t i = 0; status == LEDE_OK && i < index->language_count; i++)
        status = analyse(finder, clause, index->languages[i], drafts);
    return status;
}

/* ---- words that stand for many ---- */

static int compare_terms(const void *a, const void *b)
{
    return slice_compare(((const struct query_term *)a)->key, ((const struct query_term *)b)->key);
}

static void sort_and_unite(struct draft *word)
{
    size_t kept = 0;

    if (word->count)
        qsort(word->terms, word->count, sizeof *word->terms, compare_terms);
    for (size_t i = 0; i < word->count; i++)
        if (kept == 0 || !slice_equal(word->terms[kept - 1].key, word->terms[i].key))
            word->terms[kept++] = word->terms[i];
    word->count = kept;
}

/* A note on how many terms there are, and how many of them are searched. */
static enum lede_status note_cut(struct word_finder *finder, const struct clause *clause,
                                 const struct expansion *found, struct slice quoted)
{
    char text[160];

    if (found->count == 0)
        return notes_add(finder->notes, quoted, clause->column,
                         "is not searched: what stands before it stands for too many terms already",
                         finder->err);
    (void)snprintf(text, sizeof text,
                   "stands for too many terms, %s%llu: only the %zu %smost frequent are searched; "
                   "narrow it to search all",
                   found->exact ? "" : "at least ", (unsigned long long)found->all, found->count,
                   clause->edits > 0 ? "nearest and " : "");
    return notes_add(finder->notes, quoted, clause->column, text, finder->err);
}

enum lede_status words_add_expansion(struct word_finder *finder, const struct clause *clause,
                                     const struct expansion *found, struct draft *word)
{
    for (size_t i = 0; i < found->count; i++) {
        if (!words_reserve(finder->arena, (void **)&word->terms, &word->capacity, word->count,
                           sizeof *word->terms))
            return error_no_memory(finder->err);
        word->terms[word->count++] = (struct query_term){.key = found->terms[i].key};
    }
    finder->expansions += found->count;
    if (!found->cut)
        return LEDE_OK;
    return note_cut(finder, clause, found, word->text);
}

/* Adds to the word what the pattern stands for, at most most terms. */
static enum lede_status expand(struct word_finder *finder, const struct clause *clause,
                               const struct pattern *pattern, struct slice beginning, size_t most,
                               struct draft *word)
{
    size_t left = EXPANSIONS_MAX - finder->expansions;
    struct expansion found = {.cut = true};
    enum lede_status status = LEDE_OK;

    if (left > 0)
        status = expansion_find(finder->index, pattern, clause->field, beginning,
                                left < most ? left : most, finder->arena, &found, finder->err);
    return status == LEDE_OK ? words_add_expansion(finder, clause, &found, word) : status;
}

/* Replaces the one term of a lone character by those that begin with it. */
static enum lede_status expand_lone(struct word_finder *finder, const struct clause *clause,
                                    struct draft *word)
{
    struct slice key = word->terms[0].key, beginning = slice_of(key.data + 1, key.size - 1);
    struct pattern pattern;
    uint8_t text[KEY_TERM_MAX];

    memcpy(text, beginning.data, beginning.size);
    text[beginning.size] = '*';
    word->count = 0;
    if (!pattern_wildcard(&pattern, slice_of(text, beginning.size + 1)))
        return LEDE_OK;
    return expand(finder, clause, &pattern, beginning, EXPANSIONS_MAX, word);
}

/* Expands what is a beginning, and puts the terms of each word in order, so that equal words have
 * equal terms. */
static enum lede_status complete_words(struct word_finder *finder, const struct clause *clause,
                                       struct drafts *drafts)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < drafts->count; i++) {
        if (drafts->words[i].lone)
            status = expand_lone(finder, clause, &drafts->words[i]);
        sort_and_unite(&drafts->words[i]);
    }
    return status;
}

/* ---- wildcards ---- */

/* The pattern's letters as terms of the first language have them, but for their stems: case and
 * marks folded. False: too long, or out of memory. */
static bool fold_pattern(const struct word_finder *finder, struct slice text, struct folded *out)
{
    language_id language = finder->language ? *finder->language : finder->index->languages[0];
    struct folded folded;
    bool marked;

    if (fold_case(text, language_is_turkic(language), &folded) != FOLD_OK)
        return false;
    fold_marks(slice_of(folded.bytes, folded.size), language_own_letters(language), out, &marked);
    return true;
}

/* Of a beginning alone, `economy*`, also the word itself: its stem need not begin so. */
static enum lede_status add_beginning(struct word_finder *finder, const struct clause *clause,
                                      struct drafts *drafts)
{
    size_t size = pattern_beginning(clause->text).size;
    struct clause word = *clause;
    enum lede_status status;

    word.text.size = size;
    if (size + 1 != clause->text.size || clause->text.data[size] != '*')
        return LEDE_OK;
    status = analyse_in_languages(finder, &word, drafts);
    if (drafts->count > 1 || (drafts->count == 1 && drafts->words[0].lone))
        drafts->count = 0;
    return status;
}

static enum lede_status find_wildcard(struct word_finder *finder, const struct clause *clause,
                                      struct drafts *drafts)
{
    enum lede_status status = add_beginning(finder, clause, drafts);
    struct pattern pattern;
    struct folded folded;
    struct draft *word;

    if (status != LEDE_OK)
        return status;
    word = words_draft_at(finder, drafts, drafts->count ? drafts->words[0].position : 0);
    if (!word)
        return error_no_memory(finder->err);
    word->text = clause->text;
    if (!fold_pattern(finder, clause->text, &folded) ||
        !pattern_wildcard(&pattern, slice_of(folded.bytes, folded.size)))
        return notes_add(finder->notes, clause->text, clause->column,
                         "too long for a pattern, nothing is found", finder->err);
    return expand(finder, clause, &pattern, pattern_beginning(slice_of(folded.bytes, folded.size)),
                  EXPANSIONS_MAX, word);
}

/* ---- misspelt words ---- */

/* What is near the terms of the one word that the text is. */
static enum lede_status find_fuzzy(struct word_finder *finder, const struct clause *clause,
                                   struct drafts *drafts)
{
    enum lede_status status = analyse_in_languages(finder, clause, drafts);
    struct draft *word = drafts->words;
    size_t written;

    if (status != LEDE_OK || drafts->count != 1 || word->lone)
        return status;
    written = word->count;
    for (size_t i = 0; status == LEDE_OK && i < written; i++) {
        struct slice key = word->terms[i].key;
        struct pattern pattern;

        if (key.data[0] == clause->field &&
            pattern_fuzzy(&pattern, slice_of(key.data + 1, key.size - 1), clause->edits))
            status = expand(finder, clause, &pattern, slice_of(NULL, 0), FUZZY_MAX, word);
    }
    return status;
}

/* ---- keywords ---- */

static struct slice keyword_name(const struct lede_index *index, enum field field)
{
    struct slice names = buffer_bytes(&index->keywords), name = slice_of(NULL, 0);

    for (unsigned place = FIELD_KEYWORD; place <= (unsigned)field; place++)
        (void)keyword_names_next(&names, &name);
    return name;
}

/* That nothing is found in articles that lack the field would look as if they had other values. */
static enum lede_status note_lacking(struct word_finder *finder, const struct clause *clause,
                                     struct slice name)
{
    uint8_t field = (uint8_t)clause->field;
    struct lacking lacking = opened_lacking(finder->index, field);
    enum lede_status status = LEDE_OK;
    char text[160 + KEYWORD_NAME_MAX];

    if (keyword_set_has(&finder->noted, field - FIELD_KEYWORD))
        return LEDE_OK;
    keyword_set_add(&finder->noted, field - FIELD_KEYWORD);
    if (lacking.older > 0) {
        (void)snprintf(text, sizeof text,
                       "%llu articles were indexed before the field %.*s was declared, and are not "
                       "found by it; lede-index compact gives it to them",
                       (unsigned long long)lacking.older, (int)name.size, (const char *)name.data);
        status = notes_add(finder->notes, clause->text, clause->column, text, finder->err);
    }
    if (lacking.others > 0 && status == LEDE_OK) {
        (void)snprintf(text, sizeof text,
                       "%llu articles are in indexes without the field %.*s, and are not found by "
                       "it",
                       (unsigned long long)lacking.others, (int)name.size, (const char *)name.data);
        status = notes_add(finder->notes, clause->text, clause->column, text, finder->err);
    }
    return status;
}

/* Of a pattern the letters alone are folded: it is no address and no language. */
static enum lede_status expand_keyword(struct word_finder *finder, const struct clause *clause,
                                       struct draft *word)
{
    struct keyword_term term;
    struct pattern pattern;
    struct slice text;

    if (keyword_fold(KEYWORD_PLAIN, clause->value, &term) != KEYWORD_MADE ||
        !pattern_wildcard(&pattern, slice_of(term.bytes, term.size)))
        return notes_add(finder->notes, clause->text, clause->column,
                         "too long for a pattern, nothing is found", finder->err);
    text = slice_of(term.bytes, term.size);
    return expand(finder, clause, &pattern, pattern_beginning(text), EXPANSIONS_MAX, word);
}

/* A word without terms finds nothing; nothing to look for is no word. */
static enum lede_status find_keyword(struct word_finder *finder, const struct clause *clause,
                                     struct drafts *drafts)
{
    struct draft *word = words_draft_at(finder, drafts, 0);
    struct slice name = keyword_name(finder->index, clause->field);
    struct keyword_term term;
    enum lede_status status;

    if (!word)
        return error_no_memory(finder->err);
    if (finder->words == LEDE_CLAUSES_MAX)
        return words_too_many(finder);
    word->text = clause->text;
    status = note_lacking(finder, clause, name);
    if (status != LEDE_OK)
        return status;
    if (clause->is_pattern)
        return expand_keyword(finder, clause, word);
    switch (keyword_fold(keyword_kind_of(name), clause->value, &term)) {
    case KEYWORD_MADE:
        return words_add_term(finder, word, clause->field, slice_of(term.bytes, term.size))
                   ? LEDE_OK
                   : error_no_memory(finder->err);
    case KEYWORD_LONG:
        return notes_add(finder->notes, clause->text, clause->column,
                         "longer than any value that is kept, nothing is found", finder->err);
    case KEYWORD_NOTHING:
        drafts->count = 0;
        return LEDE_OK;
    default:
        return error_no_memory(finder->err);
    }
}

/* ---- a clause ---- */

enum lede_status words_find(struct word_finder *finder, const struct clause *clause,
                            struct drafts *drafts)
{
    enum lede_status status;

    *drafts = (struct drafts){.count = 0};
    if (clause->kind == CLAUSE_KEYWORD)
        status = find_keyword(finder, clause, drafts);
    else if (clause->kind == CLAUSE_WILDCARD)
        status = find_wildcard(finder, clause, drafts);
    else if (clause->kind == CLAUSE_FUZZY)
        status = find_fuzzy(finder, clause, drafts);
    else if (clause->kind == CLAUSE_AMOUNT)
        status = amounts_find(finder, clause, drafts);
    else if (amounts_is_range(finder, clause))
        status = amounts_find_range(finder, clause, drafts);
    else
        status = analyse_in_languages(finder, clause, drafts);
    finder->words += drafts->count;
    return status == LEDE_OK ? complete_words(finder, clause, drafts) : status;
}
