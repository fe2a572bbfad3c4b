#include "index/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { ROOT_TRIES = 5 }; /* where a writer writes a meta page while it is read */

static const char *const TABLE_NAMES[TABLE_COUNT] = {"meta", "dict", "extent", "deleted"};

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
    return needed <= info.me_mapsize ? 0 : map_resize(environment, store_map_size(needed));
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

int store_writer_begin(struct environment *environment, uint64_t bytes, MDB_txn **txn)
{
    int code;

    pthread_mutex_lock(&environment->mutex);
    code = store_map_reserve(environment, bytes);
    environment->transactions += code == 0;
    pthread_mutex_unlock(&environment->mutex);
    if (code != 0)
        return code;
    code = mdb_txn_begin(environment->env, NULL, 0, txn);
    if (code != 0)
        store_transaction_ended(environment);
    return code;
}

/* Makes the tables, unless the database has something else in it. */
static int tables_make(struct environment *environment)
{
    MDB_stat main_tree;
    MDB_dbi main_table;
    MDB_txn *txn;
    int code = store_writer_begin(environment, STORE_TXN_SIZE, &txn);

    if (code != 0)
        return code;
    pthread_mutex_lock(&environment->mutex);
    code = mdb_dbi_open(txn, NULL, 0, &main_table);
    if (code == 0)
        code = mdb_stat(txn, main_table, &main_tree);
    if (code == 0 && main_tree.ms_entries > 0)
        code = mdb_dbi_open(txn, TABLE_NAMES[TABLE_META], 0, &environment->tables[TABLE_META]);
    if (code == 0) {
        code = tables_open(environment, txn, MDB_CREATE);
    } else {
        mdb_txn_abort(txn);
        code = code == MDB_NOTFOUND ? MDB_INCOMPATIBLE : code;
    }
    environment->transactions--;
    pthread_mutex_unlock(&environment->mutex);
    return code;
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
    store_detach(store->environment);
    store_unlock(store->lock);
    free(store->path);
    free(store);
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
    struct lede_error problem = {.status = LEDE_OK};
    enum lede_status status;

    if (!data)
        return error_no_memory(err);
    status = lmdb_check_path(data, transaction, audience->report, audience->context,
                             audience->totals, &problem);
    free(data);
    if (status != LEDE_CORRUPT)
        return status == LEDE_OK ? LEDE_OK
                                 : error_set(err, status, "%s: %s", store->path, problem.text);
    return error_set(err, LEDE_CORRUPT, "%s: index damaged: %s; run lede-index verify", store->path,
                     problem.text);
}

/* What every lookup in a transaction begins with. */
static enum lede_status check_roots(const struct store *store, uint64_t transaction,
                                    struct lede_error *err)
{
    struct lede_error problem = {.status = LEDE_OK};
    enum lede_status status = LEDE_CORRUPT;
    mdb_filehandle_t fd;
    struct lmdb_file file;

    if (mdb_env_get_fd(store->environment->env, &fd) != 0 || !lmdb_file_of(&fd, &file))
        return store_fail(store->path, errno, "looking at data.mdb", err);
    for (int tries = 0; tries < ROOT_TRIES && status == LEDE_CORRUPT; tries++)
        status = lmdb_check_roots(&file, transaction, &problem);
    if (status == LEDE_OK || status == LEDE_MISSING)
        return status;
    return error_set(err, status,
                     status == LEDE_CORRUPT ? "%s: index damaged: %s; run lede-index verify"
                                            : "%s: %s",
                     store->path, problem.text);
}

/* Checks what a snapshot begun now sees, whose pages stay as they are while it is open; its
 * meta page may be written over, though, by the second commit behind it. audience NULL: its roots
 * alone. */
static enum lede_status check_snapshot(struct store *store, const struct audience *audience,
                                       struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = LEDE_MISSING;

    for (int tries = 0; status == LEDE_MISSING && tries < 100; tries++) {
        status = store_snapshot_begin(store, &snapshot, err);
        if (status != LEDE_OK)
            return status;
        if (audience)
            status = check_structure(store, mdb_txn_id(snapshot.txn), audience, err);
        if (!audience || status == LEDE_OK)
            status = check_roots(store, mdb_txn_id(snapshot.txn), err);
        if (status == LEDE_CORRUPT && store_snapshot_overtaken(&snapshot))
            status = LEDE_MISSING;
        store_snapshot_end(&snapshot);
    }
    return status == LEDE_MISSING
               ? error_set(err, LEDE_BUSY, "%s: a writer is too busy to look at it", store->path)
               : status;
}

/* audience NULL: only roots are checked. */
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
    if (status == LEDE_OK)
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
    bool fresh = status == LEDE_MISSING;
    bool has_tables;
    int code, dead;

    if (status == LEDE_OK)
        status = check_structure(store, LMDB_NEWEST, &(struct audience){NULL, NULL, NULL}, err);
    if (status != LEDE_OK && !fresh)
        return status;
    status = store_attach(store, true, err);
    if (status != LEDE_OK)
        return status;
    store_remove_copy(store->path);
    if (store->environment->read_only)
        return error_set(err, LEDE_IO, "%s: no permission to write data.mdb or lock.mdb",
                         store->path);
    pthread_mutex_lock(&store->environment->mutex);
    code = mdb_reader_check(store->environment->env, &dead);
    /* LMDB makes its first two pages without a sync: with pages behind them, and the power gone,
     * what is left of them would pass for damage. */
    if (code == 0 && fresh)
        code = mdb_env_sync(store->environment->env, 1);
    has_tables = store->environment->has_tables;
    pthread_mutex_unlock(&store->environment->mutex);
    if (code == 0 && !has_tables)
        code = tables_make(store->environment);
    if (code != 0)
        return store_busy_or_fail(store, code, "opening the index", err);
    return LEDE_OK;
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
