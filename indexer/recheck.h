/* recheck.h -- are the postings of articles those that their texts give?
 *
 * What verify (index/verify.h) cannot ask, because an index does not know what a term is: articles
 * of a sample are analysed and inverted anew, and each term has to be in the dictionary, the
 * article in its list, as often and at the same positions; and its length has to be that of the
 * text. Only where texts are kept and the analysis is this library's. Lists that have more than the
 * texts give show in verify's sums alone.
 *
 * Cost: an article takes about as long as it took to index, and as many lookups as it has terms. */
#ifndef LEDE_INDEXER_RECHECK_H
#define LEDE_INDEXER_RECHECK_H

#include "base/error.h"

struct recheck_totals {
    unsigned long long articles, terms; /* looked at: distinct terms of an article, summed */
    unsigned long long problems;        /* at most one an article */
};

/* Rechecks about most live articles, spread evenly over the index. Each problem goes to report (may
 * be NULL) as a line. LEDE_OK; LEDE_CORRUPT with the first problem in *err; LEDE_INCOMPATIBLE if
 * the index was made by another analysis; or why it could not be looked at. */
enum lede_status recheck_index(const char *path, unsigned most,
                               void (*report)(void *context, const char *what), void *context,
                               struct recheck_totals *totals, struct lede_error *err);

#endif
