/* output_json.c -- answers for programs, as docs/lede-search.schema.json describes them:
 *
 *     {"version":1,"query":"octopus","total":3,"hits":[HIT,...]}
 *     HIT: {"rank":1,"score":3.0517,"id":"a.txt","title":"...","source":"/archive/a.txt",
 *           "offset":0,"size":512,"date":"2024-03-28",
 *           "date_source":"metadata","url":null,"language":"en",
 *           "metadata":{"section":"coast"},
 *           "snippets":[{"text":"...","offset":17,"highlights":[[4,7]]}]}
 *
 * One line a query. jsonl: one HIT a line, with "version", and "query" where there are several, in
 * front. A topic's id is "topic", in front of "query"; with --similar, "similar" is an id in its
 * place. total counts all articles that match. offset and size are bytes of the source; a snippet's
 * offset is bytes of the article's text, those of a highlight are bytes of the snippet's text in
 * UTF-8. What an article does not have is null. --collapse adds "copies" behind "metadata". Of
 * members of metadata that have the same name the values are an array. --explain adds
 * "explanation", and
 * --histogram, in json, {"histogram":{"bars":[{"date":"2023-07","articles":12}],"undated":2}};
 * --facet, in json, "facets", an object by the names of the fields (facets.h).
 *
 * Of an odd query json has what standard error is told: "notes":["\"(\" at column 14: ..."].
 *
 * Where nothing matches, and unless -q is given, json adds "advice", and jsonl is one line of it,
 * {"version":1,"total":0,"advice":ADVICE}, with "query" likewise:
 *
 *     ADVICE: {"missing":[{"word":"recieve","title":false,"suggestion":"receive","articles":37}],
 *              "query":"receive a letter","articles":12,
 *              "any":812,"apart":0,"included":0,
 *              "without":[{"text":"letter","title":false,"articles":4}],
 *              "oldest":null,"newest":null}
 *
 * as struct lede_advice (lede.h) has it; "suggestion", "query" and dates are null where there is
 * none.
 *
 * In the place of the answer to one of many queries that makes no sense stands what is wrong with
 * it: {"version":1,"query":"...","error":"..."}, in jsonl, too. */
#include "base/date.h"
#include "base/error.h"
#include "base/json.h"
#include "facets.h"
#include "output.h"
#include "view.h"

static void put_unsigned(struct buffer *out, bool *first, const char *name, uint64_t value)
{
    json_put_key(out, first, name);
    buffer_printf(out, "%llu", (unsigned long long)value);
}

static void put_real(struct buffer *out, bool *first, const char *name, double value)
{
    json_put_key(out, first, name);
    json_put_number(out, value);
}

static void put_bool(struct buffer *out, bool *first, const char *name, bool value)
{
    json_put_key(out, first, name);
    buffer_str(out, value ? "true" : "false");
}

static void put_string(struct buffer *out, bool *first, const char *name, struct slice text)
{
    json_put_key(out, first, name);
    json_put_string(out, text);
}

/* null if it is empty. */
static void put_optional(struct buffer *out, bool *first, const char *name, struct lede_bytes text)
{
    json_put_key(out, first, name);
    if (text.size > 0)
        json_put_string(out, slice_from(text));
    else
        buffer_str(out, "null");
}

static void put_element(struct buffer *out, bool *first)
{
    if (!*first)
        buffer_byte(out, ',');
    *first = false;
}

/* ---- parts of a hit ---- */

static void put_source(struct buffer *out, bool *first, const struct lede_article *article)
{
    put_optional(out, first, "source", article->source);
    if (article->source.size > 0 && article->source_size > 0) {
        put_unsigned(out, first, "offset", article->source_offset);
        put_unsigned(out, first, "size", article->source_size);
    } else {
        json_put_key(out, first, "offset");
        buffer_str(out, "null");
        json_put_key(out, first, "size");
        buffer_str(out, "null");
    }
}

/* null if there is none. */
static void put_date(struct buffer *out, bool *first, const char *name, struct lede_date date)
{
    char text[LEDE_DATE_TEXT];

    json_put_key(out, first, name);
    if (date.precision == LEDE_DATE_NONE) {
        buffer_str(out, "null");
        return;
    }
    lede_date_format(date, text);
    json_put_string(out, slice_str(text));
}

