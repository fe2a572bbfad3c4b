/* forward_index.h -- which terms each document has: what documents are reordered by.
 *
 * A document's terms are numbers that rise, kept as varint gaps: term - the one before - 1 (the
 * first: the term). Numbers are given by falling document frequency, roughly, so that gaps are
 * small and the terms that are asked for most stand together. Built in memory by its owner
 * (segment_merge_order.c), who trusts its own bytes. */
#ifndef LEDE_INDEXER_FORWARD_INDEX_H
#define LEDE_INDEXER_FORWARD_INDEX_H

#include <stdbool.h>

#include <stdint.h>

struct forward_index {
    uint32_t documents, terms;
    uint64_t *starts; /* documents + 1: where a document's bytes begin */
    uint8_t *bytes;
};

struct forward_cursor { /* a document's terms */
    const uint8_t *at, *end;
    uint32_t next; /* the least number that the next term can have */
};

static inline struct forward_cursor forward_cursor_of(const struct forward_index *index,
                                                      uint32_t document)
{
    return (struct forward_cursor){index->bytes + index->starts[document],
                                   index->bytes + index->starts[document + 1], 0};
}

/* False behind the last. */
static inline bool forward_cursor_next(struct forward_cursor *cursor, uint32_t *term)
{
    uint32_t gap = 0;
    unsigned shift = 0;

    if (cursor->at == cursor->end)
        return false;
    while (*cursor->at & 0x80) {
        gap |= (*cursor->at++ & 0x7FU) << shift;
        shift += 7;
    }
    gap |= (uint32_t)*cursor->at++ << shift;
    *term = cursor->next + gap;
    cursor->next = *term + 1;
    return true;
}

/* Bytes of a gap, and writing it; returns what is behind. */
static inline unsigned forward_gap_size(uint32_t gap)
{
    return 1 + (31 - (unsigned)__builtin_clz(gap | 1)) / 7;
}

static inline uint8_t *forward_gap_put(uint8_t *at, uint32_t gap)
{
    for (; gap >= 0x80; gap >>= 7)
        *at++ = (uint8_t)(gap | 0x80);
    *at++ = (uint8_t)gap;
    return at;
}

#endif
