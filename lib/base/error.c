#include "base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Drops the last character of text if the cut at its end went through it. */
static void trim_partial_character(char *text)
{
    size_t size = strlen(text), back = 0;

    while (back < size && back < 3 && ((uint8_t)text[size - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back < size && (uint8_t)text[size - 1 - back] >= 0xc0)
        text[size - 1 - back] = '\0';
}

enum lede_status error_set(struct lede_error *err, enum lede_status status, const char *format, ...)
{
    va_list arguments;
    int size;

    if (!err)
        return status;
    err->status = status;
    err->column = 0;
    va_start(arguments, format);
    size = vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    if (size < 0)
        err->text[0] = '\0';
    else if ((size_t)size >= sizeof err->text)
        trim_partial_character(err->text);
    return status;
}

enum lede_status error_no_memory(struct lede_error *err)
{
    return error_set(err, LEDE_NO_MEMORY, "out of memory");
}
