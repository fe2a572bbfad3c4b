/* pipeline.h -- batches go in, worker threads invert them, and they come out in the same order.
 *
 *     submit -> [ queued | being inverted | finished ] -> take
 *
 * Everything but the inverting happens on the owner's thread: it fills batches, submits them,
 * takes them back finished, in the order of submission whichever worker was faster, and, when all
 * of them are back, has the workers' runs to merge. At most pipeline_room batches are on their
 * way; an owner that finds no room takes finished ones first.
 *
 * Memory. Batches in use and unused are charged to the account, and so is what the workers take.
 * Who is refused memory for a batch takes back all batches and relieves the pipeline: every
 * worker then writes its postings to its spill and returns their memory.
 *
 * Threads start with the first submission and block all signals. All functions here are the
 * owner's. */
#ifndef LEDE_INDEXER_PIPELINE_H
#define LEDE_INDEXER_PIPELINE_H

#include "batch.h"
#include "merge.h"
#include "worker.h"

struct pipeline;

static inline unsigned pipeline_batches(unsigned jobs)
{
    return jobs + jobs / 2 + 2;
}

enum lede_status pipeline_new(unsigned jobs, const struct worker_options *options,
                              struct account *account, struct pipeline **out,
                              struct lede_error *err);
/* Stops the threads (each after the batch that it is at) and frees everything. */
void pipeline_free(struct pipeline *pipeline);

/* An empty batch with room for an article of size bytes, an unused one if possible. It is the
 * caller's until it is submitted, recycled or freed. LEDE_NO_MEMORY. */
enum lede_status pipeline_batch(struct pipeline *pipeline, size_t size, struct batch **out,
                                struct lede_error *err);
void pipeline_recycle(struct pipeline *pipeline, struct batch *batch);

/* True if a batch with room for an article of size bytes may be made and submitted: there is room,
 * or no batch is on its way. */
bool pipeline_has_room(const struct pipeline *pipeline, size_t size);
/* True if such a batch has to go alone. */
bool pipeline_is_large(const struct pipeline *pipeline, size_t size);
/* batch->number rises by one from batch to batch of a segment, from 0. */
enum lede_status pipeline_submit(struct pipeline *pipeline, struct batch *batch,
                                 struct lede_error *err);

/* The oldest batch submitted, finished, waiting for it if wait; NULL if there is none (or it is not
 * finished, !wait). The caller reads its status, uses it and recycles it. */
struct batch *pipeline_take(struct pipeline *pipeline, bool wait);

/* The rest wants no batch to be on its way. */

/* Spills what the workers hold and frees unused batches. */
enum lede_status pipeline_relieve(struct pipeline *pipeline, struct lede_error *err);

/* Merges every run of the workers into output. */
enum lede_status pipeline_merge(struct pipeline *pipeline, const struct merge_output *output,
                                struct lede_error *err);

/* Forgets the runs: the next segment begins. */
void pipeline_reset(struct pipeline *pipeline);

#endif
