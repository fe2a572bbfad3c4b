#include <criterion/criterion.h>

#include "indexer/command/text_reader.h"

static void check_split(const char *text, const char *title, const char *rest)
{
    struct slice found_title, found_rest;

    text_reader_split(slice_str(text), &found_title, &found_rest);
    cr_expect(slice_equal(found_title, slice_str(title)), "title of %s: %.*s", text,
              (int)found_title.size, (const char *)found_title.data);
    cr_expect(slice_equal(found_rest, slice_str(rest)), "text of %s: %.*s", text,
              (int)found_rest.size, (const char *)found_rest.data);
}

Test(text_reader, a_line_before_a_blank_one_is_the_title)
{
    check_split("Title\n\nText.\n", "Title", "Text.\n");
    check_split("\n\n  Title \n \t\nText\n\nmore", "Title", "Text\n\nmore");
    check_split("Title\n\n", "Title", "");
}

Test(text_reader, without_a_blank_line_there_is_no_title)
{
    check_split("One line", "", "One line");
    check_split("One line\n", "", "One line\n");
    check_split("One\nTwo\n\nThree", "", "One\nTwo\n\nThree");
    check_split("", "", "");
    check_split(" \n\n", "", " \n\n");
}

Test(text_reader, lines_may_end_in_cr_lf_or_cr)
{
    check_split("Title\r\n\r\nText\r\n", "Title", "Text\r\n");
    check_split("Title\r\rText\r", "Title", "Text\r");
    check_split("Title\r\nText\r\n", "", "Title\r\nText\r\n");
}

Test(text_reader, a_line_of_201_bytes_is_no_title)
{
    char text[300];

    memset(text, 'x', sizeof text);
    memcpy(text + 200, "\n\ny", 4);
    struct slice title, rest;
    text_reader_split(slice_str(text), &title, &rest);
    cr_expect_eq(title.size, 200);
    memset(text, 'x', sizeof text);
    memcpy(text + 201, "\n\ny", 4);
    text_reader_split(slice_str(text), &title, &rest);
    cr_expect_eq(title.size, 0);
    cr_expect_eq(rest.size, 204);
}

/* Reads bytes as the file /d/a.txt and leaves the item's bytes in the reader and input. */
struct reading {
    struct input *input;
    struct text_reader reader;
    struct item item;
};
static const struct origin ORIGIN = {
    {(const uint8_t *)"/d/a.txt", 8}, {(const uint8_t *)"a.txt", 5}, true};

static void begin(struct reading *reading, const void *bytes, size_t size, size_t most)
{
    text_reader_init(&reading->reader);
    cr_assert_eq(input_new(&reading->input, NULL), LEDE_OK);
    cr_assert_eq(input_open_memory(reading->input, slice_of(bytes, size), "/d/a.txt", 5, NULL),
                 LEDE_OK);
    text_reader_start(&reading->reader, reading->input, &ORIGIN, most);
    cr_assert_eq(text_reader_next(&reading->reader, &reading->item, NULL), LEDE_OK);
}

static void end(struct reading *reading)
{
    input_free(reading->input);
    text_reader_done(&reading->reader);
}

static void check_file(const void *bytes, size_t size, const char *title, const char *text,
                       uint64_t replaced)
{
    struct reading reading;
    const struct lede_article *article = &reading.item.article;

    begin(&reading, bytes, size, 1000);
    cr_assert_eq(reading.item.kind, ITEM_ARTICLE);
    cr_expect(slice_equal(slice_of(article->id.data, article->id.size), slice_str("a.txt")));
    cr_expect(
        slice_equal(slice_of(article->source.data, article->source.size), slice_str("/d/a.txt")));
    cr_expect_eq(article->source_offset, 0);
    cr_expect_eq(article->source_size, size);
    cr_expect(slice_equal(slice_of(article->title.data, article->title.size), slice_str(title)));
    cr_expect(slice_equal(slice_of(article->text.data, article->text.size), slice_str(text)),
              "%.*s", (int)article->text.size, (const char *)article->text.data);
    cr_expect_eq(reading.item.replaced_bytes, replaced);
    end(&reading);
}

#define CHECK(literal, title, text, replaced)                                                      \
    check_file(literal, sizeof(literal) - 1, title, text, replaced)

Test(text_reader, a_file_is_an_article_and_its_bytes_are_the_file)
{
    CHECK("Title\n\nText.", "Title", "Text.", 0);
    CHECK("", "", "", 0);
    CHECK("caf\xe9", "", "caf\xe9", 0);
}

Test(text_reader, marks_are_dropped_and_utf16_becomes_utf8)
{
    CHECK("\xef\xbb\xbfTitle\n\nText", "Title", "Text", 0);
    CHECK("\xff\xfeT\0\n\0\n\0\xe9\0\x3d\xd8\0\xde", "T", "\u00e9\U0001f600", 0);
    CHECK("\xfe\xff\0T\0\n\0\n\x20\xac", "T", "\u20ac", 0);
    CHECK("\xff\xfe", "", "", 0);
}

Test(text_reader, half_a_character_of_utf16_is_replaced_and_counted)
{
    CHECK("\xff\xfe\x3d\xd8", "", "\ufffd", 2);
    CHECK("\xff\xfe\x3d\xd8x\0", "", "\ufffdx", 2);
    CHECK("\xff\xfe\0\xde\0\xde", "", "\ufffd\ufffd", 4);
    CHECK("\xff\xfex\0y", "", "x\ufffd", 1);
}

