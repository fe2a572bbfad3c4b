#include "command/dates.h"

#include "base/date.h"
#include "base/lede_bytes.h"
#include "command/date_line.h"
#include "command/date_text.h"
#include "command/reader.h"

enum { DAY_SECONDS = 86400 };

static struct slice metadatum(const struct lede_article *article, const char *name)
{
    for (size_t i = 0; i < article->metadata_count; i++)
        if (slice_equal(slice_from(article->metadata[i].name), slice_str(name)))
            return slice_from(article->metadata[i].value);
    return slice_of(NULL, 0);
}

/* A date that somebody wrote for people, alone. */
static bool find_loose(const struct date_words *words, struct slice text, struct slice language,
                       struct lede_date crawled, struct lede_date *date)
{
    return text.size > 0 && text.size <= DATE_LINE_MOST &&
           date_text_find(words, text, language, crawled, date);
}

static bool is_possible(struct lede_date date, struct lede_date crawled)
{
    return date.precision != LEDE_DATE_NONE &&
           (crawled.precision < LEDE_DAY || date.seconds <= crawled.seconds + DAY_SECONDS);
}

static void set_date(struct lede_article *article, struct lede_date date,
                     enum lede_date_source source)
{
    article->date = date;
    article->date_source = source;
}

/* By address and text, of which one at least has a date. */
static void choose(struct lede_article *article, struct lede_date url, struct lede_date text)
{
    bool day_of_month = url.precision == LEDE_MONTH && text.precision == LEDE_DAY &&
                        text.seconds >= url.seconds && text.seconds <= date_last_second(url);

    if (url.precision == LEDE_DATE_NONE || day_of_month)
        set_date(article, text, LEDE_DATE_FROM_TEXT);
    else
        set_date(article, url, LEDE_DATE_FROM_URL);
}

void dates_article(const struct date_words *words, struct slice text, int64_t file_time,
                   struct item *item)
{
    struct lede_article *article = &item->article;
    struct slice language = slice_from(article->language);
    struct lede_date none = {.precision = LEDE_DATE_NONE}, crawled = none, loose = none,
                     by_url = none, by_text = none;

    if (article->date.precision != LEDE_DATE_NONE)
        return;
    if (lede_date_parse(bytes_of(metadatum(article, "crawled")), &crawled) != LEDE_OK)
        crawled = none;
    if (item->date_unread &&
        find_loose(words, metadatum(article, "date"), language, crawled, &loose)) {
        set_date(article, loose, LEDE_DATE_FROM_METADATA);
        item->date_unread = false;
        return;
    }
    if (!date_url_find(words, slice_from(article->url), &by_url) || !is_possible(by_url, crawled))
        by_url = none;
    if (!date_text_find(words, text, language, crawled, &by_text) || !is_possible(by_text, crawled))
        by_text = none;
    if (by_url.precision != LEDE_DATE_NONE || by_text.precision != LEDE_DATE_NONE)
        choose(article, by_url, by_text);
    else if (file_time != INT64_MIN && metadatum(article, READER_ENTRY).size == 0)
        set_date(article, (struct lede_date){file_time, LEDE_SECOND}, LEDE_DATE_FROM_FILE);
}
