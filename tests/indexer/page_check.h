/* page_check.h -- what must be true of any page that is cut, whatever its bytes: for the unit tests
 * and the fuzzer. */
#ifndef TESTS_INDEXER_PAGE_CHECK_H
#define TESTS_INDEXER_PAGE_CHECK_H

#include <stdint.h>
#include <stdlib.h>

#include "indexer/page/page_split.h"

/* Bytes that are no blanks, those that do not break and have no width included. */
static size_t page_check_ink(struct slice text)
{
    static const char *const blanks[] = {"\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\xaf",
                                         "\xef\xbb\xbf"};
    size_t ink = 0;

    for (size_t at = 0; at < text.size; at++) {
        struct slice rest = slice_of(text.data + at, text.size - at);
        size_t blank = byte_is_blank(text.data[at]);

        for (size_t i = 0; i < 4 && blank == 0; i++)
            blank = slice_begins(rest, slice_str(blanks[i])) ? strlen(blanks[i]) : 0;
        ink += blank == 0;
        at += blank > 1 ? blank - 1 : 0;
    }
    return ink;
}

static bool page_check_inside(struct slice part, const uint8_t *begin, const uint8_t *end)
{
    return part.size == 0 || (part.data >= begin && part.data + part.size <= end);
}

/* NULL, or what is wrong: articles rise, do not overlap and lie inside the page, hold what is said
 * of them; and title lines, texts and remainder together are the page, to the byte but for blanks.
 */
static const char *page_check(const struct page_split *split, struct slice page)
{
    struct buffer all;
    size_t end = 0, titles = 0, ink;

    if (split->count == 0)
        return NULL;
    if (split->count < 2)
        return "a page of one article is cut";
    buffer_init(&all, NULL);
    for (size_t i = 0; i < split->count; i++) {
        const struct page_article *article = &split->articles[i];
        const uint8_t *begin = page.data + article->offset;

        if (article->offset < end || article->size == 0 || article->offset > page.size ||
            article->size > page.size - article->offset)
            return "ranges overlap, do not rise, or are outside";
        end = article->offset + article->size;
        if (!page_check_inside(article->title, begin, page.data + end) ||
            !page_check_inside(article->date, begin, page.data + end) ||
            !page_check_inside(article->author, begin, page.data + end) ||
            !page_check_inside(article->section, begin, page.data + end))
            return "a fact stands outside its article";
        page_split_text(split, i, &all);
    }
    page_split_remainder(split, &all);
    for (size_t line = 0; line < split->lines.count; line++)
        if (split->owners[line] & 0x80000000U)
            titles += page_check_ink(page_line_text(&split->lines, line));
    ink = page_check_ink(buffer_bytes(&all)) + titles;
    buffer_done(&all);
    return ink == page_check_ink(page) ? NULL : "lines are lost, or doubled";
}

#endif
