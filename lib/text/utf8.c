#include "text/utf8.h"

#include <assert.h>

/* After table 3-7 of the Unicode standard: only the second byte has narrower bounds. */
static void second_bounds(uint8_t first, uint8_t *low, uint8_t *high)
{
    *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

size_t utf8_decode_long(const uint8_t *at, const uint8_t *end, uint32_t *code_point)
{
    uint8_t first = at[0], low, high;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2, got = 1;
    uint32_t value = first & (0x7fu >> size);

    *code_point = UTF8_INVALID;
    if (first < 0xc2 || first > 0xf4)
        return 1;
    second_bounds(first, &low, &high);
    for (; got < size; got++, low = 0x80, high = 0xbf) {
        if (at + got == end || at[got] < low || at[got] > high)
            return got;
        value = value << 6 | (at[got] & 0x3f);
    }
    *code_point = value;
    return size;
}

bool utf8_is_valid(struct slice text)
{
    const uint8_t *at = text.data, *end = at + text.size;
    uint32_t code_point = 0;

    while (at < end && code_point != UTF8_INVALID) {
        if (end - at >= 8 && !(load_le64(at) & 0x8080808080808080))
            at += 8;
        else
            at += utf8_decode(at, end, &code_point);
    }
    return code_point != UTF8_INVALID;
}

size_t utf8_encode(uint8_t *at, uint32_t code_point)
{
    assert(code_point < UTF8_INVALID);
    if (code_point < 0x80) {
        at[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        at[0] = (uint8_t)(0xc0 | code_point >> 6);
        at[1] = (uint8_t)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        at[0] = (uint8_t)(0xe0 | code_point >> 12);
        at[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
        at[2] = (uint8_t)(0x80 | (code_point & 0x3f));
        return 3;
    }
    at[0] = (uint8_t)(0xf0 | code_point >> 18);
    at[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3f));
    at[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
    at[3] = (uint8_t)(0x80 | (code_point & 0x3f));
    return 4;
}
