/* Files that are web pages: what article each gives. */
#include "scratch.h"

#include "indexer/command/html_reader.h"

static struct html_reader reader;
static struct input *input;
static struct item item;
static const struct origin ORIGIN = {
    {(const uint8_t *)"/d/a.html", 9}, {(const uint8_t *)"a.html", 6}, true};

static void start(void)
{
    html_reader_init(&reader, 2000, 100000);
    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
}

static void end(void)
{
    html_reader_done(&reader);
    input_free(input);
}

TestSuite(html_reader, .init = start, .fini = end);

static void read_bytes(struct slice bytes, size_t step)
{
    cr_assert_eq(input_open_memory(input, bytes, "/d/a.html", step, NULL), LEDE_OK);
    html_reader_start(&reader, input, &ORIGIN);
    cr_assert_eq(html_reader_next(&reader, &item, NULL), LEDE_OK);
}

static void expect_bytes(struct lede_bytes got, const char *wanted)
{
    cr_expect(slice_equal(slice_of(got.data, got.size), slice_str(wanted)), "<%.*s>, not <%s>",
              (int)got.size, (const char *)got.data, wanted);
}

static void expect_field(size_t place, const char *name, const char *value)
{
    cr_assert_lt(place, item.article.metadata_count);
    expect_bytes(item.article.metadata[place].name, name);
    expect_bytes(item.article.metadata[place].value, value);
}

static const char PAGE[] =
    "<html lang=de-AT><head><title>Der Dampfer</title><meta name=author content='A. Schreiber'>"
    "<meta property='article:section' content='Hafen'><meta property='og:site_name' content='Bote'>"
    "<meta property='article:published_time' content='Thu, 16 Nov 2017 14:15:00 GMT'>"
    "<link rel=canonical href='https://bote.example/dampfer'></head><body><p>Der Dampfer kam nicht."
    "</body></html>\n";

Test(html_reader, what_a_page_says_of_itself_is_the_articles)
{
    for (size_t step = 0; step < 100; step += 33) {
        read_bytes(slice_str(PAGE), step);
        cr_assert_eq(item.kind, ITEM_ARTICLE);
        expect_bytes(item.article.id, "a.html");
        expect_bytes(item.article.title, "Der Dampfer");
        expect_bytes(item.article.text, "Der Dampfer kam nicht.");
        expect_bytes(item.article.url, "https://bote.example/dampfer");
        expect_bytes(item.article.language, "de-AT");
        cr_expect_eq(item.article.date.seconds, 1510841700);
        cr_expect_eq(item.article.date.precision, LEDE_SECOND);
        cr_expect_eq(item.article.metadata_count, 3);
        expect_field(0, "author", "A. Schreiber");
        expect_field(1, "section", "Hafen");
        expect_field(2, "site", "Bote");
        expect_bytes(item.article.source, "/d/a.html");
        cr_expect_eq(item.article.source_offset, 0);
        cr_expect_eq(item.article.source_size, sizeof PAGE - 1);
        cr_expect_eq(item.record, 0);
        cr_expect(!item.date_unread);
        cr_expect_eq(input_offset(input), sizeof PAGE - 1);
    }
}

Test(html_reader, a_date_that_cannot_be_read_is_metadata_and_counted)
{
    read_bytes(slice_str("<meta name=date content='last Tuesday'><p>x"), 0);
    cr_expect_eq(item.article.date.precision, LEDE_DATE_NONE);
    cr_expect(item.date_unread);
    cr_expect_eq(item.article.metadata_count, 1);
    expect_field(0, "date", "last Tuesday");
}

Test(html_reader, bytes_of_another_encoding_are_read_as_it_says)
{
    read_bytes(slice_str("<meta charset=iso-8859-1><p>caf\xe9"), 0);
    expect_bytes(item.article.text, "caf\xc3\xa9");
    cr_expect_eq(item.replaced_bytes, 0);
    read_bytes(slice_str("<meta charset=utf-8><p>caf\xe9"), 0);
    expect_bytes(item.article.text, "caf\xef\xbf\xbd");
    cr_expect_eq(item.replaced_bytes, 1);
}

Test(html_reader, an_empty_page_is_an_article_without_words)
{
    read_bytes(slice_str("\xef\xbb\xbf"), 0);
    cr_expect_eq(item.kind, ITEM_ARTICLE);
    expect_bytes(item.article.id, "a.html");
    cr_expect_eq(item.article.text.size, 0);
    cr_expect_eq(item.article.metadata_count, 0);
    cr_expect_eq(item.article.source_size, 3);
}

Test(html_reader, pages_too_large_or_too_full_of_elements_are_skipped_by_name)
{
    char bytes[2002];

    memset(bytes, 'x', sizeof bytes);
    read_bytes(slice_of(bytes, 2000), 7);
    cr_expect_eq(item.kind, ITEM_ARTICLE);
    read_bytes(slice_of(bytes, 2001), 7);
    cr_expect_eq(item.kind, ITEM_SKIP);
    cr_expect_eq(item.skip.reason, SKIP_TOO_LARGE);
    cr_expect_str_eq(item.skip.message,
                     "a web page of more than 2000 bytes: see --memory, --max-record");
    cr_expect(slice_equal(item.skip.path, ORIGIN.path));
    for (size_t at = 0; at + 3 <= 2000; at += 3)
        memcpy(bytes + at, "<b>", 3);
    read_bytes(slice_of(bytes, 2000), 0);
    cr_expect_eq(item.kind, ITEM_SKIP);
    cr_expect_eq(item.skip.reason, SKIP_TOO_LARGE);
    cr_expect(strstr(item.skip.message, "--memory"), "%s", item.skip.message);
    read_bytes(slice_str(PAGE), 0);
    cr_expect_eq(item.kind, ITEM_ARTICLE, "the next one is read");
}

Test(html_reader, a_compressed_page_cut_short_is_unreadable)
{
    read_bytes(slice_of("\x1f\x8b\x08\0\0\0\0\0\0\3", 10), 0);
    cr_expect_eq(item.kind, ITEM_SKIP);
    cr_expect_eq(item.skip.reason, SKIP_UNREADABLE);
}
