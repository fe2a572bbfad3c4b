#include "index/pack.h"

#include <assert.h>

#include "index/pack_kernels.h"

enum {
    CODE_EXCEPTIONS = 0x80,
    CODE_RESERVED = 0x40,
    WIDTH_BITS = 0x3f,
    WIDTH_MAX = 32,
    LEVELS = 3,     /* of packs within each other */
    LEVEL_GAIN = 2, /* bytes that a further level has to save, for the time it takes to decode */
    MASK_WORDS = (BLOCK_DOCS + 63) / 64
};

static size_t bits_size(size_t n, unsigned width)
{
    return (n * width + 7) / 8;
}

/* ---- encoding ---- */

struct widths { /* of values in bits */
    unsigned widest;
    uint16_t wider[PACK_WIDTHS]; /* how many take more than so many */
};

/* Of values of up to `widest` bits, the width of the widest high part that a pack of `width`
 * leaves, less 1; at most 1 too much where a high part is a power of two. */
static unsigned widest_above(unsigned widest, unsigned width)
{
    return widest < width + 2 ? 0 : widest - width;
}

/* What the exceptions of `width` take if theirs may have none: a few bytes more at most. */
static size_t last_size(const struct widths *widths, unsigned width)
{
    return 1 + bits_size(widths->wider[width], widest_above(widths->widest, width));
}

/* The same if theirs may have exceptions: those wider than both widths, but for the values of
 * width + 1 bits, of which 0 is left. limit: whether it is more than that does not matter. */
static size_t exceptions_size(const struct widths *widths, unsigned width, size_t limit)
{
    const uint16_t *wider = widths->wider + width;
    unsigned widest = widest_above(widths->widest, width);
    size_t n = wider[0], plain = last_size(widths, width), best = plain - LEVEL_GAIN;
    size_t least = 2 + bits_size(n, 1);

    if (plain <= LEVEL_GAIN)
        return plain;
    limit = best < limit ? best : limit;
    for (unsigned further = 0; further < widest; further++) {
        size_t size = least + bits_size(n, further);

        if (size >= limit)
            break;
        size += bits_size(wider[further ? further : 1], widest_above(widest, further));
        limit = size < limit ? size : limit;
    }
    return limit < best ? limit : plain;
}

/* The width with which a pack of n values takes the least, or a few bytes more; the widest among
 * equals. levels: packs within each other that there may be. */
static unsigned choose_width(const struct widths *widths, size_t n, unsigned levels)
{
    unsigned width = widths->widest;
    size_t plain = 1 + bits_size(n, width), best = plain - LEVEL_GAIN;

    if (levels == 1 || plain <= LEVEL_GAIN)
        return width;
    for (unsigned candidate = width; candidate-- > 0;) {
        size_t size = 1 + bits_size(n, candidate) + bits_size(n, 1);

        if (size + 1 >= best)
            continue;
        size += levels == 2 ? last_size(widths, candidate)
                            : exceptions_size(widths, candidate, best - size);
        if (size < best) {
            best = size;
            width = candidate;
        }
    }
    return width;
}

size_t pack_encode(const uint32_t *values, size_t n, uint8_t *out)
{
    const struct pack_kernels *kernels = pack_kernels();
    uint32_t highs[2][PACK_ROOM];
    uint8_t *at = out;

    assert(n >= 1 && n <= BLOCK_DOCS);
    for (unsigned levels = LEVELS; n > 0; levels--) {
        uint32_t *above = highs[levels % 2];
        struct widths widths;
        unsigned width;
        size_t low;

        widths.widest = kernels->widths(values, n, widths.wider);
        width = choose_width(&widths, n, levels);
        low = bits_size(n, width);
        *at++ = (uint8_t)(width | (width < widths.widest ? CODE_EXCEPTIONS : 0));
        kernels->pack(values, n, width, at);
        at += low;
        if (width == widths.widest)
            break;
        low = bits_size(n, 1);
        n = kernels->split(values, n, width, at, above);
        at += low;
        values = above;
    }
    return (size_t)(at - out);
}

/* ---- decoding ---- */

struct level { /* a pack without its exceptions */
    unsigned width;
    size_t n;
    const uint8_t *low;
    uint64_t mask[MASK_WORDS]; /* which values are exceptions; not of the last level */
};

struct parts { /* of a pack that fits the bytes it was given */
    unsigned levels;
    size_t size;
    struct level level[LEVELS];
};

/* Reads the mask of n bits at `at`; returns how many are set, 0 also if one behind them is. */
static inline size_t read_mask(const uint8_t *at, size_t n, uint64_t mask[MASK_WORDS])
{
    size_t count = 0;

    if (n % 8 && at[n / 8] >> n % 8)
        return 0;
    for (size_t i = 0; i < MASK_WORDS; i++) {
        mask[i] = 0;
        if (64 * i >= n)
            continue;
        mask[i] = load_le64(at + 8 * i);
        if (n - 64 * i < 64)
            mask[i] &= (1ULL << (n - 64 * i)) - 1;
        count += bits_in(mask[i]);
    }
    return count;
}

