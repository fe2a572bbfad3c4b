#include "history_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command_line.h"
#include "base/error.h"
#include "base/printable.h"

enum {
    READ_SIZE = 1 << 16,
    FILE_MOST = 16 << 20 /* bytes; the beginning of more is passed over */
};

/* ---- where it is ---- */

/* The directories before the last name of the path. What cannot be made shows when it is opened. */
static void make_directories(char *path)
{
    for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
}

char *history_file_path(void)
{
    const char *named = getenv("LEDE_HISTORY"), *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int size = -1;

    if (named)
        return *named ? strdup(named) : NULL;
    if (state && state[0] == '/')
        size = asprintf(&path, "%s/lede/history", state);
    else if (home && *home)
        size = asprintf(&path, "%s/.local/state/lede/history", home);
    if (size < 0)
        return NULL;
    make_directories(path);
    return path;
}

/* ---- reading ---- */

static enum lede_status read_bytes(int fd, const char *path, struct buffer *bytes,
                                   struct lede_error *err)
{
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t got = 1;

    (void)lseek(fd, size > FILE_MOST ? size - FILE_MOST : 0, SEEK_SET);
    while (got > 0 && bytes->size < 2 * (size_t)FILE_MOST) {
        uint8_t *room = buffer_room(bytes, READ_SIZE);

        if (!room)
            return error_no_memory(err);
        got = read(fd, room, READ_SIZE);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            bytes->size += (size_t)got;
    }
    return got < 0 ? error_set(err, LEDE_IO, "%s: %s", path, strerror(errno)) : LEDE_OK;
}

static bool is_harmless(struct slice line)
{
    const uint8_t *at = line.data, *end = at + line.size;
    uint32_t character;

    while (at < end) {
        size_t size = printable_decode(at, end, &character);

        if (size == 0 || !printable_is_harmless(character))
            return false;
        at += size;
    }
    return line.size > 0;
}

/* Where the last HISTORY_KEPT lines begin; *count is how many there are in all. */
static size_t find_last(struct slice bytes, size_t *count)
{
    size_t at = bytes.size, lines = 0, from = 0;

    *count = 0;
    while (at > 0) {
        if (bytes.data[--at] != '\n')
            continue;
        if (++lines == HISTORY_KEPT + 1)
            from = at + 1;
    }
    *count = lines;
    return from;
}

static void put_lines(struct slice bytes, struct buffer *lines)
{
    const uint8_t *at = bytes.data, *end = at + bytes.size, *stop;

    while (at < end && (stop = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        struct slice line = slice_of(at, (size_t)(stop - at));

        if (is_harmless(line)) {
            buffer_put(lines, line.data, line.size);
            buffer_byte(lines, '\n');
        }
        at = stop + 1;
    }
}

/* A new file of these lines in its place; if that fails the old one stays. */
static void rewrite(const char *path, struct slice lines)
{
    char *name;
    int fd;

    if (asprintf(&name, "%s.%ld", path, (long)getpid()) < 0)
        return;
    fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        bool written = command_write(fd, lines.data, lines.size);

        if (close(fd) != 0 || !written || rename(name, path) != 0)
            (void)unlink(name);
    }
    free(name);
}

enum lede_status history_file_read(const char *path, struct buffer *lines, struct lede_error *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct buffer bytes;
    enum lede_status status;
    size_t from, count;

    if (fd < 0)
        return errno == ENOENT ? LEDE_OK : error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
    buffer_init(&bytes, NULL);
    status = read_bytes(fd, path, &bytes, err);
    (void)close(fd);
    if (status == LEDE_OK && bytes.size > 0) {
        size_t before = lines->size;

        from = find_last(buffer_bytes(&bytes), &count);
        put_lines(slice_of(bytes.data + from, bytes.size - from), lines);
        if (count > 2 * (size_t)HISTORY_KEPT && !lines->failed)
            rewrite(path, slice_of(lines->data + before, lines->size - before));
    }
    buffer_done(&bytes);
    return lines->failed && status == LEDE_OK ? error_no_memory(err) : status;
}

/* ---- writing ---- */

enum lede_status history_file_add(const char *path, struct slice line, struct lede_error *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    struct buffer text;
    bool written;

    if (fd < 0)
        return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
    buffer_init(&text, NULL);
    buffer_put(&text, line.data, line.size);
    buffer_byte(&text, '\n');
    written = !text.failed && command_write(fd, text.data, text.size);
    if (!written)
        (void)error_set(err, errno == ENOSPC ? LEDE_FULL : LEDE_IO, "%s: %s", path,
                        strerror(errno));
    buffer_done(&text);
    (void)close(fd);
    return written ? LEDE_OK : errno == ENOSPC ? LEDE_FULL : LEDE_IO;
}
