#include "html/html_content.h"

#include <math.h>
#include <strings.h>

#include "html/html_tree.h"

enum {
    PARAGRAPH_MIN = 25, /* characters of a paragraph that votes */
    LEVELS = 5,         /* elements around it that it votes for */
    NAME_WEIGHT = 25,
    TOP = 5, /* elements with the most votes that are compared */
    RIVALS = 3
};

/* Parts of names of classes and ids. */
static const char *const ASIDE_WORDS[] = {
    "advert",   "-ad-",         "ad-break",   "banner",   "breadcrumb", "comment",    "cookie",
    "disqus",   "footer",       "gdpr",       "header",   "masthead",   "menu",       "newsletter",
    "outbrain", "pager",        "pagination", "popup",    "promo",      "recirc",     "related",
    "remark",   "replies",      "share",      "shoutbox", "sidebar",    "skyscraper", "social",
    "sponsor",  "supplemental", "taboola",    NULL};
static const char *const ARTICLE_WORDS[] = {"article", "body", "column", "content", "main",
                                            "story",   "and",  "shadow", NULL};
static const char *const GOOD_WORDS[] = {"article", "body", "content", "entry", "main", "page",
                                         "post",    "text", "blog",    "story", NULL};
static const char *const BAD_WORDS[] = {
    "advert", "-ad-",     "hidden",     "banner",   "comment",    "contact",    "footer",
    "gdpr",   "masthead", "media",      "meta",     "outbrain",   "promo",      "related",
    "scroll", "share",    "shoutbox",   "sidebar",  "skyscraper", "sponsor",    "shopping",
    "tags",   "widget",   "newsletter", "subscri",  "social",     "breadcrumb", "cookie",
    "popup",  "recirc",   "most-read",  "trending", NULL};
static const char *const ASIDE_ROLES[] = {"menu",   "complementary", "navigation",
                                          "alert",  "dialog",        "banner",
                                          "search", "contentinfo",   NULL};

/* ---- what is never part of it ---- */

static bool is_hidden(const xmlNode *node)
{
    static const char *const hiding[] = {"display:none", "display: none", "visibility:hidden",
                                         "visibility: hidden", NULL};

    return html_mentions(node, "style", hiding) ||
           xmlHasProp(node, (const xmlChar *)"hidden") != NULL ||
           slice_equal(html_attribute(node, "aria-hidden"), slice_str("true"));
}

static bool is_aside(const xmlNode *node, enum html_tag tag)
{
    if (html_mentions(node, "role", ASIDE_ROLES))
        return true;
    if (tag == TAG_BODY || tag == TAG_A || tag == TAG_MAIN || tag == TAG_ARTICLE)
        return false;
    return (html_mentions(node, "class", ASIDE_WORDS) || html_mentions(node, "id", ASIDE_WORDS)) &&
           !html_mentions(node, "class", ARTICLE_WORDS) &&
           !html_mentions(node, "id", ARTICLE_WORDS);
}

static bool is_dropped(const xmlNode *node)
{
    enum html_tag tag = html_tag(node);

    if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE)
        return true;
    return node->type == XML_ELEMENT_NODE &&
           (tag == TAG_DROPPED || is_hidden(node) || is_aside(node, tag));
}

static void drop(xmlNode *root)
{
    for (xmlNode *node = html_next(root, root), *next; node; node = next) {
        bool dropped = is_dropped(node);

        next = dropped ? html_skip(node, root) : html_next(node, root);
        if (dropped)
            html_remove(node);
    }
}

/* ---- votes ---- */

static double name_weight(const xmlNode *node)
{
    static const char *const attributes[] = {"class", "id"};
    double weight = 0;

    for (size_t i = 0; i < 2; i++) {
        weight -= html_mentions(node, attributes[i], BAD_WORDS) ? NAME_WEIGHT : 0;
        weight += html_mentions(node, attributes[i], GOOD_WORDS) ? NAME_WEIGHT : 0;
    }
    return weight;
}

static double tag_weight(enum html_tag tag)
{
    switch (tag) {
    case TAG_DIV:
        return 5;
    case TAG_PRE:
    case TAG_CELL:
    case TAG_BLOCKQUOTE:
        return 3;
    case TAG_LIST:
    case TAG_ITEM:
        return -3;
    case TAG_HEADING:
        return -5;
    default:
        return 0;
    }
}

