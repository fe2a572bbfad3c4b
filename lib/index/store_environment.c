/* store_environment.c -- LMDB's environments: one for a file and process, shared by its stores. */
#include "index/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_TRIES = 100 }; /* where data.mdb is replaced while it is opened */

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

size_t store_map_size(uint64_t size)
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
        code = mdb_env_set_mapsize(environment->env, store_map_size((uint64_t)size));
    if (code == 0)
        code = mdb_env_open(environment->env, path, flags, 0644);
    return code;
}

/* Notes which file LMDB opened; true if it is still the one of that name. While LMDB holds its
 * lock, it stays that one (store_shrink.c); where it takes none, another may come at any time. */
static bool environment_identify(struct environment *environment, const char *data)
{
    mdb_filehandle_t file;
    struct stat opened, named;

    if (mdb_env_get_fd(environment->env, &file) != 0 || fstat(file, &opened) != 0 ||
        stat(data, &named) != 0)
        return false;
    environment->device = opened.st_dev;
    environment->inode = opened.st_ino;
    return environment->unlocked ||
           (opened.st_dev == named.st_dev && opened.st_ino == named.st_ino);
}

/* registry_mutex held. about: of data.mdb. LEDE_OK and *out NULL: another file took its place. */
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
    environment->read_only = !can_write;
    environment->unlocked = !can_lock;
    store_claim_range(environment);
    pthread_mutex_init(&environment->mutex, NULL);
    code = environment_start(environment, path, about->st_size);
    if (code != 0) {
        environment_free(environment);
        return store_fail(path, code, "opening the index", err);
    }
    if (!environment_identify(environment, data)) {
        environment_free(environment);
        return LEDE_OK;
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

/* registry_mutex held. */
static void environment_remove(struct environment *environment)
{
    struct environment **link = &registry;

    while (*link != environment)
        link = &(*link)->next;
    *link = environment->next;
    environment_free(environment);
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
    if (create && file < 0)
        status = store_fail(path, errno, "opening data.mdb", err);
    for (int tries = 0; status == LEDE_OK && !*out; tries++) {
        if (stat(data, &about) != 0)
            status = store_fail(path, errno, "opening data.mdb", err);
        else if (tries == OPEN_TRIES)
            status = error_set(err, LEDE_BUSY, "%s: data.mdb is being replaced", path);
        else if (!(*out = environment_find(&about)))
            status = environment_new(path, data, lock, &about, out, err);
    }
    if (*out)
        (*out)->references++;
done:
    if (file >= 0)
        close(file);
    free(data);
    free(lock);
    return status;
}

void store_detach(struct environment *environment)
{
    if (!environment)
        return;
    pthread_mutex_lock(&registry_mutex);
    if (--environment->references == 0)
        environment_remove(environment);
    pthread_mutex_unlock(&registry_mutex);
}

/* registry_mutex held. */
static enum lede_status check_alone(const struct store *store, struct lede_error *err)
{
    if (store->environment->references == 1)
        return LEDE_OK;
    return error_set(err, LEDE_BUSY,
                     "%s: this process has the index open elsewhere, too; close that first",
                     store->path);
}

enum lede_status store_while_closed(struct store *store,
                                    enum lede_status (*action)(void *context,
                                                               struct lede_error *err),
                                    void *context, struct lede_error *err)
{
    enum lede_status status;

    pthread_mutex_lock(&registry_mutex);
    status = check_alone(store, err);
    if (status == LEDE_OK) {
        environment_remove(store->environment);
        store->environment = NULL;
        status = action(context, err);
    }
    pthread_mutex_unlock(&registry_mutex);
    return status;
}

enum lede_status store_check_alone(const struct store *store, struct lede_error *err)
{
    enum lede_status status;

    pthread_mutex_lock(&registry_mutex);
    status = check_alone(store, err);
    pthread_mutex_unlock(&registry_mutex);
    return status;
}

enum lede_status store_attach(struct store *store, bool create, struct lede_error *err)
{
    enum lede_status status;

    pthread_mutex_lock(&registry_mutex);
    status = environment_get(store->path, create, &store->environment, err);
    pthread_mutex_unlock(&registry_mutex);
    assert(status != LEDE_OK || store->environment);
    return status;
}