static inline bool parse(const uint8_t *in, size_t size, size_t n, struct parts *parts)
{
    size_t at = 0;

    if (n == 0 || n > BLOCK_DOCS)
        return false;
    for (parts->levels = 0; parts->levels < LEVELS;) {
        struct level *level = &parts->level[parts->levels++];
        uint8_t code;

        if (at >= size)
            return false;
        code = in[at++];
        level->width = code & WIDTH_BITS;
        level->n = n;
        level->low = in + at;
        at += bits_size(n, level->width);
        if (code & CODE_RESERVED || level->width > WIDTH_MAX || at > size)
            return false;
        if (!(code & CODE_EXCEPTIONS)) {
            parts->size = at;
            return true;
        }
        if (level->width == WIDTH_MAX || size - at < bits_size(n, 1))
            return false;
        n = read_mask(in + at, n, level->mask);
        if (n == 0)
            return false;
        at += bits_size(level->n, 1);
    }
    return false; /* exceptions of the last level */
}

static uint32_t most_of(const uint32_t *values, size_t n)
{
    uint32_t most = 0;

    for (size_t i = 0; i < n; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

static uint64_t widest_value(unsigned width)
{
    return (1ULL << width) - 1;
}

/* The largest value that has `width` low bits and the high part above + 1. */
static uint64_t value_below(uint64_t above, unsigned width)
{
    return ((above + 2) << width) - 1;
}

/* Decodes the exceptions of the first level, which has some: their high parts, each less 1. *most:
 * at least the largest, by the widths alone where those say enough. */
static bool decode_highs(const struct parts *parts, uint32_t *highs, uint64_t *most)
{
    const struct pack_kernels *kernels = pack_kernels();
    const struct level *level = &parts->level[1], *last = &parts->level[2];
    unsigned width = parts->level[0].width;

    kernels->unpack(level->low, level->n, level->width, 0, highs);
    *most = widest_value(level->width);
    if (parts->levels == LEVELS) {
        uint32_t further[PACK_ROOM];

        kernels->unpack(last->low, last->n, last->width, 0, further);
        *most = value_below(widest_value(last->width), level->width);
        if (*most > UINT32_MAX && value_below(most_of(further, last->n), level->width) > UINT32_MAX)
            return false;
        kernels->patch(highs, level->n, level->mask, level->width, further);
    }
    if (*most > UINT32_MAX || value_below(*most, width) > UINT32_MAX)
        *most = most_of(highs, level->n);
    return true;
}

/* Decodes n values, to each of which it adds `add`, into out. *most: at least the largest before
 * that; false if a value would pass 32 bits. */
static inline bool decode(const struct parts *parts, uint32_t add, uint32_t *out, uint64_t *most)
{
    const struct pack_kernels *kernels = pack_kernels();
    const struct level *level = &parts->level[0];
    uint32_t highs[PACK_ROOM];

    kernels->unpack(level->low, level->n, level->width, add, out);
    *most = widest_value(level->width);
    if (parts->levels == 1)
        return true;
    if (!decode_highs(parts, highs, most))
        return false;
    *most = value_below(*most, level->width);
    if (*most > UINT32_MAX)
        return false;
    kernels->patch(out, level->n, level->mask, level->width, highs);
    return true;
}

size_t pack_decode(const uint8_t *in, size_t size, size_t n, uint32_t *out)
{
    struct parts parts;
    uint64_t most;

    return parse(in, size, n, &parts) && decode(&parts, 0, out, &most) ? parts.size : 0;
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
    uint64_t most;

    if (!parse(in, size, n, &parts) || !decode(&parts, 1, out, &most) ||
        (most == UINT32_MAX && has_zero(out, n)))
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
    uint64_t most, total;

    if (!parse(in, size, n, &parts))
        return 0;
    total = (uint64_t)(uint32_t)(before + 1) + ((uint64_t)n << parts.level[0].width);
    if (parts.levels == 1) {
        kernels->unpack_rising(parts.level[0].low, n, parts.level[0].width, before, out);
    } else {
        if (!decode(&parts, 0, out, &most))
            return 0;
        kernels->sum_rising(out, n, before);
        total += parts.level[1].n * (most + 1);
    }
    /* The most that the last can be; only a pack that might wrap is looked at value by value. */
    if (total > UINT32_MAX && !rises(out, n, before))
        return 0;
    return parts.size;
}

size_t pack_size(const uint8_t *in, size_t size, size_t n)
{
    struct parts parts;

    return parse(in, size, n, &parts) ? parts.size : 0;
}
