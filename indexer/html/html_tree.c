#include "html/html_tree.h"

#include <stdlib.h>
#include <strings.h>

/* ---- names ---- */

struct tag_name {
    const char *name;
    enum html_tag tag;
};

static const struct tag_name TAGS[] = {
    /* sorted by name */
    {"a", TAG_A},
    {"address", TAG_BLOCK},
    {"article", TAG_ARTICLE},
    {"aside", TAG_DROPPED},
    {"audio", TAG_DROPPED},
    {"blockquote", TAG_BLOCKQUOTE},
    {"body", TAG_BODY},
    {"br", TAG_BR},
    {"button", TAG_DROPPED},
    {"canvas", TAG_DROPPED},
    {"caption", TAG_BLOCK},
    {"center", TAG_BLOCK},
    {"dd", TAG_ITEM},
    {"details", TAG_BLOCK},
    {"dialog", TAG_DROPPED},
    {"div", TAG_DIV},
    {"dl", TAG_LIST},
    {"dt", TAG_ITEM},
    {"embed", TAG_DROPPED},
    {"fieldset", TAG_BLOCK},
    {"figcaption", TAG_BLOCK},
    {"figure", TAG_FIGURE},
    {"footer", TAG_DROPPED},
    {"form", TAG_DROPPED},
    {"h1", TAG_HEADING},
    {"h2", TAG_HEADING},
    {"h3", TAG_HEADING},
    {"h4", TAG_HEADING},
    {"h5", TAG_HEADING},
    {"h6", TAG_HEADING},
    {"head", TAG_DROPPED},
    {"header", TAG_BLOCK},
    {"hr", TAG_BR},
    {"html", TAG_BLOCK},
    {"iframe", TAG_DROPPED},
    {"img", TAG_IMG},
    {"input", TAG_DROPPED},
    {"li", TAG_ITEM},
    {"link", TAG_DROPPED},
    {"main", TAG_MAIN},
    {"map", TAG_DROPPED},
    {"menu", TAG_DROPPED},
    {"meta", TAG_DROPPED},
    {"nav", TAG_DROPPED},
    {"noscript", TAG_DROPPED},
    {"object", TAG_DROPPED},
    {"ol", TAG_LIST},
    {"p", TAG_P},
    {"pre", TAG_PRE},
    {"script", TAG_DROPPED},
    {"section", TAG_SECTION},
    {"select", TAG_DROPPED},
    {"style", TAG_DROPPED},
    {"summary", TAG_BLOCK},
    {"svg", TAG_DROPPED},
    {"table", TAG_TABLE},
    {"tbody", TAG_BLOCK},
    {"td", TAG_CELL},
    {"template", TAG_DROPPED},
    {"textarea", TAG_DROPPED},
    {"tfoot", TAG_BLOCK},
    {"th", TAG_CELL},
    {"thead", TAG_BLOCK},
    {"tr", TAG_BLOCK},
    {"ul", TAG_LIST},
    {"video", TAG_DROPPED},
};

static int compare_names(const void *name, const void *entry)
{
    return strcasecmp(name, ((const struct tag_name *)entry)->name);
}

enum html_tag html_tag(const xmlNode *node)
{
    const struct tag_name *found;

    if (node->type != XML_ELEMENT_NODE || !node->name)
        return TAG_OTHER;
    found = bsearch(node->name, TAGS, sizeof TAGS / sizeof TAGS[0], sizeof TAGS[0], compare_names);
    return found ? found->tag : TAG_OTHER;
}

bool html_is_block(enum html_tag tag)
{
    return tag != TAG_OTHER && tag != TAG_A && tag != TAG_BR && tag != TAG_IMG &&
           tag != TAG_DROPPED;
}

/* ---- orders ---- */

xmlNode *html_skip(const xmlNode *node, const xmlNode *root)
{
    while (node != root) {
        if (node->next)
            return node->next;
        node = node->parent;
    }
    return NULL;
}

