#include "html/html_page.h"

#include <libxml/HTMLparser.h>
#include <limits.h>

#include "html/html_content.h"
#include "html/html_encoding.h"

enum {
    OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
              HTML_PARSE_COMPACT | XML_PARSE_HUGE
};

void html_page_init(struct html_page *page)
{
    memset(page, 0, sizeof *page);
    buffer_init(&page->text, NULL);
    buffer_init(&page->converted, NULL);
    arena_init(&page->arena, 0, NULL);
}

void html_page_done(struct html_page *page)
{
    buffer_done(&page->text);
    buffer_done(&page->converted);
    arena_done(&page->arena);
}

/* The tree of the converted page, or NULL: memory ran out, or it is empty. */
static xmlDoc *parse(const struct html_page *page)
{
    return htmlReadMemory((const char *)page->converted.data, (int)page->converted.size, NULL,
                          "UTF-8", OPTIONS);
}

static enum lede_status read_tree(struct html_page *page, xmlDoc *tree, struct lede_error *err)
{
    enum lede_status status = html_metadata(tree, &page->arena, &page->metadata, err);

    return status == LEDE_OK ? html_content(tree, &page->text, err) : status;
}

enum lede_status html_page_read(struct html_page *page, struct slice bytes, struct slice charset,
                                struct lede_error *err)
{
    enum lede_status status;
    xmlDoc *tree;

    memset(&page->metadata, 0, sizeof page->metadata);
    page->replaced_bytes = 0;
    arena_reset(&page->arena);
    buffer_clear(&page->text);
    buffer_clear(&page->converted);
    status = html_to_utf8(bytes, charset, &page->converted, &page->replaced_bytes, err);
    if (status != LEDE_OK)
        return status;
    if (page->converted.size == 0 || page->converted.size > INT_MAX)
        return error_set(err, LEDE_INVALID, "a page of %zu bytes", page->converted.size);
    tree = parse(page);
    if (!tree)
        return error_no_memory(err);
    status = read_tree(page, tree, err);
    xmlFreeDoc(tree);
    return status;
}
