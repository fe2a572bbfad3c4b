/* Articles like one: what it says more than others do is asked for, as a weighted union. */
#include <stdlib.h>

#include "base/array.h"
#include "base/lede_bytes.h"
#include "index/norm.h"
#include "results.h"

enum {
    TELLING_MAX = 25,        /* terms that are asked for */
    TEXT_LOOKED_AT = 1 << 20 /* bytes of a text: its beginning tells what it is about */
};

struct own_term {
    struct slice term, form; /* form: as its first occurrence is written; the arena's */
    uint32_t tf;
    uint64_t df;
    double worth; /* tf * idf */
};

struct likeness {
    struct lede_index *index;
    struct analyzer *analyzer;
    struct arena passing; /* for the article's terms */
    struct own_term *terms;
    size_t count, capacity;
    uint32_t length; /* of the article, in positions */
    struct lede_error *err;
};

/* ---- its terms ---- */

static enum lede_status add_token(struct likeness *likeness, struct slice text,
                                  const struct token *token)
{
    struct own_term *own;
    char *term = arena_copy(&likeness->passing, token->term.data, token->term.size);

    if (!term || (likeness->count == likeness->capacity &&
                  !array_grow((void **)&likeness->terms, &likeness->capacity,
                              sizeof *likeness->terms, NULL)))
        return error_no_memory(likeness->err);
    own = &likeness->terms[likeness->count++];
    *own = (struct own_term){.term = slice_of(term, token->term.size),
                             .form = slice_of(text.data + token->offset, token->size),
                             .tf = 1};
    return LEDE_OK;
}

/* Their forms stay those of the text. */
static enum lede_status add_tokens(struct likeness *likeness, struct lede_bytes bytes,
                                   language_id language)
{
    struct slice text = slice_from(bytes);
    enum lede_status status = LEDE_OK;
    struct token tokens[TOKEN_BATCH];
    size_t looked_at = 0, count;

    while (status == LEDE_OK && text.size > 0 && looked_at < TEXT_LOOKED_AT) {
        struct slice chunk = slice_of(text.data, analyzer_chunk(text));

        analyzer_start(likeness->analyzer, chunk, language, likeness->length);
        while (status == LEDE_OK &&
               (count = analyzer_next(likeness->analyzer, tokens, TOKEN_BATCH)) > 0)
            for (size_t i = 0; status == LEDE_OK && i < count; i++)
                status = add_token(likeness, chunk, &tokens[i]);
        if (status == LEDE_OK && analyzer_status(likeness->analyzer) != LEDE_OK)
            status = error_no_memory(likeness->err);
        likeness->length = analyzer_position(likeness->analyzer);
        looked_at += chunk.size;
        text = slice_of(text.data + chunk.size, text.size - chunk.size);
    }
    return status;
}

/* Equal terms in the order of the text. */
static int compare_terms(const void *a, const void *b)
{
    const struct own_term *left = a, *right = b;
    int order = slice_compare(left->term, right->term);

    return order ? order
                 : (left->form.data > right->form.data) - (left->form.data < right->form.data);
}

static void unite_terms(struct likeness *likeness)
{
    size_t kept = 0;

    if (likeness->count)
        qsort(likeness->terms, likeness->count, sizeof *likeness->terms, compare_terms);
    for (size_t i = 0; i < likeness->count; i++)
        if (kept > 0 && slice_equal(likeness->terms[kept - 1].term, likeness->terms[i].term))
            likeness->terms[kept - 1].tf++;
        else
            likeness->terms[kept++] = likeness->terms[i];
    likeness->count = kept;
}

/* ---- the most telling ones ---- */

static struct slice key_of(struct slice term, uint8_t bytes[KEY_TERM_MAX])
{
    bytes[0] = FIELD_TEXT;
    memcpy(bytes + 1, term.data, term.size); /* at most TERM_MAX: analyzer.h */
    return slice_of(bytes, term.size + 1);
}

static enum lede_status weigh(struct likeness *likeness, struct own_term *own)
{
    const struct lede_index *index = likeness->index;
    uint8_t bytes[KEY_TERM_MAX];

    for (uint32_t i = 0; i < index->segment_count; i++) {
        struct term_info info;
        enum lede_status status = segment_find(index->segments[i].segment, key_of(own->term, bytes),
                                               &info, likeness->err);

        if (status == LEDE_OK)
            own->df += info.df;
        else if (status != LEDE_MISSING)
            return status;
    }
    if (own->df > 1) /* else it is the article's alone */
        own->worth = own->tf * bm25_idf(index->articles, own->df);
    return LEDE_OK;
}

static int compare_worth(const void *a, const void *b)
{
    const struct own_term *left = a, *right = b;

    if (left->worth > right->worth || left->worth < right->worth)
        return left->worth > right->worth ? -1 : 1;
    return slice_compare(left->term, right->term);
}

static enum lede_status choose_terms(struct likeness *likeness)
{
    enum lede_status status = LEDE_OK;
    size_t kept = 0;

    unite_terms(likeness);
    for (size_t i = 0; status == LEDE_OK && i < likeness->count; i++)
        status = weigh(likeness, &likeness->terms[i]);
    if (status != LEDE_OK || likeness->count == 0)
        return status;
    qsort(likeness->terms, likeness->count, sizeof *likeness->terms, compare_worth);
    while (kept < likeness->count && kept < TELLING_MAX && likeness->terms[kept].worth > 0)
        kept++;
    likeness->count = kept;
    return LEDE_OK;
}

