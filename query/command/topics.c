#include "topics.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

enum { READ_SIZE = 16 * 1024 };

enum lede_status topics_open(struct topics *topics, const char *path, bool with_ids,
                             struct lede_error *err)
{
    bool standard = strcmp(path, "-") == 0;

    *topics = (struct topics){
        .fd = STDIN_FILENO, .name = standard ? "standard input" : path, .with_ids = with_ids};
    buffer_init(&topics->held, NULL);
    buffer_init(&topics->line, NULL);
    if (!standard)
        topics->fd = open(path, O_RDONLY | O_CLOEXEC);
    topics->stopped = eventfd(0, EFD_CLOEXEC);
    if (topics->fd < 0)
        return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
    if (topics->stopped < 0)
        return error_set(err, LEDE_IO, "eventfd: %s", strerror(errno));
    return LEDE_OK;
}

void topics_close(struct topics *topics)
{
    buffer_done(&topics->held);
    buffer_done(&topics->line);
    if (topics->fd > STDIN_FILENO)
        (void)close(topics->fd);
    if (topics->stopped >= 0)
        (void)close(topics->stopped);
    topics->fd = topics->stopped = -1;
}

void topics_stop(struct topics *topics)
{
    (void)eventfd_write(topics->stopped, 1);
}

/* False: it was stopped. */
static bool wait_for_input(const struct topics *topics)
{
    struct pollfd waits[] = {{.fd = topics->stopped, .events = POLLIN},
                             {.fd = topics->fd, .events = POLLIN}};

    while (poll(waits, 2, -1) < 0 && errno == EINTR)
        continue;
    return waits[0].revents == 0;
}

static enum lede_status read_more(struct topics *topics, struct lede_error *err)
{
    uint8_t *room;
    ssize_t got;

    buffer_clear(&topics->held);
    topics->at = 0;
    room = buffer_room(&topics->held, READ_SIZE);
    if (!room)
        return error_no_memory(err);
    do
        got = wait_for_input(topics) ? read(topics->fd, room, READ_SIZE) : 0;
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set(err, LEDE_IO, "%s: %s", topics->name, strerror(errno));
    topics->held.size = (size_t)got;
    topics->ended = got == 0;
    return LEDE_OK;
}

/* Puts the next line into topics->line, without its end; *more false: there is none. */
static enum lede_status read_line(struct topics *topics, bool *more, struct lede_error *err)
{
    bool complete = false;

    buffer_clear(&topics->line);
    *more = false;
    while (!complete && !topics->ended) {
        const uint8_t *from, *end;
        size_t size, room;
        enum lede_status status;

        if (topics->at == topics->held.size) {
            status = read_more(topics, err);
            if (status != LEDE_OK)
                return status;
            continue;
        }
        *more = true;
        from = topics->held.data + topics->at;
        size = topics->held.size - topics->at;
        end = memchr(from, '\n', size);
        complete = end != NULL;
        if (complete)
            size = (size_t)(end - from);
        topics->at += size + complete;
        room = LINE_MAX_SIZE - topics->line.size;
        buffer_put(&topics->line, from, size < room ? size : room);
    }
    if (topics->line.size > 0 && topics->line.data[topics->line.size - 1] == '\r')
        topics->line.size--;
    topics->number += *more;
    return topics->line.failed ? error_no_memory(err) : LEDE_OK;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t')
            return false;
    return true;
}

enum lede_status topics_next(struct topics *topics, bool *more, struct slice *id,
                             struct slice *query, struct lede_error *err)
{
    struct slice line;
    const uint8_t *tab;
    size_t size;
    enum lede_status status;

    do {
        status = read_line(topics, more, err);
        if (status != LEDE_OK || !*more)
            return status;
        line = buffer_bytes(&topics->line);
    } while (topics->with_ids && is_blank(line));
    *id = slice_of(NULL, 0);
    *query = line;
    if (!topics->with_ids)
        return LEDE_OK;
    tab = memchr(line.data, '\t', line.size);
    if (!tab || tab == line.data)
        return error_set(err, LEDE_INVALID, "%s:%zu: a topic's id and a tab must stand in front",
                         topics->name, topics->number);
    size = (size_t)(tab - line.data);
    *id = slice_of(line.data, size);
    *query = slice_of(tab + 1, line.size - size - 1);
    return LEDE_OK;
}
