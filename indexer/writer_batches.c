/* writer_batches.c -- articles into batches, and finished batches into a segment. */
#include "writer_internal.h"

#include "index/column.h"
#include "index/segment.h"

/* ---- from finished batches to documents ---- */

/* Appends the oldest batch on its way to the segment; *taken tells whether there was one. */
static enum lede_status take_one(struct lede_writer *writer, bool wait, bool *taken,
                                 struct lede_error *err)
{
    struct batch *batch = pipeline_take(writer->pipeline, wait);
    enum lede_status status;

    *taken = batch != NULL;
    if (!batch)
        return LEDE_OK;
    status = batch->status;
    if (status != LEDE_OK && err)
        *err = batch->error;
    if (status == LEDE_OK)
        status = assembly_batch(&writer->assembly, batch, err);
    writer->totals.invalid_bytes += batch->invalid_bytes;
    writer->totals.long_terms += batch->long_terms;
    pipeline_recycle(writer->pipeline, batch);
    return status;
}

static enum lede_status take_all(struct lede_writer *writer, bool wait, struct lede_error *err)
{
    enum lede_status status;
    bool taken;

    do
        status = take_one(writer, wait, &taken, err);
    while (status == LEDE_OK && taken);
    return status;
}

enum lede_status writer_finish_segment(struct lede_writer *writer, struct lede_error *err)
{
    struct segment_info info;
    enum lede_status status = take_all(writer, true, err);

    if (status != LEDE_OK || !assembly_is_open(&writer->assembly))
        return status;
    duplicates_behind(writer->assembly.duplicates, writer->store, &writer->manifest);
    status = assembly_finish(&writer->assembly, writer->pipeline, &info, err);
    if (status == LEDE_OK)
        status = manifest_add(&writer->manifest, &info, err);
    assembly_done(&writer->assembly);
    writer->batches = 0;
    writer->documents = writer->segment_bytes = 0;
    return status;
}

/* ---- from articles to batches ---- */

/* True if the committed document is from the article's source; what is known of that is noted. */
static enum lede_status same_source(struct segment *segment, doc_id document,
                                    struct batch_source *source, struct buffer *path, bool *same,
                                    struct lede_error *err)
{
    struct source_file file;
    enum lede_status status = segment_source(segment, document, path, &file, err);

    *same = status == LEDE_OK ? source && slice_equal(file.path, source->path) : !source;
    if (status == LEDE_MISSING)
        return LEDE_OK;
    if (status == LEDE_OK && *same) {
        source->known = file.complete;
        source->known_stamp = file.stamp;
    }
    return status;
}

/* True if the committed document has the article's content and source. */
static enum lede_status is_unchanged(struct lede_writer *writer, struct snapshot *snapshot,
                                     struct batch_article *article, bool *unchanged,
                                     struct lede_error *err)
{
    struct batch_source *source =
        article->source == NO_SOURCE ? NULL : &writer->batch->sources[article->source];
    uint32_t segment;
    doc_id document;
    int64_t hash = COLUMN_MISSING;
    enum lede_status status = snapshot_find_id(snapshot, article->id, &segment, &document, err);

    if (status == LEDE_OK)
        status = column_get(&snapshot->segments[segment].columns, COLUMN_CONTENT_HASH, document,
                            &hash, err);
    else if (status == LEDE_MISSING)
        return LEDE_OK;
    if (status == LEDE_OK)
        status = batch_article_hash(writer->batch, article, err);
    if (status != LEDE_OK || hash != (int64_t)article->content_hash)
        return status;
    return same_source(&snapshot->segments[segment], document, source, &writer->path, unchanged,
                       err);
}

static enum lede_status note_article(struct lede_writer *writer,
                                     const struct batch_article *article, struct lede_error *err)
{
    if (article->unchanged)
        return changes_unchanged(&writer->changes, article->id, err);
    if (article->source != NO_SOURCE)
        writer->batch->sources[article->source].used = true;
    writer->batch->documents++;
    writer->documents++;
    writer->segment_bytes += batch_article_text_size(writer->batch, article);
    return changes_document(&writer->changes, article->id, writer->committed > 0, err);
}

