#include "terms.h"

#include <stdlib.h>

struct finder {
    struct lede_index *index;
    struct analyzer *analyzer;
    const struct terms_options *options;
    struct arena *arena;
    struct notes *notes;
    struct query_clauses *out;
    struct lede_error *err;
    size_t words;      /* so far, in all clauses */
    size_t expansions; /* terms found by their beginning so far */
    size_t capacity;   /* of out->clauses */
};

/* A word while its terms are gathered. */
struct draft {
    uint32_t position;
    struct slice text; /* as written */
    struct query_term *terms;
    size_t count, capacity;
    bool lone; /* its terms are beginnings */
};

struct drafts {
    struct draft *words; /* by position; the arena's */
    size_t count, capacity;
};

/* ---- growing arrays in the arena ---- */

static bool reserve(struct arena *arena, void **items, size_t *capacity, size_t count, size_t size)
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

/* Adds a term to a word that does not have it yet. */
static bool add_term(struct finder *finder, struct draft *word, enum field field, struct slice term)
{
    struct slice key;

    if (!key_of(finder->arena, field, term, &key))
        return false;
    for (size_t i = 0; i < word->count; i++)
        if (slice_equal(word->terms[i].key, key))
            return true;
    if (!reserve(finder->arena, (void **)&word->terms, &word->capacity, word->count,
                 sizeof *word->terms))
        return false;
    word->terms[word->count++].key = key;
    return true;
}

static enum field variant_of(enum field field)
{
    return field == FIELD_TITLE ? FIELD_TITLE_VARIANT : FIELD_TEXT_VARIANT;
}

/* ---- from tokens to words ---- */

/* The word at a position, made if need be; NULL if memory ran out. */
static struct draft *word_at(struct finder *finder, struct drafts *drafts, uint32_t position)
{
    size_t place = drafts->count;

    while (place > 0 && drafts->words[place - 1].position >= position)
        place--;
    if (place < drafts->count && drafts->words[place].position == position)
        return &drafts->words[place];
    if (!reserve(finder->arena, (void **)&drafts->words, &drafts->capacity, drafts->count,
                 sizeof *drafts->words))
        return NULL;
    memmove(&drafts->words[place + 1], &drafts->words[place],
            (drafts->count - place) * sizeof *drafts->words);
    drafts->words[place] = (struct draft){.position = position};
    drafts->count++;
    return &drafts->words[place];
}

static enum lede_status too_many_words(struct finder *finder)
{
    return error_set(finder->err, LEDE_LIMIT, "query: more than %d words; use fewer",
                     LEDE_CLAUSES_MAX);
}

static enum lede_status add_token(struct finder *finder, const struct clause *clause,
                                  const struct token *token, struct drafts *drafts)
{
    struct draft *word = word_at(finder, drafts, token->position);
    bool added;

    if (!word)
        return error_no_memory(finder->err);
    if (finder->words + drafts->count > LEDE_CLAUSES_MAX)
        return too_many_words(finder);
    if (word->count == 0)
        word->text = slice_of(clause->text.data + token->offset, token->size);
    word->lone = token->lone_character;
    added = add_term(finder, word, clause->field, token->term);
    if (added && !token->marked && !token->lone_character)
        added = add_term(finder, word, variant_of(clause->field), token->term);
    if (added && token->marked && token->variant.size)
        added = add_term(finder, word, clause->field, token->variant);
    return added ? LEDE_OK : error_no_memory(finder->err);
}

/* The last character of a run says nothing that the pair before it does not say; where the text
 * goes on it would not even be there. */
static bool is_end_of_pair(const struct token *token, size_t pair_end)
{
    return token->lone_character && token->offset < pair_end;
}

