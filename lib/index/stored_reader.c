#include <zstd.h>

#include "index/stored.h"

/* A record being read: its blocks are fetched as they are needed, one behind the other in raw. */
struct record {
    struct stored_reader *reader;
    struct stream *articles;
    struct buffer *raw, *fields;
    size_t at;        /* in raw: what is read next */
    size_t limit;     /* bytes of raw and fields */
    uint64_t next;    /* offset of the block behind */
    size_t last_size; /* raw bytes of the last block fetched; 0: none yet */
    struct lede_error *err;
};

static enum lede_status damaged(const struct record *record, const char *what)
{
    return error_set(record->err, LEDE_CORRUPT,
                     "index damaged: articles of segment %u: %s; run lede-index verify",
                     record->articles->segment, what);
}

static enum lede_status too_long(const struct record *record)
{
    return error_set(record->err, LEDE_LIMIT,
                     "a stored article is longer than the %zu bytes allowed", record->limit);
}

/* Unpacks a frame that has to fill frame_size bytes and to give exactly size bytes at out. The
 * magic number keeps zstd's decoders of older formats out. */
static bool unpack(struct stored_reader *reader, const uint8_t *frame, size_t frame_size,
                   uint8_t *out, size_t size)
{
    return frame_size >= 4 && load_le32(frame) == ZSTD_MAGICNUMBER &&
           ZSTD_getFrameContentSize(frame, frame_size) == size &&
           ZSTD_findFrameCompressedSize(frame, frame_size) == frame_size &&
           ZSTD_decompressDCtx(reader->context, out, size, frame, frame_size) == size;
}

/* Appends the raw bytes of the next block. */
static enum lede_status block_fetch(struct record *record)
{
    const uint8_t *header = stream_at(record->articles, record->next, STORED_HEADER, record->err);
    const uint8_t *bytes;
    uint8_t *room;
    uint32_t size, stored;

    if (!header)
        return LEDE_CORRUPT;
    size = load_le32(header);
    stored = load_le32(header + 4);
    if (size == 0 || size > STORED_BLOCK_MAX || stored == 0 || stored > size)
        return damaged(record, "a block with a bad header");
    if (record->raw->size + record->fields->size + size > record->limit)
        return too_long(record);
    bytes = stream_at(record->articles, record->next + STORED_HEADER, stored, record->err);
    if (!bytes)
        return LEDE_CORRUPT;
    room = buffer_room(record->raw, size);
    if (!room)
        return error_no_memory(record->err);
    if (stored == size)
        memcpy(room, bytes, size);
    else if (!unpack(record->reader, bytes, stored, room, size))
        return damaged(record, "a block that does not unpack");
    record->raw->size += size;
    record->last_size = size;
    record->next = stream_next(record->next + STORED_HEADER + stored, STORED_ROOM);
    return LEDE_OK;
}

/* Fetches the block at record->next, which raw, empty now, may still hold. */
static enum lede_status first_fetch(struct record *record)
{
    struct stored_reader *reader = record->reader;
    uint64_t block = record->next;
    enum lede_status status;

    if (reader->is_kept && reader->stream == record->articles && reader->block == block &&
        reader->size <= record->limit) {
        record->raw->size = record->last_size = reader->size;
        record->next = reader->next;
        return LEDE_OK;
    }
    reader->is_kept = false;
    status = block_fetch(record);
    if (status != LEDE_OK)
        return status;
    reader->is_kept = reader->keeps;
    reader->stream = record->articles;
    reader->block = block;
    reader->next = record->next;
    reader->size = (uint32_t)record->last_size;
    return LEDE_OK;
}

/* Fetches one block more; a record goes on only behind a block that is full. */
static enum lede_status record_continue(struct record *record)
{
    if (record->last_size != STORED_BLOCK_MAX)
        return damaged(record, "a record cut short");
    return block_fetch(record);
}

static size_t record_left(const struct record *record)
{
    return record->raw->size - record->at;
}

static enum lede_status read_varint(struct record *record, uint64_t *value)
{
    for (;;) {
        const uint8_t *start = record->raw->data + record->at, *at = start;
        enum lede_status status;

        if (varint_get(&at, start + record_left(record), value)) {
            record->at += (size_t)(at - start);
            return LEDE_OK;
        }
        if (record_left(record) >= VARINT_MAX)
            return damaged(record, "a record that makes no sense");
        status = record_continue(record);
        if (status != LEDE_OK)
            return status;
    }
}

