/* html_content.h -- the main text of a web page: what its readers came for.
 *
 * Navigation, adverts, comments, notices and the like are told from the article by votes. Each
 * paragraph votes for the elements around it, the more the longer it is and the more commas it has,
 * the less the farther away they are; names of classes and ids count for or against; and what
 * consists of links loses in proportion. The element with the most votes is the article; its
 * siblings join if they have a good share of its votes. What remains in it of lists of links, boxes
 * and empty blocks is taken out.
 *
 * The votes are those of Readability (Arc90, 2009), which heuristics published since have not
 * bettered: Bevendorff, Gupta, Kiesel, Stein, "An Empirical Comparison of Web Content Extraction
 * Algorithms", SIGIR 2023. Link density: Kohlschütter, Fankhauser, Nejdl, "Boilerplate Detection
 * using Shallow Text Features", WSDM 2010.
 *
 * Costs time linear in the page. */
#ifndef LEDE_HTML_CONTENT_H
#define LEDE_HTML_CONTENT_H

#include <libxml/tree.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends the main text of the tree, which is changed on the way: paragraphs with a blank line
 * between them, and lines where the page broke them. Nothing if the page has no text.
 * LEDE_NO_MEMORY. */
enum lede_status html_content(xmlDoc *tree, struct buffer *out, struct lede_error *err);

/* Appends all text of a node in the same way. */
void html_text(const xmlNode *root, struct buffer *out);

#endif
