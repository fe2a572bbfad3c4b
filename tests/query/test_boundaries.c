#include <criterion/criterion.h>

#include "query/boundaries.h"

/* `|` stands at every place where something begins, and nowhere else. */
static void expect_places(const char *marked, bool (*is_boundary)(struct slice text, size_t at))
{
    char text[400];
    bool wanted[400] = {false};
    size_t size = 0;

    for (; *marked; marked++)
        if (*marked == '|')
            wanted[size] = true;
        else
            text[size++] = *marked;
    for (size_t at = 0; at < size; at++)
        cr_expect_eq(is_boundary(slice_of(text, size), at), wanted[at], "%.*s at %zu", (int)size,
                     text, at);
}

Test(boundaries, sentences_begin_behind_stops_and_what_closes_behind_them)
{
    expect_places(
        "|Fog. |It lifted! |Did it? |\"It did.\" |(So they say.) |He said “it did.” |Yes, "
        "\"no\" and 3.5",
        boundary_of_sentences);
    expect_places("|霧が出た。|船は待つ！|なぜ？|朝だ", boundary_of_sentences);
}

Test(boundaries, sentences_begin_on_lines_that_were_not_broken_for_their_length)
{
    expect_places("|Ferry\n|Two pilots\n\n|of the port\n    |on foot", boundary_of_sentences);
    expect_places("|A dredger that had lain by the mole of the harbour for a month\n"
                  "was sold.\n|It left",
                  boundary_of_sentences);
    expect_places("|A dredger that had lain by the mole of the harbour for a month\n"
                  "\n|Sold",
                  boundary_of_sentences);
}

Test(boundaries, words_are_whole_but_in_scripts_without_blanks)
{
    expect_places("|oil| |of| |3|,|000", boundary_of_words);
    expect_places("|K\xc3\xbcste| |na\xc3\xafve", boundary_of_words);
    expect_places("|e\xcc\x81te|-|x", boundary_of_words);
    expect_places("|灯|台|a|守", boundary_of_words);
}

Test(boundaries, bytes_that_are_no_text_are_places_like_others)
{
    static const char bytes[] = "\xe3\x80\xff\x80\xf0\x9f\x90";

    for (size_t at = 0; at <= sizeof bytes; at++) {
        boundary_of_sentences(slice_of(bytes, sizeof bytes), at);
        boundary_of_words(slice_of(bytes, sizeof bytes), at);
    }
    cr_expect(boundary_of_words(slice_of("a\xff"
                                         "b",
                                         3),
                                1));
}
