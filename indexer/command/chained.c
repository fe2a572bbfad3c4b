#include "command/chained.h"

#include <stdlib.h>

#include "base/lede_bytes.h"
#include "command/date_text.h"
#include "command/text_reader.h"

void split_options_done(struct split_options *options)
{
    if (options->begins)
        regfree(options->begins);
    free(options->begins);
    *options = (struct split_options){.mode = SPLIT_AUTO};
}

enum lede_status split_options_parse(struct split_options *options, const char *text,
                                     struct lede_error *err)
{
    char why[200];
    regex_t *begins;
    int code;

    split_options_done(options);
    if (strcmp(text, "none") == 0)
        options->mode = SPLIT_NONE;
    if (strcmp(text, "auto") == 0 || strcmp(text, "none") == 0)
        return LEDE_OK;
    begins = malloc(sizeof *begins);
    if (!begins)
        return error_no_memory(err);
    code = regcomp(begins, text, REG_EXTENDED);
    if (code == 0) {
        *options = (struct split_options){SPLIT_BY, begins};
        return LEDE_OK;
    }
    (void)regerror(code, begins, why, sizeof why);
    free(begins);
    return error_set(err, LEDE_INVALID,
                     "--split %s: auto, none, or a regular expression of the lines that begin an "
                     "article: %s",
                     text, why);
}

void chained_init(struct chained *chained)
{
    *chained = (struct chained){.active = false};
    (void)date_words_init(&chained->date_words);
    page_split_init(&chained->split);
    buffer_init(&chained->id, NULL);
    buffer_init(&chained->text, NULL);
}

void chained_done(struct chained *chained)
{
    page_split_done(&chained->split);
    buffer_done(&chained->id);
    buffer_done(&chained->text);
}

enum lede_status chained_take(struct chained *chained, const struct split_options *options,
                              const struct item *whole, struct lede_error *err)
{
    enum lede_status status;

    chained->active = false;
    if (options->mode == SPLIT_NONE || whole->page.size == 0)
        return LEDE_OK;
    status = options->mode == SPLIT_BY
                 ? page_split_by(&chained->split, whole->page, options->begins, err)
                 : page_split_auto(&chained->split, whole->page, err);
    if (status != LEDE_OK)
        return status;
    chained->whole = *whole;
    chained->next = 0;
    chained->active = chained->split.count > 0;
    return LEDE_OK;
}

/* ---- metadata ---- */

static bool has_field(const struct lede_article *article, const char *name)
{
    for (size_t i = 0; i < article->metadata_count; i++)
        if (slice_equal(slice_from(article->metadata[i].name), slice_str(name)))
            return true;
    return false;
}

static void put_field(struct chained *chained, struct lede_article *article, const char *name,
                      struct slice value)
{
    if (value.size == 0 || article->metadata_count == CHAINED_METADATA)
        return;
    chained->metadata[article->metadata_count++] =
        (struct lede_field){bytes_of(slice_str(name)), bytes_of(value)};
    article->metadata = chained->metadata;
}

/* Those of the page that the article does not have. */
static void put_fields_of_page(struct chained *chained, struct lede_article *article)
{
    const struct lede_article *page = &chained->whole.article;

    for (size_t i = 0; i < page->metadata_count; i++) {
        const struct lede_field *field = &page->metadata[i];
        bool own = slice_equal(slice_from(field->name), slice_str("author")) ||
                   slice_equal(slice_from(field->name), slice_str("section"));

        if (article->metadata_count < CHAINED_METADATA &&
            !(own && (has_field(article, "author") || has_field(article, "section"))))
            chained->metadata[article->metadata_count++] = *field;
    }
    article->metadata = chained->metadata;
    if (article->date.precision == LEDE_DATE_NONE) {
        article->date = page->date;
        article->date_source = page->date_source;
    }
}

/* ---- items ---- */

static void begin_item(const struct chained *chained, struct item *item)
{
    *item = (struct item){.kind = ITEM_ARTICLE, .parts = chained->split.count, .is_page = true};
    item->article = chained->whole.article;
    item->article.title = item->article.text = bytes_of(slice_of(NULL, 0));
    item->article.date = (struct lede_date){0};
    item->article.date_source = LEDE_DATE_FROM_NOWHERE;
    item->article.metadata = NULL;
    item->article.metadata_count = 0;
}

static void set_facts(struct chained *chained, const struct page_article *found,
                      struct lede_article *article)
{
    struct lede_date none = {.precision = LEDE_DATE_NONE};

    if (found->date.size > 0 && date_text_find(&chained->date_words, found->date,
                                               slice_from(article->language), none, &article->date))
        article->date_source = LEDE_DATE_FROM_TEXT;
    put_field(chained, article, "author", found->author);
    put_field(chained, article, "section", found->section);
}

static void set_article(struct chained *chained, size_t number, struct item *item)
{
    const struct page_article *found = &chained->split.articles[number];
    const struct item *whole = &chained->whole;

    begin_item(chained, item);
    buffer_clear(&chained->id);
    buffer_put(&chained->id, whole->article.id.data, whole->article.id.size);
    buffer_printf(&chained->id, "#%zu", number + 1);
    page_split_text(&chained->split, number, &chained->text);
    item->article.text = bytes_of(buffer_bytes(&chained->text));
    item->part = number + 1;
    item->article.id = bytes_of(buffer_bytes(&chained->id));
    item->article.title = bytes_of(found->title);
    set_facts(chained, found, &item->article);
    if (whole->page_is_source) {
        item->article.source_offset +=
            whole->article.source_size - whole->page.size + found->offset;
        item->article.source_size = found->size;
    }
    if (number > 0)
        return;
    item->replaced_bytes = whole->replaced_bytes;
    if (!whole->page_is_source) {
        put_fields_of_page(chained, &item->article);
        if (found->title.size == 0)
            item->article.title = whole->article.title;
    }
}

static void set_remainder(struct chained *chained, struct item *item)
{
    struct slice text, title = slice_from(chained->whole.article.title);

    begin_item(chained, item);
    page_split_remainder(&chained->split, &chained->text);
    text = buffer_bytes(&chained->text);
    if (chained->whole.page_is_source)
        text_reader_split(text, &title, &text);
    else
        put_fields_of_page(chained, &item->article);
    item->article.title = bytes_of(title);
    item->article.text = bytes_of(text);
}

enum lede_status chained_next(struct chained *chained, struct item *item, struct lede_error *err)
{
    size_t number = chained->next++;

    buffer_clear(&chained->text);
    if (number < chained->split.count)
        set_article(chained, number, item);
    else
        set_remainder(chained, item);
    chained->active = number < chained->split.count && (number + 1 < chained->split.count ||
                                                        page_split_has_remainder(&chained->split));
    return chained->text.failed || chained->id.failed ? error_no_memory(err) : LEDE_OK;
}
