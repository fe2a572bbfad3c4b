#include "command/html_article.h"

#include <assert.h>

#include "base/lede_bytes.h"

void html_article_init(struct html_article *article, size_t max_tree)
{
    html_page_init(&article->page, max_tree);
    article->metadata_count = 0;
}

void html_article_done(struct html_article *article)
{
    html_page_done(&article->page);
}

void html_article_put(struct html_article *article, struct item *item, const char *name,
                      struct slice value)
{
    if (value.size == 0)
        return;
    assert(article->metadata_count < HTML_ARTICLE_METADATA);
    article->metadata[article->metadata_count++] =
        (struct lede_field){bytes_of(slice_str(name)), bytes_of(value)};
    item->article.metadata = article->metadata;
    item->article.metadata_count = article->metadata_count;
}

static void take_date(struct html_article *article, struct slice date, struct item *item)
{
    if (date.size == 0 || lede_date_parse(bytes_of(date), &item->article.date) == LEDE_OK)
        return;
    item->date_unread = true;
    html_article_put(article, item, "date", date);
}

enum lede_status html_article_read(struct html_article *article, struct slice bytes,
                                   struct slice charset, struct item *item, struct lede_error *err)
{
    struct html_page *page = &article->page;
    const struct slice *fields = page->metadata.fields;
    enum lede_status status = html_page_read(page, bytes, charset, err);

    article->metadata_count = 0;
    if (status == LEDE_INVALID)
        return LEDE_OK; /* an empty page: an article without words */
    if (status != LEDE_OK)
        return status;
    item->replaced_bytes = page->replaced_bytes;
    item->article.title = bytes_of(fields[HTML_TITLE]);
    item->article.text = bytes_of(buffer_bytes(&page->text));
    item->article.url = bytes_of(fields[HTML_URL]);
    item->article.language = bytes_of(fields[HTML_LANGUAGE]);
    html_article_put(article, item, "author", fields[HTML_AUTHOR]);
    html_article_put(article, item, "section", fields[HTML_SECTION]);
    html_article_put(article, item, "site", fields[HTML_SITE]);
    take_date(article, fields[HTML_DATE], item);
    return LEDE_OK;
}
