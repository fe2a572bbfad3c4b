/* salvage.h -- every article of an index that can be read, whatever became of the others.
 *
 * A damaged article is told and passed over. Where it cannot be read which articles of a segment
 * were removed, all of them are given. The first errors are told one by one on stderr, the others
 * counted. */
#ifndef LEDE_COMMAND_SALVAGE_H
#define LEDE_COMMAND_SALVAGE_H

#include <stdio.h>

#include "lede.h"

struct salvage_totals {
    unsigned long long saved, lost; /* articles */
    unsigned long long uncertain;   /* of those saved: they may have been removed */
    bool text_missing;              /* some are of an index that keeps no texts */
};

/* Writes them as JSON lines to out (NULL: reads and counts them, and tells nothing). LEDE_OK;
 * LEDE_CORRUPT: some are lost or uncertain, the first error in *err; or what ended it. */
enum lede_status salvage_articles(const char *path, FILE *out, struct salvage_totals *totals,
                                  struct lede_error *err);

#endif