static enum lede_status analyse(struct finder *finder, const struct clause *clause,
                                language_id language, struct drafts *drafts)
{
    struct token tokens[TOKEN_BATCH];
    enum lede_status status = LEDE_OK;
    size_t pair_end = 0, count;

    analyzer_start(finder->analyzer, clause->text, language, 0);
    while (status == LEDE_OK && (count = analyzer_next(finder->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; status == LEDE_OK && i < count; i++) {
            if (!is_end_of_pair(&tokens[i], pair_end))
                status = add_token(finder, clause, &tokens[i], drafts);
            pair_end = tokens[i].offset + tokens[i].size;
        }
    if (status == LEDE_OK && analyzer_status(finder->analyzer) != LEDE_OK)
        status = error_no_memory(finder->err);
    return status;
}

static enum lede_status analyse_in_languages(struct finder *finder, const struct clause *clause,
                                             struct drafts *drafts)
{
    const struct lede_index *index = finder->index;
    enum lede_status status = LEDE_OK;

    if (finder->options->language)
        return analyse(finder, clause, *finder->options->language, drafts);
    for (size_t i = 0; status == LEDE_OK && i < index->language_count; i++)
        status = analyse(finder, clause, index->languages[i], drafts);
    return status;
}

/* ---- words that are beginnings ---- */

struct beginning {
    struct slice prefix;
    size_t limit;
    struct draft found;
};

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

/* Adds a segment's first limit terms that begin with prefix. */
static enum lede_status expand_in(struct finder *finder, struct segment *segment,
                                  struct beginning *beginning)
{
    struct draft *found = &beginning->found;
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term, prefix = beginning->prefix;
    enum lede_status status = dictionary_cursor_seek(&cursor, &segment->snapshot->pages,
                                                     segment->info->number, prefix, finder->err);

    for (size_t taken = 0; status == LEDE_OK && taken < beginning->limit; taken++) {
        status = dictionary_cursor_next(&cursor, &term, &info, finder->err);
        if (status != LEDE_OK || term.size < prefix.size ||
            memcmp(term.data, prefix.data, prefix.size) != 0)
            break;
        if (!reserve(finder->arena, (void **)&found->terms, &found->capacity, found->count,
                     sizeof *found->terms) ||
            !key_of(finder->arena, (enum field)term.data[0], slice_of(term.data + 1, term.size - 1),
                    &found->terms[found->count].key))
            return error_no_memory(finder->err);
        found->count++;
    }
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* Replaces a word's one term by those that begin with it, in any segment. */
static enum lede_status expand(struct finder *finder, const struct clause *clause,
                               struct draft *word)
{
    size_t left = EXPANSIONS_MAX - finder->expansions;
    struct beginning beginning = {.prefix = word->terms[0].key, .limit = left + 1};

    for (uint32_t i = 0; i < finder->index->segment_count; i++) {
        enum lede_status status = expand_in(finder, finder->index->segments[i].segment, &beginning);

        if (status != LEDE_OK)
            return status;
        sort_and_unite(&beginning.found);
        if (beginning.found.count > beginning.limit)
            beginning.found.count = beginning.limit;
    }
    word->terms = beginning.found.terms;
    word->count = beginning.found.count;
    if (word->count > left) {
        word->count = left;
        finder->expansions += left;
        return notes_add(finder->notes, word->text, clause->column,
                         "stands for too many terms; only some of them are searched", finder->err);
    }
    finder->expansions += word->count;
    return LEDE_OK;
}

/* Expands what is a beginning, and puts the terms of each word in order, so that equal words have
 * equal terms. */
static enum lede_status complete_words(struct finder *finder, const struct clause *clause,
                                       struct drafts *drafts)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < drafts->count; i++) {
        if (drafts->words[i].lone)
            status = expand(finder, clause, &drafts->words[i]);
        else
            sort_and_unite(&drafts->words[i]);
    }
    return status;
}

/* ---- from words to clauses ---- */

static bool words_equal(const struct query_word *a, const struct query_word *b)
{
    if (a->position != b->position || a->term_count != b->term_count)
        return false;
    for (size_t i = 0; i < a->term_count; i++)
        if (!slice_equal(a->terms[i].key, b->terms[i].key))
            return false;
    return true;
}

static bool clauses_equal(const struct query_clause *a, const struct query_clause *b)
{
    if ((a->occur == OCCUR_PROHIBITED) != (b->occur == OCCUR_PROHIBITED) ||
        a->is_title != b->is_title || a->word_count != b->word_count || a->near != b->near)
        return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (!words_equal(&a->words[i], &b->words[i]))
            return false;
    return true;
}

/* Adds a clause, or counts one that is there again. */
static enum lede_status add_clause(struct finder *finder, const struct query_clause *clause)
{
    struct query_clauses *out = finder->out;

    for (size_t i = 0; i < out->count; i++) {
        if (!clauses_equal(&out->clauses[i], clause))
            continue;
        out->clauses[i].repeats++;
        if (clause->occur == OCCUR_REQUIRED)
            out->clauses[i].occur = OCCUR_REQUIRED;
        return LEDE_OK;
    }
    if (out->count == LEDE_CLAUSES_MAX)
        return too_many_words(finder);
    if (!reserve(finder->arena, (void **)&out->clauses, &finder->capacity, out->count,
                 sizeof *out->clauses))
        return error_no_memory(finder->err);
    out->clauses[out->count++] = *clause;
    return LEDE_OK;
}

static enum clause_occur occur_of(const struct finder *finder, const struct clause *clause)
{
    if (clause->occur == OCCUR_PLAIN && !finder->options->any)
        return OCCUR_REQUIRED;
    return clause->occur;
}

/* True if the words of the clause are to be looked for one by one. What is excluded is never
 * split: -e-mail must not exclude every mail. */
static bool is_split(const struct finder *finder, const struct clause *clause)
{
    if (clause->occur == OCCUR_PROHIBITED)
        return false;
    return !finder->index->positions || (finder->options->any && clause->kind == CLAUSE_WORD);
}

static enum lede_status add_words(struct finder *finder, const struct clause *clause,
                                  const struct drafts *drafts)
{
    bool split = is_split(finder, clause);
    struct query_clause made = {.occur = occur_of(finder, clause),
                                .is_title = clause->field == FIELD_TITLE,
                                .text = clause->text,
                                .column = clause->column,
                                .adjacent = finder->index->positions,
                                .near = NEAR_NOT,
                                .repeats = 1};
    struct query_word *words = arena_calloc(finder->arena, drafts->count, sizeof *words);
    enum lede_status status = LEDE_OK;

    if (!words)
        return error_no_memory(finder->err);
    for (size_t i = 0; status == LEDE_OK && i < drafts->count; i++) {
        words[i].position = split ? 0 : drafts->words[i].position - drafts->words[0].position;
        words[i].terms = drafts->words[i].terms;
        words[i].term_count = drafts->words[i].count;
        if (!split)
            continue;
        made.words = &words[i];
        made.word_count = 1;
        made.text = drafts->words[i].text;
        status = add_clause(finder, &made);
    }
    if (split)
        return status;
    made.words = words;
    made.word_count = drafts->count;
    if (made.word_count > 1)
        made.near = clause->near;
    return add_clause(finder, &made);
}

static enum lede_status find_clause(struct finder *finder, const struct clause *clause)
{
    struct drafts drafts = {0};
    enum lede_status status = analyse_in_languages(finder, clause, &drafts);

    if (status != LEDE_OK)
        return status;
    if (drafts.count == 0)
        return notes_add(finder->notes, clause->text, clause->column,
                         "nothing to search for, ignored", finder->err);
    finder->words += drafts.count;
    status = complete_words(finder, clause, &drafts);
    if (status == LEDE_OK && clause->kind == CLAUSE_PHRASE && drafts.count > 1 &&
        !finder->index->positions)
        status =
            notes_add(finder->notes, clause->text, clause->column,
                      "the index has no positions; the words are searched anywhere", finder->err);
    return status == LEDE_OK ? add_words(finder, clause, &drafts) : status;
}

enum lede_status terms_find(struct lede_index *index, struct analyzer *analyzer,
                            const struct clause_list *parsed, const struct terms_options *options,
                            struct arena *arena, struct notes *notes, struct query_clauses *out,
                            struct lede_error *err)
{
    struct finder finder = {.index = index,
                            .analyzer = analyzer,
                            .options = options,
                            .arena = arena,
                            .notes = notes,
                            .out = out,
                            .err = err};
    enum lede_status status = LEDE_OK;

    out->count = 0;
    out->clauses = NULL;
    for (size_t i = 0; status == LEDE_OK && i < parsed->count; i++)
        status = find_clause(&finder, &parsed->clauses[i]);
    return status;
}
