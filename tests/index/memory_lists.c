#include "tests/index/memory_lists.h"

#include <stdlib.h>

static void must(enum lede_status status)
{
    if (status != LEDE_OK)
        abort();
}

void memory_lists_begin(struct memory_lists *lists, const uint8_t *norms, uint32_t documents,
                        bool positions)
{
    struct posting_streams streams;

    memset(lists, 0, sizeof *lists);
    memory_records_init(&lists->records);
    for (int kind = 0; kind <= STREAM_NORMS; kind++)
        stream_writer_init(&lists->writers[kind], 1, (enum stream_kind)kind, &lists->records.sink,
                           NULL);
    bound_model_init(&lists->model, 1.2, 0.75, 100);
    lists->norms = malloc(documents + 1);
    if (!lists->norms)
        abort();
    memcpy(lists->norms, norms, documents);
    lists->source.documents = documents;
    lists->source.positions = positions ? &lists->streams[STREAM_POSITIONS] : NULL;
    streams = (struct posting_streams){
        &lists->writers[STREAM_SKIP], &lists->writers[STREAM_POSTINGS],
        positions ? &lists->writers[STREAM_POSITIONS] : NULL, lists->norms, &lists->model};
    must(posting_writer_new(&streams, NULL, &lists->writer, NULL));
}

static void open_stream(struct memory_lists *lists, enum stream_kind kind, uint64_t size)
{
    must(stream_init(&lists->streams[kind], 1, kind, size, &lists->records.source, NULL));
}

void memory_lists_seal(struct memory_lists *lists)
{
    must(norm_write(&lists->writers[STREAM_NORMS], lists->norms, lists->source.documents));
    for (int kind = 0; kind <= STREAM_NORMS; kind++) {
        uint64_t size;

        must(stream_writer_finish(&lists->writers[kind], &size, NULL));
        open_stream(lists, (enum stream_kind)kind, size);
    }
    lists->source.skip = &lists->streams[STREAM_SKIP];
    lists->source.postings = &lists->streams[STREAM_POSTINGS];
}

void memory_lists_reopen(struct memory_lists *lists)
{
    for (int kind = 0; kind <= STREAM_NORMS; kind++) {
        uint64_t size = lists->streams[kind].size;

        stream_done(&lists->streams[kind]);
        open_stream(lists, (enum stream_kind)kind, size);
    }
}

void memory_lists_done(struct memory_lists *lists)
{
    posting_writer_free(lists->writer);
    for (int kind = 0; kind <= STREAM_NORMS; kind++) {
        stream_writer_done(&lists->writers[kind]);
        stream_done(&lists->streams[kind]);
    }
    memory_records_done(&lists->records);
    free(lists->norms);
}
