/* segment_writer_internal.h -- what segment_writer.c (the whole, and terms) and
 * segment_writer_documents.c (documents, and what is written of them) share; nobody else includes
 * it. */
#ifndef LEDE_INDEX_SEGMENT_WRITER_INTERNAL_H
#define LEDE_INDEX_SEGMENT_WRITER_INTERNAL_H

#include "index/bundle.h"
#include "index/segment_writer.h"

struct segment_writer {
    struct segment_options options;
    struct account *account;
    struct record_sink *sink;
    struct stream_writer streams[STREAM_COUNT];
    struct bundle_writer bundle;
    struct segment_info info; /* what is known so far */
    enum lede_status status;  /* sticky */
    struct lede_error error;

    /* Documents. */
    uint8_t *norms; /* a length code each */
    size_t norm_capacity;
    struct id_entry *ids;
    size_t id_capacity;
    struct name_writer *names;
    struct column_writer *columns;
    struct source_file_writer *sources;
    int64_t group[NAME_GROUP][COLUMN_COUNT]; /* columns of documents whose names are not written */
    unsigned group_count;
    uint64_t *run_offsets; /* of the blocks of the stored run that documents refer to now */
    size_t run_blocks;
    bool has_run;
    struct group_source groups; /* window NULL: they come with the documents */

    /* Terms. */
    bool is_sealed;
    struct bound_model model;
    struct posting_writer *postings;
    struct dictionary_writer *dictionary;
    uint8_t term[KEY_TERM_MAX]; /* the one whose postings come */
    size_t term_size;
};

/* Keeps the first failure, and tells it to every caller from then on. */
static inline enum lede_status segment_writer_keep(struct segment_writer *writer,
                                                   enum lede_status status, struct lede_error *err)
{
    if (writer->status == LEDE_OK && status != LEDE_OK)
        writer->status = status;
    if (writer->status != LEDE_OK && err)
        *err = writer->error;
    return writer->status;
}

/* Ends a stream and gives its extent's memory back. */
enum lede_status segment_writer_stream_end(struct segment_writer *writer, enum stream_kind kind);

/* What only documents need; freed also after a failure. */
enum lede_status segment_writer_documents_new(struct segment_writer *writer);
void segment_writer_documents_free(struct segment_writer *writer);
/* Writes what is left of them, and ends their streams. */
enum lede_status segment_writer_documents_end(struct segment_writer *writer);

#endif
