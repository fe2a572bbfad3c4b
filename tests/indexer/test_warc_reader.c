/* Archives of the web: what article each record gives, and what is said of the others. */
#include "readings.h"

#include <dirent.h>
#include <zlib.h>

#include "indexer/command/http_message.h"

static int begins[16], begin_count; /* where in file records were put */

TestSuite(warc_reader, .init = readings_begin, .fini = readings_end);

/* ---- files ---- */

/* A record whose Content-Length is wrong by so many bytes. */
static void put_wrong(const char *fields, struct slice block, int wrong)
{
    begins[begin_count++] = (int)file.size;
    buffer_printf(&file, "WARC/1.0\r\n%sContent-Length: %d\r\n\r\n", fields,
                  (int)block.size + wrong);
    buffer_put(&file, block.data, block.size);
    buffer_str(&file, "\r\n\r\n");
}

static void put(const char *fields, struct slice block)
{
    put_wrong(fields, block, 0);
}

#define RESPONSE(uri)                                                                              \
    "WARC-Type: response\r\nWARC-Target-URI: " uri "\r\nWARC-Date: 2024-03-01T12:00:00Z\r\n"       \
    "Content-Type: application/http; msgtype=response\r\n"
#define HTML_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=\"utf-8\"\r\n"

static void put_page(const char *fields, const char *body)
{
    struct buffer block;

    buffer_init(&block, NULL);
    buffer_str(&block, HTML_HEAD "\r\n");
    buffer_str(&block, body);
    put(fields, buffer_bytes(&block));
    buffer_done(&block);
}

/* ---- reading ---- */

static void put_bytes(struct lede_bytes bytes)
{
    buffer_put(&out, bytes.data, bytes.size);
    buffer_byte(&out, '|');
}

static void put_article(const struct item *item)
{
    put_bytes(item->article.id);
    put_bytes(item->article.title);
    put_bytes(item->article.text);
    put_bytes(item->article.url);
    put_bytes(item->article.language);
    for (size_t i = 0; i < item->article.metadata_count; i++) {
        buffer_put(&out, item->article.metadata[i].name.data, item->article.metadata[i].name.size);
        buffer_byte(&out, '=');
        put_bytes(item->article.metadata[i].value);
    }
    out.size--;
    buffer_byte(&out, '\n');
}

/* The number of the record that was put at offset, from 1; 0: none was. */
static int number_at(uint64_t offset)
{
    int number = begin_count;

    while (number > 0 && (uint64_t)begins[number - 1] != offset)
        number--;
    return number;
}

/* An article's fields, or "REASON NUMBER MESSAGE", a line each. */
static void read_file(struct slice bytes, size_t step, size_t max_page, const char *name)
{
    struct reader_options options = {
        .max_record = 1 << 20, .max_text = 1 << 20, .max_page = max_page, .max_tree = 1 << 20};
    struct origin origin = {slice_str(name), slice_str(name), true};
    struct reader *reader;
    struct item item;
    uint64_t behind = 0;

    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, bytes, step, &origin, NULL), LEDE_OK);
    buffer_clear(&out);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind != ITEM_END) {
        if (item.kind == ITEM_SKIP) {
            const char *message = item.skip.message + strcspn(item.skip.message, ":,") + 2;

            cr_expect_eq(strncmp(item.skip.message, "at byte ", 8), 0, "%s", item.skip.message);
            buffer_printf(&out, "%s %d %s\n", skip_reason_name(item.skip.reason),
                          number_at(item.skip.offset), message);
            continue;
        }
        put_article(&item);
        cr_expect_geq(item.article.source_offset, behind);
        behind = item.article.source_offset + item.article.source_size;
    }
    cr_assert_eq(item.kind, ITEM_END);
    buffer_byte(&out, 0);
    reader_close(reader);
}

