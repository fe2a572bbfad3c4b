#include "passage.h"

#include "base/array.h"
#include "base/error.h"
#include "base/printable.h"

void passages_init(struct passages *passages)
{
    memset(passages, 0, sizeof *passages);
    buffer_init(&passages->lines, NULL);
}

void passages_done(struct passages *passages)
{
    array_free(passages->marks, passages->mark_capacity, sizeof *passages->marks, NULL);
    buffer_done(&passages->lines);
    passages_init(passages);
}

/* A character's bytes; *blank if it is white space or divides lines, U+0020 among them. */
static size_t next_character(const uint8_t *at, const uint8_t *end, bool *blank, bool *valid)
{
    uint32_t c = 0;
    size_t size = printable_decode(at, end, &c);

    *valid = size > 0;
    *blank = size > 0 && (c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 ||
                          c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
                          c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000);
    return size ? size : 1;
}

static bool add_mark(struct passages *passages, struct mark mark)
{
    if (mark.size == 0)
        return true;
    if (passages->mark_count == passages->mark_capacity &&
        !array_grow((void **)&passages->marks, &passages->mark_capacity, sizeof *passages->marks,
                    NULL))
        return false;
    passages->marks[passages->mark_count++] = mark;
    return true;
}

/* Appends the window to lines, and its marks; begin is where its line began. */
static bool flatten(struct passages *passages, struct slice text, const struct lede_span *spans,
                    size_t count, struct snippet window)
{
    const uint8_t *at = text.data + window.offset, *end = at + window.size;
    struct buffer *lines = &passages->lines;
    size_t begin = lines->size, span = 0, marked = 0;
    bool in_mark = false, space_due = false, blank, valid, good = true;

    for (size_t size; at < end; at += size) {
        size_t place = (size_t)(at - text.data);

        while (span < count && spans[span].offset + spans[span].size <= place) {
            if (in_mark)
                good &= add_mark(passages, (struct mark){marked, lines->size - begin - marked});
            in_mark = false;
            span++;
        }
        size = next_character(at, end, &blank, &valid);
        if (blank) {
            space_due = lines->size > begin;
            continue;
        }
        if (space_due)
            buffer_byte(lines, ' ');
        space_due = false;
        if (!in_mark && span < count && spans[span].offset <= place) {
            in_mark = true;
            marked = lines->size - begin;
        }
        if (valid)
            buffer_put(lines, at, size);
        else
            buffer_put(lines, "\xef\xbf\xbd", 3);
    }
    if (in_mark)
        good &= add_mark(passages, (struct mark){marked, lines->size - begin - marked});
    return good && !lines->failed;
}

/* Windows become passages: lines and marks move while they grow, so pointers are set last. */
static enum lede_status flatten_all(struct passages *passages, struct slice text,
                                    const struct lede_span *spans, size_t count,
                                    const struct snippet *windows, size_t window_count,
                                    struct lede_error *err)
{
    size_t line = 0, mark = 0;

    buffer_clear(&passages->lines);
    passages->mark_count = 0;
    passages->count = window_count;
    for (size_t i = 0; i < window_count; i++) {
        struct passage *passage = &passages->items[i];
        size_t marks_before = passages->mark_count, line_before = passages->lines.size;

        if (!flatten(passages, text, spans, count, windows[i])) {
            passages->count = 0;
            return error_no_memory(err);
        }
        *passage = (struct passage){.offset = windows[i].offset,
                                    .cut_before = windows[i].cut_before,
                                    .cut_after = windows[i].cut_after};
        passage->line.size = passages->lines.size - line_before;
        passage->mark_count = passages->mark_count - marks_before;
    }
    for (size_t i = 0; i < window_count; i++) {
        struct passage *passage = &passages->items[i];

        passage->line.data = passage->line.size ? passages->lines.data + line : NULL;
        passage->marks = passage->mark_count ? passages->marks + mark : NULL;
        line += passage->line.size;
        mark += passage->mark_count;
    }
    return LEDE_OK;
}

enum lede_status passages_choose(struct passages *passages, struct slice text,
                                 const struct lede_span *spans, size_t count, size_t width,
                                 size_t wanted, struct lede_error *err)
{
    struct snippet windows[SNIPPETS_MAX];
    size_t found = snippet_choose(text, spans, count, width, windows, wanted);

    return flatten_all(passages, text, spans, count, windows, found, err);
}

enum lede_status passages_part(struct passages *passages, struct slice text,
                               const struct lede_span *spans, size_t count, size_t offset,
                               size_t size, struct lede_error *err)
{
    struct snippet window = {.offset = offset, .size = size};

    return flatten_all(passages, text, spans, count, &window, size ? 1 : 0, err);
}

enum lede_status passages_whole(struct passages *passages, struct slice text,
                                const struct lede_span *spans, size_t count, struct lede_error *err)
{
    return passages_part(passages, text, spans, count, 0, text.size, err);
}
