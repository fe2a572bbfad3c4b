/* store.h -- the LMDB environment of an index directory: opening, locking, growing, errors.
 *
 * A directory holds data.mdb and lock.mdb (LMDB's) and lede.lock (ours: flock'ed by the one
 * writer, holding its pid as text). LMDB must not be opened twice in a process, so stores
 * are shared within it: every open of one directory gives the same environment, counted. A child
 * that a fork made gets an environment of its own; it must not use stores that it inherited.
 *
 * Always LMDB's synced mode; never WRITEMAP or NOSYNC. Every LMDB error becomes a status with a
 * text: ENOSPC and EIO on a full disk LEDE_FULL, MDB_CORRUPTED and MDB_PAGE_NOTFOUND LEDE_CORRUPT,
 * MDB_PANIC (a meta page could not be written; all stores of the index have to be closed) and
 * EACCES LEDE_IO, ...
 *
 * Caveats. The map moves only while no transaction of this process is open in it: a process that
 * keeps a snapshot open while its own writer has to grow the map gets LEDE_BUSY from the writer, as
 * does a reader that finds the index outgrown while an older snapshot of this process is open.
 * Maps are made STORE_MAP_ROOM larger than the data, and half as much again, so that it is rare.
 * LMDB asserts: on some damage it prints a line and aborts the process. store_on_assert is a
 * program's way to end differently; store_open_checked is the way not to get there.
 *
 * Threads: opening and closing, and snapshots of one store, from any; a writer's transaction from
 * the thread that began it, until it is committed or aborted (LMDB's rule). */
#ifndef LEDE_INDEX_STORE_H
#define LEDE_INDEX_STORE_H

#include <lmdb.h>

#include "index/extent.h"
#include "index/lmdb_check.h"
#include "index/manifest.h"

enum table { TABLE_META, TABLE_DICT, TABLE_EXTENT, TABLE_DELETED, TABLE_COUNT };

enum {
    STORE_TXN_SIZE = 10 << 20, /* bytes of values after which a write transaction commits */
    STORE_READERS = 1022       /* snapshots of all processes at a time */
};

#define STORE_MAP_ROOM       (8ULL << 30)   /* bytes of map behind the data, when it is made, or, */
#define STORE_MAP_ROOM_SMALL (256ULL << 20) /* where addresses are limited, so many */

struct store;

/* For reading: LEDE_MISSING if the directory holds no index (no data.mdb of two pages at least, or
 * none of our tables in it), LEDE_INVALID on a network file system. */
enum lede_status store_open(const char *path, struct store **out, struct lede_error *err);
/* The same, but walks LMDB's B-trees first (lmdb_check.h), which reads every page of keys and the
 * first of every value: LEDE_CORRUPT with the first problem. All of them go to report, and figures
 * to totals, if these are not NULL. */
enum lede_status store_open_checked(const char *path,
                                    void (*report)(void *context, const char *what), void *context,
                                    struct lmdb_totals *totals, struct store **out,
                                    struct lede_error *err);
/* For writing: makes the directory (and its parents) and an empty environment if need be; takes the
 * writer's lock, waiting up to wait seconds: LEDE_BUSY with the holder's pid in the text; checks
 * the structure as store_open_checked; clears stale readers. */
enum lede_status store_open_writer(const char *path, unsigned wait, struct store **out,
                                   struct lede_error *err);
/* Gives the writer's lock back, if it was this one's; what was not committed is dropped. Snapshots
 * must have ended. NULL is fine. */
void store_close(struct store *store);

const char *store_path(const struct store *store);
/* Bytes of data.mdb in use: last page number + 1, in bytes. */
uint64_t store_size(struct store *store);

/* What LMDB calls, with its message, before it aborts the process: a program (never the library)
 * may _exit from it. For the whole process; NULL: nothing. */
void store_on_assert(void (*handler)(const char *message));
/* True if address is in the map of an index that this process reads (known once its manifest was
 * read): what a program asks in its handler of SIGSEGV. SIGBUS comes from maps alone.
 * Async-signal-safe. */
bool store_maps(const void *address);

/* ---- read transactions ---- */

struct store_reader;

struct store_snapshot { /* a read transaction; get and seek may be called from many threads */
    struct store *store;
    MDB_txn *txn;
    struct record_source records; /* context: this; so it stays where it was begun */
    struct store_reader *reader;  /* private: serializes LMDB calls */
};
/* Costs the same whatever the index. LEDE_BUSY: see the caveats. */
enum lede_status store_snapshot_begin(struct store *store, struct store_snapshot *snapshot,
                                      struct lede_error *err);
void store_snapshot_end(struct store_snapshot *snapshot); /* also of a zeroed one */
/* LEDE_MISSING (err untouched) if the key is not there. Values live as long as the snapshot. */
enum lede_status store_get(struct store_snapshot *snapshot, enum table table, struct slice key,
                           struct slice *value, struct lede_error *err);
/* The first record whose key is >= key. LEDE_MISSING (err untouched) behind the last. */
enum lede_status store_seek(struct store_snapshot *snapshot, enum table table, struct slice key,
                            struct slice *found_key, struct slice *value, struct lede_error *err);
/* In a directory where no reader can be registered (no permission to write), a writer may reuse
 * pages that the snapshot reads. True if one committed meanwhile: whatever was read, and every
 * LEDE_CORRUPT, is to be discarded, and tried again. Always false where readers are registered. */
