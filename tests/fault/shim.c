/* shim.c -- see shim.h. No sanitizer, no library but libc. */
#include "tests/fault/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 1024 };
enum how { HOW_ONCE, HOW_EVER, HOW_KILL, HOW_TEAR };

static const char *const KINDS[SHIM_KINDS] = {"malloc", "write", "sync", "open", "read", "map"};

static struct {
    bool started;
    int kind; /* that fails; below 0: none */
    enum how how;
    unsigned long nth;
    int error;
    bool nosync, no_reader_check;
    bool limited; /* space */
    const char *under, *counts;
    int journal; /* below 0: none */
} shim = {.kind = -1, .journal = -1};

static atomic_ulong calls[SHIM_KINDS];
static atomic_llong space;
static struct { /* of file descriptors below LEDE_SHIM_UNDER */
    bool is_under, is_synced, is_directory;
    char name[256];
} files[FILES];

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* ---- what the environment says ---- */

/* Code that always gets memory: Snowball's constructor reads through NULL if it does not
 * (lib/text/stem.c asks before whether there is some). */
static struct {
    uintptr_t from, to;
} spared;

static int find_snowball(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size, (void)context;
    for (size_t i = 0; i < object->dlpi_phnum && strstr(object->dlpi_name, "libstemmer"); i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
            continue;
        spared.from = object->dlpi_addr + part->p_vaddr;
        spared.to = spared.from + part->p_memsz;
    }
    return 0;
}

static void parse_failure(const char *text)
{
    static const char *const HOWS[] = {"once", "ever", "kill", "tear"};
    char kind[16], how[16];
    int error = 0;

    if (!text || sscanf(text, "%15[^:]:%lu:%15[^:]:%d", kind, &shim.nth, how, &error) < 3)
        return;
    for (int i = 0; i < SHIM_KINDS; i++)
        if (strcmp(kind, KINDS[i]) == 0)
            shim.kind = i;
    for (int i = 0; i < 4; i++)
        if (strcmp(how, HOWS[i]) == 0)
            shim.how = (enum how)i;
    shim.error = error ? error : shim.kind == SHIM_MALLOC || shim.kind == SHIM_MAP ? ENOMEM : EIO;
}

/* The system has so many bytes for the program, and no more. */
static void bound_memory(const char *bytes)
{
    unsigned long pages = 0;
    struct rlimit limit;
    FILE *file = fopen("/proc/self/statm", "re");

    if (!file || fscanf(file, "%lu", &pages) != 1 || getrlimit(RLIMIT_AS, &limit) != 0)
        abort();
    (void)fclose(file);
    limit.rlim_cur = pages * (unsigned long)sysconf(_SC_PAGESIZE) + strtoul(bytes, NULL, 10);
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        abort();
}

__attribute__((constructor)) static void start(void)
{
    const char *journal = getenv("LEDE_SHIM_JOURNAL"), *limit = getenv("LEDE_SHIM_SPACE");
    const char *seconds = getenv("LEDE_SHIM_ALARM"), *memory = getenv("LEDE_SHIM_MEMORY");

    shim.under = getenv("LEDE_SHIM_UNDER");
    shim.counts = getenv("LEDE_SHIM_COUNTS");
    shim.nosync = getenv("LEDE_SHIM_NOSYNC");
    shim.no_reader_check = getenv("LEDE_SHIM_NO_READER_CHECK");
    parse_failure(getenv("LEDE_SHIM_FAIL"));
    if (limit) {
        shim.limited = true;
        atomic_store(&space, atoll(limit));
    }
    if (journal)
        shim.journal = REAL(open)(journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (seconds)
        (void)alarm((unsigned)atoi(seconds));
    (void)dl_iterate_phdr(find_snowball, NULL);
    if (memory)
        bound_memory(memory);
    shim.started = true;
}

__attribute__((destructor)) static void stop(void)
{
    char line[256] = "";
    int file;

    shim.started = false;
    if (!shim.counts)
        return;
    for (int i = 0; i < SHIM_KINDS; i++)
        (void)sprintf(line + strlen(line), "%lu ", atomic_load(&calls[i]));
    strcat(line, "\n");
    file = REAL(open)(shim.counts, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && REAL(write)(file, line, strlen(line)) > 0)
        REAL(close)(file);
}

/* Counts a call; true, errno set: it has to fail. *tear: that the write is to be cut. */
static bool fails_or_tears(enum shim_kind kind, bool *tear)
{
    unsigned long number;

    if (!shim.started)
        return false;
    number = atomic_fetch_add(&calls[kind], 1) + 1;
    if (shim.kind != (int)kind || number < shim.nth || (number > shim.nth && shim.how != HOW_EVER))
        return false;
    if (shim.how == HOW_TEAR)
        *tear = true;
    if (shim.how == HOW_KILL)
        (void)raise(SIGKILL);
    errno = shim.error;
    return shim.how != HOW_TEAR;
}

static bool fails(enum shim_kind kind)
{
    bool tear;

    return fails_or_tears(kind, &tear);
}

/* ---- memory ---- */

/* initial-exec: a sanitizer that is about to begin has no __tls_get_addr yet. */
static __thread bool asks_for_stack __attribute__((tls_model("initial-exec")));

/* AddressSanitizer ends the program if it cannot ask for a thread's stack: that gets memory, too.
 */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
    int code;

    asks_for_stack = true;
    code = REAL(pthread_getattr_np)(thread, attributes);
    asks_for_stack = false;
    return code;
}

