#include "html/html_metadata.h"

#include <strings.h>

#include "base/buffer.h"
#include "html/html_claims.h"
#include "html/html_content.h"
#include "html/html_tree.h"

enum {
    TITLE_WORDS = 3, /* of a title that may lose its end */
    SITE_WORDS = 4   /* of a site's name, unless the page says it */
};

/* ---- claims ---- */

/* Blanks folded to one space each, none at the ends. */
static struct slice fold_blanks(struct slice text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; out && i < text.size; i++)
        if (!byte_is_blank(text.data[i]))
            out[size++] = (char)text.data[i];
        else if (size > 0 && out[size - 1] != ' ')
            out[size++] = ' ';
    while (size > 0 && out[size - 1] == ' ')
        size--;
    return slice_of(out, size);
}

void html_claim(struct html_claims *claims, enum html_field field, enum html_origin origin,
                struct slice text)
{
    struct slice folded;

    if (text.size == 0 || claims->origins[field] <= origin)
        return;
    folded = fold_blanks(text, claims->arena);
    claims->failed |= folded.data == NULL;
    if (folded.size == 0)
        return;
    claims->out->fields[field] = folded;
    claims->origins[field] = origin;
}

static void claim_content(struct html_claims *claims, enum html_field field,
                          enum html_origin origin, const xmlNode *node)
{
    struct buffer text;

    if (claims->origins[field] <= origin)
        return;
    buffer_init(&text, NULL);
    html_text(node, &text);
    claims->failed |= text.failed;
    html_claim(claims, field, origin, buffer_bytes(&text));
    buffer_done(&text);
}

/* ---- meta elements ---- */

static const struct meta_name {
    const char *name;
    enum html_field field;
    enum html_origin origin;
} META_NAMES[] = {
    {"og:title", HTML_TITLE, ORIGIN_OPEN_GRAPH},
    {"twitter:title", HTML_TITLE, ORIGIN_META},
    {"dc.title", HTML_TITLE, ORIGIN_META},
    {"dcterms.title", HTML_TITLE, ORIGIN_META},
    {"parsely-title", HTML_TITLE, ORIGIN_META},
    {"author", HTML_AUTHOR, ORIGIN_META},
    {"byl", HTML_AUTHOR, ORIGIN_META},
    {"dc.creator", HTML_AUTHOR, ORIGIN_META},
    {"parsely-author", HTML_AUTHOR, ORIGIN_META},
    {"sailthru.author", HTML_AUTHOR, ORIGIN_META},
    {"article:published_time", HTML_DATE, ORIGIN_OPEN_GRAPH},
    {"og:article:published_time", HTML_DATE, ORIGIN_OPEN_GRAPH},
    {"datepublished", HTML_DATE, ORIGIN_META},
    {"date", HTML_DATE, ORIGIN_META},
    {"dc.date", HTML_DATE, ORIGIN_META},
    {"dc.date.issued", HTML_DATE, ORIGIN_META},
    {"dcterms.date", HTML_DATE, ORIGIN_META},
    {"pubdate", HTML_DATE, ORIGIN_META},
    {"publish-date", HTML_DATE, ORIGIN_META},
    {"parsely-pub-date", HTML_DATE, ORIGIN_META},
    {"sailthru.date", HTML_DATE, ORIGIN_META},
    {"article:section", HTML_SECTION, ORIGIN_OPEN_GRAPH},
    {"section", HTML_SECTION, ORIGIN_META},
    {"parsely-section", HTML_SECTION, ORIGIN_META},
    {"og:url", HTML_URL, ORIGIN_OPEN_GRAPH},
    {"og:site_name", HTML_SITE, ORIGIN_OPEN_GRAPH},
    {"application-name", HTML_SITE, ORIGIN_META},
    {"og:locale", HTML_LANGUAGE, ORIGIN_META},
    {"content-language", HTML_LANGUAGE, ORIGIN_META},
};

static bool is_name(struct slice name, const char *wanted)
{
    return name.size == strlen(wanted) &&
           strncasecmp((const char *)name.data, wanted, name.size) == 0;
}

static void read_meta(struct html_claims *claims, const xmlNode *node)
{
    static const char *const attributes[] = {"property", "name", "itemprop", "http-equiv"};
    struct slice content = html_attribute(node, "content");

    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        struct slice name = html_attribute(node, attributes[i]);

        for (size_t j = 0; name.size && j < sizeof META_NAMES / sizeof META_NAMES[0]; j++)
            if (is_name(name, META_NAMES[j].name))
                html_claim(claims, META_NAMES[j].field, META_NAMES[j].origin, content);
    }
}

/* ---- markup ---- */

