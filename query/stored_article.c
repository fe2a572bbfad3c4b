#include <stdlib.h>

#include "base/error.h"
#include "base/lede_bytes.h"
#include "lede.h"
#include "opened.h"

struct lede_stored {
    struct lede_article article;
    struct buffer name, source, raw, fields;
    struct lede_field *metadata;
    bool text_kept;
    struct lede_hit place; /* without id */
};

/* ---- columns ---- */

static enum lede_status read_number(const struct segment *segment, enum column column,
                                    doc_id document, int64_t otherwise, int64_t *value,
                                    struct lede_error *err)
{
    enum lede_status status = column_get(&segment->columns, column, document, value, err);

    if (status == LEDE_OK && *value == COLUMN_MISSING)
        *value = otherwise;
    return status;
}

static enum lede_status read_date(const struct segment *segment, doc_id document,
                                  struct lede_article *article, struct lede_error *err)
{
    int64_t seconds = 0, kind = 0;
    enum lede_status status = read_number(segment, COLUMN_DATE, document, 0, &seconds, err);

    if (status == LEDE_OK)
        status = read_number(segment, COLUMN_DATE_KIND, document, 0, &kind, err);
    if (status != LEDE_OK || (kind & 7) > LEDE_SECOND)
        return status;
    article->date = (struct lede_date){seconds, (enum lede_precision)(kind & 7)};
    if (kind >> 3 >= 0 && kind >> 3 <= LEDE_DATE_FROM_FILE)
        article->date_source = (enum lede_date_source)(kind >> 3);
    return LEDE_OK;
}

static enum lede_status read_byte_range(const struct segment *segment, doc_id document,
                                        struct lede_article *article, struct lede_error *err)
{
    int64_t offset, size;
    enum lede_status status = read_number(segment, COLUMN_SOURCE_OFFSET, document, 0, &offset, err);

    if (status == LEDE_OK)
        status = read_number(segment, COLUMN_SOURCE_SIZE, document, 0, &size, err);
    if (status != LEDE_OK)
        return status;
    article->source_offset = (uint64_t)offset;
    article->source_size = (uint64_t)size;
    return LEDE_OK;
}

static enum lede_status read_source(struct segment *segment, doc_id document,
                                    struct lede_stored *stored, struct lede_error *err)
{
    struct source_file file;
    enum lede_status status = segment_source(segment, document, &stored->source, &file, err);

    if (status == LEDE_OK)
        stored->article.source = bytes_of(file.path);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* ---- the record ---- */

static enum lede_status take_record(struct lede_stored *stored, const struct stored_article *record,
                                    struct lede_error *err)
{
    struct lede_article *article = &stored->article;

    article->title = bytes_of(record->title);
    article->text = bytes_of(record->text);
    article->url = bytes_of(record->url);
    article->language = bytes_of(record->language);
    stored->text_kept = record->text_kept;
    stored->metadata = calloc(record->metadata_count + 1, sizeof *stored->metadata);
    if (!stored->metadata)
        return error_no_memory(err);
    for (size_t i = 0; i < record->metadata_count; i++)
        stored->metadata[i] = (struct lede_field){bytes_of(record->metadata[i].name),
                                                  bytes_of(record->metadata[i].value)};
    article->metadata = stored->metadata;
    article->metadata_count = record->metadata_count;
    return LEDE_OK;
}

/* The block that an article began in: who reads all of them finds the next one there. */
struct block {
    struct stored_reader reader; /* what it says of the block; no context */
    uint8_t bytes[STORED_BLOCK_MAX];
};

/* Gives the reader the block, if the record at location begins in it. */
static void block_give(const struct block *block, const struct stream *articles, int64_t location,
                       struct stored_reader *reader, struct buffer *raw)
{
    void *context = reader->context;

    if (!block->reader.is_kept || block->reader.stream != articles ||
        (int64_t)block->reader.block != location >> STORED_PLACE_BITS)
        return;
    buffer_put(raw, block->bytes, block->reader.size);
    if (raw->failed)
        return;
    *reader = block->reader;
    reader->context = context;
}

/* Takes the block that the reader left at the beginning of raw, if it is another one. */
static void block_take(struct block *block, const struct stored_reader *reader,
                       const struct buffer *raw)
{
    if (!reader->is_kept || (block->reader.is_kept && block->reader.stream == reader->stream &&
                             block->reader.block == reader->block))
        return;
    block->reader = *reader;
    block->reader.context = NULL;
    memcpy(block->bytes, raw->data, reader->size);
}

/* Unpacks by what other articles left: making the decompressor takes longer than most articles, and
 * so does the block of a short one. Heads are of hits, which are seldom side by side. */
static enum lede_status unpack(struct lede_index *index, struct segment *segment, int64_t location,
                               bool head, struct lede_stored *stored, struct stored_article *record,
                               struct lede_error *err)
{
    struct stored_reader reader = {.context = opened_take_idle(index, &index->unpackers),
                                   .keeps = true};
    struct stream *articles = &segment->streams[STREAM_ARTICLES];
    struct block *block = head ? NULL : opened_take_idle(index, &index->blocks);
    enum lede_status status;