xmlNode *html_next(const xmlNode *node, const xmlNode *root)
{
    /* Entities have children that belong to the document type. */
    if (node->children && node->type == XML_ELEMENT_NODE)
        return node->children;
    return html_skip(node, root);
}

static xmlNode *deepest_first(xmlNode *node)
{
    while (node->type == XML_ELEMENT_NODE && node->children)
        node = node->children;
    return node;
}

xmlNode *html_post_first(xmlNode *root)
{
    return deepest_first(root);
}

xmlNode *html_post_next(const xmlNode *node, const xmlNode *root)
{
    if (node == root)
        return NULL;
    return node->next ? deepest_first(node->next) : node->parent;
}

/* ---- attributes ---- */

struct slice html_attribute(const xmlNode *node, const char *name)
{
    if (node->type != XML_ELEMENT_NODE)
        return slice_of(NULL, 0);
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next)
        if (strcasecmp((const char *)attribute->name, name) == 0 && attribute->children &&
            attribute->children->content)
            return slice_str((const char *)attribute->children->content);
    return slice_of(NULL, 0);
}

bool html_mentions(const xmlNode *node, const char *attribute, const char *const *words)
{
    struct slice value = html_attribute(node, attribute);

    if (value.size == 0)
        return false;
    for (; *words; words++)
        if (strcasestr((const char *)value.data, *words))
            return true;
    return false;
}

/* ---- measures ---- */

static bool is_comma(const uint8_t *at)
{
    return *at == ',' || (at[0] == 0xd8 && at[1] == 0x8c) ||
           (at[0] == 0xe3 && at[1] == 0x80 && at[2] == 0x81) ||
           (at[0] == 0xef && at[1] == 0xbc && at[2] == 0x8c);
}

/* Text nodes end with a NUL. */
static void measure_text(const xmlNode *node, struct html_measure *measure)
{
    bool blank = false, word = false;

    for (const uint8_t *at = node->content; at && *at; at++) {
        if (byte_is_blank(*at)) {
            blank = word;
            continue;
        }
        measure->commas += is_comma(at);
        measure->characters += (*at & 0xc0) != 0x80;
        measure->characters += blank;
        blank = false;
        word = true;
    }
}

static void add(struct html_measure *sum, const struct html_measure *part)
{
    sum->characters += part->characters;
    sum->in_links += part->in_links;
    sum->in_headings += part->in_headings;
    sum->commas += part->commas;
    sum->paragraphs += part->paragraphs;
    sum->images += part->images;
    sum->items += part->items;
    sum->has_block |= part->has_block;
}

void html_measure_again(xmlNode *node)
{
    struct html_measure *measure = html_measure_of(node);
    double score = measure->score;
    bool scored = measure->scored;

    *measure = (struct html_measure){.score = score, .scored = scored};
    for (const xmlNode *child = node->children; child; child = child->next) {
        enum html_tag tag = html_tag(child);

        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
            measure_text(child, measure);
        if (child->type != XML_ELEMENT_NODE)
            continue;
        add(measure, html_measure_of(child));
        measure->paragraphs += tag == TAG_P;
        measure->images += tag == TAG_IMG;
        measure->items += tag == TAG_ITEM;
        measure->has_block |= html_is_block(tag);
    }
    if (html_tag(node) == TAG_A)
        measure->in_links = measure->characters;
    if (html_tag(node) == TAG_HEADING)
        measure->in_headings = measure->characters;
}

bool html_measure_all(xmlNode *root, struct arena *arena)
{
    for (xmlNode *node = html_post_first(root); node; node = html_post_next(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        node->_private = arena_calloc(arena, 1, sizeof(struct html_measure));
        if (!node->_private)
            return false;
        html_measure_again(node);
    }
    return true;
}

/* ---- changing ---- */

void html_remove(xmlNode *node)
{
    /* libxml2 would join the texts on both sides. */
    if (node->prev && node->next && node->prev->type == XML_TEXT_NODE &&
        node->next->type == XML_TEXT_NODE)
        (void)xmlNodeAddContent(node->prev, (const xmlChar *)" ");
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}
