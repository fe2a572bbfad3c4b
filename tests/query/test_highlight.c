#include <criterion/criterion.h>

#include "tests/index/dice.h"
#include "tests/query/small_index.h"

TestSuite(highlight, .init = scratch_make, .fini = scratch_remove);

static const struct small_article ARTICLES[] = {
    {"a", "en", "Harbour dues", "Ships of the harbour."},
    {"b", "en", "Storm", "naive or rare harbour"},
    {"c", "ja", "", "灯台守と台北"},
};

/* The text with what is found in brackets, and the word's number behind each. */
static const char *marked(struct lede_index *index, const char *query, enum lede_part part,
                          const char *text, const char *language)
{
    static char out[1024];
    struct lede_results *results = small_search(index, query, NULL);
    struct lede_highlighter *highlighter;
    const struct lede_span *spans;
    char *at = out;
    size_t count, done = 0;

    cr_assert_eq(lede_highlighter_new(results, &highlighter, NULL), LEDE_OK);
    cr_assert_eq(lede_highlight(highlighter, part, small_bytes(text), small_bytes(language), &spans,
                                &count, NULL),
                 LEDE_OK);
    for (size_t i = 0; i < count; i++) {
        cr_assert_geq(spans[i].offset, done);
        at += sprintf(at, "%.*s[%.*s]%u", (int)(spans[i].offset - done), text + done,
                      (int)spans[i].size, text + spans[i].offset, spans[i].word);
        done = spans[i].offset + spans[i].size;
    }
    sprintf(at, "%s", text + done);
    lede_highlighter_free(highlighter);
    lede_results_free(results);
    return out;
}

static struct lede_index *articles(void)
{
    small_add("index", NULL, ARTICLES, 3);
    return small_open("index");
}

Test(highlight, words_by_their_stems)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(
        marked(index, "harbour ship", LEDE_TEXT, "Ships left harbours; shipping, harboured.", "en"),
        "[Ships]1 left [harbours]0; [shipping]1, [harboured]0.");
    cr_expect_str_eq(marked(index, "absent", LEDE_TEXT, "Nothing here.", "en"), "Nothing here.");
    cr_expect_str_eq(marked(index, "x", LEDE_TEXT, "", "en"), "");
    lede_index_close(index);
}

Test(highlight, marked_and_unmarked_spellings)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "beyonce", LEDE_TEXT, "Beyoncé, Beyonce", "en"),
                     "[Beyoncé]0, [Beyonce]0");
    cr_expect_str_eq(marked(index, "Beyoncé", LEDE_TEXT, "Beyoncé, Beyonce", "en"),
                     "[Beyoncé]0, [Beyonce]0");
    lede_index_close(index);
}

Test(highlight, all_of_a_word_with_small_digits)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "CO2", LEDE_TEXT, "The CO₂–tax, CO2 and CO.", "en"),
                     "The [CO₂]0–tax, [CO2]0 and CO.");
    cr_expect_str_eq(marked(index, "CO₂", LEDE_TITLE, "CO₂, H₂O", "en"), "[CO₂]0, H₂O");
    cr_expect_str_eq(marked(index, "c6h12o6", LEDE_TEXT, "of C₆H₁₂O₆ is", "en"),
                     "of [C₆H₁₂O₆]0 is");
    cr_expect_str_eq(marked(index, "\"co2 tax\"", LEDE_TEXT, "CO₂ tax, CO₂", "en"),
                     "[CO₂]0 [tax]1, CO₂");
    cr_expect_str_eq(marked(index, "CO CO2", LEDE_TEXT, "CO₂", "en"), "[CO]0[₂]1");
    cr_expect_str_eq(marked(index, "=CO2", LEDE_TEXT, "CO₂ CO2", "en"), "CO₂ [CO2]0");
    lede_index_close(index);
}

Test(highlight, phrases_only_where_they_are)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(
        marked(index, "\"crude oil\"", LEDE_TEXT, "Oil is crude. Crude oil, oil crude oil", "en"),
        "Oil is crude. [Crude]0 [oil]1, oil [crude]0 [oil]1");
    cr_expect_str_eq(marked(index, "\"a a b\"", LEDE_TEXT, "a a a b a b", "en"),
                     "a [a]0 [a]0 [b]1 a b");
    cr_expect_str_eq(marked(index, "AT&T", LEDE_TEXT, "at AT&T.", "en"), "at [AT]0&[T]1.");
    lede_index_close(index);
}

