/* Web pages: what is read of them, and what is not. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "html/html_encoding.h"
#include "html/html_page.h"

static struct html_page page;

static void start(void)
{
    html_page_init(&page, 64 << 20);
}

static void end(void)
{
    html_page_done(&page);
}

TestSuite(html_page, .init = start, .fini = end);

static void read_bytes(const void *bytes, size_t size)
{
    struct lede_error error;

    cr_assert_eq(html_page_read(&page, slice_of(bytes, size), slice_of(NULL, 0), &error), LEDE_OK,
                 "%s", error.text);
}

static void read_page(const char *text)
{
    read_bytes(text, strlen(text));
}

static void expect_text(const char *text)
{
    cr_expect(slice_equal(buffer_bytes(&page.text), slice_str(text)), "<%.*s>, not <%s>",
              (int)page.text.size, (const char *)page.text.data, text);
}

static void expect_field(enum html_field field, const char *text)
{
    struct slice got = page.metadata.fields[field];

    cr_expect(slice_equal(got, slice_str(text)), "<%.*s>, not <%s>", (int)got.size,
              (const char *)got.data, text);
}

/* ---- the main text ---- */

#define STORY                                                                                      \
    "<p>The ferry to Ostrey left at noon, two hours late, with every seat taken.</p>"              \
    "<p>Its master, who has sailed the sound for thirty years, blamed the tide, the fog, and a "   \
    "rope.</p>"                                                                                    \
    "<p>Nobody was hurt, and the afternoon crossing was on time.</p>"

#define STORY_TEXT                                                                                 \
    "The ferry to Ostrey left at noon, two hours late, with every seat taken.\n\n"                 \
    "Its master, who has sailed the sound for thirty years, blamed the tide, the fog, and a "      \
    "rope.\n\n"                                                                                    \
    "Nobody was hurt, and the afternoon crossing was on time."

Test(html_page, navigation_and_boxes_are_not_the_article)
{
    read_page(
        "<html><body><ul class='menu'><li><a href='/'>Home</a><li><a href='/s'>Sport</a></ul>"
        "<div class='teasers'><a href='/1'>Ten ferries, ranked, with pictures, maps, and "
        "more</a></div>"
        "<div class='story'>" STORY "<div class='share-box'>Share this with all your friends, "
        "neighbours, and enemies</div></div>"
        "<div id='comments'><p>First! I was there, it was awful, really, believe me.</p></div>"
        "<script>var text = 'not, a, text, at, all, however, long, it, is';</script>"
        "<footer>Copyright, imprint, terms, privacy, and a number of other words</footer>");
    expect_text(STORY_TEXT);
}

Test(html_page, pieces_beside_each_other_are_joined)
{
    read_page("<body><div class='piece'>" STORY "</div><div>An advert, and a <a href='/'>link</a>"
              "</div><div class='piece'>" STORY "</div>");
    expect_text(STORY_TEXT "\n\n" STORY_TEXT);
}

Test(html_page, a_page_without_paragraphs_gives_all_its_text)
{
    read_page("<title>x</title><body>Just   a\nline<br>and another");
    expect_text("Just a line\nand another");
}

Test(html_page, lists_tables_and_preformatted_text_keep_their_lines)
{
    read_page("<body><article>" STORY "<ul><li>cod</li><li>hake</li></ul>"
              "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
              "<pre>  one\n    two</pre></article>");
    expect_text(STORY_TEXT "\n\ncod\nhake\n\na b\n\nc d\n\n  one\n    two");
}

Test(html_page, what_is_hidden_is_not_read)
{
    read_page("<body><article>" STORY "<p style='display:none'>Secret words, many of them.</p>"
              "<p hidden>More of them.</p><!-- and a comment --></article>");
    expect_text(STORY_TEXT);
}

Test(html_page, words_on_both_sides_of_what_is_dropped_stay_apart)
{
    read_page("<body><p>left<script>1</script>right</p>");
    expect_text("left right");
}

/* ---- metadata ---- */

