/* How many matches have each value of a keyword field. The matches are gathered as bits; then the
 * field's terms of all segments are walked side by side, in order, and of each term's lists those
 * blocks are read where there is a match. So memory is a bit or two a document, and the best
 * values, however many there are. */
#include <stdlib.h>

#include "base/lede_bytes.h"
#include "evaluate.h"
#include "results.h"
#include "text/keyword.h"
#include "window.h"

struct facet {
    struct lede_facet public; /* first, so that the one is the other */
    struct arena arena;
};

/* A segment with matches. */
struct source {
    struct segment *segment;
    uint32_t number;
    uint64_t *matched; /* bits by document */
    uint64_t *without; /* these, but for those that have a value */
    size_t words;      /* of both */
    struct dictionary_cursor cursor;
    struct slice term; /* the next one, without its field byte; data NULL: there is none */
    struct term_info info;
};

struct candidate {
    uint64_t articles;
    uint32_t segment; /* of its first match, */
    doc_id document;  /* and that */
    size_t size;
    uint8_t term[TERM_MAX];
};

struct counting {
    struct match_visitor visitor; /* first, so that the one is the other */
    struct lede_index *index;
    uint8_t field;
    struct source *sources;
    size_t source_count;
    struct candidate *best; /* the most frequent ones, in order */
    size_t count, limit;
    struct facet *out;
};

/* ---- the matches ---- */

static enum lede_status add_source(struct counting *counting, uint32_t number,
                                   struct lede_error *err)
{
    struct source *source = &counting->sources[counting->source_count];
    struct segment *segment = counting->index->segments[number].segment;
    size_t words = (size_t)segment_window_count(segment) * WINDOW_WORDS;

    *source = (struct source){.segment = segment, .number = number, .words = words};
    counting->source_count++;
    source->matched = calloc(words, sizeof *source->matched);
    source->without = calloc(words, sizeof *source->without);
    return source->matched && source->without ? LEDE_OK : error_no_memory(err);
}

static enum lede_status visit(struct match_visitor *visitor, const struct match_window *window,
                              struct lede_error *err)
{
    struct counting *counting = (struct counting *)visitor;
    size_t count = counting->source_count, at = window->base / 64;
    struct source *source;

    if (count == 0 || counting->sources[count - 1].number != window->number) {
        enum lede_status status = add_source(counting, window->number, err);

        if (status != LEDE_OK)
            return status;
    }
    source = &counting->sources[counting->source_count - 1];
    memcpy(source->matched + at, window->bits, WINDOW_WORDS * sizeof *window->bits);
    memcpy(source->without + at, window->bits, WINDOW_WORDS * sizeof *window->bits);
    return LEDE_OK;
}

/* The first match from a document on; DOC_END: there is none. */
static doc_id next_match(const struct source *source, doc_id from)
{
    size_t word = from / 64;
    uint64_t left;

    if (word >= source->words)
        return DOC_END;
    left = source->matched[word] & UINT64_MAX << from % 64;
    while (left == 0)
        if (++word == source->words)
            return DOC_END;
        else
            left = source->matched[word];
    return (doc_id)(64 * word) + (doc_id)__builtin_ctzll(left);
}

/* ---- a term's lists ---- */

static void count_block(struct source *source, struct posting_cursor *cursor,
                        struct candidate *value)
{
    const uint32_t *documents = posting_cursor_documents(cursor);

    for (uint32_t i = 0; documents && i < cursor->count; i++) {
        uint32_t word = documents[i] / 64;
        uint64_t bit = UINT64_C(1) << documents[i] % 64;

        if (!(source->matched[word] & bit))
            continue;
        if (value->articles++ == 0) {
            value->segment = source->number;
            value->document = documents[i];
        }
        source->without[word] &= ~bit;
    }
}

static enum lede_status count_list(struct source *source, struct candidate *value,
                                   struct lede_error *err)
{
    struct posting_cursor cursor;
    doc_id match = 0, last;

    posting_cursor_init(&cursor, &source->segment->postings, &source->info);
    while ((match = next_match(source, match)) != DOC_END &&
           (last = posting_cursor_seek(&cursor, match)) != DOC_END) {
        count_block(source, &cursor, value);
        match = last + 1;
    }
    return cursor.status == LEDE_OK ? LEDE_OK
                                    : error_set(err, cursor.status, "%s", cursor.error.text);
}

