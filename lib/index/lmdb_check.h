/* lmdb_check.h -- is a data.mdb whole? A walk over LMDB's B-trees without LMDB, which trusts its
 * file and crashes, or writes where it must not, on one that is damaged.
 *
 * The file as LMDB 0.9 writes it on a 64-bit little-endian machine with pages of 4,096 bytes (any
 * other is LEDE_INCOMPATIBLE). After lmdb_check succeeds, no read and no write transaction of
 * LMDB leaves the file, runs in circles, or uses a page for two things. What values hold, and
 * whether a key should be there, it cannot know: checksums and the manifest do.
 *
 *     page      u64 number, u16 0, u16 flags (1 branch, 2 leaf, 4 overflow, 8 meta), u16 lower, u16
 *               upper (overflow: both are u32 pages of the run); u16[(lower - 16) / 2] offsets of
 * nodes node      u16 lo, u16 hi, u16 flags, u16 key size; key; leaf: lo | hi << 16 bytes of value,
 * or (flag 1) u64 number of the overflow page that holds them; branch: lo | hi << 16 | flags << 32
 * is the child; even size; nodes fill the page from upper to its end tree      u32 pad (free list:
 * page size), u16 flags, u16 depth, u64 branch, leaf and overflow pages, u64 entries, u64 root (all
 * ones: empty) pages 0 and 1: header, u32 0xbeefc0de, u32 1, u64 address, u64 size of the map, two
 * trees (free list and main), u64 last page, u64 transaction; the higher transaction counts
 * Checked: both meta pages; every page of the trees: inside the file, of its number and kind, used
 * once, depth as claimed, nodes inside the page without a gap or overlap, keys rising and between
 * their parents', overflow runs as long as their values; counts as claimed; named trees; that the
 * free list has each of its pages once and none that is in use. Pages that are in neither are
 * counted, not reported: some versions of LMDB lose a few.
 *
 * Cost: one read of 4 KiB a page of keys, one of 16 bytes a large value; a bit of memory a page of
 * the file. Bounded by the file's size whatever it holds. Safe beside a writer if the transaction
 * has a registered reader, or the caller holds the writer's lock. No threads, no state. */
#ifndef LEDE_INDEX_LMDB_CHECK_H
#define LEDE_INDEX_LMDB_CHECK_H

#include "base/bytes.h"
#include "base/error.h"

#define LMDB_NEWEST UINT64_MAX

struct lmdb_file {
    void *context;
    uint64_t size; /* bytes */
    /* size bytes from offset, all of them inside the file; false: errno says why */
    bool (*read)(void *context, uint64_t offset, uint8_t *out, size_t size);
};

struct lmdb_totals {
    uint64_t transaction, last_page;
    uint64_t used, free,
        lost;         /* pages: in trees (meta pages included), in the free list, neither */
    uint64_t entries; /* of the named trees */
};

/* Checks the tree of a transaction (or LMDB_NEWEST). Each problem is reported as a line, if report
 * is not NULL, up to a hundred; a subtree with a problem is left, and the rest still looked at.
 * LEDE_OK; LEDE_CORRUPT with the first problem in *err; LEDE_INCOMPATIBLE; LEDE_MISSING if
 * the transaction's meta page was written over; LEDE_IO; LEDE_NO_MEMORY. totals may be NULL. */
enum lede_status lmdb_check(const struct lmdb_file *file, uint64_t transaction,
                            void (*report)(void *context, const char *what), void *context,
                            struct lmdb_totals *totals, struct lede_error *err);

/* What every lookup begins with, in a few small reads: that the meta pages follow each other, and
 * that the list of tables and the root of each are the pages they should be. So an older state does
 * not pass for the newest where a page took the place of another. Statuses as above; beside a
 * writer, ask again a few times before LEDE_CORRUPT is believed: it writes meta pages meanwhile. */
enum lede_status lmdb_check_roots(const struct lmdb_file *file, uint64_t transaction,
                                  struct lede_error *err);
/* The same for a file that is open; false, errno set, if it cannot be looked at. */
bool lmdb_file_of(int *fd, struct lmdb_file *file);

/* lmdb_check of the file with this name. */
enum lede_status lmdb_check_path(const char *name, uint64_t transaction,
                                 void (*report)(void *context, const char *what), void *context,
                                 struct lmdb_totals *totals, struct lede_error *err);

#endif
