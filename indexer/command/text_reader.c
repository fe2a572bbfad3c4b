#include "command/text_reader.h"

#include <stdio.h>

void text_reader_init(struct text_reader *reader)
{
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

static struct slice trim(struct slice line)
{
    while (line.size > 0 &&
           (line.data[0] == ' ' || (line.data[0] >= '\t' && line.data[0] <= '\r'))) {
        line.data++;
        line.size--;
    }
    while (line.size > 0 && (line.data[line.size - 1] == ' ' || (line.data[line.size - 1] >= '\t' &&
                                                                 line.data[line.size - 1] <= '\r')))
        line.size--;
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
        line = trim(line);
    }
    after = left;
    if (line.size == 0 || after.size == 0 || trim(take_line(&after)).size != 0)
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

/* Drops the mark, and converts if it says UTF-16. */
static bool to_utf8(struct text_reader *reader, struct slice *text, uint64_t *replaced)
{
    if (text->size >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0) {
        *text = slice_of(text->data + 3, text->size - 3);
    } else if (text->size >= 2 &&
               (memcmp(text->data, "\xff\xfe", 2) == 0 || memcmp(text->data, "\xfe\xff", 2) == 0)) {
        bool big = text->data[0] == 0xfe;

        buffer_clear(&reader->converted);
        *replaced =
            convert_utf16(&reader->converted, slice_of(text->data + 2, text->size - 2), big);
        *text = buffer_bytes(&reader->converted);
    }
    return !reader->converted.failed;
}

static struct lede_bytes bytes_of(struct slice slice)
{
    return (struct lede_bytes){slice.data, slice.size};
}

enum lede_status text_reader_read(struct text_reader *reader, struct input *input,
                                  const struct origin *origin, size_t max_record, struct item *item,
                                  struct lede_error *err)
{
    struct lede_error error;
    struct slice text, title;
    size_t size;
    enum lede_status status = input_peek(input, max_record + 1, &text, &error);

    *item = (struct item){.kind = ITEM_SKIP};
    if (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED)
        return error_set(err, status, "%s", error.text);
    if (text.size > max_record) {
        char message[96];

        (void)snprintf(message, sizeof message, "has more than %zu bytes: see --max-record",
                       max_record);
        skip_set(&item->skip, SKIP_TOO_LARGE, origin->path, message);
        return LEDE_OK;
    }
    if (status != LEDE_OK) {
        skip_set(&item->skip, SKIP_UNREADABLE, origin->path, error.text);
        return LEDE_OK;
    }
    size = text.size;
    input_skip(input, size); /* its bytes stay until the next peek */
    if (!to_utf8(reader, &text, &item->replaced_bytes))
        return error_no_memory(err);
    text_reader_split(text, &title, &text);
    item->kind = ITEM_ARTICLE;
    item->article = (struct lede_article){.id = bytes_of(origin->id),
                                          .title = bytes_of(title),
                                          .text = bytes_of(text),
                                          .source = bytes_of(origin->path),
                                          .source_size = size};
    return LEDE_OK;
}
