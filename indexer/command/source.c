#include "command/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void source_init_fd(struct source *source, int fd, const char *name)
{
    struct stat st;

    *source = (struct source){.fd = fd, .name = name, .left = UINT64_MAX};
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);

        source->left = at < st.st_size ? (uint64_t)(st.st_size - (at > 0 ? at : 0)) : 0;
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
}

void source_init_memory(struct source *source, struct slice bytes, const char *name, size_t step)
{
    *source =
        (struct source){.fd = -1, .name = name, .memory = bytes, .step = step, .left = bytes.size};
}

void source_close(struct source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
    source->memory = slice_of(NULL, 0);
    source->left = 0;
}

static size_t read_memory(struct source *source, uint8_t *bytes, size_t size)
{
    if (source->step && size > source->step)
        size = source->step;
    memcpy(bytes, source->memory.data, size);
    source->memory.data += size;
    source->memory.size -= size;
    return size;
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
    if (source->fd < 0) {
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
