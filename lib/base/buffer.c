#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/account.h"

void buffer_init(struct buffer *buffer, struct account *account)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->account = account;
}

void buffer_done(struct buffer *buffer)
{
    free(buffer->data);
    account_release(buffer->account, buffer->capacity);
    buffer_init(buffer, buffer->account);
}

static bool grow(struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    uint8_t *data;

    while (capacity < needed) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity += capacity / 2;
    }
    if (!account_charge(buffer->account, capacity - buffer->capacity))
        return false;
    data = realloc(buffer->data, capacity);
    if (!data) {
        account_release(buffer->account, capacity - buffer->capacity);
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

uint8_t *buffer_grow(struct buffer *buffer, size_t size)
{
    size_t needed;

    if (buffer->failed)
        return NULL;
    if (__builtin_add_overflow(buffer->size, size, &needed) ||
        ((needed > buffer->capacity || !buffer->data) && !grow(buffer, needed))) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->data + buffer->size;
}

void buffer_put(struct buffer *buffer, const void *data, size_t size)
{
    uint8_t *room = size ? buffer_room(buffer, size) : NULL;

    if (!room)
        return;
    memcpy(room, data, size);
    buffer->size += size;
}

void buffer_byte(struct buffer *buffer, uint8_t byte)
{
    buffer_put(buffer, &byte, 1);
}

void buffer_le16(struct buffer *buffer, uint16_t value)
{
    uint8_t bytes[2];

    store_le16(bytes, value);
    buffer_put(buffer, bytes, sizeof bytes);
}

void buffer_le32(struct buffer *buffer, uint32_t value)
{
    uint8_t bytes[4];

    store_le32(bytes, value);
    buffer_put(buffer, bytes, sizeof bytes);
}

void buffer_le64(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[8];

    store_le64(bytes, value);
    buffer_put(buffer, bytes, sizeof bytes);
}

void buffer_varint(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    size_t size = varint_put(bytes, value);

    buffer_put(buffer, bytes, size);
}

void buffer_str(struct buffer *buffer, const char *text)
{
    buffer_put(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    int size;
    uint8_t *room;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    room = size < 0 ? NULL : buffer_room(buffer, (size_t)size + 1);
    if (!room) {
        buffer->failed = true;
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf((char *)room, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)size;
}

void buffer_slice(struct buffer *buffer, struct slice bytes)
{
    buffer_varint(buffer, bytes.size);
    buffer_put(buffer, bytes.data, bytes.size);
}
