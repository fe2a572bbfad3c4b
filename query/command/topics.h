/* topics.h -- many questions, a line each, from a file or standard input as they come.
 *
 * Lines end in LF or CR LF. A line is read as soon as it is there, whatever follows. Of one
 * longer than LINE_MAX_SIZE the rest is dropped: no query is that long, so it is refused as such.
 */
#ifndef LEDE_QUERY_COMMAND_TOPICS_H
#define LEDE_QUERY_COMMAND_TOPICS_H

#include "base/buffer.h"
#include "lede.h"

enum { LINE_MAX_SIZE = 64 * 1024 };

struct topics {
    int fd;
    const char *name; /* for messages; borrowed */
    bool with_ids;
    bool ended;
    int stopped;        /* an eventfd: readable once nothing more is to be read */
    size_t number;      /* of the line, from 1 */
    struct buffer held; /* read ahead: [at, size) */
    size_t at;
    struct buffer line;
};

/* path "-": standard input. with_ids: an id and a tab stand before each query, and lines of blanks
 * are passed over; else every line is a query. LEDE_IO: it cannot be opened. */
enum lede_status topics_open(struct topics *topics, const char *path, bool with_ids,
                             struct lede_error *err);
void topics_close(struct topics *topics);

/* Ends it early, from any thread: a call that waits for input, and all later ones, find no more. */
void topics_stop(struct topics *topics);

/* The next question; *more is false, and they are untouched, at the end. They live until the next
 * call. LEDE_INVALID: a line has no tab, or nothing before it; LEDE_IO, LEDE_NO_MEMORY. */
enum lede_status topics_next(struct topics *topics, bool *more, struct slice *id,
                             struct slice *query, struct lede_error *err);

#endif
