#include "merge.h"

#include <assert.h>

#include "inverter.h"

struct head { /* a cursor and the first bytes of its term, which decide most comparisons */
    uint64_t prefix;
    struct run_cursor *cursor;
};

struct merge {
    struct run_cursor cursors[MERGE_MAX];
    struct head heads[MERGE_MAX]; /* a heap: the least term first */
    size_t head_count;
    struct run_cursor *group[MERGE_MAX]; /* those that have the current term */
    size_t group_size;
    struct run_positions positions;
    struct run_postings postings;
    const struct merge_output *output;
};

/* ---- the heap of terms ---- */

static uint64_t prefix_of(struct slice term)
{
    uint64_t prefix = 0;

    memcpy(&prefix, term.data, term.size < sizeof prefix ? term.size : sizeof prefix);
    return BYTES_BE64(prefix);
}

static int compare(const struct head *a, const struct head *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    return slice_compare(a->cursor->term, b->cursor->term);
}

static void push(struct merge *merge, struct run_cursor *cursor)
{
    struct head head = {prefix_of(cursor->term), cursor};
    size_t at = merge->head_count++;

    for (; at > 0 && compare(&head, &merge->heads[(at - 1) / 2]) < 0; at = (at - 1) / 2)
        merge->heads[at] = merge->heads[(at - 1) / 2];
    merge->heads[at] = head;
}

static struct run_cursor *pop(struct merge *merge)
{
    struct run_cursor *least = merge->heads[0].cursor;
    struct head last = merge->heads[--merge->head_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < merge->head_count) {
        if (child + 1 < merge->head_count &&
            compare(&merge->heads[child + 1], &merge->heads[child]) < 0)
            child++;
        if (compare(&last, &merge->heads[child]) <= 0)
            break;
        merge->heads[at] = merge->heads[child];
        at = child;
    }
    merge->heads[at] = last;
    return least;
}

/* Takes the least term's cursors off the heap into the group. */
static void pop_group(struct merge *merge)
{
    merge->group_size = 0;
    do
        merge->group[merge->group_size++] = pop(merge);
    while (merge->head_count > 0 &&
           slice_equal(merge->heads[0].cursor->term, merge->group[0]->term));
}

/* ---- the postings of a term ---- */

/* The cursor of the least document, and in *limit the least document of the others. */
static struct run_cursor *least_document(const struct merge *merge, run_document *limit)
{
    struct run_cursor *least = merge->group[0];

    *limit = RUN_END;
    for (size_t i = 1; i < merge->group_size; i++) {
        struct run_cursor *cursor = merge->group[i];

        if (cursor->document < least->document) {
            *limit = least->document;
            least = cursor;
        } else if (cursor->document < *limit) {
            *limit = cursor->document;
        }
    }
    return least;
}

/* Passes on the cursor's document, or a piece of it; *last: it. */
static enum lede_status pass_posting(struct merge *merge, struct run_cursor *cursor,
                                     run_document *last, struct lede_error *err)
{
    const struct merge_output *output = merge->output;
    enum lede_status status;

    *last = cursor->document;
    status = run_cursor_read(cursor, &merge->positions, err);
    return status == LEDE_OK ? output->posting(output->context, *last, &merge->positions, err)
                             : status;
}

/* Passes on documents of the cursor that are below limit; *last: the last one. */
static enum lede_status pass_postings(struct merge *merge, struct run_cursor *cursor,
                                      run_document limit, run_document *last,
                                      struct lede_error *err)
{
    const struct merge_output *output = merge->output;
    struct run_postings *postings = &merge->postings;
    enum lede_status status = run_cursor_postings(cursor, limit, postings, err);

    if (status != LEDE_OK)
        return status;
    *last = postings->documents[postings->count - 1];
    return output->postings(output->context, postings, err);
}

static enum lede_status merge_postings(struct merge *merge, struct lede_error *err)
{
    run_document limit, before = RUN_END;
    struct run_cursor *cursor;
    enum lede_status status;

    while ((cursor = least_document(merge, &limit))->document != RUN_END) {
        bool many = cursor->df > 1 && merge->output->postings;

        do {
            if (before != RUN_END && cursor->document <= before && !cursor->begun)
                return error_set(err, LEDE_IO, "temporary files disagree; check the disk");
            status = many ? pass_postings(merge, cursor, limit, &before, err)
                          : pass_posting(merge, cursor, &before, err);
            if (status != LEDE_OK)
                return status;
        } while (cursor->document < limit);
    }
    return LEDE_OK;
}

static enum lede_status merge_term(struct merge *merge, struct lede_error *err)
{
    void *context = merge->output->context;
    uint64_t df = 0, total_tf = 0;
    enum lede_status status;

    for (size_t i = 0; i < merge->group_size; i++) {
        df += merge->group[i]->df;
        total_tf += merge->group[i]->total_tf;
    }
    if (df > DOCS_MAX)
        return error_set(err, LEDE_IO, "temporary files disagree; check the disk");
    status = merge->output->term(context, merge->group[0]->term, (uint32_t)df, total_tf, err);
    if (status == LEDE_OK)
        status = merge_postings(merge, err);
    return status == LEDE_OK ? merge->output->term_end(context, err) : status;
}

static enum lede_status advance(struct merge *merge, struct run_cursor *cursor,
                                struct lede_error *err)
{
    enum lede_status status = run_cursor_next(cursor, err);

