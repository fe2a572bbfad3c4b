#include "worker.h"

#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"
#include "boilerplate_terms.h"
#include "keyword_terms.h"
#include "near_copy.h"

struct worker {
    struct analyzer *analyzer;
    struct inverter *inverter;
    struct stored_packer *packer;
    struct spill spill;
    struct spill_run *runs;
    size_t run_count, run_capacity;
    bool sorted; /* the inverter was: it is a run */
    bool keep_text;
    struct slice keywords; /* names of the fields */
    struct account *account;
    struct signature signature; /* of the article, so far */
    struct token tokens[TOKEN_BATCH];
    uint8_t chunk[ANALYZER_CHUNK + 1]; /* of a text that is not in memory */
};

enum lede_status worker_new(const struct worker_options *options, struct account *account,
                            struct worker **out, struct lede_error *err)
{
    struct worker *worker = calloc(1, sizeof *worker);
    enum lede_status status;

    if (!worker)
        return error_no_memory(err);
    worker->account = account;
    worker->keep_text = options->keep_text;
    worker->keywords = options->keywords;
    status = spill_init(&worker->spill, options->directory, account, err);
    if (status == LEDE_OK)
        status = analyzer_new(&options->analysis, account, &worker->analyzer, err);
    if (status == LEDE_OK)
        status = stored_packer_new(STORED_LEVEL, account, &worker->packer, err);
    if (status == LEDE_OK)
        status = inverter_new(options->positions, options->budget, account, &worker->inverter, err);
    if (status != LEDE_OK) {
        worker_free(worker);
        return status;
    }
    *out = worker;
    return LEDE_OK;
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    analyzer_free(worker->analyzer);
    inverter_free(worker->inverter);
    stored_packer_free(worker->packer);
    spill_done(&worker->spill);
    array_free(worker->runs, worker->run_capacity, sizeof *worker->runs, worker->account);
    free(worker);
}

/* ---- runs ---- */

/* Makes the inverter's documents a run in the spill, and the inverter empty. */
static enum lede_status spill(struct worker *worker, bool give_back, struct lede_error *err)
{
    enum lede_status status;

    if (worker->run_count == worker->run_capacity &&
        !array_grow((void **)&worker->runs, &worker->run_capacity, sizeof *worker->runs,
                    worker->account))
        return error_no_memory(err);
    status = spill_take(&worker->spill, worker->inverter, give_back,
                        &worker->runs[worker->run_count], err);
    worker->run_count += status == LEDE_OK;
    return status;
}

enum lede_status worker_relieve(struct worker *worker, struct lede_error *err)
{
    if (!inverter_is_empty(worker->inverter))
        return spill(worker, true, err);
    inverter_reset(worker->inverter, true);
    return LEDE_OK;
}

enum lede_status worker_sort(struct worker *worker, struct lede_error *err)
{
    worker->sorted = !inverter_is_empty(worker->inverter);
    return worker->sorted ? inverter_sort(worker->inverter, err) : LEDE_OK;
}

size_t worker_run_count(const struct worker *worker)
{
    return worker->run_count + worker->sorted;
}

void worker_runs(const struct worker *worker, struct merge_input *inputs)
{
    for (size_t i = 0; i < worker->run_count; i++)
        inputs[i] = (struct merge_input){.spilled = worker->runs[i]};
    if (worker->sorted)
        inputs[worker->run_count] = (struct merge_input){.inverter = worker->inverter};
}

void worker_reset(struct worker *worker)
{
    worker->run_count = 0;
    worker->sorted = false;
    spill_reset(&worker->spill);
    inverter_reset(worker->inverter, false);
}

/* ---- articles ---- */

/* Adds the tokens of a text under field, and under also if that is another one. False if the
 * inverter has no room. *end: the position behind the text. */
static bool invert_text(struct worker *worker, struct slice text, language_id language,
                        uint32_t first, enum field also, uint32_t *end, enum lede_status *status)
{
    size_t count;
    bool room = true;

    analyzer_start(worker->analyzer, text, language, first);
    while (room && (count = analyzer_next(worker->analyzer, worker->tokens, TOKEN_BATCH)) > 0) {
        signature_add(&worker->signature, worker->tokens, count);
        room = inverter_add(worker->inverter, FIELD_TEXT, worker->tokens, count) &&
               (also == FIELD_TEXT || inverter_add(worker->inverter, also, worker->tokens, count));
    }
    *status = analyzer_status(worker->analyzer);
    *end = analyzer_position(worker->analyzer);
    return room;
}

/* Adds the terms of the keyword fields; *left_out: values that are not among them. */
static bool invert_keywords(struct worker *worker, const struct batch_article *article,
                            uint64_t *left_out, enum lede_status *status)
{
    bool room;

    *left_out = 0;
    *status = keyword_terms_add(worker->inverter, worker->keywords, NULL, &article->kept, left_out,
                                &room, NULL);
    return room;
}

