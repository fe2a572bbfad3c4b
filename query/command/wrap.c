#include "wrap.h"

#include <uniwidth.h>

#include "base/printable.h"

unsigned wrap_width(uint32_t character)
{
    int width = character < 0x7f ? 1 : uc_width(character, "UTF-8");

    return width < 0 ? 1 : (unsigned)width;
}

/* Cuts off the next part that has to stay together: up to a space, or one wide character. */
static struct slice take_part(struct slice *rest, unsigned *width)
{
    const uint8_t *begin = rest->data, *at = begin, *end = begin + rest->size;
    uint32_t character;

    *width = 0;
    while (at < end && *at != ' ') {
        size_t size = printable_decode(at, end, &character);
        unsigned columns = size ? wrap_width(character) : 1;

        if (columns == 2 && at > begin)
            break;
        at += size ? size : 1;
        *width += columns;
        if (columns == 2)
            break;
    }
    *rest = slice_of(at, (size_t)(end - at));
    return slice_of(begin, (size_t)(at - begin));
}

/* What was sent to the terminal last, so that it is sent only where it changes. */
enum style { STYLE_NONE, STYLE_PLAIN, STYLE_MARKED };

struct line {
    struct buffer *out;
    const struct wrap *wrap;
    enum style style;
};

static void set_style(struct line *line, enum style style)
{
    if (line->style == style)
        return;
    if (line->style != STYLE_NONE)
        buffer_str(line->out,
                   line->style == STYLE_MARKED ? line->wrap->marked_end : line->wrap->plain_end);
    if (style != STYLE_NONE)
        buffer_str(line->out, style == STYLE_MARKED ? line->wrap->marked : line->wrap->plain);
    line->style = style;
}

static void put_plain(struct line *line, const char *text)
{
    set_style(line, STYLE_PLAIN);
    buffer_str(line->out, text);
}

/* Puts [from, to) of the passage; *mark is the first mark that does not end before from. */
static void put_part(struct line *line, const struct passage *passage, size_t from, size_t to,
                     size_t *mark)
{
    while (from < to) {
        const struct mark *next;
        size_t stop = to;
        bool marked;

        while (*mark < passage->mark_count &&
               passage->marks[*mark].offset + passage->marks[*mark].size <= from)
            (*mark)++;
        next = *mark < passage->mark_count ? &passage->marks[*mark] : NULL;
        marked = next && next->offset <= from;
        if (marked && next->offset + next->size < stop)
            stop = next->offset + next->size;
        else if (next && !marked && next->offset < stop)
            stop = next->offset;
        set_style(line, marked ? STYLE_MARKED : STYLE_PLAIN);
        printable_put(line->out, slice_of(passage->line.data + from, stop - from), PRINTABLE_LINE);
        from = stop;
    }
}

void wrap_put(struct buffer *out, const struct passage *passage, const struct wrap *wrap,
              unsigned column)
{
    struct line line = {out, wrap, STYLE_NONE};
    struct slice rest = passage->line;
    size_t mark = 0;
    bool fresh = true; /* nothing stands on this line yet that a space could follow */

    if (passage->cut_before) {
        put_plain(&line, ELLIPSIS);
        column++;
    }
    while (rest.size > 0) {
        unsigned width, space = rest.data[0] == ' ';
        struct slice part;
        size_t at;

        rest = slice_of(rest.data + space, rest.size - space);
        at = (size_t)(rest.data - passage->line.data);
        part = take_part(&rest, &width);
        if (!fresh && column + space + width > wrap->columns) {
            set_style(&line, STYLE_NONE);
            buffer_printf(out, "\n%*s", (int)wrap->indent, "");
            column = wrap->indent;
        } else if (space && !fresh) {
            put_plain(&line, " ");
            column++;
        }
        put_part(&line, passage, at, at + part.size, &mark);
        column += width;
        fresh = false;
    }
    if (passage->cut_after)
        put_plain(&line, ELLIPSIS);
    set_style(&line, STYLE_NONE);
}