bool store_snapshot_overtaken(struct store_snapshot *snapshot);

/* The manifest as of the snapshot; LEDE_MISSING if nothing was ever committed. Whatever it is,
 * *manifest can be given to manifest_done. */
enum lede_status store_manifest(struct store_snapshot *snapshot, struct manifest *manifest,
                                struct lede_error *err);

/* ---- pages of the map ---- */

/* Pages of the map that were looked at count as the process's memory, though they are the page
 * cache's, which takes them back when it needs them. From now on stores of this index give them
 * back, all at once, when the files that the process has mapped have more than most bytes (0, as at
 * first: never). A few megabytes may be passed before that is noticed. */
void store_bound_pages(struct store *store, size_t most);
/* About so many pages were looked at. Streams tell of those that they see for the first time; who
 * goes back and forth in them tells of the others. Thread-safe; 10 ns, or each hundred pages some
 * microseconds. */
void store_snapshot_read(struct store_snapshot *snapshot, size_t pages);

/* ---- the writer's transactions ---- */

/* Puts and deletes go into the current write transaction, which is committed (durably) when
 * STORE_TXN_SIZE is in it; the next begins with the next put. The map is grown before each. After a
 * failure all of them, and store_flip, fail in the same way until store_write_abort. */

/* Makes the map so large that as many bytes more can be written while snapshots of this process are
 * open, which would keep it from growing then; what a transaction may need is to be added:
 * STORE_TXN_ROOM. LEDE_BUSY if one is open now. */
#define STORE_TXN_ROOM (256ULL << 20)
enum lede_status store_reserve(struct store *store, uint64_t bytes, struct lede_error *err);

/* Begins a transaction, if none is open; a put does it, too. */
enum lede_status store_write_begin(struct store *store, struct lede_error *err);
enum lede_status store_write_put(struct store *store, enum table table, struct slice key,
                                 struct slice value, struct lede_error *err);
/* A missing key is no error. */
enum lede_status store_write_delete(struct store *store, enum table table, struct slice key,
                                    struct lede_error *err);
/* Removes every record of a segment from dict, extent and deleted, in bounded transactions; the
 * last is left open. */
enum lede_status store_write_drop_segment(struct store *store, uint32_t segment,
                                          struct lede_error *err);
/* Commits what is open, durably. */
enum lede_status store_write_commit(struct store *store, struct lede_error *err);
/* Drops what is in the open transaction, and forgets the failure. What earlier transactions
 * committed under numbers that no manifest names is garbage: store_collect. */
void store_write_abort(struct store *store);
/* A sink over store_write_put: tables by letter 'm', 'd', 'e', 'x'. context is the store. */
struct record_sink store_sink(struct store *store);

/* The flip: replaces the manifest and the given deletion chunks, in the transaction that is open if
 * that is not too much for it, or else commits it and does so in one of its own. A failure leaves
 * the manifest as it was. */
struct deletion_record {
    uint32_t segment, chunk;
    struct slice value; /* sealed */
};
enum lede_status store_flip(struct store *store, const struct manifest *manifest,
                            const struct deletion_record *deletions, size_t count,
                            struct lede_error *err);
/* The same without deletions, but with the records of segments that are gone dropped in the same
 * transaction, as far as it bears them; what is left is the caller's to drop. A small segment takes
 * the place of others in one transaction, therefore, and not in three. */
enum lede_status store_flip_instead(struct store *store, const struct manifest *manifest,
                                    const struct segment_info *gone, size_t count,
                                    struct lede_error *err);

/* Removes the records of segments that the manifest does not name (a crash left them), commits, and
 * sees to it that manifest->next_segment is above every number found. */
enum lede_status store_collect(struct store *store, struct manifest *manifest,
                               struct lede_error *err);

/* ---- the file ---- */

/* LEDE_BUSY if other stores of this process have the index open. */
enum lede_status store_check_alone(const struct store *store, struct lede_error *err);

/* Makes a directory (and its parents), if need be, and in it an index like this one, as last
 * committed, without free pages; *size is that of its file. A writer may go on meanwhile, but for
 * reusing pages: the file of this one grows by what it writes. What it has written of a segment
 * that no manifest names yet goes along, as garbage. The directory's writer's lock is held, waiting
 * up to wait seconds: LEDE_BUSY; LEDE_INVALID if there is an index already. The file gets its name
 * when it is whole and durable: a failure leaves none, a crash data.mdb.new, which the next to
 * write there removes. Values are copied as they are: verify them there. */
enum lede_status store_copy(struct store *store, const char *to, unsigned wait, uint64_t *size,
                            struct lede_error *err);

/* Replaces data.mdb by a copy that has no free pages; a writer's store, with no transaction open.
 * Afterwards it can only be closed, whatever came of it. Needs as much room on the disk as the
 * index takes. Nobody else may have the index open: LEDE_BUSY at once for stores of this process,
 * and after wait seconds for other processes, all of which stores of this process wait for being
 * opened; other processes do so only while the files change, which is short. A failure, or a crash,
 * leaves the old file or the new one, which hold the same; what the copy left behind is removed by
 * the next writer. */
enum lede_status store_shrink(struct store *store, unsigned wait, struct lede_error *err);

#endif
