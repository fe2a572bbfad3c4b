/* writer.c -- the public writer: articles in, commits out.
 *
 *     add -> batch -> pipeline (threads) -> assembly (documents; at a segment's end: terms)
 *         -> outbox -> store;            commit: the last segment, the changes, the flip
 *
 * Everything but inverting happens on the calling thread, and no transaction outlives a call, so
 * calls may come from one thread after the other. A failure inside add or commit breaks the
 * writer: later calls report it again, and the index stays as of the last commit. */
#include <assert.h>
#include <stdlib.h>

#include "assembly.h"
#include "base/account.h"
#include "base/lede_bytes.h"
#include "changes.h"
#include "index/column.h"
#include "index/keyword_names.h"
#include "index/segment.h"
#include "merge_policy.h"
#include "outbox.h"
#include "pipeline.h"
#include "settings.h"
#include "tiered_merge.h"

struct lede_writer {
    struct store *store;
    struct manifest manifest; /* the committed segments, then those of the commit to come */
    size_t committed;         /* segments of the manifest that are committed */
    bool fresh;               /* nothing was ever committed */
    bool no_merge;
    struct settings settings;
    struct account account;
    struct outbox outbox;
    struct pipeline *pipeline;
    struct buffer path;    /* of a source that is compared */
    struct batch *batch;   /* being filled; may be NULL */
    struct long_text text; /* given in parts, or too long for a batch */
    struct changes changes;

    struct assembly assembly;
    uint32_t batches;                  /* submitted for the segment */
    uint64_t documents, segment_bytes; /* in them; bytes of titles and texts */

    struct lede_writer_totals totals;
    enum lede_status status; /* not LEDE_OK: broken */
    struct lede_error error;
};

/* ---- opening and closing ---- */

static enum lede_status read_manifest(struct lede_writer *writer, struct lede_error *err)
{
    struct store_snapshot snapshot;
    enum lede_status status = store_snapshot_begin(writer->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = store_manifest(&snapshot, &writer->manifest, err);
    store_snapshot_end(&snapshot);
    writer->fresh = status == LEDE_MISSING;
    if (status != LEDE_OK)
        manifest_done(&writer->manifest); /* and like new */
    writer->committed = writer->manifest.segment_count;
    return writer->fresh ? LEDE_OK : status;
}

static enum lede_status make_pipeline(struct lede_writer *writer, struct lede_error *err)
{
    struct worker_options options = {
        .analysis = writer->settings.analysis,
        .keywords = writer->settings.keywords,
        .positions = writer->settings.positions,
        .keep_text = writer->settings.keep_text,
        .budget = writer->settings.budget,
        .directory = store_path(writer->store),
    };

    return pipeline_new(writer->settings.jobs, &options, &writer->account, &writer->pipeline, err);
}

static enum lede_status writer_init(struct lede_writer *writer, const char *path,
                                    const struct lede_writer_options *options,
                                    struct lede_error *err)
{
    enum lede_status status =
        store_open_writer(path, options ? options->wait : 0, &writer->store, err);

    if (status == LEDE_OK)
        status = read_manifest(writer, err);
    if (status == LEDE_OK)
        status =
            settings_resolve(options, &writer->manifest, writer->fresh, &writer->settings, err);
    if (status != LEDE_OK)
        return status;
    writer->account.limit = writer->settings.memory;
    store_bound_pages(writer->store, MEMORY_MAPPED);
    long_text_init(&writer->text, store_path(writer->store));
    outbox_init(&writer->outbox, writer->store, &writer->account);
    status = store_collect(writer->store, &writer->manifest, err);
    return status == LEDE_OK ? make_pipeline(writer, err) : status;
}

enum lede_status lede_writer_open(const char *path, const struct lede_writer_options *options,
                                  struct lede_writer **writer, struct lede_error *error)
{
    struct lede_writer *opened = calloc(1, sizeof *opened);
    enum lede_status status;

