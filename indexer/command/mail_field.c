#include "command/mail_field.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <strings.h>

/* ---- memory ---- */

/* Three times what GMime was seen to take of any value of MAIL_FIELD bytes, and once to begin. */
enum { RESERVE = 1 << 20 };

static void *reserve; /* there while GMime has nothing to do */
static bool is_short;

/* False: there is not that much. */
static bool begin_use(void)
{
    free(reserve);
    reserve = NULL;
    return !is_short;
}

static void end_use(void)
{
    reserve = malloc(RESERVE);
    is_short = is_short || !reserve;
}

void mail_begin(void)
{
    static bool begun;

    if (begun)
        return;
    begun = true;
    end_use();
    if (begin_use())
        g_mime_init();
    end_use();
}

bool mail_memory_is_short(void)
{
    return is_short;
}

/* ---- lines ---- */

/* Cuts a line off, with its end. */
static struct slice take_line(struct slice *rest)
{
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    size_t size = end ? (size_t)(end - rest->data) + 1 : rest->size;
    struct slice line = slice_of(rest->data, size);

    *rest = slice_of(rest->data + size, rest->size - size);
    return line;
}

size_t mail_head_size(struct slice bytes)
{
    struct slice rest = bytes;

    while (rest.size > 0)
        if (slice_trim(take_line(&rest)).size == 0)
            break;
    return bytes.size - rest.size;
}

static bool is_field(struct slice line, const char *name)
{
    size_t size = strlen(name);

    return line.size > size && line.data[size] == ':' &&
           strncasecmp((const char *)line.data, name, size) == 0;
}

static void put_value(struct buffer *out, struct slice text)
{
    size_t room = out->size < MAIL_FIELD ? MAIL_FIELD - out->size : 0;

    text = slice_trim(text);
    if (out->size > 0 && text.size > 0 && room > 0)
        buffer_byte(out, ' ');
    for (size_t i = 0; i < text.size && i < room; i++)
        buffer_byte(out, text.data[i] ? text.data[i] : ' ');
}

bool mail_field(struct slice head, const char *name, struct buffer *out)
{
    bool found = false;

    buffer_clear(out);
    while (head.size > 0) {
        struct slice line = take_line(&head);
        bool folded = line.data[0] == ' ' || line.data[0] == '\t';

        if (found && !folded)
            break;
        if (found)
            put_value(out, line);
        if (!found && is_field(line, name)) {
            found = true;
            put_value(out, slice_of(line.data + strlen(name) + 1, line.size - strlen(name) - 1));
        }
    }
    return out->size > 0;
}

bool mail_field_text(struct slice head, const char *name, struct buffer *out)
{
    char *text;

    if (!mail_field(head, name, out))
        return false;
    buffer_byte(out, 0);
    if (out->failed || !begin_use())
        return true; /* whoever looks at out, or at what is short, sees that */
    text = g_mime_utils_header_decode_text(NULL, (const char *)out->data);
    buffer_clear(out);
    buffer_str(out, text);
    g_free(text);
    end_use();
    return out->size > 0;
}

/* ---- what a part is ---- */

static void copy_word(const char *text, char *out, size_t size)
{
    size_t length = text ? strlen(text) : 0;

    if (length >= size)
        length = 0;
    for (size_t i = 0; i < length; i++)
        out[i] = text[i];
    out[length] = '\0';
}

static void read_content_type(const char *value, struct mail_type *type)
{
    GMimeContentType *content;
    char *media;

    if (!begin_use())
        return;
    content = g_mime_content_type_parse(NULL, value);
    media = content ? g_mime_content_type_get_mime_type(content) : NULL;
    if (media && media[0]) {
        copy_word(media, type->media, sizeof type->media);
        for (char *at = type->media; *at; at++)
            *at = (char)g_ascii_tolower(*at);
    }
    if (content) {
        copy_word(g_mime_content_type_get_parameter(content, "charset"), type->charset,
                  sizeof type->charset);
        copy_word(g_mime_content_type_get_parameter(content, "boundary"), type->boundary,
                  sizeof type->boundary);
        type->attached = g_mime_content_type_get_parameter(content, "name") != NULL;
        g_object_unref(content);
    }
    g_free(media);
    end_use();
}

void mail_type_read(struct slice head, struct mail_type *type)
{
    struct buffer value;

    *type = (struct mail_type){.media = "text/plain", .encoding = MAIL_AS_IS};
    buffer_init(&value, NULL);
    if (mail_field(head, "Content-Type", &value)) {
        buffer_byte(&value, 0);
        if (!value.failed)
            read_content_type((const char *)value.data, type);
    }
    if (mail_field(head, "Content-Disposition", &value))
        type->attached |=
            value.size >= 10 && strncasecmp((const char *)value.data, "attachment", 10) == 0;
    if (mail_field(head, "Content-Transfer-Encoding", &value)) {
        buffer_byte(&value, 0);
        switch (value.failed ? GMIME_CONTENT_ENCODING_DEFAULT
                             : g_mime_content_encoding_from_string((const char *)value.data)) {
        case GMIME_CONTENT_ENCODING_BASE64:
            type->encoding = MAIL_BASE64;
            break;
        case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
            type->encoding = MAIL_QUOTED;
            break;
        default:
            break;
        }
    }
    is_short = is_short || value.failed;
    buffer_done(&value);
}

bool mail_decode(enum mail_encoding encoding, struct slice body, struct buffer *out)
{
    GMimeEncoding state;
    uint8_t *to;

    buffer_clear(out);
    if (encoding == MAIL_AS_IS || body.size == 0) {
        buffer_put(out, body.data, body.size);
        return !out->failed;
    }
    g_mime_encoding_init_decode(&state, encoding == MAIL_BASE64
                                            ? GMIME_CONTENT_ENCODING_BASE64
                                            : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    to = buffer_room(out, g_mime_encoding_outlen(&state, body.size));
    if (to)
        out->size += g_mime_encoding_flush(&state, (const char *)body.data, body.size, (char *)to);
    return !out->failed;
}
