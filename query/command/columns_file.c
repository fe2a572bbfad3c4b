#include "columns_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

enum { READ_SIZE = 1 << 16, NUMBER_MAX = 64 };

static enum lede_status read_all(int fd, const char *path, struct buffer *text,
                                 struct lede_error *err)
{
    ssize_t got = 1;

    while (got != 0) {
        uint8_t *room = buffer_room(text, READ_SIZE);

        if (!room)
            return error_no_memory(err);
        got = read(fd, room, READ_SIZE);
        if (got < 0 && errno != EINTR)
            return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
        text->size += got > 0 ? (size_t)got : 0;
    }
    return LEDE_OK;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\f' || byte == '\v';
}

/* Takes a line apart; returns its fields, of which those behind COLUMNS_MAX are only counted. */
static size_t split(struct slice line, struct columns_line *out)
{
    size_t count = 0, at = 0;

    for (;;) {
        size_t begin;

        while (at < line.size && is_blank(line.data[at]))
            at++;
        if (at == line.size)
            return count;
        begin = at;
        while (at < line.size && !is_blank(line.data[at]))
            at++;
        if (count < COLUMNS_MAX)
            out->fields[count] = slice_of(line.data + begin, at - begin);
        count++;
    }
}

static size_t line_size(struct slice text)
{
    const uint8_t *end = memchr(text.data, '\n', text.size);

    return end ? (size_t)(end - text.data) : text.size;
}

enum lede_status columns_read(const char *path, size_t count, struct buffer *text,
                              enum lede_status (*take)(void *context,
                                                       const struct columns_line *line,
                                                       struct lede_error *err),
                              void *context, struct lede_error *err)
{
    struct columns_line line = {.path = path};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct slice left;
    enum lede_status status;

    if (fd < 0)
        return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
    status = read_all(fd, path, text, err);
    (void)close(fd);
    left = buffer_bytes(text);
    while (status == LEDE_OK && left.size > 0) {
        size_t size = line_size(left), fields = split(slice_of(left.data, size), &line);

        line.number++;
        if (fields != 0 && fields != count)
            return error_set(err, LEDE_INVALID, "%s:%zu: %zu fields between blanks, not %zu", path,
                             line.number, fields, count);
        if (fields != 0)
            status = take(context, &line, err);
        size += size < left.size;
        left = slice_of(left.data + size, left.size - size);
    }
    return status;
}

/* The field as a string; false if it is too long to be a number. */
static bool copy(struct slice field, char text[NUMBER_MAX])
{
    if (field.size == 0 || field.size >= NUMBER_MAX || memchr(field.data, '\0', field.size))
        return false;
    memcpy(text, field.data, field.size);
    text[field.size] = '\0';
    return true;
}

bool columns_integer(struct slice field, int *value)
{
    char text[NUMBER_MAX], *end;
    long number;

    if (!copy(field, text))
        return false;
    errno = 0;
    number = strtol(text, &end, 10);
    if (*end || errno != 0 || number < INT_MIN || number > INT_MAX)
        return false;
    *value = (int)number;
    return true;
}

bool columns_real(struct slice field, double *value)
{
    char text[NUMBER_MAX], *end;

    if (!copy(field, text))
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && !isnan(*value);
}