    if (!head && !block)
        block = calloc(1, sizeof *block); /* NULL: without */
    if (block)
        block_give(block, articles, location, &reader, &stored->raw);
    status = stored_reader_get(&reader, articles, location, !head, ARTICLE_LIMIT, &stored->raw,
                               &stored->fields, record, err);
    if (block && status == LEDE_OK)
        block_take(block, &reader, &stored->raw);
    if (block && !opened_keep_idle(index, &index->blocks, block))
        free(block);
    if (reader.context && !opened_keep_idle(index, &index->unpackers, reader.context))
        stored_reader_done(&reader);
    return status;
}

static enum lede_status read_record(struct lede_index *index, struct segment *segment,
                                    doc_id document, bool head, struct lede_stored *stored,
                                    struct lede_error *err)
{
    struct stored_article record;
    int64_t location;
    enum lede_status status =
        column_get(&segment->columns, COLUMN_ARTICLE, document, &location, err);

    if (status != LEDE_OK)
        return status;
    if (location < 0)
        return error_set(err, LEDE_CORRUPT,
                         "segment %u: document %u has no stored article; run lede-index verify",
                         segment->info->number, document);
    status = unpack(index, segment, location, head, stored, &record, err);
    return status == LEDE_OK ? take_record(stored, &record, err) : status;
}

/* All that is read into stored, which is the caller's to free. */
static enum lede_status read_parts(struct lede_index *index, struct segment *segment,
                                   const struct lede_hit *hit, bool head,
                                   struct lede_stored *stored, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (head && hit->id.size > 0)
        buffer_put(&stored->name, hit->id.data, hit->id.size);
    else
        status = segment_name(segment, hit->document, &stored->name, err);
    if (status == LEDE_OK && stored->name.failed)
        status = error_no_memory(err);
    if (status == LEDE_OK)
        status = read_date(segment, hit->document, &stored->article, err);
    if (status == LEDE_OK && !head)
        status = read_byte_range(segment, hit->document, &stored->article, err);
    if (status == LEDE_OK)
        status = read_source(segment, hit->document, stored, err);
    if (status == LEDE_OK)
        status = read_record(index, segment, hit->document, head, stored, err);
    stored->article.id = bytes_of(buffer_bytes(&stored->name));
    return status;
}

static enum lede_status get_stored(struct lede_index *index, const struct lede_hit *hit, bool head,
                                   struct lede_stored **out, struct lede_error *err)
{
    struct lede_stored *stored;
    uint32_t number;
    enum lede_status status = opened_find_hit(index, hit, &number, err);

    if (status != LEDE_OK)
        return status;
    stored = calloc(1, sizeof *stored);
    if (!stored)
        return error_no_memory(err);
    buffer_init(&stored->name, NULL);
    buffer_init(&stored->source, NULL);
    buffer_init(&stored->raw, NULL);
    buffer_init(&stored->fields, NULL);
    stored->place =
        (struct lede_hit){.index = hit->index, .segment = hit->segment, .document = hit->document};
    status = read_parts(index, index->segments[number].segment, hit, head, stored, err);
    if (status != LEDE_OK) {
        lede_stored_free(stored);
        return status;
    }
    *out = stored;
    return LEDE_OK;
}

/* ---- public ---- */

enum lede_status lede_stored_get(struct lede_index *index, const struct lede_hit *hit,
                                 struct lede_stored **stored, struct lede_error *err)
{
    return get_stored(index, hit, false, stored, err);
}

enum lede_status lede_stored_head(struct lede_index *index, const struct lede_hit *hit,
                                  struct lede_stored **stored, struct lede_error *err)
{
    return get_stored(index, hit, true, stored, err);
}

enum lede_status lede_stored_find(struct lede_index *index, struct lede_bytes id,
                                  struct lede_stored **stored, struct lede_error *err)
{
    struct slice wanted = slice_from(id);

    for (size_t i = index->snapshot_count; i-- > 0;) {
        struct lede_hit hit = {.index = (uint32_t)i};
        enum lede_status status =
            snapshot_find_id(index->snapshots[i], wanted, &hit.segment, &hit.document, err);

        if (status == LEDE_OK)
            return lede_stored_get(index, &hit, stored, err);
        if (status != LEDE_MISSING)
            return status;
    }
    return error_set(err, LEDE_MISSING, "no article with this id");
}

const struct lede_article *lede_stored_article(const struct lede_stored *stored)
{
    return &stored->article;
}

bool lede_stored_text_kept(const struct lede_stored *stored)
{
    return stored->text_kept;
}

struct lede_hit lede_stored_hit(const struct lede_stored *stored)
{
    struct lede_hit hit = stored->place;

    hit.id = stored->article.id;
    return hit;
}

void lede_stored_free(struct lede_stored *stored)
{
    if (!stored)
        return;
    buffer_done(&stored->name);
    buffer_done(&stored->source);
    buffer_done(&stored->raw);
    buffer_done(&stored->fields);
    free(stored->metadata);
    free(stored);
}
