#include "index/norm.h"

#include <assert.h>

/* Lucene's SmallFloat: a code of four significant bits, whose values begin behind FREE exact ones
 * so that no code is left over. */
enum { FREE = 24, LENGTH_MAX = INT32_MAX };

static uint32_t float_encode(uint32_t value)
{
    unsigned bits = value ? 32 - (unsigned)__builtin_clz(value) : 0, shift;

    if (bits < 4)
        return value;
    shift = bits - 4;
    return (shift + 1) << 3 | ((value >> shift) & 7);
}

static uint32_t float_decode(uint32_t code)
{
    return code < 8 ? code : ((code & 7) | 8) << ((code >> 3) - 1);
}

uint8_t norm_encode(uint32_t length)
{
    if (length > LENGTH_MAX)
        length = LENGTH_MAX;
    return (uint8_t)(length < FREE ? length : FREE + float_encode(length - FREE));
}

uint32_t norm_decode(uint8_t code)
{
    return code < FREE ? code : FREE + float_decode(code - (uint32_t)FREE);
}

static uint32_t window_size(uint32_t window, uint32_t documents)
{
    uint32_t left = documents - window * WINDOW_DOCS;

    return left < WINDOW_DOCS ? left : WINDOW_DOCS;
}

enum lede_status norm_write(struct stream_writer *norms, const uint8_t *codes, uint32_t documents)
{
    for (uint32_t window = 0; window * (uint64_t)WINDOW_DOCS < documents; window++) {
        uint32_t size = window_size(window, documents);
        uint64_t offset;
        uint8_t *room = stream_writer_reserve(norms, size, WINDOW_DOCS, &offset);

        if (!room)
            break;
        assert(offset == norm_window_offset(window));
        memcpy(room, codes + (size_t)window * WINDOW_DOCS, size);
    }
    return norms->status;
}

const uint8_t *norm_window(struct stream *norms, uint32_t window, uint32_t documents,
                           struct lede_error *err)
{
    assert(window * (uint64_t)WINDOW_DOCS < documents);
    return stream_at(norms, norm_window_offset(window), window_size(window, documents), err);
}
