#include "assembly.h"

#include <assert.h>

#include "base/account.h"
#include "base/array.h"

enum lede_status assembly_begin(struct assembly *assembly, const struct segment_options *options,
                                bool keep_text, const char *directory, struct record_sink *sink,
                                struct account *account, struct lede_error *err)
{
    enum lede_status status;

    *assembly = (struct assembly){
        .account = account, .positions = options->positions, .keep_text = keep_text};
    if (!array_grow((void **)&assembly->bases, &assembly->base_capacity, sizeof *assembly->bases,
                    account))
        return error_no_memory(err);
    assembly->bases[0] = 0;
    status = duplicates_new(directory, account, &assembly->duplicates, err);
    if (status == LEDE_OK)
        status = segment_writer_new(options, sink, account, &assembly->writer, err);
    if (status == LEDE_OK)
        segment_writer_late_groups(assembly->writer,
                                   duplicates_groups(assembly->duplicates, assembly->writer));
    return status;
}

void assembly_done(struct assembly *assembly)
{
    segment_writer_free(assembly->writer);
    duplicates_free(assembly->duplicates);
    array_free(assembly->bases, assembly->base_capacity, sizeof *assembly->bases,
               assembly->account);
    *assembly = (struct assembly){0};
}

/* ---- documents ---- */

static void fill_columns(const struct batch *batch, const struct batch_article *article,
                         int64_t columns[COLUMN_COUNT])
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        columns[i] = COLUMN_MISSING;
    if (article->date.precision != LEDE_DATE_NONE) {
        columns[COLUMN_DATE] = article->date.seconds;
        columns[COLUMN_DATE_KIND] = (int64_t)article->date.precision | (int64_t)article->date_source
                                                                           << 3;
    }
    columns[COLUMN_LANGUAGE] = article->language;
    columns[COLUMN_CONTENT_HASH] = (int64_t)article->content_hash;
    columns[COLUMN_SIGNATURE] = article->signature;
    if (article->source != NO_SOURCE) {
        columns[COLUMN_SOURCE] = batch->sources[article->source].number;
        columns[COLUMN_SOURCE_OFFSET] = (int64_t)article->source_offset;
        columns[COLUMN_SOURCE_SIZE] = (int64_t)article->source_size;
    }
}

static enum lede_status add_document(struct assembly *assembly, const struct batch *batch,
                                     const struct batch_article *article, struct lede_error *err)
{
    struct document document = {
        .id = article->id, .length = article->length, .stored = article->place};
    enum lede_status status;

    assembly->text_bytes += batch_article_text_size(batch, article);
    fill_columns(batch, article, document.columns);
    status = duplicates_add(assembly->duplicates, article->signature, article->content_hash, err);
    return status == LEDE_OK ? segment_writer_document(assembly->writer, &document, err) : status;
}

/* The first may be the one that the batch before ended with: then it goes on in its record. */
static enum lede_status add_sources(struct assembly *assembly, struct batch *batch,
                                    struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < batch->source_count && status == LEDE_OK; i++) {
        struct batch_source *source = &batch->sources[i];

        if (!batch_source_kept(source))
            continue;
        status = segment_writer_source(assembly->writer, source->path, &source->number, err);
        if (source->complete)
            segment_writer_source_complete(assembly->writer, &source->stamp);
    }
    return status;
}

/* ---- long texts ---- */

/* An article whose text is stored piece by piece, as it is read from its file. */
struct storing {
    struct assembly *assembly;
    const struct batch *batch;
    struct batch_article article;
    struct stored_packer *packer;
    struct stored_run run;
    bool has_document;
};

/* Writes the blocks that there are; the document stands at the first of them. */
static enum lede_status write_blocks(struct storing *storing, struct lede_error *err)
{
    struct assembly *assembly = storing->assembly;
    enum lede_status status = segment_writer_stored(assembly->writer, &storing->run, err);

    if (status == LEDE_OK && !storing->has_document)
        status = add_document(assembly, storing->batch, &storing->article, err);
    storing->has_document = true;
    buffer_clear(&storing->run.blocks);
    buffer_clear(&storing->run.sizes);
    return status;
}

static enum lede_status store_pieces(struct storing *storing, struct lede_error *err)
{
    enum { AT_ONCE = 32 * 1024, BLOCKS_MOST = 512 * 1024 };
    const struct long_text *text = storing->batch->text;
    enum lede_status status = LEDE_OK;
    uint8_t bytes[AT_ONCE];
    size_t got;

    for (uint64_t at = 0; at < text->size && status == LEDE_OK; at += got) {
        status = long_text_read(text, at, bytes, sizeof bytes, &got, err);
        if (status == LEDE_OK)
            status = stored_packer_text(storing->packer, slice_of(bytes, got), &storing->run, err);
        if (status == LEDE_OK && storing->run.blocks.size >= BLOCKS_MOST)
            status = write_blocks(storing, err);
    }
    return status;
}

