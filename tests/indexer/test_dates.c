#include <criterion/criterion.h>

#include <stdio.h>

#include "base/date.h"
#include "base/lede_bytes.h"
#include "indexer/command/date_line.h"
#include "indexer/command/date_text.h"
#include "indexer/command/dates.h"
#include "tests/index/dice.h"

static struct date_words words;

static void init(void)
{
    cr_assert(date_words_init(&words), "no word is two months");
}

TestSuite(dates, .init = init);

static const char *show(bool found, struct lede_date date)
{
    static char text[LEDE_DATE_TEXT];

    if (found)
        lede_date_format(date, text);
    return found ? text : "none";
}

static const char *of_text(const char *text, const char *language, const char *crawled)
{
    struct lede_date fetched = {.precision = LEDE_DATE_NONE}, date;

    if (crawled)
        cr_assert_eq(lede_date_parse(bytes_of(slice_str(crawled)), &fetched), LEDE_OK);
    return show(date_text_find(&words, slice_str(text), slice_str(language), fetched, &date), date);
}

static const char *of_url(const char *url)
{
    struct lede_date date;

    return show(date_url_find(&words, slice_str(url), &date), date);
}

Test(dates, a_line_says_when_it_was_published)
{
    static const char *const lines[] = {
        "Published 19 July 2023",
        "Published on July 19, 2023",
        "PUBLISHED: 19 JUL 2023 08:30 GMT",
        "Published Wednesday, July 19th, 2023 at 8:30 a.m.",
        "First published on 19th July 2023",
        "By Petra Solheim | 19 July 2023 | 08:30",
        "19 July 2023",
        "Wed, Jul. 19, 2023",
        "2023-07-19",
        "2023-07-19T08:30:00Z",
        "2023/07/19",
        "19/07/2023",
        "07/19/2023",
        "Veröffentlicht am 19. Juli 2023",
        "Veröffentlicht am Mittwoch, 19.07.2023, 08:30 Uhr",
        "19. Juli 2023, 8:30 Uhr",
        "Publié le 19 juillet 2023 à 8 h 30",
        "mercredi 19 juillet 2023",
        "Publicado el 19 de julio de 2023",
        "19 de julio de 2023",
        "Pubblicato il 19 luglio 2023 alle 8:30",
        "Publicado em 19 de julho de 2023",
        "Gepubliceerd op woensdag 19 juli 2023",
        "Publicerad 19 juli 2023 kl 08.30",
        "Udgivet den 19. juli 2023",
        "Julkaistu 19. heinäkuuta 2023",
        "2023. július 19.",
        "Opublikowano 19 lipca 2023 r.",
        "Publikováno 19. července 2023",
        "19 Temmuz 2023 Çarşamba",
        "Опубликовано 19 июля 2023 г.",
        "19 ИЮЛЯ 2023",
        "Опубліковано 19 липня 2023",
        "19 Ιουλίου 2023",
        "2023年7月19日",
        "2023년 7월 19일",
        "A harbour reopens Published 19 July 2023 08:30 The ferry to Kettlehaven sails again",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[512];

        cr_expect_str_eq(of_text(lines[i], "", NULL), "2023-07-19", "%s: %s", lines[i],
                         of_text(lines[i], "", NULL));
        (void)snprintf(text, sizeof text,
                       "The harbour of 1871\n\n%s\n\nIt was built by 30 May 1871.\n", lines[i]);
        cr_expect_str_eq(of_text(text, "", NULL), "2023-07-19", "%s", lines[i]);
    }
    cr_expect_str_eq(of_text("Published July 2023", "", NULL), "2023-07");
    cr_expect_str_eq(of_text("1er août 2023", "", NULL), "2023-08-01");
}