static void put_date_source(struct buffer *out, bool *first, const struct lede_article *article)
{
    json_put_key(out, first, "date_source");
    if (article->date.precision == LEDE_DATE_NONE)
        buffer_str(out, "null");
    else
        json_put_string(out, slice_str(date_source_name(article->date_source)));
}

/* The next place from `from` on with this name, or count. */
static size_t find_name(const struct lede_field *fields, size_t count, size_t from,
                        struct lede_bytes name)
{
    while (from < count && !slice_equal(slice_from(fields[from].name), slice_from(name)))
        from++;
    return from;
}

static void put_values(struct buffer *out, const struct lede_field *fields, size_t count,
                       size_t place)
{
    size_t next = find_name(fields, count, place + 1, fields[place].name);

    if (next == count) {
        json_put_string(out, slice_from(fields[place].value));
        return;
    }
    buffer_byte(out, '[');
    json_put_string(out, slice_from(fields[place].value));
    for (; next < count; next = find_name(fields, count, next + 1, fields[place].name)) {
        buffer_byte(out, ',');
        json_put_string(out, slice_from(fields[next].value));
    }
    buffer_byte(out, ']');
}

static void put_metadata(struct buffer *out, bool *first, const struct lede_article *article)
{
    bool inner = true;

    json_put_key(out, first, "metadata");
    buffer_byte(out, '{');
    for (size_t i = 0; i < article->metadata_count; i++) {
        struct lede_bytes name = article->metadata[i].name;

        if (find_name(article->metadata, i, 0, name) < i)
            continue; /* stands with the first of that name */
        put_element(out, &inner);
        json_put_string(out, slice_from(name));
        buffer_byte(out, ':');
        put_values(out, article->metadata, article->metadata_count, i);
    }
    buffer_byte(out, '}');
}

static void put_snippet(struct buffer *out, const struct passage *passage)
{
    bool first = true, inner = true;

    buffer_byte(out, '{');
    put_string(out, &first, "text", passage->line);
    put_unsigned(out, &first, "offset", passage->offset);
    json_put_key(out, &first, "highlights");
    buffer_byte(out, '[');
    for (size_t i = 0; i < passage->mark_count; i++) {
        put_element(out, &inner);
        buffer_printf(out, "[%zu,%zu]", passage->marks[i].offset, passage->marks[i].size);
    }
    buffer_str(out, "]}");
}

/* ---- explanations ---- */

static void put_terms(struct buffer *out, const struct lede_explained_clause *clause)
{
    bool outer = true;

    buffer_byte(out, '[');
    for (size_t i = 0; i < clause->term_count; i++) {
        const struct lede_explained_term *term = &clause->terms[i];
        bool first = true;

        put_element(out, &outer);
        buffer_byte(out, '{');
        put_string(out, &first, "term", slice_from(term->term));
        put_bool(out, &first, "title", term->title);
        put_bool(out, &first, "variant", term->variant);
        put_unsigned(out, &first, "df", term->df);
        put_unsigned(out, &first, "tf", term->tf);
        buffer_byte(out, '}');
    }
    buffer_byte(out, ']');
}

static void put_clause(struct buffer *out, const struct lede_explained_clause *clause)
{
    bool first = true;

    buffer_byte(out, '{');
    put_string(out, &first, "text", slice_from(clause->text));
    put_bool(out, &first, "title", clause->title);
    put_bool(out, &first, "phrase", clause->phrase);
    put_bool(out, &first, "exact", clause->exact);
    put_bool(out, &first, "filter", clause->filter);
    if (clause->near >= 0)
        put_unsigned(out, &first, "near", (uint64_t)clause->near);
    put_bool(out, &first, "required", clause->required);
    put_bool(out, &first, "prohibited", clause->prohibited);
    put_unsigned(out, &first, "df", clause->df);
    put_real(out, &first, "idf", clause->idf);
    put_unsigned(out, &first, "depth", clause->depth);
    put_unsigned(out, &first, "repeats", clause->repeats);
    put_real(out, &first, "boost", clause->boost);
    put_real(out, &first, "weight", (double)clause->weight);
    put_unsigned(out, &first, "tf", clause->tf);
    put_real(out, &first, "contribution", clause->contribution);
    json_put_key(out, &first, "terms");
    put_terms(out, clause);
    buffer_byte(out, '}');
}