static void expect_as(const char *expected, size_t max_page, const char *name)
{
    for (size_t step = 0; step < 14; step += 13) {
        read_file(buffer_bytes(&file), step, max_page, name);
        cr_expect_str_eq((char *)out.data, expected, "step %zu:\n%s\nnot\n%s", step,
                         (char *)out.data, expected);
    }
}

static void expect(const char *expected)
{
    expect_as(expected, 4000, "a.warc");
}

/* ---- records ---- */

Test(warc_reader, pages_texts_and_conversions_are_articles)
{
    put("WARC-Type: warcinfo\r\n", BYTES("software: x"));
    put_page(RESPONSE("http://a.example/1"), "<title>One</title><p>first page");
    put("WARC-Type: request\r\nWARC-Target-URI: http://a.example/1\r\n",
        BYTES("GET / HTTP/1.1\r\n\r\n"));
    put("WARC-Type: resource\r\nWARC-Target-URI: <file:///b c.html>\r\nContent-Type: text/html\r\n",
        BYTES("<html lang=fr><link rel=canonical "
              "href='https://b.example/c'><title>Deux</title><p>texte"));
    put("WARC-Type: resource\r\nWARC-Target-URI: urn:t\r\nContent-Type: text/plain; "
        "charset=latin1\r\n",
        BYTES("Trois\n\ncaf\xe9"));
    put("WARC-Type: conversion\r\nWARC-Target-URI: http://w.example/\r\nContent-Type: "
        "text/plain\r\n"
        "WARC-Identified-Content-Language: deu,eng\r\n",
        BYTES("Ein Satz."));
    put("WARC-Type: resource\r\nWARC-Target-URI: metadata://tool/log\r\nContent-Type: "
        "text/plain\r\n",
        BYTES("log"));
    expect("no_article 1 type warcinfo\n"
           "http://a.example/1|One|first page|http://a.example/1||crawled=2024-03-01T12:00:00Z\n"
           "no_article 3 http://a.example/1: type request\n"
           "file:///b c.html|Deux|texte|https://b.example/c|fr\n"
           "urn:t|Trois|caf\xc3\xa9|urn:t|\n"
           "http://w.example/||Ein Satz.|http://w.example/|deu\n"
           "no_article 7 metadata://tool/log: type resource\n");
}

Test(warc_reader, ids_that_come_again_are_numbered)
{
    for (int i = 0; i < 3; i++)
        put_page(RESPONSE("http://a.example/"), "<p>x");
    put_page(RESPONSE("http://b.example/"), "<p>y");
    expect("http://a.example/||x|http://a.example/||crawled=2024-03-01T12:00:00Z\n"
           "http://a.example/#2||x|http://a.example/||crawled=2024-03-01T12:00:00Z\n"
           "http://a.example/#3||x|http://a.example/||crawled=2024-03-01T12:00:00Z\n"
           "http://b.example/||y|http://b.example/||crawled=2024-03-01T12:00:00Z\n");
}

Test(warc_reader, the_date_of_an_article_is_the_pages_and_its_bytes_are_the_record)
{
    struct reader_options options = {.max_page = 4000, .max_tree = 1 << 20};
    struct origin origin = {slice_str("/d/a.warc"), slice_str("a.warc"), true};
    struct reader *reader;
    struct item item;
    size_t begin;

    put("WARC-Type: warcinfo\r\n", BYTES("x"));
    begin = file.size;
    put_page(RESPONSE("http://a.example/"), "<meta name=date content=2020-05-06><p>x");
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, buffer_bytes(&file), 0, &origin, NULL), LEDE_OK);
    cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
    cr_assert_eq(item.kind, ITEM_SKIP);
    cr_expect(!skip_is_failure(&item.skip), "though the file was named");
    cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
    cr_assert_eq(item.kind, ITEM_ARTICLE);
    cr_expect_eq(item.article.date.seconds, 1588723200);
    cr_expect_eq(item.record, 2);
    cr_expect_eq(item.article.source_offset, begin);
    cr_expect_eq(item.article.source_size, file.size - 4 - begin);
    cr_expect(
        slice_equal(slice_of(item.article.source.data, item.article.source.size), origin.path));
    reader_close(reader);
}

