/* buffer.h -- a byte string that grows at its end.
 *
 * Failure is sticky: once memory ran out (or the account refused) `failed` is set,
 * every later put does nothing, and whoever built the string looks once at the end.
 * Not thread-safe. */
#ifndef LEDE_BASE_BUFFER_H
#define LEDE_BASE_BUFFER_H

#include "base/bytes.h"

struct account;

struct buffer {
    uint8_t *data; /* NULL until the first byte */
    size_t size, capacity;
    struct account *account; /* charged for capacity; may be NULL */
    bool failed;
};

void buffer_init(struct buffer *buffer, struct account *account);
void buffer_done(struct buffer *buffer);

/* Empties the buffer and clears failed; keeps the memory. */
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

/* Room for size more bytes at the end: a pointer to it, or NULL (failed is set then).
 * The caller writes there and adds to buffer->size what it wrote. */
static inline uint8_t *buffer_room(struct buffer *buffer, size_t size);

/* The same where memory may have to grow. */
uint8_t *buffer_grow(struct buffer *buffer, size_t size);

static inline uint8_t *buffer_room(struct buffer *buffer, size_t size)
{
    if (!buffer->failed && buffer->data && size <= buffer->capacity - buffer->size)
        return buffer->data + buffer->size;
    return buffer_grow(buffer, size);
}

void buffer_put(struct buffer *buffer, const void *data, size_t size);
void buffer_byte(struct buffer *buffer, uint8_t byte);
void buffer_le16(struct buffer *buffer, uint16_t value);
void buffer_le32(struct buffer *buffer, uint32_t value);
void buffer_le64(struct buffer *buffer, uint64_t value);
void buffer_varint(struct buffer *buffer, uint64_t value);
void buffer_str(struct buffer *buffer, const char *text); /* without its NUL */
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* varint size, then the bytes. */
void buffer_slice(struct buffer *buffer, struct slice bytes);

static inline struct slice buffer_bytes(const struct buffer *buffer)
{
    return slice_of(buffer->data, buffer->size);
}

#endif
