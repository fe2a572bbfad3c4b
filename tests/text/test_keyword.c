#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/index/dice.h"
#include "text/keyword.h"
#include "text/utf8.h"

TestSuite(keyword, .timeout = 60);

static struct slice fold(enum keyword_kind kind, struct slice value)
{
    static struct keyword_term term;

    return keyword_fold(kind, value, &term) == KEYWORD_MADE ? slice_of(term.bytes, term.size)
                                                            : slice_of(NULL, 0);
}

static void expect(enum keyword_kind kind, const char *value, const char *wanted)
{
    struct slice term = fold(kind, slice_str(value));

    cr_expect(slice_equal(term, slice_str(wanted)), "\"%s\" is \"%.*s\", not \"%s\"", value,
              (int)term.size, (const char *)term.data, wanted);
}

Test(keyword, a_value_is_one_term_whatever_its_case_marks_and_blanks)
{
    expect(KEYWORD_PLAIN, "World", "world");
    expect(KEYWORD_PLAIN, " Jane \t DOE\n", "jane doe");
    expect(KEYWORD_PLAIN, "José\u00a0Díaz", "jose diaz");
    expect(KEYWORD_PLAIN, "Jose\u0301\u3000Di\u0301az", "jose diaz");
    expect(KEYWORD_PLAIN, "Straße", "strasse");
    expect(KEYWORD_PLAIN, "ＷＩＤＥ", "wide");
    expect(KEYWORD_PLAIN, "Иван", "иван");
    expect(KEYWORD_PLAIN, "C++ & .NET, 5%", "c++ & .net, 5%");
    expect(KEYWORD_PLAIN, "\xff\xferaw", "raw");
    expect(KEYWORD_PLAIN, "running", "running"); /* no stems */
    expect(KEYWORD_PLAIN, "the", "the");
}

Test(keyword, nothing_is_left_of_blanks_and_too_much_is_no_term)
{
    char text[TERM_MAX + 2];
    struct keyword_term term;

    cr_expect_eq(keyword_fold(KEYWORD_PLAIN, slice_of(NULL, 0), &term), KEYWORD_NOTHING);
    cr_expect_eq(keyword_fold(KEYWORD_PLAIN, slice_str(" \t\u2003"), &term), KEYWORD_NOTHING);
    memset(text, 'x', sizeof text);
    cr_expect_eq(keyword_fold(KEYWORD_PLAIN, slice_of(text, TERM_MAX), &term), KEYWORD_MADE);
    cr_expect_eq(keyword_fold(KEYWORD_PLAIN, slice_of(text, TERM_MAX + 1), &term), KEYWORD_LONG);
    text[3] = ' ';
    cr_expect_eq(keyword_fold(KEYWORD_PLAIN, slice_of(text, TERM_MAX), &term), KEYWORD_MADE);
    cr_expect_eq(keyword_fold(KEYWORD_PLAIN, slice_of(text, TERM_MAX + 1), &term), KEYWORD_LONG);
}

Test(keyword, a_site_is_the_host_of_an_address)
{
    expect(KEYWORD_SITE, "https://www.Example.com:8080/a?b#c", "example.com");
    expect(KEYWORD_SITE, "http://user:pw@news.example.com", "news.example.com");
    expect(KEYWORD_SITE, "HTTP://EXAMPLE.COM.", "example.com");
    expect(KEYWORD_SITE, "www.example.com", "example.com");
    expect(KEYWORD_SITE, "example.com", "example.com");
    expect(KEYWORD_SITE, "http://[::1]:80/", "[::1]");
    expect(KEYWORD_SITE, "http://Bücher.example/", "bucher.example");
    expect(KEYWORD_SITE, "Coastal  Courier", "coastal courier");
    expect(KEYWORD_SITE, "www.", "www");
}

Test(keyword, what_is_no_address_has_no_host)
{
    static const char *const texts[] = {"",    "example.com",  "file:///a",
                                        "://", "mailto:a@b.c", "http:/a"};
    struct slice host;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_not(keyword_host(slice_str(texts[i]), &host), "%s", texts[i]);
    cr_assert(keyword_host(slice_str("x://a@b:1/c@d"), &host));
    cr_expect(slice_equal(host, slice_str("b")));
}

