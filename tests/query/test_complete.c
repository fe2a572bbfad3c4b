/* Words of an index that begin in a given way. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "query/complete.h"
#include "tests/query/small_index.h"

TestSuite(complete, .init = scratch_make, .fini = scratch_remove);

static const struct small_article ARTICLES[] = {
    {"one", "en", "Economies", "An economy grows. Economists wait; the Economist is read."},
    {"two", "en", "Running", "They ran, run and are running in the economy."},
    {"three", "de", "Straßen", "Straßen und Größen. Größe."},
    {"four", "ja", "", "灯台の猫"},
};

/* "word(df)" of each, with a space between them. */
static const char *found(struct lede_index *index, enum field field, const char *beginning,
                         size_t most)
{
    static char text[1024];
    struct completions completions;
    struct lede_error error;
    struct arena arena;

    arena_init(&arena, 0, NULL);
    cr_assert_eq(
        complete_find(index, field, slice_str(beginning), most, &arena, &completions, &error),
        LEDE_OK, "%s", error.text);
    text[0] = '\0';
    for (size_t i = 0; i < completions.count; i++) {
        const struct completion *item = &completions.items[i];
        size_t end = strlen(text);

        (void)snprintf(text + end, sizeof text - end, "%s%.*s(%llu)", i ? " " : "",
                       (int)item->word.size, (const char *)item->word.data,
                       (unsigned long long)item->df);
    }
    arena_done(&arena);
    return text;
}

static struct lede_index *articles(void)
{
    small_add("index", NULL, ARTICLES, sizeof ARTICLES / sizeof ARTICLES[0]);
    return small_open("index");
}

Test(complete, terms_are_shown_as_the_words_that_articles_have_of_them)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(found(index, FIELD_TEXT, "econ", 20), "economies(2) economists(1)");
    cr_expect_str_eq(found(index, FIELD_TEXT, "economy", 20), "economy(2)");
    cr_expect_str_eq(found(index, FIELD_TEXT, "runn", 20), "running(1)");
    cr_expect_str_eq(found(index, FIELD_TITLE, "econ", 20), "economies(1)");
    lede_index_close(index);
}

Test(complete, case_and_marks_do_not_matter)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(found(index, FIELD_TEXT, "GROSS", 20), "grössen(1)");
    cr_expect_str_eq(found(index, FIELD_TEXT, "größ", 20), "grössen(1)");
    cr_expect_str_eq(found(index, FIELD_TEXT, "stras", 20), "strassen(1)");
    lede_index_close(index);
}

Test(complete, there_are_no_more_than_are_wanted_and_none_of_what_is_no_word)
{
    struct lede_index *index = articles();

    cr_expect_str_eq(found(index, FIELD_TEXT, "econ", 1), "economies(2)");
    cr_expect_str_eq(found(index, FIELD_TEXT, "", 20), "");
    cr_expect_str_eq(found(index, FIELD_TEXT, "*", 20), "");
    cr_expect_str_eq(found(index, FIELD_TEXT, "ec?n", 20), "");
    cr_expect_str_eq(found(index, FIELD_TEXT, "\xff", 20), "");
    cr_expect_str_eq(found(index, FIELD_KEYWORD, "", 20), "");
    lede_index_close(index);
}

/* A word of the longest sort, and longer: nothing begins so, and nothing is written past an end. */
Test(complete, a_long_beginning_is_taken)
{
    struct lede_index *index = articles();
    char text[700];

    for (size_t size = 60; size < sizeof text; size += 63) {
        memset(text, 'e', size);
        text[size] = '\0';
        cr_expect_str_eq(found(index, FIELD_TEXT, text, 20), "", "%zu bytes", size);
    }
    lede_index_close(index);
}
