#include "text/small_digits.h"

#include "base/ascii.h"

/* The plain digit of a small one at the beginning of the bytes, and its size; 0: there is none. */
static uint8_t digit_at(const uint8_t *at, const uint8_t *end, size_t *size)
{
    size_t left = (size_t)(end - at);

    *size = 2;
    if (left >= 2 && at[0] == 0xc2) /* U+00B2, B3, B9 */
        return at[1] == 0xb2 ? '2' : at[1] == 0xb3 ? '3' : at[1] == 0xb9 ? '1' : 0;
    *size = 3;
    if (left < 3 || at[0] != 0xe2)
        return 0;
    if (at[1] == 0x82 && at[2] >= 0x80 && at[2] <= 0x89) /* U+2080 .. 2089 */
        return (uint8_t)('0' + at[2] - 0x80);
    if (at[1] == 0x81 && (at[2] == 0xb0 || (at[2] >= 0xb4 && at[2] <= 0xb9))) /* U+2070, 2074 .. */
        return (uint8_t)('0' + at[2] - 0xb0);
    return 0;
}

static bool is_plain(uint8_t byte)
{
    return ascii_is_letter(byte) || ascii_is_digit(byte);
}

/* Whether a run may begin here: what ends here is no small digit, and no letter that makes one word
 * with those of ASCII (of two bytes, or U+1000 to 1FFF; ª, º and µ). */
static bool run_begins(const uint8_t *begin, const uint8_t *at)
{
    size_t before = 1, size;

    if (at == begin || at[-1] < 0x80)
        return true;
    while (before < 4 && before < (size_t)(at - begin) && (at[-(ptrdiff_t)before] & 0xc0) == 0x80)
        before++;
    if (digit_at(at - before, at, &size) || at[-(ptrdiff_t)before] == 0xe1)
        return false;
    if (before != 2 || at[-2] != 0xc2)
        return before != 2;
    return at[-1] != 0xaa && at[-1] != 0xb5 && at[-1] != 0xba;
}

size_t small_digits_read(struct slice text, size_t offset, uint8_t out[SMALL_DIGITS_MAX])
{
    const uint8_t *end = text.data + text.size, *first = text.data + offset, *at;
    size_t size = 0, step;
    bool letter = false;

    if (!digit_at(first, end, &step))
        return 0;
    for (at = first; at > text.data && is_plain(at[-1]) && first - at < SMALL_DIGITS_MAX;)
        letter |= ascii_is_letter(*--at);
    if (!letter || !run_begins(text.data, at))
        return 0;
    for (; at < end; at += step) {
        uint8_t byte = digit_at(at, end, &step);

        if (!byte) {
            if (!is_plain(*at))
                break;
            byte = ascii_lower(*at);
            step = 1;
        }
        if (size == SMALL_DIGITS_MAX)
            return 0;
        out[size++] = byte;
    }
    return size;
}

struct slice small_digits_run(struct slice text, size_t offset)
{
    uint8_t plain[SMALL_DIGITS_MAX];
    size_t left = small_digits_read(text, offset, plain), step;
    const uint8_t *at = text.data + offset, *begin;

    if (left == 0)
        return slice_of(at, 0);
    while (at > text.data && is_plain(at[-1]))
        at--;
    for (begin = at; left > 0; left--, at += step)
        if (!digit_at(at, text.data + text.size, &step))
            step = 1;
    return slice_of(begin, (size_t)(at - begin));
}

size_t small_digits_word(struct slice text, uint8_t out[SMALL_DIGITS_MAX])
{
    const uint8_t *at = text.data, *end = at + text.size;
    size_t first = 0, step;

    while (first < text.size && is_plain(at[first]))
        first++;
    for (at += first; at < end; at += step)
        if (is_plain(*at))
            step = 1;
        else if (!digit_at(at, end, &step))
            return 0;
    return first < text.size ? small_digits_read(text, first, out) : 0;
}
