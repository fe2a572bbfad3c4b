/* posting_internal.h -- what the files of posting.h share among themselves. */
#ifndef LEDE_INDEX_POSTING_INTERNAL_H
#define LEDE_INDEX_POSTING_INTERNAL_H

#include "index/posting.h"

enum { CHUNK_LAST = 1, CHUNK_POSITIONS = 2 }; /* a chunk's flags */

/* Bytes of a chunk of header arrays. */
static inline size_t posting_chunk_size(size_t blocks, bool positions)
{
    return CHUNK_HEADER + blocks * (positions ? 13 : 9) + 4 +
           (blocks + GROUP_BLOCKS - 1) / GROUP_BLOCKS;
}

/* Ends the list as damaged; what NULL: cursor->error tells already. Returns false. */
bool posting_cursor_fail(struct posting_cursor *cursor, const char *what);

/* Decodes an inline list, or one of one block, as the cursor's only block. */
void posting_inline_open(struct posting_cursor *cursor);
void posting_single_open(struct posting_cursor *cursor);

/* The block of a list of one block, where the last document is not known before: as
 * posting_block_encode and _decode, but always a pack. */
size_t posting_single_encode(const uint32_t *documents, const uint32_t *frequencies, uint32_t n,
                             uint8_t *out);
size_t posting_single_decode(const uint8_t *in, size_t size, uint32_t n, uint32_t *documents);

/* What bounds a list: its postings, seen block by block. */
struct posting_bounds {
    double k[BLOCK_DOCS]; /* K of each posting of the block (bound.h) */
    /* Postings of each floor. Once RANK_MAX are at `least` or above, only those with factors from
     * `limit` on, which are above it, are counted: no other can change a primed floor. */
    uint32_t floors[256];
    double limit;
    unsigned least;
    uint32_t fresh; /* counted since least was raised */
    uint32_t df;
    uint8_t list; /* bound of the blocks so far */
};

void posting_bounds_begin(struct posting_bounds *bounds, uint32_t df);
/* The bound of a block of n postings of these frequencies, whose k are filled in; counts it in. */
uint8_t posting_bounds_block(struct posting_bounds *bounds, const uint32_t *frequencies,
                             uint32_t n);
/* The primed floors. */
void posting_bounds_primed(const struct posting_bounds *bounds, uint8_t primed[PRIMED_COUNT]);

#endif