    if (!opened)
        return error_no_memory(error);
    opened->no_merge = options && options->no_merge;
    account_init(&opened->account, 0);
    buffer_init(&opened->path, &opened->account);
    manifest_init(&opened->manifest);
    long_text_init(&opened->text, NULL);
    outbox_init(&opened->outbox, NULL, &opened->account);
    changes_init(&opened->changes, &opened->account);
    status = writer_init(opened, path, options, error);
    if (status != LEDE_OK) {
        lede_writer_close(opened);
        return status;
    }
    *writer = opened;
    return LEDE_OK;
}

void lede_writer_close(struct lede_writer *writer)
{
    if (!writer)
        return;
    pipeline_free(writer->pipeline);
    batch_free(writer->batch);
    buffer_done(&writer->path);
    long_text_done(&writer->text);
    assembly_done(&writer->assembly);
    outbox_done(&writer->outbox);
    changes_done(&writer->changes);
    manifest_done(&writer->manifest);
    store_close(writer->store);
    assert(atomic_load(&writer->account.used) == 0);
    free(writer);
}

void lede_writer_totals(const struct lede_writer *writer, struct lede_writer_totals *totals)
{
    *totals = writer->totals;
}

struct lede_bytes lede_writer_index_language(const struct lede_writer *writer)
{
    return bytes_of(buffer_bytes(&writer->manifest.language));
}

uint64_t lede_writer_lacking(const struct lede_writer *writer, struct lede_bytes keyword)
{
    struct slice names = buffer_bytes(&writer->manifest.keywords);
    size_t place = keyword_names_find(names, slice_from(keyword));

    return place == KEYWORDS_MAX ? 0 : manifest_lacking(&writer->manifest, place);
}

/* Remembers a failure that leaves the writer useless, and tells it. */
static enum lede_status break_writer(struct lede_writer *writer, enum lede_status status,
                                     const struct lede_error *inner, struct lede_error *error)
{
    writer->status = status;
    writer->error = *inner;
    writer->error.status = status;
    if (error)
        *error = writer->error;
    return status;
}

static enum lede_status broken(const struct lede_writer *writer, struct lede_error *error)
{
    if (error)
        *error = writer->error;
    return writer->status;
}

/* ---- from finished batches to documents ---- */

/* Appends the oldest batch on its way to the segment; *taken tells whether there was one. */
static enum lede_status take_one(struct lede_writer *writer, bool wait, bool *taken,
                                 struct lede_error *err)
{
    struct batch *batch = pipeline_take(writer->pipeline, wait);
    enum lede_status status;

    *taken = batch != NULL;
    if (!batch)
        return LEDE_OK;
    status = batch->status;
    if (status != LEDE_OK && err)
        *err = batch->error;
    if (status == LEDE_OK)
        status = assembly_batch(&writer->assembly, batch, err);
    writer->totals.invalid_bytes += batch->invalid_bytes;
    writer->totals.long_terms += batch->long_terms;
    pipeline_recycle(writer->pipeline, batch);
    return status;
}

static enum lede_status take_all(struct lede_writer *writer, bool wait, struct lede_error *err)
{
    enum lede_status status;
    bool taken;

    do
        status = take_one(writer, wait, &taken, err);
    while (status == LEDE_OK && taken);
    return status;
}

/* Takes back every batch and ends the segment. */
static enum lede_status finish_segment(struct lede_writer *writer, struct lede_error *err)
{
    struct segment_info info;
    enum lede_status status = take_all(writer, true, err);

    if (status != LEDE_OK || !assembly_is_open(&writer->assembly))
        return status;
    duplicates_behind(writer->assembly.duplicates, writer->store, &writer->manifest);
    status = assembly_finish(&writer->assembly, writer->pipeline, &info, err);
    if (status == LEDE_OK)
        status = manifest_add(&writer->manifest, &info, err);
    assembly_done(&writer->assembly);
    writer->batches = 0;
    writer->documents = writer->segment_bytes = 0;
    return status;
}

/* ---- from articles to batches ---- */

/* True if the committed document is from the article's source; what is known of that is noted. */
static enum lede_status same_source(struct segment *segment, doc_id document,
                                    struct batch_source *source, struct buffer *path, bool *same,
                                    struct lede_error *err)
{
    struct source_file file;
    enum lede_status status = segment_source(segment, document, path, &file, err);

