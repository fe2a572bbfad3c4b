#include "view.h"

#include "base/error.h"

void view_init(struct view *view, const struct answer *answer)
{
    memset(view, 0, sizeof *view);
    view->answer = answer;
    passages_init(&view->passages);
    passages_init(&view->title);
}

static void unload(struct view *view)
{
    lede_explanation_free(view->owned);
    lede_stored_free(view->stored);
    view->explanation = view->owned = NULL;
    view->stored = NULL;
    view->article = NULL;
}

void view_done(struct view *view)
{
    unload(view);
    passages_done(&view->passages);
    passages_done(&view->title);
    lede_highlighter_free(view->highlighter);
    view->highlighter = NULL;
}

size_t view_count(const struct view *view)
{
    return view->answer->options->explain_id ? 1 : lede_results_count(view->answer->results);
}

/* The article of --explain=ID: the hit it is, or what else the index knows of it. */
static enum lede_status find_hit(struct view *view, struct lede_hit *hit, struct lede_error *err)
{
    const struct lede_results *results = view->answer->results;
    struct slice id = slice_str(view->answer->options->explain_id);
    enum lede_status status =
        lede_stored_find(view->answer->index, bytes_of(id), &view->stored, err);

    if (status == LEDE_MISSING)
        return error_set(err, LEDE_INVALID, "--explain=%s: no article has this id",
                         view->answer->options->explain_id);
    if (status != LEDE_OK)
        return status;
    *hit = lede_stored_hit(view->stored);
    for (size_t place = 0; place < lede_results_count(results); place++) {
        const struct lede_hit *other = lede_results_hit(results, place);

        if (hit->index == other->index && hit->segment == other->segment &&
            hit->document == other->document)
            view->rank = view->answer->options->search.offset + place + 1;
    }
    return LEDE_OK;
}

static enum lede_status get_hit(struct view *view, size_t place, struct lede_hit *hit,
                                struct lede_error *err)
{
    if (view->answer->options->explain_id)
        return find_hit(view, hit, err);
    *hit = *lede_results_hit(view->answer->results, place);
    view->rank = view->answer->options->search.offset + place + 1;
    return lede_stored_get(view->answer->index, hit, &view->stored, err);
}

static enum lede_status find_words(struct view *view, enum lede_part part, struct lede_bytes text,
                                   const struct lede_span **spans, size_t *count,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *spans = NULL;
    *count = 0;
    if (text.size == 0)
        return LEDE_OK;
    if (!view->highlighter)
        status = lede_highlighter_new(view->answer->results, &view->highlighter, err);
    if (status != LEDE_OK)
        return status;
    return lede_highlight(view->highlighter, part, text, view->article->language, spans, count,
                          err);
}

static enum lede_status load_text(struct view *view, struct lede_error *err)
{
    size_t wanted = view->answer->options->snippets, count;
    const struct lede_span *spans;
    enum lede_status status;

    view->passages.count = 0;
    if (view->answer->options->open)
        return find_words(view, LEDE_TEXT, view->article->text, &view->spans, &view->span_count,
                          err);
    if (wanted == 0)
        return LEDE_OK;
    status = find_words(view, LEDE_TEXT, view->article->text, &spans, &count, err);
    if (status != LEDE_OK)
        return status;
    return passages_choose(&view->passages, slice_from(view->article->text), spans, count,
                           PASSAGE_WIDTH, wanted, err);
}

static enum lede_status load_title(struct view *view, bool mark, struct lede_error *err)
{
    const struct lede_span *spans = NULL;
    size_t count = 0;
    enum lede_status status = LEDE_OK;

    if (mark)
        status = find_words(view, LEDE_TITLE, view->article->title, &spans, &count, err);
    if (status != LEDE_OK)
        return status;
    return passages_whole(&view->title, slice_from(view->article->title), spans, count, err);
}

enum lede_status view_load(struct view *view, size_t place, bool mark_title, struct lede_error *err)
{
    struct lede_hit hit = {0};
    enum lede_status status;

    unload(view);
    view->rank = 0;
    status = get_hit(view, place, &hit, err);
    if (status != LEDE_OK)
        return status;
    view->article = lede_stored_article(view->stored);
    view->id = slice_from(view->article->id);
    view->score = hit.score;
    view->copies = hit.copies;
    view->text_kept = lede_stored_text_kept(view->stored);
    status = load_title(view, mark_title, err);
    if (status == LEDE_OK)
        status = load_text(view, err); /* the spans live until other ones are looked for */
    if (status == LEDE_OK && view->answer->options->explain)
        status = lede_explain(view->answer->results, &hit, &view->owned, err);
    if (status != LEDE_OK)
        return status;
    view->explanation = view->owned;
    if (view->answer->options->explain_id)
        view->score = view->explanation->score;
    return LEDE_OK;
}
