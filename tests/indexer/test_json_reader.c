/* JSON that is not lines: what article each object gives, and what is said of what is none. */
#include "readings.h"

#include "indexer/command/json_extent.h"

TestSuite(json_reader, .init = readings_begin, .fini = readings_end);

/* "ID=TEXT @OFFSET+SIZE" or "skip N @OFFSET REASON: MESSAGE" an item. */
static void put_item(const struct item *item, struct slice bytes)
{
    const struct lede_article *article = &item->article;

    (void)bytes;
    if (item->kind == ITEM_SKIP)
        buffer_printf(&out, "skip %llu @%llu %s: %s\n", (unsigned long long)item->skip.record,
                      (unsigned long long)item->skip.offset, skip_reason_name(item->skip.reason),
                      item->skip.message);
    else
        buffer_printf(&out, "%.*s=%.*s @%llu+%llu\n", (int)article->id.size,
                      (const char *)article->id.data, (int)article->text.size,
                      (const char *)article->text.data, (unsigned long long)article->source_offset,
                      (unsigned long long)article->source_size);
}

static const char *read_all(struct slice bytes, size_t step)
{
    struct reader_options options = {.format = FORMAT_JSON, .max_record = 100};

    return read_items(&options, "f.json", bytes, step, put_item);
}

static void check(struct slice bytes, const char *expected)
{
    for (size_t step = 0; step < 4; step++) {
        const char *got = read_all(bytes, step);

        cr_expect_str_eq(got, expected, "step %zu: %s not %s", step, got, expected);
    }
}

Test(json_reader, an_array_is_an_article_for_each_object)
{
    check(
        BYTES("[{\"text\":\"a\"},\n {\"id\":\"x\",\"text\":\"b\"} , {\"text\":\"c ] } \\\" \"}]\n"),
        "f#1=a @1+12\nx=b @16+21\nf#3=c ] } \"  @40+20\n");
    check(BYTES("\xef\xbb\xbf [ ] \n"), "");
    check(BYTES(""), "");
    check(BYTES("  \n"), "");
}

Test(json_reader, an_object_alone_is_the_file)
{
    check(BYTES("{\n  \"text\": \"a\",\n  \"more\": {\"b\": [1, {}]}\n}\n\n"), "f=a @0+43\n");
    check(BYTES("{\"text\":\"a\"}"), "f=a @0+12\n");
}

Test(json_reader, objects_one_after_the_other_are_numbered)
{
    check(BYTES("{\n\"text\":\"a\"\n}\n{\"text\":\"b\"} {\"text\":\"c\"}"),
          "f#1=a @0+14\nf#2=b @15+12\nf#3=c @28+12\n");
}

Test(json_reader, what_is_no_article_is_named_and_the_next_one_read)
{
    check(BYTES("[1, \"a\", null, [{}], {\"n\":1}, {bad}, {\"text\":\"b\"}]"),
          "skip 1 @1 bad_record: the record is no JSON object\n"
          "skip 2 @4 bad_record: the record is no JSON object\n"
          "skip 3 @9 bad_record: the record is no JSON object\n"
          "skip 4 @15 bad_record: the record is no JSON object\n"
          "skip 5 @21 bad_record: has neither \"title\" nor \"text\" (see --field)\n"
          "skip 6 @30 bad_record: string or '}' expected near 'bad', byte 4 of the record\n"
          "f#7=b @37+12\n");
}

Test(json_reader, an_object_over_the_limit_is_passed_and_the_next_one_read)
{
    struct buffer bytes;
    char expected[200];

    buffer_init(&bytes, NULL);
    buffer_str(&bytes, "[{\"text\":\"");
    for (int i = 0; i < 50000; i++)
        buffer_str(&bytes, "] \\\" ");
    buffer_str(&bytes, "\"},{\"text\":\"b\"}]");
    snprintf(expected, sizeof expected,
             "skip 1 @1 too_large: the record has 250011 bytes, more than 100: see --max-record\n"
             "f#2=b @250013+12\n");
    cr_expect_str_eq(read_all(buffer_bytes(&bytes), 0), expected, "%s", (char *)out.data);
    buffer_done(&bytes);
}

Test(json_reader, what_does_not_end_is_one_skip)
{
    check(BYTES("[{\"text\":\"a\"}, "),
          "f#1=a @1+12\nskip 1 @15 bad_record: the array has no end: it is cut short\n");
    check(BYTES("[{\"text\":\"a\"}, {\"text\":\"b"),
          "f#1=a @1+12\nskip 2 @15 bad_record: brackets or quotes in it do not match\n");
    check(BYTES("[{\"text\":\"a\"}] {\"text\":\"b\"}"),
          "f#1=a @1+12\nskip 1 @15 bad_record: there is something behind the array\n");
    check(BYTES("]]]]"), "skip 1 @0 bad_record: neither objects nor an array of them\n");
    check(BYTES("text and more"), "skip 1 @0 bad_record: neither objects nor an array of them\n");
}

Test(json_reader, brackets_that_nest_without_end_take_no_memory)
{
    struct buffer bytes;

    buffer_init(&bytes, NULL);
    for (int i = 0; i < 1000000; i++)
        buffer_byte(&bytes, '[');
    cr_expect_str_eq(read_all(buffer_bytes(&bytes), 0),
                     "skip 1 @1000000 bad_record: brackets or quotes in it do not match\n", "%s",
                     (char *)out.data);
    buffer_clear(&bytes);
    for (int i = 0; i < 90; i++)
        buffer_str(&bytes, i < 45 ? "[" : "]");
    cr_expect_str_eq(read_all(buffer_bytes(&bytes), 0),
                     "skip 1 @1 bad_record: the record is no JSON object\n", "%s",
                     (char *)out.data);
    buffer_done(&bytes);
}

/* ---- extents ---- */

static size_t extent_of(struct slice bytes)
{
    struct json_extent extent = {.depth = 0};
    size_t size = 0;

    return json_extent_find(&extent, bytes, &size) ? size : 0;
}

Test(json_extent, ends_with_its_bracket_or_quote_or_before_what_ends_a_word)
{
    cr_expect_eq(extent_of(BYTES("{\"a\":[]} x")), 8);
    cr_expect_eq(extent_of(BYTES("\"a\\\"b\", ")), 6);
    cr_expect_eq(extent_of(BYTES("12,")), 2);
    cr_expect_eq(extent_of(BYTES("null]")), 4);
    cr_expect_eq(extent_of(BYTES("]")), 1);
    cr_expect_eq(extent_of(BYTES(",")), 1);
    cr_expect_eq(extent_of(BYTES("12")), 0);
    cr_expect_eq(extent_of(BYTES("{\"}")), 0);
}

Test(json_extent, does_not_depend_on_where_the_bytes_are_cut)
{
    static const char text[] = "{\"a\\\\\":\"\\\"]}\",\"b\":[{},\"\\u005d\"]} rest";

    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct json_extent extent = {.depth = 0};
        size_t size = 0;

        if (!json_extent_find(&extent, slice_of(text, cut), &size))
            cr_expect(json_extent_find(&extent, slice_of(text, sizeof text - 1), &size));
        cr_expect_eq(size, sizeof text - 1 - 5, "cut at %zu: %zu", cut, size);
    }
}
