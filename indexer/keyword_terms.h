/* keyword_terms.h -- the terms that an article's metadata give to the keyword fields.
 *
 * Every value of a metadatum that has a field's name, in any case, is a term of it
 * (text/keyword.h). `site` has the host of the article's address besides, and `lang` is the
 * article's language, or that of the writer where it has none. A value that is too long for a term
 * is left out and counted, and so is whatever stands behind the first KEYWORD_VALUES_MAX. */
#ifndef LEDE_INDEXER_KEYWORD_TERMS_H
#define LEDE_INDEXER_KEYWORD_TERMS_H

#include "base/error.h"
#include "index/keyword_names.h"
#include "index/stored.h"
#include "inverter.h"

enum { KEYWORD_VALUES_MAX = 4096 }; /* of an article: so many always fit an inverter */

/* Adds them to the inverter's document, those of some fields not (NULL: of all). *room false: it
 * has none left. names: of the fields, in their order (index/keyword_names.h). *left_out grows.
 * LEDE_NO_MEMORY. */
enum lede_status keyword_terms_add(struct inverter *inverter, struct slice names,
                                   const struct keyword_set *without,
                                   const struct stored_article *article, uint64_t *left_out,
                                   bool *room, struct lede_error *err);

#endif
