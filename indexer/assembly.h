/* assembly.h -- a segment under construction: batches in input order, then the merge of their runs.
 *
 * A document's number is its place in its batch plus the documents of all batches before. Which
 * batches make a segment is decided by the input alone: a segment is full at SEGMENT_DOCUMENTS
 * documents or SEGMENT_BYTES of text, whichever comes first, at the end of the batch that brings
 * it there. */
#ifndef LEDE_INDEXER_ASSEMBLY_H
#define LEDE_INDEXER_ASSEMBLY_H

#include "batch.h"
#include "duplicates.h"
#include "index/segment_writer.h"
#include "pipeline.h"

enum { SEGMENT_DOCUMENTS = 1 << 20 };
#define SEGMENT_BYTES ((uint64_t)4 << 30)

struct assembly {
    struct segment_writer *writer;
    struct duplicates *duplicates;
    struct account *account;
    doc_id *bases; /* the number of the first document of each batch, and of the next one to come */
    size_t base_capacity;
    uint32_t batches;
    uint64_t text_bytes;
    bool keep_text;

    /* While terms are merged. */
    bool positions;
};

/* Begins segment number options->number, whose records go to sink. keep_text: long texts, which the
 * workers leave alone, are stored. directory: for temporary files; borrowed. */
enum lede_status assembly_begin(struct assembly *assembly, const struct segment_options *options,
                                bool keep_text, const char *directory, struct record_sink *sink,
                                struct account *account, struct lede_error *err);
void assembly_done(struct assembly *assembly);

static inline bool assembly_is_open(const struct assembly *assembly)
{
    return assembly->writer != NULL;
}

/* Appends a batch that was inverted: number must be assembly->batches. */
enum lede_status assembly_batch(struct assembly *assembly, struct batch *batch,
                                struct lede_error *err);

/* Merges the pipeline's runs into the segment and ends it; *info is for the manifest. Its articles
 * may be copies of others in assembly->duplicates: duplicates_behind. */
enum lede_status assembly_finish(struct assembly *assembly, struct pipeline *pipeline,
                                 struct segment_info *info, struct lede_error *err);

#endif
