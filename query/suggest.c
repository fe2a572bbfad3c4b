#include "suggest.h"

#include <stdlib.h>

#include "expansion.h"
#include "form.h"
#include "plan.h"
#include "respelling.h"

enum {
    NEAR_ENOUGH = 64,       /* terms that are as near are compared by frequency */
    SHORT_WORD = 3,         /* characters: in less, one edit makes another word */
    LONG_WORD = 6,          /* from here on two edits leave it recognisable */
    ARTICLES_LOOKED_AT = 64 /* for how a term is written */
};

/* ---- the nearest term ---- */

struct nearest {
    struct query_term term; /* df 0: none yet */
    unsigned edits;
};

static size_t count_characters(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

/* How far a word may be from what it was meant to be. Numbers are near to each other and mean
 * nothing of the sort; patterns match what they match. */
static unsigned edits_allowed(struct slice text)
{
    size_t characters = count_characters(text);

    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] && strchr("0123456789*?", text.data[i]))
            return 0;
    return characters < SHORT_WORD ? 0 : characters < LONG_WORD ? 1 : 2;
}

static bool is_better(const struct query_term *term, unsigned edits, const struct nearest *nearest)
{
    if (nearest->term.df == 0 || edits != nearest->edits)
        return nearest->term.df == 0 || edits < nearest->edits;
    if (term->df != nearest->term.df)
        return term->df > nearest->term.df;
    return slice_compare(term->key, nearest->term.key) < 0;
}

static enum lede_status look_near(struct lede_index *index, struct slice key, unsigned edits,
                                  struct arena *arena, struct nearest *nearest,
                                  struct lede_error *err)
{
    struct expansion found;
    struct pattern pattern;
    enum lede_status status;

    if (!pattern_fuzzy(&pattern, slice_of(key.data + 1, key.size - 1), edits))
        return LEDE_OK;
    status = expansion_find(index, &pattern, (enum field)key.data[0], slice_of(NULL, 0),
                            NEAR_ENOUGH, arena, &found, err);
    for (size_t i = 0; status == LEDE_OK && i < found.count; i++) {
        struct query_term term = {.key = found.terms[i].key};

        status = plan_look_up(index, &term, arena, err);
        if (status == LEDE_OK && is_better(&term, found.terms[i].edits, nearest))
            *nearest = (struct nearest){term, found.terms[i].edits};
    }
    return status;
}

/* ---- what the word is by one edit ---- */

struct spellings {
    struct lede_index *index;
    struct analyzer *analyzer;
    enum field field;
    struct slice lines; /* a spelling each */
    struct arena *arena;
    struct nearest *nearest;
    struct lede_error *err;
};

static bool is_whole_line(struct slice lines, const struct token *token)
{
    size_t end = token->offset + token->size;

    return (token->offset == 0 || lines.data[token->offset - 1] == '\n') && end < lines.size &&
           lines.data[end] == '\n';
}

/* Most spellings are no words: their terms are copied only if a segment has them. */
static enum lede_status look_up_spelling(struct spellings *spellings, struct slice term)
{
    uint8_t bytes[KEY_TERM_MAX] = {(uint8_t)spellings->field};
    struct query_term found = {.key = slice_of(bytes, term.size + 1)};
    enum lede_status status = LEDE_MISSING;
    struct term_info info;
    char *copy;

    memcpy(bytes + 1, term.data, term.size); /* at most TERM_MAX: analyzer.h */
    for (uint32_t i = 0; status == LEDE_MISSING && i < spellings->index->segment_count; i++)
        status =
            segment_find(spellings->index->segments[i].segment, found.key, &info, spellings->err);
    if (status != LEDE_OK)
        return status == LEDE_MISSING ? LEDE_OK : status;
    copy = arena_copy(spellings->arena, found.key.data, found.key.size);
    if (!copy)
        return error_no_memory(spellings->err);
    found.key.data = (const uint8_t *)copy;
    status = plan_look_up(spellings->index, &found, spellings->arena, spellings->err);
    if (status == LEDE_OK && is_better(&found, 1, spellings->nearest))
        *spellings->nearest = (struct nearest){found, 1};
    return status;
}

static enum lede_status look_up_spellings(struct spellings *spellings, language_id language)
{
    struct token tokens[TOKEN_BATCH];
    enum lede_status status = LEDE_OK;
    size_t count;

    analyzer_start(spellings->analyzer, spellings->lines, language, 0);
    while (status == LEDE_OK &&
           (count = analyzer_next(spellings->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; status == LEDE_OK && i < count; i++)
            if (is_whole_line(spellings->lines, &tokens[i]))
                status = look_up_spelling(spellings, tokens[i].term);
    if (status == LEDE_OK && analyzer_status(spellings->analyzer) != LEDE_OK)
        status = error_no_memory(spellings->err);
    return status;
}

static enum lede_status respell(struct lede_index *index, struct analyzer *analyzer,
                                const struct query_word *word, enum field field,
                                struct arena *arena, struct nearest *nearest,
                                struct lede_error *err)
{
    struct spellings spellings = {.index = index,
                                  .analyzer = analyzer,
                                  .field = field,
                                  .arena = arena,
                                  .nearest = nearest,
                                  .err = err};
    enum lede_status status = LEDE_OK;
    struct buffer lines;

    buffer_init(&lines, NULL);
    respelling_put(word->text, &lines);
    spellings.lines = buffer_bytes(&lines);
    if (lines.failed)
        status = error_no_memory(err);
    for (size_t i = 0; status == LEDE_OK && i < index->language_count; i++)
        status = look_up_spellings(&spellings, index->languages[i]);
    buffer_done(&lines);
    return status;
}

/* ---- either ---- */

static bool is_plain(struct slice key)
{
    return key.data[0] == FIELD_TEXT || key.data[0] == FIELD_TITLE;
}

static enum lede_status find_nearest(struct lede_index *index, struct analyzer *analyzer,
                                     const struct query_word *word, struct arena *arena,
                                     struct nearest *nearest, struct lede_error *err)
{
    unsigned most = edits_allowed(word->text);
    enum lede_status status = LEDE_OK;

    *nearest = (struct nearest){.edits = 0};
    for (unsigned edits = 1; edits <= most && nearest->term.df == 0; edits++)
        for (size_t i = 0; status == LEDE_OK && i < word->term_count; i++) {
            struct slice key = word->terms[i].key;

            if (!is_plain(key))
                continue;
            status = look_near(index, key, edits, arena, nearest, err);
            if (status == LEDE_OK && edits == 1)
                status =
                    respell(index, analyzer, word, (enum field)key.data[0], arena, nearest, err);
        }
    return status;
}

enum lede_status suggest(struct lede_index *index, struct analyzer *analyzer,
                         const struct query_word *word, struct arena *arena, struct suggestion *out,
                         struct lede_error *err)
{
    struct nearest nearest;
    struct form_wanted wanted = {.word = word->text, .articles = ARTICLES_LOOKED_AT};
    enum lede_status status = find_nearest(index, analyzer, word, arena, &nearest, err);

    *out = (struct suggestion){.df = nearest.term.df};
    if (status != LEDE_OK || nearest.term.df == 0)
        return status;
    status = form_find(index, analyzer, &nearest.term, &wanted, arena, &out->text, err);
    if (status == LEDE_OK && out->text.size == 0)
        out->text = slice_of(nearest.term.key.data + 1, nearest.term.key.size - 1);
    return status;
}
