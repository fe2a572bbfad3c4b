#include "complete.h"

#include <assert.h>
#include <stdlib.h>

#include "expansion.h"
#include "form.h"
#include "index/keyword_names.h"
#include "plan.h"
#include "text/fold.h"
#include "text/keyword.h"

enum {
    MOST = 64,
    SHORTEST_STEM = 3,     /* bytes: shorter terms are not what a longer word was made of */
    ARTICLES_LOOKED_AT = 4 /* for each word */
};

struct finder {
    struct lede_index *index;
    struct analyzer *analyzer;
    enum field field;
    struct slice beginning; /* folded */
    size_t most;
    struct arena *arena;
    struct completions *out;
    struct lede_error *err;
};

static bool is_there(const struct completions *found, struct slice word)
{
    for (size_t i = 0; i < found->count; i++)
        if (slice_equal(found->items[i].word, word))
            return true;
    return false;
}

static enum lede_status add(struct finder *finder, struct slice word, uint64_t df)
{
    struct completions *out = finder->out;
    char *copy;

    if (word.size == 0 || is_there(out, word) || out->count == 2 * MOST)
        return LEDE_OK;
    copy = arena_copy(finder->arena, word.data, word.size);
    if (!copy)
        return error_no_memory(finder->err);
    out->items[out->count++] = (struct completion){slice_of(copy, word.size), df};
    return LEDE_OK;
}

/* The word of a term; whole: where no article shows one, the term stands for itself. */
static enum lede_status add_form(struct finder *finder, const struct query_term *term, bool whole)
{
    struct form_wanted wanted = {finder->beginning, true, ARTICLES_LOOKED_AT};
    struct slice form, stem = slice_of(term->key.data + 1, term->key.size - 1);
    struct folded folded;
    enum lede_status status = form_find(finder->index, finder->analyzer, term, &wanted,
                                        finder->arena, &form, finder->err);

    if (status != LEDE_OK)
        return status;
    if (form.size > 0 && fold_case(form, false, &folded) == FOLD_OK)
        return add(finder, slice_of(folded.bytes, folded.size), term->df);
    return whole ? add(finder, stem, term->df) : LEDE_OK;
}

static enum lede_status add_term(struct finder *finder, struct slice key, bool whole)
{
    struct query_term term = {.key = key};
    enum lede_status status = plan_look_up(finder->index, &term, finder->arena, finder->err);

    if (status != LEDE_OK || term.df == 0)
        return status;
    if (field_is_keyword((uint8_t)finder->field))
        return add(finder, slice_of(key.data + 1, key.size - 1), term.df);
    return add_form(finder, &term, whole);
}

/* The most frequent of those that begin so. */
static enum lede_status add_longer(struct finder *finder)
{
    uint8_t text[FOLD_MAX + 1];
    struct expansion found;
    struct pattern pattern;
    enum lede_status status;

    memcpy(text, finder->beginning.data, finder->beginning.size);
    text[finder->beginning.size] = '*';
    if (!pattern_wildcard(&pattern, slice_of(text, finder->beginning.size + 1)))
        return LEDE_OK;
    status = expansion_find(finder->index, &pattern, finder->field, finder->beginning, finder->most,
                            finder->arena, &found, finder->err);
    for (size_t i = 0; status == LEDE_OK && i < found.count; i++)
        status = add_term(finder, found.terms[i].key, true);
    return status;
}

/* The term of what was typed, if that is a word by now: economy is economi. */
static enum lede_status add_own(struct finder *finder, struct slice typed)
{
    struct token tokens[TOKEN_BATCH];
    enum lede_status status;
    size_t count;
    uint8_t *key;

