#include "compact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/account.h"
#include "segment_merge.h"
#include "settings.h"

/* ---- the new segment ---- */

/* manifest: as committed; *replacing gets what is to be instead, for manifest_done in any case. */
static enum lede_status rewrite(struct store *store, const struct manifest *manifest,
                                struct account *account, struct manifest *replacing,
                                struct compact_totals *totals, struct lede_error *err)
{
    struct segment_merge_options options;
    struct snapshot *snapshot;
    struct segment_info info;
    enum lede_status status = manifest_copy(manifest, replacing, err);

    if (status == LEDE_OK)
        status = snapshot_of(store, &snapshot, err);
    if (status != LEDE_OK)
        return status;
    replacing->segment_count = 0;
    replacing->generation++;
    options = (struct segment_merge_options){.number = replacing->next_segment};
    status =
        segment_merge(snapshot, 0, snapshot->segment_count, &options, store, account, &info, err);
    snapshot_close(snapshot);
    totals->articles = info.documents;
    if (status != LEDE_OK || info.documents == 0)
        return status;
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

static void count(const struct manifest *manifest, struct compact_totals *totals)
{
    totals->segments = manifest->segment_count;
    for (size_t i = 0; i < manifest->segment_count; i++)
        totals->removed += manifest->segments[i].deleted;
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
 * is read keeps the map from growing, so it is made large enough before. */
static enum lede_status compact(struct store *store, struct manifest *manifest,
                                struct account *account, struct compact_totals *totals,
                                struct lede_error *err)
{
    struct manifest replacing;
    enum lede_status status = store_collect(store, manifest, err);

    if (status == LEDE_OK)
        status = store_reserve(store, store_size(store) + STORE_TXN_ROOM, err);
    if (status != LEDE_OK)
        return status;
    count(manifest, totals);
    manifest_init(&replacing);
    status = rewrite(store, manifest, account, &replacing, totals, err);
    if (status == LEDE_OK)
        status = store_flip(store, &replacing, NULL, 0, err);
    manifest_done(&replacing);
    totals->done = status == LEDE_OK;
    return status == LEDE_OK ? drop_all(store, manifest, err) : status;
}

static enum lede_status compact_store(struct store *store, size_t memory, unsigned wait,
                                      struct compact_totals *totals, struct lede_error *err)
{
    struct account account;
    struct manifest manifest;
    enum lede_status status = store_check_alone(store, err);

    if (status != LEDE_OK)
        return status;
    account_init(&account, memory);
    manifest_init(&manifest);
    status = read_manifest(store, &manifest, err);
    if (status == LEDE_OK)
        status = compact(store, &manifest, &account, totals, err);
    manifest_done(&manifest);
    if (status == LEDE_NO_MEMORY)
        return error_set(err, status,
                         "%s: it takes more than %zu bytes of memory to compact it; raise --memory",
                         store_path(store), memory);
    return status == LEDE_OK ? store_shrink(store, wait, err) : status;
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
    size_t memory = options->memory ? options->memory : MEMORY_DEFAULT;
    struct store *store = NULL;
    enum lede_status status = check_there(path, err);

    *totals = (struct compact_totals){0};
    if (status == LEDE_OK)
        status = store_open_writer(path, options->wait, &store, err);
    if (status == LEDE_OK)
        status = file_size(path, &totals->before, err);
    if (status == LEDE_OK)
        status = compact_store(store, memory, options->wait, totals, err);
    if (totals->done)
        (void)file_size(path, &totals->after, NULL);
    store_close(store);
    return status;
}
