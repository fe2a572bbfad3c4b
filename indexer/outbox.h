/* outbox.h -- records on their way into the store, several megabytes a transaction.
 *
 * LMDB wants a write transaction to begin and end on one thread, and one transaction at a time in
 * the process while the map grows; a writer's callers may be different threads, one after the
 * other, and its snapshots come in between. So records wait here until there are OUTBOX_SIZE
 * bytes of them, and each flush is a whole, durable transaction. What waits at a commit goes into
 * the transaction of the flip. */
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

/* Puts what waits into the store's transaction, which is left open; a failure aborts it. */
enum lede_status outbox_put(struct outbox *outbox, struct lede_error *err);
/* And commits it. */
enum lede_status outbox_flush(struct outbox *outbox, struct lede_error *err);

/* The value of a record that waits here, until the next call; false: there is none. One look at
 * each record. */
bool outbox_find(const struct outbox *outbox, char table, struct slice key, struct slice *value);

/* outbox->sink: its put takes a copy of the record, and flushes first if it would be too many. */

#endif