Test(keyword, a_language_is_its_code)
{
    expect(KEYWORD_LANGUAGE, "en", "en");
    expect(KEYWORD_LANGUAGE, "EN_gb", "en");
    expect(KEYWORD_LANGUAGE, "pt-BR", "pt");
    expect(KEYWORD_LANGUAGE, "Portuguese", "pt");
    expect(KEYWORD_LANGUAGE, " deu ", "de");
    expect(KEYWORD_LANGUAGE, "qx-Latn", "qx");
    expect(KEYWORD_LANGUAGE, "-", "");
}

Test(keyword, a_field_is_known_by_its_name)
{
    cr_expect_eq(keyword_kind_of(slice_str("site")), KEYWORD_SITE);
    cr_expect_eq(keyword_kind_of(slice_str("lang")), KEYWORD_LANGUAGE);
    cr_expect_eq(keyword_kind_of(slice_str("sites")), KEYWORD_PLAIN);
}

/* The values of a text, each behind a bar. */
static void expect_values(const char *text, const char *wanted)
{
    struct keyword_values values;
    struct slice value;
    char found[256] = "";

    keyword_values_init(&values, slice_str(text));
    while (keyword_values_next(&values, &value)) {
        size_t size = strlen(found);

        cr_assert_lt(size + value.size + 2, sizeof found);
        found[size] = '|';
        memcpy(found + size + 1, value.data, value.size);
        found[size + 1 + value.size] = '\0';
    }
    cr_expect_str_eq(found, wanted, "%s", text);
}

Test(keyword, an_array_is_several_values)
{
    expect_values("a b", "|a b");
    expect_values("", "");
    expect_values("[]", "");
    expect_values(" [ ] ", "");
    expect_values("[\"a\"]", "|a");
    expect_values(" [ \"a\" , 2 ,\"c,]d\" ] ", "|a|2|c,]d");
    expect_values("[\"a\",\"\",\"b\"]", "|a||b");
    expect_values("[\"\\\"q\\\" \\\\ \\/ \\u00e9 \\ud83d\\ude00 \\ud83d \\uZZ\"]",
                  "|\"q\" \\ / é 😀 \ufffd \ufffdZZ");
    expect_values("[\"tab\\tnew\\nline\"]", "|tab\tnew\nline");
}

Test(keyword, what_is_no_array_of_strings_and_numbers_is_one_value)
{
    static const char *const texts[] = {"[",         "[a]",           "[\"a\"",      "[\"a\"]b",
                                        "[\"a\",]",  "[[\"a\"]]",     "[{\"a\":1}]", "[true]",
                                        "[\"a\\\"]", "[\"a\" \"b\"]", "[,]",         "x [\"a\"]"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char wanted[64];

        (void)snprintf(wanted, sizeof wanted, "|%s", texts[i]);
        expect_values(texts[i], wanted);
    }
}

static const char *hex(const struct keyword_term *term)
{
    static char texts[2][3 * TERM_MAX + 1];
    static int which;
    char *text = texts[which ^= 1];

    for (size_t i = 0; i < term->size; i++)
        (void)snprintf(text + 3 * i, 4, " %02x", term->bytes[i]);
    return text;
}

/* What is folded stays as it is, so that a value that was shown can be asked for. */
Test(keyword, folding_twice_changes_nothing)
{
    struct dice dice = dice_begin();

    for (int round = 0; round < 20000; round++) {
        enum keyword_kind kind = (enum keyword_kind)dice_below(&dice, 3);
        struct keyword_term first, second;
        uint8_t text[40];
        size_t size = 0;

        while (size + UTF8_MAX < sizeof text && dice_below(&dice, 12)) {
            uint32_t code_point = dice_bits(&dice, 17);

            if (code_point >= 0xd800 && code_point < 0xe000)
                text[size++] = (uint8_t)code_point;
            else
                size += utf8_encode(text + size, code_point);
        }
        if (keyword_fold(kind, slice_of(text, size), &first) != KEYWORD_MADE)
            continue;
        cr_assert_leq(first.size, TERM_MAX);
        cr_assert_eq(keyword_fold(kind, slice_of(first.bytes, first.size), &second), KEYWORD_MADE);
        cr_assert(
            slice_equal(slice_of(first.bytes, first.size), slice_of(second.bytes, second.size)),
            "%s, %s", hex(&first), hex(&second));
    }
    dice_end();
}
