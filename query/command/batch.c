#include "batch.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "topics.h"
#include "turns.h"

struct batch {
    const struct options *options;
    struct topics topics;
    pthread_mutex_t reading; /* guards topics and the next two */
    size_t asked;            /* questions */
    bool ended;              /* there are no more */
    struct turns turns;      /* who has the turn may write what follows */
    enum lede_status status;
    struct lede_error *err;
};

struct worker {
    struct batch *batch;
    struct session session;
    struct buffer line; /* id and query */
    struct answer answer;
    size_t line_number;
    struct batch_result result;
    struct lede_error error;
    pthread_t thread;
};

/* ---- one question ---- */

/* The query, and before it the topic's id, are the worker's own from here on. */
static enum lede_status keep_question(struct worker *worker, struct slice id, struct slice query)
{
    buffer_clear(&worker->line);
    buffer_put(&worker->line, id.data, id.size);
    buffer_put(&worker->line, query.data, query.size);
    if (worker->line.failed)
        return error_no_memory(&worker->error);
    worker->answer.topic = slice_of(worker->line.data, id.size);
    worker->answer.query =
        query.size ? slice_of(worker->line.data + id.size, query.size) : slice_of(NULL, 0);
    return LEDE_OK;
}

/* False: there is none. A failure to read takes a turn, too: *status. */
static bool take_question(struct worker *worker, enum lede_status *status)
{
    struct batch *batch = worker->batch;
    struct slice id, query;
    bool more = false, taken;

    (void)pthread_mutex_lock(&batch->reading);
    *status =
        batch->ended ? LEDE_OK : topics_next(&batch->topics, &more, &id, &query, &worker->error);
    if (*status == LEDE_OK && more)
        *status = keep_question(worker, id, query);
    taken = more || *status != LEDE_OK;
    batch->ended |= !more || *status != LEDE_OK;
    if (taken) {
        worker->answer.number = worker->session.out.number = ++batch->asked;
        worker->line_number = batch->topics.number;
    }
    (void)pthread_mutex_unlock(&batch->reading);
    return taken;
}

/* Drops the last eighth of the query, to the end of a word. */
static struct slice shorten(struct slice query)
{
    size_t size = query.size - query.size / 8 - 1;

    while (size > 0 && query.data[size - 1] != ' ')
        size--;
    return slice_of(query.data, size);
}

/* A topic may be longer than a query: then its beginning is asked for, as much as a query takes. */
static enum lede_status answer_question(struct worker *worker)
{
    const struct topics *topics = &worker->batch->topics;
    struct answer *answer = &worker->answer;
    size_t size = answer->query.size;
    enum lede_status status = session_answer(&worker->session, answer, &worker->error);

    while (status == LEDE_LIMIT && topics->with_ids && answer->query.size > 1) {
        answer->query = shorten(answer->query);
        status = session_answer(&worker->session, answer, &worker->error);
    }
    if (status == LEDE_OK && answer->query.size < size && !worker->session.options->quiet &&
        output_wait(&worker->session.out))
        command_complain(SESSION_PROGRAM, "%s:%zu: note: too long, cut to its first %zu bytes",
                         topics->name, worker->line_number, answer->query.size);
    return status;
}

/* What is wrong with one query is told, and the next one answered. */
static enum lede_status refuse_question(struct worker *worker)
{
    struct output *out = &worker->session.out;

    if (!output_wait(out))
        return LEDE_OK;
    worker->result.refused = true;
    command_complain(SESSION_PROGRAM, "%s:%zu: %s", worker->batch->topics.name, worker->line_number,
                     worker->error.text);
    output_refusal(out, &worker->answer, worker->error.text);
    return output_flush(out, &worker->error);
}

/* The first failure, and a reader that went away, end everything. */
static void end_turn(struct worker *worker, enum lede_status status)
{
    struct batch *batch = worker->batch;
    struct output *out = &worker->session.out;

    if (output_wait(out) && status != LEDE_OK) {
        batch->status = status;
        if (batch->err)
            *batch->err = worker->error;
        out->closed = true;
    }
    if (out->closed)
        topics_stop(&batch->topics);
    turns_end(&batch->turns, worker->answer.number, out->closed);
}

/* ---- all of them ---- */

static void *work(void *context)
{
    struct worker *worker = context;
    enum lede_status status;

    while (!worker->session.out.closed && take_question(worker, &status)) {
        bool read = status == LEDE_OK;

        if (read)
            status = answer_question(worker);
        if (read && (status == LEDE_INVALID || status == LEDE_LIMIT))
            status = refuse_question(worker);
        end_turn(worker, status);
    }
    return NULL;
}

static void worker_init(struct worker *worker, struct batch *batch, struct lede_index *index,
                        struct evaluation *evaluation)
{
    worker->batch = batch;
    worker->answer = (struct answer){.options = batch->options, .one_of_many = true};
    worker->result = (struct batch_result){.matched = false};
    buffer_init(&worker->line, NULL);
    session_init(&worker->session, batch->options, index, &batch->turns);
    worker->session.evaluation = evaluation;
}

static void worker_done(struct worker *worker, struct batch_result *result)
{
    result->matched |= worker->session.matched;
    result->refused |= worker->result.refused;
    session_done(&worker->session);
    buffer_done(&worker->line);
}

/* The first worker is this thread. Threads that cannot be had are done without. */
static void work_together(struct worker *workers, size_t count)
{
    size_t started = 1;

    while (started < count &&
           pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
        started++;
    (void)work(&workers[0]);
    for (size_t i = 1; i < started; i++)
        (void)pthread_join(workers[i].thread, NULL);
}

static enum lede_status open_topics(struct batch *batch, struct lede_error *err)
{
    const struct options *options = batch->options;
    const char *path = options->topics ? options->topics : "-";

    return topics_open(&batch->topics, path, options->topics != NULL, err);
}

enum lede_status batch_answer(const struct options *options, struct lede_index *index,
                              struct evaluation *evaluation, struct batch_result *result,
                              struct lede_error *err)
{
    struct batch batch = {.options = options, .err = err};
    size_t jobs = options->jobs;
    struct worker *workers = calloc(jobs, sizeof *workers);

    assert(jobs > 0);
    *result = (struct batch_result){.matched = false};
    if (!workers)
        return error_no_memory(err);
    batch.status = open_topics(&batch, err);
    if (batch.status == LEDE_OK) {
        (void)pthread_mutex_init(&batch.reading, NULL);
        turns_init(&batch.turns);
        for (size_t i = 0; i < jobs; i++)
            worker_init(&workers[i], &batch, index, evaluation);
        work_together(workers, jobs);
        for (size_t i = 0; i < jobs; i++)
            worker_done(&workers[i], result);
        turns_done(&batch.turns);
        (void)pthread_mutex_destroy(&batch.reading);
    }
    topics_close(&batch.topics);
    free(workers);
    return batch.status;
}
