/* html_tree.h -- what the extraction asks of the tree that libxml2 made of a page.
 *
 * Trees come from anybody and may be as deep as they like: nothing here recurses. */
#ifndef LEDE_HTML_TREE_H
#define LEDE_HTML_TREE_H

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/bytes.h"

/* An element's name, as far as it matters. */
enum html_tag {
    TAG_OTHER, /* inline, or unknown */
    TAG_A,
    TAG_ARTICLE,
    TAG_BLOCK, /* a block without a name of its own here */
    TAG_BLOCKQUOTE,
    TAG_BODY,
    TAG_BR,
    TAG_CELL, /* td, th */
    TAG_DIV,
    TAG_DROPPED, /* never part of a text: scripts, controls, navigation */
    TAG_FIGURE,
    TAG_HEADING,
    TAG_IMG,
    TAG_ITEM, /* li, dd, dt */
    TAG_LIST, /* ul, ol, dl */
    TAG_MAIN,
    TAG_P,
    TAG_PRE,
    TAG_SECTION,
    TAG_TABLE
};

enum html_tag html_tag(const xmlNode *node); /* TAG_OTHER for what is no element */
bool html_is_block(enum html_tag tag);

/* The next node in document order, below or behind node, but not outside of root; NULL: none.
 * html_skip: the same, but not below node. html_post: in the order in which elements end. */
xmlNode *html_next(const xmlNode *node, const xmlNode *root);
xmlNode *html_skip(const xmlNode *node, const xmlNode *root);
xmlNode *html_post_first(xmlNode *root);
xmlNode *html_post_next(const xmlNode *node, const xmlNode *root);

/* An attribute's text, in the tree; empty if there is none. */
struct slice html_attribute(const xmlNode *node, const char *name);

/* True if the attribute has one of the words (a list that NULL ends, lower case) somewhere in it.
 */
bool html_mentions(const xmlNode *node, const char *attribute, const char *const *words);

/* What stands in an element and below, blanks folded. */
struct html_measure {
    uint32_t characters, in_links, in_headings;
    uint32_t commas;
    uint32_t paragraphs, images, items; /* elements */
    bool has_block;                     /* a block element below */
    double score;                       /* of html_content; 0: none */
    bool scored;
};

/* Measures root and every element below: html_measure_of then finds it. False: memory ran out. */
bool html_measure_all(xmlNode *root, struct arena *arena);
/* Measures one element, those below being measured. */
void html_measure_again(xmlNode *node);

static inline struct html_measure *html_measure_of(const xmlNode *node)
{
    return node->_private;
}

static inline double html_link_density(const xmlNode *node)
{
    const struct html_measure *measure = html_measure_of(node);

    return measure->characters ? (double)measure->in_links / measure->characters : 0;
}

/* Takes a node out of its tree and frees it; words on both sides stay apart. */
void html_remove(xmlNode *node);

#endif
