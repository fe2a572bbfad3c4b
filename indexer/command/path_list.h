/* path_list.h -- the paths a user gave: arguments first, then a list in a file. */
#ifndef LEDE_COMMAND_PATH_LIST_H
#define LEDE_COMMAND_PATH_LIST_H

#include "base/buffer.h"
#include "command/input.h"

struct path_list {
    char *const *arguments;
    size_t count, next;
    struct input *input; /* NULL: there is no list, or it is at its end */
    const char *list;    /* its name */
    uint64_t line;
    char separator;
    struct buffer path; /* the one given last */
};

/* Borrows all. LEDE_IO: the list cannot be opened. */
enum lede_status path_list_open(struct path_list *list, char *const *arguments, size_t count,
                                const char *files_from, char separator, struct lede_error *err);
void path_list_close(struct path_list *list);

/* *path is the next one, until the next call, or NULL at the end; *is_argument: it is no line of
 * the list. Empty lines are passed. LEDE_INVALID: a line is too long, or holds a NUL. */
enum lede_status path_list_next(struct path_list *list, const char **path, bool *is_argument,
                                struct lede_error *err);

#endif
