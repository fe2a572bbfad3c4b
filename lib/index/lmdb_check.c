#include "index/lmdb_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "index/lmdb_check_internal.h"

#define LMDB_MAGIC 0xbeefc0deU
#define MAP_MAX    (1ULL << 47) /* bytes of the largest address space */

enum { LMDB_VERSION = 1, PAGE_META = 8, META_SIZE = 136 /* behind the page header */ };

struct meta {
    uint64_t map_size, last_page, transaction;
    struct lmdb_tree free, main;
};

/* ---- what is wrong ---- */

void lmdb_fail(struct lmdb_walker *walker, enum lede_status status, const char *text)
{
    if (walker->status != LEDE_OK && (walker->status != LEDE_CORRUPT || status == LEDE_CORRUPT))
        return;
    walker->status = status;
    error_set(walker->error, status, "%s", text);
}

bool lmdb_is_over(const struct lmdb_walker *walker)
{
    return (walker->status != LEDE_OK && walker->status != LEDE_CORRUPT) ||
           walker->problems >= LMDB_PROBLEMS_MAX;
}

bool lmdb_wrong(struct lmdb_walker *walker, const struct lmdb_tree *tree, const char *format, ...)
{
    char what[200];
    size_t size = 0;
    va_list arguments;

    if (lmdb_is_over(walker)) /* what failed is no damage, nor what then seems to be */
        return false;
    if (tree)
        size = (size_t)snprintf(what, sizeof what, "%s: ", tree->name);
    va_start(arguments, format);
    (void)vsnprintf(what + size, sizeof what - size, format, arguments);
    va_end(arguments);
    walker->problems++;
    lmdb_fail(walker, LEDE_CORRUPT, what);
    if (walker->report)
        walker->report(walker->context, what);
    return false;
}

bool lmdb_read(struct lmdb_walker *walker, uint64_t offset, uint8_t *out, size_t size)
{
    if (walker->file->read(walker->file->context, offset, out, size))
        return true;
    if (walker->status == LEDE_OK || walker->status == LEDE_CORRUPT) {
        walker->status = LEDE_IO;
        error_set(walker->error, LEDE_IO, "data.mdb: %s", strerror(errno));
    }
    return false;
}

/* ---- meta pages ---- */

static bool meta_read(struct lmdb_walker *walker, uint64_t number, struct meta *meta)
{
    uint8_t page[PAGE_HEADER + META_SIZE];
    const uint8_t *at = page + PAGE_HEADER;

    if (!lmdb_read(walker, number * PAGE_SIZE, page, sizeof page))
        return false;
    if (load_le64(page) != number || load_le16(page + 10) != PAGE_META ||
        load_le32(at) != LMDB_MAGIC)
        return lmdb_wrong(walker, NULL, "page %llu is no meta page of LMDB",
                          (unsigned long long)number);
    if (load_le32(at + 4) != LMDB_VERSION || load_le32(at + 24) != PAGE_SIZE) {
        lmdb_fail(walker, LEDE_INCOMPATIBLE, "data.mdb has another version or page size of LMDB");
        return false;
    }
    meta->map_size = load_le64(at + 16);
    lmdb_tree_parse(at + 24, TREE_FREE, &meta->free);
    lmdb_tree_parse(at + 24 + LMDB_TREE_SIZE, TREE_MAIN, &meta->main);
    meta->last_page = load_le64(at + 24 + 2 * LMDB_TREE_SIZE);
    meta->transaction = load_le64(at + 32 + 2 * LMDB_TREE_SIZE);
    return true;
}

static bool metas_read(struct lmdb_walker *walker, struct meta metas[2])
{
    if (walker->file_pages < 2)
        return lmdb_wrong(walker, NULL, "the file is shorter than two pages");
    return meta_read(walker, 0, &metas[0]) && meta_read(walker, 1, &metas[1]);
}

static bool meta_of(struct lmdb_walker *walker, const struct meta metas[2], uint64_t transaction,
                    struct meta *meta)
{
    *meta = metas[transaction & 1];
    if (meta->transaction != transaction)
        lmdb_fail(walker, LEDE_MISSING, "the transaction was written over");
    return walker->status == LEDE_OK;
}

/* Commits write their number into the pages in turn. */
static bool meta_newest(struct lmdb_walker *walker, const struct meta metas[2], struct meta *meta)
{
    uint64_t newer = metas[0].transaction < metas[1].transaction;
    uint64_t older = metas[!newer].transaction;

    *meta = metas[newer];
    if (meta->transaction != 0 &&
        (meta->transaction != older + 1 || (meta->transaction & 1) != newer))
        return lmdb_wrong(walker, NULL, "the two meta pages do not follow each other");
    return true;
}

