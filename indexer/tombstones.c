#include "tombstones.h"

#include <assert.h>
#include <stdlib.h>

#include "base/account.h"

/* Zeroed memory that is charged until tombstones_done; NULL if there is none. */
static void *take(struct tombstones *tombstones, size_t count, size_t size)
{
    void *memory = account_calloc(tombstones->account, count, size);

    if (memory)
        tombstones->charged += count * size;
    return memory;
}

enum lede_status tombstones_init(struct tombstones *tombstones, struct store_snapshot *snapshot,
                                 const struct manifest *manifest, struct account *account,
                                 struct lede_error *err)
{
    *tombstones =
        (struct tombstones){.snapshot = snapshot, .manifest = manifest, .account = account};
    tombstones->segments = take(tombstones, manifest->segment_count, sizeof *tombstones->segments);
    if (!tombstones->segments)
        return error_no_memory(err);
    for (size_t i = 0; i < manifest->segment_count; i++) {
        struct tombstone_segment *segment = &tombstones->segments[i];

        segment->chunk_count =
            ((size_t)manifest->segments[i].documents + DELETION_CHUNK - 1) / DELETION_CHUNK;
        segment->chunks = take(tombstones, segment->chunk_count, sizeof *segment->chunks);
        if (!segment->chunks)
            return error_no_memory(err);
    }
    return LEDE_OK;
}

void tombstones_done(struct tombstones *tombstones)
{
    for (size_t i = 0; tombstones->segments && i < tombstones->manifest->segment_count; i++) {
        struct tombstone_segment *segment = &tombstones->segments[i];

        for (size_t j = 0; segment->chunks && j < segment->chunk_count; j++)
            free(segment->chunks[j].value);
        free(segment->chunks);
    }
    free(tombstones->segments);
    account_release(tombstones->account, tombstones->charged);
    *tombstones = (struct tombstones){0};
}

/* Looks a chunk up in the store, once. */
static enum lede_status look_up(struct tombstones *tombstones, size_t segment, uint32_t number,
                                struct lede_error *err)
{
    struct tombstone_chunk *chunk = &tombstones->segments[segment].chunks[number];
    const struct segment_info *info = &tombstones->manifest->segments[segment];
    uint8_t key[DELETION_KEY_SIZE];
    enum lede_status status;
    struct slice value;

    deletion_key(key, info->number, number);
    status = store_get(tombstones->snapshot, TABLE_DELETED, slice_of(key, sizeof key), &value, err);
    chunk->known = status == LEDE_OK || status == LEDE_MISSING;
    if (status != LEDE_OK)
        return status == LEDE_MISSING ? LEDE_OK : status;
    status = deletion_check(value, deletion_size(info, number), info->number, number, err);
    if (status != LEDE_OK)
        return status;
    chunk->value = take(tombstones, 1, DELETION_SIZE);
    if (!chunk->value)
        return error_no_memory(err);
    memcpy(chunk->value, value.data, value.size);
    return LEDE_OK;
}

static enum lede_status chunk_of(struct tombstones *tombstones, size_t segment, doc_id document,
                                 struct tombstone_chunk **chunk, struct lede_error *err)
{
    uint32_t number = document / DELETION_CHUNK;

    assert(document < tombstones->manifest->segments[segment].documents);
    *chunk = &tombstones->segments[segment].chunks[number];
    return (*chunk)->known ? LEDE_OK : look_up(tombstones, segment, number, err);
}

enum lede_status tombstones_get(struct tombstones *tombstones, size_t segment, doc_id document,
                                bool *deleted, struct lede_error *err)
{
    struct tombstone_chunk *chunk;
    enum lede_status status = chunk_of(tombstones, segment, document, &chunk, err);

    if (status == LEDE_OK)
        *deleted = chunk->value && deletion_has(chunk->value, document);
    return status;
}

enum lede_status tombstones_set(struct tombstones *tombstones, size_t segment, doc_id document,
                                struct lede_error *err)
{
    uint32_t place = document % DELETION_CHUNK;
    struct tombstone_chunk *chunk;
    enum lede_status status = chunk_of(tombstones, segment, document, &chunk, err);

    if (status != LEDE_OK)
        return status;
    if (!chunk->value && !(chunk->value = take(tombstones, 1, DELETION_SIZE)))
        return error_no_memory(err);
    if (deletion_has(chunk->value, document))
        return LEDE_OK;
    chunk->value[DELETION_HEADER + place / 8] |= (uint8_t)(1U << place % 8);
    chunk->dirty = true;
    tombstones->segments[segment].added++;
    return LEDE_OK;
}

enum lede_status tombstones_records(struct tombstones *tombstones, struct deletion_record **records,
                                    size_t *count, struct lede_error *err)
{
    size_t chunks = 0, at = 0;

    for (size_t i = 0; i < tombstones->manifest->segment_count; i++)
        chunks += tombstones->segments[i].chunk_count;
    *records = calloc(chunks + 1, sizeof **records);
    if (!*records)
        return error_no_memory(err);
    for (size_t i = 0; i < tombstones->manifest->segment_count; i++) {
        const struct segment_info *info = &tombstones->manifest->segments[i];

        for (uint32_t j = 0; j < tombstones->segments[i].chunk_count; j++) {
            struct tombstone_chunk *chunk = &tombstones->segments[i].chunks[j];
            size_t size = deletion_size(info, j);

            if (!chunk->dirty)
                continue;
            deletion_seal(chunk->value, size, info->number, j);
            (*records)[at++] =
                (struct deletion_record){info->number, j, slice_of(chunk->value, size)};
        }
    }
    *count = at;
    return LEDE_OK;
}
