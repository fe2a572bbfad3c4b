#include "index/segment.h"

#include <assert.h>
#include <stdlib.h>

#include "index/bundle.h"

/* ---- deletions ---- */

enum { CHUNK_WINDOWS = DELETION_CHUNK / WINDOW_DOCS };

/* Looked up all at once, when one is first asked for: a record that damage made vanish shows only
 * in their sum. A thousand cost a millisecond. */
struct deletion_chunks {
    uint32_t count;
    _Atomic bool is_ready;
    _Atomic(const uint8_t *) values[]; /* records in the map; NULL: nothing deleted there */
};

static enum lede_status damaged(const struct segment_info *info, const char *what,
                                struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT, "index damaged: segment %u: %s; run lede-index verify",
                     info->number, what);
}

static enum lede_status deletions_new(struct segment *segment, struct lede_error *err)
{
    uint32_t count = (segment->info->documents + DELETION_CHUNK - 1) / DELETION_CHUNK;

    if (segment->info->deleted == 0)
        return LEDE_OK;
    segment->deletions =
        calloc(1, sizeof *segment->deletions + count * sizeof *segment->deletions->values);
    if (!segment->deletions)
        return error_no_memory(err);
    segment->deletions->count = count;
    return LEDE_OK;
}

static enum lede_status chunk_find(struct segment *segment, uint32_t chunk, uint64_t *deleted,
                                   struct lede_error *err)
{
    const struct segment_info *info = segment->info;
    uint8_t key[DELETION_KEY_SIZE];
    struct slice found;
    enum lede_status status;

    deletion_key(key, info->number, chunk);
    status = store_get(&segment->snapshot->records, TABLE_DELETED, slice_of(key, sizeof key),
                       &found, err);
    if (status == LEDE_OK)
        status = deletion_check(found, deletion_size(info, chunk), info->number, chunk, err);
    if (status != LEDE_OK)
        return status == LEDE_MISSING ? LEDE_OK : status;
    *deleted += load_le32(found.data + 4);
    atomic_store_explicit(&segment->deletions->values[chunk], found.data, memory_order_relaxed);
    return LEDE_OK;
}

/* Two threads that find them unready both look them up, and find the same. */
static enum lede_status deletions_find(struct segment *segment, struct lede_error *err)
{
    uint64_t deleted = 0;

    if (atomic_load_explicit(&segment->deletions->is_ready, memory_order_acquire))
        return LEDE_OK;
    for (uint32_t chunk = 0; chunk < segment->deletions->count; chunk++) {
        enum lede_status status = chunk_find(segment, chunk, &deleted, err);

        if (status != LEDE_OK)
            return status;
    }
    if (deleted != segment->info->deleted)
        return damaged(segment->info, "its deletions are not as many as they were", err);
    atomic_store_explicit(&segment->deletions->is_ready, true, memory_order_release);
    return LEDE_OK;
}

/* The record of a chunk or NULL, once deletions_find succeeded. */
static const uint8_t *chunk_at(const struct segment *segment, uint32_t chunk)
{
    return atomic_load_explicit(&segment->deletions->values[chunk], memory_order_relaxed);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < size; i += 8)
        sum |= load_le64(bytes + i);
    return sum == 0;
}

enum lede_status segment_deletions(struct segment *segment, uint32_t window, const uint8_t **bits,
                                   struct lede_error *err)
{
    const uint8_t *value;
    enum lede_status status;

    assert(window < segment_window_count(segment));
    *bits = NULL;
    if (!segment->deletions)
        return LEDE_OK;
    status = deletions_find(segment, err);
    if (status != LEDE_OK)
        return status;
    value = chunk_at(segment, window / CHUNK_WINDOWS);
    if (!value)
        return LEDE_OK;
    value += DELETION_HEADER + (size_t)(window % CHUNK_WINDOWS) * (WINDOW_DOCS / 8);
    if (!is_zero(value, WINDOW_DOCS / 8))
        *bits = value;
    return LEDE_OK;
}

enum lede_status segment_is_deleted(struct segment *segment, doc_id document, bool *deleted,
                                    struct lede_error *err)
{
    const uint8_t *value;
    enum lede_status status;

    assert(document < segment->info->documents);
    *deleted = false;
    if (!segment->deletions)
        return LEDE_OK;
    status = deletions_find(segment, err);
    if (status != LEDE_OK)
        return status;
    value = chunk_at(segment, document / DELETION_CHUNK);
    *deleted = value && deletion_has(value, document);
    return LEDE_OK;
}

/* ---- opening ---- */

/* That sizes which follow from the number of documents are so, and that no stream claims more
 * extents than the file has pages: opening allocates a little for each. */
