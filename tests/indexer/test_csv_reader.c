/* Tables: what article each row gives, and what is said of the others. */
#include "readings.h"

#include <csv.h>

#include "indexer/command/csv_header.h"

static struct member_fields fields;

TestSuite(csv_reader, .init = readings_begin, .fini = readings_end);

static void put_field(const char *name, struct lede_bytes value)
{
    if (value.size)
        buffer_printf(&out, " %s=%.*s", name, (int)value.size, (const char *)value.data);
}

static void put_item(const struct item *item, struct slice bytes)
{
    const struct lede_article *article = &item->article;

    if (item->kind == ITEM_SKIP) {
        buffer_printf(&out, "skip %s line %llu at %llu: %s\n", skip_reason_name(item->skip.reason),
                      (unsigned long long)item->skip.record, (unsigned long long)item->skip.offset,
                      item->skip.message);
        return;
    }
    buffer_printf(&out, "%.*s", (int)article->id.size, (const char *)article->id.data);
    put_field("title", article->title);
    put_field("text", article->text);
    put_field("url", article->url);
    put_field("language", article->language);
    for (size_t i = 0; i < article->metadata_count; i++)
        buffer_printf(&out, " %.*s:%.*s", (int)article->metadata[i].name.size,
                      (const char *)article->metadata[i].name.data,
                      (int)article->metadata[i].value.size,
                      (const char *)article->metadata[i].value.data);
    buffer_byte(&out, '\n');
    cr_assert_leq(article->source_offset + article->source_size, bytes.size);
    cr_expect(item->record == 0 ||
              bytes.data[article->source_offset + article->source_size - 1] != '\n');
}

static const char *read_as(enum input_format format, const char *name, struct slice bytes,
                           size_t step)
{
    struct reader_options options = {
        .format = format, .max_record = 200, .max_text = 1000, .fields = fields};

    return read_items(&options, name, bytes, step, put_item);
}

static void check_as(enum input_format format, const char *name, struct slice bytes,
                     const char *expected)
{
    for (size_t step = 0; step < 6; step++) {
        const char *got = read_as(format, name, bytes, step);

        cr_expect_str_eq(got, expected, "step %zu: %s not %s", step, got, expected);
    }
}

static void check(struct slice bytes, const char *expected)
{
    check_as(FORMAT_AUTO, "f.csv", bytes, expected);
}

/* ---- what is read ---- */

Test(csv_reader, a_row_is_an_article_and_columns_are_its_members)
{
    check(BYTES("id,title,text,url,language,section\n"
                "a,One,first,http://x,de,news\n"
                ",Two,second,,,\n"),
          "a title=One text=first url=http://x language=de section:news\n"
          "f#2 title=Two text=second\n");
}

Test(csv_reader, quoted_fields_hold_separators_quotes_and_lines)
{
    check(BYTES("title,text\r\n"
                "\"a, b\",\"he said \"\"no\"\"\r\nand left\"\r\n"
                "c, d \r\n"),
          "f#1 title=a, b text=he said \"no\"\r\nand left\n"
          "f#2 title=c text=d\n");
}

Test(csv_reader, lines_end_in_any_way_and_the_last_need_not)
{
    check(BYTES("title,text\ra,b\rc,d"), "f#1 title=a text=b\nf#2 title=c text=d\n");
    check(BYTES("title,text\r\n\r\na,b\r\n  \r\n,\r\nc,d\r\n\r\n"),
          "f#1 title=a text=b\nf#2 title=c text=d\n");
    check(BYTES("title,text\n"), "");
    check(BYTES(""), "");
}

Test(csv_reader, the_separator_is_what_the_header_has_most_of)
{
    check(BYTES("title;text;a,b\nx;y, z;w\n"), "f#1 title=x text=y, z a,b:w\n");
    check(BYTES("title|text\nx|y, z\n"), "f#1 title=x text=y, z\n");
    check(BYTES("title\ttext\nx\t\"y\tz\"\n"), "f#1 title=x text=y\tz\n");
    check(BYTES("\"title\";\"text, or so\";\"c,d\"\nx;y;z\n"), "f#1 title=x text, or so:y c,d:z\n");
}

