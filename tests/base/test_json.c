#include <criterion/criterion.h>

#include "base/json.h"

static const char *written(struct buffer *out)
{
    buffer_byte(out, '\0');
    return (const char *)out->data;
}

static void check_string(const char *text, size_t size, const char *expected)
{
    struct buffer out;

    buffer_init(&out, NULL);
    json_put_string(&out, slice_of(text, size));
    cr_expect_str_eq(written(&out), expected);
    buffer_done(&out);
}

static void check_number(double value, const char *expected)
{
    struct buffer out;

    buffer_init(&out, NULL);
    json_put_number(&out, value);
    cr_expect_str_eq(written(&out), expected);
    buffer_done(&out);
}

Test(json, a_string_is_quoted_and_utf8_passes)
{
    check_string("", 0, "\"\"");
    check_string("caf\xc3\xa9", 5, "\"caf\xc3\xa9\"");
}

Test(json, quotes_backslashes_and_controls_are_escaped)
{
    check_string("a\"b\\c\n\t\0\x1b\x7f", 10, "\"a\\\"b\\\\c\\n\\t\\u0000\\u001b\\u007f\"");
}

Test(json, bidi_marks_and_line_separators_are_escaped_not_lost)
{
    check_string("\xe2\x80\xae\xe2\x80\xa8", 6, "\"\\u202e\\u2028\"");
}

Test(json, bytes_that_are_no_utf8_become_the_replacement_character)
{
    check_string("a\xff\xc3", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

Test(json, a_number_is_the_shortest_that_reads_back)
{
    check_number(0.1, "0.1");
    check_number(3, "3");
    check_number(1.0 / 3, "0.3333333333333333");
    check_number(0.0 / 0.0, "null");
}
