#include "command/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void source_init_fd(struct source *source, int fd, const char *name)
{
    struct stat st;

    *source = (struct source){.fd = fd, .name = name, .left = UINT64_MAX, .size = UINT64_MAX};
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);

        source->begin = at > 0 ? (uint64_t)at : 0;
        source->left = at < st.st_size ? (uint64_t)st.st_size - source->begin : 0;
        source->size = source->left;
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
}

void source_init_memory(struct source *source, struct slice bytes, const char *name, size_t step)
{
    *source = (struct source){.fd = -1,
                              .name = name,
                              .memory = bytes,
                              .step = step,
                              .left = bytes.size,
                              .size = bytes.size};
}

void source_init_giver(struct source *source, source_giver *give, void *context, const char *name)
{
    *source = (struct source){.fd = -1,
                              .give = give,
                              .context = context,
                              .name = name,
                              .left = UINT64_MAX,
                              .size = UINT64_MAX};
}

void source_close(struct source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
    source->give = NULL;
    source->memory = slice_of(NULL, 0);
    source->left = 0;
}

static size_t read_memory(struct source *source, uint8_t *bytes, size_t size)
{
    if (source->step && size > source->step)
        size = source->step;
    memcpy(bytes, source->memory.data + (source->size - source->left), size);
    return size;
}

enum lede_status source_seek(struct source *source, uint64_t offset, struct lede_error *err)
{
    if (source->fd >= 0 && lseek(source->fd, (off_t)(source->begin + offset), SEEK_SET) < 0)
        return error_set(err, LEDE_IO, "%s: %s", source->name, strerror(errno));
    source->left = source->size - offset;
    return LEDE_OK;
}

enum lede_status source_read(struct source *source, uint8_t *bytes, size_t size, size_t *got,
                             struct lede_error *err)
{
    ssize_t count;

    *got = 0;
    if (size > source->left)
        size = (size_t)source->left;
    if (size == 0)
        return LEDE_OK;
    if (source->give) {
        enum lede_status status = source->give(source->context, bytes, size, got, err);

        if (status != LEDE_OK)
            return status;
    } else if (source->fd < 0) {
        *got = read_memory(source, bytes, size);
    } else {
        count = read(source->fd, bytes, size);
        if (count < 0 && errno == EINTR)
            return error_set(err, LEDE_INTERRUPTED, "%s: interrupted", source->name);
        if (count < 0)
            return error_set(err, LEDE_IO, "%s: %s", source->name, strerror(errno));
        *got = (size_t)count;
    }
    source->read += *got;
    if (source->left != UINT64_MAX)
        source->left -= *got;
    return LEDE_OK;
}