Test(csv_reader, in_tsv_quotes_are_characters_unless_the_header_has_some)
{
    check_as(FORMAT_AUTO, "f.tsv", BYTES("title\ttext\n\"Heroes\" is\ta \"song\n,\tb\n"),
             "f#1 title=\"Heroes\" is text=a \"song\nf#2 title=, text=b\n");
    check_as(FORMAT_TSV, "f", BYTES("\"title\"\t\"text\"\n\"a\nb\"\tc\n"),
             "f#1 title=a\nb text=c\n");
    check_as(FORMAT_TSV, "f", BYTES("title,x\ttext\na\tb\n"), "f#1 text=b title,x:a\n");
}

Test(csv_reader, names_of_columns_may_be_in_any_case_or_given)
{
    check(BYTES("\xef\xbb\xbfTITLE, Text \na,b\n"), "f#1 title=a text=b\n");
    fields.members[MEMBER_TEXT] = "body";
    check(BYTES("Headline,Body\na,b\n"), "f#1 text=b Headline:a\n");
    check_as(FORMAT_AUTO, "f", BYTES("n,body\na,b\n"), "f#1 text=b n:a\n");
}

Test(csv_reader, tables_are_told_by_their_header)
{
    check_as(FORMAT_AUTO, "f", BYTES("id,text\na,b\n"), "a text=b\n");
    check_as(FORMAT_AUTO, "f", BYTES("id\tTitle\na\tb\n"), "a title=b\n");
    check_as(FORMAT_AUTO, "f", BYTES("text, and more\n"), "f text=text, and more\n\n");
    check_as(FORMAT_AUTO, "f", BYTES("text\nof one column"), "f text=text\nof one column\n");
    check_as(FORMAT_AUTO, "f", BYTES("a,b\nc,d\n"), "f text=a,b\nc,d\n\n");
    check_as(FORMAT_TEXT, "f.csv", BYTES("title,text\n"), "f text=title,text\n\n");
    cr_expect(!csv_recognizes(BYTES("title,text"), &fields), "no line end");
    cr_expect(!csv_recognizes(BYTES(""), &fields));
}

Test(csv_reader, bytes_that_are_no_utf8_are_replaced)
{
    check(BYTES("title,text\ncaf\xe9,\xff\n"), "f#1 title=caf\xef\xbf\xbd text=\xef\xbf\xbd\n");
    check(BYTES("\xff\xfet\0i\0"),
          "skip binary line 0 at 0: UTF-16: tables are UTF-8, convert it with iconv\n");
}

/* ---- what is not ---- */

Test(csv_reader, a_row_that_is_no_article_is_named_and_the_next_one_read)
{
    check(BYTES("title,text\na,b,c\n\nd\ne,f\n"),
          "skip bad_record line 2 at 11: the row has 3 fields, the header 2\n"
          "f#2 title=d\n"
          "f#3 title=e text=f\n");
    check(BYTES("id,text\nx,\ny,z\n"),
          "skip bad_record line 2 at 8: has neither \"title\" nor \"text\" (see --field)\n"
          "y text=z\n");
}

Test(csv_reader, a_table_without_title_and_text_is_one_skip)
{
    check(BYTES("a,b\nc,d\ne,f\n"), "skip bad_record line 1 at 0: no column is named \"title\" or "
                                    "\"text\": see --field (-f text takes it as text)\n");
}

