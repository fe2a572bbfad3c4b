#include "long_text.h"

#include <unistd.h>

#include "temporary.h"

void long_text_done(struct long_text *text)
{
    if (text->file >= 0)
        (void)close(text->file);
    text->file = -1;
    text->size = 0;
}

enum lede_status long_text_append(struct long_text *text, struct slice bytes,
                                  struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (bytes.size == 0)
        return LEDE_OK;
    if (text->file < 0)
        status = temporary_make(text->directory, &text->file, err);
    if (status == LEDE_OK)
        status = temporary_write(text->file, text->directory, bytes, text->size, err);
    if (status == LEDE_OK)
        text->size += bytes.size;
    return status;
}

enum lede_status long_text_read(const struct long_text *text, uint64_t offset, uint8_t *to,
                                size_t size, size_t *got, struct lede_error *err)
{
    uint64_t left = offset < text->size ? text->size - offset : 0;

    *got = left < size ? (size_t)left : size;
    return *got ? temporary_read(text->file, text->directory, offset, to, *got, err) : LEDE_OK;
}