static enum lede_status check_sizes(const struct segment_info *info, uint64_t pages,
                                    struct lede_error *err)
{
    uint32_t documents = info->documents, last = documents > 0 ? (documents - 1) / WINDOW_DOCS : 0;
    uint64_t norms = 0, windows = 0;

    if (documents > 0) {
        norms = norm_window_offset(last) + (documents - (uint64_t)last * WINDOW_DOCS);
        windows = column_record_offset(last) + COLUMN_RECORD;
    }
    if (info->stream_sizes[STREAM_NORMS] != norms)
        return damaged(info, "it has not a length for each document", err);
    if (info->stream_sizes[STREAM_WINDOWS] != windows)
        return damaged(info, "it has not columns for each document", err);
    if (info->stream_sizes[STREAM_IDS] != id_map_size(documents))
        return damaged(info, "it has not an id for each document", err);
    if (info->dictionary_pages > pages)
        return damaged(info, "it claims more pages than there are", err);
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        if (info->stream_sizes[kind] / EXTENT_CAPACITY > pages)
            return damaged(info, "it claims more extents than there are", err);
    return LEDE_OK;
}

static enum lede_status segment_open(struct snapshot *snapshot, const struct segment_info *info,
                                     uint64_t pages, struct segment *segment,
                                     struct lede_error *err)
{
    const struct manifest *manifest = &snapshot->manifest;
    struct stream *streams = segment->streams;
    enum lede_status status = check_sizes(info, pages, err);

    segment->info = info;
    segment->snapshot = snapshot;
    for (int kind = 0; kind < STREAM_COUNT && status == LEDE_OK; kind++)
        status = segment_stream_init(&streams[kind], info, (enum stream_kind)kind,
                                     &snapshot->records.records, err);
    if (status == LEDE_OK)
        status = deletions_new(segment, err);
    if (status != LEDE_OK)
        return status;
    segment->postings = (struct posting_source){
        &streams[STREAM_SKIP], &streams[STREAM_POSTINGS],
        manifest->flags & MANIFEST_NO_POSITIONS ? NULL : &streams[STREAM_POSITIONS],
        info->documents};
    segment->columns =
        (struct column_source){&streams[STREAM_COLUMNS], &streams[STREAM_WINDOWS], info->documents};
    bound_model_init(&segment->model, manifest->k1, manifest->b, info->average);
    return LEDE_OK;
}

static void segment_close(struct segment *segment)
{
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        stream_done(&segment->streams[kind]);
    free(segment->deletions);
}

static enum lede_status page_seek(void *context, struct slice key, struct slice *found_key,
                                  struct slice *value, struct lede_error *err)
{
    struct snapshot *snapshot = context;

    return store_seek(&snapshot->records, TABLE_DICT, key, found_key, value, err);
}

/* Memory is asked for as they are opened. */
static enum lede_status check_pieces(const struct manifest *manifest, uint64_t pages,
                                     struct lede_error *err)
{
    uint64_t pieces = 0;

    for (size_t i = 0; i < manifest->segment_count; i++) {
        pieces += bundle_pieces(&manifest->segments[i]);
        if (pieces > pages)
            return damaged(&manifest->segments[i], "its small streams claim pages that are not",
                           err);
    }
    return LEDE_OK;
}

static enum lede_status segments_open(struct snapshot *snapshot, struct lede_error *err)
{
    uint64_t pages = store_size(snapshot->store) / PAGE_SIZE;
    size_t count = snapshot->manifest.segment_count;
    enum lede_status status = check_pieces(&snapshot->manifest, pages, err);

    if (count == 0 || status != LEDE_OK)
        return status;
    snapshot->segments = calloc(count, sizeof *snapshot->segments);
    if (!snapshot->segments)
        return error_no_memory(err);
    while (snapshot->segment_count < count && status == LEDE_OK) {
        size_t place = snapshot->segment_count++;

        status = segment_open(snapshot, &snapshot->manifest.segments[place], pages,
                              &snapshot->segments[place], err);
    }
    return status;
}

static enum lede_status snapshot_new(struct store *store, bool owns_store, struct snapshot **out,
                                     struct lede_error *err)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    enum lede_status status;

    if (!snapshot) {
        if (owns_store)
            store_close(store);
        return error_no_memory(err);
    }
    snapshot->store = store;
    snapshot->owns_store = owns_store;
    snapshot->pages = (struct page_source){snapshot, page_seek, &snapshot->memory};
    manifest_init(&snapshot->manifest);
    status = store_snapshot_begin(store, &snapshot->records, err);
    if (status == LEDE_OK)
        status = store_manifest(&snapshot->records, &snapshot->manifest, err);
    if (status == LEDE_OK)
        status = segments_open(snapshot, err);
    if (status == LEDE_CORRUPT && store_snapshot_overtaken(&snapshot->records))
        status = error_set(err, LEDE_BUSY,
                           "%s: a writer committed while the index was opened, and readers cannot "
                           "be registered there; try again",
                           store_path(store));
    if (status != LEDE_OK) {
        snapshot_close(snapshot);
        return status;
    }
    *out = snapshot;
    return LEDE_OK;
}

