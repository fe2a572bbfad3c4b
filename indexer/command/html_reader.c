#include "command/html_reader.h"

#include <stdio.h>

#include "base/lede_bytes.h"

void html_reader_init(struct html_reader *reader, size_t max_page, size_t max_tree)
{
    *reader = (struct html_reader){.max_page = max_page};
    html_article_init(&reader->article, max_tree);
}

void html_reader_done(struct html_reader *reader)
{
    html_article_done(&reader->article);
}

void html_reader_start(struct html_reader *reader, struct input *input, const struct origin *origin)
{
    reader->input = input;
    reader->origin = origin;
}

/* The whole file, or more than max_page bytes of it. */
static enum lede_status peek_page(struct html_reader *reader, struct slice *page,
                                  struct lede_error *err)
{
    size_t seen = 0;
    enum lede_status status;

    for (;;) {
        status = input_peek(reader->input, seen + 1, page, err);
        if (page->size == seen || page->size > reader->max_page)
            return page->size > reader->max_page ? LEDE_OK : status;
        seen = page->size;
    }
}

static enum lede_status skip_page(struct html_reader *reader, struct item *item,
                                  enum skip_reason reason, const char *message)
{
    *item = (struct item){.kind = ITEM_SKIP};
    skip_set(&item->skip, reason, reader->origin->path, message);
    return LEDE_OK;
}

static enum lede_status skip_too_large(struct html_reader *reader, struct item *item)
{
    char message[128];

    (void)snprintf(message, sizeof message,
                   "a web page of more than %zu bytes: see --memory, --max-record",
                   reader->max_page);
    return skip_page(reader, item, SKIP_TOO_LARGE, message);
}

/* A failure ends the run if it is not the page's. */
static enum lede_status fail(struct html_reader *reader, struct item *item, enum lede_status status,
                             const struct lede_error *error, struct lede_error *err)
{
    if (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED)
        return error_set(err, status, "%s", error->text);
    return skip_page(reader, item, status == LEDE_LIMIT ? SKIP_TOO_LARGE : SKIP_UNREADABLE,
                     error->text);
}

enum lede_status html_reader_next(struct html_reader *reader, struct item *item,
                                  struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    struct slice page;
    enum lede_status status = peek_page(reader, &page, &error);

    *item = (struct item){.kind = ITEM_ARTICLE};
    if (status == LEDE_OK && page.size > reader->max_page)
        return skip_too_large(reader, item);
    if (status == LEDE_OK)
        status = html_article_read(&reader->article, page, slice_of(NULL, 0), item, &error);
    if (status != LEDE_OK)
        return fail(reader, item, status, &error, err);
    input_skip(reader->input, page.size);
    item->article.id = bytes_of(reader->origin->id);
    item->article.source = bytes_of(reader->origin->path);
    item->article.source_size = page.size;
    item->page = slice_from(item->article.text);
    return LEDE_OK;
}