    *same = status == LEDE_OK ? source && slice_equal(file.path, source->path) : !source;
    if (status == LEDE_MISSING)
        return LEDE_OK;
    if (status == LEDE_OK && *same) {
        source->known = file.complete;
        source->known_stamp = file.stamp;
    }
    return status;
}

/* True if the committed document has the article's content and source. */
static enum lede_status is_unchanged(struct lede_writer *writer, struct snapshot *snapshot,
                                     struct batch_article *article, bool *unchanged,
                                     struct lede_error *err)
{
    struct batch_source *source =
        article->source == NO_SOURCE ? NULL : &writer->batch->sources[article->source];
    uint32_t segment;
    doc_id document;
    int64_t hash = COLUMN_MISSING;
    enum lede_status status = snapshot_find_id(snapshot, article->id, &segment, &document, err);

    if (status == LEDE_OK)
        status = column_get(&snapshot->segments[segment].columns, COLUMN_CONTENT_HASH, document,
                            &hash, err);
    else if (status == LEDE_MISSING)
        return LEDE_OK;
    if (status == LEDE_OK)
        status = batch_article_hash(writer->batch, article, err);
    if (status != LEDE_OK || hash != (int64_t)article->content_hash)
        return status;
    return same_source(&snapshot->segments[segment], document, source, &writer->path, unchanged,
                       err);
}

static enum lede_status note_article(struct lede_writer *writer,
                                     const struct batch_article *article, struct lede_error *err)
{
    if (article->unchanged)
        return changes_unchanged(&writer->changes, article->id, err);
    if (article->source != NO_SOURCE)
        writer->batch->sources[article->source].used = true;
    writer->batch->documents++;
    writer->documents++;
    writer->segment_bytes += batch_article_text_size(writer->batch, article);
    return changes_document(&writer->changes, article->id, writer->committed > 0, err);
}

/* Finds out which articles of the batch are unchanged, as far as that is not known yet. */
static enum lede_status classify(struct lede_writer *writer, struct lede_error *err)
{
    struct batch *batch = writer->batch;
    struct snapshot *snapshot = NULL;
    enum lede_status status = LEDE_OK;

    if (!batch || batch->classified == batch->count)
        return LEDE_OK;
    if (writer->committed > 0)
        status = snapshot_of(writer->store, &snapshot, err);
    for (; batch->classified < batch->count && status == LEDE_OK; batch->classified++) {
        struct batch_article *article = &batch->articles[batch->classified];

        if (snapshot)
            status = is_unchanged(writer, snapshot, article, &article->unchanged, err);
        if (status == LEDE_OK)
            status = note_article(writer, article, err);
    }
    snapshot_close(snapshot);
    return status;
}

static enum lede_status begin_segment(struct lede_writer *writer, struct lede_error *err)
{
    struct segment_options options = {
        .number = writer->manifest.next_segment,
        .positions = writer->settings.positions,
        .k1 = writer->manifest.k1,
        .b = writer->manifest.b,
    };

    if (assembly_is_open(&writer->assembly))
        return LEDE_OK;
    writer->manifest.next_segment++;
    return assembly_begin(&writer->assembly, &options, writer->settings.keep_text,
                          store_path(writer->store), &writer->outbox.sink, &writer->account, err);
}

static enum lede_status hand_over(struct lede_writer *writer, struct lede_error *err)
{
    enum lede_status status = begin_segment(writer, err);

