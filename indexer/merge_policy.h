/* merge_policy.h -- which neighbouring segments are to become one.
 *
 * A segment's size is that of its streams and its dictionary, times the share of its documents that
 * are live.
 *
 * A segment of which more than one document in MERGE_HOLLOW is deleted is hollow: it is written
 * anew, together with all that are newer if these are no larger than it will be. So what is deleted
 * takes a third of what is live, and while the new segment stands beside the old ones the file is
 * some two and a half times as large as it has to be; and a byte is written four times, at
 * most, for each byte that replaces another.
 *
 * Else, sizes fall into tiers, each MERGE_SEGMENTS times the one before; the first holds all up to
 * MERGE_SMALL bytes. Looking at runs of neighbours of a tier or a lower one, the lowest tier first,
 * the newest run becomes one segment once it has MERGE_SEGMENTS of that very tier; any other run
 * has a larger, newer segment behind it and will not grow, so it becomes one as soon as it has two.
 * So a segment is written about twice for each tier that it rises, is never written anew for much
 * smaller ones alone, and there are at most some MERGE_SEGMENTS + 1 a tier: their number grows with
 * the logarithm of the size. Sizes and deletions decide, and nothing else: no clock, no chance.
 *
 * After Lucene's LogMergePolicy, which merges neighbours of a level; that runs which a larger
 * segment closed are not left as they are, and what is done about deletions, is ours. */
#ifndef LEDE_INDEXER_MERGE_POLICY_H
#define LEDE_INDEXER_MERGE_POLICY_H

#include <stdbool.h>

#include "index/manifest.h"

enum { MERGE_SEGMENTS = 8, MERGE_SMALL = 64 << 10, MERGE_HOLLOW = 4 };

struct merge_range { /* places in the manifest */
    size_t first, count;
};

/* Bytes of a segment's live part. */
uint64_t merge_size(const struct segment_info *info);

/* The next range to merge; false if all is well. A range holds at most DOCS_MAX live documents, and
 * no more than `documents` (what memory suffices for). */
bool merge_next(const struct manifest *manifest, uint64_t documents, struct merge_range *range);

#endif
