#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/account.h"
#include "index_merge_internal.h"
#include "regrouping.h"
#include "settings.h"

/* ---- opening ---- */

static enum lede_status refuse_itself(const char *path, const char *other, struct lede_error *err)
{
    char name[2][4096];
    struct stat about[2];

    if (snprintf(name[0], sizeof name[0], "%s/data.mdb", path) >= (int)sizeof name[0] ||
        snprintf(name[1], sizeof name[1], "%s/data.mdb", other) >= (int)sizeof name[1] ||
        stat(name[0], &about[0]) != 0 || stat(name[1], &about[1]) != 0 ||
        about[0].st_dev != about[1].st_dev || about[0].st_ino != about[1].st_ino)
        return LEDE_OK;
    return error_set(err, LEDE_INVALID, "%s: an index cannot be brought into itself", other);
}

/* Errors of reading another index name it. */
static enum lede_status blame(const struct other *other, const struct lede_error *problem,
                              struct lede_error *err)
{
    return error_set(err, problem->status, "%s: %s", other->path, problem->text);
}

static enum lede_status open_other(struct other *other, const char *path, struct lede_error *err)
{
    struct lede_error problem = {.status = LEDE_OK};
    enum lede_status status = refuse_itself(path, other->path, err);

    if (status == LEDE_OK)
        status = store_open_checked(other->path, NULL, NULL, NULL, &other->store, err);
    if (status != LEDE_OK)
        return status;
    store_bound_pages(other->store, MEMORY_MAPPED);
    if (snapshot_of(other->store, &other->snapshot, &problem) != LEDE_OK)
        return blame(other, &problem, err);
    return LEDE_OK;
}

/* ---- what is to be ---- */

/* A new index is made like the first of the others. */
static enum lede_status found(struct merging *merging, struct lede_error *err)
{
    enum lede_status status;

    manifest_done(&merging->manifest);
    manifest_init(&merging->manifest);
    status = manifest_copy(&merging->others[0].snapshot->manifest, &merging->manifest, err);
    merging->manifest.segment_count = 0;
    merging->manifest.generation = 0;
    merging->manifest.next_segment = 0;
    return status;
}

static enum lede_status read_manifest(struct merging *merging, struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = store_snapshot_begin(merging->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = store_manifest(&snapshot, &merging->manifest, err);
    store_snapshot_end(&snapshot);
    if (status == LEDE_MISSING)
        status = found(merging, err);
    merging->committed = merging->manifest.segment_count;
    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++)
        status = merging_check_same(&merging->manifest, store_path(merging->store),
                                    &merging->others[i], err);
    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++)
        status = merging_join_fields(merging, &merging->others[i], err);
    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++)
        merging_map_fields(merging, &merging->others[i]);
    return status == LEDE_OK ? store_collect(merging->store, &merging->manifest, err) : status;
}

/* ---- copying ---- */

/* groups NULL: they stay. */
static enum lede_status copy_grouped(struct merging *merging, const struct other *other,
                                     struct segment *segment, const struct group_source *groups,
                                     struct segment_info *info, struct lede_error *err)
{
    struct record_sink sink = store_sink(merging->store);

    return segment_copy(segment, merging->manifest.next_segment,
                        other->renumbered ? &other->fields : NULL, groups, &sink, &merging->account,
                        info, err);
}

/* *ours: it is the index itself that could not be read. */
static enum lede_status regroup(struct merging *merging, const struct other *other,
                                struct segment *segment, struct segment_info *info, bool *ours,
                                struct lede_error *err)
{
    struct regrouping *regrouping = NULL;
    struct group_source groups;
    enum lede_status status = regrouping_new(segment, merging->store, &merging->manifest,
                                             &merging->account, &regrouping, err);

    if (status == LEDE_OK) {
        groups = regrouping_groups(regrouping);
        status = copy_grouped(merging, other, segment, &groups, info, err);
        *ours = regrouping_failed_before(regrouping);
    }
    regrouping_free(regrouping);
    return status;
}