static void put_explanation(struct buffer *out, const struct lede_explanation *why)
{
    bool first = true, inner = true;

    buffer_byte(out, '{');
    put_real(out, &first, "score", why->score);
    put_unsigned(out, &first, "articles", why->articles);
    put_real(out, &first, "average", why->average);
    put_unsigned(out, &first, "length", why->length);
    put_real(out, &first, "k1", why->k1);
    put_real(out, &first, "b", why->b);
    put_real(out, &first, "k", why->k);
    put_real(out, &first, "recency", why->recency);
    json_put_key(out, &first, "clauses");
    buffer_byte(out, '[');
    for (size_t i = 0; i < why->clause_count; i++) {
        put_element(out, &inner);
        put_clause(out, &why->clauses[i]);
    }
    buffer_str(out, "]}");
}

/* ---- where nothing matches ---- */

static void put_missing(struct buffer *out, const struct lede_missing_word *missing)
{
    bool first = true;

    buffer_byte(out, '{');
    put_string(out, &first, "word", slice_from(missing->text));
    put_bool(out, &first, "title", missing->title);
    put_optional(out, &first, "suggestion", missing->suggestion);
    put_unsigned(out, &first, "articles", missing->articles);
    buffer_byte(out, '}');
}

static void put_left_out(struct buffer *out, const struct lede_left_out *left_out)
{
    bool first = true;

    buffer_byte(out, '{');
    put_string(out, &first, "text", slice_from(left_out->text));
    put_bool(out, &first, "title", left_out->title);
    put_unsigned(out, &first, "articles", left_out->articles);
    buffer_byte(out, '}');
}

static void put_advice(struct buffer *out, bool *outer, const struct lede_advice *advice)
{
    bool first = true, missing = true, without = true;

    json_put_key(out, outer, "advice");
    buffer_byte(out, '{');
    json_put_key(out, &first, "missing");
    buffer_byte(out, '[');
    for (size_t i = 0; i < advice->missing_count; i++) {
        put_element(out, &missing);
        put_missing(out, &advice->missing[i]);
    }
    buffer_byte(out, ']');
    put_optional(out, &first, "query", advice->query);
    put_unsigned(out, &first, "articles", advice->query_articles);
    put_unsigned(out, &first, "any", advice->any);
    put_unsigned(out, &first, "apart", advice->apart);
    put_unsigned(out, &first, "included", advice->included);
    json_put_key(out, &first, "without");
    buffer_byte(out, '[');
    for (size_t i = 0; i < advice->left_out_count; i++) {
        put_element(out, &without);
        put_left_out(out, &advice->left_out[i]);
    }
    buffer_byte(out, ']');
    put_date(out, &first, "oldest", advice->oldest);
    put_date(out, &first, "newest", advice->newest);
    buffer_byte(out, '}');
}

/* Nothing, if there is none. */
static void put_notes(struct buffer *out, bool *outer, const struct answer *answer)
{
    const char *note = answer_note(answer, 0);
    bool first = true;

    if (!note)
        return;
    json_put_key(out, outer, "notes");
    buffer_byte(out, '[');
    for (size_t i = 0; note; note = answer_note(answer, ++i)) {
        put_element(out, &first);
        json_put_string(out, slice_str(note));
    }
    buffer_byte(out, ']');
}

static void put_histogram(struct buffer *out, bool *outer, const struct lede_histogram *histogram)
{
    bool first = true, outside = true;

    json_put_key(out, outer, "histogram");
    buffer_byte(out, '{');
    json_put_key(out, &first, "bars");
    buffer_byte(out, '[');
    for (size_t i = 0; i < histogram->count; i++) {
        bool inner = true;

        put_element(out, &outside);
        buffer_byte(out, '{');
        put_date(out, &inner, "date", histogram->bars[i].date);
        put_unsigned(out, &inner, "articles", histogram->bars[i].articles);
        buffer_byte(out, '}');
    }
    buffer_byte(out, ']');
    put_unsigned(out, &first, "undated", histogram->undated);
    buffer_byte(out, '}');
}

/* ---- the answer ---- */

static void put_version(struct buffer *out, bool *first)
{
    put_unsigned(out, first, "version", 1);
}