static bool is_paragraph(const xmlNode *node)
{
    switch (html_tag(node)) {
    case TAG_P:
    case TAG_CELL:
    case TAG_PRE:
    case TAG_SECTION:
    case TAG_HEADING:
        return true;
    case TAG_DIV:
    case TAG_BLOCKQUOTE:
    case TAG_ITEM:
        return !html_measure_of(node)->has_block;
    default:
        return false;
    }
}

static void give(const xmlNode *node, double votes)
{
    struct html_measure *measure = html_measure_of(node);

    if (!measure->scored) {
        measure->scored = true;
        measure->score = tag_weight(html_tag(node)) + name_weight(node);
    }
    measure->score += votes;
}

static void vote(const xmlNode *paragraph, const xmlNode *root)
{
    const struct html_measure *measure = html_measure_of(paragraph);
    double votes = 1 + measure->commas + fmin((double)measure->characters / 100, 3);
    const xmlNode *node = paragraph;

    if (measure->characters < PARAGRAPH_MIN)
        return;
    for (unsigned level = 0; level < LEVELS && node != root; level++) {
        node = node->parent;
        give(node, votes / (level == 0 ? 1 : level == 1 ? 2 : 3 * level));
    }
}

/* What consists of links loses. */
static void weigh_links(xmlNode *root)
{
    for (xmlNode *node = root; node; node = html_next(node, root))
        if (node->type == XML_ELEMENT_NODE && html_measure_of(node)->scored)
            html_measure_of(node)->score *= 1 - html_link_density(node);
}

static double score_of(const xmlNode *node)
{
    return html_measure_of(node)->scored ? html_measure_of(node)->score : 0;
}

/* ---- the element that is the article ---- */

struct ranking {
    xmlNode *nodes[TOP]; /* the best first */
    size_t count;
};

static void rank(struct ranking *ranking, xmlNode *node)
{
    size_t place = ranking->count < TOP ? ranking->count++ : TOP;

    for (; place > 0 && score_of(ranking->nodes[place - 1]) < score_of(node); place--)
        if (place < TOP)
            ranking->nodes[place] = ranking->nodes[place - 1];
    if (place < TOP)
        ranking->nodes[place] = node;
}

static struct ranking rank_all(xmlNode *root)
{
    struct ranking ranking = {.count = 0};

    for (xmlNode *node = root; node; node = html_next(node, root))
        if (node->type == XML_ELEMENT_NODE && html_measure_of(node)->scored)
            rank(&ranking, node);
    return ranking;
}

static bool is_below(const xmlNode *node, const xmlNode *ancestor)
{
    while (node && node != ancestor)
        node = node->parent;
    return node != NULL;
}

/* An article in pieces: where several do nearly as well, what holds them all. */
static xmlNode *common_ancestor(const struct ranking *ranking, xmlNode *root)
{
    xmlNode *best = ranking->nodes[0];

    for (xmlNode *node = best; node != root; node = node->parent) {
        unsigned below = 0;

        for (size_t i = 1; i < ranking->count; i++)
            below += score_of(ranking->nodes[i]) >= 0.75 * score_of(best) &&
                     ranking->nodes[i] != node && is_below(ranking->nodes[i], node);
        if (below >= RIVALS && node != best)
            return node;
    }
    return best;
}

/* While the element around has more votes, or nothing else in it, that is the article. */
static xmlNode *widen(xmlNode *top, xmlNode *root)
{
    double last = score_of(top), least = last / 3;

    for (xmlNode *node = top->parent; top != root && node != root; node = node->parent) {
        if (!html_measure_of(node)->scored)
            continue;
        if (score_of(node) < least)
            break;
        if (score_of(node) > last) {
            top = node;
            break;
        }
        last = score_of(node);
    }
    while (top != root && top->parent != root &&
           html_measure_of(top->parent)->characters == html_measure_of(top)->characters)
        top = top->parent;
    return top;
}

/* ---- its siblings ---- */

static bool ends_a_sentence(const xmlNode *node)
{
    xmlChar *text = xmlNodeGetContent(node);
    const char *at = (const char *)text;
    bool ends = false;

    for (; at && !ends && (at = strchr(at, '.')) != NULL; at++)
        ends = at[1] == '\0' || at[1] == ' ' || at[1] == '\n';
    xmlFree(text);
    return ends;
}