/* Adds the terms of boilerplate, unless the article, whose length is known, has no other words. */
static bool invert_boilerplate(struct worker *worker, const struct batch_article *article,
                               enum lede_status *status)
{
    bool room = true;

    if (*status == LEDE_OK && article->length > 0)
        *status = boilerplate_terms_add(worker->inverter, worker->analyzer, &article->kept,
                                        article->language, &room, NULL);
    return room;
}

/* One try at an article. False if the inverter has no room. */
static bool invert_article(struct worker *worker, struct batch_article *article, uint64_t *left_out,
                           enum lede_status *status)
{
    uint32_t title, end;

    signature_init(&worker->signature);
    if (!invert_keywords(worker, article, left_out, status))
        return false;
    if (*status != LEDE_OK)
        return true;
    if (!invert_text(worker, article->kept.title, article->language, 0, FIELD_TITLE, &title,
                     status))
        return false;
    if (*status != LEDE_OK)
        return true;
    if (!invert_text(worker, article->kept.text, article->language, title + TITLE_GAP, FIELD_TEXT,
                     &end, status))
        return false;
    article->length = end - TITLE_GAP;
    return invert_boilerplate(worker, article, status);
}

static void add_totals(const struct worker *worker, const struct analyzer_totals *before,
                       struct batch *batch)
{
    struct analyzer_totals after = analyzer_totals(worker->analyzer);

    batch->invalid_bytes += after.invalid_bytes - before->invalid_bytes;
    batch->long_terms += after.long_terms - before->long_terms;
}

/* ---- articles in parts ---- */

/* An article on its way into runs of its own. */
struct parts {
    struct batch *batch;
    struct batch_article *article;
    uint32_t count;    /* parts so far: as run documents they have the numbers from 0 */
    uint32_t position; /* behind the last one */
};

static enum lede_status spill_rest(struct worker *worker, struct lede_error *err)
{
    if (!inverter_is_empty(worker->inverter))
        return spill(worker, false, err);
    inverter_reset(worker->inverter, false); /* a document may have been taken back */
    return LEDE_OK;
}

/* Inverts a chunk as a part; if it does not fit behind the others, they are spilled first. */
static enum lede_status add_part(struct worker *worker, struct parts *parts, struct slice chunk,
                                 enum field also, struct lede_error *err)
{
    run_document document = run_document_of(parts->batch->number, parts->count);
    struct signature so_far = worker->signature;
    enum lede_status status;
    uint32_t end;

    for (;;) {
        struct analyzer_totals before = analyzer_totals(worker->analyzer);
        bool alone = inverter_is_empty(worker->inverter);

        inverter_begin(worker->inverter, document);
        if (invert_text(worker, chunk, parts->article->language, parts->position, also, &end,
                        &status)) {
            add_totals(worker, &before, parts->batch);
            break;
        }
        inverter_undo(worker->inverter);
        worker->signature = so_far;
        if (alone)
            return error_no_memory(err);
        status = spill_rest(worker, err);
        if (status != LEDE_OK)
            return status;
    }
    parts->count++;
    parts->position = end;
    return status == LEDE_OK ? LEDE_OK : error_no_memory(err);
}

/* The keywords as a part of their own. */
static enum lede_status add_keywords(struct worker *worker, struct parts *parts,
                                     struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    uint64_t left_out;

    if (worker->keywords.size == 0)
        return LEDE_OK;
    inverter_begin(worker->inverter, run_document_of(parts->batch->number, parts->count++));
    if (!invert_keywords(worker, parts->article, &left_out, &status) || status != LEDE_OK)
        return error_no_memory(err);
    parts->batch->long_terms += left_out;
    return LEDE_OK;
}

/* The boilerplate as one, behind the others. */
static enum lede_status add_boilerplate(struct worker *worker, struct parts *parts,
                                        struct lede_error *err)
{
    enum lede_status status = spill_rest(worker, err);

    if (status != LEDE_OK)
        return status;
    inverter_begin(worker->inverter, run_document_of(parts->batch->number, parts->count++));
    return invert_boilerplate(worker, parts->article, &status) && status == LEDE_OK
               ? LEDE_OK
               : error_no_memory(err);
}

static enum lede_status add_text(struct worker *worker, struct parts *parts, struct slice text,
                                 enum field also, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t size; (size = analyzer_chunk(text)) > 0 && status == LEDE_OK;) {
        status = add_part(worker, parts, slice_of(text.data, size), also, err);
        text = slice_of(text.data + size, text.size - size);
    }
    return status;
}

static enum lede_status add_long_text(struct worker *worker, struct parts *parts,
                                      struct lede_error *err)
{
    const struct long_text *text = parts->batch->text;
    enum lede_status status = LEDE_OK;
    size_t got, size;