    if (status != LEDE_OK)
        return status;
    writer->batch->number = writer->batches++;
    status = pipeline_submit(writer->pipeline, writer->batch, err);
    if (status != LEDE_OK)
        return status;
    writer->batch = NULL;
    return take_all(writer, false, err);
}

/* Sends the batch being filled on its way, and ends the segment if that fills it. */
static enum lede_status submit(struct lede_writer *writer, struct lede_error *err)
{
    enum lede_status status = classify(writer, err);

    if (status != LEDE_OK || !writer->batch)
        return status;
    if (!batch_is_kept(writer->batch)) {
        batch_clear(writer->batch);
        return LEDE_OK;
    }
    status = hand_over(writer, err);
    if (status == LEDE_OK &&
        (writer->documents >= SEGMENT_DOCUMENTS || writer->segment_bytes >= SEGMENT_BYTES)) {
        status = finish_segment(writer, err);
        if (status == LEDE_OK)
            status = outbox_flush(&writer->outbox, err);
    }
    return status;
}

/* Sees to it that writer->batch is NULL and that another may be made for size bytes. */
static enum lede_status make_way(struct lede_writer *writer, size_t size, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    bool taken;

    if (writer->batch && !batch_is_empty(writer->batch))
        status = submit(writer, err);
    if (writer->batch && status == LEDE_OK) { /* all of it was unchanged */
        pipeline_recycle(writer->pipeline, writer->batch);
        writer->batch = NULL;
    }
    while (status == LEDE_OK && !pipeline_has_room(writer->pipeline, size))
        status = take_one(writer, true, &taken, err);
    if (status != LEDE_OK || !pipeline_is_large(writer->pipeline, size))
        return status;
    return pipeline_relieve(writer->pipeline, err);
}

/* Sees to it that writer->batch has room for an article of size bytes; LEDE_LIMIT: it is too large,
 * and nothing else has changed. */
static enum lede_status make_room(struct lede_writer *writer, size_t size, struct lede_error *err)
{
    enum lede_status status;

    if (writer->batch && batch_has_room(writer->batch, size))
        return LEDE_OK;
    status = make_way(writer, size, err);
    if (status != LEDE_OK)
        return status;
    status = pipeline_batch(writer->pipeline, size, &writer->batch, err);
    if (status == LEDE_NO_MEMORY)
        return error_set(err, LEDE_LIMIT,
                         "an article of %zu bytes does not fit the memory limit; raise it", size);
    return status;
}

/* An article that takes most of the memory is seen through before anything else wants some. */
static enum lede_status see_through(struct lede_writer *writer, struct lede_error *err)
{
    enum lede_status status = submit(writer, err);

    return status == LEDE_OK ? take_all(writer, true, err) : status;
}

/* ---- the calls ---- */

static bool is_missing(struct lede_bytes bytes)
{
    return bytes.size > 0 && !bytes.data;
}

static enum lede_status check_id(struct lede_bytes id, struct lede_error *error)
{
    if (id.size == 0 || is_missing(id))
        return error_set(error, LEDE_INVALID, "an article has no id");
    if (id.size > LEDE_ID_MAX)
        return error_set(error, LEDE_INVALID, "an id has %zu bytes; at most %d are possible",
                         id.size, LEDE_ID_MAX);
    return LEDE_OK;
}

static enum lede_status check_article(const struct lede_article *article, struct lede_error *error)
{
    bool missing = is_missing(article->title) || is_missing(article->text) ||
                   is_missing(article->url) || is_missing(article->language) ||
                   is_missing(article->source) ||
                   (article->metadata_count > 0 && !article->metadata);

