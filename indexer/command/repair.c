#include "command/repair.h"

#include "base/printable.h"
#include "text/utf8.h"

void repair_utf8(struct slice bytes, struct buffer *out, uint64_t *replaced)
{
    const uint8_t *at = bytes.data, *end;
    uint32_t character;

    if (bytes.size == 0)
        return;
    if (utf8_is_valid(bytes)) {
        buffer_put(out, bytes.data, bytes.size);
        return;
    }
    for (end = at + bytes.size; at < end;) {
        size_t size = printable_decode(at, end, &character);

        if (size > 0) {
            buffer_put(out, at, size);
        } else {
            buffer_put(out, "\xef\xbf\xbd", 3);
            ++*replaced;
        }
        at += size ? size : 1;
    }
}
