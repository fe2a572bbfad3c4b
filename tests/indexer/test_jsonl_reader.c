#include "scratch.h"

#include "base/buffer.h"
#include "indexer/command/jsonl_reader.h"

static const struct origin ORIGIN = {
    {(const uint8_t *)"/d/a.jsonl", 10}, {(const uint8_t *)"a.jsonl", 7}, false};

static void put_bytes(struct buffer *out, struct lede_bytes bytes)
{
    buffer_byte(out, '|');
    buffer_put(out, bytes.data, bytes.size);
}

/* Writes an item as a line: "article LINE @OFFSET+SIZE|id|title|text|url|language|date|name=value".
 */
static void put_item(struct buffer *out, const struct item *item)
{
    const struct lede_article *article = &item->article;
    char date[LEDE_DATE_TEXT];

    if (item->kind == ITEM_SKIP) {
        buffer_printf(out, "skip %llu @%llu %s: %s\n", (unsigned long long)item->skip.record,
                      (unsigned long long)item->skip.offset, skip_reason_name(item->skip.reason),
                      item->skip.message);
        return;
    }
    lede_date_format(article->date, date);
    buffer_printf(out, "article %llu @%llu+%llu", (unsigned long long)item->record,
                  (unsigned long long)article->source_offset,
                  (unsigned long long)article->source_size);
    put_bytes(out, article->id);
    put_bytes(out, article->title);
    put_bytes(out, article->text);
    put_bytes(out, article->url);
    put_bytes(out, article->language);
    buffer_printf(out, "|%s", date);
    for (size_t i = 0; i < article->metadata_count; i++) {
        put_bytes(out, article->metadata[i].name);
        buffer_byte(out, '=');
        buffer_put(out, article->metadata[i].value.data, article->metadata[i].value.size);
    }
    if (item->replaced_bytes)
        buffer_printf(out, " replaced %llu", (unsigned long long)item->replaced_bytes);
    if (item->date_unread)
        buffer_str(out, " date unread");
    buffer_byte(out, '\n');
}

static void read_lines(struct slice bytes, size_t step, size_t most,
                       const struct member_fields *fields, struct buffer *out)
{
    struct jsonl_reader *reader;
    struct input *input;
    struct item item;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    cr_assert_eq(jsonl_reader_new(fields, most, &reader, NULL), LEDE_OK);
    cr_assert_eq(input_open_memory(input, bytes, "/d/a.jsonl", step, NULL), LEDE_OK);
    jsonl_reader_start(reader, input, &ORIGIN);
    buffer_clear(out);
    for (;;) {
        cr_assert_eq(jsonl_reader_next(reader, &item, NULL), LEDE_OK);
        if (item.kind == ITEM_END)
            break;
        put_item(out, &item);
    }
    cr_assert_eq(jsonl_reader_next(reader, &item, NULL), LEDE_OK);
    cr_expect_eq(item.kind, ITEM_END, "the end stays the end");
    jsonl_reader_free(reader);
    input_free(input);
}

static void check_with(struct slice bytes, size_t most, const struct member_fields *fields,
                       const char *expected)
{
    struct buffer out;

    buffer_init(&out, NULL);
    for (size_t step = 0; step < 4; step += 3) {
        read_lines(bytes, step, most, fields, &out);
        buffer_byte(&out, 0);
        cr_expect_str_eq((char *)out.data, expected, "step %zu:\n%s\nnot\n%s", step,
                         (char *)out.data, expected);
    }
    buffer_done(&out);
}

static void check(const char *lines, const char *expected)
{
    check_with(slice_str(lines), 1000, NULL, expected);
}

Test(jsonl_reader, members_fill_the_article_and_further_ones_are_metadata)
{
    check("{\"id\":\"x\",\"title\":\"T\",\"text\":\"A b\",\"url\":\"u\",\"language\":\"de\","
          "\"date\":\"2023-07\",\"author\":\"N\",\"n\":[1,{\"a\":null}],\"f\":0.1,\"b\":true}\n",
          "article 1 @0+127|x|T|A b|u|de|2023-07|author=N|n=[1,{\"a\":null}]|f=0.1|b=true\n");
}

Test(jsonl_reader, numbers_stand_for_their_decimal_text)
{
    check(
        "{\"id\":12,\"title\":1984,\"date\":2023,\"v\":1e3,\"w\":0.30000000000000004,\"x\":[0.1]}",
        "article 1 @0+76|12|1984||||2023|v=1000.0|w=0.30000000000000004|x=[0.1]\n");
    check("{\"id\":-9223372036854775808,\"text\":\"\"}",
          "article 1 @0+37|-9223372036854775808|||||\n");
}

