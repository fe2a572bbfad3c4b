#include "wrap.h"

#include <uniwidth.h>

#include "base/printable.h"

static const char ELLIPSIS[] = "\xe2\x80\xa6";

static unsigned width_of(uint32_t character)
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
        unsigned columns = size ? width_of(character) : 1;

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

static void put_styled(struct buffer *out, struct slice text, const struct wrap *wrap, bool marked)
{
    if (text.size == 0)
        return;
    buffer_str(out, marked ? wrap->marked : wrap->plain);
    printable_put(out, text, PRINTABLE_LINE);
    buffer_str(out, marked ? wrap->marked_end : wrap->plain_end);
}

/* Puts [from, to) of the line; *mark is the first mark that does not end before from. */
static void put_part(struct buffer *out, const struct passage *passage, const struct wrap *wrap,
                     size_t from, size_t to, size_t *mark)
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
        put_styled(out, slice_of(passage->line.data + from, stop - from), wrap, marked);
        from = stop;
    }
}

void wrap_put(struct buffer *out, const struct passage *passage, const struct wrap *wrap,
              unsigned column)
{
    struct slice rest = passage->line;
    size_t mark = 0;
    bool fresh = true; /* nothing stands on this line yet */

    if (passage->cut_before) {
        put_styled(out, slice_str(ELLIPSIS), wrap, false);
        column++;
    }
    while (rest.size > 0) {
        size_t begin = (size_t)(rest.data - passage->line.data), at;
        unsigned width, space = rest.data[0] == ' ';
        struct slice part;

        rest = slice_of(rest.data + space, rest.size - space);
        at = begin + space;
        part = take_part(&rest, &width);
        if (!fresh && column + space + width > wrap->columns) {
            buffer_printf(out, "\n%*s", (int)wrap->indent, "");
            column = wrap->indent;
        } else if (space && !fresh) {
            buffer_byte(out, ' ');
            column++;
        }
        put_part(out, passage, wrap, at, at + part.size, &mark);
        column += width;
        fresh = false;
    }
    if (passage->cut_after)
        put_styled(out, slice_str(ELLIPSIS), wrap, false);
}
