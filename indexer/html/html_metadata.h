/* html_metadata.h -- what a web page says about itself: title, author, date, and so on.
 *
 * From, in this order: JSON-LD (schema.org articles), Open Graph and other meta elements, the
 * markup (title, html lang, link rel=canonical, time, rel=author, itemprop). Nothing is invented:
 * what a page does not say stays empty. Texts are UTF-8, blanks folded. */
#ifndef LEDE_HTML_METADATA_H
#define LEDE_HTML_METADATA_H

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

enum html_field {
    HTML_TITLE,
    HTML_AUTHOR,
    HTML_DATE, /* as the page has it, for lede_date_parse */
    HTML_SECTION,
    HTML_URL, /* canonical */
    HTML_SITE,
    HTML_LANGUAGE,
    HTML_FIELDS
};

struct html_metadata {
    struct slice fields[HTML_FIELDS]; /* the arena's; empty: the page does not say */
};

/* Reads the metadata of a tree as libxml2 made it (html_content changes it). LEDE_NO_MEMORY. */
enum lede_status html_metadata(xmlDoc *tree, struct arena *arena, struct html_metadata *out,
                               struct lede_error *err);

#endif
