/* tiered_merge.h -- merges as merge_policy.h wants them, one after the other.
 *
 * Each is durable by itself: the new segment's records, a flip that names it instead of the old
 * ones, whose records are removed with it and, if they are many, in bounded transactions behind it
 * (snapshots keep their pages). What
 * fails before the flip leaves the index as it was, and garbage that the next writer removes.
 * N, document frequencies and lengths count what is live when a merge drops deleted documents. */
#ifndef LEDE_INDEXER_TIERED_MERGE_H
#define LEDE_INDEXER_TIERED_MERGE_H

#include "index/store.h"

struct account;

/* Brings a committed manifest, which becomes the new one, and its index into shape; no transaction
 * and no snapshot of the caller may be open. What has no room (memory, disk, a map that snapshots
 * of this process keep from growing) stays as it is for a later commit, and is no failure:
 * LEDE_CORRUPT, LEDE_IO are. Memory: segment_merge.h. */
enum lede_status tiered_merge(struct store *store, struct manifest *manifest,
                              struct account *account, struct lede_error *err);

#endif