enum lede_status snapshot_open(const char *path, struct snapshot **out, struct lede_error *err)
{
    struct store *store;
    enum lede_status status = store_open(path, &store, err);

    return status == LEDE_OK ? snapshot_new(store, true, out, err) : status;
}

enum lede_status snapshot_of(struct store *store, struct snapshot **out, struct lede_error *err)
{
    return snapshot_new(store, false, out, err);
}

void snapshot_close(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (size_t i = 0; i < snapshot->segment_count; i++)
        segment_close(&snapshot->segments[i]);
    free(snapshot->segments);
    manifest_done(&snapshot->manifest);
    store_snapshot_end(&snapshot->records);
    if (snapshot->owns_store)
        store_close(snapshot->store);
    free(snapshot);
}

void snapshot_relieve(struct snapshot *snapshot)
{
    if (!record_source_is_full(&snapshot->records.records))
        return;
    for (size_t i = 0; i < snapshot->segment_count; i++)
        for (int kind = 0; kind < STREAM_COUNT; kind++)
            stream_forget(&snapshot->segments[i].streams[kind]);
}

/* ---- reading ---- */

enum lede_status segment_find(struct segment *segment, struct slice term, struct term_info *info,
                              struct lede_error *err)
{
    return dictionary_find(&segment->snapshot->pages, segment->info->number, term, info, err);
}

const uint8_t *segment_norms(struct segment *segment, uint32_t window, struct lede_error *err)
{
    assert(window < segment_window_count(segment));
    return stream_at(&segment->streams[STREAM_NORMS], norm_window_offset(window),
                     segment_window_docs(segment, window), err);
}

enum lede_status segment_name(struct segment *segment, doc_id document, struct buffer *out,
                              struct lede_error *err)
{
    return name_get(&segment->streams[STREAM_NAMES], &segment->columns, document, out, err);
}

enum lede_status segment_source(struct segment *segment, doc_id document, struct buffer *path,
                                struct source_file *file, struct lede_error *err)
{
    int64_t number;
    enum lede_status status = column_get(&segment->columns, COLUMN_SOURCE, document, &number, err);

    if (status != LEDE_OK)
        return status;
    if (number == COLUMN_MISSING)
        return LEDE_MISSING;
    if (number < 0 || number > UINT32_MAX)
        return damaged(segment->info, "an article is from no source file that there is", err);
    return source_file_get(&segment->streams[STREAM_SOURCES], (uint32_t)number, path, file, err);
}

/* ---- external ids ---- */

struct id_search {
    struct segment *segment;
    struct slice id;
    struct buffer name;
    enum lede_status status; /* LEDE_MISSING until found */
    doc_id document;
    struct lede_error *err;
};

/* A document whose id has the key: is it the one, and live? */
static bool id_confirm(void *context, doc_id document)
{
    struct id_search *search = context;
    bool deleted = false;
    enum lede_status status = segment_name(search->segment, document, &search->name, search->err);

    if (status == LEDE_OK && !slice_equal(buffer_bytes(&search->name), search->id))
        return true;
    if (status == LEDE_OK)
        status = segment_is_deleted(search->segment, document, &deleted, search->err);
    if (status == LEDE_OK && deleted)
        return true;
    search->status = status;
    search->document = document;
    return false;
}

enum lede_status segment_find_id(struct segment *segment, struct slice id, doc_id *document,
                                 struct lede_error *err)
{
    struct id_search search = {.segment = segment, .id = id, .status = LEDE_MISSING, .err = err};
    enum lede_status status;

    buffer_init(&search.name, NULL);
    status = id_map_find(&segment->streams[STREAM_IDS], segment->info->documents,
                         id_key(id_hash(id)), id_confirm, &search, err);
    buffer_done(&search.name);
    if (status != LEDE_OK)
        return status;
    if (search.status == LEDE_OK)
        *document = search.document;
    return search.status;
}

enum lede_status snapshot_find_id(struct snapshot *snapshot, struct slice id, uint32_t *segment,
                                  doc_id *document, struct lede_error *err)
{
    enum lede_status status = LEDE_MISSING;

    for (size_t place = snapshot->segment_count; place-- > 0 && status == LEDE_MISSING;) {
        status = segment_find_id(&snapshot->segments[place], id, document, err);
        if (status == LEDE_OK)
            *segment = (uint32_t)place;
    }
    return status;
}
