/* skip.h -- an input, or a record of one, that was not indexed, and why.
 *
 * Some reasons are policy (what `ls` would not show, links, an index's own files): they are
 * counted and named, and a run with no other skips is still a success. The others, and a path
 * that the user named himself whatever the reason (but that a record of it is no article), make
 * the exit code 1. */
#ifndef LEDE_COMMAND_SKIP_H
#define LEDE_COMMAND_SKIP_H

#include "base/bytes.h"
#include "base/error.h"

enum skip_reason {
    SKIP_BAD_RECORD, /* a line that is no JSON object, or one without text; a broken record */
    SKIP_TOO_LARGE,  /* over --max-record */
    SKIP_BINARY,     /* no text */
    SKIP_UNREADABLE, /* the system or a decompressor refused; what came before was read */
    SKIP_NOT_FILE,   /* FIFO, socket, device; a directory that nobody asked to enter */
    SKIP_OUTSIDE,    /* not under --base */
    SKIP_REFUSED,    /* the index takes no such article: an id too long */
    SKIP_HIDDEN,     /* policy from here on: a name that begins with a dot */
    SKIP_SYMLINK,    /* a symbolic link inside a tree */
    SKIP_INDEX,      /* a directory that holds a lede index */
    SKIP_NO_ARTICLE, /* a record that is none: a request, a redirect, an image */
    SKIP_REASONS
};

struct skip {
    enum skip_reason reason;
    bool named;        /* the path was an argument, not found in a tree */
    struct slice path; /* borrowed, as long as the item that carries it */
    uint64_t record;   /* line, from 1; 0: the whole file */
    uint64_t offset;   /* of the record in the decompressed bytes */
    char message[400]; /* one line; what a library said, not sanitized */
};

/* "bad record", "too large", "binary", ...: for people. */
const char *skip_reason_text(enum skip_reason reason);
/* "bad_record", "too_large", ...: for programs. */
const char *skip_reason_name(enum skip_reason reason);

/* True if this skip alone makes the exit code 1. */
bool skip_is_failure(const struct skip *skip);

/* Fills all but record and offset, which become 0. A message that does not fit is cut. */
void skip_set(struct skip *skip, enum skip_reason reason, struct slice path, const char *message);

#endif
