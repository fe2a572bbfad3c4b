#include <stdlib.h>

#include "base/lede_bytes.h"
#include "kernels.h"
#include "matcher.h"
#include "results.h"

struct explaining {
    const struct plan *plan;
    uint32_t number; /* of the segment */
    struct segment *segment;
    doc_id document;
    uint32_t place; /* of the document in the window */
    struct window window;
    struct arena *arena;                   /* the explanation's */
    struct arena *passing;                 /* of the matchers */
    struct lede_explained_clause *clauses; /* count so far */
    size_t count;
    unsigned depth; /* groups around */
    bool outside;   /* one of these does not match: nothing in it counts */
    uint32_t tfs[WINDOW_DOCS], scratch[WINDOW_DOCS];
    double sums[SUMS_ROOM];
};

/* The public struct comes first, so that the one is the other. */
struct explanation {
    struct lede_explanation public;
    struct arena arena;
};

/* ---- one clause ---- */

/* The frequency of a term in the document; 0 if it is not there. */
static enum lede_status term_frequency(const struct explaining *at, const struct term_info *info,
                                       uint32_t *tf, struct lede_error *err)
{
    struct posting_cursor *cursor = arena_alloc(at->passing, sizeof *cursor);
    const uint32_t *documents, *frequencies;

    *tf = 0;
    if (!cursor)
        return error_no_memory(err);
    posting_cursor_init(cursor, &at->segment->postings, info);
    if (posting_cursor_seek(cursor, at->document) != DOC_END) {
        documents = posting_cursor_documents(cursor);
        frequencies = posting_cursor_frequencies(cursor);
        for (uint32_t i = 0; documents && frequencies && i < cursor->count; i++)
            if (documents[i] == at->document)
                *tf = frequencies[i];
    }
    if (cursor->status != LEDE_OK)
        return error_set(err, cursor->status, "%s", cursor->error.text);
    return LEDE_OK;
}

static enum lede_status explain_term(const struct explaining *at, const struct query_term *term,
                                     struct lede_explained_term *out, struct lede_error *err)
{
    uint8_t field = term->key.data[0];

    out->term = (struct lede_bytes){term->key.data + 1, term->key.size - 1};
    out->title = field == FIELD_TITLE || field == FIELD_TITLE_VARIANT;
    out->variant = field == FIELD_TEXT_VARIANT || field == FIELD_TITLE_VARIANT;
    out->df = term->df;
    if (term->infos[at->number].df == 0)
        return LEDE_OK;
    return term_frequency(at, &term->infos[at->number], &out->tf, err);
}

static enum lede_status explain_terms(const struct explaining *at,
                                      const struct query_clause *clause,
                                      struct lede_explained_clause *out, struct lede_error *err)
{
    struct lede_explained_term *terms;
    enum lede_status status = LEDE_OK;
    size_t count = 0;

    for (size_t i = 0; i < clause->word_count; i++)
        count += clause->words[i].term_count;
    terms = arena_calloc(at->arena, count, sizeof *terms);
    if (!terms)
        return error_no_memory(err);
    out->terms = terms;
    for (size_t i = 0; i < clause->word_count; i++)
        for (size_t j = 0; status == LEDE_OK && j < clause->words[i].term_count; j++)
            status = explain_term(at, &clause->words[i].terms[j], &terms[out->term_count++], err);
    return status;
}

/* Has the clause's own matcher count and score the document, so that nothing is computed in
 * another way than in the search. */
static enum lede_status explain_match(struct explaining *at, const struct query_clause *clause,
                                      struct lede_explained_clause *out, struct lede_error *err)
{
    struct matcher *matcher;
    uint64_t bits[WINDOW_WORDS];
    enum lede_status status =
        matcher_make(at->plan, clause, at->number, at->passing, at->scratch, &matcher, err);

    if (status != LEDE_OK || !matcher)
        return status;
    bits_clear(bits);
    bits_set(bits, at->place);
    at->tfs[at->place] = 0;
    at->sums[at->place] = 0;
    matcher->kind->match(matcher, &at->window, bits);
    matcher->kind->count(matcher, &at->window, bits, at->tfs);
    if (clause->occur != OCCUR_PROHIBITED && !at->outside)
        matcher->kind->score(matcher, &at->window, bits, at->sums);
    out->tf = at->tfs[at->place];
    out->contribution = at->sums[at->place];
    status = matcher_status(matcher, err);
    matcher_done(matcher);
    return status;
}

/* A phrase is at most as frequent as its rarest word. */
static uint64_t clause_df(const struct query_clause *clause)
{
    uint64_t least = clause->word_count ? clause->words[0].df : 0;

    for (size_t i = 1; i < clause->word_count; i++)
        if (clause->words[i].df < least)
            least = clause->words[i].df;
    return least;
}

static enum lede_status explain_clause(struct explaining *at, const struct query_clause *clause,
                                       struct lede_explained_clause *out, struct lede_error *err)
{
    enum lede_status status;