Test(warc_reader, what_is_no_page_is_named_and_no_failure)
{
    put(RESPONSE("http://a/"),
        BYTES("HTTP/1.1 302 Found\r\nContent-Type: text/html\r\n\r\n<p>moved"));
    put(RESPONSE("http://b/"), BYTES("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"));
    put(RESPONSE("http://c/"), BYTES("HTTP/1.1 200 OK\r\n\r\nwho knows"));
    put(RESPONSE("http://d/"), BYTES("HTTP/1.1 200 OK\r\n\r\n<!doctype html><p>found out"));
    put(RESPONSE("http://e/"), BYTES("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"));
    put(RESPONSE("http://f/"), BYTES("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n\0\1\2"));
    put("WARC-Type: response\r\nWARC-Target-URI: dns:a\r\nContent-Type: text/dns\r\n",
        BYTES("a 1.2.3.4"));
    read_file(buffer_bytes(&file), 0, 4000, "a.warc");
    for (const char *const *part =
             (const char *const[]){"http://a/: HTTP status 302\n", "http://b/: image/png\n",
                                   "http://c/: of no type that is known\n", "http://d/||found out|",
                                   "http://e/: an empty body\n", "http://f/: binary\n",
                                   "dns:a: text/dns\n", NULL};
         *part; part++)
        cr_expect(strstr((char *)out.data, *part), "%s in\n%s", *part, (char *)out.data);
    cr_expect(!strstr((char *)out.data, "bad_record"));
}

/* ---- broken ones ---- */

Test(warc_reader, a_wrong_length_costs_its_own_record_alone)
{
    for (int wrong = -30; wrong <= 200; wrong += 23) {
        buffer_clear(&file);
        begin_count = 0;
        put_page(RESPONSE("http://a/"), "<p>a");
        put_wrong(RESPONSE("http://b/"), BYTES(HTML_HEAD "\r\n<p>this is the second of them all"),
                  wrong);
        put_page(RESPONSE("http://c/"), "<p>c");
        expect("http://a/||a|http://a/||crawled=2024-03-01T12:00:00Z\n"
               "bad_record 2 it does not end where its length says\n"
               "http://c/||c|http://c/||crawled=2024-03-01T12:00:00Z\n");
    }
}

Test(warc_reader, heads_that_make_no_sense_are_passed_over)
{
    put_page(RESPONSE("http://a/"), "<p>a");
    buffer_str(&file, "some other bytes\r\n\r\n");
    put_page("WARC-Type: response\r\nContent-Type: application/http\r\n", "<p>of nothing");
    buffer_str(&file, "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\nx\r\n\r\n");
    buffer_str(&file, "WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\nx\r\n\r\n");
    put("", BYTES("no type"));
    put(RESPONSE("http://b/"), BYTES("<p>no head"));
    put_page(RESPONSE("http://c/"), "<p>c");
    buffer_str(&file, "WARC/1.0\r\nWARC-Type: response\r\n");
    read_file(buffer_bytes(&file), 7, 4000, "a.warc");
    cr_expect(strstr((char *)out.data, "http://a/||a|"), "%s", (char *)out.data);
    cr_expect(strstr((char *)out.data, "\nbad_record 0 no record begins here\n"));
    cr_expect(strstr((char *)out.data, "it has no WARC-Target-URI\n"));
    cr_expect(strstr((char *)out.data, "its Content-Length is no number\nbad_record"));
    cr_expect(strstr((char *)out.data, "it has no WARC-Type\n"));
    cr_expect(strstr((char *)out.data, "http://b/: its HTTP head cannot be read\n"));
    cr_expect(strstr((char *)out.data, "\nhttp://c/||c|"));
    cr_expect(strstr((char *)out.data, "its head has no end\n"));
}

