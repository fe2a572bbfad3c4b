/* store_pages.c -- pages of the map that were looked at, given back before they are too many.
 *
 * LMDB's map is of the file, so its pages are the page cache's, which drops them when memory is
 * short: they cost nobody anything. But they are counted as the process's, and a writer that walks
 * an index would grow to its size. Nothing tells cheaply which pages are mapped (the kernel maps
 * their neighbours as well), so reads count what they look at, roughly, and once that may be a few
 * megabytes, the process's count of pages of files is asked for. Who reads a page that was given
 * back gets it from the page cache again, at the cost of a fault. What LMDB reads by itself, as it
 * copies a file, is not counted: a thread asks every millisecond instead. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "index/store_internal.h"

enum {
    ASK_EVERY = 128,        /* pages; with the 15 neighbours of each, 8 MiB */
    ASK_AFTER = 1000 * 1000 /* nanoseconds, in which a copy may read some MB */
};

/* Bytes of files that the process has mapped and looked at; SIZE_MAX if that is not known. */
static size_t mapped_bytes(void)
{
    char text[128], *at = text;
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, text, sizeof text - 1) : -1;

    if (file >= 0)
        (void)close(file);
    if (size <= 0)
        return SIZE_MAX;
    text[size] = '\0';
    (void)strtoul(at, &at, 10); /* all pages; then resident ones; then those of files */
    (void)strtoul(at, &at, 10);
    return strtoul(at, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

void store_bound_pages(struct store *store, size_t most)
{
    atomic_store(&store->environment->pages_most, most);
}

/* Gives all back, if they are too many. */
static void bound_pages(struct environment *environment, size_t most)
{
    size_t size;
    void *map = store_range(environment, &size);

    if (map && mapped_bytes() > most)
        (void)madvise(map, size, MADV_DONTNEED); /* of a map of a file that is only read */
}

void store_pages_read(struct environment *environment, size_t pages)
{
    size_t most = atomic_load_explicit(&environment->pages_most, memory_order_relaxed);
    size_t before;

    if (most == 0)
        return;
    before = atomic_fetch_add_explicit(&environment->pages_read, pages, memory_order_relaxed);
    if (before + pages < ASK_EVERY)
        return;
    atomic_store_explicit(&environment->pages_read, 0, memory_order_relaxed);
    bound_pages(environment, most);
}

void store_snapshot_read(struct store_snapshot *snapshot, size_t pages)
{
    store_pages_read(snapshot->store->environment, pages);
}

/* ---- while LMDB copies ---- */

static void *watch(void *context)
{
    struct pages_watch *watching = context;
    size_t most = atomic_load(&watching->environment->pages_most);
    struct timespec until;

    pthread_mutex_lock(&watching->mutex);
    while (!watching->ended) {
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += ASK_AFTER;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)pthread_cond_timedwait(&watching->end, &watching->mutex, &until);
        bound_pages(watching->environment, most);
    }
    pthread_mutex_unlock(&watching->mutex);
    return NULL;
}

void store_pages_watch(struct pages_watch *watching, struct environment *environment)
{
    sigset_t all, before;

    *watching = (struct pages_watch){.environment = environment};
    if (atomic_load(&environment->pages_most) == 0)
        return;
    (void)pthread_mutex_init(&watching->mutex, NULL);
    (void)pthread_cond_init(&watching->end, NULL);
    (void)sigfillset(&all); /* signals are for the program's own threads */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    watching->begun = pthread_create(&watching->thread, NULL, watch, watching) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void store_pages_unwatch(struct pages_watch *watching)
{
    if (!watching->begun)
        return;
    pthread_mutex_lock(&watching->mutex);
    watching->ended = true;
    pthread_cond_signal(&watching->end);
    pthread_mutex_unlock(&watching->mutex);
    (void)pthread_join(watching->thread, NULL);
    (void)pthread_cond_destroy(&watching->end);
    (void)pthread_mutex_destroy(&watching->mutex);
}