Test(dates, what_is_told_is_not_the_date_of_telling)
{
    static const char *const lines[] = {
        "On 19 July 2023 the harbour was closed.",
        "The harbour was closed on 19 July 2023",
        "Published on 19 July 2023, the report says little of the harbour.",
        "The report was published on 19 July 2023 by the Harbour Trust.",
        "It was published 19 July 2023 and sold well.",
        "19 July 2023 was a Wednesday.",
        "Kettlehaven, 19 July 2023",
        "July 2023",
        "Harbour closed in July 2023",
        "Published 31 February 2023",
        "Published 19 July 23",
        "Published 19/07/23",
        "19 July 1823",
        "19 July 2123",
        "Published 2023",
        "The years 2019-2023",
        "Call 555 19 07 2023",
        "Version 2023.13.45",
        "",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        cr_expect_str_eq(of_text(lines[i], "en", NULL), "none", "%s: %s", lines[i],
                         of_text(lines[i], "en", NULL));
}

Test(dates, what_may_be_two_days_is_left_unread)
{
    cr_expect_str_eq(of_text("Published 03/04/2023", "en", NULL), "none");
    cr_expect_str_eq(of_text("Published 03/04/2023", "", NULL), "none");
    cr_expect_str_eq(of_text("Published 03-04-2023", "ja", NULL), "none");
    cr_expect_str_eq(of_text("Published 03/03/2023", "en", NULL), "2023-03-03");
    cr_expect_str_eq(of_text("Published 03.04.2023", "en", NULL), "2023-04-03");
    cr_expect_str_eq(of_text("Published 03/04/2023", "en-US", NULL), "2023-03-04");
    cr_expect_str_eq(of_text("Published 03/04/2023", "en-GB", NULL), "2023-04-03");
    cr_expect_str_eq(of_text("Publié le 03/04/2023", "fr", NULL), "2023-04-03");
    cr_expect_str_eq(of_text("Published 03/04/2023\nUpdated 13/04/2023", "en", NULL), "2023-04-03");
    cr_expect_str_eq(of_text("Published 03/04/2023\nUpdated 03/14/2023", "en", NULL), "2023-03-04");
}

Test(dates, published_goes_before_alone_before_updated)
{
    cr_expect_str_eq(
        of_text("Updated 20 July 2023\n18 July 2023\nPublished 19 July 2023", "", NULL),
        "2023-07-19");
    cr_expect_str_eq(of_text("Updated 20 July 2023\n18 July 2023", "", NULL), "2023-07-18");
    cr_expect_str_eq(of_text("Last updated: 20 July 2023", "", NULL), "2023-07-20");
    cr_expect_str_eq(of_text("Mis à jour le 20 juillet 2023", "", NULL), "2023-07-20");
}

Test(dates, two_that_claim_the_same_are_none)
{
    cr_expect_str_eq(of_text("Published 19 July 2023\nPublished 20 July 2023", "", NULL), "none");
    cr_expect_str_eq(of_text("19 July 2023\nA storm\n20 July 2023\nAnother", "", NULL), "none");
    cr_expect_str_eq(of_text("19 July 2023\nA storm\nJuly 19, 2023", "", NULL), "2023-07-19");
}

Test(dates, only_the_beginning_and_the_end_of_a_text_count)
{
    static char text[8192];

    memset(text, 'x', sizeof text - 1);
    memcpy(text + 3000, "\nPublished 19 July 2023\n", 24);
    cr_expect_str_eq(of_text(text, "", NULL), "none");
    memset(text + 3000, 'x', 24);
    memcpy(text + sizeof text - 200, "\nPublished 19 July 2023\n", 24);
    cr_expect_str_eq(of_text(text, "", NULL), "2023-07-19");
}

Test(dates, relative_dates_need_the_day_of_the_visit)
{
    static const struct {
        const char *line, *date;
    } cases[] = {
        {"3 hours ago", "2023-07-19"},     {"Published 2 days ago", "2023-07-17"},
        {"vor 5 Stunden", "2023-07-18"},   {"il y a 2 jours", "none"},
        {"hace 2 días", "2023-07-17"},     {"Published yesterday", "2023-07-18"},
        {"gestern", "2023-07-18"},         {"heute, 02:15 Uhr", "2023-07-19"},
        {"2 дня назад", "2023-07-17"},     {"3 weeks ago", "none"},
        {"It rained 3 hours ago", "none"}, {"yesterday was dry", "none"},
        {"45 minutes ago", "2023-07-19"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_str_eq(of_text(cases[i].line, "", NULL), "none", "%s", cases[i].line);
        cr_expect_str_eq(of_text(cases[i].line, "", "2023-07-19T04:00:00Z"), cases[i].date,
                         "%s: %s", cases[i].line,
                         of_text(cases[i].line, "", "2023-07-19T04:00:00Z"));
    }
}

Test(dates, an_address_may_have_one_in_its_path)
{
    cr_expect_str_eq(of_url("https://a.example/2023/07/19/harbour"), "2023-07-19");
    cr_expect_str_eq(of_url("https://a.example/news/2023/7/9/harbour"), "2023-07-09");
    cr_expect_str_eq(of_url("https://a.example/world/2023/jul/19/harbour"), "2023-07-19");
    cr_expect_str_eq(of_url("https://a.example/2023-07-19-harbour.html"), "2023-07-19");
    cr_expect_str_eq(of_url("https://a.example/harbour-20230719"), "2023-07-19");
    cr_expect_str_eq(of_url("/2023/07/19"), "2023-07-19");
    cr_expect_str_eq(of_url("https://a.example/2023/07/harbour"), "2023-07");
    cr_expect_str_eq(of_url("https://a.example/2023/07/4-things"), "2023-07");
    cr_expect_str_eq(of_url("https://a.example/2023/10-best-harbours"), "none");
    cr_expect_str_eq(of_url("https://a.example/2023/harbour"), "none");
    cr_expect_str_eq(of_url("https://a.example/story/202307191234"), "none");
    cr_expect_str_eq(of_url("https://a.example/story/20231345"), "none");
    cr_expect_str_eq(of_url("https://a.example/2023/13/45/x"), "none");
    cr_expect_str_eq(of_url("https://a.example/2023/02/30/x"), "none");
    cr_expect_str_eq(of_url("https://2023-07-19.example/x"), "none");
    cr_expect_str_eq(of_url("https://a.example/x?d=2023-07-19#2023-07-19"), "none");
    cr_expect_str_eq(of_url("https://a.example/2023/07/19/2023-07-19-x"), "2023-07-19");
    cr_expect_str_eq(of_url("https://a.example/2023/07/2023-07-19-x"), "2023-07-19");
    cr_expect_str_eq(of_url("https://a.example/2023/07/19/2022-01-01-x"), "none");
    cr_expect_str_eq(of_url("https://a.example/2022/01/2023/07/x"), "none");
    cr_expect_str_eq(of_url(""), "none");
}

/* ---- an article ---- */

/* Its date and source: "2023-07-19 text". */
static const char *of_article(struct item item, int64_t file_time)
{
    static const char *const sources[] = {"nowhere", "metadata", "url", "text", "file"};
    static char text[64];
    char date[LEDE_DATE_TEXT];

    dates_article(&words, slice_from(item.article.text), file_time, &item);
    if (item.article.date.precision == LEDE_DATE_NONE)
        return item.date_unread ? "unread" : "none";
    lede_date_format(item.article.date, date);
    (void)snprintf(text, sizeof text, "%s %s", date, sources[item.article.date_source]);
    return text;
}

static struct item item_of(const char *url, const char *text)
{
    struct item item = {.kind = ITEM_ARTICLE};

    item.article.url = bytes_of(slice_str(url));
    item.article.text = bytes_of(slice_str(text));
    return item;
}

Test(dates, an_article_takes_address_text_and_file_in_this_order)
{
    struct item item = item_of("http://a/2023/07/19/", "Published 20 July 2023");

    cr_expect_str_eq(of_article(item, 0), "2023-07-19 url");
    item = item_of("http://a/2023/07/x", "Published 20 July 2023");
    cr_expect_str_eq(of_article(item, 0), "2023-07-20 text");
    item = item_of("http://a/2023/07/x", "Published 20 August 2023");
    cr_expect_str_eq(of_article(item, 0), "2023-07 url");
    item = item_of("http://a/x", "Published 20 July 2023");
    cr_expect_str_eq(of_article(item, 0), "2023-07-20 text");
    item = item_of("http://a/x", "Nothing");
    cr_expect_str_eq(of_article(item, 86400), "1970-01-02T00:00:00Z file");
    cr_expect_str_eq(of_article(item, INT64_MIN), "none");
    item.article.date = (struct lede_date){0, LEDE_DAY};
    item.article.url = bytes_of(slice_str("http://a/2023/07/19/"));
    cr_expect_str_eq(of_article(item, INT64_MIN), "1970-01-01 nowhere");
}

Test(dates, metadata_in_words_is_read_too)
{
    struct lede_field fields[] = {{LEDE_STR("date"), LEDE_STR("Mittwoch, 19. Juli 2023")},
                                  {LEDE_STR("crawled"), LEDE_STR("2023-07-25T10:00:00Z")}};
    struct item item = item_of("http://a/2022/01/01/", "");

    item.article.metadata = fields;
    item.article.metadata_count = 2;
    item.date_unread = true;
    cr_expect_str_eq(of_article(item, 0), "2023-07-19 metadata");
    fields[0].value = (struct lede_bytes)LEDE_STR("3 days ago");
    cr_expect_str_eq(of_article(item, 0), "2023-07-22 metadata");
    fields[0].value = (struct lede_bytes)LEDE_STR("last spring");
    cr_expect_str_eq(of_article(item, 0), "2022-01-01 url");
    item.article.url.size = 0;
    cr_expect_str_eq(of_article(item, INT64_MIN), "unread");
}

Test(dates, none_is_later_than_the_visit)
{
    struct lede_field crawled = {LEDE_STR("crawled"), LEDE_STR("2023-07-25T10:00:00Z")};
    struct item item = item_of("http://a/2023/07/27/", "26 July 2023");

    item.article.metadata = &crawled;
    item.article.metadata_count = 1;
    cr_expect_str_eq(of_article(item, INT64_MIN), "2023-07-26 text");
    item.article.text = bytes_of(slice_str("27 July 2023"));
    cr_expect_str_eq(of_article(item, INT64_MIN), "none");
}

/* ---- anything ---- */

Test(dates, whatever_is_found_is_a_day_or_month_of_these_centuries)
{
    static const char *const pieces[] = {
        "Published ", "19", "/",  ".",  "-",    " July ", "2023", "1999",    "\n",
        " ",          "年", "月", "日", "31",   "vor ",   "ago",  " hours ", "yesterday",
        "\xff",       "|",  ",",  "th", " de ", "0",      "2"};
    struct dice dice = dice_begin();

    for (int round = 0; round < 20000; round++) {
        struct lede_date date, crawled = {1700000000, LEDE_SECOND};
        char text[512];
        size_t size = 0;

        while (size < 200 && dice_below(&dice, 20))
            size += (size_t)snprintf(text + size, sizeof text - size, "%s",
                                     pieces[dice_below(&dice, sizeof pieces / sizeof pieces[0])]);
        for (int i = 0; i < 2; i++) {
            bool found =
                i ? date_url_find(&words, slice_of(text, size), &date)
                  : date_text_find(&words, slice_of(text, size), slice_str("fr"), crawled, &date);

            if (!found)
                continue;
            cr_assert(date.precision == LEDE_DAY || date.precision == LEDE_MONTH);
            cr_assert_eq(date.seconds % 86400, 0);
            cr_assert_geq(date.seconds, date_days(1900, 1, 1) * 86400);
            cr_assert_lt(date.seconds, date_days(2100, 1, 1) * 86400);
        }
    }
    dice_end();
}
