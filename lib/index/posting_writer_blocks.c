#include "index/posting_writer_internal.h"

/* Room in a stream; NULL after a failure, which becomes the writer's. */
static uint8_t *reserve(struct posting_writer *writer, struct stream_writer *stream, size_t size,
                        size_t min_left, uint64_t *offset)
{
    uint8_t *room = stream_writer_reserve(stream, size, min_left, offset);

    if (!room) {
        writer->status = stream->status;
        writer->error = stream->error;
    }
    return room;
}

/* ---- chunks ---- */

static uint8_t *put_array(uint8_t *at, const uint32_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, at += 4)
        store_le32(at, values[i]);
    return at;
}

static void put_group_bounds(uint8_t *at, const uint8_t *bounds, uint32_t blocks)
{
    for (uint32_t i = 0; i < blocks; i++)
        if (bounds[i] > at[i / GROUP_BLOCKS])
            at[i / GROUP_BLOCKS] = bounds[i];
}

static void chunk_put(const struct posting_writer *writer, bool is_last, uint8_t *at)
{
    uint32_t blocks = writer->blocks;
    bool positions = writer->streams.positions != NULL;

    store_le32(at, blocks);
    store_le32(at + 4, (is_last ? CHUNK_LAST : 0u) | (positions ? CHUNK_POSITIONS : 0u));
    store_le64(at + 8, writer->base);
    store_le64(at + 16, writer->position_base);
    at = put_array(at + CHUNK_HEADER, writer->lasts, blocks);
    at = put_array(at, writer->offsets, blocks + 1);
    if (positions)
        at = put_array(at, writer->position_offsets, blocks);
    memcpy(at, writer->block_bounds, blocks);
    put_group_bounds(at + blocks, writer->block_bounds, blocks);
}

bool posting_writer_chunk_flush(struct posting_writer *writer, bool is_last)
{
    size_t size = posting_chunk_size(writer->blocks, writer->streams.positions != NULL);
    uint64_t offset;
    uint8_t *room = reserve(writer, writer->streams.skip, size,
                            writer->has_chunk ? CHUNK_SIZE_MAX : 0, &offset);

    if (!room)
        return false;
    if (!writer->has_chunk)
        writer->skip = offset;
    writer->has_chunk = true;
    chunk_put(writer, is_last, room);
    writer->blocks = 0;
    return true;
}

/* Whether a block that ends at end fits the offsets of the chunk. */
static bool chunk_has_room(const struct posting_writer *writer, uint64_t end)
{
    return writer->blocks < CHUNK_BLOCKS && end - writer->base <= UINT32_MAX &&
           writer->first_pack - writer->position_base <= UINT32_MAX;
}

static bool chunk_add(struct posting_writer *writer, uint64_t offset, size_t size, uint8_t bound)
{
    uint32_t block;

    if (writer->blocks > 0 && !chunk_has_room(writer, offset + size) &&
        !posting_writer_chunk_flush(writer, false))
        return false;
    if (writer->blocks == 0) {
        writer->base = offset;
        writer->position_base = writer->first_pack;
    }
    block = writer->blocks++;
    writer->lasts[block] = writer->documents[writer->count - 1];
    writer->offsets[block] = (uint32_t)(offset - writer->base);
    writer->offsets[block + 1] = (uint32_t)(offset + size - writer->base);
    writer->position_offsets[block] = (uint32_t)(writer->first_pack - writer->position_base);
    writer->block_bounds[block] = bound;
    return true;
}

/* ---- blocks ---- */

bool posting_writer_pack_flush(struct posting_writer *writer)
{
    uint8_t pack[PACK_SIZE_MAX + PACK_OVERRUN], *room;
    uint64_t offset;
    size_t size;

    if (writer->gap_count == 0)
        return true;
    size = pack_encode(writer->gaps, writer->gap_count, pack);
    room = reserve(writer, writer->streams.positions, size, PACK_SIZE_MAX, &offset);
    if (!room)
        return false;
    memcpy(room, pack, size);
    if (!writer->has_pack)
        writer->first_pack = offset;
    writer->has_pack = true;
    writer->gap_count = 0;
    return true;
}

static uint8_t block_bound(struct posting_writer *writer)
{
    const uint8_t *norms = writer->streams.norms;

    for (uint32_t i = 0; i < writer->count; i++)
        writer->bounds.k[i] = writer->streams.model->k[norms[writer->documents[i]]];
    return posting_bounds_block(&writer->bounds, writer->frequencies, writer->count);
}

static bool put_block(struct posting_writer *writer, const uint8_t *block, size_t size,
                      uint64_t *offset)
{
    uint8_t *room = reserve(writer, writer->streams.postings, size, 0, offset);

    if (!room)
        return false;
    memcpy(room, block, size);
    return true;
}

bool posting_writer_single_flush(struct posting_writer *writer)
{
    uint8_t block[POSTING_BLOCK_MAX + PACK_OVERRUN];
    size_t size;

    if (!posting_writer_pack_flush(writer))
        return false;
    size = posting_single_encode(writer->documents, writer->frequencies, writer->count, block);
    writer->single_positions = writer->first_pack;
    (void)block_bound(writer);
    return put_block(writer, block, size, &writer->single_block);
}

bool posting_writer_block_flush(struct posting_writer *writer)
{
    uint8_t block[POSTING_BLOCK_MAX + PACK_OVERRUN];
    uint64_t offset;
    size_t size;

    if (!posting_writer_pack_flush(writer))
        return false;
    size = posting_block_encode(writer->documents, writer->frequencies, writer->count,
                                writer->has_before, writer->before, block);
    if (!put_block(writer, block, size, &offset) ||
        !chunk_add(writer, offset, size, block_bound(writer)))
        return false;
    writer->before = writer->documents[writer->count - 1];
    writer->has_before = true;
    writer->has_pack = false;
    writer->first_pack = 0;
    writer->count = 0;
    return true;
}
