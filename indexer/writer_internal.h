/* writer_internal.h -- what the writer's files share; nobody else includes it.
 *
 *     add -> batch -> pipeline (threads) -> assembly (documents; at a segment's end: terms)
 *         -> outbox -> store;            commit: the last segment, the changes, the flip
 *
 *     writer.c          opening, closing, failing
 *     writer_add.c      the calls that add and remove
 *     writer_batches.c  from articles to batches, from finished batches to a segment
 *     writer_commit.c   the flip, and merges behind it
 *
 * Everything but inverting happens on the calling thread, and no transaction outlives a call, so
 * calls may come from one thread after the other. A failure inside add or commit breaks the
 * writer: later calls report it again, and the index stays as of the last commit. */
#ifndef LEDE_INDEXER_WRITER_INTERNAL_H
#define LEDE_INDEXER_WRITER_INTERNAL_H

#include "assembly.h"
#include "base/account.h"
#include "changes.h"
#include "outbox.h"
#include "pipeline.h"
#include "settings.h"

struct lede_writer {
    struct store *store;
    struct manifest manifest; /* the committed segments, then those of the commit to come */
    size_t committed;         /* segments of the manifest that are committed */
    bool fresh;               /* nothing was ever committed */
    bool no_merge;
    struct settings settings;
    struct account account;
    struct outbox outbox;
    struct pipeline *pipeline;
    struct buffer path;    /* of a source that is compared */
    struct batch *batch;   /* being filled; may be NULL */
    struct long_text text; /* given in parts, or too long for a batch */
    struct changes changes;

    struct assembly assembly;
    uint32_t batches;                  /* submitted for the segment */
    uint64_t documents, segment_bytes; /* in them; bytes of titles and texts */

    struct lede_writer_totals totals;
    enum lede_status status; /* not LEDE_OK: broken */
    struct lede_error error;
};

/* ---- writer.c ---- */

/* Remembers a failure that leaves the writer useless, and tells it. */
enum lede_status writer_break(struct lede_writer *writer, enum lede_status status,
                              const struct lede_error *inner, struct lede_error *error);
/* Tells that failure again. */
enum lede_status writer_broken(const struct lede_writer *writer, struct lede_error *error);

/* ---- writer_batches.c ---- */

/* Finds out which articles of the batch are unchanged, as far as that is not known yet. */
enum lede_status writer_classify(struct lede_writer *writer, struct lede_error *err);
/* Sees to it that writer->batch is NULL and that another may be made for size bytes. */
enum lede_status writer_make_way(struct lede_writer *writer, size_t size, struct lede_error *err);
/* Sees to it that writer->batch has room for an article of size bytes. */
enum lede_status writer_make_room(struct lede_writer *writer, size_t size, struct lede_error *err);
/* Sends the batch being filled on its way, and ends the segment if that fills it. */
enum lede_status writer_submit(struct lede_writer *writer, struct lede_error *err);
/* An article that takes most of the memory is seen through before anything else wants some. */
enum lede_status writer_see_through(struct lede_writer *writer, struct lede_error *err);
/* Takes back every batch and ends the segment: its records are in the outbox then. */
enum lede_status writer_finish_segment(struct lede_writer *writer, struct lede_error *err);

#endif