Test(csv_reader, a_quote_that_is_not_closed_is_named_and_costs_no_more_than_a_record)
{
    buffer_str(&file, "title,text\na,\"b\n");
    check(buffer_bytes(&file),
          "skip bad_record line 2 at 11: a quote is not closed before the file "
          "ends\n");
    for (int i = 0; i < 30; i++)
        buffer_str(&file, "0123456789\n");
    buffer_str(&file, "c,d\n");
    read_as(FORMAT_AUTO, "f.csv", buffer_bytes(&file), 0);
    cr_expect_eq(strncmp((char *)out.data, "skip too_large line 2 at 11: ", 29), 0, "%s",
                 (char *)out.data);
    cr_expect_str_eq(strrchr((char *)out.data, 'f'), "f#13 title=c text=d\n", "%s",
                     (char *)out.data);
}

Test(csv_reader, a_row_over_the_limit_is_passed_and_the_next_one_read)
{
    buffer_str(&file, "title,text\na,");
    for (int i = 0; i < 100000; i++)
        buffer_str(&file, "xy ");
    buffer_str(&file, "\nb,c\n");
    check(buffer_bytes(&file), "skip too_large line 2 at 11: the row has more than 200 bytes, or a "
                               "quote is not closed: see --max-record\n"
                               "f#1 title=b text=c\n");
}

Test(csv_reader, columns_without_end_take_no_memory)
{
    struct reader_options options = {.format = FORMAT_CSV, .max_record = 1 << 20};
    struct origin origin = {slice_str("f"), slice_str("f"), true};
    struct reader *reader;
    struct item item;

    buffer_str(&file, "title,text");
    for (int i = 0; i < 100000; i++)
        buffer_byte(&file, ',');
    buffer_str(&file, "\nb,c\n");
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, buffer_bytes(&file), 0, &origin, NULL), LEDE_OK);
    cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
    cr_expect_eq(item.kind, ITEM_SKIP);
    cr_expect_str_eq(item.skip.message, "a table of more than 4096 columns");
    cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
    cr_expect_eq(item.kind, ITEM_END);
    reader_close(reader);
}

/* ---- any fields ---- */

static void put_random(struct buffer *to, unsigned *seed)
{
    static const char *const pieces[] = {"a", "\"", ",", "\n", "\r\n", " ", ";", "\xc3\xa9", "x y"};
    size_t count = (size_t)rand_r(seed) % 12;

    buffer_str(to, "x"); /* no field is empty, or is trimmed */
    while (count-- > 0)
        buffer_str(to, pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof pieces[0])]);
    buffer_str(to, "x");
}

Test(csv_reader, what_was_written_is_read_whatever_the_fields)
{
    unsigned seed = scratch_seed(), first = seed;
    struct buffer value, expected, quoted;

    buffer_init(&value, NULL);
    buffer_init(&expected, NULL);
    buffer_init(&quoted, NULL);
    for (int round = 0; round < 50; round++) {
        buffer_clear(&file);
        buffer_clear(&expected);
        buffer_str(&file, "title,text\n");
        for (int row = 1; row < 8; row++) {
            buffer_printf(&expected, "f#%d", row);
            for (int i = 0; i < 2; i++) {
                size_t size;

                buffer_clear(&value);
                put_random(&value, &seed);
                buffer_clear(&quoted);
                size = csv_write(buffer_room(&quoted, 2 * value.size + 2), 2 * value.size + 2,
                                 value.data, value.size);
                buffer_put(&file, quoted.data, size);
                buffer_str(&file, i ? "\n" : ",");
                buffer_str(&expected, i ? " text=" : " title=");
                buffer_put(&expected, value.data, value.size);
            }
            buffer_byte(&expected, '\n');
        }
        buffer_byte(&expected, 0);
        read_as(FORMAT_CSV, "f", buffer_bytes(&file), (size_t)rand_r(&seed) % 9);
        cr_expect_str_eq((char *)out.data, (char *)expected.data, "seed %u, round %d: %s", first,
                         round, (char *)file.data);
    }
    buffer_done(&value);
    buffer_done(&expected);
    buffer_done(&quoted);
}