static bool memory_fails(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;

    return !asks_for_stack && (at < spared.from || at >= spared.to) && fails(SHIM_MALLOC);
}

/* dlsym may ask for memory before it has found whom to ask. */
static _Alignas(16) char early[4096];
static size_t early_used;
static volatile bool resolving; /* libc says of dlsym that it never calls back: volatile */

static void *early_malloc(size_t size)
{
    void *at = early + early_used;

    early_used += (size + 15) / 16 * 16;
    return early_used <= sizeof early ? at : NULL;
}

static void *resolve(const char *name)
{
    void *found;

    resolving = true;
    found = real(name);
    resolving = false;
    return found;
}

static bool is_early(const void *block)
{
    return (const char *)block >= early && (const char *)block < early + sizeof early;
}

void *malloc(size_t size)
{
    static void *(*next)(size_t);

    if (!next && resolving)
        return early_malloc(size);
    if (!next)
        next = (void *(*)(size_t))resolve("malloc");
    return memory_fails(__builtin_return_address(0)) ? NULL : next(size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*next)(size_t, size_t);

    if (!next && resolving)
        return early_malloc(count * size);
    if (!next)
        next = (void *(*)(size_t, size_t))resolve("calloc");
    return memory_fails(__builtin_return_address(0)) ? NULL : next(count, size);
}

void *realloc(void *block, size_t size)
{
    static void *(*next)(void *, size_t);

    if (!next)
        next = (void *(*)(void *, size_t))resolve("realloc");
    return memory_fails(__builtin_return_address(0)) ? NULL : next(block, size);
}

void *reallocarray(void *block, size_t count, size_t size)
{
    if (count && size > SIZE_MAX / count) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, count * size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    static int (*next)(void **, size_t, size_t);

    if (!next)
        next = (int (*)(void **, size_t, size_t))resolve("posix_memalign");
    return memory_fails(__builtin_return_address(0)) ? ENOMEM : next(out, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    static void *(*next)(size_t, size_t);

    if (!next)
        next = (void *(*)(size_t, size_t))resolve("aligned_alloc");
    return memory_fails(__builtin_return_address(0)) ? NULL : next(alignment, size);
}

void free(void *block)
{
    static void (*next)(void *);

    if (!block || is_early(block) || (!next && resolving))
        return;
    if (!next)
        next = (void (*)(void *))resolve("free");
    next(block);
}

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    return fails(SHIM_MAP) ? MAP_FAILED : REAL(mmap)(at, size, protection, flags, file, offset);
}

/* ---- the journal ---- */

static const char *name_below(const char *path)
{
    size_t size = shim.under ? strlen(shim.under) : 0;

    return size && path && strncmp(path, shim.under, size) == 0 ? path + size : NULL;
}

static bool is_under(int file)
{
    return file >= 0 && file < FILES && files[file].is_under;
}

static uint64_t inode_of(int file)
{
    struct stat about;

    return fstat(file, &about) == 0 ? about.st_ino : 0;
}