Test(html_page, json_ld_comes_first)
{
    read_page(
        "<html lang='en'><head><title>Ferry late | Ostrey Courier</title>"
        "<meta property='og:title' content='OG title'>"
        "<link rel='canonical' href='https://courier.example/ferry'>"
        "<script type='application/ld+json'>{\"@graph\":[{\"@type\":\"WebPage\",\"name\":\"x\"},"
        "{\"@type\":[\"NewsArticle\"],\"headline\":\"Ferry  leaves late\","
        "\"author\":[{\"@type\":\"Person\",\"name\":\"A. Writer\"},{\"name\":\"B. Other\"}],"
        "\"datePublished\":\"2024-03-01T12:00:00Z\",\"articleSection\":[\"Sea\",\"News\"],"
        "\"publisher\":{\"name\":\"Ostrey Courier\"}}]}</script></head><body>" STORY);
    expect_field(HTML_TITLE, "Ferry leaves late");
    expect_field(HTML_AUTHOR, "A. Writer, B. Other");
    expect_field(HTML_DATE, "2024-03-01T12:00:00Z");
    expect_field(HTML_SECTION, "Sea");
    expect_field(HTML_SITE, "Ostrey Courier");
    expect_field(HTML_URL, "https://courier.example/ferry");
    expect_field(HTML_LANGUAGE, "en");
}

Test(html_page, meta_elements_and_markup_are_next)
{
    read_page("<html><head><meta name='Author' content='C. Third'>"
              "<meta property='article:published_time' content='2024-03-02'>"
              "<meta property='og:locale' content='de_DE'></head>"
              "<body><h1>A <i>heading</i></h1><time datetime='2020-01-01'>old</time>" STORY);
    expect_field(HTML_TITLE, "A heading");
    expect_field(HTML_AUTHOR, "C. Third");
    expect_field(HTML_DATE, "2024-03-02");
    expect_field(HTML_LANGUAGE, "de_DE");
    expect_field(HTML_SECTION, "");
}

Test(html_page, the_name_of_the_site_is_no_part_of_the_title)
{
    read_page("<meta property='og:site_name' content='Courier'><title>Late - a ferry leaves - "
              "Courier</title>");
    expect_field(HTML_TITLE, "Late - a ferry leaves");
    read_page("<title>Why ferries leave late | The Ostrey Courier</title>");
    expect_field(HTML_TITLE, "Why ferries leave late");
    read_page("<title>Ferry | Courier</title>");
    expect_field(HTML_TITLE, "Ferry | Courier");
}

Test(html_page, json_that_is_none_claims_nothing)
{
    read_page("<script type='application/ld+json'>{\"@type\":\"NewsArticle\",</script>"
              "<script type='application/ld+json'>[[[[[[[[[[[[{\"@type\":\"Article\",\"headline\":"
              "\"too deep\"}]]]]]]]]]]]]</script>"
              "<script type='application/ld+json'>{\"@type\":\"Article\",\"headline\":7,\"author\":"
              "[1,[2],{\"name\":{}}]}</script><title>one two three</title>");
    expect_field(HTML_TITLE, "one two three");
    expect_field(HTML_AUTHOR, "");
}

/* ---- encodings ---- */

static void expect_utf8(const void *bytes, size_t size, const char *header, const char *wanted,
                        uint64_t replaced)
{
    struct buffer out;
    uint64_t count = 0;

    buffer_init(&out, NULL);
    cr_assert_eq(html_to_utf8(slice_of(bytes, size), slice_str(header), &out, &count, NULL),
                 LEDE_OK);
    cr_expect(slice_equal(buffer_bytes(&out), slice_str(wanted)), "<%.*s>, not <%s>", (int)out.size,
              (const char *)out.data, wanted);
    cr_expect_eq(count, replaced, "%s: %llu", wanted, (unsigned long long)count);
    buffer_done(&out);
}

#define UTF8(bytes, header, wanted, replaced)                                                      \
    expect_utf8(bytes, sizeof(bytes) - 1, header, wanted, replaced)

