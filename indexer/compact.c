#include "compact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/account.h"
#include "segment_merge.h"
#include "settings.h"

struct compaction {
    const struct compact_options *options;
    struct compact_totals *totals;
    struct store *store;
    struct account account;
    struct manifest manifest; /* as committed */
};

/* ---- the new segment ---- */

static enum lede_status merge_all(struct compaction *compaction, uint32_t number,
                                  struct segment_info *info, struct lede_error *err)
{
    const struct compact_options *wanted = compaction->options;
    struct segment_merge_options options = {.number = number,
                                            .reorder = wanted->reorder,
                                            .jobs =
                                                wanted->jobs ? wanted->jobs : settings_processors(),
                                            .left_out = &compaction->totals->left_out};
    struct snapshot *snapshot;
    enum lede_status status = snapshot_of(compaction->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = segment_merge(snapshot, 0, snapshot->segment_count, &options, compaction->store,
                           &compaction->account, info, err);
    snapshot_close(snapshot);
    return status;
}

/* *replacing gets what is to be instead, for manifest_done in any case. */
static enum lede_status rewrite(struct compaction *compaction, struct manifest *replacing,
                                struct lede_error *err)
{
    struct segment_info info;
    enum lede_status status = manifest_copy(&compaction->manifest, replacing, err);

    if (status != LEDE_OK)
        return status;
    replacing->segment_count = 0;
    replacing->generation++;
    status = merge_all(compaction, replacing->next_segment, &info, err);
    if (status != LEDE_OK)
        return status;
    compaction->totals->articles = info.documents;
    if (segment_merge_is_empty(&info))
        return LEDE_OK;
    replacing->next_segment++;
    return manifest_add(replacing, &info, err);
}

/* ---- the whole ---- */

static enum lede_status read_manifest(struct store *store, struct manifest *manifest,
                                      struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = store_snapshot_begin(store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = store_manifest(&snapshot, manifest, err);
    store_snapshot_end(&snapshot);
    return status;
}

static void count(struct compaction *compaction)
{
    const struct manifest *manifest = &compaction->manifest;

    compaction->totals->segments = manifest->segment_count;
    for (size_t i = 0; i < manifest->segment_count; i++)
        compaction->totals->removed += manifest->segments[i].deleted;
}

static enum lede_status drop_all(struct store *store, const struct manifest *manifest,
                                 struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < manifest->segment_count && status == LEDE_OK; i++)
        status = store_write_drop_segment(store, manifest->segments[i].number, err);
    return status == LEDE_OK ? store_write_commit(store, err) : status;
}

/* Collects garbage first, so that next_segment is above whatever is in the file. The snapshot that
 * is read keeps the map from growing, so it is made large enough before: in another order names and
 * articles may pack worse. */
static enum lede_status compact(struct compaction *compaction, struct lede_error *err)
{
    struct store *store = compaction->store;
    uint64_t size = store_size(store) * (compaction->options->reorder ? 2 : 1);
    struct manifest replacing;
    enum lede_status status = store_collect(store, &compaction->manifest, err);

    if (status == LEDE_OK)
        status = store_reserve(store, size + STORE_TXN_ROOM, err);
    if (status != LEDE_OK)
        return status;
    count(compaction);
    manifest_init(&replacing);
    status = rewrite(compaction, &replacing, err);
    if (status == LEDE_OK)
        status = store_flip_instead(store, &replacing, compaction->manifest.segments,
                                    compaction->manifest.segment_count, err);
    manifest_done(&replacing);
    compaction->totals->done = status == LEDE_OK;
    return status == LEDE_OK ? drop_all(store, &compaction->manifest, err) : status;
}

static enum lede_status compact_store(struct compaction *compaction, struct lede_error *err)
{
    struct store *store = compaction->store;
    size_t memory = compaction->options->memory ? compaction->options->memory : MEMORY_DEFAULT;
    enum lede_status status = store_check_alone(store, err);

    if (status != LEDE_OK)
        return status;
    store_bound_pages(store, MEMORY_MAPPED);
    account_init(&compaction->account, memory);
    manifest_init(&compaction->manifest);
    status = read_manifest(store, &compaction->manifest, err);
    if (status == LEDE_OK)
        status = compact(compaction, err);
    manifest_done(&compaction->manifest);
    if (status == LEDE_NO_MEMORY)
        return error_set(err, status,
                         "%s: it takes more than %zu bytes of memory to compact it; raise --memory",
                         store_path(store), memory);
    return status == LEDE_OK ? store_shrink(store, compaction->options->wait, err) : status;
}

static enum lede_status file_size(const char *path, uint64_t *size, struct lede_error *err)
{
    char *name;
    struct stat about;
    int code = 0;

    if (asprintf(&name, "%s/data.mdb", path) < 0)
        return error_no_memory(err);
    if (stat(name, &about) != 0)
        code = errno;
    else
        *size = (uint64_t)about.st_size;
    free(name);
    return code == 0 ? LEDE_OK : error_set(err, LEDE_IO, "%s: %s", path, strerror(code));
}

/* A writer would make an index that is not there. */
static enum lede_status check_there(const char *path, struct lede_error *err)
{
    struct store *store;
    enum lede_status status = store_open(path, &store, err);

    if (status == LEDE_OK)
        store_close(store);
    return status;
}

enum lede_status compact_index(const char *path, const struct compact_options *options,
                               struct compact_totals *totals, struct lede_error *err)
{
    struct compaction compaction = {.options = options, .totals = totals};
    enum lede_status status = check_there(path, err);

    *totals = (struct compact_totals){0};
    if (status == LEDE_OK)
        status = store_open_writer(path, options->wait, &compaction.store, err);
    if (status == LEDE_OK)
        status = file_size(path, &totals->before, err);
    if (status == LEDE_OK)
        status = compact_store(&compaction, err);
    if (totals->done)
        (void)file_size(path, &totals->after, NULL);
    store_close(compaction.store);
    return status;
}
