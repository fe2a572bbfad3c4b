/* as_written.h -- how often an article has words just as a query writes them, apart from case.
 *
 * The index has stems; the stored text has the words. It is analysed again, in the article's
 * language, and the words of the clause stand there at their distances, each with the same
 * characters after fold_case (lib/text/fold.h): `=Running` is running, and neither runs nor
 * ran, and `=resume` is not r\u00e9sum\u00e9. Costs some 20 microseconds an article; the block
 * that one was stored in is kept for the next. One thread. */
#ifndef LEDE_QUERY_AS_WRITTEN_H
#define LEDE_QUERY_AS_WRITTEN_H

#include "terms.h"

struct as_written;

/* Of segment number number. clause: outlives it. It, and what it allocates, lives in the arena;
 * as_written_done gives back what does not. LEDE_NO_MEMORY, LEDE_INCOMPATIBLE. */
enum lede_status as_written_new(struct lede_index *index, uint32_t number,
                                const struct query_clause *clause, struct arena *arena,
                                struct as_written **out, struct lede_error *err);
void as_written_done(struct as_written *check);

/* How often the document has them, a phrase's side by side; 0 if its text is not kept.
 * LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status as_written_count(struct as_written *check, doc_id document, uint32_t *count,
                                  struct lede_error *err);

/* Whether a word of a text is the same as one of a query. language: decides upon Turkish i. */
bool as_written_same(struct slice word, struct slice other, language_id language);

#endif
