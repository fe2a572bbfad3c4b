#include "scratch.h"

#include "base/buffer.h"
#include "indexer/command/reader.h"

/* Reads bytes as the file name with the given format: "article ID|TITLE|TEXT" or "skip REASON" a
 * line. */
static void read_as(enum input_format format, const char *name, struct slice bytes, size_t step,
                    struct buffer *out)
{
    struct reader_options options = {.format = format,
                                     .max_record = 1000,
                                     .max_text = 1000,
                                     .max_page = 1000,
                                     .max_tree = 100000};
    struct origin origin = {slice_str(name), slice_str(name), true};
    struct reader *reader;
    struct item item;

    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, bytes, step, &origin, NULL), LEDE_OK);
    buffer_clear(out);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind != ITEM_END) {
        if (item.kind == ITEM_SKIP) {
            buffer_printf(out, "skip %s\n", skip_reason_name(item.skip.reason));
            cr_expect(item.skip.named);
            cr_expect(slice_equal(item.skip.path, slice_str(name)));
            continue;
        }
        buffer_printf(out, "article %.*s|%.*s|%.*s\n", (int)item.article.id.size,
                      (const char *)item.article.id.data, (int)item.article.title.size,
                      (const char *)item.article.title.data, (int)item.article.text.size,
                      (const char *)item.article.text.data);
    }
    cr_assert_eq(item.kind, ITEM_END);
    cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
    cr_expect_eq(item.kind, ITEM_END, "the end stays the end");
    reader_close(reader);
}

static void check_as(enum input_format format, const char *name, struct slice bytes,
                     const char *expected)
{
    struct buffer out;

    buffer_init(&out, NULL);
    for (size_t step = 0; step < 6; step += 5) {
        read_as(format, name, bytes, step, &out);
        buffer_byte(&out, 0);
        cr_expect_str_eq((char *)out.data, expected, "%s: %s not %s", name, (char *)out.data,
                         expected);
    }
    buffer_done(&out);
}

#define BYTES(literal) slice_of(literal, sizeof(literal) - 1)

static void check(const char *name, struct slice bytes, const char *expected)
{
    check_as(FORMAT_AUTO, name, bytes, expected);
}

Test(reader, json_lines_are_told_by_name_or_by_their_first_line)
{
    check("a.jsonl", BYTES("{\"text\":\"x\"}\n"), "article a.jsonl#1||x\n");
    check("a.JSONL.gz", BYTES("bad\n{\"text\":\"x\"}\n"),
          "skip bad_record\narticle a.JSONL.gz#2||x\n");
    check("a.ndjson", BYTES(""), "");
    check("a", BYTES("\n  {\"text\":\"x\"}\nbad\n"), "article a#1||x\nskip bad_record\n");
    check("-", BYTES("\xef\xbb\xbf{\"text\":\"x\"}"), "article -#1||x\n");
    check("a.txt", BYTES("{not JSON}\n\nbut text"), "article a.txt|{not JSON}|but text\n");
    check("a.txt", BYTES("{"), "article a.txt||{\n");
}

Test(reader, a_first_line_longer_than_a_record_that_begins_as_an_object_is_json_lines)
{
    struct buffer bytes;

    buffer_init(&bytes, NULL);
    buffer_str(&bytes, "{\"text\":\"");
    for (int i = 0; i < 20000; i++)
        buffer_str(&bytes, "x ");
    buffer_str(&bytes, "\"}\n{\"text\":\"short\"}\n");
    check("a", buffer_bytes(&bytes), "skip too_large\narticle a#2||short\n");
    buffer_done(&bytes);
}

Test(reader, json_that_is_not_lines_is_an_array_or_an_object)
{
    check("a.json", BYTES("[\n{\"text\":\"x\"},\n{\"text\":\"y\"}\n]\n"),
          "article a.json#1||x\narticle a.json#2||y\n");
    check("a", BYTES(" [ {\"text\":\"x\"}]"), "article a#1||x\n");
    check("a.json.gz", BYTES("{\n\"text\":\"x\"\n}\n"), "article a.json.gz||x\n");
    check("a.json", BYTES("{\"text\":\"x\"}\n\n"), "article a.json||x\n");
    check("a.json", BYTES("{\"text\":\"x\"}\n{\"text\":\"y\"}\n"),
          "article a.json#1||x\narticle a.json#2||y\n");
    check("a.json", BYTES("[1, 2]"), "skip bad_record\n");
    check("a.json", BYTES("text"), "skip bad_record\n");
    check("a", BYTES("[1] a note"), "article a||[1] a note\n");
}

Test(reader, web_pages_are_told_by_their_beginning_or_by_name_and_a_tag)
{
    check("a", BYTES("<!doctype html><title>T</title><p>text"), "article a|T|text\n");
    check("-", BYTES("\n\n<!-- one\n two\n three -->\n<html><body>text"), "article -||text\n");
    check("a.txt", BYTES("\xff\xfe<\0h\0t\0m\0l\0>\0x\0"), "article a.txt||x\n");
    check("a.html", BYTES("text <b>bold</b>"), "article a.html||text bold\n");
    check("a.txt", BYTES("text <b>bold</b>"), "article a.txt||text <b>bold</b>\n");
    check("a.html", BYTES("1 < 2\n"), "article a.html||1 < 2\n\n");
    check("a.html", BYTES(""), "article a.html||\n");
    check("a.html", BYTES("<html>\0"), "skip binary\n");
    check_as(FORMAT_TEXT, "a.html", BYTES("<html>x"), "article a.html||<html>x\n");
    check_as(FORMAT_HTML, "a.txt", BYTES("x &amp; y"), "article a.txt||x & y\n");
    check_as(FORMAT_HTML, "a.html", BYTES("\x89PNG\r\n\x1a\n\0\0"), "skip binary\n");
    check_as(FORMAT_HTML, "-", BYTES(""), "");
}

