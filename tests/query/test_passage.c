#include <criterion/criterion.h>

#include <stdlib.h>

#include "query/command/passage.h"
#include "query/command/wrap.h"

/* The whole text as one line, [ and ] around what is marked. */
static void check_line(const char *text, size_t size, const struct lede_span *spans, size_t count,
                       const char *expected)
{
    struct passages passages;
    struct buffer shown;
    const struct passage *passage;
    size_t at = 0;

    passages_init(&passages);
    buffer_init(&shown, NULL);
    cr_assert_eq(passages_whole(&passages, slice_of(text, size), spans, count, NULL), LEDE_OK);
    cr_assert_eq(passages.count, size > 0);
    passage = &passages.items[0];
    for (size_t i = 0; i < passage->mark_count; i++) {
        const struct mark *mark = &passage->marks[i];

        cr_assert(mark->offset >= at && mark->offset + mark->size <= passage->line.size);
        buffer_put(&shown, passage->line.data + at, mark->offset - at);
        buffer_printf(&shown, "[%.*s]", (int)mark->size,
                      (const char *)passage->line.data + mark->offset);
        at = mark->offset + mark->size;
    }
    if (size > 0)
        buffer_put(&shown, passage->line.data + at, passage->line.size - at);
    buffer_byte(&shown, '\0');
    cr_expect_str_eq((const char *)shown.data, expected);
    buffer_done(&shown);
    passages_done(&passages);
}

#define LINE(text, spans, count, expected)                                                         \
    check_line(text, sizeof(text) - 1, spans, count, expected)

Test(passage, blanks_of_any_kind_become_one_space)
{
    LINE(" a \t\r\n\n b\u00a0\u2003c\u2028d ", NULL, 0, "a b c d");
    LINE("", NULL, 0, "");
    LINE(" \n ", NULL, 0, "");
}

Test(passage, marks_stay_on_their_words_when_bytes_change)
{
    const struct lede_span spans[] = {{2, 1, 0, 1}, {6, 2, 1, 1}, {8, 1, 2, 1}};

    LINE("  b\xff  cde", spans, 3, "[b]\ufffd [cd][e]");
}

Test(passage, bytes_that_are_no_utf8_are_replaced_and_controls_kept)
{
    LINE("a\xc3(\x1b\xed\xa0\x80", NULL, 0, "a\ufffd(\x1b\ufffd\ufffd\ufffd");
}

Test(passage, a_span_past_the_window_leaves_no_mark)
{
    const struct lede_span spans[] = {{0, 1, 0, 1}, {100, 4, 0, 1}};

    LINE("heron", spans, 2, "[h]eron");
}

Test(passage, windows_of_a_long_text_have_their_own_marks_and_offsets)
{
    struct lede_span spans[] = {{10, 5, 0, 1}, {4010, 5, 1, 1}};
    struct passages passages;
    char *text = malloc(8000);

    for (size_t i = 0; i < 8000; i++)
        text[i] = i % 5 == 4 ? ' ' : 'x';
    passages_init(&passages);
    cr_assert_eq(passages_choose(&passages, slice_of(text, 8000), spans, 2, 100, 2, NULL), LEDE_OK);
    cr_assert_eq(passages.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct passage *passage = &passages.items[i];

        cr_assert_eq(passage->mark_count, 1);
        cr_expect_eq(passage->offset + passage->marks[0].offset, spans[i].offset);
        cr_expect(passage->cut_after);
    }
    free(text);
    passages_done(&passages);
}

static void check_wrap(const char *text, bool cut, unsigned columns, const char *expected)
{
    struct passage passage = {.line = slice_str(text), .cut_before = cut, .cut_after = cut};
    const struct wrap wrap = {2, columns, "", "", "", ""};
    struct buffer out;

    buffer_init(&out, NULL);
    wrap_put(&out, &passage, &wrap, 2);
    buffer_byte(&out, '\0');
    cr_expect_str_eq((const char *)out.data, expected);
    buffer_done(&out);
}

Test(wrap, lines_break_at_spaces_and_begin_at_the_indent)
{
    check_wrap("aaa bbb ccc", false, 9, "aaa bbb\n  ccc");
    check_wrap("aaa bbb ccc", false, 8, "aaa\n  bbb\n  ccc");
    check_wrap("aaaaaaaaaaaa b", false, 8, "aaaaaaaaaaaa\n  b");
    check_wrap("aa bb", true, 80, "\u2026aa bb\u2026");
    check_wrap("", false, 80, "");
}

Test(wrap, wide_characters_take_two_columns_and_marks_none)
{
    check_wrap("日本語の灯台", false, 8, "日本語\n  の灯台");
    check_wrap("ab日本 cd", false, 8, "ab日本\n  cd");
    check_wrap("e\u0301e\u0301e\u0301 bb", false, 8, "e\u0301e\u0301e\u0301 bb");
}

Test(wrap, styles_are_sent_where_they_change_and_never_over_a_line_end)
{
    const struct mark marks[] = {{4, 3}};
    struct passage passage = {.line = slice_str("aaa bbb ccc"), .marks = marks, .mark_count = 1};
    const struct wrap wrap = {0, 7, "<", ">", "{", "}"};
    struct buffer out;

    buffer_init(&out, NULL);
    wrap_put(&out, &passage, &wrap, 0);
    buffer_byte(&out, '\0');
    cr_expect_str_eq((const char *)out.data, "<aaa >{bbb}\n<ccc>");
    buffer_done(&out);
}
