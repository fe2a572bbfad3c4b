#include "merge_policy.h"

static uint64_t live_documents(const struct segment_info *info)
{
    return info->documents - info->deleted;
}

uint64_t merge_size(const struct segment_info *info)
{
    uint64_t size = info->dictionary_pages * DICT_PAGE_SIZE;

    for (int kind = 0; kind < STREAM_COUNT; kind++)
        size += info->stream_sizes[kind];
    if (info->deleted == 0)
        return size;
    return (uint64_t)((double)size * (double)live_documents(info) / (double)info->documents);
}

static unsigned tier_of(const struct segment_info *info)
{
    uint64_t size = merge_size(info);
    unsigned tier = 0;

    for (; size > MERGE_SMALL; size /= MERGE_SEGMENTS)
        tier++;
    return tier;
}

static bool fits(const struct manifest *manifest, const struct merge_range *range,
                 uint64_t documents)
{
    uint64_t live = 0;

    for (size_t i = 0; i < range->count; i++)
        live += live_documents(&manifest->segments[range->first + i]);
    return live <= documents && live <= DOCS_MAX;
}

/* The run of segments of this tier or a lower one that begins at *place; *place is behind it. */
static bool run_is_ripe(const struct manifest *manifest, unsigned tier, size_t *place,
                        struct merge_range *range)
{
    unsigned same = 0;

    *range = (struct merge_range){*place, 0};
    for (; *place < manifest->segment_count; ++*place) {
        unsigned its = tier_of(&manifest->segments[*place]);

        if (its > tier)
            break;
        same += its == tier;
        range->count++;
    }
    if (*place < manifest->segment_count)
        return range->count > 1;
    return same >= MERGE_SEGMENTS;
}

static unsigned highest_tier(const struct manifest *manifest)
{
    unsigned highest = 0;

    for (size_t i = 0; i < manifest->segment_count; i++) {
        unsigned tier = tier_of(&manifest->segments[i]);

        highest = tier > highest ? tier : highest;
    }
    return highest;
}

static bool find_run(const struct manifest *manifest, uint64_t documents, struct merge_range *range)
{
    unsigned highest = highest_tier(manifest);

    for (unsigned tier = 0; tier <= highest; tier++)
        for (size_t place = 0; place < manifest->segment_count; place++)
            if (run_is_ripe(manifest, tier, &place, range) && fits(manifest, range, documents))
                return true;
    return false;
}

static bool is_hollow(const struct segment_info *info)
{
    return info->deleted > info->documents / MERGE_HOLLOW;
}

/* A hollow segment, with all that are newer, if these are no larger than it will be. */
static bool find_hollow(const struct manifest *manifest, uint64_t documents,
                        struct merge_range *range)
{
    for (size_t i = 0; i < manifest->segment_count; i++) {
        const struct segment_info *info = &manifest->segments[i];
        uint64_t newer = 0;

        if (!is_hollow(info))
            continue;
        for (size_t j = i + 1; j < manifest->segment_count; j++)
            newer += merge_size(&manifest->segments[j]);
        *range = (struct merge_range){i, manifest->segment_count - i};
        if (newer <= merge_size(info) && fits(manifest, range, documents))
            return true;
        *range = (struct merge_range){i, 1};
        if (fits(manifest, range, documents))
            return true;
    }
    return false;
}

bool merge_next(const struct manifest *manifest, uint64_t documents, struct merge_range *range)
{
    return find_hollow(manifest, documents, range) || find_run(manifest, documents, range);
}