static enum lede_status store_long_text(struct assembly *assembly, const struct batch *batch,
                                        struct lede_error *err)
{
    struct storing storing = {.assembly = assembly, .batch = batch, .article = batch->articles[0]};
    enum lede_status status =
        stored_packer_new(STORED_LEVEL, assembly->account, &storing.packer, err);

    if (status != LEDE_OK)
        return status;
    stored_run_init(&storing.run, assembly->account);
    storing.article.kept.text_kept = true;
    status = stored_packer_begin(storing.packer, &storing.article.kept, batch->text->size,
                                 &storing.run, &storing.article.place, err);
    if (status == LEDE_OK)
        status = store_pieces(&storing, err);
    if (status == LEDE_OK)
        status = stored_packer_flush(storing.packer, &storing.run, err);
    if (status == LEDE_OK)
        status = write_blocks(&storing, err);
    stored_run_done(&storing.run);
    stored_packer_free(storing.packer);
    return status;
}

/* ---- batches ---- */

static enum lede_status add_articles(struct assembly *assembly, const struct batch *batch,
                                     struct lede_error *err)
{
    enum lede_status status = segment_writer_stored(assembly->writer, &batch->stored, err);

    for (size_t i = 0; i < batch->count && status == LEDE_OK; i++)
        if (!batch->articles[i].unchanged)
            status = add_document(assembly, batch, &batch->articles[i], err);
    return status;
}

enum lede_status assembly_batch(struct assembly *assembly, struct batch *batch,
                                struct lede_error *err)
{
    enum lede_status status;

    assert(batch->number == assembly->batches);
    if (assembly->batches + (size_t)2 > assembly->base_capacity &&
        !array_grow((void **)&assembly->bases, &assembly->base_capacity, sizeof *assembly->bases,
                    assembly->account))
        return error_no_memory(err);
    status = add_sources(assembly, batch, err);
    if (status == LEDE_OK && batch->text && assembly->keep_text && !batch->articles[0].unchanged)
        status = store_long_text(assembly, batch, err);
    else if (status == LEDE_OK)
        status = add_articles(assembly, batch, err);
    assembly->bases[++assembly->batches] = segment_writer_documents(assembly->writer);
    return status;
}

/* ---- terms ---- */

static enum lede_status put_term(void *context, struct slice term, uint32_t df, uint64_t total_tf,
                                 struct lede_error *err)
{
    struct assembly *assembly = context;

    return segment_writer_term(assembly->writer, term, df, total_tf, err);
}

/* The segment's number of a document. */
static inline enum lede_status number_of(const struct assembly *assembly, run_document document,
                                         doc_id *number, struct lede_error *err)
{
    uint32_t batch = (uint32_t)(document >> 32), place = (uint32_t)document;

    if (batch >= assembly->batches || place >= assembly->bases[batch + 1] - assembly->bases[batch])
        return error_set(err, LEDE_IO, "a temporary file was read back damaged; check the disk");
    *number = assembly->bases[batch] + place;
    return LEDE_OK;
}

static enum lede_status put_posting(void *context, run_document document,
                                    const struct run_positions *positions, struct lede_error *err)
{
    struct assembly *assembly = context;
    doc_id number = 0;
    enum lede_status status = number_of(assembly, document, &number, err);

    if (status != LEDE_OK)
        return status;
    if (positions->frequency > UINT32_MAX)
        return error_set(err, LEDE_LIMIT, "a word is more than 2^32 times in an article");
    if (positions->is_first)
        segment_writer_posting(assembly->writer, number, (uint32_t)positions->frequency);
    if (assembly->positions)
        segment_writer_positions(assembly->writer, positions->values, positions->count);
    return LEDE_OK;
}

static enum lede_status put_postings(void *context, const struct run_postings *postings,
                                     struct lede_error *err)
{
    struct assembly *assembly = context;
    doc_id numbers[RUN_BLOCK];
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; i < postings->count && status == LEDE_OK; i++)
        status = number_of(assembly, postings->documents[i], &numbers[i], err);
    if (status == LEDE_OK)
        segment_writer_postings(assembly->writer, numbers, postings->frequencies, postings->count,
                                assembly->positions ? postings->gaps : NULL);
    return status;
}

static enum lede_status end_term(void *context, struct lede_error *err)
{
    struct assembly *assembly = context;

    return segment_writer_term_end(assembly->writer, err);
}

enum lede_status assembly_finish(struct assembly *assembly, struct pipeline *pipeline,
                                 struct segment_info *info, struct lede_error *err)
{
    struct merge_output output = {assembly, put_term, put_posting, put_postings, end_term};
    enum lede_status status = segment_writer_seal_documents(assembly->writer, err);

    duplicates_free(assembly->duplicates);
    assembly->duplicates = NULL;
    if (status == LEDE_OK)
        status = pipeline_merge(pipeline, &output, err);
    if (status == LEDE_OK)
        status = segment_writer_finish(assembly->writer, info, err);
    if (status == LEDE_OK)
        pipeline_reset(pipeline);
    return status;
}