/* Articles of the first other index have nothing of yet another one before them. */
static enum lede_status copy_segment(struct merging *merging, const struct other *other,
                                     struct segment *segment, struct lede_error *err)
{
    struct lede_error problem = {.status = LEDE_OK};
    struct segment_info info;
    bool ours = false;
    enum lede_status status = other->first > 0
                                  ? regroup(merging, other, segment, &info, &ours, &problem)
                                  : copy_grouped(merging, other, segment, NULL, &info, &problem);

    if (status == LEDE_CORRUPT && !ours)
        return blame(other, &problem, err);
    if (status != LEDE_OK)
        return error_set(err, status, "%s", problem.text);
    info.lacks = merging_lacks_of(merging, other, segment);
    merging->manifest.next_segment++;
    merging->totals->segments++;
    merging->totals->articles += info.documents - info.deleted;
    return manifest_add(&merging->manifest, &info, err);
}

static enum lede_status copy_others(struct merging *merging, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++) {
        struct other *other = &merging->others[i];

        other->first = merging->manifest.segment_count;
        for (size_t j = 0; j < other->snapshot->segment_count && status == LEDE_OK; j++)
            status = copy_segment(merging, other, &other->snapshot->segments[j], err);
    }
    return status == LEDE_OK ? store_write_commit(merging->store, err) : status;
}

/* ---- the same id twice ---- */

/* The live document of this id in segments of a snapshot, the first of which is at first in the new
 * manifest, is deleted. */
static enum lede_status overrule(struct merging *merging, struct snapshot *snapshot, size_t first,
                                 struct slice id, struct lede_error *err)
{
    uint32_t place;
    doc_id document;
    bool deleted = false;
    enum lede_status status = snapshot_find_id(snapshot, id, &place, &document, err);

    snapshot_relieve(snapshot);
    if (status != LEDE_OK)
        return status == LEDE_MISSING ? LEDE_OK : status;
    status = tombstones_get(&merging->tombstones, first + place, document, &deleted, err);
    if (status != LEDE_OK || deleted)
        return status;
    merging->totals->replaced++;
    return tombstones_set(&merging->tombstones, first + place, document, err);
}

static enum lede_status overrule_all(struct merging *merging, size_t other, struct slice id,
                                     struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (merging->committed_segments)
        status = overrule(merging, merging->committed_segments, 0, id, err);
    for (size_t i = 0; i < other && status == LEDE_OK; i++)
        status = overrule(merging, merging->others[i].snapshot, merging->others[i].first, id, err);
    return status;
}

static enum lede_status resolve_segment(struct merging *merging, size_t other,
                                        struct segment *segment, struct buffer *id,
                                        struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (doc_id document = 0; document < segment->info->documents && status == LEDE_OK;
         document++) {
        bool deleted;

        status = segment_is_deleted(segment, document, &deleted, err);
        if (status != LEDE_OK || deleted)
            continue;
        status = segment_name(segment, document, id, err);
        if (status == LEDE_OK)
            status = overrule_all(merging, other, buffer_bytes(id), err);
        snapshot_relieve(segment->snapshot);
    }
    return status;
}

static enum lede_status resolve(struct merging *merging, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    struct buffer id;

    buffer_init(&id, &merging->account);
    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++) {
        struct snapshot *snapshot = merging->others[i].snapshot;

        for (size_t j = 0; j < snapshot->segment_count && status == LEDE_OK; j++)
            status = resolve_segment(merging, i, &snapshot->segments[j], &id, err);
    }
    buffer_done(&id);
    return status;
}

/* ---- the flip ---- */

