#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"
#include "index/segment_writer_internal.h"

/* ---- making it ---- */

enum lede_status segment_writer_documents_new(struct segment_writer *writer)
{
    struct stream_writer *streams = writer->streams;
    enum lede_status status =
        name_writer_new(&streams[STREAM_NAMES], writer->account, &writer->names, &writer->error);

    if (status == LEDE_OK)
        status = column_writer_new(&streams[STREAM_COLUMNS], &streams[STREAM_WINDOWS],
                                   writer->account, &writer->columns, &writer->error);
    if (status == LEDE_OK)
        status = source_file_writer_new(&streams[STREAM_SOURCES], writer->account, &writer->sources,
                                        &writer->error);
    return status;
}

static void run_forget(struct segment_writer *writer)
{
    free(writer->run_offsets);
    account_release(writer->account, writer->run_blocks * sizeof *writer->run_offsets);
    writer->run_offsets = NULL;
    writer->run_blocks = 0;
}

void segment_writer_documents_free(struct segment_writer *writer)
{
    name_writer_free(writer->names);
    column_writer_free(writer->columns);
    source_file_writer_free(writer->sources);
    writer->names = NULL;
    writer->columns = NULL;
    array_free(writer->ids, writer->id_capacity, sizeof *writer->ids, writer->account);
    writer->ids = NULL;
    writer->id_capacity = 0;
    writer->sources = NULL;
    run_forget(writer);
}

/* ---- source files ---- */

enum lede_status segment_writer_source(struct segment_writer *writer, struct slice path,
                                       uint32_t *number, struct lede_error *err)
{
    assert(!writer->is_sealed);
    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    return segment_writer_keep(
        writer, source_file_writer_add(writer->sources, path, number, &writer->error), err);
}

void segment_writer_source_complete(struct segment_writer *writer, const struct source_stamp *stamp)
{
    if (writer->status == LEDE_OK)
        source_file_writer_complete(writer->sources, stamp);
}

/* ---- documents ---- */

static enum lede_status run_write(struct segment_writer *writer, const struct stored_run *run)
{
    size_t blocks = run->sizes.size / sizeof(uint32_t);

    run_forget(writer);
    if (!account_charge(writer->account, blocks * sizeof *writer->run_offsets))
        return error_no_memory(&writer->error);
    writer->run_blocks = blocks;
    writer->run_offsets = malloc((blocks + !blocks) * sizeof *writer->run_offsets);
    if (!writer->run_offsets)
        return error_no_memory(&writer->error);
    writer->has_run = true;
    return stored_run_write(run, &writer->streams[STREAM_ARTICLES], writer->run_offsets,
                            &writer->error);
}

enum lede_status segment_writer_stored(struct segment_writer *writer, const struct stored_run *run,
                                       struct lede_error *err)
{
    assert(!writer->is_sealed);
    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    return segment_writer_keep(writer, run_write(writer, run), err);
}

/* Writes the names of the group and gives its documents, which waited for where they would stand,
 * to the columns. */
static enum lede_status group_flush(struct segment_writer *writer)
{
    enum lede_status status = LEDE_OK;
    uint64_t offset;

    if (writer->group_count == 0)
        return LEDE_OK;
    status = name_writer_flush(writer->names, &offset, &writer->error);
    for (unsigned i = 0; i < writer->group_count && status == LEDE_OK; i++) {
        writer->group[i][COLUMN_NAMES] = (int64_t)offset;
        status = column_writer_add(writer->columns, writer->group[i], &writer->error);
    }
    writer->group_count = 0;
    return status;
}

/* Its columns, those that the writer sets included, go to the group. */
static enum lede_status take_columns(struct segment_writer *writer, const struct document *document)
{
    int64_t *columns = writer->group[writer->group_count], language, source;

    memcpy(columns, document->columns, sizeof writer->group[0]);
    columns[COLUMN_TOKENS] = document->length;
    columns[COLUMN_ARTICLE] = COLUMN_MISSING;
    if (writer->has_run && document->stored.block >= writer->run_blocks)
        return error_set(&writer->error, LEDE_INVALID, "a stored article is in no block");
    if (writer->has_run)
        columns[COLUMN_ARTICLE] =
            stored_location(writer->run_offsets[document->stored.block], document->stored.place);
    source = columns[COLUMN_SOURCE];
    if (source != COLUMN_MISSING &&
        (source < 0 || source >= source_file_writer_count(writer->sources)))
        return error_set(&writer->error, LEDE_INVALID, "there is no source file %lld",
                         (long long)source);
    language = columns[COLUMN_LANGUAGE];
    if (language == COLUMN_MISSING)
        return LEDE_OK;
    if (language < 0 || language >= LANGUAGES_MAX)
        return error_set(&writer->error, LEDE_INVALID, "there is no language %lld",
                         (long long)language);
    writer->info.languages[language]++;
    return LEDE_OK;
}