enum lede_status writer_classify(struct lede_writer *writer, struct lede_error *err)
{
    struct batch *batch = writer->batch;
    struct snapshot *snapshot = NULL;
    enum lede_status status = LEDE_OK;

    if (!batch || batch->classified == batch->count)
        return LEDE_OK;
    if (writer->committed > 0)
        status = snapshot_of(writer->store, &snapshot, err);
    for (; batch->classified < batch->count && status == LEDE_OK; batch->classified++) {
        struct batch_article *article = &batch->articles[batch->classified];

        if (snapshot)
            status = is_unchanged(writer, snapshot, article, &article->unchanged, err);
        if (status == LEDE_OK)
            status = note_article(writer, article, err);
        if (snapshot)
            snapshot_relieve(snapshot);
    }
    snapshot_close(snapshot);
    return status;
}

static enum lede_status begin_segment(struct lede_writer *writer, struct lede_error *err)
{
    struct segment_options options = {
        .number = writer->manifest.next_segment,
        .positions = writer->settings.positions,
        .k1 = writer->manifest.k1,
        .b = writer->manifest.b,
    };

    if (assembly_is_open(&writer->assembly))
        return LEDE_OK;
    writer->manifest.next_segment++;
    return assembly_begin(&writer->assembly, &options, writer->settings.keep_text,
                          store_path(writer->store), &writer->outbox.sink, &writer->account, err);
}

static enum lede_status hand_over(struct lede_writer *writer, struct lede_error *err)
{
    enum lede_status status = begin_segment(writer, err);

    if (status != LEDE_OK)
        return status;
    writer->batch->number = writer->batches++;
    status = pipeline_submit(writer->pipeline, writer->batch, err);
    if (status != LEDE_OK)
        return status;
    writer->batch = NULL;
    return take_all(writer, false, err);
}

enum lede_status writer_submit(struct lede_writer *writer, struct lede_error *err)
{
    enum lede_status status = writer_classify(writer, err);

    if (status != LEDE_OK || !writer->batch)
        return status;
    if (!batch_is_kept(writer->batch)) {
        batch_clear(writer->batch);
        return LEDE_OK;
    }
    status = hand_over(writer, err);
    if (status == LEDE_OK &&
        (writer->documents >= SEGMENT_DOCUMENTS || writer->segment_bytes >= SEGMENT_BYTES)) {
        status = writer_finish_segment(writer, err);
        if (status == LEDE_OK)
            status = outbox_flush(&writer->outbox, err);
    }
    return status;
}

enum lede_status writer_make_way(struct lede_writer *writer, size_t size, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    bool taken;

    if (writer->batch && !batch_is_empty(writer->batch))
        status = writer_submit(writer, err);
    if (writer->batch && status == LEDE_OK) { /* all of it was unchanged */
        pipeline_recycle(writer->pipeline, writer->batch);
        writer->batch = NULL;
    }
    while (status == LEDE_OK && !pipeline_has_room(writer->pipeline, size))
        status = take_one(writer, true, &taken, err);
    if (status != LEDE_OK || !pipeline_is_large(writer->pipeline, size))
        return status;
    return pipeline_relieve(writer->pipeline, err);
}

enum lede_status writer_make_room(struct lede_writer *writer, size_t size, struct lede_error *err)
{
    enum lede_status status;

    if (writer->batch && batch_has_room(writer->batch, size))
        return LEDE_OK;
    status = writer_make_way(writer, size, err);
    if (status != LEDE_OK)
        return status;
    status = pipeline_batch(writer->pipeline, size, &writer->batch, err);
    if (status == LEDE_NO_MEMORY)
        return error_set(err, status,
                         "an article of %zu bytes does not fit the memory limit; raise it", size);
    return status;
}

enum lede_status writer_see_through(struct lede_writer *writer, struct lede_error *err)
{
    enum lede_status status = writer_submit(writer, err);

    return status == LEDE_OK ? take_all(writer, true, err) : status;
}