    out->text = bytes_of(clause->text);
    out->depth = at->depth;
    out->title = clause->is_title;
    out->filter = clause->is_filter;
    out->exact = clause->exact;
    out->phrase = clause->word_count > 1;
    out->near = clause->near;
    out->required = clause->occur == OCCUR_REQUIRED;
    out->prohibited = clause->occur == OCCUR_PROHIBITED;
    out->df = clause_df(clause);
    out->idf = clause->idf;
    out->repeats = clause->repeats;
    out->boost = clause->boost;
    out->weight = clause->weight;
    status = explain_terms(at, clause, out, err);
    return status == LEDE_OK ? explain_match(at, clause, out, err) : status;
}

/* ---- groups ---- */

/* A prohibited one that matches is outside, too: what is in it counts for nothing. */
static enum lede_status look_into_group(struct explaining *at, const struct query_clause *group,
                                        struct lede_error *err)
{
    struct lede_explained_clause whole = {.tf = 0};
    enum lede_status status = explain_match(at, group, &whole, err);

    at->outside |= whole.tf == 0 || group->occur == OCCUR_PROHIBITED;
    return status;
}

/* Recursion ends at GROUP_DEPTH. */
static enum lede_status explain_list(struct explaining *at, const struct query_clauses *list,
                                     struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < list->count; i++) {
        const struct query_clause *clause = &list->clauses[i];
        bool outside = at->outside;

        if (!query_clause_is_group(clause)) {
            status = explain_clause(at, clause, &at->clauses[at->count++], err);
            continue;
        }
        status = look_into_group(at, clause, err);
        at->depth++;
        if (status == LEDE_OK)
            status = explain_list(at, &clause->group, err);
        at->depth--;
        at->outside = outside;
    }
    return status;
}

static size_t count_leaves(const struct query_clauses *list)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        count +=
            query_clause_is_group(&list->clauses[i]) ? count_leaves(&list->clauses[i].group) : 1;
    return count;
}

/* ---- a document ---- */

static enum lede_status explain_document(struct explaining *at, struct lede_explanation *out,
                                         struct lede_error *err)
{
    const struct plan *plan = at->plan;
    uint8_t code = at->window.norms[at->place];
    enum lede_status status;

    at->clauses = arena_calloc(at->arena, count_leaves(&plan->query), sizeof *at->clauses);
    if (!at->clauses)
        return error_no_memory(err);
    out->articles = plan->articles;
    out->average = plan->average;
    out->length = norm_decode(code);
    out->k1 = plan->bm25->model.k1;
    out->b = plan->bm25->model.b;
    out->k = plan->bm25->model.k[code];
    status = recency_of(&plan->recency, at->segment, at->document, &out->recency, err);
    if (status == LEDE_OK)
        status = explain_list(at, &plan->query, err);
    out->clauses = at->clauses;
    out->clause_count = at->count;
    for (size_t i = 0; status == LEDE_OK && i < at->count; i++)
        out->score += at->clauses[i].contribution;
    out->score *= out->recency;
    return status;
}

static enum lede_status set_window(struct explaining *at, struct lede_error *err)
{
    struct lede_error unheard = {.status = LEDE_OK};

    err = err ? err : &unheard;
    at->place = at->document % WINDOW_DOCS;
    at->window.base = at->document - at->place;
    at->window.size = at->segment->info->documents - at->window.base;
    if (at->window.size > WINDOW_DOCS)
        at->window.size = WINDOW_DOCS;
    at->window.norms = segment_norms(at->segment, at->window.base / WINDOW_DOCS, err);
    return at->window.norms ? LEDE_OK : err->status;
}

static enum lede_status explain(const struct plan *plan, const struct lede_hit *hit,
                                struct explanation *out, struct lede_error *err)
{
    struct arena passing;
    struct explaining *at;
    uint32_t number;
    enum lede_status status = opened_find_hit(plan->index, hit, &number, err);

    if (status != LEDE_OK)
        return status;
    at = calloc(1, sizeof *at);
    if (!at)
        return error_no_memory(err);
    arena_init(&passing, 0, NULL);
    at->plan = plan;
    at->number = number;
    at->segment = plan->index->segments[number].segment;
    at->document = hit->document;
    at->arena = &out->arena;
    at->passing = &passing;
    status = set_window(at, err);
    if (status == LEDE_OK)
        status = explain_document(at, &out->public, err);
    arena_done(&passing);
    free(at);
    return status;
}

enum lede_status lede_explain(const struct lede_results *results, const struct lede_hit *hit,
                              struct lede_explanation **explanation, struct lede_error *err)
{
    struct explanation *out = calloc(1, sizeof *out);
    enum lede_status status;

    if (!out)
        return error_no_memory(err);
    arena_init(&out->arena, 0, NULL);
    status = explain(&results->plan, hit, out, err);
    if (status != LEDE_OK) {
        lede_explanation_free(&out->public);
        return status;
    }
    *explanation = &out->public;
    return LEDE_OK;
}

void lede_explanation_free(struct lede_explanation *explanation)
{
    struct explanation *whole = (struct explanation *)explanation;

    if (!whole)
        return;
    arena_done(&whole->arena);
    free(whole);
}