Test(html_page, encodings_by_mark_header_meta_and_guess)
{
    UTF8("\xff\xfe<\0a\0>\0\xe4\0", "", "<a>\xc3\xa4", 0);
    UTF8("\xfe\xff\0\xe4", "utf-8", "\xc3\xa4", 0);
    UTF8("\xef\xbb\xbfx\xc3\xa4", "latin1", "x\xc3\xa4", 0);
    UTF8("caf\xe9", "ISO-8859-1", "caf\xc3\xa9", 0);
    UTF8("\x93quoted\x94", "iso-8859-1", "\xe2\x80\x9cquoted\xe2\x80\x9d", 0);
    UTF8("<meta charset=windows-1251>\xcc\xe8\xf0", "",
         "<meta charset=windows-1251>\xd0\x9c\xd0\xb8\xd1\x80", 0);
    UTF8("<meta http-equiv=Content-Type content='text/html; charset = Shift_JIS'>\x94\x4c", "",
         "<meta http-equiv=Content-Type content='text/html; charset = Shift_JIS'>\xe7\x8c\xab", 0);
    UTF8("<p charset=latin1>\xc3\xa4", "", "<p charset=latin1>\xc3\xa4", 0);
    UTF8("<meta charset=utf-16>\xc3\xa4", "", "<meta charset=utf-16>\xc3\xa4", 0);
}

Test(html_page, bytes_that_make_no_sense_are_replaced_and_counted)
{
    UTF8("a\xff\xfe z", "utf-8", "a\xef\xbf\xbd\xef\xbf\xbd z", 2);
    UTF8("\x81\x20", "shift_jis", "\xef\xbf\xbd ", 1);
    UTF8("a\xc3\xa4", "no-such-label", "a\xc3\xa4", 0);
    UTF8("", "", "", 0);
}

/* ---- hostile pages ---- */

Test(html_page, depth_costs_neither_stack_nor_much_time, .timeout = 60)
{
    size_t depth = 100000, size = 5 * depth + 1;
    char *text = malloc(size);

    for (size_t i = 0; i < depth; i++)
        memcpy(text + 5 * i, i % 2 ? "<div>" : "<b><i", 5);
    text[size - 1] = 'x';
    (void)html_page_read(&page, slice_of(text, size), slice_of(NULL, 0), NULL);
    free(text);
}

Test(html_page, an_empty_page_is_refused)
{
    cr_expect_eq(html_page_read(&page, slice_of(NULL, 0), slice_of(NULL, 0), NULL), LEDE_INVALID);
}

Test(html_page, bytes_of_any_kind_are_a_page)
{
    static const char alphabet[] = "<>/='\"& abdivplh1!-\xc3\xa4\xff\0;#x";
    unsigned seed = 7;
    char text[400];

    for (int i = 0; i < 3000; i++) {
        size_t size = 1 + (size_t)rand_r(&seed) % sizeof text;

        for (size_t j = 0; j < size; j++)
            text[j] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        (void)html_page_read(&page, slice_of(text, size), slice_of(NULL, 0), NULL);
    }
}

/* ---- limits ---- */

Test(html_page, a_tree_that_grows_too_large_is_refused_and_the_next_page_is_read)
{
    struct html_page small;
    struct lede_error error;
    struct buffer bytes;

    html_page_init(&small, 100000);
    buffer_init(&bytes, NULL);
    for (const char *const *piece = (const char *const[]){"<b>", "<p a=b c=d>", "<br>x", "<!---->",
                                                          "<?a>", "<p>&amp;", NULL};
         *piece; piece++) {
        buffer_clear(&bytes);
        while (bytes.size < 20000)
            buffer_str(&bytes, *piece);
        cr_expect_eq(html_page_read(&small, buffer_bytes(&bytes), slice_of(NULL, 0), &error),
                     LEDE_LIMIT, "%s", *piece);
        cr_expect_lt(small.tree, 101000, "%s: it went on for %zu bytes", *piece, small.tree);
        cr_assert_eq(html_page_read(&small, slice_str("<p>" STORY), slice_of(NULL, 0), &error),
                     LEDE_OK);
        cr_expect(slice_equal(buffer_bytes(&small.text), slice_str(STORY_TEXT)));
    }
    buffer_done(&bytes);
    html_page_done(&small);
}