static bool meta_pick(struct lmdb_walker *walker, uint64_t transaction, struct meta *meta)
{
    struct meta metas[2] = {0};

    if (!metas_read(walker, metas))
        return false;
    return transaction == LMDB_NEWEST ? meta_newest(walker, metas, meta)
                                      : meta_of(walker, metas, transaction, meta);
}

static bool meta_check(struct lmdb_walker *walker, const struct meta *meta)
{
    if (meta->last_page < 1 || meta->last_page >= MAP_MAX / PAGE_SIZE)
        return lmdb_wrong(walker, NULL, "the last page's number makes no sense");
    if (meta->map_size < (meta->last_page + 1) * PAGE_SIZE || meta->map_size > MAP_MAX)
        return lmdb_wrong(walker, NULL, "the size of the map makes no sense");
    walker->last_page = meta->last_page;
    walker->totals.last_page = meta->last_page;
    walker->totals.transaction = meta->transaction;
    return true;
}

/* ---- all of it ---- */

static int page_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void check_outside(struct lmdb_walker *walker, const struct lmdb_tree *tree)
{
    if (walker->outside_count > 1)
        qsort(walker->outside, walker->outside_count, sizeof *walker->outside, page_compare);
    for (size_t i = 1; i < walker->outside_count; i++)
        if (walker->outside[i] == walker->outside[i - 1]) {
            lmdb_wrong(walker, tree, "page %llu is free twice",
                       (unsigned long long)walker->outside[i]);
            return;
        }
}

static void check_all(struct lmdb_walker *walker, uint64_t transaction)
{
    struct meta meta = {0};

    if (!meta_pick(walker, transaction, &meta) || !meta_check(walker, &meta))
        return;
    walker->used = calloc(walker->file_pages / 8 + 1, 1);
    if (!walker->used) {
        lmdb_fail(walker, LEDE_NO_MEMORY, "out of memory");
        return;
    }
    walker->totals.used = 2;
    lmdb_tree_check(walker, &meta.main);
    lmdb_tree_check(walker, &meta.free);
    check_outside(walker, &meta.free);
    if (walker->status == LEDE_OK)
        walker->totals.lost = meta.last_page + 1 - walker->totals.used - walker->totals.free;
}

enum lede_status lmdb_check(const struct lmdb_file *file, uint64_t transaction,
                            void (*report)(void *context, const char *what), void *context,
                            struct lmdb_totals *totals, struct lede_error *err)
{
    struct lmdb_walker walker = {.file = file,
                                 .report = report,
                                 .context = context,
                                 .error = err,
                                 .file_pages = file->size / PAGE_SIZE};

    check_all(&walker, transaction);
    if (totals)
        *totals = walker.totals;
    free(walker.used);
    array_free(walker.outside, walker.outside_capacity, sizeof *walker.outside, NULL);
    return walker.status;
}

enum lede_status lmdb_check_roots(const struct lmdb_file *file, uint64_t transaction,
                                  struct lede_error *err)
{
    struct lmdb_walker walker = {.file = file, .error = err, .file_pages = file->size / PAGE_SIZE};
    struct meta metas[2] = {0}, newest, meta;

    if (metas_read(&walker, metas) && meta_of(&walker, metas, transaction, &meta) &&
        meta_newest(&walker, metas, &newest) && meta_check(&walker, &meta))
        (void)lmdb_tree_check_roots(&walker, &meta.main);
    return walker.status;
}

static bool read_file(void *context, uint64_t offset, uint8_t *out, size_t size)
{
    int file = *(int *)context;

    while (size > 0) {
        ssize_t got = pread(file, out, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got < 0 ? errno : EIO; /* it became shorter while we read */
            return false;
        }
        out += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

bool lmdb_file_of(int *fd, struct lmdb_file *file)
{
    struct stat about;

    if (fstat(*fd, &about) != 0)
        return false;
    *file = (struct lmdb_file){fd, (uint64_t)about.st_size, read_file};
    return true;
}

enum lede_status lmdb_check_path(const char *name, uint64_t transaction,
                                 void (*report)(void *context, const char *what), void *context,
                                 struct lmdb_totals *totals, struct lede_error *err)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    enum lede_status status = LEDE_IO;
    struct lmdb_file file;

    if (fd >= 0 && lmdb_file_of(&fd, &file))
        status = lmdb_check(&file, transaction, report, context, totals, err);
    else
        error_set(err, LEDE_IO, "data.mdb: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return status;
}