    analyzer_start(finder->analyzer, typed, finder->index->languages[0], 0);
    count = analyzer_next(finder->analyzer, tokens, TOKEN_BATCH);
    status = analyzer_status(finder->analyzer);
    if (status != LEDE_OK || count != 1 || tokens[0].term.size == 0)
        return status == LEDE_OK ? LEDE_OK : error_no_memory(finder->err);
    key = arena_alloc(finder->arena, tokens[0].term.size + 1);
    if (!key)
        return error_no_memory(finder->err);
    key[0] = (uint8_t)finder->field;
    memcpy(key + 1, tokens[0].term.data, tokens[0].term.size);
    return add_term(finder, slice_of(key, tokens[0].term.size + 1), false);
}

/* Terms that are a part of what was typed: its stem may be. */
static enum lede_status add_stems(struct finder *finder)
{
    enum lede_status status = LEDE_OK;
    struct slice typed = finder->beginning;
    uint8_t *key = arena_alloc(finder->arena, typed.size + 1);

    if (!key)
        return error_no_memory(finder->err);
    key[0] = (uint8_t)finder->field;
    memcpy(key + 1, typed.data, typed.size);
    for (size_t size = typed.size - 1; status == LEDE_OK && size >= SHORTEST_STEM; size--)
        if (size < KEY_TERM_MAX && (typed.data[size] & 0xc0) != 0x80)
            status = add_term(finder, slice_of(key, size + 1), false);
    return status;
}

static int compare(const void *a, const void *b)
{
    const struct completion *one = a, *other = b;

    if (one->df != other->df)
        return one->df > other->df ? -1 : 1;
    return slice_compare(one->word, other->word);
}

static enum lede_status find(struct finder *finder, struct slice typed)
{
    struct completions *out = finder->out;
    enum lede_status status;

    out->items = arena_alloc(finder->arena, 2 * MOST * sizeof *out->items);
    if (!out->items)
        return error_no_memory(finder->err);
    status = add_longer(finder);
    if (status == LEDE_OK && !field_is_keyword((uint8_t)finder->field)) {
        status = add_stems(finder);
        if (status == LEDE_OK)
            status = add_own(finder, typed);
    }
    if (status == LEDE_OK && out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, compare);
    if (out->count > finder->most)
        out->count = finder->most;
    return status;
}

/* A pattern's signs are no part of a word. */
static bool is_word(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < 0x80 && strchr("*?~^()\"", text.data[i]))
            return false;
    return true;
}

/* As the terms of the field are folded. False: there is nothing that could begin one. */
static bool fold_beginning(enum field field, struct slice beginning, struct folded *out)
{
    struct keyword_term value;
    struct folded cased;
    bool marked;

    if (field_is_keyword((uint8_t)field)) {
        enum keyword_result made = keyword_fold(KEYWORD_PLAIN, beginning, &value);

        out->size = made == KEYWORD_MADE ? value.size : 0;
        memcpy(out->bytes, value.bytes, out->size);
        return made == KEYWORD_MADE || made == KEYWORD_NOTHING;
    }
    if (fold_case(beginning, false, &cased) != FOLD_OK || cased.size == 0)
        return false;
    fold_marks(slice_of(cased.bytes, cased.size), NULL, out, &marked);
    return true;
}

enum lede_status complete_find(struct lede_index *index, enum field field, struct slice beginning,
                               size_t most, struct arena *arena, struct completions *out,
                               struct lede_error *err)
{
    struct finder finder = {.index = index,
                            .field = field,
                            .most = most < MOST ? most : MOST,
                            .arena = arena,
                            .out = out,
                            .err = err};
    enum lede_status status;
    struct folded folded;

    assert(most > 0);
    *out = (struct completions){.count = 0};
    if (!is_word(beginning) || !fold_beginning(field, beginning, &folded))
        return LEDE_OK;
    finder.beginning = slice_of(folded.bytes, folded.size);
    status = opened_take_analyzer(index, &finder.analyzer, err);
    if (status == LEDE_OK)
        status = find(&finder, beginning);
    opened_give_analyzer(index, finder.analyzer);
    return status;
}
