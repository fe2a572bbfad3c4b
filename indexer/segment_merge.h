/* segment_merge.h -- neighbouring segments made one, without what is deleted.
 *
 * The live documents are numbered anew, in their order or one that packs better. Nothing is
 * analysed again: postings, positions, columns and stored articles are carried over, and statistics
 * (documents, frequencies, lengths) are those of the live ones, so that scores are what they would
 * be if only these had ever been added. Keyword fields that a segment lacks, as it was written
 * before they were declared, are made of the stored metadata: the new segment lacks none, but they
 * have no part in how documents are ordered. What the new segment holds, but for its number,
 * follows from the live articles and their order alone: not from how many segments or threads there
 * were.
 *
 * Only records of the new segment are written; to name it in a manifest instead of the old ones,
 * and to remove those, is the caller's: compact.h. */
#ifndef LEDE_INDEXER_SEGMENT_MERGE_H
#define LEDE_INDEXER_SEGMENT_MERGE_H

#include "index/segment.h"

struct segment_merge_options {
    uint32_t number;    /* of the new segment: never used before */
    bool reorder;       /* documents that share terms are to stand together: bisection.h */
    unsigned jobs;      /* threads for that; 0: one */
    uint64_t *left_out; /* NULL, or grows by values of fields that a segment lacked and that gave no
                         * term: keyword_terms.h */
};

/* Makes one of segments [first, first + count) of a snapshot of the writer's store, whose map is
 * large enough already, as the snapshot keeps it from growing (store_reserve); the last transaction
 * is left open, for the flip. If nothing is left of them, there is no new segment:
 * segment_merge_is_empty. Memory, all charged to account: 26 bytes for each document, as many for
 * each source file, 400 for each segment and some 16 MB, 22 where fields are made; to reorder,
 * before that 21 for each document and 2 for each posting of the terms that decide (fewer terms, if
 * that is too much), and then 4 for each document and half of what is left, for lists.
 * LEDE_NO_MEMORY, LEDE_LIMIT (documents of a segment), LEDE_CORRUPT, LEDE_FULL, LEDE_IO: the new
 * segment is garbage. */
enum lede_status segment_merge(struct snapshot *snapshot, size_t first, size_t count,
                               const struct segment_merge_options *options, struct store *store,
                               struct account *account, struct segment_info *info,
                               struct lede_error *err);

/* Neither documents nor source files that are to be remembered. */
static inline bool segment_merge_is_empty(const struct segment_info *info)
{
    return info->documents == 0 && info->stream_sizes[STREAM_SOURCES] == 0;
}

#endif