Test(text_reader, a_file_over_the_limit_is_skipped_and_one_at_it_is_not)
{
    struct reading reading;

    begin(&reading, "123456789", 9, 8);
    cr_expect_eq(reading.item.kind, ITEM_SKIP);
    cr_expect_eq(reading.item.skip.reason, SKIP_TOO_LARGE);
    cr_expect(slice_equal(reading.item.skip.path, slice_str("/d/a.txt")));
    end(&reading);
    begin(&reading, "123456789", 9, 9);
    cr_expect_eq(reading.item.kind, ITEM_ARTICLE);
    end(&reading);
}

Test(text_reader, a_file_that_cannot_be_read_to_its_end_is_no_article)
{
    static const char gz[] = "\x1f\x8b\x08\0\0\0\0\0\0\3\xcb\x48\xcd\xc9";
    struct reading reading;

    begin(&reading, gz, sizeof gz - 1, 1000);
    cr_expect_eq(reading.item.kind, ITEM_SKIP);
    cr_expect_eq(reading.item.skip.reason, SKIP_UNREADABLE);
    cr_expect(strstr(reading.item.skip.message, "cut short"));
    end(&reading);
}

/* The article's title, a bar, and all of its text. */
static void read_in_pieces(const void *bytes, size_t size, size_t piece, struct buffer *out)
{
    struct text_reader reader;
    struct input *input;
    struct item item = {.kind = ITEM_PART};

    buffer_clear(out);
    text_reader_init(&reader);
    reader.piece = piece;
    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    cr_assert_eq(input_open_memory(input, slice_of(bytes, size), "/d/a.txt", 5, NULL), LEDE_OK);
    text_reader_start(&reader, input, &ORIGIN, 1000);
    while (item.kind == ITEM_PART) {
        cr_assert_eq(text_reader_next(&reader, &item, NULL), LEDE_OK);
        buffer_put(out, item.article.text.data, item.article.text.size);
    }
    cr_assert_eq(item.kind, ITEM_ARTICLE);
    cr_expect_eq(item.article.source_size, size);
    buffer_byte(out, '|');
    buffer_put(out, item.article.title.data, item.article.title.size);
    buffer_printf(out, "|%u", (unsigned)item.replaced_bytes);
    input_free(input);
    text_reader_done(&reader);
}

#define CHECK_PIECES(literal, least)                                                               \
    do {                                                                                           \
        struct buffer whole, pieces;                                                               \
                                                                                                   \
        buffer_init(&whole, NULL);                                                                 \
        buffer_init(&pieces, NULL);                                                                \
        read_in_pieces(literal, sizeof(literal) - 1, 1000, &whole);                                \
        for (size_t piece = (least); piece < sizeof(literal) + 4; piece += 2) {                    \
            read_in_pieces(literal, sizeof(literal) - 1, piece, &pieces);                          \
            cr_expect(slice_equal(buffer_bytes(&whole), buffer_bytes(&pieces)), "%zu: %.*s",       \
                      piece, (int)pieces.size, (const char *)pieces.data);                         \
        }                                                                                          \
        buffer_done(&whole);                                                                       \
        buffer_done(&pieces);                                                                      \
    } while (0)

Test(text_reader, a_long_file_comes_in_parts_that_are_the_whole)
{
    CHECK_PIECES("Title\n\nThe text of it, which goes on and on, caf\xc3\xa9 and all\xff.", 8);
    CHECK_PIECES("no title, just text, and more text", 4);
    CHECK_PIECES("\xef\xbb\xbfT\n\nText with a mark", 8);
    CHECK_PIECES("\xff\xfeT\0\n\0\n\0\xe9\0\x3d\xd8\0\xde\x3d\xd8\0\xdex\0\x3d\xd8x\0y", 8);
    CHECK_PIECES("\xfe\xff\0T\0\n\0\n\x20\xac\xd8\x3d\xde\0\xd8\x3d\xde\0\xd8\x3d\0y", 8);
}

Test(text_reader, a_long_file_over_the_limit_ends_in_a_skip)
{
    struct reading reading;
    int parts = 0;

    begin(&reading, "0123456789012345678901234567890123456789", 40, 39);
    cr_expect_eq(reading.item.kind, ITEM_SKIP, "known at once where it is no longer than a part");
    end(&reading);
    text_reader_init(&reading.reader);
    reading.reader.piece = 16;
    cr_assert_eq(input_new(&reading.input, NULL), LEDE_OK);
    cr_assert_eq(input_open_memory(reading.input,
                                   slice_of("0123456789012345678901234567890123456789", 40),
                                   "/d/a.txt", 5, NULL),
                 LEDE_OK);
    text_reader_start(&reading.reader, reading.input, &ORIGIN, 39);
    do
        cr_assert_eq(text_reader_next(&reading.reader, &reading.item, NULL), LEDE_OK);
    while (reading.item.kind == ITEM_PART && ++parts < 10);
    cr_expect_eq(reading.item.kind, ITEM_SKIP);
    cr_expect_eq(reading.item.skip.reason, SKIP_TOO_LARGE);
    cr_expect_eq(parts, 2);
    end(&reading);
}
