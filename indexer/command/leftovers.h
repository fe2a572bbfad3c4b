/* leftovers.h -- articles of an index whose file does not hold them any more.
 *
 * A file that was read again leaves those whose ids were not met in it; a file that is gone leaves
 * all it had. Which articles a file has in the index is seen when everything new is committed, so
 * that one which moved to another file is that file's already: leftovers_remove commits what was
 * added, scans the source columns, and removes in commits of bounded size. Only the last of them
 * stamps the files that were read again: whatever interrupts it, no file counts as known that has
 * leftovers.
 *
 * Memory: 8 bytes and some spare for each id, and the paths of files to be stamped, charged to the
 * account; in the scan a byte for each file of a segment. */
#ifndef LEDE_COMMAND_LEFTOVERS_H
#define LEDE_COMMAND_LEFTOVERS_H

#include "base/arena.h"
#include "command/hash_map.h"
#include "command/ingest.h"
#include "command/known_files.h"

struct leftovers {
    struct account *account;
    struct known_files *known; /* borrowed: FILE_REREAD and FILE_GONE are those that leave some */
    struct hash_map ids;       /* met in files that were read again */
    struct arena paths;        /* of sources */
    struct lede_source *sources;
    size_t count, capacity;
    bool pending; /* there may be leftovers, or something to stamp */
};

void leftovers_init(struct leftovers *leftovers, struct known_files *known,
                    struct account *account);
void leftovers_done(struct leftovers *leftovers);

/* A known file was read again to its end, with its ids in leftovers->ids. It will be stamped if
 * source is complete. LEDE_NO_MEMORY. */
enum lede_status leftovers_reread(struct leftovers *leftovers, struct slice path,
                                  const struct lede_source *source, struct lede_error *err);
/* A known file is gone; its record will say so. LEDE_NO_MEMORY. */
enum lede_status leftovers_gone(struct leftovers *leftovers, struct slice path,
                                struct lede_error *err);

/* Removes them all, commits, and settles their files. */
enum lede_status leftovers_remove(struct leftovers *leftovers, struct ingest *ingest,
                                  struct lede_error *err);

#endif
