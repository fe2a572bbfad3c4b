/* ingest_internal.h -- between files (ingest.c) and what is in them (ingest_add.c). */
#ifndef LEDE_COMMAND_INGEST_INTERNAL_H
#define LEDE_COMMAND_INGEST_INTERNAL_H

#include "command/ingest.h"

/* Counts and says what was left out. */
void ingest_skip(struct ingest *ingest, const struct skip *skipped);

/* The same in place of an article: the parts of its text are void. */
void ingest_skip_item(struct ingest *ingest, const struct skip *skipped);

/* A part of a long text; if the index does not take it, *item becomes the end of the file. */
enum lede_status ingest_add_part(struct ingest *ingest, const struct origin *origin,
                                 struct item *item, struct lede_error *err);

/* Commits, too, if so much is uncommitted that it is time to. An article that the index does not
 * take is a skip; any other failure ends the run. */
enum lede_status ingest_add_article(struct ingest *ingest, const struct origin *origin,
                                    struct item *item, struct lede_error *err);

#endif