    if (status == LEDE_OK)
        push(merge, cursor);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static enum lede_status merge_terms(struct merge *merge, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    while (merge->head_count > 0 && status == LEDE_OK) {
        pop_group(merge);
        status = merge_term(merge, err);
        for (size_t i = 0; i < merge->group_size && status == LEDE_OK; i++)
            status = advance(merge, merge->group[i], err);
    }
    return status;
}

/* Merges at most MERGE_MAX inputs. */
static enum lede_status merge_few(const struct merge_input *inputs, size_t count,
                                  const struct merge_output *output, struct account *account,
                                  struct lede_error *err)
{
    struct merge merge = {
        .output = output, .positions.account = account, .postings.account = account};
    enum lede_status status = LEDE_OK;

    assert(count <= MERGE_MAX);
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        if (inputs[i].inverter)
            inverter_cursor(inputs[i].inverter, &merge.cursors[i]);
        else
            status = spill_cursor(&inputs[i].spilled, account, &merge.cursors[i], err);
        if (status == LEDE_OK)
            status = advance(&merge, &merge.cursors[i], err);
    }
    if (status == LEDE_OK)
        status = merge_terms(&merge, err);
    for (size_t i = 0; i < count; i++)
        run_cursor_done(&merge.cursors[i]);
    run_positions_done(&merge.positions);
    run_postings_done(&merge.postings);
    return status;
}

/* ---- into a longer run ---- */

struct longer {
    struct spill_writer writer;
    bool joins;            /* all documents are parts of one */
    run_document document; /* that one */
    run_document before;   /* of the term; RUN_END: none yet */
    uint32_t position;     /* the last one in it */
};

static enum lede_status longer_term(void *context, struct slice term, uint32_t df,
                                    uint64_t total_tf, struct lede_error *err)
{
    struct longer *longer = context;

    (void)err;
    longer->before = RUN_END;
    spill_writer_term(&longer->writer, term, longer->joins ? 1 : df, total_tf);
    return longer->writer.status; /* its text is told by spill_writer_end */
}

static enum lede_status longer_posting(void *context, run_document document,
                                       const struct run_positions *positions,
                                       struct lede_error *err)
{
    struct longer *longer = context;
    bool with_positions = longer->writer.run.positions;
    uint8_t token[RUN_TOKEN_MAX];
    size_t size, i = 0;

    (void)err;
    if (longer->joins)
        document = longer->document;
    if (document != longer->before) {
        longer->position = positions->values[i++];
        size = run_document_put(token, longer->before, document, with_positions, longer->position);
        spill_writer_put(&longer->writer, token, size);
    }
    for (; i < positions->count; i++) {
        size = varint_put(token,
                          run_occurrence(with_positions, longer->position, positions->values[i]));
        spill_writer_put(&longer->writer, token, size);
        longer->position = positions->values[i];
    }
    longer->before = document;
    return longer->writer.status;
}

static enum lede_status longer_term_end(void *context, struct lede_error *err)
{
    (void)context;
    (void)err;
    return LEDE_OK;
}

/* Merges at most MERGE_MAX inputs into a run. */
static enum lede_status merge_longer(struct longer *longer, const struct merge_input *inputs,
                                     size_t count, struct spill *scratch, struct spill_run *run,
                                     struct account *account, struct lede_error *err)
{
    struct merge_output output = {longer, longer_term, longer_posting, NULL, longer_term_end};
    bool positions = inputs[0].inverter ? inverter_has_positions(inputs[0].inverter)
                                        : inputs[0].spilled.positions;
    enum lede_status status = spill_writer_begin(&longer->writer, scratch, positions, err), ended;

    if (status != LEDE_OK)
        return status;
    status = merge_few(inputs, count, &output, account, err);
    ended = spill_writer_end(&longer->writer, run,
                             status == LEDE_OK || longer->writer.status != LEDE_OK ? err : NULL);
    return status != LEDE_OK ? status : ended;
}

/* Merges inputs into longer ones until those from *first on are at most MERGE_MAX. */
static enum lede_status merge_down(struct merge_input *inputs, size_t count, size_t *first,
                                   struct spill *scratch, struct account *account,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *first = 0;
    while (count - *first > MERGE_MAX && status == LEDE_OK) {
        struct merge_input result = {.inverter = NULL};
        struct longer longer = {.joins = false};

        status = merge_longer(&longer, inputs + *first, MERGE_MAX, scratch, &result.spilled,
                              account, err);
        *first += MERGE_MAX - 1;
        /* Behind the others, so that it is read again as late as possible. */
        memmove(inputs + *first, inputs + *first + 1, (count - *first - 1) * sizeof *inputs);
        inputs[count - 1] = result;
    }
    return status;
}

enum lede_status merge_runs(struct merge_input *inputs, size_t count, struct spill *scratch,
                            const struct merge_output *output, struct account *account,
                            struct lede_error *err)
{
    size_t first;
    enum lede_status status = merge_down(inputs, count, &first, scratch, account, err);

    if (status != LEDE_OK)
        return status;
    return merge_few(inputs + first, count - first, output, account, err);
}

enum lede_status merge_parts(struct merge_input *inputs, size_t count, run_document document,
                             struct spill *scratch, struct spill_run *run, struct account *account,
                             struct lede_error *err)
{
    struct longer longer = {.joins = true, .document = document};
    size_t first;
    enum lede_status status = merge_down(inputs, count, &first, scratch, account, err);

    if (status != LEDE_OK)
        return status;
    return merge_longer(&longer, inputs + first, count - first, scratch, run, account, err);
}
