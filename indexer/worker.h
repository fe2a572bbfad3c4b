/* worker.h -- what one thread of the pipeline does: from a batch of articles to postings, lengths,
 * hashes and stored blocks.
 *
 * A worker owns an analyzer, an inverter, a packer and a spill. Postings stay in its inverter
 * from batch to batch, until that is full and becomes a run in the spill, or until a segment ends
 * and its runs are merged. An article that is longer than the inverter has room for is inverted in
 * parts, chunk by chunk of its text, and its parts' runs are joined to one. One thread at a time.
 */
#ifndef LEDE_INDEXER_WORKER_H
#define LEDE_INDEXER_WORKER_H

#include "batch.h"
#include "inverter.h"
#include "merge.h"
#include "spill.h"

struct worker;

enum { STORED_LEVEL = 1 }; /* zstd's: articles are written once and read a few at a time */

struct worker_options {
    struct analyzer_settings analysis; /* its bytes are borrowed while a worker is made */
    struct slice keywords;             /* names of the fields; borrowed as long as the worker */
    bool positions, keep_text;
    size_t budget;         /* bytes of the inverter */
    const char *directory; /* for temporary files; borrowed */
};

enum lede_status worker_new(const struct worker_options *options, struct account *account,
                            struct worker **out, struct lede_error *err);
void worker_free(struct worker *worker);

/* Inverts the batch's articles, but for the unchanged ones, and fills in what they came to; a long
 * text that is kept is not stored yet (assembly.h does that). After
 * a failure the worker is good for nothing but worker_free. */
enum lede_status worker_invert(struct worker *worker, struct batch *batch, struct lede_error *err);

/* Writes the inverter's postings to the spill and gives its memory back. */
enum lede_status worker_relieve(struct worker *worker, struct lede_error *err);

/* Sorts what is in memory and tells every run of the worker: worker_run_count of them into inputs
 * (worker_sort first). They are borrowed until worker_reset. */
enum lede_status worker_sort(struct worker *worker, struct lede_error *err);
size_t worker_run_count(const struct worker *worker);
void worker_runs(const struct worker *worker, struct merge_input *inputs);

/* Forgets every run. */
void worker_reset(struct worker *worker);

#endif
