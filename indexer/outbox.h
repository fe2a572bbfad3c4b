/* outbox.h -- records on their way into the store, several megabytes a transaction.
 *
 * LMDB wants a write transaction to begin and end on one thread, and one transaction at a time in
 * the process while the map grows; a writer's callers may be different threads, one after the
 * other, and its snapshots come in between. So records wait here until there are OUTBOX_SIZE
 * bytes of them, and each flush is a whole, durable transaction. */
#ifndef LEDE_INDEXER_OUTBOX_H
#define LEDE_INDEXER_OUTBOX_H

#include "base/buffer.h"
#include "index/store.h"

enum { OUTBOX_SIZE = 4 << 20 };

struct outbox {
    struct store *store; /* borrowed */
    struct record_sink sink;
    struct buffer records; /* for each: u32 key size, u32 value size, letter, key, value */
};

void outbox_init(struct outbox *outbox, struct store *store, struct account *account);
/* Frees what it holds; it can be used on, as if new. */
void outbox_done(struct outbox *outbox);

/* Writes what waits. */
enum lede_status outbox_flush(struct outbox *outbox, struct lede_error *err);

/* outbox->sink: its put takes a copy of the record, and flushes first if it would be too many. */

#endif