Test(warc_reader, a_file_cut_anywhere_gives_the_records_before_and_names_the_rest)
{
    size_t first;

    put_page(RESPONSE("http://a/"), "<p>a");
    first = file.size;
    put_page(RESPONSE("http://b/"), "<p>b");
    for (size_t size = first; size < file.size; size++) {
        bool whole = size + 4 >= file.size, none = size <= first;

        read_file(slice_of(file.data, size), 0, 4000, "a.warc");
        cr_expect_eq(strncmp((char *)out.data, "http://a/||a|", 13), 0, "%zu: %s", size,
                     (char *)out.data);
        cr_expect_eq(strstr((char *)out.data, "\nhttp://b/||b|") != NULL, whole, "%zu: %s", size,
                     (char *)out.data);
        cr_expect_eq(strstr((char *)out.data, "\nbad_record ") != NULL, !whole && !none, "%zu: %s",
                     size, (char *)out.data);
    }
}

Test(warc_reader, records_too_large_are_passed_over_by_name)
{
    char body[6000];

    memset(body, 'x', sizeof body);
    memcpy(body, HTML_HEAD "\r\n", sizeof HTML_HEAD + 1);
    put(RESPONSE("http://a/"), slice_of(body, sizeof body));
    memcpy(body, "HTTP/1.0 200 OK\r\nContent-Type: video/x\r\n\r\n", 42);
    put(RESPONSE("http://b/"), slice_of(body, sizeof body));
    put_page(RESPONSE("http://c/"), "<p>c");
    put_wrong(RESPONSE("http://d/"), slice_of(body, sizeof body), 1000);
    expect("too_large 1 http://a/: it has 6000 bytes, more than 4000: see --memory, --max-record\n"
           "no_article 2 http://b/: video/x\n"
           "http://c/||c|http://c/||crawled=2024-03-01T12:00:00Z\n"
           "bad_record 4 it is cut short, or its length is wrong\n");
}

/* ---- ARC ---- */

#define ARC_HEAD                                                                                   \
    "filedesc://a.arc 0.0.0.0 20140216050221 text/plain 76\n1 0 X\n"                               \
    "URL IP-address Archive-date Content-type Archive-length\n12345678901234\n\n"

Test(warc_reader, records_of_arc_files)
{
    buffer_str(&file, ARC_HEAD);
    buffer_str(&file, "http://a/b c 1.2.3.4 20140216050221 text/html 52\n"
                      "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>the page\n");
    buffer_str(&file, "http://b/ 1.2.3.4 20140216050221 text/html -1\nx\n");
    buffer_str(&file, "http://c/ 1.2.3.4 20140216050222 text/plain 4\ntext\n");
    expect_as("no_article 0 filedesc://a.arc: type text/plain\n"
              "http://a/b c||the page|http://a/b c||crawled=2014-02-16T05:02:21Z\n"
              "bad_record 0 its length is no number\n"
              "http://c/||text|http://c/||crawled=2014-02-16T05:02:22Z\n",
              4000, "a.arc");
    buffer_clear(&file);
    buffer_str(&file, ARC_HEAD);
    buffer_str(&file, "http://a/b c 1.2.3.4 20140216050221 text/html 52\n"
                      "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>the page\n");
    expect_as("no_article 0 filedesc://a.arc: type text/plain\n"
              "http://a/b c||the page|http://a/b c||crawled=2014-02-16T05:02:21Z\n",
              4000, "a.arc");
}

/* ---- bodies ---- */

static void expect_body(const char *head, struct slice body, enum lede_status status,
                        struct slice wanted)
{
    struct slice decoded = {NULL, 0};
    struct lede_error error = {.text = ""};