/* ---- the best values ---- */

/* Values come in order: of those of as many articles the first ones are kept, and stay in front. */
static void keep(struct counting *counting, const struct candidate *value)
{
    size_t at = counting->count;

    if (at == counting->limit) {
        if (at == 0 || counting->best[at - 1].articles >= value->articles)
            return;
        at--;
    } else {
        counting->count++;
    }
    for (; at > 0 && counting->best[at - 1].articles < value->articles; at--)
        counting->best[at] = counting->best[at - 1];
    counting->best[at] = *value;
}

/* ---- the terms of all segments ---- */

static enum lede_status advance(const struct counting *counting, struct source *source,
                                struct lede_error *err)
{
    uint8_t field = opened_field(counting->index, source->number, counting->field);
    struct slice term;
    enum lede_status status = dictionary_cursor_next(&source->cursor, &term, &source->info, err);

    source->term = slice_of(NULL, 0);
    if (status == LEDE_OK && term.data[0] == field)
        source->term = slice_of(term.data + 1, term.size - 1);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static enum lede_status begin(const struct counting *counting, struct source *source,
                              struct lede_error *err)
{
    uint8_t field = opened_field(counting->index, source->number, counting->field);
    enum lede_status status;

    source->term = slice_of(NULL, 0);
    if (field == FIELD_END)
        return LEDE_OK;
    status = dictionary_cursor_seek(&source->cursor, &source->segment->snapshot->pages,
                                    source->segment->info->number, slice_of(&field, 1), err);
    return status == LEDE_OK ? advance(counting, source, err) : status;
}

/* Copies the least of the next terms. False: there is none. */
static bool find_least(const struct counting *counting, struct candidate *value)
{
    struct slice least = slice_of(NULL, 0);

    for (size_t i = 0; i < counting->source_count; i++) {
        struct slice term = counting->sources[i].term;

        if (term.data && (!least.data || slice_compare(term, least) < 0))
            least = term;
    }
    *value = (struct candidate){.size = least.size};
    if (least.size)
        memcpy(value->term, least.data, least.size);
    return least.data != NULL;
}

static enum lede_status count_value(struct counting *counting, struct candidate *value,
                                    struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < counting->source_count; i++) {
        struct source *source = &counting->sources[i];

        if (!source->term.data || !slice_equal(source->term, slice_of(value->term, value->size)))
            continue;
        status = count_list(source, value, err);
        if (status == LEDE_OK)
            status = advance(counting, source, err);
    }
    if (status == LEDE_OK && value->articles > 0) {
        counting->out->public.distinct++;
        keep(counting, value);
    }
    return status;
}

static void count_without(struct counting *counting, const struct source *source)
{
    struct lede_facet *out = &counting->out->public;
    uint64_t articles = 0;

    for (size_t word = 0; word < source->words; word++)
        articles += bits_in(source->without[word]);
    out->without += articles;
    if (opened_lacks(counting->index, source->number, counting->field))
        out->lacking += articles;
}

static enum lede_status count_values(struct counting *counting, struct lede_error *err)
{
    struct candidate value;
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < counting->source_count; i++)
        status = begin(counting, &counting->sources[i], err);
    while (status == LEDE_OK && find_least(counting, &value))
        status = count_value(counting, &value, err);
    for (size_t i = 0; i < counting->source_count; i++)
        count_without(counting, &counting->sources[i]);
    return status;
}

/* ---- values as they are written ---- */

/* The value of the metadatum that the term was made of, its blanks folded; the term, if it is made
 * of something else. */
static struct slice written(const struct lede_article *article, struct slice name,
                            struct slice term, struct arena *arena)
{
    enum keyword_kind kind = keyword_kind_of(name);
    struct keyword_values values;
    struct keyword_term folded;
    struct slice value;

    for (size_t i = 0; kind != KEYWORD_LANGUAGE && i < article->metadata_count; i++) {
        if (!keyword_name_equal(name, slice_from(article->metadata[i].name)))
            continue;
        keyword_values_init(&values, slice_from(article->metadata[i].value));
        while (keyword_values_next(&values, &value))
            if (keyword_fold(kind, value, &folded) == KEYWORD_MADE &&
                slice_equal(slice_of(folded.bytes, folded.size), term) &&
                !(kind == KEYWORD_SITE && keyword_host(value, &value)))
                return slice_of(arena_copy(arena, value.data, value.size), value.size);
    }
    return slice_of(arena_copy(arena, term.data, term.size), term.size);
}

