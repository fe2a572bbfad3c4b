/* facets.h -- what --facet asks for, and how a text shows it:
 *
 *     section
 *           12  World
 *            3  Business
 *            2  without
 *     and 4 more values
 */
#ifndef LEDE_QUERY_COMMAND_FACETS_H
#define LEDE_QUERY_COMMAND_FACETS_H

#include "output.h"

/* Adds what FIELD or FIELD:N wants to the options; a field that is asked for again gets the last N.
 * LEDE_INVALID. */
enum lede_status facets_parse(const char *text, struct options *options, struct lede_error *err);

/* Counts what the options want into facets; NULL: not counted. To be given back in any case. */
enum lede_status facets_find(const struct options *options, const struct lede_results *results,
                             struct lede_facet *facets[FACETS_MAX], struct lede_error *err);
void facets_free(struct lede_facet *facets[FACETS_MAX]);

/* Append all of them; each begins with an empty line. */
void facets_put_text(struct buffer *out, const struct answer *answer);
/* {"section":{"values":[{"value":"World","articles":12}],"distinct":5,"without":2}} */
void facets_put_json(struct buffer *out, const struct answer *answer);

#endif