    cr_expect_eq(http_body(slice_str(head), body, 100, &out, &decoded, &error), status, "%s: %s",
                 head, error.text);
    if (status == LEDE_OK)
        cr_expect(slice_equal(decoded, wanted), "%s: <%.*s>", head, (int)decoded.size,
                  (const char *)decoded.data);
}

/* Compressed as gzip (31) or zlib (15). */
static void put_compressed(const char *text, int form)
{
    z_stream zlib = {0};
    uint8_t *room = buffer_room(&file, 1000);

    cr_assert_eq(deflateInit2(&zlib, 9, Z_DEFLATED, form, 9, Z_DEFAULT_STRATEGY), Z_OK);
    zlib.next_in = (uint8_t *)(uintptr_t)text;
    zlib.avail_in = (uInt)strlen(text);
    zlib.next_out = room;
    zlib.avail_out = 1000;
    cr_assert_eq(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    file.size += 1000 - zlib.avail_out;
    deflateEnd(&zlib);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define GZIP    "HTTP/1.1 200 OK\r\ncontent-encoding: GZIP\r\n\r\n"

Test(warc_reader, chunks_are_joined)
{
    expect_body(CHUNKED, BYTES("3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"), LEDE_OK,
                BYTES("abcdefg"));
    expect_body(CHUNKED, BYTES("A  \nabcdefghij\n0\n\n"), LEDE_OK, BYTES("abcdefghij"));
    expect_body(CHUNKED, BYTES("<p>not chunked"), LEDE_OK, BYTES("<p>not chunked"));
    expect_body(CHUNKED, BYTES("3\r\nabc\r\n"), LEDE_CORRUPT, BYTES(""));
    expect_body(CHUNKED, BYTES("3\r\nabcd\r\n0\r\n\r\n"), LEDE_CORRUPT, BYTES(""));
    expect_body(CHUNKED, BYTES("3\r\nab"), LEDE_CORRUPT, BYTES(""));
    expect_body(CHUNKED, BYTES("ffffffff\r\nab"), LEDE_CORRUPT, BYTES(""));
    expect_body(CHUNKED, BYTES("fffffffff\r\nab"), LEDE_OK, BYTES("fffffffff\r\nab"));
}

Test(warc_reader, compressed_bodies_are_unpacked_to_a_limit)
{
    char zeros[200] = {0};

    put_compressed("some text", 31);
    expect_body(GZIP, buffer_bytes(&file), LEDE_OK, BYTES("some text"));
    expect_body("HTTP/1.1 200 OK\r\n\r\n", buffer_bytes(&file), LEDE_OK, buffer_bytes(&file));
    for (size_t size = 2; size < file.size; size++)
        expect_body(GZIP, slice_of(file.data, size), LEDE_CORRUPT, BYTES(""));
    file.data[12] ^= 0x40;
    expect_body(GZIP, buffer_bytes(&file), LEDE_CORRUPT, BYTES(""));
    buffer_clear(&file);
    put_compressed("some text", 15);
    expect_body("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", buffer_bytes(&file),
                LEDE_OK, BYTES("some text"));
    expect_body(GZIP, BYTES("<p>unpacked before"), LEDE_OK, BYTES("<p>unpacked before"));
    expect_body("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n", BYTES("x"), LEDE_CORRUPT,
                BYTES(""));
    buffer_clear(&file);
    memset(zeros, 'z', 101);
    put_compressed(zeros, 31);
    expect_body(GZIP, buffer_bytes(&file), LEDE_LIMIT, BYTES(""));
    zeros[100] = '\0';
    buffer_clear(&file);
    put_compressed(zeros, 31);
    expect_body(GZIP, buffer_bytes(&file), LEDE_OK, slice_of(zeros, 100));
}

Test(warc_reader, chunks_of_a_compressed_body)
{
    struct buffer chunks;

    buffer_init(&chunks, NULL);
    put_compressed("text in two pieces", 31);
    buffer_printf(&chunks, "5\r\n%.0s", "");
    buffer_put(&chunks, file.data, 5);
    buffer_printf(&chunks, "\r\n%zx\r\n", file.size - 5);
    buffer_put(&chunks, file.data + 5, file.size - 5);
    buffer_str(&chunks, "\r\n0\r\n\r\n");
    expect_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Encoding: x-gzip\r\n\r\n",
                buffer_bytes(&chunks), LEDE_OK, BYTES("text in two pieces"));
    buffer_done(&chunks);
}

Test(warc_reader, fields_of_heads)
{
    struct slice head = BYTES("HTTP/1.1 203 Yes\r\nA: 1\r\n folded: 2\r\nb "
                              ":3\r\nContent-Type:text/html;x=y; Charset='koi8-r' \n\nrest: 4\n\n");
    struct slice type = http_field(head, "content-type");

    cr_expect_eq(http_head_size(head), head.size - 9, "up to the first empty line");
    cr_expect_eq(http_status(head), 203);
    cr_expect(slice_equal(http_field(head, "a"), BYTES("1")));
    cr_expect_eq(http_field(head, "folded").size, 0);
    cr_expect(slice_equal(http_media_type(type), BYTES("text/html")));
    cr_expect(slice_equal(http_charset(type), BYTES("koi8-r")));
    cr_expect_eq(http_charset(BYTES("text/html")).size, 0);
    cr_expect_eq(http_status(BYTES("HTTP/1.1\r\n")), 0);
    cr_expect_eq(http_head_size(BYTES("a: b\r\n")), 0);
}

/* ---- real ones ---- */

static unsigned lines_with(const char *text)
{
    unsigned count = 0;

    for (const char *at = (char *)out.data; (at = strstr(at, text)); at++)
        count++;
    return count;
}

static void read_data(const char *data, const char *name)
{
    char path[4096];
    size_t size;
    char *bytes;

    snprintf(path, sizeof path, "%s/warc/%s", data, name);
    bytes = scratch_read(path, &size);
    read_file(slice_of(bytes, size), 0, 1 << 20, path);
    free(bytes);
}

Test(warc_reader, real_files_good_and_broken)
{
    static const struct {
        const char *name;
        unsigned articles, titled, broken;
    } files[] = {{"bad.arc", 1, 0, 2},
                 {"example-bad-non-chunked.warc.gz", 1, 1, 0},
                 {"example-bad.warc.gz.bad", 1, 1, 0},
                 {"example-digest.warc", 0, 0, 0},
                 {"example-iana.org-chunked.warc", 1, 1, 0},
                 {"example-resource.warc.gz", 1, 1, 0},
                 {"example-space-in-target-uri.warc.gz", 0, 0, 0},
                 {"example-space-in-url.arc", 0, 0, 1},
                 {"example-trunc.warc", 0, 0, 1},
                 {"example-wget-bad-target-uri.warc.gz", 1, 1, 0},
                 {"example-wrong-chunks.warc.gz", 1, 1, 0},
                 {"example.arc", 1, 1, 0},
                 {"example.arc.gz", 1, 1, 0},
                 {"example.warc", 1, 1, 0},
                 {"example.warc.gz", 1, 1, 0},
                 {"post-test.warc.gz", 0, 0, 0}};
    const char *data = getenv("LEDE_DATA");

    if (!data)
        cr_skip_test("LEDE_DATA is not set");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        read_data(data, files[i].name);
        cr_expect_eq(lines_with("|crawled=20"), files[i].articles, "%s:\n%s", files[i].name,
                     (char *)out.data);
        cr_expect_eq(lines_with("bad_record "), files[i].broken, "%s:\n%s", files[i].name,
                     (char *)out.data);
        cr_expect_eq(lines_with("unreadable ") + lines_with("too_large "), 0);
        cr_expect_eq(lines_with("|Example Domain|This domain is") +
                         lines_with("|Internet Assigned"),
                     files[i].titled);
    }
}
