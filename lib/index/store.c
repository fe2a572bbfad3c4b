#include "index/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const TABLE_NAMES[TABLE_COUNT] = {"meta", "dict", "extent", "deleted"};

/* ---- environments ---- */

static struct environment *registry;
static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;

/* registry_mutex held. */
static void environment_free(struct environment *environment)
{
    if (environment->env)
        mdb_env_close(environment->env);
    store_release_range(environment);
    pthread_mutex_destroy(&environment->mutex);
    free(environment);
}

/* Whether LMDB may take its locks in the directory, and write the data. */
static void permissions(const char *lock, const char *path, const char *data, bool *can_lock,
                        bool *can_write)
{
    *can_lock = faccessat(AT_FDCWD, lock, R_OK | W_OK, AT_EACCESS) == 0 ||
                (errno == ENOENT && faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0);
    *can_write = *can_lock && faccessat(AT_FDCWD, data, R_OK | W_OK, AT_EACCESS) == 0;
}

/* Enough for the data as it is, and for what may be added while transactions of this process keep
 * the map from moving: room in it costs nothing but addresses, which a limit on them (ulimit -v)
 * may refuse. size: bytes of data. LMDB must not be tried: it does not survive a map it cannot
 * make.
 */
static size_t map_size(uint64_t size)
{
    uint64_t wanted = (size + size / 2 + STORE_MAP_ROOM) / PAGE_SIZE * PAGE_SIZE;
    void *probe = MAP_FAILED;

    if (wanted <= SIZE_MAX)
        probe = mmap(NULL, (size_t)wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                     -1, 0);
    if (probe == MAP_FAILED)
        return (size_t)((size + STORE_MAP_ROOM_SMALL) / PAGE_SIZE * PAGE_SIZE);
    munmap(probe, (size_t)wanted);
    return (size_t)wanted;
}

static int environment_start(struct environment *environment, const char *path, off_t size)
{
    unsigned flags = MDB_NOTLS;
    int code;

    if (environment->unlocked)
        flags |= MDB_NOLOCK;
    if (environment->read_only)
        flags |= MDB_RDONLY;
    code = mdb_env_create(&environment->env);
    if (code != 0)
        return code;
    (void)mdb_env_set_assert(environment->env, store_assert_failed);
    code = mdb_env_set_maxdbs(environment->env, TABLE_COUNT);
    if (code == 0)
        code = mdb_env_set_maxreaders(environment->env, STORE_READERS);
    if (code == 0)
        code = mdb_env_set_mapsize(environment->env, map_size((uint64_t)size));
    if (code == 0)
        code = mdb_env_open(environment->env, path, flags, 0644);
    return code;
}

/* registry_mutex held. about: of data.mdb. */
static enum lede_status environment_new(const char *path, const char *data, const char *lock,
                                        const struct stat *about, struct environment **out,
                                        struct lede_error *err)
{
    struct environment *environment = calloc(1, sizeof *environment);
    bool can_lock, can_write;
    int code;

    if (!environment)
        return error_no_memory(err);
    permissions(lock, path, data, &can_lock, &can_write);
    environment->process = getpid();
    environment->device = about->st_dev;
    environment->inode = about->st_ino;
    environment->read_only = !can_write;
    environment->unlocked = !can_lock;
    store_claim_range(environment);
    pthread_mutex_init(&environment->mutex, NULL);
    code = environment_start(environment, path, about->st_size);
    if (code != 0) {
        environment_free(environment);
        return store_fail(path, code, "opening the index", err);
    }
    environment->next = registry;
    registry = environment;
    *out = environment;
    return LEDE_OK;
}

static struct environment *environment_find(const struct stat *about)
{
    for (struct environment *at = registry; at; at = at->next)
        if (at->device == about->st_dev && at->inode == about->st_ino && at->process == getpid())
            return at;
    return NULL;
}

