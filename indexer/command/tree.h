/* tree.h -- going down into a directory and up again, without recursion.
 *
 * An explicit stack of directories, of which the TREE_OPEN deepest are kept open; one above
 * them is opened again when the walk comes back, and must be the same one then. Names come
 * in batches (listing.h); when all batches of the stack hold more than twice a batch, the one that
 * is needed last is dropped and read again later. */
#ifndef LEDE_COMMAND_TREE_H
#define LEDE_COMMAND_TREE_H

#include <sys/stat.h>

#include "base/buffer.h"
#include "base/error.h"
#include "command/listing.h"

enum { TREE_OPEN = 32 };

struct tree_frame {
    int fd; /* -1: closed for now */
    dev_t device;
    ino_t inode;
    size_t path_size; /* of the directory, in tree->path */
    struct listing listing;
    size_t next;  /* place in the listing */
    char *resume; /* the name after which a dropped listing goes on; NULL: from the beginning */
    bool unread;  /* the listing must be read before it is looked at */
};

struct tree {
    struct tree_frame *frames;
    size_t depth, capacity;
    struct buffer path; /* of the entry given last, a NUL behind it */
    size_t root_size;   /* bytes of path that are the directory where the walk began */
    size_t batch;
    size_t names_held; /* in all listings */
};

struct tree_entry {
    int directory; /* open; for openat(directory, name) */
    const char *name;
    unsigned char type;    /* d_type; DT_UNKNOWN is resolved */
    struct slice path;     /* the whole; a NUL behind it */
    struct slice relative; /* below the root */
};

void tree_init(struct tree *tree, size_t batch);
void tree_done(struct tree *tree);

/* Begins below path, which fd (taken, also on failure) has open. LEDE_NO_MEMORY, LEDE_IO. */
enum lede_status tree_begin(struct tree *tree, int fd, struct slice path, struct lede_error *err);

/* The next entry in order; entry->name is NULL when the walk has come back to the root and
 * is done. It lives until the next call. LEDE_IO: a directory could not be read, tree->path is
 * its path, and the next call goes on behind it. LEDE_NO_MEMORY. */
enum lede_status tree_next(struct tree *tree, struct tree_entry *entry, struct lede_error *err);

/* Goes down into the entry given last, a directory: its entries come next. Its links are not
 * followed. LEDE_IO: it cannot be opened, or is one of those above; the walk goes on behind it. */
enum lede_status tree_descend(struct tree *tree, const struct tree_entry *entry,
                              struct lede_error *err);
/* Leaves the directory that was entered last, with all that is in it. */
void tree_leave(struct tree *tree);

static inline const struct tree_frame *tree_top(const struct tree *tree)
{
    return &tree->frames[tree->depth - 1];
}

#endif
