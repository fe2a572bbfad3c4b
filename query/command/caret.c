#include "caret.h"

#include <unistd.h>

#include "base/command_line.h"
#include "base/printable.h"
#include "wrap.h"

enum { INDENT = 2, BEFORE = 40, BEHIND = 30 /* characters that are shown on either side */ };

static size_t character_size(struct slice text, size_t at)
{
    uint32_t character;
    size_t size = printable_decode(text.data + at, text.data + text.size, &character);

    return size ? size : 1;
}

/* Where the next `count` characters from at end. */
static size_t pass(struct slice text, size_t at, size_t count)
{
    for (; count > 0 && at < text.size; count--)
        at += character_size(text, at);
    return at;
}

static unsigned columns_of(struct slice text)
{
    unsigned columns = 0;

    for (size_t at = 0, size; at < text.size; at += size) {
        uint32_t character = 0xfffd;

        size = printable_decode(text.data + at, text.data + text.size, &character);
        columns += wrap_width(character);
        size += size == 0;
    }
    return columns;
}

void caret_put(struct buffer *out, struct slice query, size_t column)
{
    size_t from = column > BEFORE ? pass(query, 0, column - BEFORE) : 0;
    size_t at = pass(query, 0, column - 1), end = pass(query, at, BEHIND), line = out->size;
    unsigned width;

    buffer_printf(out, "%*s%s", INDENT, "", from ? "..." : "");
    printable_put(out, slice_of(query.data + from, at - from), PRINTABLE_NAME);
    width = columns_of(slice_of(out->data + line, out->size - line));
    printable_put(out, slice_of(query.data + at, end - at), PRINTABLE_NAME);
    buffer_printf(out, "%s\n%*s^\n", end < query.size ? "..." : "", (int)width, "");
}

void caret_tell(struct slice query, size_t column)
{
    struct buffer lines;

    if (column == 0)
        return;
    buffer_init(&lines, NULL);
    caret_put(&lines, query, column);
    if (!lines.failed)
        (void)command_write(STDERR_FILENO, lines.data, lines.size);
    buffer_done(&lines);
}