static enum lede_status put_value(const struct counting *counting, struct slice name,
                                  const struct candidate *from, struct lede_facet_value *value,
                                  struct lede_error *err)
{
    const struct opened_segment *opened = &counting->index->segments[from->segment];
    struct lede_hit hit = {
        .index = opened->index, .segment = opened->place, .document = from->document};
    struct lede_stored *stored;
    struct slice text;
    enum lede_status status = lede_stored_head(counting->index, &hit, &stored, err);

    if (status != LEDE_OK)
        return status;
    text = written(lede_stored_article(stored), name, slice_of(from->term, from->size),
                   &counting->out->arena);
    lede_stored_free(stored);
    if (!text.data)
        return error_no_memory(err);
    value->value = bytes_of(slice_trim(text));
    value->articles = from->articles;
    return LEDE_OK;
}

static enum lede_status put_values(struct counting *counting, struct slice name,
                                   struct lede_error *err)
{
    struct lede_facet *out = &counting->out->public;
    struct lede_facet_value *values =
        arena_calloc(&counting->out->arena, counting->count + 1, sizeof *values);
    enum lede_status status = LEDE_OK;

    if (!values)
        return error_no_memory(err);
    out->values = values;
    for (; status == LEDE_OK && out->count < counting->count; out->count++)
        status = put_value(counting, name, &counting->best[out->count], &values[out->count], err);
    return status;
}

/* ---- the whole ---- */

static enum lede_status find_field(const struct lede_index *index, struct slice name,
                                   uint8_t *field, struct slice *found, struct lede_error *err)
{
    struct slice names = buffer_bytes(&index->keywords);
    size_t place = keyword_names_find(names, name);
    int shown = (int)(name.size < KEYWORD_NAME_MAX ? name.size : KEYWORD_NAME_MAX);

    if (place == KEYWORDS_MAX)
        return error_set(err, LEDE_INVALID,
                         "\"%.*s\" is no keyword field; lede-index stats lists them", shown,
                         (const char *)name.data);
    *field = (uint8_t)(FIELD_KEYWORD + place);
    for (size_t i = 0; i <= place; i++)
        (void)keyword_names_next(&names, found);
    return LEDE_OK;
}

static enum lede_status count_matches(const struct plan *plan, struct counting *counting,
                                      struct lede_error *err)
{
    uint64_t total = 0;

    counting->visitor.visit = visit;
    counting->sources = calloc(counting->index->segment_count + 1, sizeof *counting->sources);
    counting->best = calloc(counting->limit + 1, sizeof *counting->best);
    if (!counting->sources || !counting->best) {
        (void)error_no_memory(err);
        return LEDE_NO_MEMORY;
    }
    return evaluate_matches(plan, &counting->visitor, &total, err);
}

static void counting_done(struct counting *counting)
{
    for (size_t i = 0; i < counting->source_count; i++) {
        free(counting->sources[i].matched);
        free(counting->sources[i].without);
    }
    free(counting->sources);
    free(counting->best);
}

enum lede_status lede_facet(const struct lede_results *results, struct lede_bytes name,
                            size_t limit, struct lede_facet **facet, struct lede_error *err)
{
    struct counting counting = {.index = results->index,
                                .limit = limit < LEDE_FACET_MAX ? limit : LEDE_FACET_MAX};
    struct slice found = {NULL, 0};
    enum lede_status status =
        find_field(results->index, slice_from(name), &counting.field, &found, err);

    if (status != LEDE_OK)
        return status;
    counting.out = calloc(1, sizeof *counting.out);
    if (!counting.out)
        return error_no_memory(err);
    arena_init(&counting.out->arena, 0, NULL);
    status = count_matches(&results->plan, &counting, err);
    if (status == LEDE_OK)
        status = count_values(&counting, err);
    if (status == LEDE_OK)
        status = put_values(&counting, found, err);
    counting_done(&counting);
    if (status != LEDE_OK) {
        lede_facet_free(&counting.out->public);
        return status;
    }
    *facet = &counting.out->public;
    return LEDE_OK;
}

void lede_facet_free(struct lede_facet *public)
{
    struct facet *facet = (struct facet *)public;

    if (!facet)
        return;
    arena_done(&facet->arena);
    free(facet);
}