    for (size_t i = 0; !missing && i < article->metadata_count; i++)
        missing = is_missing(article->metadata[i].name) || is_missing(article->metadata[i].value);
    if (missing)
        return error_set(error, LEDE_INVALID, "an article has bytes without an address");
    if (article->date.precision < LEDE_DATE_NONE || article->date.precision > LEDE_SECOND ||
        article->date.seconds == COLUMN_MISSING || article->date_source < LEDE_DATE_FROM_NOWHERE ||
        article->date_source > LEDE_DATE_FROM_FILE)
        return error_set(error, LEDE_INVALID, "an article's date makes no sense");
    if (article->source.size > LEDE_SOURCE_MAX)
        return error_set(error, LEDE_LIMIT,
                         "a source's path has %zu bytes; at most %d are possible",
                         article->source.size, LEDE_SOURCE_MAX);
    if (article->source_offset > INT64_MAX || article->source_size > INT64_MAX)
        return error_set(error, LEDE_INVALID, "an article's source range makes no sense");
    return check_id(article->id, error);
}

static bool is_long(const struct lede_writer *writer, const struct lede_article *article)
{
    return writer->text.size > 0 || article->text.size >= LONG_TEXT_MIN;
}

/* The size of a batch for the article. What is not kept in a file is in memory four times on its
 * way: in the batch, as terms, as it is stored, and compressed. */
static enum lede_status size_of(const struct lede_writer *writer,
                                const struct lede_article *article, size_t *size,
                                struct lede_error *error)
{
    size_t most = writer->settings.memory / 4;
    enum lede_status status = batch_article_size(article, size, error);
    size_t beside = *size - (is_long(writer, article) ? article->text.size : 0);

    if (status != LEDE_OK || beside <= most)
        return status;
    return error_set(error, LEDE_LIMIT,
                     "an article of %zu bytes beside its text; the memory limit allows %zu", beside,
                     most);
}

/* Appends to the long text; LEDE_LIMIT if that is too long, and forgets it then. */
static enum lede_status append(struct lede_writer *writer, struct lede_bytes part,
                               struct lede_error *err)
{
    if (part.size > ARTICLE_SIZE_MAX - writer->text.size) {
        long_text_done(&writer->text);
        return error_set(err, LEDE_LIMIT, "an article has more than %d bytes; split it",
                         ARTICLE_SIZE_MAX);
    }
    return long_text_append(&writer->text, slice_from(part), err);
}

enum lede_status lede_writer_append(struct lede_writer *writer, struct lede_bytes part,
                                    struct lede_error *error)
{
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return broken(writer, error);
    if (is_missing(part))
        return error_set(error, LEDE_INVALID, "a part of a text has bytes without an address");
    status = append(writer, part, &inner);
    if (status == LEDE_OK || status == LEDE_LIMIT)
        return status == LEDE_OK ? LEDE_OK : error_set(error, status, "%s", inner.text);
    return break_writer(writer, status, &inner, error);
}

void lede_writer_forget(struct lede_writer *writer)
{
    long_text_done(&writer->text);
}

/* Adds an article whose text is long: in a batch of its own, which is seen through at once. */
static enum lede_status add_long(struct lede_writer *writer, const struct lede_article *article,
                                 struct lede_error *err)
{
    struct lede_article rest = *article;
    enum lede_status status = append(writer, article->text, err);
    size_t size = 0;

    rest.text = (struct lede_bytes){NULL, 0};
    if (status == LEDE_OK)
        status = batch_article_size(&rest, &size, err);
    if (status == LEDE_OK)
        status = make_way(writer, size, err);
    if (status == LEDE_OK)
        status = pipeline_batch(writer->pipeline, size, &writer->batch, err);
    if (status == LEDE_OK)
        status = batch_add(writer->batch, &rest, writer->settings.language, err);
    if (status != LEDE_OK)
        return status;
    writer->batch->text = &writer->text;
    writer->totals.text_bytes += article->title.size + writer->text.size;
    status = see_through(writer, err);
    if (writer->batch)
        batch_clear(writer->batch); /* unchanged */
    long_text_done(&writer->text);
    return status;
}

enum lede_status lede_writer_add(struct lede_writer *writer, const struct lede_article *article,
                                 struct lede_error *error)
{
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;
    size_t size = 0;

