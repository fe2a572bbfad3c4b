#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "index/posting.h"
#include "index/posting_internal.h"

struct posting_writer {
    struct posting_streams streams;
    struct account *account;
    enum lede_status status; /* sticky within a list */
    struct lede_error error;

    /* The list: what was promised, and what came. */
    uint32_t df, added;
    uint64_t total_tf, added_tf;
    bool is_inline;
    int64_t last;            /* document; -1 before the first */
    uint32_t positions_left; /* of the last document */
    int64_t position;        /* the last one's; -1 before the first */
    struct posting_bounds bounds;
    size_t inlined_size;
    uint8_t inlined[INLINE_SIZE_MAX + VARINT_MAX];

    /* The block being filled, and its positions that are not packed yet. */
    uint32_t documents[BLOCK_DOCS], frequencies[BLOCK_DOCS], count;
    bool has_before;
    doc_id before;
    uint32_t gaps[BLOCK_DOCS], gap_count;
    bool has_pack;       /* the block has packs in STREAM_POSITIONS, */
    uint64_t first_pack; /* the first one there */

    /* The chunk being filled. */
    uint32_t blocks;
    bool has_chunk;                          /* the list has chunks in STREAM_SKIP, */
    uint64_t skip;                           /* the first one there */
    uint64_t single_block, single_positions; /* of a list of one block */
    uint64_t base, position_base;
    uint32_t lasts[CHUNK_BLOCKS], offsets[CHUNK_BLOCKS + 1], position_offsets[CHUNK_BLOCKS];
    uint8_t block_bounds[CHUNK_BLOCKS];
};

enum lede_status posting_writer_new(const struct posting_streams *streams, struct account *account,
                                    struct posting_writer **out, struct lede_error *err)
{
    struct posting_writer *writer = account_calloc(account, 1, sizeof *writer);

    if (!writer)
        return error_no_memory(err);
    writer->streams = *streams;
    writer->account = account;
    *out = writer;
    return LEDE_OK;
}

void posting_writer_free(struct posting_writer *writer)
{
    if (!writer)
        return;
    account_release(writer->account, sizeof *writer);
    free(writer);
}

/* ---- failures ---- */

static void broken_promise(struct posting_writer *writer, const char *what)
{
    if (writer->status == LEDE_OK)
        writer->status =
            error_set(&writer->error, LEDE_CORRUPT, "a posting list to be written: %s", what);
}

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

static bool chunk_flush(struct posting_writer *writer, bool is_last)
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

    if (writer->blocks > 0 && !chunk_has_room(writer, offset + size) && !chunk_flush(writer, false))
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

static bool pack_flush(struct posting_writer *writer)
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

/* Writes the block of a list of one block. */
static bool single_flush(struct posting_writer *writer)
{
    uint8_t block[POSTING_BLOCK_MAX + PACK_OVERRUN];
    size_t size;

    if (!pack_flush(writer))
        return false;
    size = posting_single_encode(writer->documents, writer->frequencies, writer->count, block);
    writer->single_positions = writer->first_pack;
    (void)block_bound(writer);
    return put_block(writer, block, size, &writer->single_block);
}

