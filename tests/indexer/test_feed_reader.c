/* Feeds: what article each entry gives, and what is said of the others. */
#include "readings.h"

#include "indexer/command/feed_reader.h"
#include "indexer/command/feed_scan.h"

TestSuite(feed_reader, .init = readings_begin, .fini = readings_end);

static void put_item(const struct item *item, struct slice bytes)
{
    const struct lede_article *article = &item->article;

    put_record(item);
    if (item->kind == ITEM_SKIP)
        return;
    cr_expect_eq(bytes.data[article->source_offset], '<');
    cr_expect_eq(bytes.data[article->source_offset + article->source_size - 1], '>');
}

static const char *read_as(enum input_format format, struct slice bytes, size_t step)
{
    struct reader_options options = {.format = format,
                                     .max_record = 1000,
                                     .max_text = 1000,
                                     .max_page = 2000,
                                     .max_tree = 100000};

    return read_items(&options, "f.xml", bytes, step, put_item);
}

static void check(struct slice bytes, const char *expected)
{
    for (size_t step = 0; step < 6; step++) {
        const char *got = read_as(FORMAT_AUTO, bytes, step);

        cr_expect_str_eq(got, expected, "step %zu: %s not %s", step, got, expected);
    }
}

#define RSS(items) "<rss version=\"2.0\"><channel>" items "</channel></rss>"

/* ---- what is read ---- */

Test(feed_reader, an_item_of_rss_is_an_article)
{
    check(BYTES("<?xml version=\"1.0\"?>\n<!-- a feed -->\n<rss version=\"2.0\"\n"
                "  xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>"
                "<title>Heron &amp; Sons</title><language>en-GB</language>\n"
                "<image><title>no</title></image>\n"
                "<item><title>One</title><link>http://h/1</link><description>first</description>"
                "<pubDate>Thu, 26 Feb 1987 15:01:01 GMT</pubDate><dc:creator>Ann</dc:creator>"
                "<category>birds</category><category>water</category>"
                "<guid>17</guid></item>\n"
                "<item><title>Two</title><guid>tag:h,2024:2</guid></item>"
                "<item><description>three</description><pubDate>soon</pubDate></item>"
                "</channel></rss>\n"),
          "http://h/1|title=One|text=first|url=http://h/1|language=en-GB|1987-02-26T15:01:01Z"
          "|author:Ann|section:birds|site:Heron & Sons\n"
          "tag:h,2024:2|title=Two|language=en-GB|site:Heron & Sons\n"
          "f#3|text=three|language=en-GB|site:Heron & Sons|date:soon\n");
}

Test(feed_reader, an_entry_of_atom_is_an_article)
{
    check(BYTES("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"de\"><title>Reiher</title>"
                "<entry><title>A &lt;b&gt;</title><id>urn:1</id><link rel=\"self\" href=\"s\"/>"
                "<link href=\"http://r/1\"/><updated>2024-01-02</updated>"
                "<author><name>Bert</name><email>b@x</email></author>"
                "<category term=\"zoo\"/><summary>short</summary><content type=\"xhtml\">"
                "<div><p>Ein &amp; Reiher</p><p>steht &lt;hier&gt;</p></div></content></entry>"
                "<entry xml:lang=\"fr\"><title type=\"html\">B &amp;amp; C</title>"
                "<link href=\"http://r/2\"/><published>2023</published><updated>2024</updated>"
                "<summary type=\"html\">&lt;p&gt;kurz&lt;/p&gt;</summary></entry></feed>"),
          "urn:1|title=A <b>|text=Ein & Reiher\n\nsteht <hier>|url=http://r/1|language=de"
          "|2024-01-02|author:Bert|section:zoo|site:Reiher\n"
          "http://r/2|title=B & C|text=kurz|url=http://r/2|language=fr|2023|site:Reiher\n");
}

Test(feed_reader, prefixes_and_rdf_are_feeds_too)
{
    check(BYTES("<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\"><a:entry><a:title>x</a:title>"
                "</a:entry></a:feed>"),
          "skip 1 bad_record: it has neither a title nor a text\n");
    check(BYTES("<atom:feed xmlns:atom=\"http://www.w3.org/2005/Atom\"><atom:entry>"
                "<atom:title>x</atom:title></atom:entry></atom:feed>"),
          "f#1|title=x\n");
    check(BYTES("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
                " xmlns=\"http://purl.org/rss/1.0/\"><channel><title>s</title></channel>"
                "<item><title>x</title><link>http://x</link></item></rdf:RDF>"),
          "http://x|title=x|url=http://x|site:s\n");
}

Test(feed_reader, html_in_a_text_is_read_without_its_scripts)
{
    check(BYTES(RSS("<item><title>a&nbsp;b &amp;amp; &lt;i&gt;c&lt;/i&gt;</title>"
                    "<content:encoded><![CDATA[<p>one &mdash; ]<a href=\"x\">two</a></p>"
                    "<script>no</script><p>three<br>four</p>]]></content:encoded>"
                    "<description>not this</description></item>")),
          "f#1|title=a\xc2\xa0"
          "b & c|text=one \xe2\x80\x94 ]two\n\nthree\nfour\n");
}