    for (uint64_t at = 0; at < text->size && status == LEDE_OK; at += size) {
        status = long_text_read(text, at, worker->chunk, sizeof worker->chunk, &got, err);
        if (status != LEDE_OK)
            break;
        size = analyzer_chunk(slice_of(worker->chunk, got));
        status = add_part(worker, parts, slice_of(worker->chunk, size), FIELD_TEXT, err);
    }
    return status;
}

/* Makes one run of those from first on, which hold the parts. */
static enum lede_status join_parts(struct worker *worker, size_t first, run_document document,
                                   struct lede_error *err)
{
    size_t count = worker->run_count - first;
    struct merge_input *inputs;
    enum lede_status status;

    if (count == 0)
        return LEDE_OK;
    inputs = calloc(count, sizeof *inputs);
    if (!inputs)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        inputs[i].spilled = worker->runs[first + i];
    status = merge_parts(inputs, count, document, &worker->spill, &worker->runs[first],
                         worker->account, err);
    free(inputs);
    worker->run_count = first + 1;
    return status;
}

static enum lede_status add_in_parts(struct worker *worker, struct batch *batch,
                                     struct batch_article *article, uint32_t place,
                                     struct lede_error *err)
{
    struct parts parts = {.batch = batch, .article = article};
    enum lede_status status = spill_rest(worker, err);
    size_t first = worker->run_count;

    signature_init(&worker->signature);
    if (status == LEDE_OK)
        status = add_keywords(worker, &parts, err);
    if (status == LEDE_OK)
        status = add_text(worker, &parts, article->kept.title, FIELD_TITLE, err);
    parts.position += TITLE_GAP;
    if (status == LEDE_OK && batch->text)
        status = add_long_text(worker, &parts, err);
    else if (status == LEDE_OK)
        status = add_text(worker, &parts, article->kept.text, FIELD_TEXT, err);
    article->length = parts.position - TITLE_GAP;
    if (status == LEDE_OK && article->kept.metadata_count > 0)
        status = add_boilerplate(worker, &parts, err);
    if (status == LEDE_OK)
        status = spill_rest(worker, err);
    return status == LEDE_OK ? join_parts(worker, first, run_document_of(batch->number, place), err)
                             : status;
}

/* ---- articles whole ---- */

/* Inverts an article; if it does not fit behind the others, what is there is spilled first; if it
 * does not fit alone, it is inverted in parts. */
static enum lede_status add_postings(struct worker *worker, struct batch *batch,
                                     struct batch_article *article, uint32_t place,
                                     struct lede_error *err)
{
    enum lede_status status;
    uint64_t left_out;
    bool alone;

    if (batch->text)
        return add_in_parts(worker, batch, article, place, err);
    do {
        struct analyzer_totals before = analyzer_totals(worker->analyzer);

        alone = inverter_is_empty(worker->inverter);
        inverter_begin(worker->inverter, run_document_of(batch->number, place));
        if (invert_article(worker, article, &left_out, &status)) {
            add_totals(worker, &before, batch);
            batch->long_terms += left_out;
            return status == LEDE_OK ? LEDE_OK : error_no_memory(err);
        }
        inverter_undo(worker->inverter);
        status = alone ? LEDE_OK : spill(worker, false, err);
    } while (status == LEDE_OK && !alone);
    return alone ? add_in_parts(worker, batch, article, place, err) : status;
}

static enum lede_status add_stored(struct worker *worker, struct batch *batch,
                                   struct batch_article *article, struct lede_error *err)
{
    struct stored_article kept = article->kept;

    kept.text_kept = worker->keep_text;
    if (!kept.text_kept)
        kept.text = slice_of(NULL, 0);
    return stored_packer_add(worker->packer, &kept, &batch->stored, &article->place, err);
}

enum lede_status worker_invert(struct worker *worker, struct batch *batch, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    uint32_t place = 0;

    for (size_t i = 0; i < batch->count && status == LEDE_OK; i++) {
        struct batch_article *article = &batch->articles[i];

        if (article->unchanged)
            continue;
        status = batch_article_hash(batch, article, err);
        if (status == LEDE_OK)
            status = add_postings(worker, batch, article, place++, err);
        article->signature = near_copy_column(&worker->signature);
        if (status == LEDE_OK && !(batch->text && worker->keep_text))
            status = add_stored(worker, batch, article, err);
        if (status == LEDE_NO_MEMORY)
            return error_set(err, status,
                             "an article of %llu bytes does not fit the memory limit; raise it",
                             (unsigned long long)batch_article_text_size(batch, article));
    }
    return status == LEDE_OK ? stored_packer_flush(worker->packer, &batch->stored, err) : status;
}