static enum lede_status read_slice(struct record *record, struct slice *bytes)
{
    uint64_t size = 0;
    enum lede_status status = read_varint(record, &size);

    if (status == LEDE_OK && size > record->limit)
        status = too_long(record);
    while (status == LEDE_OK && record_left(record) < size)
        status = record_continue(record);
    if (status != LEDE_OK)
        return status;
    *bytes = slice_of(record->raw->data + record->at, (size_t)size);
    record->at += (size_t)size;
    return LEDE_OK;
}

static enum lede_status read_metadata(struct record *record, struct stored_article *article)
{
    struct stored_field field;
    uint64_t count = 0;
    enum lede_status status = read_varint(record, &count);

    buffer_clear(record->fields);
    for (uint64_t i = 0; i < count && status == LEDE_OK; i++) {
        status = read_slice(record, &field.name);
        if (status == LEDE_OK)
            status = read_slice(record, &field.value);
        if (status == LEDE_OK &&
            record->raw->size + record->fields->size + sizeof field > record->limit)
            status = too_long(record);
        buffer_put(record->fields, &field, sizeof field);
        if (status == LEDE_OK && record->fields->failed)
            status = error_no_memory(record->err);
    }
    if (status != LEDE_OK)
        return status;
    article->metadata = (const void *)record->fields->data;
    article->metadata_count = (size_t)count;
    return LEDE_OK;
}

static enum lede_status read_text(struct record *record, bool with_text,
                                  struct stored_article *article)
{
    uint64_t kept = 0;
    enum lede_status status = read_varint(record, &kept);

    article->text = slice_of(NULL, 0);
    if (status == LEDE_OK && kept > 1)
        status = damaged(record, "a record that makes no sense");
    if (status == LEDE_OK && with_text)
        status = read_slice(record, &article->text);
    if (status == LEDE_OK && kept == 0 && article->text.size > 0)
        status = damaged(record, "a text that was not kept");
    article->text_kept = kept == 1;
    return status;
}

static enum lede_status record_read(struct record *record, bool with_text,
                                    struct stored_article *article)
{
    enum lede_status status = read_slice(record, &article->title);

    if (status == LEDE_OK)
        status = read_slice(record, &article->url);
    if (status == LEDE_OK)
        status = read_slice(record, &article->language);
    if (status == LEDE_OK)
        status = read_metadata(record, article);
    return status == LEDE_OK ? read_text(record, with_text, article) : status;
}

void stored_reader_done(struct stored_reader *reader)
{
    ZSTD_freeDCtx(reader->context);
    reader->context = NULL;
}

enum lede_status stored_reader_get(struct stored_reader *reader, struct stream *articles,
                                   int64_t location, bool with_text, size_t limit,
                                   struct buffer *raw, struct buffer *fields,
                                   struct stored_article *article, struct lede_error *err)
{
    struct record record = {.reader = reader, .articles = articles, .raw = raw, .fields = fields};
    size_t place = (size_t)(location & ((1 << STORED_PLACE_BITS) - 1));
    struct stored_article read;
    enum lede_status status;

    buffer_clear(raw);
    buffer_clear(fields);
    record.limit = limit;
    record.err = err;
    if (location < 0)
        return damaged(&record, "an article at no place");
    if (!reader->context)
        reader->context = ZSTD_createDCtx();
    if (!reader->context)
        return error_no_memory(err);
    record.next = (uint64_t)location >> STORED_PLACE_BITS;
    status = first_fetch(&record);
    if (status == LEDE_OK && place >= record.last_size)
        status = damaged(&record, "an article behind the end of its block");
    record.at = place;
    if (status == LEDE_OK)
        status = record_read(&record, with_text, &read);
    if (status == LEDE_OK && raw->size > record.last_size) {
        record.at = place; /* raw may have moved as it grew: again, now that all is there */
        status = record_read(&record, with_text, &read);
    }
    if (status == LEDE_OK)
        *article = read;
    return status;
}

enum lede_status stored_get(struct stream *articles, int64_t location, bool with_text, size_t limit,
                            struct buffer *raw, struct buffer *fields,
                            struct stored_article *article, struct lede_error *err)
{
    struct stored_reader reader = {.context = NULL};
    enum lede_status status =
        stored_reader_get(&reader, articles, location, with_text, limit, raw, fields, article, err);

    stored_reader_done(&reader);
    return status;
}
