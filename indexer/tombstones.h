/* tombstones.h -- the deletion bits that a commit will write: those that are there, and new ones.
 *
 * Chunks (deletion.h) are looked up in the store when they are first asked for. Memory: a chunk
 * that has deletions takes DELETION_SIZE bytes, any other a few. One thread. */
#ifndef LEDE_INDEXER_TOMBSTONES_H
#define LEDE_INDEXER_TOMBSTONES_H

#include "index/deletion.h"
#include "index/manifest.h"
#include "index/store.h"

struct account;

struct tombstone_chunk {
    uint8_t *value;    /* DELETION_SIZE bytes; NULL: nothing is deleted, or not looked up yet */
    bool known, dirty; /* it was looked up; it has new bits */
};

struct tombstone_segment {
    struct tombstone_chunk *chunks;
    size_t chunk_count;
    uint32_t added; /* new bits */
};

struct tombstones {
    struct store_snapshot *snapshot; /* borrowed */
    const struct manifest *manifest; /* borrowed */
    struct tombstone_segment *segments;
    struct account *account;
    size_t charged;
};

/* For the segments of manifest, some of which may not be committed yet. */
enum lede_status tombstones_init(struct tombstones *tombstones, struct store_snapshot *snapshot,
                                 const struct manifest *manifest, struct account *account,
                                 struct lede_error *err);
void tombstones_done(struct tombstones *tombstones);

/* segment: its place in the manifest. */
enum lede_status tombstones_get(struct tombstones *tombstones, size_t segment, doc_id document,
                                bool *deleted, struct lede_error *err);
enum lede_status tombstones_set(struct tombstones *tombstones, size_t segment, doc_id document,
                                struct lede_error *err);

/* Seals the chunks that changed and tells them; *records is the caller's to free, its values are
 * the tombstones'. */
enum lede_status tombstones_records(struct tombstones *tombstones, struct deletion_record **records,
                                    size_t *count, struct lede_error *err);

#endif
