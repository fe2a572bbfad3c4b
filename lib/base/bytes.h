/* bytes.h -- borrowed byte ranges, unaligned integers, varints with bounds.
 *
 * Integers inside values are little-endian, in keys big-endian (so that LMDB's
 * memcmp order is numeric order). A varint holds seven bits a byte, low bits
 * first, the top bit set on every byte but the last; 64 bits take at most ten.
 * 300 is the bytes ac 02: see test_bytes.c.
 *
 * Nothing here allocates, fails loudly or keeps state; all of it is thread-safe. */
#ifndef LEDE_BASE_BYTES_H
#define LEDE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that somebody else owns. data may be NULL when size is 0. */
struct slice {
    const uint8_t *data;
    size_t size;
};

static inline struct slice slice_of(const void *data, size_t size)
{
    return (struct slice){(const uint8_t *)data, size};
}

static inline struct slice slice_str(const char *text)
{
    return slice_of(text, text ? strlen(text) : 0);
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* memcmp order, a proper prefix first: the order of the dictionary. */
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static inline bool slice_begins(struct slice whole, struct slice beginning)
{
    return whole.size >= beginning.size &&
           (beginning.size == 0 || memcmp(whole.data, beginning.data, beginning.size) == 0);
}

/* Bytes that both begin with. */
static inline size_t slice_shared(struct slice a, struct slice b)
{
    size_t shared = 0;

    while (shared < a.size && shared < b.size && a.data[shared] == b.data[shared])
        shared++;
    return shared;
}

/* White space of ASCII: blank, tab, line and page breaks. */
static inline bool byte_is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Without the blanks at its ends. */
static inline struct slice slice_trim(struct slice text)
{
    while (text.size > 0 && byte_is_blank(text.data[0]))
        text = slice_of(text.data + 1, text.size - 1);
    while (text.size > 0 && byte_is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTES_LE16(x) __builtin_bswap16(x)
#define BYTES_LE32(x) __builtin_bswap32(x)
#define BYTES_LE64(x) __builtin_bswap64(x)
#define BYTES_BE32(x) (x)
#define BYTES_BE64(x) (x)
#else
#define BYTES_LE16(x) (x)
#define BYTES_LE32(x) (x)
#define BYTES_LE64(x) (x)
#define BYTES_BE32(x) __builtin_bswap32(x)
#define BYTES_BE64(x) __builtin_bswap64(x)
#endif

static inline uint16_t load_le16(const uint8_t *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof value);
    return BYTES_LE16(value);
}

static inline uint32_t load_le32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return BYTES_LE32(value);
}

static inline uint64_t load_le64(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
    return BYTES_LE64(value);
}

static inline uint32_t load_be32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return BYTES_BE32(value);
}

static inline void store_le16(uint8_t *at, uint16_t value)
{
    uint16_t stored = BYTES_LE16(value);

    memcpy(at, &stored, sizeof stored);
}

static inline void store_le32(uint8_t *at, uint32_t value)
{
    uint32_t stored = BYTES_LE32(value);

    memcpy(at, &stored, sizeof stored);
}

static inline void store_le64(uint8_t *at, uint64_t value)
{
    uint64_t stored = BYTES_LE64(value);

    memcpy(at, &stored, sizeof stored);
}

static inline void store_be32(uint8_t *at, uint32_t value)
{
    uint32_t stored = BYTES_BE32(value);

    memcpy(at, &stored, sizeof stored);
}

/* How many bits of value are set. Without a processor's instruction for it, which not all have, the
 * compiler's own function is a call. After Warren, "Hacker's Delight", 2002, section 5-1. */
static inline uint32_t bits_in(uint64_t value)
{
    value -= value >> 1 & 0x5555555555555555;
    value = (value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333);
    value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (uint32_t)(value * 0x0101010101010101 >> 56);
}

#define VARINT_MAX 10 /* bytes of the longest varint */

/* Writes value at at, which has VARINT_MAX bytes of room; returns the bytes written. */
static inline size_t varint_put(uint8_t *at, uint64_t value)
{
    size_t size = 0;

    while (value >= 0x80) {
        at[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    at[size++] = (uint8_t)value;
    return size;
}

static inline size_t varint_size(uint64_t value)
{
    size_t size = 1;

    while (value >= 0x80) {
        value >>= 7;
        size++;
    }
    return size;
}

/* Reads a varint in [*at, end) and moves *at behind it. False, *at unmoved, if it
 * is cut short or does not fit 64 bits. */
static inline bool varint_get(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    uint64_t sum = 0;
    const uint8_t *next = *at;

    for (unsigned shift = 0; shift < 64 && next < end; shift += 7) {
        uint8_t byte = *next++;

        if (shift == 63 && byte > 1)
            return false;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *at = next;
            *value = sum;
            return true;
        }
    }
    return false;
}

/* As varint_get, and false too if the value is over 32 bits. */
static inline bool varint_get32(const uint8_t **at, const uint8_t *end, uint32_t *value)
{
    const uint8_t *next = *at;
    uint64_t wide;

    if (!varint_get(&next, end, &wide) || wide > UINT32_MAX)
        return false;
    *at = next;
    *value = (uint32_t)wide;
    return true;
}

#endif
