/* posting_writer_internal.h -- what posting_writer.c (a list, as it comes) and
 * posting_writer_blocks.c (what is written of it: packs, blocks, chunks) share; nobody else
 * includes it. */
#ifndef LEDE_INDEX_POSTING_WRITER_INTERNAL_H
#define LEDE_INDEX_POSTING_WRITER_INTERNAL_H

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

/* Each writes what is being filled and begins the next. False after a failure, which is the
 * writer's. */
bool posting_writer_pack_flush(struct posting_writer *writer);
bool posting_writer_block_flush(struct posting_writer *writer);
bool posting_writer_chunk_flush(struct posting_writer *writer, bool is_last);
/* Writes the block of a list of one block. */
bool posting_writer_single_flush(struct posting_writer *writer);

#endif
