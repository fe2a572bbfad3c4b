#include "form.h"

#include "base/lede_bytes.h"
#include "text/fold.h"

enum {
    FORMS_LOOKED_AT = 256,
    LIKE_ENOUGH = 1,    /* edits from a form that is taken at once */
    WORD_COMPARED = 128 /* bytes of a word that are compared */
};

struct forms {
    struct lede_index *index;
    struct analyzer *analyzer;
    const struct query_term *term;
    const struct form_wanted *wanted;
    struct folded word; /* wanted->word, folded */
    struct arena *arena;
    struct slice best; /* the arena's */
    size_t distance;   /* of best */
    size_t left;       /* that are still looked at */
    struct lede_error *err;
};

/* Edits between words, by bytes, which is near enough to choose among forms of a word. */
static size_t distance_between(struct slice a, struct slice b)
{
    size_t row[WORD_COMPARED + 1];

    a.size = a.size < WORD_COMPARED ? a.size : WORD_COMPARED;
    for (size_t i = 0; i <= a.size; i++)
        row[i] = i;
    for (size_t j = 0; j < b.size; j++) {
        size_t diagonal = row[0]++;

        for (size_t i = 0; i < a.size; i++) {
            size_t changed = diagonal + (a.data[i] != b.data[j]);
            size_t longer = (row[i] < row[i + 1] ? row[i] : row[i + 1]) + 1;

            diagonal = row[i + 1];
            row[i + 1] = changed < longer ? changed : longer;
        }
    }
    return row[a.size];
}

static bool fold_all(struct slice text, struct folded *out)
{
    struct folded folded;
    bool marked;

    if (fold_case(text, false, &folded) != FOLD_OK)
        return false;
    fold_marks(slice_of(folded.bytes, folded.size), 0, out, &marked);
    return true;
}

bool form_begins(struct slice word, struct slice beginning)
{
    struct folded whole, part;

    return fold_all(word, &whole) && fold_all(beginning, &part) &&
           slice_begins(slice_of(whole.bytes, whole.size), slice_of(part.bytes, part.size));
}

static enum lede_status compare_form(struct forms *forms, struct slice form)
{
    struct folded folded;
    size_t distance;
    char *copy;

    if (fold_case(form, false, &folded) != FOLD_OK)
        return LEDE_OK;
    forms->left--;
    if (forms->wanted->beginning && !form_begins(form, forms->wanted->word))
        return LEDE_OK;
    distance = forms->wanted->beginning
                   ? 0
                   : distance_between(slice_of(forms->word.bytes, forms->word.size),
                                      slice_of(folded.bytes, folded.size));
    if (forms->best.size > 0 && distance >= forms->distance)
        return LEDE_OK;
    copy = arena_copy(forms->arena, form.data, form.size);
    if (!copy)
        return error_no_memory(forms->err);
    forms->best = slice_of(copy, form.size);
    forms->distance = distance;
    if (distance <= LIKE_ENOUGH)
        forms->left = 0;
    return LEDE_OK;
}

static enum lede_status look_in_text(struct forms *forms, struct lede_bytes bytes,
                                     language_id language)
{
    struct slice term = slice_of(forms->term->key.data + 1, forms->term->key.size - 1);
    struct slice text = slice_from(bytes);
    struct token tokens[TOKEN_BATCH];
    enum lede_status status = LEDE_OK;
    size_t count;

    text.size = analyzer_chunk(text);
    analyzer_start(forms->analyzer, text, language, 0);
    while (forms->left > 0 && (count = analyzer_next(forms->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; status == LEDE_OK && i < count && forms->left > 0; i++)
            if (slice_equal(tokens[i].term, term))
                status =
                    compare_form(forms, slice_of(text.data + tokens[i].offset, tokens[i].size));
    if (status == LEDE_OK && analyzer_status(forms->analyzer) != LEDE_OK)
        status = error_no_memory(forms->err);
    return status;
}

static enum lede_status look_in_article(struct forms *forms, const struct lede_hit *hit)
{
    const struct lede_article *article;
    struct lede_stored *stored;
    language_id language;
    enum lede_status status = lede_stored_get(forms->index, hit, &stored, forms->err);

    if (status != LEDE_OK)
        return status;
    article = lede_stored_article(stored);
    if (!language_find(slice_from(article->language), &language))
        language = forms->index->default_language;
    status = look_in_text(forms, article->title, language);
    if (status == LEDE_OK && forms->term->key.data[0] == FIELD_TEXT)
        status = look_in_text(forms, article->text, language);
    lede_stored_free(stored);
    return status;
}

/* The first articles of the first segment that has the term. */
static enum lede_status look_in_articles(struct forms *forms)
{
    struct posting_cursor *cursor = arena_alloc(forms->arena, sizeof *cursor);
    const struct opened_segment *opened = forms->index->segments;
    const struct term_info *info = forms->term->infos;
    enum lede_status status = LEDE_OK;
    const uint32_t *documents;

    if (!cursor)
        return error_no_memory(forms->err);
    for (; info->df == 0; info++) /* some segment has it */
        opened++;
    posting_cursor_init(cursor, &opened->segment->postings, info);
    documents = posting_cursor_documents(cursor);
    if (!documents)
        return error_set(forms->err, cursor->status, "%s", cursor->error.text);
    for (uint32_t i = 0; status == LEDE_OK && i < cursor->count && i < forms->wanted->articles;
         i++) {
        if (forms->left == 0)
            break;
        status = look_in_article(forms, &(struct lede_hit){.index = opened->index,
                                                           .segment = opened->place,
                                                           .document = documents[i]});
    }
    return status;
}

enum lede_status form_find(struct lede_index *index, struct analyzer *analyzer,
                           const struct query_term *term, const struct form_wanted *wanted,
                           struct arena *arena, struct slice *form, struct lede_error *err)
{
    struct forms forms = {.index = index,
                          .analyzer = analyzer,
                          .term = term,
                          .wanted = wanted,
                          .arena = arena,
                          .left = FORMS_LOOKED_AT,
                          .err = err};
    enum lede_status status;

    if (fold_case(wanted->word, false, &forms.word) != FOLD_OK)
        forms.word.size = 0;
    status = look_in_articles(&forms);
    *form = forms.best;
    return status;
}
