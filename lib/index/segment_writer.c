#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"
#include "index/segment_writer_internal.h"

/* ---- making it ---- */

enum lede_status segment_writer_new(const struct segment_options *options, struct record_sink *sink,
                                    struct account *account, struct segment_writer **out,
                                    struct lede_error *err)
{
    struct segment_writer *writer = account_calloc(account, 1, sizeof *writer);
    enum lede_status status;

    if (!writer)
        return error_no_memory(err);
    writer->options = *options;
    writer->account = account;
    writer->sink = sink;
    writer->info.number = options->number;
    writer->info.small_records = true;
    bundle_writer_init(&writer->bundle, account);
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        stream_writer_init(&writer->streams[kind], options->number, (enum stream_kind)kind, sink,
                           account);
    status = segment_writer_keep(writer, segment_writer_documents_new(writer), err);
    if (status != LEDE_OK) {
        segment_writer_free(writer);
        return status;
    }
    *out = writer;
    return LEDE_OK;
}

void segment_writer_free(struct segment_writer *writer)
{
    struct account *account;

    if (!writer)
        return;
    account = writer->account;
    segment_writer_documents_free(writer);
    posting_writer_free(writer->postings);
    dictionary_writer_free(writer->dictionary);
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        stream_writer_done(&writer->streams[kind]);
    bundle_writer_done(&writer->bundle);
    array_free(writer->norms, writer->norm_capacity, sizeof *writer->norms, account);
    free(writer);
    account_release(account, sizeof *writer);
}

/* ---- the seal ---- */

enum lede_status segment_writer_stream_end(struct segment_writer *writer, enum stream_kind kind)
{
    struct stream_writer *stream = &writer->streams[kind];
    enum lede_status status = bundle_writer_take(&writer->bundle, stream,
                                                 &writer->info.stream_sizes[kind], &writer->error);

    stream_writer_done(stream);
    return status;
}

static enum lede_status term_writers_new(struct segment_writer *writer)
{
    struct posting_streams streams = {
        &writer->streams[STREAM_SKIP], &writer->streams[STREAM_POSTINGS],
        writer->options.positions ? &writer->streams[STREAM_POSITIONS] : NULL, writer->norms,
        &writer->model};
    enum lede_status status =
        posting_writer_new(&streams, writer->account, &writer->postings, &writer->error);

    if (status != LEDE_OK)
        return status;
    return dictionary_writer_new(writer->options.number, writer->sink, writer->account,
                                 &writer->dictionary, &writer->error);
}

static enum lede_status seal(struct segment_writer *writer)
{
    struct segment_info *info = &writer->info;
    enum lede_status status = segment_writer_documents_end(writer);

    segment_writer_documents_free(writer);
    if (status != LEDE_OK)
        return status;
    info->average = info->counted > 0 ? (double)info->tokens / info->counted : 1.0;
    bound_model_init(&writer->model, writer->options.k1, writer->options.b, info->average);
    return term_writers_new(writer);
}

enum lede_status segment_writer_seal_documents(struct segment_writer *writer,
                                               struct lede_error *err)
{
    assert(!writer->is_sealed);
    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    writer->is_sealed = true;
    return segment_writer_keep(writer, seal(writer), err);
}

/* ---- terms ---- */

enum lede_status segment_writer_term(struct segment_writer *writer, struct slice term, uint32_t df,
                                     uint64_t total_tf, struct lede_error *err)
{
    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    assert(writer->is_sealed);
    if (term.size == 0 || term.size > sizeof writer->term)
        return segment_writer_keep(writer,
                                   error_set(&writer->error, LEDE_INVALID,
                                             "a term has 1 to %d bytes, not %zu", KEY_TERM_MAX,
                                             term.size),
                                   err);
    memcpy(writer->term, term.data, term.size);
    writer->term_size = term.size;
    writer->info.postings += df;
    if (writer->options.positions)
        writer->info.positions += total_tf;
    posting_writer_begin(writer->postings, df, total_tf);
    return LEDE_OK;
}

void segment_writer_posting(struct segment_writer *writer, doc_id document, uint32_t tf)
{
    if (writer->status == LEDE_OK && document >= writer->info.documents)
        writer->status =
            error_set(&writer->error, LEDE_INVALID, "a posting names document %u of %u", document,
                      writer->info.documents);
    if (writer->status == LEDE_OK)
        posting_writer_add(writer->postings, document, tf);
}

void segment_writer_positions(struct segment_writer *writer, const uint32_t *positions,
                              size_t count)
{
    if (writer->status == LEDE_OK)
        posting_writer_positions(writer->postings, positions, count);
}

void segment_writer_postings(struct segment_writer *writer, const doc_id *documents,
                             const uint32_t *frequencies, uint32_t count, const uint32_t *gaps)
{
    doc_id most = 0;

    for (uint32_t i = 0; i < count; i++)
        most = documents[i] > most ? documents[i] : most;
    if (writer->status == LEDE_OK && count > 0 && most >= writer->info.documents)
        writer->status =
            error_set(&writer->error, LEDE_INVALID, "a posting names document %u of %u", most,
                      writer->info.documents);
    if (writer->status == LEDE_OK)
        posting_writer_postings(writer->postings, documents, frequencies, count, gaps);
}

enum lede_status segment_writer_term_end(struct segment_writer *writer, struct lede_error *err)
{
    struct term_info info;
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    status = posting_writer_end(writer->postings, &info, &writer->error);
    if (status == LEDE_OK)
        status = dictionary_writer_add(
            writer->dictionary, slice_of(writer->term, writer->term_size), &info, &writer->error);
    return segment_writer_keep(writer, status, err);
}

static enum lede_status finish(struct segment_writer *writer)
{
    struct dictionary_totals totals;
    enum lede_status status = dictionary_writer_finish(writer->dictionary, &totals, &writer->error);

    if (status != LEDE_OK)
        return status;
    writer->info.dictionary_pages = totals.pages;
    writer->info.terms = totals.terms;
    for (int kind = STREAM_SKIP; kind <= STREAM_POSITIONS && status == LEDE_OK; kind++)
        status = segment_writer_stream_end(writer, (enum stream_kind)kind);
    return status == LEDE_OK ? bundle_writer_finish(&writer->bundle, writer->info.number,
                                                    writer->sink, &writer->error)
                             : status;
}

enum lede_status segment_writer_finish(struct segment_writer *writer, struct segment_info *info,
                                       struct lede_error *err)
{
    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    assert(writer->is_sealed);
    if (segment_writer_keep(writer, finish(writer), err) != LEDE_OK)
        return writer->status;
    *info = writer->info;
    return LEDE_OK;
}
