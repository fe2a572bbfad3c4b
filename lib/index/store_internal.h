/* store_internal.h -- what the store's files share; nobody else includes it, but for its tests.
 *
 *     store_file.c         data.mdb before LMDB sees it, the writer's lock, errors
 *     store_network.c      file systems where LMDB cannot work
 *     store_environment.c  environments, one per file and process
 *     store.c              the map, tables, opening
 *     store_reader.c       snapshots
 *     store_writer.c       write transactions, the flip, collecting garbage
 *     store_shrink.c       data.mdb replaced by a smaller one
 *     store_copy.c         a copy elsewhere
 *     store_map.c          for handlers of signals and assertions
 *     store_pages.c        pages of the map given back */
#ifndef LEDE_INDEX_STORE_INTERNAL_H
#define LEDE_INDEX_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/types.h>

#include "index/store.h"

#define STORE_COPY "data.mdb.new" /* a copy being made; the writer's lock guards it */

/* LMDB's environment of a data.mdb in this process, shared by its stores. */
struct environment {
    struct environment *next; /* in the registry, whose mutex guards this, references and key */
    unsigned references;
    pid_t process; /* a fork's child must not use it */
    dev_t device;  /* of data.mdb, which LMDB holds open: so nothing else can have its number */
    ino_t inode;
    MDB_env *env;
    bool read_only; /* data.mdb or the directory is not ours to write */
    bool unlocked;  /* opened with MDB_NOLOCK: readers are not registered */

    pthread_mutex_t mutex; /* of what follows, and held wherever the map may move */
    unsigned transactions; /* open, of this process */
    bool broken;           /* the map is lost: nothing may be read any more */
    bool has_tables;
    MDB_dbi tables[TABLE_COUNT];
    int range; /* place in the table that store_maps looks at; below 0: none */

    _Atomic size_t pages_most, pages_read; /* store_pages.c */
};

struct store {
    struct environment *environment;
    char *path;

    /* The writer's. */
    int lock;                  /* lede.lock, flock'ed; below 0: a store for reading */
    MDB_txn *txn;              /* open write transaction or NULL */
    uint64_t written;          /* bytes of pages that txn's records take */
    unsigned records;          /* put or deleted in txn */
    struct lede_error failure; /* sticky; its status LEDE_OK: none */
};

/* ---- store_file.c ---- */

/* The text and status of an error number of LMDB or of the system; doing: "writing", "opening". */
enum lede_status store_fail(const char *path, int code, const char *doing, struct lede_error *err);

/* A new string DIR/name, or NULL. */
char *store_join(const char *path, const char *name);

/* LEDE_OK if DIR/data.mdb may be an environment. LEDE_MISSING if not: no file, or one of at most
 * two pages that do not both begin as LMDB's do, as a crash at its creation leaves it; with clear,
 * what such a crash left is removed, and LEDE_INCOMPATIBLE told of any other bytes. */
enum lede_status store_look(const char *path, bool clear, struct lede_error *err);

/* The directory and its parents, if need be; durably. */
enum lede_status store_make_directory(const char *path, struct lede_error *err);
/* Makes the entries of the directory durable. */
enum lede_status store_sync_directory(const char *path, struct lede_error *err);
/* Makes the directory's own entry durable; where its parent may not be read, that is left to the
 * file system. */
enum lede_status store_sync_parent(const char *path, struct lede_error *err);

/* Removes what a store_shrink that was killed left behind, if anything. */
void store_remove_copy(const char *path);

/* Takes DIR/lede.lock within wait seconds; *lock is its file descriptor. */
enum lede_status store_lock(const char *path, unsigned wait, int *lock, struct lede_error *err);
void store_unlock(int lock); /* below 0: nothing */

/* ---- store_copy.c ---- */

/* Copies the environment, as last committed, into a file of this name, which is made or emptied,
 * without free pages, durably, and checks its structure; path: the directory that errors name. A
 * failure leaves the file. LEDE_MISSING, err untouched: the map is too small. */
