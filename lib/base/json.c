#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/printable.h"

static void put_escape(struct buffer *out, uint32_t character)
{
    static const char names[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
    const char *name = character && character < 0x80 ? strchr(names, (int)character) : NULL;

    if (name)
        buffer_printf(out, "\\%c", letters[name - names]);
    else
        buffer_printf(out, "\\u%04x", character);
}

void json_put_string(struct buffer *out, struct slice text)
{
    const uint8_t *at = text.data, *end = text.size ? at + text.size : at, *plain = at;
    uint32_t character;

    buffer_byte(out, '"');
    while (at < end) {
        size_t size = printable_decode(at, end, &character);

        if (size && character != '"' && character != '\\' && printable_is_harmless(character)) {
            at += size;
            continue;
        }
        buffer_put(out, plain, (size_t)(at - plain));
        if (size)
            put_escape(out, character);
        else
            buffer_put(out, "\xef\xbf\xbd", 3);
        at += size ? size : 1;
        plain = at;
    }
    buffer_put(out, plain, (size_t)(at - plain));
    buffer_byte(out, '"');
}

void json_put_number(struct buffer *out, double value)
{
    char text[32];

    if (!isfinite(value)) {
        buffer_str(out, "null");
        return;
    }
    /* What 15 digits can say comes out of %.15g as short as it is. */
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buffer_str(out, text);
}

void json_put_key(struct buffer *out, bool *first, const char *name)
{
    if (!*first)
        buffer_byte(out, ',');
    *first = false;
    json_put_string(out, slice_str(name));
    buffer_byte(out, ':');
}
