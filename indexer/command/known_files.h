/* known_files.h -- what an index knows of the files that its articles are from: enough to tell
 * which of them need not be read.
 *
 * A file is known by its newest source record (index/source_file.h), of which a hash with its path
 * is kept in a table (record_table.h), and no path: in memory as far as there is some, else in a
 * temporary file. What becomes of a file in a run is noted there, too. */
#ifndef LEDE_COMMAND_KNOWN_FILES_H
#define LEDE_COMMAND_KNOWN_FILES_H

#include "command/hash_set.h"
#include "record_table.h"
#include "base/bytes.h"
#include "base/error.h"
#include "index/source_file.h"
#include "lede.h"

/* What a run came to know. */
enum file_state {
    FILE_UNMET,   /* nothing yet */
    FILE_SETTLED, /* there is nothing to do for it */
    FILE_REREAD,  /* read to its end: the articles that were not in it any more are to go */
    FILE_GONE     /* all its articles are to go */
};

struct known_files {
    struct record_table table; /* of those that the index has */
    struct hash_set new_files; /* settled ones that it has not, */
    size_t new_most;           /* as many as memory is for */
    uint64_t seed;             /* of the paths' hashes: nobody can choose paths that share one */
};

/* Directories, absolute, without links. */
struct roots {
    char **paths;
    size_t count;
};

/* memory: bytes at most. directory: the index's, for temporary files. */
void known_files_init(struct known_files *known, size_t memory, const char *directory,
                      struct account *account);
void known_files_done(struct known_files *known);

/* Reads the source records of the index in a directory, none if there is no index; of files below
 * one of the roots only, unless these are NULL. About 0.2 us a file. */
enum lede_status known_files_load(struct known_files *known, const char *index,
                                  const struct roots *roots, struct lede_error *err);

/* Visits the source records of the index in a directory, none if there is no index, the newest of a
 * path last, until a visit fails or says that it was the last one wanted. */
typedef enum lede_status record_visitor(void *context, const struct source_file *file, bool *last,
                                        struct lede_error *err);
enum lede_status known_files_visit(const char *index, record_visitor *visit, void *context,
                                   struct lede_error *err);

struct known_file {
    bool known;      /* else: the index has no record of it, */
    bool met;        /* or none of before this run, in which it was settled */
    uint64_t place;  /* in the table */
    uint64_t number; /* of its state and its stamp: known_state */
};

/* About 0.1 us, or 1 us where files are too many for the memory. */
enum lede_status known_files_find(struct known_files *known, struct slice path,
                                  struct known_file *file, struct lede_error *err);
/* Of a file that was found and is known; it changes with it. */
enum lede_status known_files_set(struct known_files *known, struct known_file *file,
                                 enum file_state state, struct lede_error *err);
/* Settles a file that was found. A new one may stay unknown for a lack of memory. */
enum lede_status known_files_settle(struct known_files *known, struct slice path,
                                    struct known_file *file, struct lede_error *err);
/* Settles those of which articles were to go. */
enum lede_status known_files_settle_gone(struct known_files *known, struct lede_error *err);
/* Whether a known file that was read to its end lies below the directory; as the index is now. */
enum lede_status known_files_below(struct known_files *known, const char *index, char *directory,
                                   bool *below, struct lede_error *err);

static inline enum file_state known_state(const struct known_file *file)
{
    return file->known ? (enum file_state)(file->number & 3) : FILE_UNMET;
}

/* True if all that was in it then was added. */
static inline bool known_is_complete(const struct known_file *file)
{
    return file->known && file->number > 3;
}

/* True if it is as it was then. */
bool known_is_unchanged(const struct known_file *file, const struct lede_source *now);

bool roots_have(const struct roots *roots, struct slice path);

#endif