/* Whether a list of words between blanks, as rel and class are, has one. */
static bool has_word(struct slice list, const char *word)
{
    size_t size = strlen(word);

    for (size_t at = 0; at < list.size;) {
        size_t end = at;

        while (end < list.size && !byte_is_blank(list.data[end]))
            end++;
        if (end - at == size && strncasecmp((const char *)list.data + at, word, size) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

static struct slice time_of(const xmlNode *node)
{
    struct slice time = html_attribute(node, "datetime");

    return time.size ? time : html_attribute(node, "content");
}

static void read_markup(struct html_claims *claims, const xmlNode *node)
{
    const char *name = (const char *)node->name;
    struct slice property = html_attribute(node, "itemprop");

    if (strcasecmp(name, "link") == 0 && has_word(html_attribute(node, "rel"), "canonical"))
        html_claim(claims, HTML_URL, ORIGIN_JSON_LD, html_attribute(node, "href"));
    else if (strcasecmp(name, "html") == 0)
        html_claim(claims, HTML_LANGUAGE, ORIGIN_OPEN_GRAPH, html_attribute(node, "lang"));
    else if (strcasecmp(name, "time") == 0)
        html_claim(claims, HTML_DATE, ORIGIN_GUESS, time_of(node));
    else if (strcasecmp(name, "h1") == 0)
        claim_content(claims, HTML_TITLE, ORIGIN_GUESS, node);
    if (has_word(property, "datePublished"))
        html_claim(claims, HTML_DATE, ORIGIN_MARKUP, time_of(node));
    if (has_word(html_attribute(node, "rel"), "author") || has_word(property, "author"))
        claim_content(claims, HTML_AUTHOR, ORIGIN_MARKUP, node);
}

/* ---- titles ---- */

/* Where in a title the part behind the last separator begins with it; title.size: there is none. */
static size_t last_separator(struct slice title)
{
    static const char *const separators[] = {" | ", " - ",  " \xe2\x80\x93 ", " \xe2\x80\x94 ",
                                             " / ", " :: ", " \xc2\xbb ",     " > "};

    for (size_t at = title.size; at-- > 0;)
        for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
            size_t size = strlen(separators[i]);

            if (title.size - at >= size && memcmp(title.data + at, separators[i], size) == 0)
                return at;
        }
    return title.size;
}

static unsigned word_count(struct slice text)
{
    unsigned words = text.size > 0;

    for (size_t i = 0; i < text.size; i++)
        words += text.data[i] == ' ';
    return words;
}

/* Sites put their names behind the title of an article: what follows the last separator goes, if
 * it is the site's name, or short beside what is left. */
static struct slice without_site(struct slice title, struct slice site)
{
    size_t at = last_separator(title);
    struct slice kept = slice_of(title.data, at), cut;
    unsigned words;

    if (!title.data || at == title.size || word_count(kept) < TITLE_WORDS)
        return title;
    cut = slice_of(title.data + at, title.size - at);
    if (site.size && cut.size >= site.size &&
        strncasecmp((const char *)cut.data + cut.size - site.size, (const char *)site.data,
                    site.size) == 0)
        return kept;
    words = word_count(cut) - 2; /* the separator stands between two blanks */
    return words <= SITE_WORDS && words < word_count(kept) ? kept : title;
}

static void claim_page_title(struct html_claims *claims, const xmlNode *node)
{
    struct slice *title = &claims->out->fields[HTML_TITLE];

    if (claims->origins[HTML_TITLE] <= ORIGIN_MARKUP)
        return;
    claim_content(claims, HTML_TITLE, ORIGIN_MARKUP, node);
    *title = without_site(*title, claims->out->fields[HTML_SITE]);
}

/* ---- the whole ---- */

static void read_node(struct html_claims *claims, const xmlNode *node)
{
    const char *name = (const char *)node->name;

    if (strcasecmp(name, "meta") == 0)
        read_meta(claims, node);
    if (strcasecmp(name, "script") == 0 && node->children && node->children->content &&
        is_name(html_attribute(node, "type"), "application/ld+json"))
        html_claim_json_ld(claims, slice_str((const char *)node->children->content));
    read_markup(claims, node);
}

enum lede_status html_metadata(xmlDoc *tree, struct arena *arena, struct html_metadata *out,
                               struct lede_error *err)
{
    xmlNode *root = xmlDocGetRootElement(tree), *title = NULL;
    struct html_claims claims = {.arena = arena, .out = out};

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < HTML_FIELDS; i++)
        claims.origins[i] = ORIGIN_NONE;
    for (xmlNode *node = root; node; node = html_next(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        read_node(&claims, node);
        if (!title && strcasecmp((const char *)node->name, "title") == 0)
            title = node;
    }
    if (title)
        claim_page_title(&claims, title); /* once the site's name is known */
    return claims.failed ? error_no_memory(err) : LEDE_OK;
}
