/* leftovers.h -- articles of an index whose file does not hold them any more.
 *
 * A file that was read again leaves those whose ids were not met in it; a file that is gone leaves
 * all it had. Which articles a file has in the index is seen when everything new is committed, so
 * that one which moved to another file is that file's already: leftovers_remove commits what was
 * added, scans the source columns, and removes in a commit that also stamps the files that were
 * read again: whatever interrupts it, no file counts as known that has leftovers.
 *
 * Memory: hashes of ids as far as the account has some, then they go to a temporary file
 * (record_table.h), as does at once what is to be stamped; in the scan two bits for each file of a
 * segment. */
#ifndef LEDE_COMMAND_LEFTOVERS_H
#define LEDE_COMMAND_LEFTOVERS_H

#include "command/ingest.h"
#include "command/known_files.h"
#include "long_text.h"
#include "record_table.h"

struct leftovers {
    struct known_files *known; /* borrowed: FILE_REREAD and FILE_GONE are those that leave some */
    struct record_table ids;   /* met in files that were read again */
    struct long_text stamps;   /* sources to be stamped, one behind the other */
    bool pending;              /* there may be leftovers, or something to stamp */
};

/* memory: bytes at most, of the account's; directory: of the index, for temporary files. */
void leftovers_init(struct leftovers *leftovers, struct known_files *known, size_t memory,
                    const char *directory, struct account *account);
void leftovers_done(struct leftovers *leftovers); /* empties it; it can be used again */

/* A known file was read again to its end, with its ids in leftovers->ids. It will be stamped if
 * source is complete. */
enum lede_status leftovers_reread(struct leftovers *leftovers, struct known_file *file,
                                  const struct lede_source *source, struct lede_error *err);
/* A known file is gone; its record will say so. */
enum lede_status leftovers_gone(struct leftovers *leftovers, struct slice path,
                                struct known_file *file, struct lede_error *err);

/* Removes them all, commits, and settles their files. */
enum lede_status leftovers_remove(struct leftovers *leftovers, struct ingest *ingest,
                                  struct lede_error *err);

#endif
