#include "command/text_reader.h"

#include <stdio.h>

#include "base/lede_bytes.h"

void text_reader_init(struct text_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    reader->piece = TEXT_PIECE;
    buffer_init(&reader->converted, NULL);
}

void text_reader_done(struct text_reader *reader)
{
    buffer_done(&reader->converted);
}

/* ---- title ---- */

/* Cuts the first line off *rest, which is not empty, without its end. */
static struct slice take_line(struct slice *rest)
{
    size_t size = 0, end;

    while (size < rest->size && rest->data[size] != '\n' && rest->data[size] != '\r')
        size++;
    end = size;
    if (end < rest->size)
        end +=
            rest->data[end] == '\r' && end + 1 < rest->size && rest->data[end + 1] == '\n' ? 2 : 1;
    struct slice line = slice_of(rest->data, size);
    *rest = slice_of(rest->data + end, rest->size - end);
    return line;
}

void text_reader_split(struct slice text, struct slice *title, struct slice *rest)
{
    struct slice left = text, line = {0}, after;

    *title = slice_of(NULL, 0);
    *rest = text;
    while (left.size > 0 && line.size == 0) {
        line = take_line(&left);
        if (line.size > TEXT_TITLE_MAX)
            return;
        line = slice_trim(line);
    }
    after = left;
    if (line.size == 0 || after.size == 0 || slice_trim(take_line(&after)).size != 0)
        return;
    *title = line;
    *rest = after;
}

/* ---- bytes to UTF-8 ---- */

static uint32_t unit(const uint8_t *at, bool big)
{
    return big ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

static size_t encode(uint8_t *at, uint32_t c)
{
    if (c < 0x80) {
        at[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        at[0] = (uint8_t)(0xc0 | c >> 6);
        at[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        at[0] = (uint8_t)(0xe0 | c >> 12);
        at[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        at[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    at[0] = (uint8_t)(0xf0 | c >> 18);
    at[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    at[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    at[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

/* Appends text to out; a surrogate without its other half, or half a unit, is U+FFFD. Returns the
 * bytes that were such. */
static uint64_t convert_utf16(struct buffer *out, struct slice text, bool big)
{
    const uint8_t *at = text.data, *end = at + text.size;
    uint8_t *to = buffer_room(out, text.size / 2 * 3 + 3);
    uint64_t replaced = 0;
    uint32_t c, low;

    for (; to && end - at >= 2; out->size += encode(out->data + out->size, c)) {
        c = unit(at, big);
        at += 2;
        if (c < 0xd800 || c >= 0xe000)
            continue;
        low = end - at >= 2 ? unit(at, big) : 0;
        if (c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        } else {
            c = 0xfffd;
            replaced += 2;
        }
    }
    if (to && at < end) {
        out->size += encode(out->data + out->size, 0xfffd);
        replaced++;
    }
    return replaced;
}

/* Bytes of the mark that a file begins with. */
static size_t mark_size(struct slice text, enum text_encoding *encoding)
{
    *encoding = TEXT_BYTES;
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        return 3;
    if (text.size >= 2 && memcmp(text.data, "\xff\xfe", 2) == 0)
        *encoding = TEXT_UTF16_LITTLE;
    else if (text.size >= 2 && memcmp(text.data, "\xfe\xff", 2) == 0)
        *encoding = TEXT_UTF16_BIG;
    return *encoding == TEXT_BYTES ? 0 : 2;
}

/* Bytes of a piece that is not the last one: the first half of a pair waits for the other. */
static size_t piece_size(const struct text_reader *reader, struct slice piece)
{
    bool big = reader->encoding == TEXT_UTF16_BIG;

    if (reader->encoding == TEXT_BYTES)
        return piece.size;
    piece.size -= piece.size % 2;
    return piece.size - ((unit(piece.data + piece.size - 2, big) & 0xfc00) == 0xd800 ? 2 : 0);
}

static bool to_utf8(struct text_reader *reader, struct slice *text)
{
    if (reader->encoding == TEXT_BYTES)
        return true;
    buffer_clear(&reader->converted);
    reader->replaced +=
        convert_utf16(&reader->converted, *text, reader->encoding == TEXT_UTF16_BIG);
    *text = buffer_bytes(&reader->converted);
    return !reader->converted.failed;
}

/* ---- items ---- */

void text_reader_start(struct text_reader *reader, struct input *input, const struct origin *origin,
                       uint64_t max_size)
{
    reader->input = input;
    reader->origin = origin;
    reader->max_size = max_size;
    reader->size = reader->replaced = 0;
    reader->title_size = 0;
}

static enum lede_status skip_too_large(struct text_reader *reader, struct item *item)
{
    char message[96];

    (void)snprintf(message, sizeof message, "has more than %llu bytes: see --max-record",
                   (unsigned long long)reader->max_size);
    skip_set(&item->skip, SKIP_TOO_LARGE, reader->origin->path, message);
    return LEDE_OK;
}

/* Drops the mark, which says how the bytes are to be read. */
static void begin_text(struct text_reader *reader, struct slice *text)
{
    size_t size = mark_size(*text, &reader->encoding);

    *text = slice_of(text->data + size, text->size - size);
}

/* Cuts the title off, and keeps it. */
static void take_title(struct text_reader *reader, struct slice *text)
{
    struct slice title;

    text_reader_split(*text, &title, text);
    if (title.size)
        memcpy(reader->title, title.data, title.size);
    reader->title_size = title.size;
}

static void set_article(struct text_reader *reader, struct item *item)
{
    item->kind = ITEM_ARTICLE;
    item->replaced_bytes = reader->replaced;
    item->article.id = bytes_of(reader->origin->id);
    item->article.title = (struct lede_bytes){reader->title, reader->title_size};
    item->article.source = bytes_of(reader->origin->path);
    item->article.source_size = reader->size;
}

/* Makes an item of what lies ahead. */
static enum lede_status take_piece(struct text_reader *reader, struct slice ahead,
                                   struct item *item, struct lede_error *err)
{
    bool is_first = reader->size == 0, is_last = ahead.size <= reader->piece;
    struct slice text = ahead;

    if (is_first)
        begin_text(reader, &text);
    if (!is_last) {
        text.size -= ahead.size - reader->piece;
        text.size = piece_size(reader, text);
    }
    reader->size += (uint64_t)(text.data - ahead.data) + text.size;
    input_skip(reader->input,
               (size_t)(text.data - ahead.data) + text.size); /* it stays until the next peek */
    if (!to_utf8(reader, &text))
        return error_no_memory(err);
    item->page = is_first && is_last ? text : slice_of(NULL, 0);
    item->page_is_source = reader->encoding == TEXT_BYTES;
    if (is_first)
        take_title(reader, &text);
    item->kind = ITEM_PART;
    item->article.text = bytes_of(text);
    if (is_last)
        set_article(reader, item);
    return LEDE_OK;
}

enum lede_status text_reader_next(struct text_reader *reader, struct item *item,
                                  struct lede_error *err)
{
    uint64_t left = reader->max_size - reader->size;
    size_t want = left < reader->piece ? (size_t)left : reader->piece;
    struct lede_error error;
    struct slice ahead;
    enum lede_status status = input_peek(reader->input, want + 1, &ahead, &error);

    *item = (struct item){.kind = ITEM_SKIP};
    if (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED)
        return error_set(err, status, "%s", error.text);
    if (ahead.size > left)
        return skip_too_large(reader, item);
    if (status != LEDE_OK) {
        skip_set(&item->skip, SKIP_UNREADABLE, reader->origin->path, error.text);
        return LEDE_OK;
    }
    return take_piece(reader, ahead, item, err);
}
