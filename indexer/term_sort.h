/* term_sort.h -- sorting the terms of a run by their bytes.
 *
 * Multikey quicksort over eight bytes at a time: an item keeps the eight bytes that decide at the
 * depth being sorted, so that most comparisons touch nothing but the items. In place, O(n log n)
 * whatever the input (heap sort behind too many bad splits); the stack it takes is bounded (it
 * recurses into parts of at most half the items, and KEY_TERM_MAX / 8 times into equal prefixes).
 * After Bentley and Sedgewick, "Fast algorithms for sorting and searching strings", 1997. */
#ifndef LEDE_INDEXER_TERM_SORT_H
#define LEDE_INDEXER_TERM_SORT_H

#include <stddef.h>
#include <stdint.h>

struct term_item {
    uint64_t prefix; /* the sort's own */
    uint32_t entry;  /* offset of the entry in base */
};

/* A term as it lies in memory: its size in a byte, then its bytes. key_offset: from an item's
 * entry to that byte. Sorts in memcmp order, a prefix first. No two terms are equal. */
void term_sort(struct term_item *items, size_t count, const uint8_t *base, size_t key_offset);

#endif
