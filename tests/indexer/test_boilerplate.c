/* Which lines are taken out of texts, and what becomes of them. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/lede_bytes.h"
#include "boilerplate_terms.h"
#include "indexer/command/boilerplate.h"
#include "tests/index/dice.h"

static struct boilerplate *boilerplate;

static void begin(void)
{
    cr_assert_eq(boilerplate_open(BOILERPLATE_AUTO, NULL, slice_of(NULL, 0), &boilerplate, NULL),
                 LEDE_OK);
}

static void end(void)
{
    boilerplate_close(boilerplate);
}

TestSuite(boilerplate, .init = begin, .fini = end);

static struct item page_of(const char *text, const char *url)
{
    struct item item = {.kind = ITEM_ARTICLE, .is_page = true};

    item.article.text = bytes_of(slice_str(text));
    item.article.url = bytes_of(slice_str(url));
    return item;
}

/* What was taken out of the text: "" if it stayed as it was. */
static struct slice take(struct item *item)
{
    cr_assert_eq(boilerplate_take(boilerplate, item, NULL), LEDE_OK);
    if (item->article.metadata_count == 0)
        return slice_of(NULL, 0);
    cr_expect(slice_equal(slice_from(item->article.metadata[0].name), slice_str(BOILERPLATE)));
    return slice_from(item->article.metadata[0].value);
}

/* Gives count articles with this line, and a text of their own, and returns how many of them kept
 * it. */
static unsigned give(const char *line, const char *url, unsigned count)
{
    static unsigned number;
    unsigned kept = 0;

    for (unsigned i = 0; i < count; i++) {
        char text[1024];
        struct item item;

        (void)snprintf(text, sizeof text,
                       "Of quay number %u this is all that anybody has ever been able to say.\n"
                       "%s\nAnd nothing %u more.\n",
                       number, line, number);
        number++;
        item = page_of(text, url);
        kept += take(&item).size == 0;
    }
    return kept;
}

static void expect_taken(struct item item, const char *taken, const char *text)
{
    struct slice found = take(&item);

    cr_expect(slice_equal(found, slice_str(taken)), "%.*s", (int)found.size,
              (const char *)found.data);
    cr_expect(slice_equal(slice_from(item.article.text), slice_str(text)), "%.*s",
              (int)item.article.text.size, (const char *)item.article.text.data);
}

Test(boilerplate, a_line_of_ten_articles_is_taken_from_the_tenth)
{
    cr_expect_eq(give("Continue Reading", "", 9), 9);
    cr_expect_eq(give("Continue Reading", "", 20), 0);
}

Test(boilerplate, the_text_keeps_all_other_bytes_and_the_line_becomes_metadata)
{
    (void)give("Share this", "", 12);
    (void)give("Continue Reading", "", 12);
    expect_taken(
        page_of("First, and long enough to be the text of it.\r\n  Share this \r\n\nLast, and "
                "so on.\nContinue Reading",
                ""),
        "Share this\nContinue Reading",
        "First, and long enough to be the text of it.\r\n  \nLast, and so on.\n");
}

Test(boilerplate, metadata_that_were_there_stand_behind)
{
    const struct lede_field fields[] = {{LEDE_STR("a"), LEDE_STR("b")},
                                        {LEDE_STR("c"), LEDE_STR("d")}};
    struct item item;

    (void)give("Share this", "", 12);
    item = page_of("What there is to say of it, and then some more of that.\nShare this\n", "");
    item.article.metadata = fields;
    item.article.metadata_count = 2;
    cr_expect(take(&item).size > 0);
    cr_assert_eq(item.article.metadata_count, 3);
    cr_expect(slice_equal(slice_from(item.article.metadata[2].name), slice_str("c")));
}

Test(boilerplate, sites_are_counted_apart)
{
    cr_expect_eq(give("Share this", "https://limpet.example/a", 9), 9);
    cr_expect_eq(give("Share this", "https://gannet.example/a", 9), 9);
    cr_expect_eq(give("Share this", "https://www.limpet.example/b", 1), 0, "the same site");
}

Test(boilerplate, a_line_of_less_than_a_tenth_of_the_articles_is_text)
{
    char other[32];

    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(other, sizeof other, "Line %u of its own", i);
        (void)give(i % 11 == 5 ? "Reuse by all means" : other, "", 1);
    }
    cr_expect_eq(give("Reuse by all means", "", 1), 1);
    cr_expect_lt(give("Reuse by all means", "", 20), 20, "until it is more");
}