Test(highlight, a_word_alone_and_in_a_phrase)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "oil \"crude oil\"", LEDE_TEXT, "oil, crude, crude oil", "en"),
                     "[oil]0, crude, [crude]1 [oil]0");
    lede_index_close(index);
}

Test(highlight, a_word_as_it_is_written_and_in_any_form)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "=storms", LEDE_TEXT, "Storm, storms, STORMS", "en"),
                     "Storm, [storms]0, [STORMS]0");
    cr_expect_str_eq(marked(index, "=storms storm", LEDE_TEXT, "A storm, storms.", "en"),
                     "A [storm]1, [storms]0.");
    cr_expect_str_eq(marked(index, "=storm storm", LEDE_TEXT, "A storm, storms.", "en"),
                     "A [storm]0, [storms]1.");
    cr_expect_str_eq(marked(index, "=\"storms rise\"", LEDE_TEXT, "storm rise, storms rise", "en"),
                     "storm rise, [storms]0 [rise]1");
    lede_index_close(index);
}

Test(highlight, excluded_words_never)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "oil -crude", LEDE_TEXT, "crude oil", "en"), "crude [oil]0");
    lede_index_close(index);
}

Test(highlight, words_of_titles_in_titles_alone)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "title:oil crude", LEDE_TITLE, "Crude oil", "en"),
                     "[Crude]1 [oil]0");
    cr_expect_str_eq(marked(index, "title:oil crude", LEDE_TEXT, "Crude oil", "en"),
                     "[Crude]1 oil");
    lede_index_close(index);
}

Test(highlight, pairs_of_characters_do_not_overlap)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(marked(index, "灯台守", LEDE_TEXT, "古い灯台守だ", "ja"),
                     "古い[灯台]0[守]1だ");
    cr_expect_str_eq(marked(index, "灯台", LEDE_TEXT, "古い灯台守だ", "ja"), "古い[灯台]0守だ");
    lede_index_close(index);
}

Test(highlight, weights_are_those_of_the_ranking)
{
    struct lede_index *index = articles();
    struct lede_results *results = small_search(index, "harbour storm", NULL);
    struct lede_highlighter *highlighter;
    const struct lede_span *spans;
    size_t count;

    cr_assert_eq(lede_highlighter_new(results, &highlighter, NULL), LEDE_OK);
    cr_assert_eq(lede_highlight(highlighter, LEDE_TEXT, LEDE_STR("storm harbour"),
                                (struct lede_bytes){0}, &spans, &count, NULL),
                 LEDE_OK);
    cr_assert_eq(count, 2);
    cr_expect_gt(spans[0].weight, spans[1].weight);
    lede_highlighter_free(highlighter);
    lede_results_free(results);
    lede_index_close(index);
}

/* Any text: spans rise, do not overlap, and stay inside. */
Test(highlight, takes_any_bytes)
{
    static const char *const pieces[] = {"oil", "crude ", " ", "台", "灯", "\xff", "é", "-", "\n"};
    struct lede_index *index = articles();
    struct dice dice = dice_new();
    struct lede_results *results = small_search(index, "oil \"crude oil\" 台 \"灯台守\"", NULL);
    struct lede_highlighter *highlighter;

    cr_assert_eq(lede_highlighter_new(results, &highlighter, NULL), LEDE_OK);
    for (int round = 0; round < 3000; round++) {
        const struct lede_span *spans;
        char text[400] = "", *at = text;
        size_t count, end = 0;

        for (uint32_t i = dice_below(&dice, 40); i > 0; i--)
            at += sprintf(at, "%s", pieces[dice_below(&dice, sizeof pieces / sizeof *pieces)]);
        cr_assert_eq(lede_highlight(highlighter, LEDE_TEXT, small_bytes(text),
                                    (struct lede_bytes){0}, &spans, &count, NULL),
                     LEDE_OK);
        for (size_t i = 0; i < count; i++) {
            cr_assert(spans[i].offset >= end && spans[i].size > 0 &&
                          spans[i].offset + spans[i].size <= strlen(text),
                      "LEDE_SEED=%llu", (unsigned long long)dice.seed);
            end = spans[i].offset + spans[i].size;
        }
    }
    lede_highlighter_free(highlighter);
    lede_results_free(results);
    lede_index_close(index);
}