/* What is read of the index ends before the flip, which may have to make its map larger. */
static enum lede_status find_deletions(struct merging *merging, struct deletion_record **records,
                                       size_t *count, struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = store_snapshot_begin(merging->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    if (merging->committed > 0)
        status = snapshot_of(merging->store, &merging->committed_segments, err);
    if (status == LEDE_OK)
        status = tombstones_init(&merging->tombstones, &snapshot, &merging->manifest,
                                 &merging->account, err);
    if (status == LEDE_OK)
        status = resolve(merging, err);
    if (status == LEDE_OK)
        status = tombstones_records(&merging->tombstones, records, count, err);
    snapshot_close(merging->committed_segments);
    store_snapshot_end(&snapshot);
    return status;
}

static enum lede_status flip(struct merging *merging, struct lede_error *err)
{
    struct manifest *manifest = &merging->manifest;
    struct deletion_record *records = NULL;
    size_t count = 0;
    enum lede_status status = find_deletions(merging, &records, &count, err);

    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++)
        if (store_snapshot_overtaken(&merging->others[i].snapshot->records))
            status = error_set(err, LEDE_BUSY, "%s: it was written meanwhile; repeat it",
                               merging->others[i].path);
    if (status == LEDE_OK) {
        for (size_t i = 0; i < manifest->segment_count; i++)
            manifest->segments[i].deleted += merging->tombstones.segments[i].added;
        manifest->generation++;
        status = store_flip(merging->store, manifest, records, count, err);
    }
    free(records);
    tombstones_done(&merging->tombstones);
    return status;
}

/* ---- the whole ---- */

static enum lede_status merge_opened(struct merging *merging, struct lede_error *err)
{
    size_t committed;
    enum lede_status status = read_manifest(merging, err);

    if (status != LEDE_OK)
        return status;
    committed = merging->manifest.segment_count;
    status = copy_others(merging, err);
    if (status == LEDE_OK)
        status = flip(merging, err);
    if (status == LEDE_OK)
        return LEDE_OK;
    store_write_abort(merging->store);
    merging->manifest.segment_count = committed; /* what was copied is garbage */
    (void)store_collect(merging->store, &merging->manifest, NULL);
    return status;
}

static void close_others(struct merging *merging)
{
    for (size_t i = 0; merging->others && i < merging->count; i++) {
        snapshot_close(merging->others[i].snapshot);
        store_close(merging->others[i].store);
    }
    free(merging->others);
}

static enum lede_status open_others(struct merging *merging, const char *path,
                                    const char *const *others, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    merging->others = calloc(merging->count, sizeof *merging->others);
    if (!merging->others)
        return error_no_memory(err);
    for (size_t i = 0; i < merging->count && status == LEDE_OK; i++) {
        merging->others[i].path = others[i];
        status = open_other(&merging->others[i], path, err);
        if (status == LEDE_OK) /* before there is a new index, perhaps */
            status = merging_check_same(&merging->others[0].snapshot->manifest, others[0],
                                        &merging->others[i], err);
    }
    return status;
}

enum lede_status index_merge(const char *path, const char *const *others, size_t count,
                             const struct index_merge_options *options,
                             struct index_merge_totals *totals, struct lede_error *err)
{
    size_t memory = options->memory ? options->memory : MEMORY_DEFAULT;
    struct merging merging = {.count = count, .totals = totals};
    enum lede_status status;

    *totals = (struct index_merge_totals){0};
    if (count == 0)
        return LEDE_OK;
    account_init(&merging.account, memory);
    manifest_init(&merging.manifest);
    status = open_others(&merging, path, others, err);
    if (status == LEDE_OK)
        status = store_open_writer(path, options->wait, &merging.store, err);
    if (status == LEDE_OK)
        store_bound_pages(merging.store, MEMORY_MAPPED);
    if (status == LEDE_OK)
        status = merge_opened(&merging, err);
    if (status == LEDE_NO_MEMORY)
        status =
            error_set(err, status, "%s: it takes more than %zu bytes of memory; raise --memory",
                      path, memory);
    close_others(&merging);
    manifest_done(&merging.manifest);
    store_close(merging.store);
    return status;
}