Test(feed_reader, the_encoding_is_that_of_the_declaration)
{
    check(BYTES("<?xml version='1.0' encoding='iso-8859-1'?>" RSS("<title>caf\xe9</title>"
                                                                  "<item><title>\xe9t\xe9</title>"
                                                                  "</item>")),
          "f#1|title=\xc3\xa9t\xc3\xa9|site:caf\xc3\xa9\n");
    check(BYTES("\xef\xbb\xbf" RSS("<item><title>\xc3\xa9</title></item>")),
          "f#1|title=\xc3\xa9\n");
}

Test(feed_reader, tags_in_comments_and_cdata_are_none)
{
    check(BYTES(RSS("<!-- <item><title>no</title></item> --><item><title><![CDATA[</item>]]>x"
                    "</title><!-- </item> --><item/><enclosure a='>' b=\"/item>\"/></item>")),
          "f#1|title=x\n");
}

Test(feed_reader, feeds_are_told_by_their_first_element)
{
    cr_expect_eq(feed_recognizes(BYTES("<?xml?><rss version='2.0'>")), HEAD_YES);
    cr_expect_eq(feed_recognizes(BYTES("<feed xmlns='http://www.w3.org/2005/Atom'>")), HEAD_YES);
    cr_expect_eq(feed_recognizes(BYTES("<feed>")), HEAD_NO);
    cr_expect_eq(feed_recognizes(BYTES("<html>")), HEAD_NO);
    cr_expect_eq(feed_recognizes(BYTES("<rdf:RDF xmlns='http://purl.org/rss/1.0/'>")), HEAD_YES);
    cr_expect_eq(feed_recognizes(BYTES("<rss versi")), HEAD_MORE);
    cr_expect_eq(feed_recognizes(BYTES("text <rss>")), HEAD_NO);
    cr_expect_eq(feed_recognizes(BYTES("")), HEAD_MORE);
    cr_expect_str_eq(read_as(FORMAT_FEED, BYTES("no feed"), 0), "");
}

/* ---- what is not ---- */

Test(feed_reader, a_broken_entry_is_named_and_the_next_one_read)
{
    check(BYTES(RSS("<item><title>a<b></title></item><item><title>c</title></item>")),
          "skip 1 bad_record: Premature end of data in tag item line 1\n"
          "f#2|title=c\n");
    check(BYTES(RSS("<item></item><item><title>c</title></item>")),
          "skip 1 bad_record: it has neither a title nor a text\nf#2|title=c\n");
}

Test(feed_reader, an_entry_over_the_limit_is_passed_and_the_next_one_read)
{
    buffer_str(&file, "<rss><channel><item><title>");
    for (int i = 0; i < 20000; i++)
        buffer_str(&file, "heron ");
    buffer_str(&file, "</title></item><item><title>c</title></item></channel></rss>");
    check(buffer_bytes(&file), "skip 1 too_large: it has more than 2000 bytes: see --memory, "
                               "--max-record\nf#2|title=c\n");
}

Test(feed_reader, what_has_no_end_is_one_skip)
{
    check(BYTES("<rss><channel><item><title>a</title></item><item><title>b"),
          "f#1|title=a\nskip 2 bad_record: it is cut short\n");
    check(BYTES("<rss><channel><item><title>a</title></item><!-- <item> "), "f#1|title=a\n");
}

Test(feed_reader, entities_that_multiply_stay_what_they_are)
{
    check(BYTES("<!DOCTYPE rss [<!ENTITY a \"heron heron\"><!ENTITY b \"&a;&a;\">]>" RSS(
              "<item><title>&b;</title></item>")),
          "f#1|title=&b;\n");
}

Test(feed_reader, elements_that_nest_without_end_are_one_skip)
{
    buffer_str(&file, "<rss><channel><item><title>");
    for (int i = 0; i < 600; i++)
        buffer_str(&file, "<b>");
    buffer_str(&file, "</title></item><item><title>c</title></item></channel></rss>");
    read_as(FORMAT_AUTO, buffer_bytes(&file), 0);
    cr_expect_eq(strncmp((char *)out.data, "skip 1 bad_record: ", 19), 0, "%s", (char *)out.data);
    cr_expect_not_null(strstr((char *)out.data, "\nf#2|title=c\n"), "%s", (char *)out.data);
}

/* ---- tags ---- */

Test(feed_scan, does_not_depend_on_where_the_bytes_are_cut)
{
    static const char text[] = "x<!-- <a> --><b c='>' d=\"<\"/><![CDATA[<e>]]></f g><?h >?><!i j>"
                               "<k\n><l<m>";

    for (size_t cut = 0; cut <= sizeof text - 1; cut++) {
        struct feed_tag tag;
        size_t at = 0;

        buffer_init(&out, NULL);
        while (feed_scan(slice_of(text, cut), &at, &tag))
            buffer_printf(&out, "%.*s%s%s ", (int)tag.name.size, tag.name.data,
                          tag.closes ? "/" : "", tag.is_empty ? "." : "");
        while (feed_scan(BYTES(text), &at, &tag))
            buffer_printf(&out, "%.*s%s%s ", (int)tag.name.size, tag.name.data,
                          tag.closes ? "/" : "", tag.is_empty ? "." : "");
        buffer_byte(&out, 0);
        cr_expect_str_eq((char *)out.data, "b. f/ k l m ", "cut at %zu: %s", cut, (char *)out.data);
        buffer_done(&out);
    }
}
