/* index_merge.h -- the segments of other indexes brought into one, without reading articles again.
 *
 * Each other index is read as it was last committed; its segments are copied under new numbers
 * (segment_copy.h), behind those that are there, in the order of the arguments, and stay segments.
 * Their articles join groups of copies that are there, as if they were added now (regrouping.h).
 * Where an id is in several of them, the last one wins, as if their articles had been added one
 * index after the other. One flip makes all of it visible: until then the index is as it was. A
 * search over the result gives the same bits as one over all of the indexes together, if no id is
 * in two of them. Segments that number their keyword fields otherwise are numbered anew; those of
 * an index that has not all of the fields lack the others. */
#ifndef LEDE_INDEXER_INDEX_MERGE_H
#define LEDE_INDEXER_INDEX_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct index_merge_options {
    size_t memory; /* bytes; 0: the writer's default. Needs some 10 MB, 17 bytes for each document
                    * of a segment, of the first 65,536, and one for each other, and 3,600 for each
                    * 28,672 documents among which one is replaced */
    unsigned wait; /* seconds: for another writer */
};

struct index_merge_totals {
    uint64_t articles, segments; /* brought in: live ones */
    uint64_t replaced;           /* of the index, or of an earlier one of the others */
};

/* path: an index, or where one is to be made, like the first of the others. LEDE_INCOMPATIBLE, with
 * what differs: other analysis, positions, stored texts, parameters of bounds or format.
 * LEDE_LIMIT: too many keyword fields together. LEDE_MISSING, LEDE_INVALID: one of the others is no
 * index, or the index itself. LEDE_CORRUPT: one is damaged. LEDE_BUSY, LEDE_NO_MEMORY, LEDE_FULL,
 * LEDE_IO. After a failure what had been copied is removed again, or is garbage that the next
 * writer removes. Reads and writes every byte of the others once, looks for copies as duplicates.h
 * does, and looks each of their ids up in the segments before, about 1 us each. */
enum lede_status index_merge(const char *path, const char *const *others, size_t count,
                             const struct index_merge_options *options,
                             struct index_merge_totals *totals, struct lede_error *err);

#endif
