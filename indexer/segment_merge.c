#include "segment_merge.h"

#include <assert.h>

#include "segment_merge_internal.h"

enum lede_status merge_damaged(const struct segment *segment, const char *what,
                               struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT, "index damaged: segment %u: %s; run lede-index verify",
                     segment->info->number, what);
}

/* Nothing at all if neither documents nor source files are left. */
static enum lede_status write_parts(struct segment_merge *whole, struct segment_info *info,
                                    struct lede_error *err)
{
    enum lede_status status = merge_sources_write(whole, err);

    if (status != LEDE_OK || (whole->live == 0 && whole->sources.written == 0))
        return status;
    segment_writer_late_groups(whole->writer, merge_groups(whole));
    status = merge_documents(whole, err);
    if (status == LEDE_OK)
        status = segment_writer_seal_documents(whole->writer, err);
    merge_order_invert(whole);
    if (status == LEDE_OK)
        status = merge_terms(whole, err);
    return status == LEDE_OK ? segment_writer_finish(whole->writer, info, err) : status;
}

static enum lede_status write_segment(struct segment_merge *whole, uint32_t number,
                                      struct store *store, struct segment_info *info,
                                      struct lede_error *err)
{
    const struct manifest *manifest = &whole->snapshot->manifest;
    struct segment_options options = {
        .number = number,
        .positions = whole->has_positions,
        .k1 = manifest->k1,
        .b = manifest->b,
    };
    struct record_sink sink = store_sink(store);
    enum lede_status status =
        segment_writer_new(&options, &sink, whole->account, &whole->writer, err);

    if (status != LEDE_OK)
        return status;
    status = merge_fields_begin(whole, store_path(store), err);
    if (status == LEDE_OK)
        status = write_parts(whole, info, err);
    merge_fields_done(whole);
    segment_writer_free(whole->writer);
    return status;
}

enum lede_status segment_merge(struct snapshot *snapshot, size_t first, size_t count,
                               const struct segment_merge_options *options, struct store *store,
                               struct account *account, struct segment_info *info,
                               struct lede_error *err)
{
    struct segment_merge whole = {.snapshot = snapshot,
                                  .segments = snapshot->segments + first,
                                  .segment_count = count,
                                  .has_positions =
                                      !(snapshot->manifest.flags & MANIFEST_NO_POSITIONS),
                                  .account = account};
    enum lede_status status;

    assert(first <= snapshot->segment_count && count <= snapshot->segment_count - first);
    *info = (struct segment_info){0};
    status = merge_renumber(&whole, err);
    if (status == LEDE_OK)
        status = merge_sources_find(&whole, err);
    if (status == LEDE_OK && options->reorder && whole.live > 0)
        status = merge_order(&whole, options->jobs ? options->jobs : 1, err);
    if (status == LEDE_OK)
        status = write_segment(&whole, options->number, store, info, err);
    if (options->left_out)
        *options->left_out += whole.left_out;
    merge_order_done(&whole);
    merge_sources_done(&whole);
    merge_renumber_done(&whole);
    return status;
}
