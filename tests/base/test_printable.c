#include <criterion/criterion.h>

#include <stdlib.h>

#include "base/printable.h"

static void check(struct slice bytes, enum printable_mode mode, const char *expected)
{
    struct buffer out;

    buffer_init(&out, NULL);
    printable_put(&out, bytes, mode);
    buffer_byte(&out, 0);
    cr_assert(!out.failed);
    cr_expect_str_eq((char *)out.data, expected);
    buffer_done(&out);
}

#define BYTES(literal) slice_of(literal, sizeof(literal) - 1)

Test(printable, good_text_passes_unchanged_in_every_mode)
{
    static const char text[] = "caf\u00e9 \u4e2d\u6587 \U0001f600 \\x1b ~";

    check(BYTES(text), PRINTABLE_NAME, text);
    check(BYTES(text), PRINTABLE_LINE, text);
    check(BYTES(text), PRINTABLE_TEXT, text);
    check(slice_of(NULL, 0), PRINTABLE_TEXT, "");
}

Test(printable, a_name_shows_each_odd_byte)
{
    check(BYTES("a\x1b[31mb\n\x7f"), PRINTABLE_NAME, "a\\x1b[31mb\\x0a\\x7f");
    check(BYTES("x\0y"), PRINTABLE_NAME, "x\\x00y");
    check(BYTES("\xff\xc3"), PRINTABLE_NAME, "\\xff\\xc3");
    check(BYTES("gpj.\xe2\x80\xae"
                "exe"),
          PRINTABLE_NAME, "gpj.\\xe2\\x80\\xaeexe");
    check(BYTES("\xc2\x9b"), PRINTABLE_NAME, "\\xc2\\x9b");
}

Test(printable, a_line_stays_one_line)
{
    check(BYTES("a\r\nb\tc\vd"), PRINTABLE_LINE, "a  b c d");
    check(BYTES("a\x1b]0;b\x07"), PRINTABLE_LINE, "a\ufffd]0;b\ufffd");
    check(BYTES("a\xe2\x80\xa8z"), PRINTABLE_LINE, "a\ufffdz");
}

Test(printable, a_text_keeps_its_lines_and_tabs)
{
    check(BYTES("a\r\nb\tc\n"), PRINTABLE_TEXT, "a\nb\tc\n");
    check(BYTES("a\rb\f"), PRINTABLE_TEXT, "a\ufffdb\ufffd");
    check(BYTES("a\r"), PRINTABLE_TEXT, "a\ufffd");
}

Test(printable, what_is_no_utf8_is_replaced_byte_by_byte)
{
    check(BYTES("\xc0\xaf"), PRINTABLE_LINE, "\ufffd\ufffd");
    check(BYTES("\xe0\x80\xaf"), PRINTABLE_LINE, "\ufffd\ufffd\ufffd");
    check(BYTES("\xed\xa0\x80"), PRINTABLE_LINE, "\ufffd\ufffd\ufffd");
    check(BYTES("\xf4\x90\x80\x80"), PRINTABLE_LINE, "\ufffd\ufffd\ufffd\ufffd");
    check(BYTES("\xf5\x80"), PRINTABLE_LINE, "\ufffd\ufffd");
    check(BYTES("a\xe4\xb8"), PRINTABLE_LINE, "a\ufffd\ufffd");
    check(BYTES("\xf4\x8f\xbf\xbd"), PRINTABLE_LINE, "\xf4\x8f\xbf\xbd");
}

static bool is_forbidden(uint32_t c, enum printable_mode mode)
{
    if (mode == PRINTABLE_TEXT && (c == '\n' || c == '\t'))
        return false;
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f);
}

static void check_output(struct slice out, enum printable_mode mode)
{
    const uint8_t *at = out.data, *end = at + out.size;
    uint32_t c;

    while (at < end) {
        size_t size = printable_decode(at, end, &c);

        cr_assert(size > 0, "not UTF-8");
        cr_assert(!is_forbidden(c, mode), "U+%04X passed", (unsigned)c);
        at += size;
    }
}

Test(printable, no_character_that_is_forbidden_passes_and_no_other_is_changed)
{
    struct buffer out;
    uint8_t bytes[4];

    buffer_init(&out, NULL);
    for (uint32_t c = 0; c < 0x3000; c++) {
        size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;

        if (size == 1)
            bytes[0] = (uint8_t)c;
        else
            bytes[0] = (uint8_t)((size == 2 ? 0xc0 : 0xe0) | c >> (6 * (size - 1)));
        for (size_t i = 1; i < size; i++)
            bytes[i] = (uint8_t)(0x80 | (c >> (6 * (size - 1 - i)) & 0x3f));
        for (int mode = PRINTABLE_NAME; mode <= PRINTABLE_TEXT; mode++) {
            buffer_clear(&out);
            printable_put(&out, slice_of(bytes, size), (enum printable_mode)mode);
            cr_assert_eq(slice_equal(buffer_bytes(&out), slice_of(bytes, size)),
                         !is_forbidden(c, (enum printable_mode)mode), "U+%04X mode %d", (unsigned)c,
                         mode);
        }
    }
    buffer_done(&out);
}

Test(printable, random_bytes_come_out_as_safe_utf8)
{
    const char *given = getenv("LEDE_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20240607;
    static const uint8_t likely[] = {0,    10,   13,   27,   0x61, 0x7f, 0x80, 0x9b, 0xa8,
                                     0xae, 0xc2, 0xc3, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xff};
    struct buffer out;
    uint8_t bytes[64];

    buffer_init(&out, NULL);
    for (int round = 0; round < 100000; round++) {
        size_t size = (size_t)rand_r(&seed) % sizeof bytes;
        enum printable_mode mode = (enum printable_mode)(round % 3);

        for (size_t i = 0; i < size; i++)
            bytes[i] = likely[(size_t)rand_r(&seed) % sizeof likely];
        buffer_clear(&out);
        printable_put(&out, slice_of(bytes, size), mode);
        cr_assert(!out.failed && out.size <= 4 * size);
        check_output(buffer_bytes(&out), mode);
    }
    buffer_done(&out);
}
