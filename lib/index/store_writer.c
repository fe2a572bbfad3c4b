/* store_writer.c -- the writer's transactions, and the one that counts: the flip.
 *
 * A transaction must find its map large enough, because LMDB cannot enlarge it inside one and what
 * was streamed into it cannot be played again. What a transaction of B bytes of values in R records
 * can need is bounded:
 *   values    whole pages each, counted as they come
 *   keys      each record may copy and split a page a level; TREE_PAGES is that of the deepest tree
 *             that 2^32 records make, times two for the table and the main tree
 *   free list written anew at each commit: 8 bytes a page freed in this transaction or taken over
 *             from earlier ones, never more than the pages of the file; written at most twice
 * (store_map_reserve adds the last), and the map is made larger than that. */
#include "index/store_internal.h"

#include <assert.h>
#include <errno.h>

#include "index/deletion.h"

enum {
    RECORDS_MAX = 4096,      /* puts and deletes in a transaction */
    DROPPED_MAX = 256 << 20, /* bytes of values deleted in one: 512 KiB in the free list */
    TREE_PAGES = 8,
    SMALL_SIZE = 2038 - 8 /* LMDB's longest key and value that stay in a page of the tree */
};

/* Bytes of overflow pages that a record takes. */
static uint64_t value_pages(size_t key_size, size_t value_size)
{
    if (key_size + value_size <= SMALL_SIZE)
        return 0;
    return ((uint64_t)value_size + PAGE_HEADER + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

/* ---- transactions ---- */

static enum lede_status fail(struct store *store, int code, struct lede_error *err)
{
    if (store->txn) {
        mdb_txn_abort(store->txn);
        store->txn = NULL;
        store_transaction_ended(store->environment);
    }
    store_busy_or_fail(store, code, "writing", &store->failure);
    if (err)
        *err = store->failure;
    return store->failure.status;
}

/* Room in the map for values of that many bytes in that many records, and then a transaction. */
static enum lede_status begin(struct store *store, uint64_t bytes, uint64_t records,
                              struct lede_error *err)
{
    uint64_t tree = records * TREE_PAGES * PAGE_SIZE;
    int code;

    assert(store->lock >= 0 && !store->txn);
    if (store->failure.status != LEDE_OK) {
        if (err)
            *err = store->failure;
        return store->failure.status;
    }
    code = store_writer_begin(store->environment, bytes + tree, &store->txn);
    if (code != 0)
        return fail(store, code, err);
    store->written = 0;
    store->records = 0;
    return LEDE_OK;
}

enum lede_status store_reserve(struct store *store, uint64_t bytes, struct lede_error *err)
{
    struct environment *environment = store->environment;
    int code;

    pthread_mutex_lock(&environment->mutex);
    code = store_map_reserve(environment, bytes);
    pthread_mutex_unlock(&environment->mutex);
    return code == 0 ? LEDE_OK : store_busy_or_fail(store, code, "enlarging its map", err);
}

enum lede_status store_write_begin(struct store *store, struct lede_error *err)
{
    /* The last value may come when the others already fill the transaction. */
    return store->txn ? LEDE_OK
                      : begin(store, STORE_TXN_SIZE + DROPPED_MAX / 256 + EXTENT_PAGES * PAGE_SIZE,
                              RECORDS_MAX, err);
}

enum lede_status store_write_commit(struct store *store, struct lede_error *err)
{
    MDB_txn *txn = store->txn;
    int code;

    if (!txn && store->failure.status != LEDE_OK) {
        if (err)
            *err = store->failure;
        return store->failure.status;
    }
    if (!txn)
        return LEDE_OK;
    store->txn = NULL; /* committing ends it, whatever comes of it */
    code = mdb_txn_commit(txn);
    store_transaction_ended(store->environment);
    return code == 0 ? LEDE_OK : fail(store, code, err);
}

void store_write_abort(struct store *store)
{
    store->failure.status = LEDE_OK;
    if (!store->txn)
        return;
    mdb_txn_abort(store->txn);
    store->txn = NULL;
    store_transaction_ended(store->environment);
}

/* Counts a record; the transaction ends when it has enough of them. */
static enum lede_status count_record(struct store *store, uint64_t bytes, uint64_t bytes_max,
                                     struct lede_error *err)
{
    store->written += bytes;
    store->records++;
    store_pages_read(store->environment, 1);
    if (store->written < bytes_max && store->records < RECORDS_MAX)
        return LEDE_OK;
    return store_write_commit(store, err);
}

/* ---- records ---- */

/* Pages of the dictionary come in order: appended, LMDB packs their keys without room in between.
 */
static int put(MDB_txn *txn, MDB_dbi dbi, enum table table, MDB_val *key, MDB_val *value)
{
    int code = MDB_KEYEXIST;

    if (table == TABLE_DICT)
        code = mdb_put(txn, dbi, key, value, MDB_APPEND);
    return code == MDB_KEYEXIST ? mdb_put(txn, dbi, key, value, 0) : code;
}

enum lede_status store_write_put(struct store *store, enum table table, struct slice key,
                                 struct slice value, struct lede_error *err)
{
    MDB_val at = {key.size, (void *)key.data}, data = {value.size, (void *)value.data};
    enum lede_status status = store_write_begin(store, err);
    int code;

    if (status != LEDE_OK)
        return status;
    code = put(store->txn, store->environment->tables[table], table, &at, &data);
    if (code != 0)
        return fail(store, code, err);
    return count_record(store, value_pages(key.size, value.size), STORE_TXN_SIZE, err);
}

enum lede_status store_write_delete(struct store *store, enum table table, struct slice key,
                                    struct lede_error *err)
{
    MDB_val at = {key.size, (void *)key.data};
    enum lede_status status = store_write_begin(store, err);
    int code;

    if (status != LEDE_OK)
        return status;
    code = mdb_del(store->txn, store->environment->tables[table], &at, NULL);
    if (code != 0 && code != MDB_NOTFOUND)
        return fail(store, code, err);
    return count_record(store, 0, STORE_TXN_SIZE, err);
}

static enum lede_status sink_put(void *context, char letter, struct slice key, struct slice value,
                                 struct lede_error *err)
{
    enum table table;

    if (!store_table(letter, &table))
        return error_set(err, LEDE_INVALID, "no table has the letter '%c'", letter);
    return store_write_put(context, table, key, value, err);
}

struct record_sink store_sink(struct store *store)
{
    return (struct record_sink){store, sink_put};
}

/* ---- segments ---- */

/* The first record of a table whose key is >= that of a segment: 0 and its segment's number and
 * sizes, or LMDB's error. With drop, it is deleted if it is the segment's own. */
static int first_of(struct store *store, enum table table, uint32_t segment, bool drop,
                    uint32_t *found, uint64_t *bytes)
{
    uint8_t bytes_of_key[4];
    MDB_val key = {sizeof bytes_of_key, bytes_of_key}, value;
    MDB_cursor *cursor;
    int code;

    store_be32(bytes_of_key, segment);
    code = mdb_cursor_open(store->txn, store->environment->tables[table], &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    if (code == 0 && key.mv_size < sizeof bytes_of_key)
        code = MDB_CORRUPTED;
    if (code == 0) {
        *found = load_be32(key.mv_data);
        *bytes = value_pages(key.mv_size, value.mv_size);
        if (drop && *found == segment)
            code = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    return code;
}

/* Deletes the first record of the segment, if there is one. */
static int drop_one(struct store *store, enum table table, uint32_t segment, uint64_t *bytes)
{
    uint32_t found;
    int code = first_of(store, table, segment, true, &found, bytes);

    return code == 0 && found != segment ? MDB_NOTFOUND : code;
}

static enum lede_status drop_from(struct store *store, enum table table, uint32_t segment,
                                  struct lede_error *err)
{
    for (;;) {
        enum lede_status status = store_write_begin(store, err);
        uint64_t bytes;
        int code;

        if (status != LEDE_OK)
            return status;
        code = drop_one(store, table, segment, &bytes);
        if (code == MDB_NOTFOUND)
            return LEDE_OK;
        if (code != 0)
            return fail(store, code, err);
        status = count_record(store, bytes, DROPPED_MAX, err);
        if (status != LEDE_OK)
            return status;
    }
}

enum lede_status store_write_drop_segment(struct store *store, uint32_t segment,
                                          struct lede_error *err)
{
    enum lede_status status = drop_from(store, TABLE_DICT, segment, err);

    if (status == LEDE_OK)
        status = drop_from(store, TABLE_EXTENT, segment, err);
    if (status == LEDE_OK)
        status = drop_from(store, TABLE_DELETED, segment, err);
    return status;
}

static bool is_named(const struct manifest *manifest, uint32_t segment)
{
    for (size_t i = 0; i < manifest->segment_count; i++)
        if (manifest->segments[i].number == segment)
            return true;
    return false;
}

static enum lede_status collect_from(struct store *store, enum table table,
                                     struct manifest *manifest, struct lede_error *err)
{
    for (uint32_t segment = 0;; segment++) {
        enum lede_status status = store_write_begin(store, err);
        uint64_t bytes;
        int code;

        if (status != LEDE_OK)
            return status;
        code = first_of(store, table, segment, false, &segment, &bytes);
        if (code == MDB_NOTFOUND)
            return LEDE_OK;
        if (code != 0)
            return fail(store, code, err);
        if (segment >= manifest->next_segment)
            manifest->next_segment = segment < UINT32_MAX ? segment + 1 : UINT32_MAX;
        if (!is_named(manifest, segment))
            status = store_write_drop_segment(store, segment, err);
        if (status != LEDE_OK || segment == UINT32_MAX)
            return status;
    }
}

enum lede_status store_collect(struct store *store, struct manifest *manifest,
                               struct lede_error *err)
{
    enum lede_status status = collect_from(store, TABLE_EXTENT, manifest, err);

    if (status == LEDE_OK)
        status = collect_from(store, TABLE_DICT, manifest, err);
    if (status == LEDE_OK)
        status = collect_from(store, TABLE_DELETED, manifest, err);
    return status == LEDE_OK ? store_write_commit(store, err) : status;
}

/* ---- the flip ---- */

static int put_deletions(struct store *store, const struct deletion_record *deletions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[DELETION_KEY_SIZE];
        MDB_val key = {sizeof bytes, bytes}, value;
        int code;

        deletion_key(bytes, deletions[i].segment, deletions[i].chunk);
        value = (MDB_val){deletions[i].value.size, (void *)deletions[i].value.data};
        code = mdb_put(store->txn, store->environment->tables[TABLE_DELETED], &key, &value, 0);
        if (code != 0)
            return code;
    }
    return 0;
}

/* Who made the files may have been killed before it could see to their names. */
static enum lede_status sync_names(const struct store *store, struct lede_error *err)
{
    enum lede_status status = store_sync_directory(store->path, err);

    return status == LEDE_OK ? store_sync_parent(store->path, err) : status;
}

/* Puts the manifest and the deletions into the open transaction, if they fit what it was begun for,
 * or else into one that bears as many records more. */
static enum lede_status put_flip(struct store *store, struct slice manifest,
                                 const struct deletion_record *deletions, size_t count,
                                 unsigned more, struct lede_error *err)
{
    MDB_val key = {sizeof "manifest" - 1, "manifest"};
    MDB_val value = {manifest.size, (void *)manifest.data};
    uint64_t bytes = manifest.size + 2 * PAGE_SIZE + (uint64_t)count * PAGE_SIZE;
    enum lede_status status = LEDE_OK;
    int code;

    if (store->txn &&
        (store->written + bytes > STORE_TXN_SIZE || store->records + count >= RECORDS_MAX))
        status = store_write_commit(store, err);
    if (status == LEDE_OK && !store->txn)
        status = begin(store, bytes, (uint64_t)count + 1 + more, err);
    if (status != LEDE_OK)
        return status;
    store->written += bytes;
    store->records += (unsigned)count + 1;
    code = put_deletions(store, deletions, count);
    if (code == 0)
        code = mdb_put(store->txn, store->environment->tables[TABLE_META], &key, &value, 0);
    return code == 0 ? LEDE_OK : fail(store, code, err);
}

static enum lede_status flip(struct store *store, const struct manifest *manifest,
                             const struct deletion_record *deletions, size_t count, unsigned more,
                             struct lede_error *err)
{
    enum lede_status status;
    struct buffer encoded;

    buffer_init(&encoded, NULL);
    manifest_encode(manifest, &encoded);
    status = encoded.failed ? error_no_memory(err)
                            : put_flip(store, buffer_bytes(&encoded), deletions, count, more, err);
    buffer_done(&encoded);
    return status;
}

enum lede_status store_flip(struct store *store, const struct manifest *manifest,
                            const struct deletion_record *deletions, size_t count,
                            struct lede_error *err)
{
    enum lede_status status = flip(store, manifest, deletions, count, 0, err);

    if (status == LEDE_OK)
        status = store_write_commit(store, err);
    return status == LEDE_OK && manifest->generation <= 1 ? sync_names(store, err) : status;
}

/* Deletes as many of the segment's records as the transaction bears. */
static int drop_some(struct store *store, uint32_t segment)
{
    static const enum table TABLES[] = {TABLE_DICT, TABLE_EXTENT, TABLE_DELETED};
    int code = 0;

    for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES && code == 0; i++) {
        while (code == 0 && store->written < STORE_TXN_SIZE && store->records < RECORDS_MAX) {
            uint64_t bytes;

            code = drop_one(store, TABLES[i], segment, &bytes);
            if (code == 0)
                store->written += bytes;
            store->records++;
        }
        if (code == MDB_NOTFOUND)
            code = 0;
    }
    return code;
}

enum lede_status store_flip_instead(struct store *store, const struct manifest *manifest,
                                    const struct segment_info *gone, size_t count,
                                    struct lede_error *err)
{
    enum lede_status status = flip(store, manifest, NULL, 0, RECORDS_MAX, err);
    int code = 0;

    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < count && code == 0; i++)
        code = drop_some(store, gone[i].number);
    return code == 0 ? store_write_commit(store, err) : fail(store, code, err);
}
