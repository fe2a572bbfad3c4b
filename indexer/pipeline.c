#include "pipeline.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/account.h"

struct thread {
    struct pipeline *pipeline;
    struct worker *worker;
    pthread_t id;
};

struct pipeline {
    struct account *account;
    const char *directory;
    struct thread *threads;
    unsigned jobs, started;
    struct batch *unused; /* a list */

    pthread_mutex_t mutex;
    pthread_cond_t submitted, finished;
    /* Under the mutex: batches head .. next-1 are with workers or finished, next .. tail-1 are
     * queued; number n is ring[n % capacity]. head and tail are written by the owner alone. */
    struct batch **ring;
    uint64_t head, next, tail;
    unsigned capacity; /* batches, and their units */
    uint64_t units;    /* of those on their way; the owner's */
    bool stop, failed; /* failed: some batch did, so the others need not be inverted */
};

/* ---- the workers' threads ---- */

static void invert(struct thread *thread, struct batch *batch, bool skip)
{
    batch->status = skip ? error_set(&batch->error, LEDE_INTERRUPTED, "stopped after a failure")
                         : worker_invert(thread->worker, batch, &batch->error);
}

static void *run(void *argument)
{
    struct thread *thread = argument;
    struct pipeline *pipeline = thread->pipeline;

    pthread_mutex_lock(&pipeline->mutex);
    for (;;) {
        struct batch *batch;
        bool skip;

        while (!pipeline->stop && pipeline->next == pipeline->tail)
            pthread_cond_wait(&pipeline->submitted, &pipeline->mutex);
        if (pipeline->stop)
            break;
        batch = pipeline->ring[pipeline->next++ % pipeline->capacity];
        skip = pipeline->failed;
        pthread_mutex_unlock(&pipeline->mutex);
        invert(thread, batch, skip);
        pthread_mutex_lock(&pipeline->mutex);
        pipeline->failed |= batch->status != LEDE_OK;
        batch->finished = true;
        pthread_cond_signal(&pipeline->finished);
    }
    pthread_mutex_unlock(&pipeline->mutex);
    return NULL;
}

static enum lede_status start(struct pipeline *pipeline, struct lede_error *err)
{
    sigset_t all, before;
    int code = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pipeline->started < pipeline->jobs && code == 0) {
        struct thread *thread = &pipeline->threads[pipeline->started];

        code = pthread_create(&thread->id, NULL, run, thread);
        pipeline->started += code == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pipeline->started == 0)
        return error_set(err, LEDE_NO_MEMORY, "no thread could be started: %s", strerror(code));
    return LEDE_OK; /* fewer than wanted do the same work */
}

/* ---- making and freeing ---- */

enum lede_status pipeline_new(unsigned jobs, const struct worker_options *options,
                              struct account *account, struct pipeline **out,
                              struct lede_error *err)
{
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    enum lede_status status = LEDE_OK;

    assert(jobs > 0);
    if (!pipeline)
        return error_no_memory(err);
    pthread_mutex_init(&pipeline->mutex, NULL);
    pthread_cond_init(&pipeline->submitted, NULL);
    pthread_cond_init(&pipeline->finished, NULL);
    pipeline->account = account;
    pipeline->directory = options->directory;
    pipeline->capacity = pipeline_batches(jobs);
    pipeline->ring = calloc(pipeline->capacity, sizeof(struct batch *));
    pipeline->threads = calloc(jobs, sizeof *pipeline->threads);
    if (!pipeline->ring || !pipeline->threads) {
        pipeline_free(pipeline);
        return error_no_memory(err);
    }
    while (pipeline->jobs < jobs && status == LEDE_OK) {
        struct thread *thread = &pipeline->threads[pipeline->jobs];

        thread->pipeline = pipeline;
        status = worker_new(options, account, &thread->worker, err);
        pipeline->jobs += status == LEDE_OK;
    }
    if (status != LEDE_OK) {
        pipeline_free(pipeline);
        return status;
    }
    *out = pipeline;
    return LEDE_OK;
}

static void stop(struct pipeline *pipeline)
{
    pthread_mutex_lock(&pipeline->mutex);
    pipeline->stop = true;
    pthread_cond_broadcast(&pipeline->submitted);
    pthread_mutex_unlock(&pipeline->mutex);
    for (unsigned i = 0; i < pipeline->started; i++)
        pthread_join(pipeline->threads[i].id, NULL);
}

static void free_unused(struct pipeline *pipeline)
{
    struct batch *batch;

    while ((batch = pipeline->unused) != NULL) {
        pipeline->unused = batch->next;
        batch_free(batch);
    }
}

void pipeline_free(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    stop(pipeline);
    for (; pipeline->head < pipeline->tail; pipeline->head++)
        batch_free(pipeline->ring[pipeline->head % pipeline->capacity]);
    free_unused(pipeline);
    for (unsigned i = 0; i < pipeline->jobs; i++)
        worker_free(pipeline->threads[i].worker);
    pthread_mutex_destroy(&pipeline->mutex);
    pthread_cond_destroy(&pipeline->submitted);
    pthread_cond_destroy(&pipeline->finished);
    free(pipeline->ring);
    free(pipeline->threads);
    free(pipeline);
}

