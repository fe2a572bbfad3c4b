#include "html/html_page.h"

#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <limits.h>

#include "html/html_content.h"
#include "html/html_encoding.h"
#include "html/reserve.h"
#include "html/html_tree.h"

enum {
    OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
              HTML_PARSE_COMPACT | XML_PARSE_HUGE,
    MALLOC_EXTRA = 16 /* that an allocation takes beside what was asked for, on average */
};

void html_page_init(struct html_page *page, size_t max_tree)
{
    memset(page, 0, sizeof *page);
    page->max_tree = max_tree;
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

/* ---- the tree, which must not grow for ever ---- */

static bool grow(xmlParserCtxt *parser, size_t size)
{
    struct html_page *page = parser->_private;
    bool fits;

    page->tree += size;
    fits = page->tree <= page->max_tree && !reserve_is_spent();
    if (!fits)
        xmlStopParser(parser);
    return fits;
}

/* An element, its attributes and what is measured of it. */
static void start_element(void *context, const xmlChar *name, const xmlChar **attributes)
{
    size_t size = sizeof(xmlNode) + sizeof(struct html_measure) + 2 * MALLOC_EXTRA;

    for (size_t i = 0; attributes && attributes[i]; i += 2)
        size += sizeof(xmlAttr) + sizeof(xmlNode) + 3 * MALLOC_EXTRA +
                (attributes[i + 1] ? (size_t)xmlStrlen(attributes[i + 1]) : 0);
    if (grow(context, size))
        xmlSAX2StartElement(context, name, attributes);
}

static void characters(void *context, const xmlChar *text, int size)
{
    if (grow(context, sizeof(xmlNode) + 2 * MALLOC_EXTRA + (size_t)size))
        xmlSAX2Characters(context, text, size);
}

static void comment(void *context, const xmlChar *text)
{
    if (grow(context, sizeof(xmlNode) + 2 * MALLOC_EXTRA + (size_t)xmlStrlen(text)))
        xmlSAX2Comment(context, text);
}

static void instruction(void *context, const xmlChar *target, const xmlChar *text)
{
    size_t size = (size_t)xmlStrlen(target) + (size_t)xmlStrlen(text);

    if (grow(context, sizeof(xmlNode) + 3 * MALLOC_EXTRA + size))
        xmlSAX2ProcessingInstruction(context, target, text);
}

static void listen_in(xmlParserCtxt *parser, struct html_page *page)
{
    page->tree = 0;
    parser->_private = page;
    parser->sax->startElement = start_element;
    parser->sax->characters = parser->sax->ignorableWhitespace = characters;
    parser->sax->cdataBlock = characters;
    parser->sax->comment = comment;
    parser->sax->processingInstruction = instruction;
}

/* The tree of the converted page, or NULL: memory ran out, or it is empty. */
static xmlDoc *parse(struct html_page *page)
{
    xmlParserCtxt *parser = htmlNewParserCtxt();
    xmlDoc *tree;

    if (!parser)
        return NULL;
    listen_in(parser, page);
    tree = htmlCtxtReadMemory(parser, (const char *)page->converted.data, (int)page->converted.size,
                              NULL, "UTF-8", OPTIONS);
    htmlFreeParserCtxt(parser);
    return tree;
}

static enum lede_status read_tree(struct html_page *page, xmlDoc *tree, struct buffer *out,
                                  struct lede_error *err)
{
    enum lede_status status = html_metadata(tree, &page->arena, &page->metadata, err);

    return status == LEDE_OK ? html_content(tree, out, err) : status;
}

/* Has the tree of the converted page read into out. */
static enum lede_status with_tree(struct html_page *page,
                                  enum lede_status (*read)(struct html_page *page, xmlDoc *tree,
                                                           struct buffer *out,
                                                           struct lede_error *err),
                                  struct buffer *out, struct lede_error *err)
{
    enum lede_status status;
    xmlDoc *tree;

    if (page->converted.size > INT_MAX)
        return error_set(err, LEDE_LIMIT, "a page of %zu bytes", page->converted.size);
    if (!reserve_begin())
        return error_no_memory(err);
    tree = parse(page);
    if (page->tree > page->max_tree)
        status = error_set(
            err, LEDE_LIMIT,
            "has so many elements that they take more than %zu bytes of memory: see --memory",
            page->max_tree);
    else
        status = tree && !reserve_is_spent() ? read(page, tree, out, err) : error_no_memory(err);
    xmlFreeDoc(tree);
    return status == LEDE_OK && reserve_is_spent() ? error_no_memory(err) : status;
}

enum lede_status html_page_read(struct html_page *page, struct slice bytes, struct slice charset,
                                struct lede_error *err)
{
    enum lede_status status;

    memset(&page->metadata, 0, sizeof page->metadata);
    page->replaced_bytes = 0;
    arena_reset(&page->arena);
    buffer_clear(&page->text);
    buffer_clear(&page->converted);
    status = html_to_utf8(bytes, charset, &page->converted, &page->replaced_bytes, err);
    if (status != LEDE_OK)
        return status;
    if (page->converted.size == 0)
        return error_set(err, LEDE_INVALID, "an empty page");
    return with_tree(page, read_tree, &page->text, err);
}

/* ---- fragments ---- */

static void drop_scripts(xmlNode *root)
{
    xmlNode *node = root, *next;

    while (node) {
        bool dropped = node != root && html_tag(node) == TAG_DROPPED;

        next = dropped ? html_skip(node, root) : html_next(node, root);
        if (dropped)
            html_remove(node);
        node = next;
    }
}

static enum lede_status read_fragment(struct html_page *page, xmlDoc *tree, struct buffer *out,
                                      struct lede_error *err)
{
    xmlNode *root = xmlDocGetRootElement(tree);

    (void)page;
    if (root) {
        drop_scripts(root);
        html_text(root, out);
    }
    return out->failed ? error_no_memory(err) : LEDE_OK;
}

enum lede_status html_page_fragment(struct html_page *page, struct slice html, struct buffer *out,
                                    struct lede_error *err)
{
    buffer_clear(&page->converted);
    buffer_put(&page->converted, html.data, html.size);
    if (page->converted.failed)
        return error_no_memory(err);
    return html.size > 0 ? with_tree(page, read_fragment, out, err) : LEDE_OK;
}
