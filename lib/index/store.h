/* store.h -- the LMDB environment of an index directory: opening, locking, growing, errors.
 *
 * A directory holds data.mdb and lock.mdb (LMDB's) and lede.lock (ours: flock'ed by the one
 * writer, holding its pid as text). LMDB must not be opened twice in a process, so stores
 * are shared within it: every open of one directory gives the same environment, counted.
 *
 * Always LMDB's synced mode; never WRITEMAP or NOSYNC. Every LMDB error becomes a status with a
 * text: ENOSPC and EIO on a full disk LEDE_FULL, MDB_CORRUPTED, MDB_PAGE_NOTFOUND and MDB_PANIC
 * LEDE_CORRUPT, EACCES LEDE_IO, ...
 *
 * Caveats. The map grows only while no transaction of this process is open in it: a process that
 * keeps a snapshot open while its own writer has to grow the map gets LEDE_BUSY from the writer. */
#ifndef LEDE_INDEX_STORE_H
#define LEDE_INDEX_STORE_H

#include <lmdb.h>

#include "index/extent.h"
#include "index/manifest.h"

enum table { TABLE_META, TABLE_DICT, TABLE_EXTENT, TABLE_DELETED, TABLE_COUNT };

struct store;

/* For reading: LEDE_MISSING if the directory holds no index (no data.mdb). */
enum lede_status store_open(const char *path, struct store **out, struct lede_error *err);
/* For writing: makes the directory (and its parents) and an empty environment if need be; takes the
 * writer's lock, waiting up to wait seconds: LEDE_BUSY with the holder's pid in the text; clears
 * stale readers. Refuses network file systems (LEDE_INVALID). */
enum lede_status store_open_writer(const char *path, unsigned wait, struct store **out,
                                   struct lede_error *err);
void store_close(struct store *store); /* gives the writer's lock back, if it was this one's */

const char *store_path(const struct store *store);
/* Bytes of data.mdb in use: last page number + 1, in bytes. */
uint64_t store_size(struct store *store);

/* ---- read transactions ---- */

struct store_snapshot { /* a read transaction; get and seek may be called from many threads */
    struct store *store;
    MDB_txn *txn;
    struct record_source records; /* context: this */
    void *mutex;                  /* serializes LMDB calls */
};
enum lede_status store_snapshot_begin(struct store *store, struct store_snapshot *snapshot,
                                      struct lede_error *err);
void store_snapshot_end(struct store_snapshot *snapshot);
/* LEDE_MISSING (err untouched) if the key is not there. */
enum lede_status store_get(struct store_snapshot *snapshot, enum table table, struct slice key,
                           struct slice *value, struct lede_error *err);
/* The first record whose key is >= key. LEDE_MISSING (err untouched) behind the last. */
enum lede_status store_seek(struct store_snapshot *snapshot, enum table table, struct slice key,
                            struct slice *found_key, struct slice *value, struct lede_error *err);

/* ---- the writer's transactions ---- */

/* Buffers nothing: puts go into the current write transaction, which is committed (durably) and
 * begun anew whenever about 10 MB are in it. The map is grown before each. */
enum lede_status store_write_begin(struct store *store, struct lede_error *err);
enum lede_status store_write_put(struct store *store, enum table table, struct slice key,
                                 struct slice value, struct lede_error *err);
/* A missing key is no error. */
enum lede_status store_write_delete(struct store *store, enum table table, struct slice key,
                                    struct lede_error *err);
/* Removes every record of a segment from dict, extent and deleted, in bounded transactions. */
enum lede_status store_write_drop_segment(struct store *store, uint32_t segment,
                                          struct lede_error *err);
/* Commits what is open, durably. Afterwards begin again. */
enum lede_status store_write_commit(struct store *store, struct lede_error *err);
void store_write_abort(struct store *store);
/* A sink over store_write_put: tables by letter 'm', 'd', 'e', 'x'. context is the store. */
struct record_sink store_sink(struct store *store);

/* The manifest as of the snapshot; LEDE_MISSING if nothing was ever committed. */
enum lede_status store_manifest(struct store_snapshot *snapshot, struct manifest *manifest,
                                struct lede_error *err);

/* The flip: one small transaction that replaces the manifest and the given deletion chunks. */
struct deletion_record {
    uint32_t segment, chunk;
    const uint8_t *value; /* DELETION_SIZE bytes, sealed */
};
enum lede_status store_flip(struct store *store, const struct manifest *manifest,
                            const struct deletion_record *deletions, size_t count,
                            struct lede_error *err);

/* Removes the records of segments that the manifest does not name (a crash left them), and sees to
 * it that manifest->next_segment is above every number found. */
enum lede_status store_collect(struct store *store, struct manifest *manifest,
                               struct lede_error *err);

#endif