/* ---- batches ---- */

enum lede_status pipeline_batch(struct pipeline *pipeline, size_t size, struct batch **out,
                                struct lede_error *err)
{
    struct batch *batch = pipeline->unused;

    if (size > BATCH_SIZE)
        free_unused(pipeline); /* it may need their memory */
    if (!batch || size > BATCH_SIZE)
        return batch_new(size, pipeline->account, out, err);
    pipeline->unused = batch->next;
    batch_clear(batch);
    *out = batch;
    return LEDE_OK;
}

void pipeline_recycle(struct pipeline *pipeline, struct batch *batch)
{
    /* One that was made for a large article would hold its memory for nothing. */
    if (batch->capacity > BATCH_SIZE) {
        batch_free(batch);
        return;
    }
    batch->next = pipeline->unused;
    pipeline->unused = batch;
}

/* What a batch of size bytes counts: how many ordinary ones it is worth. */
static uint64_t units_of(size_t size)
{
    return size <= BATCH_SIZE ? 1 : (size - 1) / BATCH_SIZE + 1;
}

bool pipeline_has_room(const struct pipeline *pipeline, size_t size)
{
    return pipeline->units == 0 || pipeline->units + units_of(size) <= pipeline->capacity;
}

bool pipeline_is_large(const struct pipeline *pipeline, size_t size)
{
    return units_of(size) > pipeline->capacity;
}

enum lede_status pipeline_submit(struct pipeline *pipeline, struct batch *batch,
                                 struct lede_error *err)
{
    enum lede_status status = pipeline->started ? LEDE_OK : start(pipeline, err);

    assert(pipeline_has_room(pipeline, batch->capacity));
    if (status != LEDE_OK)
        return status;
    pthread_mutex_lock(&pipeline->mutex);
    batch->finished = false;
    pipeline->ring[pipeline->tail++ % pipeline->capacity] = batch;
    pthread_cond_signal(&pipeline->submitted);
    pthread_mutex_unlock(&pipeline->mutex);
    pipeline->units += units_of(batch->capacity);
    return LEDE_OK;
}

struct batch *pipeline_take(struct pipeline *pipeline, bool wait)
{
    struct batch *batch;

    if (pipeline->head == pipeline->tail)
        return NULL;
    pthread_mutex_lock(&pipeline->mutex);
    batch = pipeline->ring[pipeline->head % pipeline->capacity];
    while (wait && !batch->finished)
        pthread_cond_wait(&pipeline->finished, &pipeline->mutex);
    if (batch->finished)
        pipeline->head++;
    else
        batch = NULL;
    pthread_mutex_unlock(&pipeline->mutex);
    if (batch)
        pipeline->units -= units_of(batch->capacity);
    return batch;
}

/* ---- runs ---- */

enum lede_status pipeline_relieve(struct pipeline *pipeline, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    assert(pipeline->head == pipeline->tail);
    free_unused(pipeline);
    for (unsigned i = 0; i < pipeline->jobs && status == LEDE_OK; i++)
        status = worker_relieve(pipeline->threads[i].worker, err);
    return status;
}

/* Every run, in new memory. */
static enum lede_status gather(struct pipeline *pipeline, struct merge_input **inputs,
                               size_t *count, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    size_t at = 0;

    *count = 0;
    for (unsigned i = 0; i < pipeline->jobs && status == LEDE_OK; i++) {
        status = worker_sort(pipeline->threads[i].worker, err);
        *count += worker_run_count(pipeline->threads[i].worker);
    }
    if (status != LEDE_OK)
        return status;
    *inputs = calloc(*count + 1, sizeof **inputs);
    if (!*inputs)
        return error_no_memory(err);
    for (unsigned i = 0; i < pipeline->jobs; i++) {
        worker_runs(pipeline->threads[i].worker, *inputs + at);
        at += worker_run_count(pipeline->threads[i].worker);
    }
    return LEDE_OK;
}

enum lede_status pipeline_merge(struct pipeline *pipeline, const struct merge_output *output,
                                struct lede_error *err)
{
    struct merge_input *inputs;
    struct spill scratch;
    enum lede_status status;
    size_t count;

    assert(pipeline->head == pipeline->tail);
    free_unused(pipeline); /* their memory is the merge's now */
    status = gather(pipeline, &inputs, &count, err);
    if (status != LEDE_OK)
        return status;
    status = spill_init(&scratch, pipeline->directory, pipeline->account, err);
    if (status == LEDE_OK)
        status = merge_runs(inputs, count, &scratch, output, pipeline->account, err);
    spill_done(&scratch);
    free(inputs);
    return status;
}

void pipeline_reset(struct pipeline *pipeline)
{
    assert(pipeline->head == pipeline->tail);
    for (unsigned i = 0; i < pipeline->jobs; i++)
        worker_reset(pipeline->threads[i].worker);
}
