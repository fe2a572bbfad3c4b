/* walk.h -- from the user's paths to files, opened, in an order that is always the same.
 *
 * Paths come in the order given, those of --files-from behind the arguments; below a directory
 * names are sorted by their bytes, a directory's content standing where its name stands. `-` is
 * standard input. Paths are made absolute, and links in the directory part of an argument are
 * resolved, so that a file has one id however it was named.
 *
 * A file or directory that is named may be a symbolic link; inside a tree links are skipped, not
 * followed, so no loop can be walked. FIFOs, sockets and devices are never opened, wherever they
 * stand. Inside a tree names that begin with a dot are skipped, and so is, everywhere, a
 * directory that holds a lede index (data.mdb and lede.lock), or is the one being written.
 * Binary files are the reader's to skip.
 *
 * Neither the depth nor the width of a tree is limited: an explicit stack, at most 32 of its
 * directories open, names in batches (listing.h), 256 Ki of them in memory at most. */
#ifndef LEDE_COMMAND_WALK_H
#define LEDE_COMMAND_WALK_H

#include "command/item.h"

struct walk_options {
    char *const *paths;
    size_t path_count;
    const char *files_from; /* a file with more paths, "-" for standard input; NULL: none */
    bool nul_separated;     /* those end with NUL, not newline */
    bool recursive;         /* directories may be entered */
    const char *base;       /* ids are relative to it; NULL: absolute */
    char *const *include;   /* a file's path below its argument, or its name, must match one of */
    size_t include_count;   /* these patterns of fnmatch, in which * matches / too; 0: all do */
    char *const *exclude;   /* and none of these; a directory that matches one is not entered */
    size_t exclude_count;
    const char *index; /* directory of the index that is being written; NULL or absent: none */
    size_t batch;      /* names in a listing; 0: LISTING_BATCH: for tests */
};

enum walk_kind { WALK_END, WALK_FILE, WALK_SKIP };

struct walk_item {
    enum walk_kind kind;
    int fd;               /* WALK_FILE: a regular file, or standard input; the caller's to close */
    struct origin origin; /* WALK_FILE: lives until the next call */
    struct skip skip;     /* WALK_SKIP: the same */
};

struct walk;

/* All that options points to is borrowed. LEDE_INVALID: an argument is a directory and
 * recursive is not set; LEDE_IO: --base or --files-from cannot be opened. */
enum lede_status walk_open(const struct walk_options *options, struct walk **out,
                           struct lede_error *err);
void walk_close(struct walk *walk);

/* Bytes of all files to come, if every one of them is an argument; else 0. */
uint64_t walk_total_bytes(const struct walk *walk);

/* LEDE_INVALID: a path of --files-from is absurdly long (-0 is missing, or too much); LEDE_IO: the
 * list cannot be read; LEDE_INTERRUPTED, LEDE_NO_MEMORY. */
enum lede_status walk_next(struct walk *walk, struct walk_item *item, struct lede_error *err);

#endif
