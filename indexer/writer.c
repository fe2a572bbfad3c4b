/* writer.c -- the public writer: opening, closing, failing. */
#include "writer_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lede_bytes.h"
#include "index/keyword_names.h"

/* ---- opening and closing ---- */

static enum lede_status read_manifest(struct lede_writer *writer, struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = store_snapshot_begin(writer->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = store_manifest(&snapshot, &writer->manifest, err);
    store_snapshot_end(&snapshot);
    writer->fresh = status == LEDE_MISSING;
    if (status != LEDE_OK)
        manifest_done(&writer->manifest); /* and like new */
    writer->committed = writer->manifest.segment_count;
    return writer->fresh ? LEDE_OK : status;
}

static enum lede_status make_pipeline(struct lede_writer *writer, struct lede_error *err)
{
    struct worker_options options = {
        .analysis = writer->settings.analysis,
        .keywords = writer->settings.keywords,
        .positions = writer->settings.positions,
        .keep_text = writer->settings.keep_text,
        .budget = writer->settings.budget,
        .directory = store_path(writer->store),
    };

    return pipeline_new(writer->settings.jobs, &options, &writer->account, &writer->pipeline, err);
}

static enum lede_status writer_init(struct lede_writer *writer, const char *path,
                                    const struct lede_writer_options *options,
                                    struct lede_error *err)
{
    enum lede_status status =
        store_open_writer(path, options ? options->wait : 0, &writer->store, err);

    if (status == LEDE_OK)
        status = read_manifest(writer, err);
    if (status == LEDE_OK)
        status =
            settings_resolve(options, &writer->manifest, writer->fresh, &writer->settings, err);
    if (status != LEDE_OK)
        return status;
    writer->account.limit = writer->settings.memory;
    store_bound_pages(writer->store, MEMORY_MAPPED);
    long_text_init(&writer->text, store_path(writer->store));
    outbox_init(&writer->outbox, writer->store, &writer->account);
    changes_init(&writer->changes, store_path(writer->store), &writer->account);
    status = store_collect(writer->store, &writer->manifest, err);
    return status == LEDE_OK ? make_pipeline(writer, err) : status;
}

enum lede_status lede_writer_open(const char *path, const struct lede_writer_options *options,
                                  struct lede_writer **writer, struct lede_error *error)
{
    struct lede_writer *opened = calloc(1, sizeof *opened);
    enum lede_status status;

    if (!opened)
        return error_no_memory(error);
    opened->no_merge = options && options->no_merge;
    account_init(&opened->account, 0);
    buffer_init(&opened->path, &opened->account);
    manifest_init(&opened->manifest);
    long_text_init(&opened->text, NULL);
    outbox_init(&opened->outbox, NULL, &opened->account);
    changes_init(&opened->changes, NULL, &opened->account);
    status = writer_init(opened, path, options, error);
    if (status != LEDE_OK) {
        lede_writer_close(opened);
        return status;
    }
    *writer = opened;
    return LEDE_OK;
}

void lede_writer_close(struct lede_writer *writer)
{
    if (!writer)
        return;
    pipeline_free(writer->pipeline);
    batch_free(writer->batch);
    buffer_done(&writer->path);
    long_text_done(&writer->text);
    assembly_done(&writer->assembly);
    outbox_done(&writer->outbox);
    changes_done(&writer->changes);
    manifest_done(&writer->manifest);
    store_close(writer->store);
    assert(atomic_load(&writer->account.used) == 0);
    free(writer);
}

void lede_writer_totals(const struct lede_writer *writer, struct lede_writer_totals *totals)
{
    *totals = writer->totals;
}

struct lede_bytes lede_writer_index_language(const struct lede_writer *writer)
{
    return bytes_of(buffer_bytes(&writer->manifest.language));
}

uint64_t lede_writer_lacking(const struct lede_writer *writer, struct lede_bytes keyword)
{
    struct slice names = buffer_bytes(&writer->manifest.keywords);
    size_t place = keyword_names_find(names, slice_from(keyword));

    return place == KEYWORDS_MAX ? 0 : manifest_lacking(&writer->manifest, place);
}

enum lede_status writer_break(struct lede_writer *writer, enum lede_status status,
                              const struct lede_error *inner, struct lede_error *error)
{
    writer->status = status;
    writer->error = *inner;
    writer->error.status = status;
    if (error)
        *error = writer->error;
    return status;
}

enum lede_status writer_broken(const struct lede_writer *writer, struct lede_error *error)
{
    if (error)
        *error = writer->error;
    return writer->status;
}
