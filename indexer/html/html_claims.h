/* html_claims.h -- between the files that read metadata: for each field the best claim so far. */
#ifndef LEDE_HTML_CLAIMS_H
#define LEDE_HTML_CLAIMS_H

#include "html/html_metadata.h"

/* Where a claim comes from, the best first. */
enum html_origin {
    ORIGIN_JSON_LD,
    ORIGIN_OPEN_GRAPH,
    ORIGIN_META,
    ORIGIN_MARKUP,
    ORIGIN_GUESS,
    ORIGIN_NONE
};

struct html_claims {
    struct arena *arena;
    struct html_metadata *out;
    enum html_origin origins[HTML_FIELDS];
    bool failed; /* memory ran out, once */
};

/* Takes a text for a field unless a better or equal claim is there already, or it is blank. */
void html_claim(struct html_claims *claims, enum html_field field, enum html_origin origin,
                struct slice text);

/* Claims what a script of type application/ld+json says of an article. What is no JSON, or of no
 * article, claims nothing. */
void html_claim_json_ld(struct html_claims *claims, struct slice json);

#endif