/* registry_mutex held; create: an empty data.mdb, if there is none. */
static enum lede_status environment_get(const char *path, bool create, struct environment **out,
                                        struct lede_error *err)
{
    char *data = store_join(path, "data.mdb"), *lock = store_join(path, "lock.mdb");
    enum lede_status status = LEDE_OK;
    struct stat about;
    int file = -1;

    *out = NULL;
    if (!data || !lock) {
        status = error_no_memory(err);
        goto done;
    }
    if (create)
        file = open(data, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if ((create && file < 0) || stat(data, &about) != 0) {
        status = store_fail(path, errno, "opening data.mdb", err);
        goto done;
    }
    *out = environment_find(&about);
    if (!*out)
        status = environment_new(path, data, lock, &about, out, err);
    if (*out)
        (*out)->references++;
done:
    if (file >= 0)
        close(file);
    free(data);
    free(lock);
    return status;
}

static void environment_release(struct environment *environment)
{
    struct environment **link = &registry;

    if (!environment)
        return;
    pthread_mutex_lock(&registry_mutex);
    if (--environment->references == 0) {
        while (*link != environment)
            link = &(*link)->next;
        *link = environment->next;
        environment_free(environment);
    }
    pthread_mutex_unlock(&registry_mutex);
}

/* ---- the map; environment->mutex held ---- */

/* LMDB lets the map go before it makes another: when that fails, nothing is left to read. */
static int map_resize(struct environment *environment, size_t size)
{
    int code;

    if (environment->transactions > 0)
        return EBUSY;
    store_forget_range(environment);
    code = mdb_env_set_mapsize(environment->env, size);
    environment->broken = code != 0;
    return code;
}

int store_map_reserve(struct environment *environment, uint64_t bytes)
{
    MDB_envinfo info;
    uint64_t needed;
    int code;

    if (environment->broken)
        return ENOMEM;
    code = mdb_env_info(environment->env, &info);
    if (code != 0)
        return code;
    needed = ((uint64_t)info.me_last_pgno + 1) * PAGE_SIZE;
    if (bytes > 0)
        needed += bytes + needed / 256;
    return needed <= info.me_mapsize ? 0 : map_resize(environment, map_size(needed));
}

int store_reader_begin(struct environment *environment, MDB_txn **txn)
{
    int code =
            environment->broken ? ENOMEM : mdb_txn_begin(environment->env, NULL, MDB_RDONLY, txn),
        dead;

    if (code == MDB_READERS_FULL && mdb_reader_check(environment->env, &dead) == 0 && dead > 0)
        code = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, txn);
    if (code == MDB_MAP_RESIZED) { /* another process's writer grew the file beyond our map */
        code = store_map_reserve(environment, 0);
        if (code == 0)
            code = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, txn);
    }
    return code;
}

enum lede_status store_busy_or_fail(const struct store *store, int code, const char *doing,
                                    struct lede_error *err)
{
    if (code == EBUSY)
        return error_set(err, LEDE_BUSY,
                         "%s: the index outgrew its memory map, which cannot move while this "
                         "process reads it; close its readers, then repeat",
                         store->path);
    return store_fail(store->path, code, doing, err);
}

void store_transaction_ended(struct environment *environment)
{
    pthread_mutex_lock(&environment->mutex);
    environment->transactions--;
    pthread_mutex_unlock(&environment->mutex);
}

/* ---- tables ---- */

/* LMDB keeps a handle for the environment only once the transaction that opened it has committed.
 */
static int tables_open(struct environment *environment, MDB_txn *txn, unsigned flags)
{
    int code = 0;

    for (int i = 0; i < TABLE_COUNT && code == 0; i++)
        code = mdb_dbi_open(txn, TABLE_NAMES[i], flags, &environment->tables[i]);
    if (code != 0) {
        mdb_txn_abort(txn);
        return code;
    }
    code = mdb_txn_commit(txn);
    environment->has_tables = code == 0;
    return code;
}