static void count_length(struct segment_info *info, uint32_t length, uint8_t code)
{
    if (length == 0)
        return;
    info->shortest = info->counted == 0 || code < info->shortest ? code : info->shortest;
    info->longest = code > info->longest ? code : info->longest;
    info->counted++;
    info->tokens += length;
}

static enum lede_status take_document(struct segment_writer *writer,
                                      const struct document *document)
{
    size_t place = writer->info.documents;
    uint8_t code = norm_encode(document->length);
    enum lede_status status;

    if (place >= DOCS_MAX)
        return error_set(&writer->error, LEDE_LIMIT, "a segment has at most %d documents",
                         DOCS_MAX);
    if ((place == writer->norm_capacity &&
         !array_grow((void **)&writer->norms, &writer->norm_capacity, sizeof *writer->norms,
                     writer->account)) ||
        (place == writer->id_capacity && !array_grow((void **)&writer->ids, &writer->id_capacity,
                                                     sizeof *writer->ids, writer->account)))
        return error_no_memory(&writer->error);
    status = name_writer_add(writer->names, document->id, &writer->error);
    if (status == LEDE_OK)
        status = take_columns(writer, document);
    if (status != LEDE_OK)
        return status;
    writer->norms[place] = code;
    writer->ids[place] = (struct id_entry){id_key(id_hash(document->id)), (doc_id)place};
    count_length(&writer->info, document->length, code);
    writer->info.documents++;
    return ++writer->group_count == NAME_GROUP ? group_flush(writer) : LEDE_OK;
}

enum lede_status segment_writer_document(struct segment_writer *writer,
                                         const struct document *document, struct lede_error *err)
{
    assert(!writer->is_sealed);
    if (writer->status != LEDE_OK)
        return segment_writer_keep(writer, LEDE_OK, err);
    return segment_writer_keep(writer, take_document(writer, document), err);
}

doc_id segment_writer_documents(const struct segment_writer *writer)
{
    return writer->info.documents;
}

/* ---- groups of duplicates ---- */

void segment_writer_late_groups(struct segment_writer *writer, struct group_source source)
{
    assert(writer->info.documents == 0);
    writer->groups = source;
    column_writer_late_groups(writer->columns);
}

const uint8_t *segment_writer_norms(const struct segment_writer *writer)
{
    return writer->norms;
}

static enum lede_status groups_write(struct segment_writer *writer)
{
    doc_id documents = writer->info.documents;
    enum lede_status status = column_writer_end(writer->columns, &writer->error);

    for (doc_id first = 0; first < documents && status == LEDE_OK; first += WINDOW_DOCS) {
        uint32_t count = documents - first < WINDOW_DOCS ? documents - first : WINDOW_DOCS;
        int64_t groups[WINDOW_DOCS];

        for (uint32_t i = 0; i < count; i++)
            groups[i] = COLUMN_MISSING;
        status =
            writer->groups.window(writer->groups.context, first, count, groups, &writer->error);
        if (status == LEDE_OK)
            status = column_writer_groups(writer->columns, groups, count, &writer->error);
    }
    return status;
}

/* ---- the end ---- */

/* The codes, window by window: norm_window_offset is where readers look for them. */
static enum lede_status norms_write(struct segment_writer *writer)
{
    struct stream_writer *stream = &writer->streams[STREAM_NORMS];
    size_t documents = writer->info.documents;

    for (size_t first = 0; first < documents; first += WINDOW_DOCS) {
        size_t count = documents - first < WINDOW_DOCS ? documents - first : WINDOW_DOCS;
        uint64_t offset;
        uint8_t *room = stream_writer_reserve(stream, count, WINDOW_DOCS, &offset);

        if (!room)
            break;
        assert(offset == norm_window_offset((uint32_t)(first / WINDOW_DOCS)));
        memcpy(room, writer->norms + first, count);
    }
    return stream_writer_status(stream, &writer->error);
}

static enum lede_status document_streams_end(struct segment_writer *writer)
{
    static const enum stream_kind KINDS[] = {STREAM_NORMS,    STREAM_NAMES,   STREAM_IDS,
                                             STREAM_ARTICLES, STREAM_COLUMNS, STREAM_WINDOWS,
                                             STREAM_SOURCES};
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS && status == LEDE_OK; i++)
        status = segment_writer_stream_end(writer, KINDS[i]);
    return status;
}

enum lede_status segment_writer_documents_end(struct segment_writer *writer)
{
    enum lede_status status = group_flush(writer);

    if (status == LEDE_OK && writer->groups.window)
        status = groups_write(writer);
    if (status == LEDE_OK)
        status = column_writer_finish(writer->columns, &writer->error);
    if (status == LEDE_OK)
        status = source_file_writer_finish(writer->sources, &writer->error);
    if (status == LEDE_OK)
        status = norms_write(writer);
    if (status == LEDE_OK)
        status = id_map_write(&writer->streams[STREAM_IDS], writer->ids, writer->info.documents,
                              &writer->error);
    if (status == LEDE_OK)
        status = document_streams_end(writer);
    return status;
}
