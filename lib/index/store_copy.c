/* store_copy.c -- an index, as last committed, in another file or directory.
 *
 * By LMDB's own means, in the way that leaves free pages out: that needs no lock of the writer's,
 * who may go on (the plain way takes it for a moment, and waits for a transaction that is open),
 * and what comes out is as small as it can be. */
#include "index/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTGROWN_TRIES = 10 }; /* where the writer makes the file larger than our map */

/* ---- a file ---- */

static int copy_to(struct environment *environment, int file)
{
    mdb_filehandle_t data;
    struct stat about;
    int code = mdb_env_get_fd(environment->env, &data);

    if (code == 0 && fstat(data, &about) != 0)
        code = errno;
    if (code != 0)
        return code;
    (void)!fchown(file, about.st_uid, about.st_gid); /* not ours to give away, as a rule */
    if (fchmod(file, about.st_mode & 07777) != 0)
        return errno;
    code = mdb_env_copyfd2(environment->env, file, MDB_CP_COMPACT);
    if (code == 0 && fsync(file) != 0)
        code = errno;
    return code;
}

/* MDB_MAP_RESIZED: as store.h's caveats say. */
static int make_file(struct environment *environment, const char *name)
{
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), code;
    struct pages_watch watching;

    if (file < 0)
        return errno;
    pthread_mutex_lock(&environment->mutex);
    environment->transactions++; /* LMDB's own: the map must not move */
    pthread_mutex_unlock(&environment->mutex);
    store_pages_watch(&watching, environment);
    code = copy_to(environment, file);
    store_pages_unwatch(&watching);
    store_transaction_ended(environment);
    if (close(file) != 0 && code == 0)
        code = errno;
    return code == MDB_INCOMPATIBLE ? MDB_CORRUPTED /* pages that are neither used nor free */
                                    : code;
}

static enum lede_status check_file(const char *path, const char *name, struct lede_error *err)
{
    struct lede_error problem = {.status = LEDE_OK};
    enum lede_status status = lmdb_check_path(name, LMDB_NEWEST, NULL, NULL, NULL, &problem);

    if (status == LEDE_OK)
        return LEDE_OK;
    return error_set(err, status, "%s: the copy of data.mdb: %s", path, problem.text);
}

enum lede_status store_copy_file(struct store *store, const char *path, const char *name,
                                 struct lede_error *err)
{
    int code = make_file(store->environment, name);

    if (code == MDB_MAP_RESIZED)
        return LEDE_MISSING;
    if (code != 0)
        return store_fail(path, code, "copying data.mdb", err);
    return check_file(path, name, err);
}

/* ---- a directory ---- */

/* A snapshot that is begun sees to the map, and to a writer that could not know of us. */
static enum lede_status copy_within(struct store *store, const char *to, const char *name,
                                    struct lede_error *err)
{
    enum lede_status status = LEDE_MISSING;

    for (int i = 0; i < OUTGROWN_TRIES && status == LEDE_MISSING; i++) {
        struct store_snapshot snapshot;
        struct slice value; /* only for store_pages.c to see where the map is */

        status = store_snapshot_begin(store, &snapshot, err);
        if (status != LEDE_OK)
            return status;
        (void)store_get(&snapshot, TABLE_META, slice_str("manifest"), &value, NULL);
        status = store_copy_file(store, to, name, err);
        if (store_snapshot_overtaken(&snapshot))
            status = LEDE_MISSING;
        store_snapshot_end(&snapshot);
    }
    return status == LEDE_MISSING
               ? error_set(err, LEDE_BUSY, "%s: a writer is too busy to copy it", store->path)
               : status;
}

static enum lede_status file_size(const char *to, const char *name, uint64_t *size,
                                  struct lede_error *err)
{
    struct stat about;

    if (stat(name, &about) != 0)
        return store_fail(to, errno, "looking at data.mdb", err);
    *size = (uint64_t)about.st_size;
    return LEDE_OK;
}

/* A table of readers that an index which is gone left there is not for this one. */
static enum lede_status put_in_place(const char *to, const char *copy, const char *data,
                                     struct lede_error *err)
{
    char *readers = store_join(to, "lock.mdb");

    if (!readers)
        return error_no_memory(err);
    (void)unlink(readers);
    free(readers);
    if (rename(copy, data) != 0)
        return store_fail(to, errno, "naming data.mdb", err);
    return store_sync_directory(to, err);
}

/* The writer's lock of the new directory held: nobody else makes an index there. */
static enum lede_status copy_alone(struct store *store, const char *to, uint64_t *size,
                                   struct lede_error *err)
{
    char *copy = store_join(to, STORE_COPY), *data = store_join(to, "data.mdb");
    enum lede_status status = LEDE_NO_MEMORY;

    if (copy && data) {
        status = copy_within(store, to, copy, err);
        if (status == LEDE_OK)
            status = file_size(to, copy, size, err);
        if (status == LEDE_OK)
            status = put_in_place(to, copy, data, err);
        if (status != LEDE_OK)
            (void)unlink(copy);
    } else
        (void)error_no_memory(err);
    free(copy);
    free(data);
    return status;
}

/* That there is no index yet: LEDE_MISSING is what is wanted. */
static enum lede_status check_free(const char *to, struct lede_error *err)
{
    enum lede_status status = store_look(to, true, err);

    if (status == LEDE_MISSING)
        return LEDE_OK;
    if (status != LEDE_OK)
        return status;
    return error_set(err, LEDE_INVALID, "%s: there is an index already; name another directory",
                     to);
}

enum lede_status store_copy(struct store *store, const char *to, unsigned wait, uint64_t *size,
                            struct lede_error *err)
{
    int lock = -1;
    enum lede_status status = store_make_directory(to, err);

    if (status == LEDE_OK)
        status = store_lock(to, wait, &lock, err);
    if (status == LEDE_OK)
        status = check_free(to, err);
    if (status == LEDE_OK)
        status = copy_alone(store, to, size, err);
    store_unlock(lock);
    return status;
}