static enum lede_status tables_find(struct store *store, struct lede_error *err)
{
    struct environment *environment = store->environment;
    MDB_txn *txn = NULL;
    int code = 0;

    pthread_mutex_lock(&environment->mutex);
    if (!environment->has_tables) {
        code = store_reader_begin(environment, &txn);
        if (code == 0)
            code = tables_open(environment, txn, 0);
    }
    pthread_mutex_unlock(&environment->mutex);
    if (code == MDB_NOTFOUND)
        return error_set(err, LEDE_MISSING, "%s: no index there; lede-index add makes one",
                         store->path);
    return code == 0 ? LEDE_OK : store_busy_or_fail(store, code, "opening the index", err);
}

/* Makes the tables, unless the database has something else in it. */
static int tables_make(struct environment *environment)
{
    MDB_stat main_tree;
    MDB_dbi main_table;
    MDB_txn *txn;
    int code = store_map_reserve(environment, STORE_TXN_SIZE);

    if (code == 0)
        code = mdb_txn_begin(environment->env, NULL, 0, &txn);
    if (code != 0)
        return code;
    code = mdb_dbi_open(txn, NULL, 0, &main_table);
    if (code == 0)
        code = mdb_stat(txn, main_table, &main_tree);
    if (code == 0 && main_tree.ms_entries > 0)
        code = mdb_dbi_open(txn, TABLE_NAMES[TABLE_META], 0, &environment->tables[TABLE_META]);
    if (code == 0)
        return tables_open(environment, txn, MDB_CREATE);
    mdb_txn_abort(txn);
    return code == MDB_NOTFOUND ? MDB_INCOMPATIBLE : code;
}

/* ---- opening ---- */

static enum lede_status store_new(const char *path, struct store **out, struct lede_error *err)
{
    struct store *store;

    if (path[0] == '\0')
        return error_set(err, LEDE_INVALID, "an index needs a directory, not an empty name");
    store = calloc(1, sizeof *store);
    if (!store)
        return error_no_memory(err);
    store->lock = -1;
    store->path = strdup(path);
    if (!store->path) {
        free(store);
        return error_no_memory(err);
    }
    *out = store;
    return LEDE_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_write_abort(store);
    environment_release(store->environment);
    store_unlock(store->lock);
    free(store->path);
    free(store);
}

static enum lede_status store_attach(struct store *store, bool create, struct lede_error *err)
{
    enum lede_status status;

    pthread_mutex_lock(&registry_mutex);
    status = environment_get(store->path, create, &store->environment, err);
    pthread_mutex_unlock(&registry_mutex);
    assert(status != LEDE_OK || store->environment);
    return status;
}

/* Where problems of the structure go. */
struct audience {
    void (*report)(void *context, const char *what);
    void *context;
    struct lmdb_totals *totals;
};

/* Walks the trees of a transaction. */
static enum lede_status check_structure(const struct store *store, uint64_t transaction,
                                        const struct audience *audience, struct lede_error *err)
{
    char *data = store_join(store->path, "data.mdb");
    struct lede_error problem = {LEDE_OK, ""};
    enum lede_status status;

    if (!data)
        return error_no_memory(err);
    status = lmdb_check_path(data, transaction, audience->report, audience->context,
                             audience->totals, &problem);
    free(data);
    if (status != LEDE_CORRUPT)
        return status == LEDE_OK ? LEDE_OK : error_set(err, status, "%s", problem.text);
    return error_set(err, LEDE_CORRUPT, "%s: index damaged: %s; run lede-index verify", store->path,
                     problem.text);
}

/* The same of what a snapshot begun now sees, whose pages stay as they are while it is open; its
 * meta page may be written over, though, by the second commit behind it. */
