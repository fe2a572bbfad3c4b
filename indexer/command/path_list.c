#include "command/path_list.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 64 * 1024 };

static enum lede_status open_list(struct path_list *list, const char *path, struct lede_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    enum lede_status status;

    list->list = is_stdin ? "standard input" : path;
    if (fd < 0)
        return error_set(err, LEDE_IO, "%s: %s", list->list, strerror(errno));
    status = input_new(&list->input, err);
    if (status != LEDE_OK) {
        close(fd);
        return status;
    }
    return input_open(list->input, fd, list->list, err);
}

enum lede_status path_list_open(struct path_list *list, char *const *arguments, size_t count,
                                const char *files_from, char separator, struct lede_error *err)
{
    enum lede_status status;

    *list = (struct path_list){.arguments = arguments, .count = count, .separator = separator};
    buffer_init(&list->path, NULL);
    status = files_from ? open_list(list, files_from, err) : LEDE_OK;
    if (status != LEDE_OK)
        path_list_close(list);
    return status;
}

void path_list_close(struct path_list *list)
{
    input_free(list->input);
    list->input = NULL;
    buffer_done(&list->path);
}

/* The next line, that may be empty; *line.data NULL at the end of the list. */
static enum lede_status next_line(struct path_list *list, struct slice *line,
                                  struct lede_error *err)
{
    size_t searched = 0;
    const uint8_t *end = NULL;

    do {
        enum lede_status status = input_peek(list->input, searched + 1, line, err);

        if (status != LEDE_OK)
            return status;
        if (line->size == searched)
            break;
        end = memchr(line->data + searched, list->separator, line->size - searched);
        searched = line->size;
    } while (!end && searched <= LINE_MAX_SIZE);
    list->line++;
    if (end)
        line->size = (size_t)(end - line->data);
    if (line->size > LINE_MAX_SIZE)
        return error_set(err, LEDE_INVALID, "%s: line %llu is too long for a path%s", list->list,
                         (unsigned long long)list->line,
                         list->separator ? "" : " (-0 is for lists whose paths end with NUL)");
    if (searched == 0)
        *line = slice_of(NULL, 0);
    else
        input_skip(list->input, line->size + (end != NULL));
    return LEDE_OK;
}

static enum lede_status next_in_list(struct path_list *list, const char **path,
                                     struct lede_error *err)
{
    struct slice line;
    enum lede_status status;

    do {
        status = next_line(list, &line, err);
        if (status != LEDE_OK)
            return status;
        if (!line.data) {
            input_free(list->input);
            list->input = NULL;
            return LEDE_OK;
        }
    } while (line.size == 0);
    if (memchr(line.data, 0, line.size))
        return error_set(err, LEDE_INVALID, "%s: line %llu holds a NUL: add -0", list->list,
                         (unsigned long long)list->line);
    buffer_clear(&list->path);
    buffer_put(&list->path, line.data, line.size);
    buffer_byte(&list->path, 0);
    if (list->path.failed)
        return error_no_memory(err);
    *path = (const char *)list->path.data;
    return LEDE_OK;
}

enum lede_status path_list_next(struct path_list *list, const char **path, bool *is_argument,
                                struct lede_error *err)
{
    *path = NULL;
    *is_argument = list->next < list->count;
    if (*is_argument) {
        *path = list->arguments[list->next++];
        return LEDE_OK;
    }
    return list->input ? next_in_list(list, path, err) : LEDE_OK;
}
