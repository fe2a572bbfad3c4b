/* compact.h -- all segments of an index made one, without what is deleted; then the file minimal.
 *
 * What the one segment holds, but for its number, follows from the live articles and their order
 * alone: segment_merge.h. One flip names it: until then the index is as it was, whatever happens.
 * Then the old segments' records are removed, and the file is copied (store_shrink); the index is
 * complete, if larger than need be, should that fail. */
#ifndef LEDE_INDEXER_COMPACT_H
#define LEDE_INDEXER_COMPACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct compact_options {
    size_t memory; /* bytes; 0: the writer's default. What it needs: segment_merge.h */
    bool reorder;  /* documents anew, so that those that share terms stand together */
    unsigned jobs; /* threads for that; 0: as many as processors */
    unsigned wait; /* seconds: for another writer, and for processes that have it open */
};

struct compact_totals {
    uint64_t articles, removed; /* live ones; deleted ones that are gone now */
    uint64_t segments;          /* that there were */
    uint64_t left_out;          /* values of keyword fields that segments lacked: no terms */
    uint64_t before, after;     /* bytes of data.mdb */
    bool done;                  /* the new segment is what the index has now */
};

/* LEDE_MISSING: there is no index; LEDE_BUSY: another writer, or (then *totals says done) somebody
 * who reads it, which keeps the file as large as it is; LEDE_NO_MEMORY, LEDE_LIMIT (documents of a
 * segment), LEDE_CORRUPT, LEDE_FULL (the disk has to hold the index twice more), LEDE_IO.
 * Reads and writes every byte once, and unpacks and packs articles: the 21,336 of Reuters (19 MB)
 * take 0.7 s of one processor. */
enum lede_status compact_index(const char *path, const struct compact_options *options,
                               struct compact_totals *totals, struct lede_error *err);

#endif
