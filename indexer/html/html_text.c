/* From a tree to paragraphs: blanks folded, a blank line between blocks, preformatted text as it
 * is. */
#include "html/html_content.h"
#include "html/html_tree.h"

struct writing {
    struct buffer *out;
    size_t begin;      /* where our text begins in out */
    unsigned newlines; /* that are owed before the next word */
    bool blank;        /* a blank is owed */
};

static void owe(struct writing *writing, unsigned newlines)
{
    if (newlines > writing->newlines)
        writing->newlines = newlines;
}

static void pay(struct writing *writing)
{
    if (writing->out->size > writing->begin) {
        for (unsigned i = 0; i < writing->newlines; i++)
            buffer_byte(writing->out, '\n');
        if (writing->blank && writing->newlines == 0)
            buffer_byte(writing->out, ' ');
    }
    writing->newlines = 0;
    writing->blank = false;
}

static void put_text(struct writing *writing, const uint8_t *text)
{
    const uint8_t *at = text ? text : (const uint8_t *)"";

    while (*at) {
        const uint8_t *end = at;

        if (byte_is_blank(*at)) {
            writing->blank = true;
            at++;
            continue;
        }
        while (*end && !byte_is_blank(*end))
            end++;
        pay(writing);
        buffer_put(writing->out, at, (size_t)(end - at));
        at = end;
    }
}

static void put_preformatted(struct writing *writing, const uint8_t *text)
{
    if (!text || !*text)
        return;
    pay(writing);
    buffer_str(writing->out, (const char *)text);
}

static unsigned newlines_around(enum html_tag tag)
{
    switch (tag) {
    case TAG_ITEM:
    case TAG_BR:
        return 1;
    case TAG_CELL:
        return 0;
    default:
        return html_is_block(tag) ? 2 : 0;
    }
}

static void put_edge(struct writing *writing, enum html_tag tag)
{
    owe(writing, newlines_around(tag));
    if (tag == TAG_CELL)
        writing->blank = true;
}

static bool is_preformatted(const xmlNode *node)
{
    return node->parent && html_tag(node->parent) == TAG_PRE;
}

static void enter(struct writing *writing, const xmlNode *node)
{
    xmlChar *text;

    switch (node->type) {
    case XML_ELEMENT_NODE:
        put_edge(writing, html_tag(node));
        break;
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
        if (is_preformatted(node))
            put_preformatted(writing, node->content);
        else
            put_text(writing, node->content);
        break;
    case XML_ENTITY_REF_NODE:
        text = xmlNodeGetContent(node);
        put_text(writing, text);
        xmlFree(text);
        break;
    default:
        break;
    }
}

void html_text(const xmlNode *root, struct buffer *out)
{
    struct writing writing = {.out = out, .begin = out->size};
    const xmlNode *node = root;
    bool leaving = false;

    for (;;) {
        if (!leaving)
            enter(&writing, node);
        if (!leaving && node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            continue;
        }
        if (node->type == XML_ELEMENT_NODE)
            put_edge(&writing, html_tag(node));
        if (node == root)
            return;
        leaving = node->next == NULL;
        node = leaving ? node->parent : node->next;
    }
}
