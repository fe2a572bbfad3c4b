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

static unsigned bit_length(uint32_t value)
{
    return value ? 32 - (unsigned)__builtin_clz(value) : 0;
}

struct lengths { /* of values in bits */
    unsigned widest;
    uint16_t count[WIDTH_MAX + 1];
};

static struct lengths lengths_of(const uint32_t *values, size_t n)
{
    struct lengths lengths = {0, {0}};
    uint32_t all = 0;

    for (size_t i = 0; i < n; i++) {
        lengths.count[bit_length(values[i])]++;
        all |= values[i];
    }
    lengths.widest = bit_length(all);
    return lengths;
}

/* Those of high - 1 for the values that are wider than width; at most 1 too long where a high part
 * above 1 is a power of two. */
static struct lengths lengths_above(const struct lengths *lengths, unsigned width)
{
    struct lengths above = {0, {0}};

    above.count[0] = lengths->count[width + 1];
    if (lengths->widest < width + 2)
        return above;
    above.widest = lengths->widest - width;
    for (unsigned length = 2; length <= above.widest; length++)
        above.count[length] = lengths->count[width + length];
    return above;
}

/* The least that a pack of n values of these lengths takes, or a few bytes more; *width is what it
 * takes it with, the widest among equals. levels: packs within each other that there may be. */
static size_t choose_width(const struct lengths *lengths, size_t n, unsigned levels,
                           unsigned *width)
{
    size_t best = 1 + bits_size(n, lengths->widest), exceptions = 0;
    size_t gain = LEVEL_GAIN;

    *width = lengths->widest;
    if (levels == 1)
        return best;
    for (unsigned candidate = lengths->widest; candidate-- > 0;) {
        struct lengths above;
        size_t size = 1 + bits_size(n, candidate) + bits_size(n, 1);
        unsigned unused;

        exceptions += lengths->count[candidate + 1];
        if (size + gain >= best)
            continue;
        above = lengths_above(lengths, candidate);
        size += choose_width(&above, exceptions, levels - 1, &unused);
        if (size + gain < best) {
            best = size;
            *width = candidate;
            gain = 0;
        }
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

/* Sets a bit in mask for each value wider than width, and puts what its high part is above 1 into
 * highs; returns how many there are. */
static size_t split_high(const uint32_t *values, size_t n, unsigned width, uint8_t *mask,
                         uint32_t *highs)
{
    size_t count = 0;

    memset(mask, 0, bits_size(n, 1));
    for (size_t i = 0; i < n; i++) {
        uint32_t high = values[i] >> width;

        if (high == 0)
            continue;
        mask[i / 8] |= (uint8_t)(1 << i % 8);
        highs[count++] = high - 1;
    }
    return count;
}

size_t pack_encode(const uint32_t *values, size_t n, uint8_t *out)
{
    uint32_t highs[2][BLOCK_DOCS];
    uint8_t *at = out;

    assert(n >= 1 && n <= BLOCK_DOCS);
    for (unsigned levels = LEVELS; n > 0; levels--) {
        struct lengths lengths = lengths_of(values, n);
        uint32_t *above = highs[levels % 2];
        unsigned width;
        size_t low;

        (void)choose_width(&lengths, n, levels, &width);
        low = bits_size(n, width);
        *at++ = (uint8_t)(width | (width < lengths.widest ? CODE_EXCEPTIONS : 0));
        put_low(values, n, width, at);
        at += low;
        if (width == lengths.widest)
            break;
        low = bits_size(n, 1);
        n = split_high(values, n, width, at, above);
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
        count += (size_t)__builtin_popcountll(mask[i]);
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
