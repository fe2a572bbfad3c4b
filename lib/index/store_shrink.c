/* store_shrink.c -- data.mdb replaced by a copy without free pages.
 *
 * A rename leaves whoever has the old file open with the old file, which nobody writes to any more.
 * What they share with those who open the new one is lock.mdb, and that must not be: it has the
 * number of the last transaction, which says which meta page is read, and numbers begin anew in a
 * copy. And a process that had both open would lose the locks of one by closing the other. So
 * nobody may have the index open when files change. LMDB holds a lock (fcntl) on the first byte of
 * lock.mdb, shared, in every process that has the environment open, and who opens it waits there
 * for an exclusive one to go:
 *     copy, fsync          readers come and go
 *     close our own, lock the byte exclusively: nobody has it open
 *     empty lock.mdb, rename the copy, sync the directory
 *     open the new environment: our locks do not stop ourselves, LMDB makes lock.mdb anew, and
 *     holds its lock shared: those who wait go on
 * A crash in between leaves an empty lock.mdb, which the next to open it makes anew, and one of the
 * two files, which hold the same. Processes that may not write lock.mdb are not seen by this; they
 * read the file that they opened. */
#include "base/clock.h"
#include "index/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_POLL = 20 * 1000 * 1000 }; /* nanoseconds between two tries */

struct swap {
    const char *path;         /* of the directory */
    char *copy, *data, *lock; /* of the files */
    unsigned wait;
};

/* ---- the exchange ---- */

static enum lede_status lock_alone(const struct swap *swap, int lock, struct lede_error *err)
{
    const struct timespec pause = {0, LOCK_POLL};
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    double end = clock_seconds() + swap->wait;

    while (fcntl(lock, F_SETLK, &range) != 0) {
        if (errno != EACCES && errno != EAGAIN && errno != EINTR)
            return store_fail(swap->path, errno, "locking lock.mdb", err);
        if (clock_seconds() >= end)
            return error_set(err, LEDE_BUSY,
                             "%s: another process has the index open, so data.mdb keeps its size; "
                             "repeat it when nobody has",
                             swap->path);
        nanosleep(&pause, NULL);
    }
    return LEDE_OK;
}

/* Has LMDB make lock.mdb anew, for those who wait for it. */
static int open_once(const struct swap *swap)
{
    MDB_env *env;
    int code = mdb_env_create(&env);

    if (code != 0)
        return code;
    code = mdb_env_set_maxreaders(env, STORE_READERS);
    if (code == 0)
        code = mdb_env_open(env, swap->path, MDB_NOTLS, 0644);
    mdb_env_close(env);
    return code;
}

static enum lede_status exchange(void *context, struct lede_error *err)
{
    const struct swap *swap = context;
    int lock = open(swap->lock, O_RDWR | O_CLOEXEC);
    enum lede_status status;

    if (lock < 0)
        return store_fail(swap->path, errno, "opening lock.mdb", err);
    status = lock_alone(swap, lock, err);
    if (status == LEDE_OK && ftruncate(lock, 0) != 0)
        status = store_fail(swap->path, errno, "emptying lock.mdb", err);
    if (status == LEDE_OK) {
        if (rename(swap->copy, swap->data) != 0)
            status = store_fail(swap->path, errno, "replacing data.mdb", err);
        else
            status = store_sync_directory(swap->path, err);
        (void)open_once(swap); /* if it fails, who waited fails, and who comes later makes it */
    }
    close(lock); /* and with it go this process's locks: only now that nothing needs them */
    return status;
}

static enum lede_status replace(struct store *store, struct swap *swap, struct lede_error *err)
{
    enum lede_status status = store_check_alone(store, err);

    if (status != LEDE_OK)
        return status;
    status = store_copy_file(store, swap->path, swap->copy, err);
    if (status == LEDE_OK)
        status = store_while_closed(store, exchange, swap, err);
    if (status != LEDE_OK)
        (void)unlink(swap->copy);
    return status;
}

enum lede_status store_shrink(struct store *store, unsigned wait, struct lede_error *err)
{
    struct swap swap = {store->path, store_join(store->path, STORE_COPY),
                        store_join(store->path, "data.mdb"), store_join(store->path, "lock.mdb"),
                        wait};
    enum lede_status status = LEDE_NO_MEMORY;

    assert(store->lock >= 0 && !store->txn);
    if (swap.copy && swap.data && swap.lock)
        status = replace(store, &swap, err);
    else
        (void)error_no_memory(err);
    free(swap.copy);
    free(swap.data);
    free(swap.lock);
    return status;
}
