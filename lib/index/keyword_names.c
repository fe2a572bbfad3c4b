#include "index/keyword_names.h"

#include "base/ascii.h"

bool keyword_name_is_valid(struct slice name)
{
    if (name.size == 0 || name.size > KEYWORD_NAME_MAX || !ascii_is_letter(name.data[0]))
        return false;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];

        if (!ascii_is_letter(byte) && !ascii_is_digit(byte) && byte != '_' && byte != '-' &&
            byte != '.')
            return false;
    }
    return true;
}

bool keyword_name_equal(struct slice a, struct slice b)
{
    size_t at = 0;

    while (at < a.size && at < b.size && ascii_lower(a.data[at]) == ascii_lower(b.data[at]))
        at++;
    return at == a.size && at == b.size;
}

bool keyword_names_next(struct slice *names, struct slice *name)
{
    const uint8_t *end = names->size ? memchr(names->data, '\n', names->size) : NULL;
    size_t size;

    if (names->size == 0)
        return false;
    size = end ? (size_t)(end - names->data) : names->size;
    *name = slice_of(names->data, size);
    size += end != NULL;
    *names = slice_of(names->data + size, names->size - size);
    return true;
}

size_t keyword_names_count(struct slice names)
{
    struct slice name;
    size_t count = 0;

    while (keyword_names_next(&names, &name))
        count++;
    return count;
}

size_t keyword_names_find(struct slice names, struct slice name)
{
    struct slice each;

    for (size_t place = 0; keyword_names_next(&names, &each); place++)
        if (keyword_name_equal(each, name))
            return place;
    return KEYWORDS_MAX;
}

bool keyword_names_are_valid(struct slice names)
{
    struct slice left = names, name;
    size_t count = 0;

    if (names.size > 0 && names.data[names.size - 1] != '\n')
        return false;
    for (; keyword_names_next(&left, &name); count++) {
        if (count == KEYWORDS_MAX || !keyword_name_is_valid(name) ||
            keyword_names_find(names, name) != count)
            return false;
        for (size_t i = 0; i < name.size; i++)
            if (ascii_lower(name.data[i]) != name.data[i])
                return false;
    }
    return true;
}

bool keyword_names_add(struct buffer *names, struct slice name)
{
    struct slice left = buffer_bytes(names), each;
    size_t count = 0;

    for (; keyword_names_next(&left, &each); count++)
        if (keyword_name_equal(each, name))
            return true;
    if (count == KEYWORDS_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++)
        buffer_byte(names, ascii_lower(name.data[i]));
    buffer_byte(names, '\n');
    return true;
}

bool keyword_set_is_empty(const struct keyword_set *set)
{
    uint8_t any = 0;

    for (size_t i = 0; i < sizeof set->bits; i++)
        any |= set->bits[i];
    return any == 0;
}

void keyword_set_join(struct keyword_set *set, const struct keyword_set *other)
{
    for (size_t i = 0; i < sizeof set->bits; i++)
        set->bits[i] |= other->bits[i];
}
