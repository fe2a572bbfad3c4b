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

/* Decodes an inline list as the cursor's only block. */
void posting_inline_open(struct posting_cursor *cursor);

/* What bounds a list: the factors of its postings, seen block by block. */
struct posting_bounds {
    double factors[BLOCK_DOCS];
    uint32_t floors[256]; /* postings of each floor; only if df reaches the least PRIMED_RANK */
    uint32_t df;
    uint8_t list; /* of the blocks so far */
};

void posting_bounds_begin(struct posting_bounds *bounds, uint32_t df);
/* The bound of a block whose n factors are filled in; counts it in. */
uint8_t posting_bounds_block(struct posting_bounds *bounds, uint32_t n);
/* The primed floors. */
void posting_bounds_primed(const struct posting_bounds *bounds, uint8_t primed[PRIMED_COUNT]);

#endif
