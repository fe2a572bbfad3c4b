/* source.h -- raw bytes from a descriptor or from memory, as they lie there.
 *
 * A regular file is read to the size it had when it was opened: one that grows meanwhile
 * (a log, our own report) cannot keep us for ever. It is read, not mapped: a mapped file that
 * somebody cuts short is a SIGBUS, and the copy costs a tenth of a second a gigabyte. */
#ifndef LEDE_COMMAND_SOURCE_H
#define LEDE_COMMAND_SOURCE_H

#include "base/bytes.h"
#include "base/error.h"

struct source {
    int fd;              /* owned; -1: memory, or closed */
    const char *name;    /* for errors; borrowed */
    struct slice memory; /* what is left of it */
    size_t step;         /* most bytes that one read of memory gives; 0: no limit */
    uint64_t left;       /* bytes that may still be read; UINT64_MAX: unknown */
    uint64_t read;       /* bytes given so far */
};

/* Takes fd, which is closed by source_close. */
void source_init_fd(struct source *source, int fd, const char *name);
void source_init_memory(struct source *source, struct slice bytes, const char *name, size_t step);
void source_close(struct source *source);

/* Reads up to size bytes, at least one unless the end is reached: then *got is 0. A read
 * that a signal handler ended is LEDE_INTERRUPTED, other failures are LEDE_IO. */
enum lede_status source_read(struct source *source, uint8_t *bytes, size_t size, size_t *got,
                             struct lede_error *err);

#endif