enum lede_status store_copy_file(struct store *store, const char *path, const char *name,
                                 struct lede_error *err);

/* ---- store_network.c ---- */

/* What a table of mounts (/proc/self/mountinfo) says that the file system of a device is; false: it
 * does not say. */
enum { STORE_MOUNT_TYPE = 64 };
bool store_mount_type(FILE *mounts, dev_t device, char type[STORE_MOUNT_TYPE]);
/* LEDE_INVALID if path is on a file system that other machines may write to. */
enum lede_status store_refuse_network(const char *path, struct lede_error *err);

/* ---- store_map.c ---- */

/* A place where store_maps looks, under the registry's mutex, if one is left; and back. */
void store_claim_range(struct environment *environment);
void store_release_range(struct environment *environment);
/* Tells store_maps where the map is, from a value of a transaction in it; and that it moves.
 * environment->mutex held. */
void store_note_range(struct environment *environment, const void *value);
void store_forget_range(struct environment *environment);
/* Where the map is; NULL if that is not known. A transaction of this process keeps it there. */
void *store_range(const struct environment *environment, size_t *size);
/* For mdb_env_set_assert. */
void store_assert_failed(MDB_env *env, const char *message);

/* ---- store_pages.c ---- */

/* About so many pages of the map were looked at, in a transaction that is still open. */
void store_pages_read(struct environment *environment, size_t pages);

/* Sees to it, by a thread, that what LMDB reads meanwhile is given back, where that is wanted; if
 * none can be made it is not. In a transaction, or what keeps the map where it is. */
struct pages_watch {
    struct environment *environment;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t end;
    bool begun, ended;
};
void store_pages_watch(struct pages_watch *watching, struct environment *environment);
void store_pages_unwatch(struct pages_watch *watching);

/* ---- store_environment.c ---- */

/* The environment of the store's directory, counted; create: an empty one, if there is none. */
enum lede_status store_attach(struct store *store, bool create, struct lede_error *err);
void store_detach(struct environment *environment); /* NULL is fine */
/* Enough for the data as it is, and for what may be added while transactions of this process keep
 * the map from moving: room in it costs nothing but addresses, which a limit on them (ulimit -v)
 * may refuse. size: bytes of data. LMDB must not be tried: it does not survive a map it cannot
 * make.
 */
size_t store_map_size(uint64_t size);
/* Calls action while this process does not have the environment open, nor can open any other: then
 * the store is of no use but to be closed. LEDE_BUSY, and no call, if other stores use it. */
enum lede_status store_while_closed(struct store *store,
                                    enum lede_status (*action)(void *context,
                                                               struct lede_error *err),
                                    void *context, struct lede_error *err);

/* ---- store.c ---- */

/* Makes the map reach bytes behind the data and, if that is not 0, what the free list of a write
 * transaction may take; environment->mutex held. 0, EBUSY if transactions are open, LMDB's error.
 */
int store_map_reserve(struct environment *environment, uint64_t bytes);
/* As store_fail, but EBUSY told as what it means here. */
enum lede_status store_busy_or_fail(const struct store *store, int code, const char *doing,
                                    struct lede_error *err);
/* Begins a read transaction, environment->mutex held; the caller counts it. EBUSY as above. */
int store_reader_begin(struct environment *environment, MDB_txn **txn);
/* Begins a write transaction, which it counts, with room for bytes in the map. environment->mutex
 * is not held, as the lock of LMDB's writers is waited for: whoever has that may take the mutex, as
 * snapshots that end within a write transaction do, so nobody takes them the other way round. */
int store_writer_begin(struct environment *environment, uint64_t bytes, MDB_txn **txn);
void store_transaction_ended(struct environment *environment);
/* ---- store_reader.c ---- */

/* False if no table has that letter ('m', 'd', 'e', 'x'). */
bool store_table(char letter, enum table *table);

#endif
