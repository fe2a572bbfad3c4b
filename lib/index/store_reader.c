/* store_reader.c -- snapshots. LMDB wants one thread at a time in a transaction, so a mutex of the
 * snapshot's own is around each of its calls; what they return needs none. */
#include <errno.h>
#include <stdlib.h>

#include "index/store_internal.h"

struct store_reader {
    pthread_mutex_t mutex;
    MDB_cursor *cursors[TABLE_COUNT]; /* NULL until the first seek */
};

bool store_table(char letter, enum table *table)
{
    static const char LETTERS[] = "mdex";
    const char *at = letter ? strchr(LETTERS, letter) : NULL;

    if (at)
        *table = (enum table)(at - LETTERS);
    return at;
}

static enum lede_status record_get(void *context, char letter, struct slice key,
                                   struct slice *value, struct lede_error *err)
{
    struct store_snapshot *snapshot = context;
    enum lede_status status = LEDE_MISSING;
    enum table table;

    if (store_table(letter, &table))
        status = store_get(snapshot, table, key, value, err);
    if (status != LEDE_MISSING)
        return status;
    return error_set(err, LEDE_CORRUPT,
                     "%s: index damaged: a record of table '%c' is missing; run lede-index verify",
                     snapshot->store->path, letter);
}

static void records_read(void *context, size_t pages)
{
    store_snapshot_read(context, pages);
}

enum lede_status store_snapshot_begin(struct store *store, struct store_snapshot *snapshot,
                                      struct lede_error *err)
{
    struct environment *environment = store->environment;
    int code;

    memset(snapshot, 0, sizeof *snapshot);
    snapshot->reader = calloc(1, sizeof *snapshot->reader);
    if (!snapshot->reader)
        return error_no_memory(err);
    pthread_mutex_lock(&environment->mutex);
    code = store_reader_begin(environment, &snapshot->txn);
    environment->transactions += code == 0;
    pthread_mutex_unlock(&environment->mutex);
    if (code != 0) {
        free(snapshot->reader);
        memset(snapshot, 0, sizeof *snapshot);
        return store_busy_or_fail(store, code, "beginning to read", err);
    }
    pthread_mutex_init(&snapshot->reader->mutex, NULL);
    snapshot->store = store;
    snapshot->records =
        (struct record_source){.context = snapshot, .get = record_get, .read = records_read};
    return LEDE_OK;
}

void store_snapshot_end(struct store_snapshot *snapshot)
{
    if (!snapshot->reader)
        return;
    for (int i = 0; i < TABLE_COUNT; i++)
        if (snapshot->reader->cursors[i])
            mdb_cursor_close(snapshot->reader->cursors[i]);
    mdb_txn_abort(snapshot->txn);
    store_transaction_ended(snapshot->store->environment);
    pthread_mutex_destroy(&snapshot->reader->mutex);
    free(snapshot->reader);
    memset(snapshot, 0, sizeof *snapshot);
}

/* The map may have moved since it was noted where it is. */
static void looked_at(struct environment *environment, const void *value)
{
    size_t size;

    if (atomic_load_explicit(&environment->pages_most, memory_order_relaxed) == 0)
        return;
    if (!store_range(environment, &size)) {
        pthread_mutex_lock(&environment->mutex);
        store_note_range(environment, value);
        pthread_mutex_unlock(&environment->mutex);
    }
    store_pages_read(environment, 1);
}

/* What a look at the map gave; *value is set if that is a record. */
static enum lede_status take(struct store_snapshot *snapshot, int code, const MDB_val *found,
                             struct slice *value, struct lede_error *err)
{
    if (code == MDB_NOTFOUND)
        return LEDE_MISSING;
    if (code != 0)
        return store_fail(snapshot->store->path, code, "reading", err);
    *value = slice_of(found->mv_data, found->mv_size);
    looked_at(snapshot->store->environment, value->data);
    return LEDE_OK;
}

enum lede_status store_get(struct store_snapshot *snapshot, enum table table, struct slice key,
                           struct slice *value, struct lede_error *err)
{
    MDB_val at = {key.size, (void *)key.data}, found;
    int code;

    pthread_mutex_lock(&snapshot->reader->mutex);
    code = mdb_get(snapshot->txn, snapshot->store->environment->tables[table], &at, &found);
    pthread_mutex_unlock(&snapshot->reader->mutex);
    return take(snapshot, code, &found, value, err);
}

/* reader->mutex held. */
static int seek(struct store_snapshot *snapshot, enum table table, MDB_val *key, MDB_val *value)
{
    MDB_cursor **cursor = &snapshot->reader->cursors[table];
    int code = 0;

    if (!*cursor)
        code = mdb_cursor_open(snapshot->txn, snapshot->store->environment->tables[table], cursor);
    return code == 0 ? mdb_cursor_get(*cursor, key, value, MDB_SET_RANGE) : code;
}

enum lede_status store_seek(struct store_snapshot *snapshot, enum table table, struct slice key,
                            struct slice *found_key, struct slice *value, struct lede_error *err)
{
    MDB_val at = {key.size, (void *)key.data}, found;
    int code;

    pthread_mutex_lock(&snapshot->reader->mutex);
    code = seek(snapshot, table, &at, &found);
    pthread_mutex_unlock(&snapshot->reader->mutex);
    if (code == 0)
        *found_key = slice_of(at.mv_data, at.mv_size);
    return take(snapshot, code, &found, value, err);
}

bool store_snapshot_overtaken(struct store_snapshot *snapshot)
{
    struct environment *environment = snapshot->store->environment;
    MDB_envinfo info;

    return environment->unlocked && (mdb_env_info(environment->env, &info) != 0 ||
                                     info.me_last_txnid != mdb_txn_id(snapshot->txn));
}

enum lede_status store_manifest(struct store_snapshot *snapshot, struct manifest *manifest,
                                struct lede_error *err)
{
    struct environment *environment = snapshot->store->environment;
    struct slice value = {NULL, 0};
    enum lede_status status;

    manifest_init(manifest);
    status = store_get(snapshot, TABLE_META, slice_str("manifest"), &value, err);
    if (status == LEDE_MISSING)
        return error_set(err, LEDE_MISSING, "%s: no commit was ever finished there",
                         snapshot->store->path);
    if (status != LEDE_OK)
        return status;
    pthread_mutex_lock(&environment->mutex);
    store_note_range(environment, value.data);
    pthread_mutex_unlock(&environment->mutex);
    return manifest_decode(value, manifest, err);
}
