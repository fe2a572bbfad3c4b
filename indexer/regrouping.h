/* regrouping.h -- groups of copies of a segment that comes into another index.
 *
 * What its articles are copies of was decided among those of its own index. In the other index they
 * join the nearest near copy before them as if they were added to it now (duplicates.h): in the
 * segments that it has, or in their own. One that has none there, but had one that is gone by now,
 * stays in the group that it was in.
 *
 * Memory: that of duplicates.h, and a byte for each document. Time: as there. */
#ifndef LEDE_INDEXER_REGROUPING_H
#define LEDE_INDEXER_REGROUPING_H

#include "index/segment.h"
#include "index/segment_writer.h"
#include "index/store.h"

struct account;
struct regrouping;

/* before: the segments that are in the store, committed or not. All are borrowed. To be freed also
 * after a failure. LEDE_CORRUPT: the segment is damaged. LEDE_NO_MEMORY, LEDE_FULL, LEDE_IO. */
enum lede_status regrouping_new(struct segment *segment, struct store *store,
                                const struct manifest *before, struct account *account,
                                struct regrouping **out, struct lede_error *err);
void regrouping_free(struct regrouping *regrouping);

/* The groups, window after window. What is open in the store is committed on the way, so that it
 * can be read. */
struct group_source regrouping_groups(struct regrouping *regrouping);

/* True if what failed was reading the store, and not the segment. */
bool regrouping_failed_before(const struct regrouping *regrouping);

#endif
