#include "notes.h"

#include "base/printable.h"

void notes_init(struct notes *notes, struct arena *arena, bool strict)
{
    notes->arena = arena;
    notes->strict = strict;
    notes->count = 0;
}

static struct slice shortened(struct slice text)
{
    size_t size = text.size;

    if (size <= NOTE_QUOTE)
        return text;
    for (size = NOTE_QUOTE; size > 0 && (text.data[size] & 0xc0) == 0x80; size--)
        ;
    return slice_of(text.data, size ? size : NOTE_QUOTE);
}

static void put_note(struct buffer *out, struct slice quoted, size_t column, const char *text)
{
    struct slice shown = shortened(quoted);

    buffer_byte(out, '"');
    printable_put(out, shown, PRINTABLE_NAME);
    buffer_printf(out, "%s\" at column %zu: %s", shown.size < quoted.size ? "..." : "", column,
                  text);
}

static enum lede_status keep(struct notes *notes, struct slice text, struct lede_error *err)
{
    char *copy;

    if (notes->count == NOTES_MAX)
        return LEDE_OK;
    copy = arena_copy(notes->arena, text.data, text.size);
    if (!copy)
        return error_no_memory(err);
    notes->texts[notes->count++] = copy;
    return LEDE_OK;
}

enum lede_status notes_add(struct notes *notes, struct slice quoted, size_t column,
                           const char *text, struct lede_error *err)
{
    enum lede_status status;
    struct buffer line;

    buffer_init(&line, NULL);
    put_note(&line, quoted, column, text);
    status = line.failed ? error_no_memory(err) : keep(notes, buffer_bytes(&line), err);
    buffer_done(&line);
    return status;
}

static enum lede_status refuse(struct slice quoted, size_t column, const char *odd,
                               struct lede_error *err)
{
    enum lede_status status;
    struct buffer line;

    buffer_init(&line, NULL);
    put_note(&line, quoted, column, odd);
    status = line.failed ? error_no_memory(err)
                         : error_set(err, LEDE_INVALID, "query: %.*s", (int)line.size,
                                     (const char *)line.data);
    if (err && status == LEDE_INVALID)
        err->column = column;
    buffer_done(&line);
    return status;
}

enum lede_status notes_add_odd(struct notes *notes, struct slice quoted, size_t column,
                               const char *odd, const char *fate, struct lede_error *err)
{
    enum lede_status status;
    struct buffer text;

    if (notes->strict)
        return refuse(quoted, column, odd, err);
    buffer_init(&text, NULL);
    buffer_printf(&text, "%s, %s", odd, fate);
    buffer_byte(&text, '\0');
    status = text.failed ? error_no_memory(err)
                         : notes_add(notes, quoted, column, (const char *)text.data, err);
    buffer_done(&text);
    return status;
}

enum lede_status notes_add_text(struct notes *notes, const char *text, struct lede_error *err)
{
    return keep(notes, slice_str(text), err);
}
