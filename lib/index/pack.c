#include "index/pack.h"

#include <assert.h>

#include "index/pack_kernels.h"

enum {
    CODE_EXCEPTIONS = 0x80,
    CODE_RESERVED = 0x40,
    WIDTH_BITS = 0x3f,
    WIDTH_MAX = 32,
    EXCEPTIONS_MAX = 255
};

static size_t low_size(size_t n, unsigned width)
{
    return (n * width + 7) / 8;
}

/* ---- encoding ---- */

struct layout {
    unsigned width;
    size_t exceptions, high_size; /* high_size: bytes of a high part; 0 without exceptions */
    size_t size;
};

static unsigned bit_length(uint32_t value)
{
    return value ? 32 - (unsigned)__builtin_clz(value) : 0;
}

static struct layout layout_of(size_t n, unsigned width, size_t exceptions, unsigned widest)
{
    struct layout layout = {width, exceptions, 0, 1 + low_size(n, width)};

    if (exceptions) {
        layout.high_size = (widest - width + 7) / 8;
        layout.size += 2 + exceptions * (1 + layout.high_size);
    }
    return layout;
}

/* The cheapest layout; among equals the one met first, from the widest down. */
static struct layout choose_layout(const uint32_t *values, size_t n)
{
    uint16_t lengths[WIDTH_MAX + 1] = {0}; /* values of each bit length */
    unsigned widest = WIDTH_MAX;
    struct layout best;
    size_t exceptions = 0;

    for (size_t i = 0; i < n; i++)
        lengths[bit_length(values[i])]++;
    while (widest > 0 && lengths[widest] == 0)
        widest--;
    best = layout_of(n, widest, 0, widest);
    for (unsigned width = widest; width-- > 0;) {
        struct layout layout;

        exceptions += lengths[width + 1];
        if (exceptions > EXCEPTIONS_MAX)
            break;
        layout = layout_of(n, width, exceptions, widest);
        if (layout.size < best.size)
            best = layout;
    }
    return best;
}

/* Writes the low bits of each value; up to 8 bytes behind them are written over. */
static void put_low(const uint32_t *values, size_t n, unsigned width, uint8_t *out)
{
    uint64_t mask = (1ULL << width) - 1, bits = 0;
    unsigned filled = 0;

    for (size_t i = 0; i < n; i++) {
        bits |= (values[i] & mask) << filled;
        filled += width;
        if (filled >= 32) {
            store_le32(out, (uint32_t)bits);
            out += 4;
            bits >>= 32;
            filled -= 32;
        }
    }
    store_le32(out, (uint32_t)bits);
}

static void put_exceptions(const uint32_t *values, size_t n, const struct layout *layout,
                           uint8_t *indexes)
{
    uint8_t *highs = indexes + layout->exceptions;

    for (size_t i = 0; i < n; i++) {
        uint32_t high = values[i] >> layout->width;

        if (high == 0)
            continue;
        *indexes++ = (uint8_t)i;
        store_le32(highs, high);
        highs += layout->high_size;
    }
}

size_t pack_encode(const uint32_t *values, size_t n, uint8_t *out)
{
    struct layout layout;
    uint8_t *at = out;

    assert(n >= 1 && n <= BLOCK_DOCS);
    layout = choose_layout(values, n);
    *at++ = (uint8_t)(layout.width | (layout.exceptions ? CODE_EXCEPTIONS : 0));
    if (layout.exceptions) {
        *at++ = (uint8_t)layout.exceptions;
        *at++ = (uint8_t)layout.high_size;
    }
    put_low(values, n, layout.width, at);
    if (layout.exceptions)
        put_exceptions(values, n, &layout, at + low_size(n, layout.width));
    return layout.size;
}

/* ---- decoding ---- */

struct parts { /* of a pack that fits the bytes it was given */
    unsigned width;
    size_t exceptions, high_size;
    const uint8_t *low, *indexes, *highs;
    size_t size;
};