Test(reader, anything_else_is_text)
{
    check("a.md", BYTES("Title\n\nText"), "article a.md|Title|Text\n");
    check("a", BYTES("caf\xe9"), "article a||caf\xe9\n");
    check("a", BYTES(""), "article a||\n");
    check("-", BYTES(""), "");
    check("a", BYTES("\xff\xfex\0"), "article a||x\n");
    check("a", BYTES("\x1b[1mbold\x1b[0m"), "article a||\x1b[1mbold\x1b[0m\n");
}

Test(reader, binary_files_are_skipped)
{
    check("a", BYTES("text with a \0 byte"), "skip binary\n");
    check("a.jsonl", BYTES("{\"text\":\"\0\"}"), "skip binary\n");
    check("a", BYTES("\x01\x02\x03\x04\x05 few words"), "skip binary\n");
    check("a", BYTES("\xff\xfe\0\0x\0\0\0"), "skip binary\n");
    check("a.jsonl", BYTES("\xff\xfe{\0}\0"), "skip binary\n");
    check_as(FORMAT_TEXT, "a", BYTES("\x89PNG\r\n\x1a\n\0\0"), "skip binary\n");
}

Test(reader, a_format_that_was_asked_for_is_taken_at_its_word)
{
    struct buffer out;

    buffer_init(&out, NULL);
    read_as(FORMAT_TEXT, "a", BYTES("WARC/1.0\r\n\0\1\2"), 0, &out); /* binary, though */
    cr_expect(slice_equal(buffer_bytes(&out), slice_str("skip binary\n")));
    buffer_done(&out);
    check_as(FORMAT_TEXT, "a.jsonl", BYTES("{\"text\":\"x\"}"),
             "article a.jsonl||{\"text\":\"x\"}\n");
    check_as(FORMAT_JSONL, "a.txt", BYTES("some text\n"), "skip bad_record\n");
}

Test(reader, a_compressed_file_that_breaks_at_once_is_one_skip)
{
    check("a.gz", BYTES("\x1f\x8b\x08\0\0\0\0\0\0\3"), "skip unreadable\n");
    check("a.gz", BYTES("\x1f\x8b\x08\xff\xff\xff\xff\xff\xff"), "skip unreadable\n");
    check("a.zst", BYTES("\x28\xb5\x2f\xfd"), "skip unreadable\n");
    check("a.xz",
          BYTES("\xfd"
                "7zXZ\0"),
          "skip unreadable\n");
}

Test(reader, one_reader_serves_many_files_and_may_leave_one_early)
{
    struct reader_options options = {.max_record = 1000, .max_text = 1000};
    struct origin a = {slice_str("a.jsonl"), slice_str("a"), false},
                  b = {slice_str("b"), slice_str("b"), false};
    struct reader *reader;
    struct item item;

    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(
            reader_start_memory(reader, BYTES("{\"text\":\"1\"}\n{\"text\":\"2\"}"), 0, &a, NULL),
            LEDE_OK);
        cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
        cr_expect_eq(item.kind, ITEM_ARTICLE);
        cr_expect_eq(reader_bytes(reader), 13);
        cr_assert_eq(reader_start_memory(reader, BYTES("text"), 0, &b, NULL), LEDE_OK);
        cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
        cr_expect_eq(item.kind, ITEM_ARTICLE);
        cr_expect_eq(reader_bytes(reader), 4);
        cr_expect_eq(reader_raw_bytes(reader), 4);
    }
    reader_close(reader);
}

Test(reader, the_articles_of_a_real_collection_all_arrive)
{
    const char *data = getenv("LEDE_DATA");
    struct reader_options options = {.max_record = 64 << 20};
    char path[4096];
    struct origin origin;
    struct reader *reader;
    struct item item;
    size_t articles = 0, bytes = 0, dates_unread = 0;

    if (!data)
        cr_skip_test("LEDE_DATA is not set");
    snprintf(path, sizeof path, "%s/text/reuters21578.jsonl.gz", data);
    origin = (struct origin){slice_str(path), slice_str(path), true};
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start(reader, open(path, O_RDONLY | O_CLOEXEC), &origin, NULL), LEDE_OK);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind == ITEM_ARTICLE) {
        articles++;
        bytes += item.article.text.size;
        dates_unread += item.date_unread;
    }
    cr_expect_eq(item.kind, ITEM_END);
    cr_expect_eq(articles, 21336);
    cr_expect_gt(bytes, 15000000);
    cr_expect_eq(dates_unread, 329, "those with junk behind the time: %zu", dates_unread);
    reader_close(reader);
}
