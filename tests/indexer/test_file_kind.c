/* What a file is, by its beginning and by its name. */
#include <criterion/criterion.h>

#include "indexer/command/file_kind.h"

#define BYTES(literal) slice_of(literal, sizeof(literal) - 1)

Test(file_kind, a_page_begins_with_a_doctype_or_an_element_of_its_head)
{
    cr_expect_eq(head_is_html(BYTES("<!DOCTYPE html>\n<p>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">")),
                 HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("\xef\xbb\xbf \r\n\t<HTML lang=en>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<head>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<body\n>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<meta charset=x>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<title>x")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<!-- saved --> <!-- <p> --><html>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<?xml version='1.0'?>\n<!DOCTYPE html>")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("\xff\xfe<\0h\0t\0m\0l\0>\0")), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("\xfe\xff\0<\0h\0t\0m\0l\0>")), HEAD_YES);
}

Test(file_kind, other_texts_are_no_pages)
{
    cr_expect_eq(head_is_html(BYTES("html")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("A title\n<html>")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("<p>a fragment</p>")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("<header>")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("<!doctype htmlx>")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("<!-- a comment --> and text")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("<?xml version='1.0'?><rss>")), HEAD_NO);
    cr_expect_eq(head_is_html(BYTES("\xff\xfe<\0h\1t\0m\0l\0>\0")), HEAD_NO);
}

Test(file_kind, a_head_that_may_become_a_page_says_so)
{
    static const char page[] = "  <!-- a --><?xml?>\n<!doctype html>";

    for (size_t size = 0; size + 1 < sizeof page; size++)
        cr_expect_eq(head_is_html(slice_of(page, size)), HEAD_MORE, "%zu", size);
    cr_expect_eq(head_is_html(BYTES(page)), HEAD_YES);
    cr_expect_eq(head_is_html(BYTES("<!-- a comment without an end")), HEAD_MORE);
    cr_expect_eq(head_is_html(BYTES("<html")), HEAD_MORE);
}

Test(file_kind, something_like_a_tag)
{
    cr_expect(head_has_tag(BYTES("text <b>bold</b>")));
    cr_expect(head_has_tag(BYTES("text</p>")));
    cr_expect(head_has_tag(BYTES("<!-- -->")));
    cr_expect(head_has_tag(BYTES("\xff\xfe"
                                 "a\0<\0b\0")));
    cr_expect(!head_has_tag(BYTES("a < b, 3 <4, <")));
    cr_expect(!head_has_tag(BYTES("")));
}

Test(file_kind, names)
{
    cr_expect_eq(name_kind(slice_str("a.html")), NAME_HTML);
    cr_expect_eq(name_kind(slice_str("a.HTM.gz")), NAME_HTML);
    cr_expect_eq(name_kind(slice_str("a.xhtml")), NAME_HTML);
    cr_expect_eq(name_kind(slice_str("a.html.txt")), NAME_OTHER);
    cr_expect_eq(name_kind(slice_str("html")), NAME_OTHER);
    cr_expect_eq(name_kind(slice_str("a.ndjson.bz2")), NAME_JSONL);
    cr_expect_eq(name_kind(slice_str("a.json.zst")), NAME_JSON);
    cr_expect_eq(name_kind(slice_str("")), NAME_OTHER);
}