static void journal(struct shim_record record, const void *data)
{
    struct iovec parts[2] = {{&record, sizeof record}, {(void *)data, record.size}};

    if (shim.journal >= 0 &&
        REAL(writev)(shim.journal, parts, 2) != (ssize_t)(sizeof record + record.size))
        abort();
}

static void journal_name(enum shim_record_kind kind, uint64_t file, const char *name)
{
    journal((struct shim_record){.kind = kind, .file = file, .size = strlen(name) + 1}, name);
}

static void journal_write(int file, off_t offset, const void *data, ssize_t size)
{
    if (size > 0 && is_under(file) && !files[file].is_directory)
        journal((struct shim_record){.kind = RECORD_WRITE,
                                     .synced = files[file].is_synced,
                                     .file = inode_of(file),
                                     .offset = (uint64_t)offset,
                                     .size = (uint64_t)size},
                data);
}

/* ---- files ---- */

static void opened(int file, const char *path, int flags, bool was_there)
{
    const char *name = name_below(path);

    if (file < 0 || file >= FILES)
        return;
    files[file].is_under = name && (flags & O_TMPFILE) != O_TMPFILE;
    files[file].is_synced = (flags & (O_DSYNC | O_SYNC)) && !shim.nosync;
    files[file].is_directory = flags & O_DIRECTORY;
    if (!files[file].is_under)
        return;
    (void)snprintf(files[file].name, sizeof files[file].name, "%.*s",
                   (int)(strlen(name) - (*name && name[strlen(name) - 1] == '/')), name);
    if ((flags & O_CREAT) && !was_there)
        journal_name(RECORD_CREATE, inode_of(file), name);
    if ((flags & O_TRUNC) && was_there)
        journal((struct shim_record){.kind = RECORD_TRUNCATE, .file = inode_of(file)}, "");
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    bool was_there = faccessat(directory, path, F_OK, 0) == 0;
    int file;

    if (fails(SHIM_OPEN))
        return -1;
    if (shim.nosync)
        flags &= ~(O_DSYNC | O_SYNC);
    file = REAL(openat)(directory, path, flags, mode);
    opened(file, path, flags, was_there);
    return file;
}

#define MODE(flags)                                                                                \
    __extension__({                                                                                \
        mode_t mode_ = 0;                                                                          \
        if ((flags) & (O_CREAT | O_TMPFILE)) {                                                     \
            va_list arguments_;                                                                    \
            va_start(arguments_, flags);                                                           \
            mode_ = va_arg(arguments_, mode_t);                                                    \
            va_end(arguments_);                                                                    \
        }                                                                                          \
        mode_;                                                                                     \
    })

int open(const char *path, int flags, ...)
{
    return open_at(AT_FDCWD, path, flags, MODE(flags));
}

int open64(const char *path, int flags, ...)
{
    return open_at(AT_FDCWD, path, flags, MODE(flags));
}

int openat(int directory, const char *path, int flags, ...)
{
    return open_at(directory, path, flags, MODE(flags));
}

int close(int file)
{
    if (file >= 0 && file < FILES)
        files[file].is_under = false;
    return REAL(close)(file);
}

ssize_t read(int file, void *data, size_t size)
{
    return fails(SHIM_READ) ? -1 : REAL(read)(file, data, size);
}

ssize_t pread(int file, void *data, size_t size, off_t offset)
{
    return fails(SHIM_READ) ? -1 : REAL(pread)(file, data, size, offset);
}

/* How much of a write to do: less than size where the disk is full or the write is torn; below 0:
 * it fails. */
static ssize_t allowed(int file, size_t size, bool *tear)
{
    long long left;

    *tear = false;
    if (file != STDERR_FILENO && fails_or_tears(SHIM_WRITE, tear))
        return -1;
    if (*tear)
        return (ssize_t)(size / 2);
    if (!shim.limited || !is_under(file))
        return (ssize_t)size;
    left = atomic_fetch_sub(&space, (long long)size);
    if (left >= (long long)size)
        return (ssize_t)size;
    if (left > 0)
        return (ssize_t)left;
    errno = ENOSPC;
    return -1;
}

static ssize_t write_at(int file, const void *data, size_t size, off_t offset)
{
    bool tear;
    ssize_t some = allowed(file, size, &tear), written;

    if (some < 0)
        return -1;
    written = REAL(pwrite)(file, data, (size_t)some, offset);
    if (tear)
        (void)raise(SIGKILL);
    journal_write(file, offset, data, written);
    return written;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    return write_at(file, data, size, offset);
}