Test(boilerplate, an_article_counts_a_line_once)
{
    char text[1024] = "A text that says Hooray again and again, and then some more of it.\n";

    for (int i = 0; i < 20; i++)
        strcat(text, "Hooray\n");
    struct item item = page_of(text, "");
    cr_expect_eq(take(&item).size, 0);
    cr_expect_eq(give("Hooray", "", 8), 8);
}

Test(boilerplate, what_is_most_of_a_text_is_its_text)
{
    for (int i = 0; i < 30; i++) {
        struct item item = page_of("The same article\n\nonce more.\n", "");

        cr_expect_eq(take(&item).size, 0);
    }
}

Test(boilerplate, but_the_remainder_of_a_page_may_be_nothing_else)
{
    (void)give("Share this", "", 12);
    struct item item = page_of("Share this\n", "");
    item.parts = 3;
    item.article.title = bytes_of(slice_str("Limpet"));
    expect_taken(item, "Share this", "");
    item = page_of("Share this\n", "");
    item.parts = 3;
    expect_taken(item, "", "Share this\n"); /* it would have no words at all */
}

Test(boilerplate, bylines_rules_and_records_stay)
{
    struct item item;

    cr_expect_eq(give("By Ann Example", "", 30), 30);
    cr_expect_eq(give("-----", "", 30), 30);
    (void)give("Share this", "", 12);
    item = page_of("What there is to say of it, and then some more of that.\nShare this\n", "");
    item.is_page = false;
    cr_expect_eq(take(&item).size, 0);
}

Test(boilerplate, a_list_says_which_lines_and_keep_says_none)
{
    end();
    cr_assert_eq(boilerplate_open(BOILERPLATE_LIST, NULL, slice_str("Share this\n\n  Nothing \n"),
                                  &boilerplate, NULL),
                 LEDE_OK);
    expect_taken(page_of("What there is to say of it, and then more.\nNothing\nShare this\n", ""),
                 "Nothing\nShare this", "What there is to say of it, and then more.\n");
    cr_expect_eq(give("Continue Reading", "", 30), 30);
    end();
    cr_assert_eq(boilerplate_open(BOILERPLATE_KEEP, NULL, slice_of(NULL, 0), &boilerplate, NULL),
                 LEDE_OK);
    cr_expect_eq(give("Continue Reading", "", 30), 30);
}

Test(boilerplate, no_more_than_a_limit_is_taken_of_an_article)
{
    size_t size = 0;
    char *text = malloc(100000);
    struct buffer list;
    struct item item;

    cr_assert(text);
    buffer_init(&list, NULL);
    for (int i = 0; i < 200; i++)
        buffer_printf(&list, "Line number %d of a list of notices that has no end in sight\n", i);
    end();
    cr_assert_eq(boilerplate_open(BOILERPLATE_LIST, NULL, buffer_bytes(&list), &boilerplate, NULL),
                 LEDE_OK);
    memcpy(text, list.data, list.size);
    for (size = list.size; size < 60000; size += 10)
        memcpy(text + size, "More of it", 10);
    text[size] = '\0';
    item = page_of(text, "");
    cr_expect_leq(take(&item).size, BOILERPLATE_MOST + 200);
    cr_expect_geq(item.article.metadata[0].value.size, BOILERPLATE_MOST - 200);
    buffer_done(&list);
    free(text);
}

/* The counters are full ten times over; what recurs is found among all that does not. */
Test(boilerplate, lines_that_recur_are_found_among_millions_that_do_not, .timeout = 60)
{
    struct dice dice = dice_begin();
    struct buffer text;
    size_t taken = 0;
    int articles = 2000;

    buffer_init(&text, NULL);
    for (int i = 0; i < articles; i++) {
        struct item item;

        buffer_clear(&text);
        for (int line = 0; line < 1000; line++)
            buffer_printf(&text, "%08x%08x\n", dice_below(&dice, UINT32_MAX),
                          dice_below(&dice, UINT32_MAX));
        buffer_str(&text, "Continue Reading\n");
        buffer_byte(&text, 0);
        item = page_of((const char *)text.data, "");
        taken += take(&item).size > 0;
    }
    cr_assert_eq(taken, (size_t)articles - 9, "%zu", taken);
    buffer_done(&text);
    dice_end();
}