static bool joins(const xmlNode *sibling, const xmlNode *top)
{
    struct slice name = html_attribute(sibling, "class");
    double least = fmax(10, 0.2 * score_of(top));
    double bonus =
        name.size && slice_equal(name, html_attribute(top, "class")) ? 0.2 * score_of(top) : 0;
    const struct html_measure *measure = html_measure_of(sibling);

    if (measure->scored && measure->score + bonus >= least)
        return true;
    if (html_tag(sibling) != TAG_P || measure->characters == 0)
        return false;
    if (measure->characters > 80)
        return html_link_density(sibling) < 0.25;
    return measure->in_links == 0 && ends_a_sentence(sibling);
}

/* ---- what does not belong into it ---- */

static bool is_in_figure(const xmlNode *node, const xmlNode *root)
{
    for (; node != root; node = node->parent)
        if (html_tag(node) == TAG_FIGURE)
            return true;
    return html_tag(root) == TAG_FIGURE;
}

static bool is_box(enum html_tag tag)
{
    return tag == TAG_DIV || tag == TAG_SECTION || tag == TAG_LIST || tag == TAG_TABLE ||
           tag == TAG_FIGURE || tag == TAG_BLOCK;
}

/* A list of links, a box beside the text, or next to nothing. */
static bool is_clutter(const xmlNode *node, enum html_tag tag, const xmlNode *root)
{
    const struct html_measure *measure = html_measure_of(node);
    double weight = name_weight(node), density = html_link_density(node);
    bool list = tag == TAG_LIST, figure = is_in_figure(node, root);

    if (weight < 0)
        return true;
    if (measure->commas >= 10)
        return false;
    if (list)
        return density > 0.5;
    if (!figure && measure->images > 1 && 2 * measure->paragraphs < measure->images)
        return true;
    if (measure->items > measure->paragraphs + 100)
        return true;
    if (!figure && measure->characters < PARAGRAPH_MIN && density > 0 &&
        (measure->images == 0 || measure->images > 2) &&
        measure->in_headings < 0.9 * measure->characters)
        return true;
    return density > (weight < NAME_WEIGHT ? 0.2 : 0.5);
}

static bool is_first_heading(const xmlNode *node)
{
    return strcasecmp((const char *)node->name, "h1") == 0; /* the title, which is elsewhere */
}

/* Inner elements first, and then those around by what is left. */
static void clean(xmlNode *root)
{
    for (xmlNode *node = html_post_first(root), *next; node; node = next) {
        enum html_tag tag = html_tag(node);

        next = html_post_next(node, root);
        if (node->type != XML_ELEMENT_NODE)
            continue;
        html_measure_again(node);
        if (node == root)
            return;
        if ((tag == TAG_HEADING && (is_first_heading(node) || name_weight(node) < 0)) ||
            (is_box(tag) && is_clutter(node, tag, root)))
            html_remove(node);
    }
}

/* ---- the whole ---- */

static xmlNode *find_body(xmlDoc *tree)
{
    xmlNode *root = xmlDocGetRootElement(tree);

    for (xmlNode *node = root; node; node = html_next(node, root))
        if (html_tag(node) == TAG_BODY)
            return node;
    return root;
}

static void put_part(xmlNode *node, struct buffer *out)
{
    size_t before = out->size;

    clean(node);
    if (before > 0)
        buffer_str(out, "\n\n");
    html_text(node, out);
    if (out->size == before + 2 && before > 0)
        out->size = before; /* nothing was left of it */
}

static void put_article(xmlNode *top, xmlNode *root, struct buffer *out)
{
    if (top == root) {
        put_part(top, out);
        return;
    }
    for (xmlNode *node = top->parent->children, *next; node; node = next) {
        next = node->next;
        if (node->type == XML_ELEMENT_NODE && (node == top || joins(node, top)))
            put_part(node, out);
    }
}

enum lede_status html_content(xmlDoc *tree, struct buffer *out, struct lede_error *err)
{
    xmlNode *root = find_body(tree);
    struct ranking ranking;
    struct arena arena;

    if (!root)
        return LEDE_OK;
    arena_init(&arena, 0, out->account);
    drop(root);
    if (!html_measure_all(root, &arena)) {
        arena_done(&arena);
        return error_no_memory(err);
    }
    for (const xmlNode *node = root; node; node = html_next(node, root))
        if (node != root && node->type == XML_ELEMENT_NODE && is_paragraph(node))
            vote(node, root);
    weigh_links(root);
    ranking = rank_all(root);
    put_article(ranking.count ? widen(common_ancestor(&ranking, root), root) : root, root, out);
    arena_done(&arena);
    return out->failed ? error_no_memory(err) : LEDE_OK;
}
