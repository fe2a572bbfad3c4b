#include "collapse.h"

#include <stdlib.h>

#define NOTHING UINT32_MAX

static uint64_t group_of(void *context, uint32_t segment, uint32_t document)
{
    return collapse_group(context, segment, document);
}

void collapse_init(struct collapse *collapse, const struct lede_index *index,
                   enum lede_collapse mode)
{
    *collapse = (struct collapse){.index = index,
                                  .exact = mode == LEDE_COLLAPSE_EXACT,
                                  .groups = {collapse, group_of},
                                  .segment = NOTHING};
}

/* ---- the group of a document ---- */

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 32) * 0x9e3779b97f4a7c15U;
    return value ^ value >> 29;
}

/* A group that is nobody else's, but for a chance of one in 2^64. */
static uint64_t alone(uint32_t segment, uint32_t document)
{
    return mix(mix(((uint64_t)segment << 32 | document) + 1));
}

static uint64_t exact_group(int64_t signature, int64_t tokens)
{
    return mix((uint64_t)signature + mix((uint64_t)tokens));
}

static enum lede_status open_blocks(struct collapse *collapse, uint32_t segment, uint32_t window,
                                    struct lede_error *err)
{
    const struct column_source *columns = &collapse->index->segments[segment].segment->columns;
    enum lede_status status =
        column_block_open(columns, COLUMN_SIGNATURE, window, &collapse->signatures, err);

    if (status == LEDE_OK)
        status =
            column_block_open(columns, collapse->exact ? COLUMN_TOKENS : COLUMN_DUPLICATE_GROUP,
                              window, &collapse->names, err);
    if (status == LEDE_OK)
        status = column_block_open(columns, COLUMN_CONTENT_HASH, window, &collapse->hashes, err);
    collapse->segment = status == LEDE_OK ? segment : NOTHING;
    collapse->window = window;
    return status;
}

static enum lede_status find_group(struct collapse *collapse, uint32_t segment, uint32_t document,
                                   uint64_t *group, struct lede_error *err)
{
    const struct column_source *columns = &collapse->index->segments[segment].segment->columns;
    uint32_t window = document / WINDOW_DOCS, place = document % WINDOW_DOCS;
    enum lede_status status = LEDE_OK;
    int64_t signature = COLUMN_MISSING, name = COLUMN_MISSING;

    if (collapse->segment != segment || collapse->window != window)
        status = open_blocks(collapse, segment, window, err);
    if (status == LEDE_OK)
        status = column_block_get(columns, &collapse->signatures, place, &signature, err);
    if (status == LEDE_OK && signature != COLUMN_MISSING)
        status = column_block_get(columns, &collapse->names, place, &name, err);
    if (status == LEDE_OK && signature != COLUMN_MISSING && name == COLUMN_MISSING)
        status = column_block_get(columns, &collapse->hashes, place, &name, err);
    if (status == LEDE_OK)
        *group = signature == COLUMN_MISSING ? alone(segment, document)
                 : collapse->exact           ? exact_group(signature, name)
                                             : (uint64_t)name;
    return status;
}

uint64_t collapse_group(struct collapse *collapse, uint32_t segment, uint32_t document)
{
    uint64_t group = 0;

    if (collapse->status == LEDE_OK)
        collapse->status = find_group(collapse, segment, document, &group, &collapse->error);
    return group;
}

/* ---- how many there are ---- */

struct tally {
    const uint64_t *groups;
    uint64_t *live;
    uint32_t *slots; /* places of groups, from 1; 0: free */
    unsigned shift;
    int64_t signatures[WINDOW_DOCS], names[WINDOW_DOCS], hashes[WINDOW_DOCS];
};

static size_t slot_of(const struct tally *tally, uint64_t group)
{
    return (size_t)(mix(group) * 0x9e3779b97f4a7c15U >> tally->shift);
}

