#include <criterion/criterion.h>

#include "query/snippet.h"

static const char TEXT[] =
    "The harbour was quiet. Dredgers lay idle by the mole! Two pilots waited for fog to lift. "
    "Nobody spoke of the desalination plant, though desalination had split the town. Later the "
    "pilots left.";

static struct lede_span span_of(const char *word, size_t nth, uint32_t number, double weight)
{
    const char *at = TEXT;

    for (;; at++) {
        at = strstr(at, word);
        cr_assert(at);
        if (nth-- == 0)
            return (struct lede_span){(size_t)(at - TEXT), strlen(word), number, weight};
    }
}

static void expect_snippet(const struct snippet *snippet, const char *expected)
{
    cr_expect_eq(snippet->size, strlen(expected), "%.*s", (int)snippet->size,
                 &TEXT[snippet->offset]);
    cr_expect_arr_eq(&TEXT[snippet->offset], expected,
                     snippet->size < strlen(expected) ? snippet->size : strlen(expected));
}

Test(snippet, an_empty_text_has_none)
{
    struct snippet out[1];

    cr_expect_eq(snippet_choose(slice_of("", 0), NULL, 0, 80, out, 1), 0);
}

Test(snippet, a_text_without_matches_gives_its_beginning)
{
    struct snippet out[1];

    cr_assert_eq(snippet_choose(slice_str(TEXT), NULL, 0, 60, out, 1), 1);
    expect_snippet(&out[0], "The harbour was quiet. Dredgers lay idle by the mole!");
    cr_expect_not(out[0].cut_before);
}

Test(snippet, the_rarer_word_wins_the_window)
{
    struct lede_span spans[] = {span_of("harbour", 0, 0, 1), span_of("desalination", 0, 1, 3),
                                span_of("desalination", 1, 1, 3)};
    struct snippet out[1];

    cr_assert_eq(snippet_choose(slice_str(TEXT), spans, 3, 84, out, 1), 1);
    expect_snippet(&out[0], "Nobody spoke of the desalination plant, though desalination had split "
                            "the town.");
}

Test(snippet, two_words_are_worth_more_than_one_said_often)
{
    static const char text[] =
        "Fog and fog and fog, all day long. Nothing else was to be seen there. "
        "Then fog met the pilots.";
    struct lede_span spans[] = {
        {0, 3, 0, 1}, {8, 3, 0, 1}, {16, 3, 0, 1}, {75, 3, 0, 1}, {87, 6, 1, 1}};
    struct snippet out[1];

    cr_assert_eq(snippet_choose(slice_str(text), spans, 5, 36, out, 1), 1);
    cr_expect_arr_eq(text + out[0].offset, "Then fog met the pilots.", 24);
}

Test(snippet, two_windows_come_in_text_order_and_do_not_overlap)
{
    struct lede_span spans[] = {span_of("harbour", 0, 0, 1), span_of("pilots", 1, 1, 2)};
    struct snippet out[2];

    cr_assert_eq(snippet_choose(slice_str(TEXT), spans, 2, 40, out, 2), 2);
    cr_expect_lt(out[0].offset + out[0].size, out[1].offset);
    cr_expect_eq(out[0].offset, 0);
}

Test(snippet, a_match_longer_than_the_width_is_shown_whole)
{
    struct lede_span span = span_of("desalination", 0, 0, 1);
    struct snippet out[1];

    cr_assert_eq(snippet_choose(slice_str(TEXT), &span, 1, 4, out, 1), 1);
    cr_expect_leq(out[0].offset, span.offset);
    cr_expect_geq(out[0].offset + out[0].size, span.offset + span.size);
    cr_expect(out[0].cut_before);
    cr_expect(out[0].cut_after);
}

Test(snippet, a_text_of_one_long_run_is_cut_between_characters)
{
    char text[400];
    struct lede_span span = {300, 2, 0, 1};
    struct snippet out[1];

    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    cr_assert_eq(snippet_choose(slice_of(text, sizeof text), &span, 1, 61, out, 1), 1);
    cr_expect_eq(out[0].offset % 2, 0);
    cr_expect_eq(out[0].size % 2, 0);
}

static void expect_cut(const char *text, const char *word, size_t width, const char *expected)
{
    struct lede_span span = {(size_t)(strstr(text, word) - text), strlen(word), 0, 1};
    struct snippet out[1];

    cr_assert_eq(snippet_choose(slice_str(text), &span, 1, width, out, 1), 1);
    cr_expect(out[0].size == strlen(expected) &&
                  memcmp(text + out[0].offset, expected, out[0].size) == 0,
              "<%.*s> for <%s>", (int)out[0].size, text + out[0].offset, expected);
}

Test(snippet, no_word_is_cut_at_either_end_however_narrow_the_window)
{
    expect_cut("imports of soyabean oil were 32,000 tonnes", "oil", 11, "oil were");
    expect_cut("imports of soyabean oil fell 32,000,000 tonnes", "fell", 12, "oil fell");
    expect_cut("imports of soyabean oil", "of", 6, "of");
    expect_cut("Haus (Küstenschutzbehörde) heute", "Küstenschutzbehörde", 24,
               "(Küstenschutzbehörde)");
    for (size_t width = 1; width < sizeof TEXT; width++) {
        struct lede_span span = span_of("desalination", 1, 0, 1);
        struct snippet out[1];
        size_t end;

        cr_assert_eq(snippet_choose(slice_str(TEXT), &span, 1, width, out, 1), 1);
        end = out[0].offset + out[0].size;
        cr_expect(out[0].offset == 0 || TEXT[out[0].offset - 1] == ' ', "width %zu", width);
        cr_expect(TEXT[end] == ' ' || TEXT[end] == '\0', "width %zu", width);
    }
}

Test(snippet, a_line_that_was_full_goes_on_in_the_next)
{
    expect_cut(
        "A dredger that had lain by the mole of the harbour for a month\n"
        "was sold to the pilots of the town, who had asked for it",
        "sold", 90,
        "by the mole of the harbour for a month\nwas sold to the pilots of the town, who had "
        "asked");
}