ssize_t write(int file, const void *data, size_t size)
{
    off_t offset = is_under(file) ? lseek(file, 0, SEEK_CUR) : -1;
    bool tear;
    ssize_t some = allowed(file, size, &tear), written;

    if (some < 0)
        return -1;
    written = REAL(write)(file, data, (size_t)some);
    if (tear)
        (void)raise(SIGKILL);
    if (offset >= 0)
        journal_write(file, offset, data, written);
    return written;
}

/* One call to whoever counts, though it becomes several. */
ssize_t writev(int file, const struct iovec *parts, int count)
{
    size_t size = 0;
    ssize_t some, written = 0;
    bool tear;

    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    some = allowed(file, size, &tear);
    for (int i = 0; i < count && written < some; i++) {
        size_t part = parts[i].iov_len;
        off_t offset = is_under(file) ? lseek(file, 0, SEEK_CUR) : -1;
        ssize_t done;

        if (part > (size_t)(some - written))
            part = (size_t)(some - written);
        done = REAL(write)(file, parts[i].iov_base, part);
        if (done < 0)
            return written > 0 ? written : -1;
        if (offset >= 0)
            journal_write(file, offset, parts[i].iov_base, done);
        written += done;
    }
    if (tear)
        (void)raise(SIGKILL);
    return some < 0 ? -1 : written;
}

int ftruncate(int file, off_t size)
{
    int code;

    if (fails(SHIM_WRITE))
        return -1;
    code = REAL(ftruncate)(file, size);
    if (code == 0 && is_under(file))
        journal((struct shim_record){.kind = RECORD_TRUNCATE,
                                     .file = inode_of(file),
                                     .offset = (uint64_t)size},
                "");
    return code;
}

/* ---- syncing ---- */

static int sync_file(int file)
{
    int code;

    if (fails(SHIM_SYNC))
        return -1;
    if (shim.nosync)
        return 0;
    code = REAL(fsync)(file);
    if (code == 0 && is_under(file) && files[file].is_directory)
        journal_name(RECORD_SYNC_DIRECTORY, 0, files[file].name);
    else if (code == 0 && is_under(file))
        journal((struct shim_record){.kind = RECORD_SYNC, .file = inode_of(file)}, "");
    return code;
}

int fsync(int file)
{
    return sync_file(file);
}

int fdatasync(int file)
{
    return sync_file(file);
}

int msync(void *at, size_t size, int flags)
{
    if (fails(SHIM_SYNC))
        return -1;
    return shim.nosync ? 0 : REAL(msync)(at, size, flags);
}

/* ---- names ---- */

int mkdir(const char *path, mode_t mode)
{
    int code = REAL(mkdir)(path, mode);
    const char *name = name_below(path);

    if (code == 0 && name)
        journal_name(RECORD_MKDIR, 0, name);
    return code;
}

int unlink(const char *path)
{
    int code = REAL(unlink)(path);
    const char *name = name_below(path);

    if (code == 0 && name)
        journal_name(RECORD_UNLINK, 0, name);
    return code;
}

int rename(const char *from, const char *to)
{
    int code = fails(SHIM_WRITE) ? -1 : REAL(rename)(from, to);
    const char *old_name = name_below(from), *new_name = name_below(to);
    char both[1024];

    if (code != 0 || !old_name || !new_name)
        return code;
    (void)snprintf(both, sizeof both, "%s%c%s", old_name, '\0', new_name);
    journal((struct shim_record){.kind = RECORD_RENAME,
                                 .size = strlen(old_name) + strlen(new_name) + 2},
            both);
    return code;
}

int statvfs(const char *path, struct statvfs *disk)
{
    int code = REAL(statvfs)(path, disk);

    if (code == 0 && shim.limited && atomic_load(&space) <= 0)
        disk->f_bavail = disk->f_bfree = 0;
    return code;
}

/* ---- LMDB ---- */

struct MDB_env;
int mdb_reader_check(struct MDB_env *env, int *dead);

int mdb_reader_check(struct MDB_env *env, int *dead)
{
    *dead = 0;
    return shim.no_reader_check ? 0 : REAL(mdb_reader_check)(env, dead);
}
