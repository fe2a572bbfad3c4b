#include "tiered_merge.h"

#include <string.h>

#include "base/account.h"
#include "merge_policy.h"
#include "segment_merge.h"

/* Of segment_merge: besides what it takes for each document. */
enum { MERGE_FIXED = 24 << 20, MERGE_DOCUMENT = 2 * 26 };

/* Documents that the memory left suffices for, each with a source file of its own. */
static uint64_t documents_that_fit(struct account *account)
{
    size_t used = atomic_load(&account->used);

    if (account->limit == 0)
        return DOCS_MAX;
    if (used + MERGE_FIXED >= account->limit)
        return 0;
    return (account->limit - used - MERGE_FIXED) / MERGE_DOCUMENT;
}

/* Writes the segment that is to stand for the range. */
static enum lede_status write_merged(struct store *store, const struct manifest *manifest,
                                     struct merge_range range, struct account *account,
                                     struct segment_info *info, struct lede_error *err)
{
    struct segment_merge_options options = {.number = manifest->next_segment};
    struct snapshot *snapshot;
    uint64_t size = 0;
    enum lede_status status;

    for (size_t i = 0; i < range.count; i++)
        size += merge_size(&manifest->segments[range.first + i]);
    status = store_reserve(store, size + STORE_TXN_ROOM, err);
    if (status == LEDE_OK)
        status = snapshot_of(store, &snapshot, err);
    if (status != LEDE_OK)
        return status;
    status = segment_merge(snapshot, range.first, range.count, &options, store, account, info, err);
    snapshot_close(snapshot);
    return status;
}

/* Puts the segment, if there is one, in place of the range. */
static void replace(struct manifest *manifest, struct merge_range range,
                    const struct segment_info *info)
{
    struct segment_info *at = manifest->segments + range.first;
    size_t behind = manifest->segment_count - range.first - range.count;
    size_t kept = segment_merge_is_empty(info) ? 0 : 1;

    if (kept)
        *at = *info;
    memmove(at + kept, manifest->segments + range.first + range.count, behind * sizeof *at);
    manifest->segment_count -= range.count - kept;
}

static enum lede_status drop_old(struct store *store, const struct manifest *old,
                                 struct merge_range range, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < range.count && status == LEDE_OK; i++)
        status = store_write_drop_segment(store, old->segments[range.first + i].number, err);
    return status == LEDE_OK ? store_write_commit(store, err) : status;
}

/* manifest's segments become those of next, which was flipped to. */
static void adopt(struct manifest *manifest, struct manifest *next)
{
    struct segment_info *old = manifest->segments;

    manifest->segments = next->segments;
    manifest->segment_count = next->segment_count;
    manifest->generation = next->generation;
    next->segments = old;
}

/* Removes what a merge that failed wrote, as far as that is possible: the next writer does the
 * rest. */
static void drop_garbage(struct store *store, uint32_t number)
{
    store_write_abort(store);
    if (store_write_drop_segment(store, number, NULL) != LEDE_OK ||
        store_write_commit(store, NULL) != LEDE_OK)
        store_write_abort(store);
}

/* old, next: copies of manifest, the caller's to give back. */
static enum lede_status merge_into(struct store *store, struct manifest *manifest,
                                   const struct manifest *old, struct manifest *next,
                                   struct merge_range range, struct account *account,
                                   struct lede_error *err)
{
    uint32_t number = manifest->next_segment++; /* used, whatever comes of it */
    struct segment_info info;
    enum lede_status status = write_merged(store, next, range, account, &info, err);

    if (status == LEDE_OK) {
        replace(next, range, &info);
        next->next_segment = manifest->next_segment;
        next->generation++;
        status = store_flip_instead(store, next, old->segments + range.first, range.count, err);
    }
    if (status != LEDE_OK) {
        drop_garbage(store, number);
        return status;
    }
    adopt(manifest, next);
    return LEDE_OK;
}

static enum lede_status merge_one(struct store *store, struct manifest *manifest,
                                  struct merge_range range, struct account *account,
                                  struct lede_error *err)
{
    struct manifest next, old;
    enum lede_status status = manifest_copy(manifest, &old, err);

    if (status != LEDE_OK)
        return status;
    status = manifest_copy(manifest, &next, err);
    if (status == LEDE_OK)
        status = merge_into(store, manifest, &old, &next, range, account, err);
    if (status == LEDE_OK)
        status = drop_old(store, &old, range, err);
    manifest_done(&next);
    manifest_done(&old);
    return status;
}

static bool is_lack_of_room(enum lede_status status)
{
    return status == LEDE_NO_MEMORY || status == LEDE_FULL || status == LEDE_BUSY;
}

enum lede_status tiered_merge(struct store *store, struct manifest *manifest,
                              struct account *account, struct lede_error *err)
{
    uint64_t documents = documents_that_fit(account);
    struct merge_range range;
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && merge_next(manifest, documents, &range))
        status = merge_one(store, manifest, range, account, err);
    if (status != LEDE_OK)
        store_write_abort(store);
    return is_lack_of_room(status) ? LEDE_OK : status;
}
