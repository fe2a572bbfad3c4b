#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum lede_status system_error(const char *directory, int code, struct lede_error *err)
{
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return error_set(err, LEDE_FULL, "%s: no room for temporary files: %s", directory,
                         strerror(code));
    return error_set(err, LEDE_IO, "%s: temporary file: %s", directory, strerror(code));
}

enum lede_status temporary_damaged(const char *directory, struct lede_error *err)
{
    return error_set(err, LEDE_IO,
                     "%s: a temporary file was read back damaged; check the disk and try again",
                     directory);
}

enum lede_status temporary_make(const char *directory, int *file, struct lede_error *err)
{
    char path[PATH_MAX];
    int size;

    *file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (*file >= 0)
        return LEDE_OK;
    size = snprintf(path, sizeof path, "%s/.lede-XXXXXX", directory);
    if (size < 0 || (size_t)size >= sizeof path)
        return system_error(directory, ENAMETOOLONG, err);
    *file = mkostemp(path, O_CLOEXEC); /* file systems without O_TMPFILE */
    if (*file < 0)
        return system_error(directory, errno, err);
    (void)unlink(path);
    return LEDE_OK;
}

enum lede_status temporary_write(int file, const char *directory, struct slice bytes,
                                 uint64_t offset, struct lede_error *err)
{
    while (bytes.size > 0) {
        ssize_t put = pwrite(file, bytes.data, bytes.size, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return system_error(directory, put < 0 ? errno : ENOSPC, err);
        bytes = slice_of(bytes.data + put, bytes.size - (size_t)put);
        offset += (size_t)put;
    }
    return LEDE_OK;
}

enum lede_status temporary_read(int file, const char *directory, uint64_t offset, uint8_t *to,
                                size_t size, struct lede_error *err)
{
    while (size > 0) {
        ssize_t got = pread(file, to, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_error(directory, errno, err);
        if (got == 0)
            return temporary_damaged(directory, err);
        to += got;
        size -= (size_t)got;
        offset += (size_t)got;
    }
    return LEDE_OK;
}
