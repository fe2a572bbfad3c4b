#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"
#include "inverter.h"
#include "keyword_terms.h"
#include "merge.h"
#include "segment_merge_internal.h"
#include "spill.h"

enum { BUDGET = 4 << 20 }; /* of the inverter: an article's keywords always fit */

struct late_fields {
    struct slice names;        /* of all fields */
    struct keyword_set fields; /* that are made anew, */
    struct keyword_set others; /* and those that are not */
    struct inverter *inverter;
    struct spill spill;
    struct merge_input *runs;
    size_t run_count, run_capacity;
    struct segment_merge *whole;
    const struct other_terms *between;
};

/* ---- making and freeing ---- */

static bool find_fields(const struct segment_merge *whole, struct late_fields *late)
{
    for (size_t i = 0; i < whole->segment_count; i++)
        keyword_set_join(&late->fields, &whole->segments[i].info->lacks);
    for (size_t i = 0; i < sizeof late->fields.bits; i++)
        late->others.bits[i] = (uint8_t)~late->fields.bits[i];
    return !keyword_set_is_empty(&late->fields);
}

enum lede_status merge_fields_begin(struct segment_merge *whole, const char *directory,
                                    struct lede_error *err)
{
    struct late_fields late = {.names = buffer_bytes(&whole->snapshot->manifest.keywords),
                               .whole = whole};
    enum lede_status status;

    if (!find_fields(whole, &late))
        return LEDE_OK;
    whole->late = account_calloc(whole->account, 1, sizeof *whole->late);
    if (!whole->late)
        return error_no_memory(err);
    *whole->late = late;
    status = spill_init(&whole->late->spill, directory, whole->account, err);
    if (status == LEDE_OK)
        status =
            inverter_new(whole->has_positions, BUDGET, whole->account, &whole->late->inverter, err);
    return status;
}

void merge_fields_done(struct segment_merge *whole)
{
    struct late_fields *late = whole->late;

    if (!late)
        return;
    inverter_free(late->inverter);
    spill_done(&late->spill);
    array_free(late->runs, late->run_capacity, sizeof *late->runs, whole->account);
    free(late);
    account_release(whole->account, sizeof *late);
    whole->late = NULL;
}

/* ---- articles ---- */

static enum lede_status make_run(struct late_fields *late, struct lede_error *err)
{
    struct merge_input *run;
    enum lede_status status;

    if (late->run_count == late->run_capacity &&
        !array_grow((void **)&late->runs, &late->run_capacity, sizeof *late->runs,
                    late->whole->account))
        return error_no_memory(err);
    run = &late->runs[late->run_count];
    *run = (struct merge_input){.inverter = NULL};
    status = spill_take(&late->spill, late->inverter, false, &run->spilled, err);
    late->run_count += status == LEDE_OK;
    return status;
}

/* *room false: the inverter has none, and is as it was. */
static enum lede_status try_article(struct late_fields *late, doc_id number,
                                    const struct stored_article *article, bool *room,
                                    struct lede_error *err)
{
    uint64_t left_out = 0;
    enum lede_status status;

    inverter_begin(late->inverter, run_document_of(0, number));
    status = keyword_terms_add(late->inverter, late->names, &late->others, article, &left_out, room,
                               err);
    if (status != LEDE_OK || !*room)
        inverter_undo(late->inverter);
    else
        late->whole->left_out += left_out;
    return status;
}

enum lede_status merge_fields_add(struct segment_merge *whole, doc_id number,
                                  const struct stored_article *article, struct lede_error *err)
{
    struct late_fields *late = whole->late;
    enum lede_status status;
    bool room;

    if (!late)
        return LEDE_OK;
    status = try_article(late, number, article, &room, err);
    if (status != LEDE_OK || room)
        return status;
    if (inverter_is_empty(late->inverter))
        return error_no_memory(err); /* of the account: the budget is enough */
    status = make_run(late, err);
    if (status == LEDE_OK)
        status = try_article(late, number, article, &room, err);
    return status == LEDE_OK && !room ? error_no_memory(err) : status;
}

/* ---- terms ---- */

bool merge_fields_have(const struct segment_merge *whole, struct slice term)
{
    return whole->late && field_is_keyword(term.data[0]) &&
           keyword_set_has(&whole->late->fields, term.data[0] - FIELD_KEYWORD);
}

static enum lede_status put_term(void *context, struct slice term, uint32_t df, uint64_t total_tf,
                                 struct lede_error *err)
{
    struct late_fields *late = context;
    enum lede_status status = late->between->before(late->between->context, term, err);

    return status == LEDE_OK ? segment_writer_term(late->whole->writer, term, df, total_tf, err)
                             : status;
}

static enum lede_status put_posting(void *context, run_document document,
                                    const struct run_positions *positions, struct lede_error *err)
{
    struct late_fields *late = context;
    struct segment_writer *writer = late->whole->writer;

    if (document >= late->whole->live || positions->count != 1)
        return error_set(err, LEDE_IO, "a temporary file was read back damaged; check the disk");
    segment_writer_posting(writer, (doc_id)document, 1);
    if (late->whole->has_positions)
        segment_writer_positions(writer, positions->values, 1);
    return LEDE_OK;
}

static enum lede_status end_term(void *context, struct lede_error *err)
{
    struct late_fields *late = context;

    return segment_writer_term_end(late->whole->writer, err);
}

enum lede_status merge_fields_write(struct segment_merge *whole, const struct other_terms *others,
                                    struct lede_error *err)
{
    struct late_fields *late = whole->late;
    struct merge_output output = {late, put_term, put_posting, NULL, end_term};
    enum lede_status status = LEDE_OK;

    if (late && !inverter_is_empty(late->inverter))
        status = make_run(late, err);
    if (late && status == LEDE_OK) {
        late->between = others;
        status =
            merge_runs(late->runs, late->run_count, &late->spill, &output, whole->account, err);
    }
    return status == LEDE_OK ? others->before(others->context, slice_of(NULL, 0), err) : status;
}
