/* writer_commit.c -- what was added becomes visible: the flip, and merges behind it. */
#include "writer_internal.h"

#include <stdlib.h>

#include "merge_policy.h"
#include "tiered_merge.h"

static enum lede_status flip(struct lede_writer *writer, const struct tombstones *tombstones,
                             const struct deletion_record *records, size_t count,
                             struct lede_error *err)
{
    for (size_t i = 0; tombstones && i < writer->manifest.segment_count; i++)
        writer->manifest.segments[i].deleted += tombstones->segments[i].added;
    writer->manifest.generation++;
    return store_flip(writer->store, &writer->manifest, records, count, err);
}

/* Where records of new segments are: in the store, or still waiting. */
struct fresh_records {
    const struct outbox *outbox;
    struct store_snapshot *snapshot;
};

static enum lede_status fresh_get(void *context, char table, struct slice key, struct slice *value,
                                  struct lede_error *err)
{
    const struct fresh_records *fresh = context;

    if (outbox_find(fresh->outbox, table, key, value))
        return LEDE_OK;
    return fresh->snapshot->records.get(fresh->snapshot->records.context, table, key, value, err);
}

static void fresh_read(void *context, size_t pages)
{
    const struct fresh_records *fresh = context;

    store_snapshot_read(fresh->snapshot, pages);
}

/* Finds out what the changes delete, and makes them visible. */
static enum lede_status resolve_and_flip(struct lede_writer *writer, struct change_totals *totals,
                                         struct lede_error *err)
{
    struct store_snapshot snapshot;
    struct fresh_records waiting = {&writer->outbox, &snapshot};
    struct record_source fresh = {.context = &waiting, .get = fresh_get, .read = fresh_read};
    struct tombstones tombstones = {0};
    struct deletion_record *records = NULL;
    size_t count = 0;
    enum lede_status status = store_snapshot_begin(writer->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = tombstones_init(&tombstones, &snapshot, &writer->manifest, &writer->account, err);
    if (status == LEDE_OK)
        status = changes_resolve(&writer->changes, &writer->manifest, writer->committed, &snapshot,
                                 &fresh, &tombstones, totals, err);
    if (status == LEDE_OK)
        status = tombstones_records(&tombstones, &records, &count, err);
    store_snapshot_end(&snapshot); /* the flip may have to grow the map */
    if (status == LEDE_OK)
        status = outbox_put(&writer->outbox, err);
    if (status == LEDE_OK)
        status = flip(writer, &tombstones, records, count, err);
    if (status != LEDE_OK)
        store_write_abort(writer->store);
    free(records);
    tombstones_done(&tombstones);
    return status;
}

/* Merges segments, if there is something to merge, with the memory that the inverters had. */
static enum lede_status tidy(struct lede_writer *writer, struct lede_error *err)
{
    struct merge_range range;
    enum lede_status status;

    if (writer->no_merge || !merge_next(&writer->manifest, DOCS_MAX, &range))
        return LEDE_OK;
    outbox_done(&writer->outbox);
    status = pipeline_relieve(writer->pipeline, err);
    if (status == LEDE_OK)
        status = tiered_merge(writer->store, &writer->manifest, &writer->account, err);
    writer->committed = writer->manifest.segment_count;
    return status;
}

static enum lede_status commit(struct lede_writer *writer, struct lede_error *err)
{
    struct change_totals totals = {0};
    enum lede_status status = writer_submit(writer, err);

    if (status == LEDE_OK)
        status = writer_finish_segment(writer, err);
    if (status != LEDE_OK)
        return status;
    if (!changes_none(&writer->changes) || writer->manifest.segment_count > writer->committed)
        status = resolve_and_flip(writer, &totals, err);
    else if (writer->fresh || writer->settings.declared)
        status = flip(writer, NULL, NULL, 0, err);
    if (status != LEDE_OK)
        return status;
    writer->totals.added += totals.added;
    writer->totals.replaced += totals.replaced;
    writer->totals.removed += totals.removed;
    writer->totals.unchanged += writer->changes.unchanged;
    changes_reset(&writer->changes);
    writer->committed = writer->manifest.segment_count;
    writer->fresh = writer->settings.declared = false;
    return tidy(writer, err);
}

enum lede_status lede_writer_commit(struct lede_writer *writer, struct lede_error *error)
{
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return writer_broken(writer, error);
    status = commit(writer, &inner);
    return status == LEDE_OK ? LEDE_OK : writer_break(writer, status, &inner, error);
}