    if (writer->status != LEDE_OK)
        return broken(writer, error);
    status = check_article(article, error);
    if (status == LEDE_OK)
        status = size_of(writer, article, &size, error);
    if (status != LEDE_OK) {
        long_text_done(&writer->text); /* it is not the next article's */
        return status;
    }
    if (is_long(writer, article)) {
        status = add_long(writer, article, &inner);
        if (status == LEDE_LIMIT)
            return error_set(error, status, "%s", inner.text);
        return status == LEDE_OK ? LEDE_OK : break_writer(writer, status, &inner, error);
    }
    status = make_room(writer, size, &inner);
    if (status == LEDE_LIMIT)
        return error_set(error, status, "%s", inner.text);
    if (status == LEDE_OK)
        status = batch_add(writer->batch, article, writer->settings.language, &inner);
    if (status == LEDE_OK && pipeline_is_large(writer->pipeline, size))
        status = see_through(writer, &inner);
    if (status != LEDE_OK)
        return break_writer(writer, status, &inner, error);
    writer->totals.text_bytes += article->title.size + article->text.size;
    return LEDE_OK;
}

static enum lede_status check_source(const struct lede_source *source, struct lede_error *error)
{
    if (source->path.size == 0 || !source->path.data)
        return error_set(error, LEDE_INVALID, "a source has no path");
    if (source->path.size > LEDE_SOURCE_MAX)
        return error_set(error, LEDE_LIMIT,
                         "a source's path has %zu bytes; at most %d are possible",
                         source->path.size, LEDE_SOURCE_MAX);
    return LEDE_OK;
}

enum lede_status lede_writer_end_source(struct lede_writer *writer,
                                        const struct lede_source *source, struct lede_error *error)
{
    struct source_stamp stamp = {source->modified, source->size, source->reading};
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return broken(writer, error);
    status = check_source(source, error);
    if (status != LEDE_OK)
        return status;
    status = make_room(writer, source->path.size, &inner);
    if (status == LEDE_OK)
        status = batch_end_source(writer->batch, slice_from(source->path),
                                  source->complete ? &stamp : NULL, &inner);
    return status == LEDE_OK ? LEDE_OK : break_writer(writer, status, &inner, error);
}

/* LEDE_MISSING if no committed live document has this id. */
static enum lede_status find_committed(struct lede_writer *writer, struct slice id,
                                       struct lede_error *err)
{
    struct snapshot *snapshot;
    enum lede_status status;
    uint32_t segment;
    doc_id document;

    if (writer->committed == 0)
        return LEDE_MISSING;
    status = snapshot_of(writer->store, &snapshot, err);
    if (status != LEDE_OK)
        return status;
    status = snapshot_find_id(snapshot, id, &segment, &document, err);
    snapshot_close(snapshot);
    return status;
}

/* What this commit has added before under the id is removed too, also when LEDE_MISSING tells that
 * there was nothing before. */
enum lede_status lede_writer_remove(struct lede_writer *writer, struct lede_bytes id,
                                    struct lede_error *error)
{
    struct slice name = slice_from(id);
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status, found = LEDE_OK;

    if (writer->status != LEDE_OK)
        return broken(writer, error);
    status = check_id(id, error);
    if (status != LEDE_OK)
        return status;
    status = classify(writer, &inner);
    if (status == LEDE_OK)
        found = find_committed(writer, name, &inner);
    if (status == LEDE_OK && found != LEDE_OK && found != LEDE_MISSING)
        status = found;
    if (status == LEDE_OK)
        status = changes_removal(&writer->changes, name, &inner);
    if (status != LEDE_OK)
        return break_writer(writer, status, &inner, error);
    if (found == LEDE_MISSING)
        return error_set(error, LEDE_MISSING, "%s: there is no article with this id",
                         store_path(writer->store));
    return LEDE_OK;
}

/* ---- the flip ---- */

static enum lede_status flip(struct lede_writer *writer, const struct tombstones *tombstones,
                             const struct deletion_record *records, size_t count,
                             struct lede_error *err)
{
    for (size_t i = 0; tombstones && i < writer->manifest.segment_count; i++)
        writer->manifest.segments[i].deleted += tombstones->segments[i].added;
    writer->manifest.generation++;
    return store_flip(writer->store, &writer->manifest, records, count, err);
}

/* Where records of new segments are: in the store, or still waiting. */
struct fresh_records {
    const struct outbox *outbox;
    struct store_snapshot *snapshot;
};

static enum lede_status fresh_get(void *context, char table, struct slice key, struct slice *value,
                                  struct lede_error *err)
{
    const struct fresh_records *fresh = context;

