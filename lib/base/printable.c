#include "base/printable.h"

size_t printable_decode(const uint8_t *at, const uint8_t *end, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = *at < 0x80   ? 1
                  : *at < 0xc2 ? 0
                  : *at < 0xe0 ? 2
                  : *at < 0xf0 ? 3
                  : *at < 0xf5 ? 4
                               : 0;
    uint32_t value;

    if (size <= 1) {
        *character = *at;
        return size;
    }
    if ((size_t)(end - at) < size)
        return 0;
    value = *at & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fU);
    }
    if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *character = value;
    return size;
}

bool printable_is_harmless(uint32_t c)
{
    if (c < 0xa0)
        return c >= 0x20 && c < 0x7f;
    return c != 0x061c && c != 0x200e && c != 0x200f && !(c >= 0x2028 && c <= 0x202e) &&
           !(c >= 0x2066 && c <= 0x206f);
}

static void put_escaped(struct buffer *out, const uint8_t *at, size_t size)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        char escape[4] = {'\\', 'x', hex[at[i] >> 4], hex[at[i] & 15]};

        buffer_put(out, escape, sizeof escape);
    }
}

/* A character, or a byte that is none, that may not pass as it is. */
static void put_unsafe(struct buffer *out, const uint8_t *at, size_t size, const uint8_t *end,
                       enum printable_mode mode)
{
    bool space = *at >= '\t' && *at <= '\r';

    if (mode == PRINTABLE_NAME)
        put_escaped(out, at, size);
    else if (mode == PRINTABLE_LINE && space)
        buffer_byte(out, ' ');
    else if (mode == PRINTABLE_TEXT && (*at == '\n' || *at == '\t'))
        buffer_byte(out, *at);
    else if (mode == PRINTABLE_TEXT && *at == '\r' && end - at > 1 && at[1] == '\n')
        return;
    else
        buffer_put(out, "\xef\xbf\xbd", 3);
}

void printable_put(struct buffer *out, struct slice bytes, enum printable_mode mode)
{
    const uint8_t *at = bytes.data, *end, *safe = at;
    uint32_t character;

    if (bytes.size == 0)
        return;
    end = at + bytes.size;
    while (at < end) {
        size_t size = printable_decode(at, end, &character);

        if (size > 0 && printable_is_harmless(character)) {
            at += size;
            continue;
        }
        buffer_put(out, safe, (size_t)(at - safe));
        put_unsafe(out, at, size ? size : 1, end, mode);
        at += size ? size : 1;
        safe = at;
    }
    buffer_put(out, safe, (size_t)(at - safe));
}
