#include "command/json_extent.h"

/* Passes characters of a string; true if its closing quote was among them. */
static bool pass_string(struct json_extent *extent, struct slice bytes, size_t *size)
{
    while (*size < bytes.size) {
        uint8_t byte = bytes.data[(*size)++];

        if (extent->escaped)
            extent->escaped = false;
        else if (byte == '\\')
            extent->escaped = true;
        else if (byte == '"')
            return true;
    }
    return false;
}

static bool ends_bare(uint8_t byte)
{
    return byte_is_blank(byte) || byte == ',' || byte == ']' || byte == '}';
}

/* Takes a byte outside of strings; true if the value ends with it. */
static bool take(struct json_extent *extent, uint8_t byte, bool is_first)
{
    if (byte == '"') {
        extent->quoted = true;
    } else if (byte == '{' || byte == '[') {
        extent->depth++;
    } else if (byte == '}' || byte == ']') {
        extent->depth -= extent->depth > 0;
        return extent->depth == 0;
    } else if (is_first) {
        extent->bare = true;
        return byte == ',';
    }
    return false;
}

bool json_extent_find(struct json_extent *extent, struct slice bytes, size_t *size)
{
    while (*size < bytes.size) {
        if (extent->quoted) {
            if (!pass_string(extent, bytes, size))
                return false;
            extent->quoted = false;
            if (extent->depth == 0)
                return true;
            continue;
        }
        if (extent->bare && ends_bare(bytes.data[*size]))
            return true;
        ++*size;
        if (take(extent, bytes.data[*size - 1], *size == 1))
            return true;
    }
    return false;
}
