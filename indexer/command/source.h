/* source.h -- raw bytes from a descriptor, from memory or from a function, as they lie there.
 *
 * A regular file is read to the size it had when it was opened: one that grows meanwhile
 * (a log, our own report) cannot keep us for ever. It is read, not mapped: a mapped file that
 * somebody cuts short is a SIGBUS, and the copy costs a tenth of a second a gigabyte. */
#ifndef LEDE_COMMAND_SOURCE_H
#define LEDE_COMMAND_SOURCE_H

#include "base/bytes.h"
#include "base/error.h"

/* Gives bytes as source_read does: those of an entry of an archive. */
typedef enum lede_status source_giver(void *context, uint8_t *bytes, size_t size, size_t *got,
                                      struct lede_error *err);

struct source {
    int fd;              /* owned; -1: memory, a function, or closed */
    source_giver *give;  /* NULL: none */
    void *context;       /* its first argument; borrowed */
    const char *name;    /* for errors; borrowed */
    struct slice memory; /* all of it */
    size_t step;         /* most bytes that one read of memory gives; 0: no limit */
    uint64_t left;       /* bytes that may still be read; UINT64_MAX: unknown */
    uint64_t read;       /* bytes given so far, those that were given again, too */
    uint64_t size;       /* of a regular file, or memory; UINT64_MAX: unknown */
    uint64_t begin;      /* of a regular file: where it was when it was given */
};

/* Takes fd, which is closed by source_close. */
void source_init_fd(struct source *source, int fd, const char *name);
void source_init_memory(struct source *source, struct slice bytes, const char *name, size_t step);
void source_init_giver(struct source *source, source_giver *give, void *context, const char *name);
void source_close(struct source *source);

/* Goes on at offset, which is at most size; size is known. LEDE_IO. */
enum lede_status source_seek(struct source *source, uint64_t offset, struct lede_error *err);

/* Reads up to size bytes, at least one unless the end is reached: then *got is 0. A read
 * that a signal handler ended is LEDE_INTERRUPTED, other failures are LEDE_IO. */
enum lede_status source_read(struct source *source, uint8_t *bytes, size_t size, size_t *got,
                             struct lede_error *err);

#endif
