/* batch.h -- a run of articles on its way from the caller to an inverter, and back as documents.
 *
 * The caller's thread copies articles into a batch until it is full; a worker inverts it and
 * fills in what it found out; the caller's thread appends the results to the segment, batch by
 * batch in input order, and uses the batch again. Where batches are cut depends on the input
 * alone, so that documents, stored blocks and segments come out the same for any number of
 * threads and any memory limit.
 *
 * A batch belongs to one thread at a time. Everything it refers to is in its own memory, which
 * is charged to the account: BATCH_SIZE (more only if a single article needs more), the array
 * of articles, and what stored_packer made of them. */
#ifndef LEDE_INDEXER_BATCH_H
#define LEDE_INDEXER_BATCH_H

#include "base/error.h"
#include "index/format.h"
#include "index/source_file.h"
#include "index/stored.h"
#include "long_text.h"
#include "text/analyzer.h"

enum {
    BATCH_SIZE = 512 * 1024,       /* bytes of articles: small enough for several threads in little
                                    * memory, large enough that handing it over costs nothing */
    BATCH_ARTICLES = 1024,         /* articles at most */
    BATCH_MEMORY = 3 * BATCH_SIZE, /* what a full one takes at most: 232 bytes an article, as many
                                    * for its source, and stored blocks that did not shrink, in a
                                    * buffer that grew */
    ARTICLE_SIZE_MAX = INT32_MAX   /* bytes of one article: its positions fit 32 bits */
};

struct batch_source { /* a file that articles were read from, as far as the batch tells */
    struct slice path;
    bool used;                 /* by an article that becomes a document */
    bool ended;                /* nothing more comes of it: and what is to be kept of it is */
    bool complete;             /* that it was read to its end, */
    struct source_stamp stamp; /* when it was like this */
    bool known;                /* the index has it complete, of an article that is unchanged, */
    struct source_stamp known_stamp; /* and like this */
    uint32_t number;                 /* the segment's, of one that is kept: the assembly's */
};

#define NO_SOURCE UINT32_MAX

struct batch_article {
    struct slice id;
    struct stored_article kept; /* language: the tag given, or the writer's */
    struct lede_date date;
    enum lede_date_source date_source;
    uint32_t source; /* number of the batch's, or NO_SOURCE */
    uint64_t source_offset, source_size;
    language_id language; /* what the tag stands for */
    bool unchanged;       /* already in the index: it becomes no document */
    bool hashed;          /* content_hash is */
    uint64_t content_hash;

    /* Filled in by the worker. */
    uint32_t length;   /* positions of title and text */
    int64_t signature; /* of their terms: COLUMN_SIGNATURE */
    struct stored_place place;
};

struct batch {
    struct account *account;
    uint8_t *data;
    size_t used, capacity; /* bytes */
    struct batch_article *articles;
    size_t count, articles_capacity;
    struct batch_source *sources; /* in order: the last one may go on in the next batch */
    size_t source_count, source_capacity;
    size_t classified;            /* articles of which it is known whether they are unchanged */
    uint32_t documents;           /* articles that are not */
    uint32_t number;              /* in its segment, from 0 */
    const struct long_text *text; /* of its only article, if it is not in kept.text; borrowed */

    /* Filled in by the worker. */
    struct stored_run stored;
    uint64_t invalid_bytes, long_terms; /* struct analyzer_totals of this batch */
    enum lede_status status;
    struct lede_error error;
    bool finished; /* the pipeline's */

    struct batch *next; /* in a list of unused ones */
};

/* An empty batch with room for one article of size bytes (batch_article_size) or an ordinary
 * load, whichever is more. LEDE_NO_MEMORY. */
enum lede_status batch_new(size_t size, struct account *account, struct batch **out,
                           struct lede_error *err);
void batch_free(struct batch *batch);
/* Empties the batch for another use. */
void batch_clear(struct batch *batch);

/* Bytes that an article takes of a batch: LEDE_LIMIT if they are more than ARTICLE_SIZE_MAX. */
enum lede_status batch_article_size(const struct lede_article *article, size_t *size,
                                    struct lede_error *err);

static inline bool batch_is_empty(const struct batch *batch)
{
    return batch->count == 0 && batch->source_count == 0;
}

/* True if an article of size bytes may join the batch. */
bool batch_has_room(const struct batch *batch, size_t size);

/* Copies an article that has room. Its language is the one of its tag, or default_language where
 * it has none or one that is not known. LEDE_NO_MEMORY. */
enum lede_status batch_add(struct batch *batch, const struct lede_article *article,
                           language_id default_language, struct lede_error *err);

/* Ends a file: the last source if it has this path and goes on, else one more, for which there has
 * to be room as for an article. stamp NULL: it is not complete. */
enum lede_status batch_end_source(struct batch *batch, struct slice path,
                                  const struct source_stamp *stamp, struct lede_error *err);

/* True if the segment is to know of the source: a document's, or what is new of it. */
static inline bool batch_source_kept(const struct batch_source *source)
{
    return source->used ||
           (source->ended && !(source->complete && source->known &&
                               source_stamp_equal(&source->stamp, &source->known_stamp)));
}
/* True if the segment is to know of anything in the batch. */
bool batch_is_kept(const struct batch *batch);

/* Bytes of an article's title and text. */
uint64_t batch_article_text_size(const struct batch *batch, const struct batch_article *article);

/* Fills in the content hash, unless it is there already: XXH3-64 of what the article says: language
 * code, then title, text, url, language tag, date and metadata, each behind its size (u64 LE; the
 * date as seconds and precision, u64 LE each). Where it came from does not count. Never the bits of
 * COLUMN_MISSING. LEDE_IO: a long text could not be read. */
enum lede_status batch_article_hash(const struct batch *batch, struct batch_article *article,
                                    struct lede_error *err);

#endif
