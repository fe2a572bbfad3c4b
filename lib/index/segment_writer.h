/* segment_writer.h -- writes one segment: first its documents, in order, then its terms, in order.
 *
 * Everything goes to a record_sink under the segment's number; nothing is visible until a manifest
 * names it. Memory: one extent a stream, a byte and 16 more per document. One thread. */
#ifndef LEDE_INDEX_SEGMENT_WRITER_H
#define LEDE_INDEX_SEGMENT_WRITER_H

#include "index/column.h"
#include "index/dictionary.h"
#include "index/id_map.h"
#include "index/manifest.h"
#include "index/name.h"
#include "index/posting.h"
#include "index/stored.h"

struct segment_writer;

struct segment_options {
    uint32_t number;
    bool positions;
    double k1, b;
};

enum lede_status segment_writer_new(const struct segment_options *options, struct record_sink *sink,
                                    struct account *account, struct segment_writer **out,
                                    struct lede_error *err);
void segment_writer_free(struct segment_writer *writer); /* at any time */

/* ---- documents, numbered as they come ---- */

struct document { /* borrowed */
    struct slice id;
    uint32_t length;               /* positions of title and text; 0: no term, not counted */
    int64_t columns[COLUMN_COUNT]; /* COLUMN_NAMES, _TOKENS, _ARTICLE are set by the writer */
    struct stored_place stored;    /* in the run given to segment_writer_stored */
};

/* Writes the stored blocks of a run of documents; the documents added next refer to it. */
enum lede_status segment_writer_stored(struct segment_writer *writer, const struct stored_run *run,
                                       struct lede_error *err);
enum lede_status segment_writer_document(struct segment_writer *writer,
                                         const struct document *document, struct lede_error *err);
/* Documents so far. */
doc_id segment_writer_documents(const struct segment_writer *writer);

/* ---- terms: after the last document ---- */

/* Ends the documents: norms, columns, names and ids are written, the average is fixed. */
enum lede_status segment_writer_seal_documents(struct segment_writer *writer,
                                               struct lede_error *err);
/* A term (field byte first; rising) and its postings as posting_writer_* wants them. */
enum lede_status segment_writer_term(struct segment_writer *writer, struct slice term, uint32_t df,
                                     uint64_t total_tf, struct lede_error *err);
void segment_writer_posting(struct segment_writer *writer, doc_id document, uint32_t tf);
void segment_writer_positions(struct segment_writer *writer, const uint32_t *positions,
                              size_t count);
enum lede_status segment_writer_term_end(struct segment_writer *writer, struct lede_error *err);

/* Writes what is left; *info is the segment's entry for the manifest (deleted 0; languages from
 * COLUMN_LANGUAGE). The ids in hash order stay readable until free: segment_writer_ids. */
enum lede_status segment_writer_finish(struct segment_writer *writer, struct segment_info *info,
                                       struct lede_error *err);

#endif
