/* judgements.h -- what people judged to be relevant, and how well a ranking did by it.
 *
 * A file of judgements (TREC's qrels) has lines `topic ignored id grade`, fields between blanks.
 * An article is relevant from grade 1 on; a lower grade, and none, count as 0. The measures are
 * those of trec_eval (its m_ndcg_cut.c, m_map.c, ... are the reference):
 *
 *     nDCG@10   sum of grade / log2(rank + 1) over the first 10, divided by the largest such sum
 *     MAP       mean over the relevant articles of the precision at each; 0 for one not found
 *     MRR       1 / rank of the first relevant article
 *     P@10      relevant articles among the first 10, divided by 10 even if fewer were found
 *     R@100, R@1000   share of the relevant articles among the first so many
 *
 * Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, for nDCG. */
#ifndef LEDE_QUERY_COMMAND_JUDGEMENTS_H
#define LEDE_QUERY_COMMAND_JUDGEMENTS_H

#include "base/buffer.h"
#include "lede.h"

struct judgement {
    struct slice topic, id;
    int grade;
};

struct judgements {     /* sorted by topic, then id, as bytes */
    struct buffer text; /* the file; what topics and ids borrow */
    struct judgement *items;
    size_t count, capacity;
};

/* Reads a file; judgements is to be given to judgements_done in any case. LEDE_INVALID with the
 * line that makes no sense, or judges an article a second time; LEDE_IO, LEDE_NO_MEMORY. */
enum lede_status judgements_read(const char *path, struct judgements *judgements,
                                 struct lede_error *err);
void judgements_done(struct judgements *judgements);

/* Those of a topic; *count 0: there are none. */
const struct judgement *judgements_of(const struct judgements *judgements, struct slice topic,
                                      size_t *count);

enum measure {
    MEASURE_NDCG_10,
    MEASURE_MAP,
    MEASURE_MRR,
    MEASURE_P_10,
    MEASURE_R_100,
    MEASURE_R_1000,
    MEASURES
};

extern const char *const MEASURE_NAMES[MEASURES];

struct measures {
    double of[MEASURES];
};

/* Measures a ranking, best first, without doubles, by the judgements of its topic. False, all 0, if
 * none of them is relevant. Costs a search in them for each id. */
bool measures_of(const struct judgement *judged, size_t judged_count, const struct slice *ranking,
                 size_t ranked, struct measures *out);

#endif
