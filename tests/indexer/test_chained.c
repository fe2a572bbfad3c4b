#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/lede_bytes.h"
#include "indexer/command/reader.h"

#define PAGE                                                                                       \
    "Limpet\n\nQuay closes, again\n\nBy Ann Example\n\n2021-03-03\n\n"                             \
    "The harbour board has closed the old quay until the end of May, since two of its piles were " \
    "found to be held up by nothing but each other. Ferries leave from the market.\n"              \
    "Nobody had been able to tell the difference so far, said a spokesman for the board.\n\n"      \
    "Continue Reading\n\nCoast\n\nOld tern takes the tram\n\nBy Ben Sample\n\n2021-03-02\n\n"      \
    "A tern that was ringed on Skerry Ness as a chick has been seen at the depot of the trams "    \
    "in Halvern, where it lives on what the drivers leave of their sandwiches.\n"                  \
    "It is 31 years old, which makes it the oldest of its kind that has ridden a tram.\n"

/* "ID OFFSET+SIZE TITLE|author=...|\n" for each article. */
static void read_all(struct slice bytes, enum split_mode mode, struct buffer *out)
{
    struct reader_options options = {.max_record = 1 << 20,
                                     .max_text = 1 << 20,
                                     .max_page = 1 << 20,
                                     .max_tree = 1 << 22,
                                     .split = {.mode = mode}};
    struct origin origin = {slice_str("/d/p.txt"), slice_str("p.txt"), true};
    struct reader *reader;
    struct item item = {.kind = ITEM_ARTICLE};

    buffer_init(out, NULL);
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, bytes, 7, &origin, NULL), LEDE_OK);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind == ITEM_ARTICLE) {
        const struct lede_article *article = &item.article;

        buffer_printf(out, "%.*s %u+%u %.*s|", (int)article->id.size,
                      (const char *)article->id.data, (unsigned)article->source_offset,
                      (unsigned)article->source_size, (int)article->title.size,
                      (const char *)article->title.data);
        for (size_t i = 0; i < article->metadata_count; i++)
            buffer_printf(out, "%.*s=%.*s|", (int)article->metadata[i].name.size,
                          (const char *)article->metadata[i].name.data,
                          (int)article->metadata[i].value.size,
                          (const char *)article->metadata[i].value.data);
        buffer_printf(out, "%d\n", article->date.precision);
    }
    cr_expect_eq(item.kind, ITEM_END);
    reader_close(reader);
    buffer_byte(out, 0);
}

static void expect(const char *bytes, size_t size, enum split_mode mode, const char *expected)
{
    struct buffer out;

    read_all(slice_of(bytes, size), mode, &out);
    cr_expect_str_eq((char *)out.data, expected, "%s", (char *)out.data);
    buffer_done(&out);
}

Test(chained, articles_have_ids_ranges_and_facts_and_the_rest_is_the_page)
{
    expect(PAGE, sizeof PAGE - 1, SPLIT_AUTO,
           "p.txt#1 8+301 Quay closes, again|author=Ann Example|3\n"
           "p.txt#2 329+303 Old tern takes the tram|author=Ben Sample|section=Coast|3\n"
           "p.txt 0+633 Limpet|0\n");
}

Test(chained, a_byte_order_mark_counts_in_ranges)
{
    expect("\xef\xbb\xbf" PAGE, sizeof PAGE + 2, SPLIT_AUTO,
           "p.txt#1 11+301 Quay closes, again|author=Ann Example|3\n"
           "p.txt#2 332+303 Old tern takes the tram|author=Ben Sample|section=Coast|3\n"
           "p.txt 0+636 Limpet|0\n");
}

Test(chained, articles_of_utf16_have_the_range_of_their_page)
{
    static char wide[2 * sizeof PAGE];

    wide[0] = '\xff', wide[1] = '\xfe';
    for (size_t i = 0; i + 1 < sizeof PAGE; i++)
        wide[2 * i + 2] = PAGE[i];
    expect(wide, 2 * sizeof PAGE, SPLIT_AUTO,
           "p.txt#1 0+1268 Quay closes, again|author=Ann Example|3\n"
           "p.txt#2 0+1268 Old tern takes the tram|author=Ben Sample|section=Coast|3\n"
           "p.txt 0+1268 Limpet|0\n");
}

Test(chained, none_leaves_the_page_whole)
{
    expect(PAGE, sizeof PAGE - 1, SPLIT_NONE, "p.txt 0+633 Limpet|0\n");
}

Test(chained, an_expression_is_compiled_or_refused)
{
    struct split_options options = {.mode = SPLIT_AUTO};
    struct lede_error error;

    cr_expect_eq(split_options_parse(&options, "^# ", &error), LEDE_OK);
    cr_expect_eq(options.mode, SPLIT_BY);
    cr_expect_eq(split_options_parse(&options, "[", &error), LEDE_INVALID);
    cr_expect(strstr(error.text, "--split ["), "%s", error.text);
    cr_expect_eq(split_options_parse(&options, "none", &error), LEDE_OK);
    cr_expect_eq(options.mode, SPLIT_NONE);
    split_options_done(&options);
}
