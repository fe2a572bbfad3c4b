/* segment_writer.h -- writes one segment: first its documents, in order, then its terms, in order.
 *
 * Everything goes to a record_sink under the segment's number; nothing is visible until a manifest
 * names it. A failure is sticky: the segment is lost. Memory, all charged to the account: while
 * documents come, an extent (1 MiB) for each of their seven streams, 17 to 26 bytes a document,
 * half a byte a source file, and what column and name writers hold; while terms come, an extent for
 * each of three streams and as much a document. One thread. */
#ifndef LEDE_INDEX_SEGMENT_WRITER_H
#define LEDE_INDEX_SEGMENT_WRITER_H

#include "index/column.h"
#include "index/dictionary.h"
#include "index/id_map.h"
#include "index/manifest.h"
#include "index/name.h"
#include "index/posting.h"
#include "index/source_file.h"
#include "index/stored.h"

struct segment_writer;

struct segment_options {
    uint32_t number;
    bool positions; /* false: the index has none; segment_writer_positions must not be called */
    double k1, b;   /* what bounds are computed with, and the average length at the seal */
};

enum lede_status segment_writer_new(const struct segment_options *options, struct record_sink *sink,
                                    struct account *account, struct segment_writer **out,
                                    struct lede_error *err);
void segment_writer_free(struct segment_writer *writer); /* at any time */

/* ---- source files, numbered as they come, each before its documents ---- */

/* *number is what COLUMN_SOURCE of its documents is to be: that of the file added last if it has
 * this path and is not complete. */
enum lede_status segment_writer_source(struct segment_writer *writer, struct slice path,
                                       uint32_t *number, struct lede_error *err);
/* The file added last is complete. */
void segment_writer_source_complete(struct segment_writer *writer,
                                    const struct source_stamp *stamp);

/* ---- documents, numbered as they come ---- */

struct document { /* borrowed */
    struct slice id;
    uint32_t length;               /* positions of title and text; 0: no term, not counted */
    int64_t columns[COLUMN_COUNT]; /* COLUMN_NAMES, _TOKENS, _ARTICLE are set by the writer */
    struct stored_place stored;    /* in the run given to segment_writer_stored */
};

/* Writes the stored blocks of a run of documents; the documents added next refer to it. A document
 * added before any run has no stored article. */
enum lede_status segment_writer_stored(struct segment_writer *writer, const struct stored_run *run,
                                       struct lede_error *err);
/* LEDE_LIMIT if the id is over NAME_MAX_SIZE bytes or the segment has DOCS_MAX documents;
 * LEDE_INVALID if a language, a source file or a stored place cannot be. */
enum lede_status segment_writer_document(struct segment_writer *writer,
                                         const struct document *document, struct lede_error *err);
/* Documents so far. */
doc_id segment_writer_documents(const struct segment_writer *writer);

/* Where groups of duplicates come from, if not with the documents: asked for COLUMN_DUPLICATE_GROUP
 * of a window's documents (count from first on, all COLUMN_MISSING before) after the last document,
 * window after window. */
struct group_source {
    void *context;
    enum lede_status (*window)(void *context, doc_id first, uint32_t count, int64_t *groups,
                               struct lede_error *err);
};
/* Before the first document. */
void segment_writer_late_groups(struct segment_writer *writer, struct group_source source);
/* A length code of each document so far: norm.h. */
const uint8_t *segment_writer_norms(const struct segment_writer *writer);

/* ---- terms: after the last document ---- */

/* Ends the documents: norms, columns, names and ids are written; the average is fixed: tokens /
 * counted documents, 1.0 if there are none. */
enum lede_status segment_writer_seal_documents(struct segment_writer *writer,
                                               struct lede_error *err);
/* A term (field byte first; rising) and its postings as posting_writer_* wants them: each document,
 * rising, with its positions behind it, or many at a time; then term_end, which tells what went
 * wrong meanwhile. */
enum lede_status segment_writer_term(struct segment_writer *writer, struct slice term, uint32_t df,
                                     uint64_t total_tf, struct lede_error *err);
void segment_writer_posting(struct segment_writer *writer, doc_id document, uint32_t tf);
void segment_writer_positions(struct segment_writer *writer, const uint32_t *positions,
                              size_t count);
void segment_writer_postings(struct segment_writer *writer, const doc_id *documents,
                             const uint32_t *frequencies, uint32_t count, const uint32_t *gaps);
enum lede_status segment_writer_term_end(struct segment_writer *writer, struct lede_error *err);

/* Writes what is left; *info is the segment's entry for the manifest (deleted 0; languages from
 * COLUMN_LANGUAGE). */
enum lede_status segment_writer_finish(struct segment_writer *writer, struct segment_info *info,
                                       struct lede_error *err);

#endif
