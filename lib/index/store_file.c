/* store_file.c -- an index directory before and beside LMDB: what it holds, who writes it, and what
 * an error in it means to somebody who has to do something about it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "index/store_internal.h"

char *store_join(const char *path, const char *name)
{
    char *joined;

    return asprintf(&joined, "%s/%s", path, name) < 0 ? NULL : joined;
}

/* ---- errors ---- */

enum { DISK_SMALL = 16 << 20 }; /* bytes free at which EIO is taken for a full disk */

/* Bytes free to us on path's file system; UINT64_MAX if unknown. */
static uint64_t disk_free(const char *path)
{
    struct statvfs disk;

    return statvfs(path, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

static enum lede_status fail_full(const char *path, int code, const char *doing,
                                  struct lede_error *err)
{
    if (code == EDQUOT)
        return error_set(err, LEDE_FULL, "%s: disk quota used up while %s", path, doing);
    return error_set(err, LEDE_FULL,
                     "%s: disk full (%llu bytes free) while %s; make room, then "
                     "repeat: what was committed is safe",
                     path, (unsigned long long)disk_free(path), doing);
}

static enum lede_status fail_lmdb(const char *path, int code, const char *doing,
                                  struct lede_error *err)
{
    switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_BAD_TXN:
    case MDB_BAD_DBI:
        return error_set(err, LEDE_CORRUPT,
                         "%s: index damaged (%s) while %s; run lede-index verify", path,
                         mdb_strerror(code), doing);
    case MDB_INVALID:
        return error_set(err, LEDE_CORRUPT,
                         "%s: data.mdb is no LMDB file, or its first pages are damaged", path);
    case MDB_VERSION_MISMATCH:
        return error_set(err, LEDE_INCOMPATIBLE, "%s: data.mdb is of another version of LMDB",
                         path);
    case MDB_INCOMPATIBLE:
        return error_set(err, LEDE_INCOMPATIBLE, "%s: data.mdb is another program's, no index",
                         path);
    case MDB_PANIC: /* a meta page could not be written: what is in memory may not be on the disk */
        return error_set(err, LEDE_IO,
                         "%s: a commit failed before, so that this process cannot go on with the "
                         "index: close whatever has it open, then open it again (while %s)",
                         path, doing);
    case MDB_MAP_FULL:
        return error_set(err, LEDE_FULL,
                         "%s: a transaction outgrew the memory map while %s; repeat it", path,
                         doing);
    case MDB_READERS_FULL:
        return error_set(err, LEDE_BUSY, "%s: too many readers at a time (%d); try again later",
                         path, STORE_READERS);
    case MDB_BAD_VALSIZE:
        return error_set(err, LEDE_INVALID, "%s: a key is too long or empty while %s", path, doing);
    default:
        return error_set(err, LEDE_IO, "%s: %s while %s", path, mdb_strerror(code), doing);
    }
}

enum lede_status store_fail(const char *path, int code, const char *doing, struct lede_error *err)
{
    switch (code) {
    case ENOMEM:
        return error_no_memory(err);
    case ENOSPC:
    case EDQUOT:
        return fail_full(path, code, doing, err);
    case EIO: /* LMDB makes it of a write that came out short */
        if (disk_free(path) < DISK_SMALL)
            return fail_full(path, code, doing, err);
        break;
    default:
        break;
    }
    if (code < 0)
        return fail_lmdb(path, code, doing, err);
    return error_set(err, LEDE_IO, "%s: %s while %s", path, mdb_strerror(code), doing);
}

/* ---- what ---- */

enum { TWO_PAGES = 2 * PAGE_SIZE };

static const uint8_t MAGIC[4] = {0xde, 0xc0, 0xef, 0xbe}; /* LMDB's, behind the page header */

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static enum lede_status no_index(const char *path, struct lede_error *err)
{
    return error_set(err, LEDE_MISSING, "%s: no index there; lede-index add makes one", path);
}

/* Whether the page, 0 or 1, begins as LMDB begins it. */
static bool has_magic(const uint8_t *bytes, size_t size, size_t page)
{
    size_t at = page * PAGE_SIZE + PAGE_HEADER;

    return size >= at + sizeof MAGIC && memcmp(bytes + at, MAGIC, sizeof MAGIC) == 0;
}

/* What a crash while LMDB made the file may have left: nothing, zeros, or a part of its two pages.
 */
static enum lede_status clear_unborn(const char *path, int file, const uint8_t *bytes, size_t size,
                                     struct lede_error *err)
{
    if (!has_magic(bytes, size, 0) && !has_magic(bytes, size, 1) && !is_zero(bytes, size))
        return error_set(err, LEDE_INCOMPATIBLE,
                         "%s: data.mdb is there but no index; choose another directory", path);
    if (ftruncate(file, 0) != 0)
        return store_fail(path, errno, "clearing an unfinished data.mdb", err);
    return no_index(path, err);
}

/* LMDB believes the page size in either meta page before it checks anything, and looks for the
 * other page there: a damaged one would be a SIGBUS. */
static enum lede_status check_page_size(const char *path, int file, struct lede_error *err)
{
    enum { PAGE_SIZE_AT = 24 }; /* in a meta page, behind the page header */
    uint8_t meta[PAGE_SIZE_AT + 4];

    for (off_t page = 0; page < 2; page++) {
        if (pread(file, meta, sizeof meta, page * PAGE_SIZE + PAGE_HEADER) != (ssize_t)sizeof meta)
            return store_fail(path, errno, "reading data.mdb", err);
        if (memcmp(meta, MAGIC, sizeof MAGIC) == 0 && load_le32(meta + PAGE_SIZE_AT) != PAGE_SIZE)
            return error_set(err, LEDE_CORRUPT,
                             "%s: index damaged: data.mdb claims pages of %u bytes; run lede-index "
                             "verify",
                             path, load_le32(meta + PAGE_SIZE_AT));
    }
    return LEDE_OK;
}

static enum lede_status look_at(const char *path, int file, bool clear, struct lede_error *err)
{
    uint8_t *bytes;
    enum lede_status status = LEDE_OK;
    struct stat about;
    ssize_t size;

    if (fstat(file, &about) != 0)
        return store_fail(path, errno, "looking at data.mdb", err);
    if (!S_ISREG(about.st_mode))
        return error_set(err, LEDE_INVALID, "%s: data.mdb is no regular file", path);
    if (about.st_size > TWO_PAGES)
        return check_page_size(path, file, err);
    bytes = malloc(TWO_PAGES);
    if (!bytes)
        return error_no_memory(err);
    size = pread(file, bytes, TWO_PAGES, 0);
    if (size < 0)
        status = store_fail(path, errno, "reading data.mdb", err);
    else if (size < TWO_PAGES || !has_magic(bytes, (size_t)size, 0) ||
             !has_magic(bytes, (size_t)size, 1))
        status = clear ? clear_unborn(path, file, bytes, (size_t)size, err) : no_index(path, err);
    free(bytes);
    return status;
}

enum lede_status store_look(const char *path, bool clear, struct lede_error *err)
{
    char *name = store_join(path, "data.mdb");
    enum lede_status status;
    int file;

    if (!name)
        return error_no_memory(err);
    file = open(name, (clear ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    free(name);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return no_index(path, err);
    if (file < 0)
        return store_fail(path, errno, "opening data.mdb", err);
    status = look_at(path, file, clear, err);
    close(file);
    return status;
}

enum lede_status store_sync_directory(const char *path, struct lede_error *err)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = 0;

    if (directory < 0 || fsync(directory) != 0)
        code = errno;
    if (directory >= 0)
        close(directory);
    return code == 0 || code == EINVAL ? LEDE_OK : store_fail(path, code, "syncing it", err);
}

enum lede_status store_sync_parent(const char *path, struct lede_error *err)
{
    size_t size = strlen(path);
    enum lede_status status = LEDE_OK;
    char *parent;

    while (size > 0 && path[size - 1] == '/')
        size--;
    while (size > 0 && path[size - 1] != '/')
        size--;
    parent = size > 0 ? strndup(path, size) : strdup(path[0] == '/' ? "/" : ".");
    if (!parent)
        return error_no_memory(err);
    if (faccessat(AT_FDCWD, parent, R_OK, AT_EACCESS) == 0)
        status = store_sync_directory(parent, err);
    free(parent);
    return status;
}

static enum lede_status make_one(const char *path, struct lede_error *err)
{
    if (mkdir(path, 0777) == 0)
        return store_sync_parent(path, err);
    return errno == EEXIST ? LEDE_OK : store_fail(path, errno, "making the directory", err);
}

enum lede_status store_make_directory(const char *path, struct lede_error *err)
{
    char *prefix = strdup(path);
    enum lede_status status = LEDE_OK;

    if (!prefix)
        return error_no_memory(err);
    for (char *slash = prefix; *slash && status == LEDE_OK; slash++) {
        if (*slash != '/' || slash == prefix || slash[-1] == '/')
            continue;
        *slash = '\0';
        status = make_one(prefix, err);
        *slash = '/';
    }
    if (status == LEDE_OK && prefix[strlen(prefix) - 1] != '/')
        status = make_one(prefix, err);
    free(prefix);
    return status;
}

void store_remove_copy(const char *path)
{
    char *name = store_join(path, STORE_COPY);

    if (name)
        (void)unlink(name);
    free(name);
}

/* ---- the writer's lock ---- */

enum { LOCK_POLL = 20 * 1000 * 1000 }; /* nanoseconds between two tries */

static enum lede_status fail_locked(const char *path, int lock, struct lede_error *err)
{
    char pid[24];
    ssize_t size = pread(lock, pid, sizeof pid - 1, 0);

    pid[size > 0 ? size : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    if (pid[0] == '\0')
        return error_set(err, LEDE_BUSY, "%s: another lede-index is writing; wait or use --wait",
                         path);
    return error_set(err, LEDE_BUSY,
                     "%s: another lede-index (pid %s) is writing; wait or use --wait", path, pid);
}

static enum lede_status lock_within(const char *path, int lock, unsigned wait,
                                    struct lede_error *err)
{
    const struct timespec pause = {0, LOCK_POLL};
    double end = clock_seconds() + wait;

    while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return store_fail(path, errno, "locking lede.lock", err);
        if (clock_seconds() >= end)
            return fail_locked(path, lock, err);
        nanosleep(&pause, NULL);
    }
    return LEDE_OK;
}

/* The pid is for people; if it cannot be written, the disk is full, and the first put says so. */
static void sign_lock(int lock)
{
    char pid[24];
    int size = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());

    if (ftruncate(lock, 0) == 0 && pwrite(lock, pid, (size_t)size, 0) != size)
        (void)!ftruncate(lock, 0);
}

enum lede_status store_lock(const char *path, unsigned wait, int *out, struct lede_error *err)
{
    char *name = store_join(path, "lede.lock");
    enum lede_status status;
    int lock;

    if (!name)
        return error_no_memory(err);
    lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    free(name);
    if (lock < 0)
        return store_fail(path, errno, "opening lede.lock", err);
    status = lock_within(path, lock, wait, err);
    if (status != LEDE_OK) {
        close(lock);
        return status;
    }
    sign_lock(lock);
    *out = lock;
    return LEDE_OK;
}

void store_unlock(int lock)
{
    if (lock < 0)
        return;
    (void)!ftruncate(lock, 0);
    close(lock);
}
