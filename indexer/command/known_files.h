/* known_files.h -- what an index knows of the files that its articles are from: enough to tell
 * which of them need not be read.
 *
 * A file is known by its newest source record (index/source_file.h), of which a hash with its path
 * is kept: 16 bytes a file, charged to an account, and no path. What becomes of a file in a run is
 * noted here, too. */
#ifndef LEDE_COMMAND_KNOWN_FILES_H
#define LEDE_COMMAND_KNOWN_FILES_H

#include "command/hash_map.h"
#include "base/bytes.h"
#include "base/error.h"
#include "lede.h"

/* What a run came to know; kept in the lower bits of what known_files_find gives. */
enum file_state {
    FILE_UNMET,   /* nothing yet */
    FILE_SETTLED, /* there is nothing to do for it */
    FILE_REREAD,  /* read to its end: the articles that were not in it any more are to go */
    FILE_GONE     /* all its articles are to go */
};

struct known_files {
    struct hash_map map;
    uint64_t seed; /* of the paths' hashes: nobody can choose paths that share one */
};

/* Directories, absolute, without links. */
struct roots {
    char **paths;
    size_t *complete; /* files below each that were read to their end, and are not gone */
    size_t count;
};

void known_files_init(struct known_files *known, struct account *account);
void known_files_done(struct known_files *known);

/* Reads the source records of the index in a directory, none if there is no index; of files below
 * one of the roots only, unless these are NULL, and counts them there. About 0.1 us a file.
 * LEDE_NO_MEMORY: there are too many. */
enum lede_status known_files_load(struct known_files *known, const char *index, struct roots *roots,
                                  struct lede_error *err);

/* NULL: the index has no record of it. */
uint64_t *known_files_find(const struct known_files *known, struct slice path);
/* Makes it one that is settled; for a lack of memory it may stay unknown. */
void known_files_settle(struct known_files *known, struct slice path);

static inline enum file_state known_state(const uint64_t *file)
{
    return (enum file_state)(*file & 3);
}

static inline void known_set_state(uint64_t *file, enum file_state state)
{
    *file = (*file & ~(uint64_t)3) | (uint64_t)state;
}

/* True if all that was in it then was added. */
static inline bool known_is_complete(const uint64_t *file)
{
    return *file > 3;
}

/* True if it is as it was then. */
bool known_is_unchanged(const uint64_t *file, const struct lede_source *now);

bool roots_have(const struct roots *roots, struct slice path);

#endif