/* ---- the query ---- */

/* Occurrences count in the article as they do in those that are found. */
static double boost_of(const struct likeness *likeness, const struct own_term *own)
{
    double k = likeness->index->bm25.model.k[norm_encode(likeness->length)];

    return own->tf / (own->tf + k);
}

static bool make_clause(const struct likeness *likeness, const struct own_term *own,
                        struct arena *arena, struct query_clause *out)
{
    struct query_word *word = arena_calloc(arena, 1, sizeof *word);
    struct query_term *term = arena_calloc(arena, 1, sizeof *term);
    uint8_t bytes[KEY_TERM_MAX];
    struct slice key = key_of(own->term, bytes);
    char *text = arena_copy(arena, own->form.data, own->form.size),
         *copy = arena_copy(arena, key.data, key.size);

    if (!word || !term || !text || !copy)
        return false;
    term->key = slice_of(copy, key.size);
    *word =
        (struct query_word){.text = slice_of(text, own->form.size), .terms = term, .term_count = 1};
    *out = (struct query_clause){.occur = OCCUR_OPTIONAL,
                                 .text = word->text,
                                 .words = word,
                                 .word_count = 1,
                                 .near = NEAR_NOT,
                                 .repeats = 1,
                                 .boost = boost_of(likeness, own)};
    return true;
}

static enum lede_status make_query(const struct likeness *likeness, struct arena *arena,
                                   struct query_clauses *out)
{
    out->count = likeness->count;
    out->clauses = arena_calloc(arena, likeness->count, sizeof *out->clauses);
    if (!out->clauses)
        return error_no_memory(likeness->err);
    for (size_t i = 0; i < likeness->count; i++)
        if (!make_clause(likeness, &likeness->terms[i], arena, &out->clauses[i]))
            return error_no_memory(likeness->err);
    return LEDE_OK;
}

static enum lede_status find_query(struct lede_index *index, const struct lede_article *article,
                                   struct arena *arena, struct query_clauses *out,
                                   struct lede_error *err)
{
    struct likeness likeness = {.index = index, .err = err};
    struct slice name = slice_from(article->language);
    language_id language;
    enum lede_status status = opened_take_analyzer(index, &likeness.analyzer, err);

    if (!language_find(name, &language))
        language = index->default_language;
    arena_init(&likeness.passing, 0, NULL);
    if (status == LEDE_OK)
        status = add_tokens(&likeness, article->title, language);
    if (status == LEDE_OK)
        status = add_tokens(&likeness, article->text, language);
    if (status == LEDE_OK)
        status = choose_terms(&likeness);
    if (status == LEDE_OK)
        status = make_query(&likeness, arena, out);
    arena_done(&likeness.passing);
    array_free(likeness.terms, likeness.capacity, sizeof *likeness.terms, NULL);
    opened_give_analyzer(index, likeness.analyzer);
    return status;
}

/* ---- the answer ---- */

/* Takes the article itself from the hits, and what the options pass over. */
static void leave_out(struct lede_results *results, const struct lede_hit *self, size_t offset,
                      size_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < results->count; i++) {
        const struct lede_hit *hit = &results->hits[i];

        if (hit->index != self->index || hit->segment != self->segment ||
            hit->document != self->document)
            results->hits[kept++] = *hit;
    }
    offset = offset < kept ? offset : kept;
    results->hits += offset;
    results->count = kept - offset < limit ? kept - offset : limit;
    results->total -= results->total > 0;
}

static enum lede_status find_alike(struct lede_index *index, const struct lede_stored *self,
                                   const struct lede_search_options *options,
                                   struct lede_results *results, struct lede_error *err)
{
    struct lede_search_options more = *options;
    size_t limit = options->limit ? options->limit : LIMIT_DEFAULT;
    struct lede_hit hit = lede_stored_hit(self);
    struct query_clauses query;
    enum lede_status status =
        find_query(index, lede_stored_article(self), &results->arena, &query, err);

    if (__builtin_add_overflow(limit, options->offset, &more.limit) || ++more.limit == 0)
        more.limit = SIZE_MAX;
    more.offset = 0;
    if (status == LEDE_OK)
        status = results_plan(results, options, &query, err);
    if (status == LEDE_OK)
        status = results_run(results, &more, err);
    if (status == LEDE_OK)
        leave_out(results, &hit, options->offset, limit);
    return status;
}

enum lede_status lede_similar(struct lede_index *index, struct lede_bytes id,
                              const struct lede_search_options *options, struct lede_results **out,
                              struct lede_error *err)
{
    static const struct lede_search_options DEFAULTS;
    struct lede_results *results = NULL;
    struct lede_stored *self;
    enum lede_status status = lede_stored_find(index, id, &self, err);

    if (status != LEDE_OK)
        return status;
    if (!lede_stored_text_kept(self))
        status = error_set(err, LEDE_INVALID,
                           "the article's text is not kept (--no-store), so that nothing is known "
                           "that could be like it");
    if (status == LEDE_OK)
        status = results_new(index, false, &results, err);
    if (status == LEDE_OK)
        status = find_alike(index, self, options ? options : &DEFAULTS, results, err);
    lede_stored_free(self);
    if (status != LEDE_OK) {
        lede_results_free(results);
        return status;
    }
    *out = results;
    return LEDE_OK;
}
