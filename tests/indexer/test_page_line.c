#include <criterion/criterion.h>

#include "indexer/page/page_header.h"
#include "indexer/page/page_dates.h"

static enum line_kind kind_of(const char *text)
{
    struct page_lines lines;
    enum line_kind kind;

    page_lines_init(&lines);
    cr_assert_eq(page_lines_read(&lines, slice_str(text), NULL), LEDE_OK);
    cr_assert_eq(lines.count, 1, "%s", text);
    kind = (enum line_kind)lines.items[0].kind;
    page_lines_done(&lines);
    return kind;
}

#define ALL_ARE(wanted, ...)                                                                       \
    do {                                                                                           \
        static const char *const texts[] = {__VA_ARGS__};                                          \
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)                                \
            cr_expect_eq(kind_of(texts[i]), wanted, "%s is %d", texts[i], kind_of(texts[i]));      \
    } while (0)

Test(page_line, lines_are_known_by_their_words_alone)
{
    ALL_ARE(LINE_END, "Continue Reading", "CONTINUE READING →", "  Read more »", "Lire la suite",
            "Weiterlesen", "Leer más", "Continue reading Tern found in tram");
    ALL_ARE(LINE_NEXT, "Up next", "Next article");
    ALL_ARE(LINE_SECTION, "Politics", "WORLD", "Économie");
    ALL_ARE(LINE_FURNITURE, "Share", "5 min read", "Advertisement", "Tags: quay, crane");
    ALL_ARE(LINE_TAIL, "Trending", "Related articles", "Copyright © The Daily Limpet");
    ALL_ARE(LINE_COMMENTS, "Comments", "14 comments", "Leave a reply");
    ALL_ARE(LINE_RULE, "-----", "* * *", "=========", "———", "~ ~ ~");
    ALL_ARE(LINE_ON, "on", "at");
}

Test(page_line, a_box_of_links_is_no_end)
{
    ALL_ARE(LINE_FURNITURE, "Read more:");
}

Test(page_line, dates_and_ages_are_told_from_text)
{
    ALL_ARE(LINE_DATE, "11 April 2025", "April 11, 2025", "2025-04-11", "11.04.2025",
            "Friday, 11 April 2025, 10:15 GMT", "11 avril 2025", "4 de abril de 2025",
            "Ann Example, 11 April 2025");
    ALL_ARE(LINE_AGE, "4 hours ago", "Yesterday", "il y a 3 heures", "23 hours ago by Ann Example");
    ALL_ARE(LINE_PUBLISHED, "Published", "Posted on 3 March 2021 by Ann Example", "Updated: 10:15",
            "Veröffentlicht am 11. April 2025", "Last updated", "Publié le 3 mai 2021");
    ALL_ARE(LINE_PLAIN, "May I have 5 of them", "In April 2025 the quay was closed to traffic.",
            "Net 1,165,000 vs 575,000", "Posted to the harbour for 2 of his years",
            "Updated plans for the quay", "1 2 3 4");
}

Test(page_line, bylines_have_a_name)
{
    ALL_ARE(LINE_BY, "By", "By Ann Example", "BY ANN EXAMPLE, REPORTER", "Von Ann Example",
            "Written by Ann Example");
    ALL_ARE(LINE_PLAIN, "by one-time measures, such as a tax on gulls", "By noon it was over.",
            "Byways of the harbour");
}

