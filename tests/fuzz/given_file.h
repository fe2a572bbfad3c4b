/* given_file.h -- an input as a file that has a path, for what is read by name. */
#ifndef TESTS_FUZZ_GIVEN_FILE_H
#define TESTS_FUZZ_GIVEN_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"

struct given_file {
    int fd;
    char path[32];
};

static inline struct given_file given_file_of(struct slice bytes)
{
    struct given_file file = {.fd = memfd_create("input", MFD_CLOEXEC)};

    if (file.fd < 0 || write(file.fd, bytes.data, bytes.size) != (ssize_t)bytes.size)
        abort();
    (void)snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static inline void given_file_done(const struct given_file *file)
{
    (void)close(file->fd);
}

#endif
