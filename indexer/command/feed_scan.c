#include "command/feed_scan.h"

/* Where a text begins among bytes from at on; their size: nowhere. */
static size_t find(struct slice bytes, size_t at, const char *text)
{
    const uint8_t *found =
        at < bytes.size ? memmem(bytes.data + at, bytes.size - at, text, strlen(text)) : NULL;

    return found ? (size_t)(found - bytes.data) : bytes.size;
}

static bool stands_at(struct slice bytes, size_t at, const char *text)
{
    return slice_begins(slice_of(bytes.data + at, bytes.size - at), slice_str(text));
}

/* Behind the > of the tag at at, which quotes may hide; 0: it is not there. */
static size_t tag_end(struct slice bytes, size_t at)
{
    uint8_t quote = 0;

    for (at++; at < bytes.size; at++) {
        uint8_t byte = bytes.data[at];

        if (quote)
            quote = byte == quote ? 0 : quote;
        else if (byte == '"' || byte == '\'')
            quote = byte;
        else if (byte == '>')
            return at + 1;
        else if (byte == '<')
            return at; /* the tag is broken: the next one begins here */
    }
    return 0;
}

/* Moves *at behind a comment, CDATA, instruction or declaration there, if it is one. False: its end
 * is not there. */
static bool pass_other(struct slice bytes, size_t *at)
{
    static const struct {
        const char *opening, *closing;
    } others[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
    size_t end;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (stands_at(bytes, *at, others[i].opening)) {
            end = find(bytes, *at, others[i].closing);
            *at = end < bytes.size ? end + strlen(others[i].closing) : *at;
            return end < bytes.size;
        }
    if (bytes.data[*at + 1] != '!')
        return true;
    end = tag_end(bytes, *at);
    *at = end > 0 ? end : *at;
    return end > 0;
}

static void describe(struct slice bytes, struct feed_tag *tag)
{
    size_t at = tag->begin + 1, begin;

    tag->closes = bytes.data[at] == '/';
    tag->is_empty = tag->end >= 2 && bytes.data[tag->end - 2] == '/' && !tag->closes;
    begin = at + tag->closes;
    for (at = begin; at < tag->end && !byte_is_blank(bytes.data[at]) && bytes.data[at] != '>' &&
                     bytes.data[at] != '/';)
        at++;
    tag->name = slice_of(bytes.data + begin, at - begin);
}

bool feed_scan(struct slice bytes, size_t *at, struct feed_tag *tag)
{
    enum { OPENING = 9 /* bytes of the longest: <![CDATA[ */ };
    size_t end, before;

    do {
        before = *at = find(bytes, *at, "<");
        if (bytes.size - *at < OPENING && tag_end(bytes, *at) == 0)
            return false;
        if (!pass_other(bytes, at))
            return false;
    } while (*at != before);
    end = tag_end(bytes, *at);
    if (end == 0)
        return false;
    tag->begin = *at;
    tag->end = end;
    *at = end;
    describe(bytes, tag);
    return true;
}

bool feed_named(struct slice name, const char *wanted)
{
    const uint8_t *colon = name.size ? memchr(name.data, ':', name.size) : NULL;
    size_t prefix = colon ? (size_t)(colon - name.data) + 1 : 0;

    return slice_equal(slice_of(name.data + prefix, name.size - prefix), slice_str(wanted));
}