static bool block_flush(struct posting_writer *writer)
{
    uint8_t block[POSTING_BLOCK_MAX + PACK_OVERRUN];
    uint64_t offset;
    size_t size;

    if (!pack_flush(writer))
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

/* ---- a list ---- */

void posting_writer_begin(struct posting_writer *writer, uint32_t df, uint64_t total_tf)
{
    writer->status = LEDE_OK;
    writer->df = df;
    writer->total_tf = total_tf;
    writer->is_inline = posting_is_inline(df, total_tf);
    writer->added = writer->count = writer->gap_count = writer->blocks = 0;
    writer->added_tf = 0;
    writer->last = writer->position = -1;
    writer->positions_left = 0;
    writer->inlined_size = 0;
    writer->has_before = writer->has_pack = writer->has_chunk = false;
    writer->before = 0;
    writer->first_pack = writer->skip = writer->single_block = writer->single_positions = 0;
    posting_bounds_begin(&writer->bounds, df);
}

static void inline_put(struct posting_writer *writer, uint32_t value)
{
    writer->inlined_size += varint_put(writer->inlined + writer->inlined_size, value);
}

static void inline_add(struct posting_writer *writer, uint32_t gap, uint32_t tf)
{
    if (!posting_inline_has_tf(writer->df, writer->total_tf)) {
        inline_put(writer, gap);
        return;
    }
    inline_put(writer, 2 * gap + (tf > 1));
    if (tf > 1)
        inline_put(writer, tf - 2);
}

void posting_writer_add(struct posting_writer *writer, doc_id document, uint32_t tf)
{
    uint32_t gap = (uint32_t)(document - writer->last - 1);

    if (writer->status != LEDE_OK)
        return;
    if (document <= writer->last || document >= DOCS_MAX)
        broken_promise(writer, "its documents do not rise");
    else if (tf == 0 || writer->added == writer->df || tf > writer->total_tf - writer->added_tf)
        broken_promise(writer, "more than its counts say");
    else if (writer->positions_left > 0)
        broken_promise(writer, "a document without all its positions");
    if (writer->status != LEDE_OK ||
        (writer->count == BLOCK_DOCS && !writer->is_inline && !block_flush(writer)))
        return;
    writer->last = document;
    writer->position = -1;
    writer->positions_left = writer->streams.positions ? tf : 0;
    writer->added++;
    writer->added_tf += tf;
    if (writer->is_inline) {
        inline_add(writer, gap, tf);
    } else {
        writer->documents[writer->count] = document;
        writer->frequencies[writer->count++] = tf;
    }
}

void posting_writer_positions(struct posting_writer *writer, const uint32_t *positions,
                              size_t count)
{
    if (writer->status != LEDE_OK)
        return;
    if (count > writer->positions_left) {
        broken_promise(writer, "more positions than occurrences");
        return;
    }
    writer->positions_left -= (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        uint32_t gap = (uint32_t)(positions[i] - writer->position - 1);

        if (positions[i] <= writer->position) {
            broken_promise(writer, "its positions do not rise");
            return;
        }
        writer->position = positions[i];
        if (writer->is_inline) {
            inline_put(writer, gap);
            continue;
        }
        if (writer->gap_count == BLOCK_DOCS && !pack_flush(writer))
            return;
        writer->gaps[writer->gap_count++] = gap;
    }
}

/* ---- many documents at a time ---- */

/* Adds them up to *total; false: they do not rise, or one occurs never. */
static bool sum_frequencies(const struct posting_writer *writer, const doc_id *documents,
                            const uint32_t *frequencies, uint32_t count, uint64_t *total)
{
    int64_t last = writer->last;
    bool sound = true;

    *total = 0;
    for (uint32_t i = 0; i < count; i++) {
        sound &= documents[i] > last && frequencies[i] > 0;
        last = documents[i];
        *total += frequencies[i];
    }
    return sound && last < DOCS_MAX;
}

static bool check_many(struct posting_writer *writer, const doc_id *documents,
                       const uint32_t *frequencies, uint32_t count)
{
    uint64_t total;

    if (!sum_frequencies(writer, documents, frequencies, count, &total))
        broken_promise(writer, "its documents do not rise");
    else if (count > writer->df - writer->added || total > writer->total_tf - writer->added_tf)
        broken_promise(writer, "more than its counts say");
    else if (writer->positions_left > 0)
        broken_promise(writer, "a document without all its positions");
    writer->added += count;
    writer->added_tf += total;
    return writer->status == LEDE_OK;
}

static void inline_many(struct posting_writer *writer, const doc_id *documents,
                        const uint32_t *frequencies, uint32_t count, const uint32_t *gaps)
{
    for (uint32_t i = 0; i < count; i++) {
        inline_add(writer, (uint32_t)(documents[i] - writer->last - 1), frequencies[i]);
        writer->last = documents[i];
        for (uint32_t j = 0; gaps && j < frequencies[i]; j++)
            inline_put(writer, *gaps++);
    }
}

static bool put_gaps(struct posting_writer *writer, const uint32_t *gaps, uint64_t count)
{
    while (count > 0) {
        uint32_t room = BLOCK_DOCS - writer->gap_count;
        uint32_t some = count < room ? (uint32_t)count : room;

        memcpy(writer->gaps + writer->gap_count, gaps, some * sizeof *gaps);
        writer->gap_count += some;
        gaps += some;
        count -= some;
        if (writer->gap_count == BLOCK_DOCS && !pack_flush(writer))
            return false;
    }
    return true;
}

/* Puts documents into the current block, which has room for them. */
static bool fill_block(struct posting_writer *writer, const doc_id *documents,
                       const uint32_t *frequencies, uint32_t count, const uint32_t **gaps)
{
    uint64_t total = 0;

    memcpy(writer->documents + writer->count, documents, count * sizeof *documents);
    memcpy(writer->frequencies + writer->count, frequencies, count * sizeof *frequencies);
    writer->count += count;
    writer->last = documents[count - 1];
    if (!*gaps)
        return true;
    for (uint32_t i = 0; i < count; i++)
        total += frequencies[i];
    if (!put_gaps(writer, *gaps, total))
        return false;
    *gaps += total;
    return true;
}

void posting_writer_postings(struct posting_writer *writer, const doc_id *documents,
                             const uint32_t *frequencies, uint32_t count, const uint32_t *gaps)
{
    assert(!gaps == !writer->streams.positions);
    if (writer->status != LEDE_OK || !check_many(writer, documents, frequencies, count))
        return;
    if (writer->is_inline) {
        inline_many(writer, documents, frequencies, count, gaps);
        return;
    }
    while (count > 0) {
        uint32_t room, some;

        if (writer->count == BLOCK_DOCS && !block_flush(writer))
            return;
        room = BLOCK_DOCS - writer->count;
        some = count < room ? count : room;
        if (!fill_block(writer, documents, frequencies, some, &gaps))
            return;
        documents += some;
        frequencies += some;
        count -= some;
    }
}

/* Writes what is left of a list that is not inline. */
static void list_flush(struct posting_writer *writer)
{
    if (posting_is_single(writer->df, writer->total_tf))
        (void)single_flush(writer);
    else if (block_flush(writer))
        (void)chunk_flush(writer, true);
}

enum lede_status posting_writer_end(struct posting_writer *writer, struct term_info *info,
                                    struct lede_error *err)
{
    if (writer->df == 0 || writer->added != writer->df || writer->added_tf != writer->total_tf ||
        writer->positions_left > 0)
        broken_promise(writer, "less than its counts say");
    if (writer->status == LEDE_OK && !writer->is_inline)
        list_flush(writer);
    if (writer->status != LEDE_OK) {
        if (err)
            *err = writer->error;
        return writer->status;
    }
    memset(info, 0, sizeof *info);
    info->df = writer->df;
    info->total_tf = writer->total_tf;
    if (writer->is_inline) {
        info->inlined = slice_of(writer->inlined, writer->inlined_size);
        info->bound = 255;
        return LEDE_OK;
    }
    info->skip = writer->skip;
    info->block = writer->single_block;
    info->positions = writer->single_positions;
    info->bound = writer->bounds.list;
    posting_bounds_primed(&writer->bounds, info->primed);
    return LEDE_OK;
}
