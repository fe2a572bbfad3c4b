/* segment.h -- a snapshot of an index, and its segments as readers see them.
 *
 * A snapshot holds one LMDB read transaction; its bytes live as long as it does. Opening costs the
 * same whatever the size of the index. Many threads may read one snapshot. */
#ifndef LEDE_INDEX_SEGMENT_H
#define LEDE_INDEX_SEGMENT_H

#include "index/column.h"
#include "index/deletion.h"
#include "index/dictionary.h"
#include "index/id_map.h"
#include "index/name.h"
#include "index/norm.h"
#include "index/posting.h"
#include "index/source_file.h"
#include "index/store.h"
#include "index/stored.h"

struct deletion_chunks;

struct segment { /* everything thread-safe */
    const struct segment_info *info;
    struct snapshot *snapshot;
    struct stream streams[STREAM_COUNT];
    struct posting_source postings; /* positions NULL if the index has none */
    struct column_source columns;
    struct bound_model model;          /* what its bounds were computed with */
    struct deletion_chunks *deletions; /* looked up as needed; NULL if nothing is deleted */
};

struct snapshot {
    struct store *store; /* closed with the snapshot if snapshot_open opened it */
    bool owns_store;
    struct store_snapshot records;
    struct page_source pages;
    struct page_memory memory; /* of these pages */
    struct manifest manifest;
    struct segment *segments;
    size_t segment_count;
};

/* Opens the index in path as last committed: LEDE_MISSING, LEDE_INCOMPATIBLE (format version),
 * LEDE_CORRUPT, LEDE_IO, LEDE_BUSY (store.h). If store_snapshot_overtaken(&snapshot->records) after
 * an answer, the answer is worth nothing: open again. */
enum lede_status snapshot_open(const char *path, struct snapshot **out, struct lede_error *err);
/* The same of a store that is open already (the writer's), which must stay open longer. */
enum lede_status snapshot_of(struct store *store, struct snapshot **out, struct lede_error *err);
void snapshot_close(struct snapshot *snapshot); /* NULL is fine */

/* For who reads all of an index from one thread, at times when nothing that its streams gave is in
 * use: they give back what they have in memory of their own, if that is more than STREAMS_KEPT. */
void snapshot_relieve(struct snapshot *snapshot);

/* LEDE_OK, LEDE_MISSING (err untouched) or LEDE_CORRUPT. */
enum lede_status segment_find(struct segment *segment, struct slice term, struct term_info *info,
                              struct lede_error *err);

/* The length codes of a window's documents, in the map, checked; as many bytes as it has documents,
 * and EXTENT_TAIL more may be read; NULL: *err. */
const uint8_t *segment_norms(struct segment *segment, uint32_t window, struct lede_error *err);

/* The deletion bits of a window (WINDOW_DOCS / 8 bytes, bit set: deleted), as long as the snapshot;
 * *bits is NULL if none of its documents is deleted. The first call looks
 * all of the segment's records up and checks them: LEDE_CORRUPT if one is damaged or lost.
 */
enum lede_status segment_deletions(struct segment *segment, uint32_t window, const uint8_t **bits,
                                   struct lede_error *err);
enum lede_status segment_is_deleted(struct segment *segment, doc_id document, bool *deleted,
                                    struct lede_error *err);

/* The live document with this external id: LEDE_MISSING (err untouched) if there is none. */
enum lede_status segment_find_id(struct segment *segment, struct slice id, doc_id *document,
                                 struct lede_error *err);
/* The same in all of them, newest segment first; *segment is its place in the snapshot. */
enum lede_status snapshot_find_id(struct snapshot *snapshot, struct slice id, uint32_t *segment,
                                  doc_id *document, struct lede_error *err);

/* The external id into *out (cleared first). */
enum lede_status segment_name(struct segment *segment, doc_id document, struct buffer *out,
                              struct lede_error *err);

/* For the ids of many of its documents. */
static inline void segment_names_begin(struct segment *segment, struct name_reader *reader)
{
    name_reader_init(reader, &segment->streams[STREAM_NAMES], &segment->columns);
}

/* The file that a document was read from; its path is in *path (cleared first). LEDE_MISSING (err
 * untouched) if it is from none. */
enum lede_status segment_source(struct segment *segment, doc_id document, struct buffer *path,
                                struct source_file *file, struct lede_error *err);

/* Windows of a segment, and documents of one: WINDOW_DOCS, fewer in the last. */
static inline uint32_t segment_window_count(const struct segment *segment)
{
    return (segment->info->documents + WINDOW_DOCS - 1) / WINDOW_DOCS;
}

static inline uint32_t segment_window_docs(const struct segment *segment, uint32_t window)
{
    uint32_t left = segment->info->documents - window * WINDOW_DOCS;

    return left < WINDOW_DOCS ? left : WINDOW_DOCS;
}

#endif