Test(jsonl_reader, an_article_without_id_is_named_by_its_record)
{
    check("{\"text\":\"a\"}\n\n  \r\n{\"text\":\"b\"}\r\nbad\n{\"id\":\"\",\"text\":\"c\"}",
          "article 1 @0+12|a.jsonl#1||a|||\n"
          "article 4 @18+13|a.jsonl#2||b|||\n"
          "skip 5 @32 bad_record: '[' or '{' expected near 'bad', byte 3 of the record\n"
          "article 6 @36+20|a.jsonl#4||c|||\n");
}

Test(jsonl_reader, null_is_a_member_that_is_not_there)
{
    check("{\"id\":null,\"title\":null,\"text\":\"a\",\"date\":null,\"x\":null}",
          "article 1 @0+56|a.jsonl#1||a||||x=null\n");
    check("{\"text\":null}", "skip 1 @0 bad_record: has neither \"title\" nor \"text\" (see "
                             "--field)\n");
}

Test(jsonl_reader, a_date_in_no_known_form_is_metadata_and_told)
{
    check("{\"text\":\"a\",\"date\":\"yesterday\"}",
          "article 1 @0+31|a.jsonl#1||a||||date=yesterday date unread\n");
    check("{\"text\":\"a\",\"date\":1689755400}",
          "article 1 @0+30|a.jsonl#1||a||||date=1689755400 date unread\n");
}

Test(jsonl_reader, fields_may_have_other_names)
{
    struct member_fields fields = {
        .members = {[MEMBER_TITLE] = "headline", [MEMBER_TEXT] = "body"}};

    check_with(slice_str("{\"headline\":\"H\",\"body\":\"B\",\"title\":\"t\"}"), 1000, &fields,
               "article 1 @0+39|a.jsonl#1|H|B||||title=t\n");
    fields.members[MEMBER_TITLE] = "body";
    check_with(slice_str("{\"body\":\"B\"}"), 1000, &fields, "article 1 @0+12|a.jsonl#1|B|B|||\n");
    check_with(slice_str("{\"text\":\"B\"}"), 1000, &fields,
               "skip 1 @0 bad_record: has neither \"body\" nor \"body\" (see --field)\n");
}

Test(jsonl_reader, what_is_no_object_of_texts_is_named_and_the_rest_is_read)
{
    check("[1]\n\"x\"\n{\"text\":[\"a\"]}\n{\"id\":true,\"text\":\"\"}\n{\"text\":\"ok\"}\n",
          "skip 1 @0 bad_record: the record is no JSON object\n"
          "skip 2 @4 bad_record: '[' or '{' expected near '\"x\"', byte 3 of the record\n"
          "skip 3 @8 bad_record: member \"text\" is no string (see --field)\n"
          "skip 4 @23 bad_record: member \"id\" is no string (see --field)\n"
          "article 5 @45+13|a.jsonl#5||ok|||\n");
}

Test(jsonl_reader, two_objects_on_a_line_are_none)
{
    check("{\"text\":\"a\"} {\"text\":\"b\"}\n",
          "skip 1 @0 bad_record: end of file expected near '{', byte 14 of the record\n");
}

Test(jsonl_reader, a_member_given_twice_has_its_last_value)
{
    check("{\"text\":\"a\",\"text\":\"b\"}", "article 1 @0+23|a.jsonl#1||b|||\n");
}

Test(jsonl_reader, a_nul_in_a_string_is_text)
{
    static const char expected[] = "article 1 @0+19|a.jsonl#1||a\0b|||\n";
    struct buffer out;

    buffer_init(&out, NULL);
    read_lines(slice_str("{\"text\":\"a\\u0000b\"}"), 0, 1000, NULL, &out);
    cr_expect(slice_equal(buffer_bytes(&out), slice_of(expected, sizeof expected - 1)));
    buffer_done(&out);
}

Test(jsonl_reader, bytes_that_are_no_utf8_become_the_replacement_character)
{
    check("{\"text\":\"caf\xe9 \xed\xa0\x80\"}\n{\"id\":\"i\xff\",\"text\":\"\"}\n",
          "article 1 @0+19|a.jsonl#1||caf\ufffd \ufffd\ufffd\ufffd||| replaced 4\n"
          "article 2 @20+21|i\ufffd||||| replaced 1\n");
}