static void put_question(struct buffer *out, bool *first, const struct answer *answer)
{
    if (answer->topic.size > 0)
        put_string(out, first, "topic", answer->topic);
    if (answer->options->similar)
        put_string(out, first, "similar", slice_str(answer->options->similar));
    else
        put_string(out, first, "query", answer->query);
}

static void put_view(struct buffer *out, bool *first, const struct view *view)
{
    bool inner = true;

    json_put_key(out, first, "rank");
    if (view->rank > 0)
        buffer_printf(out, "%zu", view->rank);
    else
        buffer_str(out, "null");
    put_real(out, first, "score", view->score);
    put_string(out, first, "id", view->id);
    put_string(out, first, "title", slice_from(view->article->title));
    put_source(out, first, view->article);
    put_date(out, first, "date", view->article->date);
    put_date_source(out, first, view->article);
    put_optional(out, first, "url", view->article->url);
    put_optional(out, first, "language", view->article->language);
    put_metadata(out, first, view->article);
    if (view->answer->options->search.collapse != LEDE_COLLAPSE_NONE)
        put_unsigned(out, first, "copies", view->copies);
    json_put_key(out, first, "snippets");
    buffer_byte(out, '[');
    for (size_t i = 0; i < view->passages.count; i++) {
        put_element(out, &inner);
        put_snippet(out, &view->passages.items[i]);
    }
    buffer_byte(out, ']');
    if (view->explanation) {
        json_put_key(out, first, "explanation");
        put_explanation(out, view->explanation);
    }
    buffer_byte(out, '}');
}

static enum lede_status put_views(struct output *out, const struct answer *answer, bool lines,
                                  struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    bool outer = true;
    struct view view;

    view_init(&view, answer);
    for (size_t place = 0; place < view_count(&view) && !out->closed; place++) {
        bool first = true;

        status = view_load(&view, place, false, err);
        if (status != LEDE_OK)
            break;
        if (!lines)
            put_element(&out->text, &outer);
        buffer_byte(&out->text, '{');
        if (lines)
            put_version(&out->text, &first);
        if (lines && answer->one_of_many)
            put_question(&out->text, &first, answer);
        put_view(&out->text, &first, &view);
        if (lines)
            buffer_byte(&out->text, '\n');
        status = output_flush_some(out, err);
        if (status != LEDE_OK)
            break;
    }
    view_done(&view);
    return status;
}

enum lede_status output_jsonl(struct output *out, const struct answer *answer,
                              struct lede_error *err)
{
    enum lede_status status = put_views(out, answer, true, err);
    bool first = true;

    if (status != LEDE_OK || !answer->advice)
        return status;
    buffer_byte(&out->text, '{');
    put_version(&out->text, &first);
    if (answer->one_of_many)
        put_question(&out->text, &first, answer);
    put_unsigned(&out->text, &first, "total", lede_results_total(answer->results));
    put_advice(&out->text, &first, answer->advice);
    buffer_str(&out->text, "}\n");
    return LEDE_OK;
}

enum lede_status output_json(struct output *out, const struct answer *answer,
                             struct lede_error *err)
{
    enum lede_status status;
    bool first = true;

    buffer_byte(&out->text, '{');
    put_version(&out->text, &first);
    put_question(&out->text, &first, answer);
    put_unsigned(&out->text, &first, "total", lede_results_total(answer->results));
    json_put_key(&out->text, &first, "hits");
    buffer_byte(&out->text, '[');
    status = put_views(out, answer, false, err);
    buffer_byte(&out->text, ']');
    if (answer->histogram)
        put_histogram(&out->text, &first, answer->histogram);
    if (answer->options->facet_count > 0) {
        json_put_key(&out->text, &first, "facets");
        facets_put_json(&out->text, answer);
    }
    put_notes(&out->text, &first, answer);
    if (answer->advice)
        put_advice(&out->text, &first, answer->advice);
    buffer_str(&out->text, "}\n");
    return status;
}

void output_json_refusal(struct output *out, const struct answer *answer, const char *why)
{
    bool first = true;

    buffer_byte(&out->text, '{');
    put_version(&out->text, &first);
    put_question(&out->text, &first, answer);
    put_string(&out->text, &first, "error", slice_str(why));
    buffer_str(&out->text, "}\n");
}
