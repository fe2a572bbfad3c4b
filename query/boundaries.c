#include "boundaries.h"

#include "text/properties.h"
#include "text/utf8.h"

enum {
    FULL_LINE = 50, /* bytes of a line that may have been broken within a sentence */
    WIDE_SIZE = 3   /* bytes of 。 and of curly quotes */
};

static bool ends_with(struct slice text, size_t at, const char wide[WIDE_SIZE + 1])
{
    return at >= WIDE_SIZE && memcmp(text.data + at - WIDE_SIZE, wide, WIDE_SIZE) == 0;
}

static bool wide_stop_before(struct slice text, size_t at)
{
    return ends_with(text, at, "。") || ends_with(text, at, "！") || ends_with(text, at, "？");
}

/* Bytes of a quote or bracket that closes before at; 0: none does. */
static size_t closing_size(struct slice text, size_t at)
{
    uint8_t last = at ? text.data[at - 1] : 0;

    if (last == '"' || last == '\'' || last == ')' || last == ']')
        return 1;
    return ends_with(text, at, "”") || ends_with(text, at, "’") ? WIDE_SIZE : 0;
}

static bool stop_before(struct slice text, size_t at)
{
    size_t size;
    uint8_t last;

    while ((size = closing_size(text, at)) > 0)
        at -= size;
    last = at ? text.data[at - 1] : 0;
    return last == '.' || last == '!' || last == '?' || wide_stop_before(text, at);
}

/* The line that ends before at. */
static bool line_is_short(struct slice text, size_t at)
{
    size_t size = 0;

    while (size < at && size < FULL_LINE && text.data[at - 1 - size] != '\n')
        size++;
    return size < FULL_LINE;
}

bool boundary_of_sentences(struct slice text, size_t at)
{
    size_t before = at, lines = 0;

    if (at == 0)
        return true;
    if (at >= text.size || byte_is_blank(text.data[at]))
        return false;
    for (; before > 0 && byte_is_blank(text.data[before - 1]); before--)
        lines += text.data[before - 1] == '\n';
    if (before == 0 || wide_stop_before(text, at))
        return true;
    if (before == at)
        return false;
    if (lines > 1 || (lines == 1 && (text.data[at - 1] != '\n' || line_is_short(text, before))))
        return true;
    return stop_before(text, before);
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* It clings to what stands before it. */
static bool extends(uint32_t flags)
{
    return flags & PROPERTY_MARK ||
           (property_break(flags) >= BREAK_EXTEND && property_break(flags) < BREAK_NEWLINE);
}

bool boundary_of_words(struct slice text, size_t at)
{
    const uint8_t *here = text.data + at, *end = text.data + text.size;
    size_t back = 1;
    uint32_t code_point, left, right;

    if (at == 0 || at >= text.size)
        return true;
    while (back < at && back < UTF8_MAX && is_continuation(here[-(ptrdiff_t)back]))
        back++;
    if (utf8_decode(here - back, end, &code_point) > back)
        return false;
    utf8_decode(here - back, here, &code_point);
    left = property_of(code_point)->flags;
    utf8_decode(here, end, &code_point);
    right = property_of(code_point)->flags;
    if (extends(right))
        return false;
    return (left | right) & PROPERTY_RUN || !(left & PROPERTY_WORDLIKE || extends(left)) ||
           !(right & PROPERTY_WORDLIKE);
}
