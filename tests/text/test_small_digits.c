/* Small digits: what they carry, and what a word of them is. */
#include <criterion/criterion.h>

#include <string.h>

#include "tests/index/dice.h"
#include "text/analyzer.h"
#include "text/language.h"
#include "text/small_digits.h"

/* The variants that small digits of a text carry, by the analyzer, in order. */
static const char *carried(const char *text, bool on)
{
    static char out[512];
    struct analyzer_settings settings = {.small_digits = on};
    struct analyzer *analyzer;
    struct token tokens[TOKEN_BATCH];
    size_t count, size = 0;

    cr_assert_eq(analyzer_new(&settings, NULL, &analyzer, NULL), LEDE_OK);
    analyzer_start(analyzer, slice_str(text), LANGUAGE_NONE, 0);
    out[0] = '\0';
    while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++)
            if (tokens[i].variant.size)
                size += (size_t)snprintf(
                    out + size, sizeof out - size, "%s%u:%.*s", size ? " " : "", tokens[i].position,
                    (int)tokens[i].variant.size, (const char *)tokens[i].variant.data);
    analyzer_free(analyzer);
    return out;
}

Test(small_digits, carry_the_run_that_they_are_in)
{
    cr_expect_str_eq(carried("CO₂", true), "1:co2");
    cr_expect_str_eq(carried("a–CO₂-tax, H₂O; C₆H₁₂O₆", true), "2:co2 5:h2o 8:c6h12o6");
    cr_expect_str_eq(carried("5 m² and 3km³ and 10² or ½ or ₂", true), "2:m2 5:3km3");
    cr_expect_str_eq(carried("x¹⁰ x⁰ climate³", true), "1:x10 4:x0 6:climate3");
    cr_expect_str_eq(carried("CO₂", false), "");
    cr_expect_str_eq(carried("abcdefghijklmnopqrstuvwxyzabcdefg₂", true), "");
    cr_expect_str_eq(carried("PM₂.₅ 的CO₂排放 «CO₂»", true), "1:pm2 5:co2 9:co2");
    cr_expect_str_eq(carried("µm² é² Δx² ½x", true), "");
}

static void expect_run(const char *before, const char *run, const char *behind)
{
    char text[128];
    size_t at = strlen(before) + strcspn(run, "\xc2\xe2");
    struct slice found;

    (void)snprintf(text, sizeof text, "%s%s%s", before, run, behind);
    found = small_digits_run(slice_str(text), at);
    cr_expect_eq(found.size, strlen(run), "%s: %zu bytes", text, found.size);
    cr_expect_eq(found.data, (const uint8_t *)text + strlen(before), "%s", text);
}

Test(small_digits, stand_in_a_run)
{
    expect_run("", "CO₂", "");
    expect_run("a–", "CO₂", "-tax");
    expect_run("5 ", "C₆H₁₂O₆", ".");
    expect_run("的", "3km³", "的");
    cr_expect_eq(small_digits_run(slice_str("10² x"), 2).size, 0);
}

static void expect_word(const char *text, const char *wanted)
{
    uint8_t out[SMALL_DIGITS_MAX];
    size_t size = small_digits_word(slice_str(text), out);

    cr_expect(slice_equal(slice_of(out, size), slice_str(wanted)), "%s: %.*s", text, (int)size,
              (const char *)out);
}

Test(small_digits, make_a_plain_word_of_one_that_is_nothing_else)
{
    expect_word("CO₂", "co2");
    expect_word("3km³", "3km3");
    expect_word("C₆H₁₂O₆", "c6h12o6");
    expect_word("CO2", "");
    expect_word("", "");
    expect_word("10²", "");
    expect_word("E=mc²", "");
    expect_word("µm²", "");
    expect_word("CO₂ tax", "");
}

/* Any bytes: nothing is read or written that is not theirs, and the map leads back. */
Test(small_digits, take_any_bytes)
{
    static const char *const parts[] = {"₂", "²", "⁹", "a", "Z", "7", " ", "\xe2", "\x82", "é"};
    struct dice dice = dice_new();

    for (int round = 0; round < 20000; round++) {
        uint8_t text[64], run[SMALL_DIGITS_MAX];
        size_t size = 0;
        uint8_t *copy;

        while (size < 40 && dice_below(&dice, 30) > 0) {
            const char *part = parts[dice_below(&dice, 10)];

            memcpy(text + size, part, strlen(part));
            size += strlen(part);
        }
        copy = malloc(size + 1); /* so that sanitizers see its end */
        cr_assert_not_null(copy);
        memcpy(copy, text, size);
        cr_assert_leq(small_digits_word(slice_of(copy, size), run), SMALL_DIGITS_MAX);
        for (size_t i = 0; i < size; i++)
            cr_assert_leq(small_digits_read(slice_of(copy, size), i, run), SMALL_DIGITS_MAX);
        free(copy);
    }
}