static enum lede_status check_snapshot(struct store *store, const struct audience *audience,
                                       struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = LEDE_MISSING;

    for (int tries = 0; status == LEDE_MISSING && tries < 100; tries++) {
        status = store_snapshot_begin(store, &snapshot, err);
        if (status != LEDE_OK)
            return status;
        status = check_structure(store, mdb_txn_id(snapshot.txn), audience, err);
        if (status == LEDE_CORRUPT && store_snapshot_overtaken(&snapshot))
            status = LEDE_MISSING;
        store_snapshot_end(&snapshot);
    }
    return status == LEDE_MISSING
               ? error_set(err, LEDE_BUSY, "%s: a writer is too busy to look at it", store->path)
               : status;
}

/* audience NULL: not checked. */
static enum lede_status open_reader(const char *path, const struct audience *audience,
                                    struct store **out, struct lede_error *err)
{
    struct store *store = NULL;
    enum lede_status status = store_new(path, &store, err);

    if (!store)
        return status;
    status = store_look(path, false, err);
    if (status == LEDE_OK)
        status = store_refuse_network(path, err);
    if (status == LEDE_OK)
        status = store_attach(store, false, err);
    if (status == LEDE_OK && audience)
        status = check_snapshot(store, audience, err);
    if (status == LEDE_OK)
        status = tables_find(store, err);
    if (status != LEDE_OK) {
        store_close(store);
        return status;
    }
    *out = store;
    return LEDE_OK;
}

enum lede_status store_open(const char *path, struct store **out, struct lede_error *err)
{
    return open_reader(path, NULL, out, err);
}

enum lede_status store_open_checked(const char *path,
                                    void (*report)(void *context, const char *what), void *context,
                                    struct lmdb_totals *totals, struct store **out,
                                    struct lede_error *err)
{
    return open_reader(path, &(struct audience){report, context, totals}, out, err);
}

/* Under the writer's lock: what is there is whole, or nothing is there and is made. */
static enum lede_status attach_writer(struct store *store, struct lede_error *err)
{
    enum lede_status status = store_look(store->path, true, err);
    bool is_new = status == LEDE_MISSING;
    int code, dead;

    if (status == LEDE_OK)
        status = check_structure(store, LMDB_NEWEST, &(struct audience){NULL, NULL, NULL}, err);
    if (status != LEDE_OK && !is_new)
        return status;
    status = store_attach(store, true, err);
    if (status != LEDE_OK)
        return status;
    if (store->environment->read_only)
        return error_set(err, LEDE_IO, "%s: no permission to write data.mdb or lock.mdb",
                         store->path);
    pthread_mutex_lock(&store->environment->mutex);
    code = mdb_reader_check(store->environment->env, &dead);
    if (code == 0 && !store->environment->has_tables)
        code = tables_make(store->environment);
    pthread_mutex_unlock(&store->environment->mutex);
    if (code != 0)
        return store_busy_or_fail(store, code, "opening the index", err);
    return is_new ? store_sync_directory(store->path, err) : LEDE_OK;
}

enum lede_status store_open_writer(const char *path, unsigned wait, struct store **out,
                                   struct lede_error *err)
{
    struct store *store = NULL;
    enum lede_status status = store_new(path, &store, err);

    if (!store)
        return status;
    status = store_make_directory(path, err);
    if (status == LEDE_OK)
        status = store_refuse_network(path, err);
    if (status == LEDE_OK)
        status = store_lock(path, wait, &store->lock, err);
    if (status == LEDE_OK)
        status = attach_writer(store, err);
    if (status != LEDE_OK) {
        store_close(store);
        return status;
    }
    *out = store;
    return LEDE_OK;
}

const char *store_path(const struct store *store)
{
    return store->path;
}

uint64_t store_size(struct store *store)
{
    struct environment *environment = store->environment;
    uint64_t size = 0;
    MDB_envinfo info;

    pthread_mutex_lock(&environment->mutex);
    if (!environment->broken && mdb_env_info(environment->env, &info) == 0)
        size = ((uint64_t)info.me_last_pgno + 1) * PAGE_SIZE;
    pthread_mutex_unlock(&environment->mutex);
    return size;
}
