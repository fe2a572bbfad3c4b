#include "command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "command/input.h"

void command_say(const struct buffer *line)
{
    struct slice text = buffer_bytes(line);

    if (text.size == 0)
        return;
    (void)fwrite(text.data, 1, text.size, stderr);
    if (text.data[text.size - 1] != '\n')
        (void)fputc('\n', stderr);
}

int command_fail(const struct lede_error *error)
{
    command_complain("lede-index", "%s", error->text);
    return command_exit_code(error->status);
}

enum lede_status command_need_index(const struct options *options, struct lede_error *err)
{
    if (options->index)
        return LEDE_OK;
    return error_set(err, LEDE_INVALID, "which index? give -d DIR, or set LEDE_INDEX");
}

static enum lede_status read_input(struct input *input, const char *name, size_t most,
                                   struct buffer *out, struct lede_error *err)
{
    struct slice ahead;
    enum lede_status status = input_peek(input, most + 1, &ahead, err);

    if (status != LEDE_OK)
        return status;
    if (ahead.size > most)
        return error_set(err, LEDE_LIMIT, "%s: has more than %zu bytes", name, most);
    buffer_put(out, ahead.data, ahead.size);
    return out->failed ? error_no_memory(err) : LEDE_OK;
}

enum lede_status command_read_file(const char *path, size_t most, struct buffer *out,
                                   struct lede_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct input *input;
    enum lede_status status;

    if (fd < 0)
        return error_set(err, LEDE_IO, "%s: %s", name, strerror(errno));
    status = input_new(&input, err);
    if (status != LEDE_OK) {
        close(fd);
        return status;
    }
    status = input_open(input, fd, name, err);
    if (status == LEDE_OK)
        status = read_input(input, name, most, out, err);
    input_free(input);
    return status;
}