Test(page_line, what_stands_behind_by_is_the_name)
{
    static const struct {
        const char *line, *name;
    } cases[] = {{"By Ann Example", "Ann Example"},
                 {"Posted on 3 March 2021 by Ann Example", "Ann Example"},
                 {"Author: Ann Example", "Ann Example"},
                 {"Published", ""}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect(slice_equal(page_line_byline(slice_str(cases[i].line)), slice_str(cases[i].name)),
                  "%s", cases[i].line);
}

Test(page_line, the_date_is_found_in_its_line)
{
    static const struct {
        const char *line, *date;
    } cases[] = {{"Posted on 3 March 2021 by Ann Example", "3 March 2021"},
                 {"Updated: 2021-03-04 10:15", "2021-03-04 10:15"},
                 {"Last updated at 3 March 2021", "3 March 2021"},
                 {"3 March 2021", "3 March 2021"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice date = page_dates_find(slice_str(cases[i].line));

        cr_expect(slice_equal(date, slice_str(cases[i].date)), "%s: %.*s", cases[i].line,
                  (int)date.size, (const char *)date.data);
    }
}

Test(page_line, a_dateline_is_a_place_and_a_dash)
{
    static const char *const some[] = {"KETTLEHAVEN, March 3 (Newswire) - Four ships",
                                       "MARSK SOUND — The ferry", "ÆRNES (AGP) -- The mayor",
                                       "OSTREY – A walrus"};
    static const char *const none[] = {"The ferry - late again", "MARSK SOUND harbour has been",
                                       "A-B testing of ferries", "", "NOTE: figures - in full"};

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        cr_expect(page_line_has_dateline(slice_str(some[i])), "%s", some[i]);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_expect(!page_line_has_dateline(slice_str(none[i])), "%s", none[i]);
}

Test(page_line, lines_end_in_lf_cr_lf_or_cr_and_blank_ones_are_counted_by_none)
{
    static const char text[] = "One\r\n\r\n  Two \rThree\n\xc2\xa0\nFour";
    static const char *const expected[] = {"One", "Two", "Three", "Four"};
    static const bool after_blank[] = {true, true, false, true};
    struct page_lines lines;

    page_lines_init(&lines);
    cr_assert_eq(page_lines_read(&lines, slice_str(text), NULL), LEDE_OK);
    cr_assert_eq(lines.count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect(slice_equal(page_line_text(&lines, i), slice_str(expected[i])), "%zu", i);
        cr_expect_eq(lines.items[i].after_blank, after_blank[i], "%zu", i);
    }
    page_lines_done(&lines);
}

Test(page_line, too_many_lines_are_a_limit_and_one_fewer_are_not)
{
    size_t size = 2 * (size_t)PAGE_LINES_MOST;
    char *text = malloc(size + 2);
    struct page_lines lines;

    cr_assert(text);
    for (size_t i = 0; i < size; i++)
        text[i] = i % 2 ? '\r' : 'x';
    page_lines_init(&lines);
    cr_expect_eq(page_lines_read(&lines, slice_of(text, size), NULL), LEDE_OK);
    cr_expect_eq(lines.count, PAGE_LINES_MOST);
    text[size] = 'x';
    cr_expect_eq(page_lines_read(&lines, slice_of(text, size + 1), NULL), LEDE_LIMIT);
    page_lines_done(&lines);
    free(text);
}

Test(page_line, titles_agree_but_for_case_the_site_and_what_a_template_lost)
{
    static const char *const same[][2] = {
        {"Crane comes home to the old basin", "CRANE COMES HOME TO THE OLD BASIN"},
        {"Crane comes home to the old basin",
         "Crane comes home to the old basin | The Daily Limpet"},
        {"Two charged over $7.5M lighthouse sale", "Two charged over .5M lighthouse sale"},
        {"‘Crane’ comes home to the basin", "'Crane' comes home to the basin"}};
    static const char *const other[][2] = {
        {"Crane comes home to the old basin", "Crane comes home to the new basin"},
        {"Sellers of wheat at 168 dlrs for May", "Sellers of wheat at 171 dlrs for May"},
        {"Crane", "Crane comes home to the old basin"},
        {"", ""}};

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        cr_expect(page_titles_agree(slice_str(same[i][0]), slice_str(same[i][1])), "%s",
                  same[i][1]);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        cr_expect(!page_titles_agree(slice_str(other[i][0]), slice_str(other[i][1])), "%s",
                  other[i][1]);
}