Test(jsonl_reader, half_a_surrogate_pair_is_a_bad_record)
{
    check("{\"text\":\"\\ud83d\"}\n{\"text\":\"\\ud83d\\ude00\"}",
          "skip 1 @0 bad_record: invalid Unicode '\\uD83D' near '\"\\ud83d\"', byte 16 of the "
          "record\n"
          "article 2 @18+23|a.jsonl#2||\U0001f600|||\n");
}

Test(jsonl_reader, a_byte_order_mark_is_passed)
{
    check("\xef\xbb\xbf{\"text\":\"a\"}\n", "article 1 @3+12|a.jsonl#1||a|||\n");
}

Test(jsonl_reader, a_line_over_the_limit_is_passed_over_and_told)
{
    static const char lines[] = "{\"text\":\"12\"}\n{\"text\":\"123\"}\n{\"text\":\"45\"}\n";

    check_with(slice_str(lines), 13, NULL,
               "article 1 @0+13|a.jsonl#1||12|||\n"
               "skip 2 @14 too_large: the line has 14 bytes, more than 13: see --max-record\n"
               "article 3 @29+13|a.jsonl#3||45|||\n");
    check_with(slice_str("{\"text\":\"123\"}"), 13, NULL,
               "skip 1 @0 too_large: the line has 14 bytes, more than 13: see --max-record\n");
}

Test(jsonl_reader, nesting_of_any_depth_is_a_record_or_a_skip)
{
    struct buffer line, out;

    buffer_init(&line, NULL);
    buffer_init(&out, NULL);
    for (int depth = 2000; depth < 3000000; depth *= 30) {
        buffer_clear(&line);
        buffer_str(&line, "{\"text\":\"a\",\"deep\":");
        for (int i = 0; i < depth; i++)
            buffer_byte(&line, '[');
        for (int i = 0; i < depth; i++)
            buffer_byte(&line, ']');
        buffer_str(&line, "}\n{\"text\":\"b\"}\n");
        read_lines(buffer_bytes(&line), 0, 10000000, NULL, &out);
        buffer_byte(&out, 0);
        cr_expect(strstr((char *)out.data, depth == 2000 ? "deep=[[" : "maximum parsing depth"));
        cr_expect(strstr((char *)out.data, "|a.jsonl#2||b|||"));
    }
    buffer_done(&line);
    buffer_done(&out);
}

Test(jsonl_reader, a_gz_cut_short_keeps_the_records_before_and_is_named_once)
{
    /* {"text":"a"} newline {"text":"b"} newline {"te, and no more */
    static const uint8_t gz[] = {0x1f, 0x8b, 8,    0,    0,   0,    0,   0,    0,   3,   0,
                                 31,   0,    0xe0, 0xff, '{', '"',  't', 'e',  'x', 't', '"',
                                 ':',  '"',  'a',  '"',  '}', '\n', '{', '"',  't', 'e', 'x',
                                 't',  '"',  ':',  '"',  'b', '"',  '}', '\n', '{', '"', 't'};

    check_with(slice_of(gz, sizeof gz), 1000, NULL,
               "article 1 @0+12|a.jsonl#1||a|||\n"
               "article 2 @13+12|a.jsonl#2||b|||\n"
               "skip 3 @26 unreadable: /d/a.jsonl: the compressed data are cut short, near byte "
               "44\n");
}

Test(jsonl_reader, cut_and_flipped_bytes_never_stop_the_reader)
{
    static const char lines[] =
        "{\"id\":\"x\",\"title\":\"T\",\"text\":\"A \\u00e9\",\"n\":[1.5,{}],\"date\":\"2023\"}\n"
        "{\"id\":7,\"text\":\"caf\u00e9\"}\n";
    unsigned seed = scratch_seed();
    char bytes[sizeof lines];
    struct buffer out;

    buffer_init(&out, NULL);
    for (size_t cut = 0; cut < sizeof lines; cut++)
        read_lines(slice_of(lines, cut), 0, 1000, NULL, &out);
    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, lines, sizeof lines);
        for (int flips = 1 + rand_r(&seed) % 3; flips > 0; flips--)
            bytes[(size_t)rand_r(&seed) % (sizeof lines - 1)] = (char)rand_r(&seed);
        read_lines(slice_of(bytes, sizeof lines - 1), 0, 1000, NULL, &out);
        cr_assert_gt(out.size, 0);
    }
    buffer_done(&out);
}