static inline bool parse(const uint8_t *in, size_t size, size_t n, struct parts *parts)
{
    size_t header = 1;

    if (size == 0 || n == 0 || n > BLOCK_DOCS || in[0] & CODE_RESERVED)
        return false;
    parts->width = in[0] & WIDTH_BITS;
    if (parts->width > WIDTH_MAX)
        return false;
    parts->exceptions = parts->high_size = 0;
    if (in[0] & CODE_EXCEPTIONS) {
        if (size < 3)
            return false;
        parts->exceptions = in[1];
        parts->high_size = in[2];
        header = 3;
        if (parts->exceptions == 0 || parts->exceptions > n || parts->high_size == 0 ||
            parts->high_size > 4 || parts->width == WIDTH_MAX)
            return false;
    }
    parts->low = in + header;
    parts->indexes = parts->low + low_size(n, parts->width);
    parts->highs = parts->indexes + parts->exceptions;
    parts->size = (size_t)(parts->highs - in) + parts->exceptions * parts->high_size;
    return parts->size <= size;
}

/* Adds the high parts to the values. *total is the sum of what was added. False if an index does
 * not rise or is not below n, or a value passes 32 bits. */
static inline bool patch(const struct parts *parts, size_t n, uint32_t *values, uint64_t *total)
{
    uint32_t mask = UINT32_MAX >> (32 - 8 * parts->high_size);
    const uint8_t *highs = parts->highs;
    unsigned width = parts->width;
    size_t least = 0;
    uint64_t sum = 0, passed = 0;
    bool wrong = false;

    for (size_t i = 0; i < parts->exceptions; i++, highs += parts->high_size) {
        uint64_t high = (uint64_t)(load_le32(highs) & mask) << width;
        size_t index = parts->indexes[i];
        uint64_t value;

        wrong |= index < least;
        least = index + 1;
        if (index >= n)
            return false;
        value = values[index] + high;
        passed |= value;
        sum += high;
        values[index] = (uint32_t)value;
    }
    *total = sum;
    return !wrong && passed <= UINT32_MAX;
}

size_t pack_decode(const uint8_t *in, size_t size, size_t n, uint32_t *out)
{
    struct parts parts;
    uint64_t total;

    if (!parse(in, size, n, &parts))
        return 0;
    pack_kernels()->unpack(parts.low, n, parts.width, 0, out);
    if (parts.exceptions && !patch(&parts, n, out, &total))
        return 0;
    return parts.size;
}

static bool has_zero(const uint32_t *values, size_t n)
{
    bool zero = false;

    for (size_t i = 0; i < n; i++)
        zero |= values[i] == 0;
    return zero;
}

size_t pack_decode_counts(const uint8_t *in, size_t size, size_t n, uint32_t *out)
{
    struct parts parts;
    uint64_t total;

    if (!parse(in, size, n, &parts))
        return 0;
    pack_kernels()->unpack(parts.low, n, parts.width, 1, out);
    if (parts.exceptions && !patch(&parts, n, out, &total))
        return 0;
    if (parts.width == WIDTH_MAX && has_zero(out, n)) /* narrower ones cannot wrap unpatched */
        return 0;
    return parts.size;
}

/* Whether sums that were taken modulo 2^32, each at most 2^32 above the one before, never wrapped.
 */
static bool rises(const uint32_t *values, size_t n, uint32_t before)
{
    bool falls = before != UINT32_MAX && values[0] <= before;

    for (size_t i = 1; i < n; i++)
        falls |= values[i] <= values[i - 1];
    return !falls;
}

size_t pack_decode_rising(const uint8_t *in, size_t size, size_t n, uint32_t before, uint32_t *out)
{
    const struct pack_kernels *kernels = pack_kernels();
    struct parts parts;
    uint64_t total = 0;

    if (!parse(in, size, n, &parts))
        return 0;
    if (parts.exceptions) {
        kernels->unpack(parts.low, n, parts.width, 0, out);
        if (!patch(&parts, n, out, &total))
            return 0;
        kernels->sum_rising(out, n, before);
    } else {
        kernels->unpack_rising(parts.low, n, parts.width, before, out);
    }
    /* The most that the last can be; only a pack that might wrap is looked at value by value. */
    total += (uint64_t)(uint32_t)(before + 1) + ((uint64_t)n << parts.width);
    if (total > UINT32_MAX && !rises(out, n, before))
        return 0;
    return parts.size;
}

size_t pack_size(const uint8_t *in, size_t size, size_t n)
{
    struct parts parts;

    return parse(in, size, n, &parts) ? parts.size : 0;
}
