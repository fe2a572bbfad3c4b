#include "command/csv_header.h"

#include <strings.h>

enum { NAME_MOST = 64 };

struct slice csv_first_line(struct slice head)
{
    size_t size = 0;

    if (slice_begins(head, slice_str("\xef\xbb\xbf")))
        head = slice_of(head.data + 3, head.size - 3);
    while (size < head.size && head.data[size] != '\n' && head.data[size] != '\r')
        size++;
    return slice_of(head.data, size);
}

uint8_t csv_separator(struct slice line)
{
    static const char candidates[] = ",;\t|";
    size_t counts[sizeof candidates - 1] = {0}, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < line.size; i++) {
        const char *at = quoted ? NULL : memchr(candidates, line.data[i], sizeof candidates - 1);

        quoted ^= line.data[i] == '"';
        if (at)
            counts[at - candidates]++;
    }
    for (size_t i = 1; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i] > counts[best])
            best = i;
    return (uint8_t)candidates[best];
}

bool csv_same_name(struct slice name, const char *wanted)
{
    return name.size == strlen(wanted) &&
           strncasecmp((const char *)name.data, wanted, name.size) == 0;
}

/* Cuts the next name off a line. */
static struct slice next_name(struct slice *line, uint8_t separator)
{
    const uint8_t *end = memchr(line->data, separator, line->size);
    size_t size = end ? (size_t)(end - line->data) : line->size;
    struct slice name = slice_of(line->data, size);

    *line = slice_of(line->data + size + (end != NULL), line->size - size - (end != NULL));
    if (name.size >= 2 && name.data[0] == '"' && name.data[name.size - 1] == '"')
        name = slice_of(name.data + 1, name.size - 2);
    return name;
}

bool csv_recognizes(struct slice head, const struct member_fields *fields)
{
    struct slice line = csv_first_line(head);
    uint8_t separator = csv_separator(line);
    bool known = false;
    size_t count = 0;

    if (line.size == 0 || line.data + line.size == head.data + head.size)
        return false;
    for (; line.size > 0; count++) {
        struct slice name = next_name(&line, separator);

        if (name.size == 0 || name.size > NAME_MOST || slice_trim(name).size != name.size)
            return false; /* in prose blanks follow commas */
        for (int i = MEMBER_TITLE; i <= MEMBER_TEXT; i++)
            known |= csv_same_name(name, fields->members[i] ? fields->members[i]
                                                            : member_name((enum member)i));
    }
    return known && count > 1;
}