/* A table at most a quarter full. */
static struct tally *tally_new(const uint64_t *groups, size_t count, uint64_t *live)
{
    struct tally *tally = malloc(sizeof *tally);
    unsigned bits = 4;

    while ((size_t)1 << bits < 4 * count)
        bits++;
    if (!tally)
        return NULL;
    tally->groups = groups;
    tally->live = live;
    tally->shift = 64 - bits;
    tally->slots = calloc((size_t)1 << bits, sizeof *tally->slots);
    for (size_t i = 0; tally->slots && i < count; i++) {
        size_t slot = slot_of(tally, groups[i]);

        while (tally->slots[slot])
            slot = (slot + 1) & (((size_t)1 << bits) - 1);
        tally->slots[slot] = (uint32_t)i + 1;
        live[i] = 0;
    }
    return tally;
}

static void tally_free(struct tally *tally)
{
    if (tally)
        free(tally->slots);
    free(tally);
}

static void tally_add(struct tally *tally, uint64_t group)
{
    size_t mask = ((size_t)1 << (64 - tally->shift)) - 1;
    uint32_t place;

    for (size_t slot = slot_of(tally, group); (place = tally->slots[slot]) > 0;
         slot = (slot + 1) & mask)
        if (tally->groups[place - 1] == group) {
            tally->live[place - 1]++;
            return;
        }
}

/* Reads what groups are made of; a window without any signature has none, and is not read. */
static enum lede_status read_window(const struct collapse *collapse,
                                    const struct column_source *columns, uint32_t window,
                                    struct tally *tally, bool *is_empty, struct lede_error *err)
{
    int64_t min, max;
    enum lede_status status =
        column_window(columns, COLUMN_SIGNATURE, window, tally->signatures, &min, &max, err);

    *is_empty = min > max;
    if (status != LEDE_OK || *is_empty)
        return status;
    if (collapse->exact)
        return column_window(columns, COLUMN_TOKENS, window, tally->names, &min, &max, err);
    status = column_window(columns, COLUMN_DUPLICATE_GROUP, window, tally->names, &min, &max, err);
    return status == LEDE_OK
               ? column_window(columns, COLUMN_CONTENT_HASH, window, tally->hashes, &min, &max, err)
               : status;
}

static enum lede_status count_window(const struct collapse *collapse, struct segment *segment,
                                     uint32_t window, struct tally *tally, struct lede_error *err)
{
    uint32_t documents = segment_window_docs(segment, window);
    const uint8_t *deleted = NULL;
    bool is_empty = true;
    enum lede_status status =
        read_window(collapse, &segment->columns, window, tally, &is_empty, err);

    if (status == LEDE_OK && !is_empty)
        status = segment_deletions(segment, window, &deleted, err);
    if (status != LEDE_OK || is_empty)
        return status;
    for (uint32_t i = 0; i < documents; i++) {
        int64_t name = tally->names[i];

        if (tally->signatures[i] == COLUMN_MISSING || (deleted && deleted[i / 8] >> i % 8 & 1))
            continue;
        if (collapse->exact)
            tally_add(tally, exact_group(tally->signatures[i], name));
        else
            tally_add(tally, (uint64_t)(name == COLUMN_MISSING ? tally->hashes[i] : name));
    }
    return LEDE_OK;
}

enum lede_status collapse_count(const struct collapse *collapse, const uint64_t *groups,
                                size_t count, uint64_t *live, struct lede_error *err)
{
    struct tally *tally = tally_new(groups, count, live);
    enum lede_status status = LEDE_OK;

    if (!tally || !tally->slots) {
        tally_free(tally);
        return error_no_memory(err);
    }
    for (uint32_t i = 0; i < collapse->index->segment_count && count > 0; i++) {
        struct segment *segment = collapse->index->segments[i].segment;

        for (uint32_t window = 0; window < segment_window_count(segment) && status == LEDE_OK;
             window++)
            status = count_window(collapse, segment, window, tally, err);
    }
    tally_free(tally);
    return status;
}
