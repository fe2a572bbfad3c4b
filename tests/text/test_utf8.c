#include <criterion/criterion.h>
#include <unistr.h>

#include "text/properties.h"
#include "text/utf8.h"

#include "tests/text/naive_words.h"
#include "tests/text/random.h"

static size_t decode(const char *bytes, size_t size, uint32_t *code_point)
{
    return utf8_decode((const uint8_t *)bytes, (const uint8_t *)bytes + size, code_point);
}

Test(utf8, gives_back_every_code_point_that_was_encoded)
{
    for (uint32_t c = 0; c < UTF8_INVALID; c++) {
        uint8_t bytes[UTF8_MAX];
        uint32_t back;
        size_t size;

        if (c >= 0xd800 && c < 0xe000)
            continue;
        size = utf8_encode(bytes, c);
        cr_assert_eq(utf8_decode(bytes, bytes + size, &back), size);
        cr_assert_eq(back, c);
    }
}

Test(utf8, cuts_bad_bytes_into_maximal_subparts)
{
    uint32_t c;

    cr_expect_eq(decode("\xe2\x82"
                        "A",
                        3, &c),
                 2);
    cr_expect_eq(c, UTF8_INVALID);
    cr_expect_eq(decode("\xed\xa0\x80", 3, &c), 1); /* a surrogate */
    cr_expect_eq(decode("\xc0\x80", 2, &c), 1);     /* overlong */
    cr_expect_eq(decode("\xf4\x90\x80\x80", 4, &c), 1);
    cr_expect_eq(decode("\xf0\x9f\x98", 3, &c), 3); /* cut short */
    cr_expect_eq(decode("\x80", 1, &c), 1);
    cr_expect_eq(c, UTF8_INVALID);
}

Test(utf8, agrees_with_libunistring_on_random_bytes)
{
    uint64_t seed = random_seed();
    struct random r = {seed};
    uint8_t bytes[8] = {0};

    for (int i = 0; i < 300000; i++) {
        size_t size = 1 + random_below(&r, sizeof bytes);
        uint32_t c, expected;

        for (size_t at = 0; at < size; at++)
            bytes[at] = random_below(&r, 2)
                            ? (uint8_t)random_next(&r)
                            : (uint8_t)RANDOM_BAD[random_below(&r, sizeof RANDOM_BAD)];
        cr_assert_eq(utf8_decode(bytes, bytes + size, &c), naive_decode(bytes, size, &expected),
                     "LEDE_SEED=%llu", (unsigned long long)seed);
        cr_assert_eq(c == UTF8_INVALID ? 0xfffd : c, expected);
    }
}

Test(utf8, text_is_valid_if_libunistring_says_so)
{
    uint64_t seed = random_seed();
    struct random r = {seed};
    uint8_t bytes[40];
    int valid = 0;

    for (int i = 0; i < 300000; i++) {
        size_t size = random_below(&r, sizeof bytes + 1), bad = random_below(&r, 3);
        bool expected;

        for (size_t at = 0; at < size; at++)
            bytes[at] = (uint8_t)('a' + random_below(&r, 26));
        for (; bad > 0 && size >= 4; bad--) {
            size_t at = random_below(&r, (uint32_t)size - 3);

            utf8_encode(bytes + at, random_below(&r, 2) ? 0x20ac : 0x1f600);
            if (random_below(&r, 4) == 0)
                bytes[at] = (uint8_t)RANDOM_BAD[random_below(&r, sizeof RANDOM_BAD)];
        }
        expected = u8_check(bytes, size) == NULL;
        valid += expected;
        cr_assert_eq(utf8_is_valid(slice_of(bytes, size)), expected, "LEDE_SEED=%llu",
                     (unsigned long long)seed);
    }
    cr_expect(valid > 30000 && valid < 270000, "%d", valid);
    cr_expect(utf8_is_valid(slice_of(NULL, 0)));
}

Test(properties, know_the_word_breaks_of_libunistring)
{
    static const int SAME[] = {[BREAK_OTHER] = WBP_OTHER,
                               [BREAK_ALETTER] = WBP_ALETTER,
                               [BREAK_HEBREW] = WBP_HL,
                               [BREAK_NUMERIC] = WBP_NUMERIC,
                               [BREAK_EXTENDNUMLET] = WBP_EXTENDNUMLET,
                               [BREAK_KATAKANA] = WBP_KATAKANA,
                               [BREAK_REGIONAL] = WBP_RI,
                               [BREAK_MIDLETTER] = WBP_MIDLETTER,
                               [BREAK_MIDNUM] = WBP_MIDNUM,
                               [BREAK_MIDNUMLET] = WBP_MIDNUMLET,
                               [BREAK_SINGLE_QUOTE] = WBP_SQ,
                               [BREAK_DOUBLE_QUOTE] = WBP_DQ,
                               [BREAK_SPACE] = WBP_WSS,
                               [BREAK_EXTEND] = WBP_EXTEND,
                               [BREAK_FORMAT] = WBP_FORMAT,
                               [BREAK_ZWJ] = WBP_ZWJ,
                               [BREAK_NEWLINE] = WBP_NEWLINE,
                               [BREAK_CR] = WBP_CR,
                               [BREAK_LF] = WBP_LF};

    for (uint32_t c = 0; c < UTF8_INVALID; c++) {
        uint32_t flags = property_of(c)->flags;

        if (naive_is_iteration_mark(c))
            cr_assert_eq(property_break(flags), BREAK_OTHER);
        else
            cr_assert_eq(SAME[property_break(flags)], uc_wordbreak_property(c), "U+%04X", c);
        cr_assert_eq((int)property_class(flags), uc_combining_class(c), "U+%04X", c);
    }
    cr_expect_eq(property_of(UTF8_INVALID)->flags, 0);
}

Test(properties, put_han_kana_and_thai_into_runs_and_nothing_else)
{
    static const uint32_t HAN[] = {0x4e2d, 0x3007, 0x3005, 0x30ab, 0x304b, 0x30fc, 0xff76, 0x20000};
    static const uint32_t SPACELESS[] = {0xe01, 0xe81, 0x1780, 0x1000};
    static const uint32_t NEITHER[] = {'a',    '1',    0xac00, 0x430, 0x915,
                                       0x3001, 0x30fb, 0xe50,  0xe34};

    for (size_t i = 0; i < sizeof HAN / sizeof *HAN; i++)
        cr_expect_eq(property_of(HAN[i])->flags & PROPERTY_RUN, PROPERTY_HAN, "U+%04X", HAN[i]);
    for (size_t i = 0; i < sizeof SPACELESS / sizeof *SPACELESS; i++)
        cr_expect_eq(property_of(SPACELESS[i])->flags & PROPERTY_RUN, PROPERTY_SPACELESS, "U+%04X",
                     SPACELESS[i]);
    for (size_t i = 0; i < sizeof NEITHER / sizeof *NEITHER; i++)
        cr_expect_eq(property_of(NEITHER[i])->flags & PROPERTY_RUN, 0, "U+%04X", NEITHER[i]);
}