    if (outbox_find(fresh->outbox, table, key, value))
        return LEDE_OK;
    return fresh->snapshot->records.get(fresh->snapshot->records.context, table, key, value, err);
}

static void fresh_read(void *context, size_t pages)
{
    const struct fresh_records *fresh = context;

    store_snapshot_read(fresh->snapshot, pages);
}

/* Finds out what the changes delete, and makes them visible. */
static enum lede_status resolve_and_flip(struct lede_writer *writer, struct change_totals *totals,
                                         struct lede_error *err)
{
    struct store_snapshot snapshot;
    struct fresh_records waiting = {&writer->outbox, &snapshot};
    struct record_source fresh = {&waiting, fresh_get, fresh_read};
    struct tombstones tombstones = {0};
    struct deletion_record *records = NULL;
    size_t count = 0;
    enum lede_status status = store_snapshot_begin(writer->store, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    status = tombstones_init(&tombstones, &snapshot, &writer->manifest, &writer->account, err);
    if (status == LEDE_OK)
        status = changes_resolve(&writer->changes, &writer->manifest, writer->committed, &snapshot,
                                 &fresh, &tombstones, totals, err);
    if (status == LEDE_OK)
        status = tombstones_records(&tombstones, &records, &count, err);
    store_snapshot_end(&snapshot); /* the flip may have to grow the map */
    if (status == LEDE_OK)
        status = outbox_put(&writer->outbox, err);
    if (status == LEDE_OK)
        status = flip(writer, &tombstones, records, count, err);
    if (status != LEDE_OK)
        store_write_abort(writer->store);
    free(records);
    tombstones_done(&tombstones);
    return status;
}

/* Merges segments, if there is something to merge, with the memory that the inverters had. */
static enum lede_status tidy(struct lede_writer *writer, struct lede_error *err)
{
    struct merge_range range;
    enum lede_status status;

    if (writer->no_merge || !merge_next(&writer->manifest, DOCS_MAX, &range))
        return LEDE_OK;
    outbox_done(&writer->outbox);
    status = pipeline_relieve(writer->pipeline, err);
    if (status == LEDE_OK)
        status = tiered_merge(writer->store, &writer->manifest, &writer->account, err);
    writer->committed = writer->manifest.segment_count;
    return status;
}

static enum lede_status commit(struct lede_writer *writer, struct lede_error *err)
{
    struct change_totals totals = {0};
    enum lede_status status = submit(writer, err);

    if (status == LEDE_OK)
        status = finish_segment(writer, err);
    if (status != LEDE_OK)
        return status;
    if (!changes_none(&writer->changes) || writer->manifest.segment_count > writer->committed)
        status = resolve_and_flip(writer, &totals, err);
    else if (writer->fresh || writer->settings.declared)
        status = flip(writer, NULL, NULL, 0, err);
    if (status != LEDE_OK)
        return status;
    writer->totals.added += totals.added;
    writer->totals.replaced += totals.replaced;
    writer->totals.removed += totals.removed;
    writer->totals.unchanged += writer->changes.unchanged;
    changes_reset(&writer->changes);
    writer->committed = writer->manifest.segment_count;
    writer->fresh = writer->settings.declared = false;
    return tidy(writer, err);
}

enum lede_status lede_writer_commit(struct lede_writer *writer, struct lede_error *error)
{
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return broken(writer, error);
    status = commit(writer, &inner);
    return status == LEDE_OK ? LEDE_OK : break_writer(writer, status, &inner, error);
}
