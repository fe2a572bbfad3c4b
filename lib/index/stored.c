#include "index/stored.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/account.h"

enum { BLOCK_HEADER = 8 };

_Static_assert(STORED_BLOCK <= 1 << STORED_PLACE_BITS, "a place fits its bits");

/* ---- writing ---- */

struct stored_packer {
    struct account *account;
    ZSTD_CCtx *zstd;
    size_t zstd_size; /* charged for it */
    size_t used;      /* bytes of the block being filled */
    uint8_t block[STORED_BLOCK_MAX];
};

void stored_run_init(struct stored_run *run, struct account *account)
{
    buffer_init(&run->blocks, account);
    buffer_init(&run->sizes, account);
}

void stored_run_done(struct stored_run *run)
{
    buffer_done(&run->blocks);
    buffer_done(&run->sizes);
}

/* Charges what zstd's context takes now, which it decides itself as it compresses. */
static bool charge_zstd(struct stored_packer *packer)
{
    size_t size = ZSTD_sizeof_CCtx(packer->zstd);

    if (size > packer->zstd_size && !account_charge(packer->account, size - packer->zstd_size))
        return false;
    if (size < packer->zstd_size)
        account_release(packer->account, packer->zstd_size - size);
    packer->zstd_size = size;
    return true;
}

/* Makes the context, and has it compress a largest block, so that its memory is known at once. */
static bool warm_up(struct stored_packer *packer, int level)
{
    uint8_t scratch[1024]; /* plenty for zeros */

    packer->zstd = ZSTD_createCCtx();
    if (!packer->zstd)
        return false;
    memset(packer->block, 0, sizeof packer->block);
    return !ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, level)) &&
           !ZSTD_isError(ZSTD_compress2(packer->zstd, scratch, sizeof scratch, packer->block,
                                        sizeof packer->block)) &&
           charge_zstd(packer);
}

enum lede_status stored_packer_new(int level, struct account *account, struct stored_packer **out,
                                   struct lede_error *err)
{
    struct stored_packer *packer = account_malloc(account, sizeof *packer);

    if (!packer)
        return error_no_memory(err);
    packer->account = account;
    packer->zstd_size = 0;
    packer->used = 0;
    if (!warm_up(packer, level)) {
        stored_packer_free(packer);
        return error_no_memory(err);
    }
    *out = packer;
    return LEDE_OK;
}

void stored_packer_free(struct stored_packer *packer)
{
    struct account *account;

    if (!packer)
        return;
    account = packer->account;
    ZSTD_freeCCtx(packer->zstd);
    account_release(account, packer->zstd_size);
    free(packer);
    account_release(account, sizeof *packer);
}

/* Compresses the block being filled to the end of the run; as it is if that is not smaller. */
static void block_close(struct stored_packer *packer, struct stored_run *run)
{
    uint32_t raw = (uint32_t)packer->used, whole;
    size_t bound = ZSTD_compressBound(raw), stored;
    uint8_t *room = buffer_room(&run->blocks, BLOCK_HEADER + bound);

    packer->used = 0;
    if (!room)
        return;
    stored = ZSTD_compress2(packer->zstd, room + BLOCK_HEADER, bound, packer->block, raw);
    if (!charge_zstd(packer)) {
        run->blocks.failed = true;
        return;
    }
    if (ZSTD_isError(stored) || stored >= raw) {
        memcpy(room + BLOCK_HEADER, packer->block, raw);
        stored = raw;
    }
    store_le32(room, raw);
    store_le32(room + 4, (uint32_t)stored);
    whole = (uint32_t)(BLOCK_HEADER + stored);
    run->blocks.size += whole;
    buffer_put(&run->sizes, &whole, sizeof whole);
}

static void put(struct stored_packer *packer, struct stored_run *run, const void *data, size_t size)
{
    const uint8_t *at = data;

    while (size > 0) {
        size_t free_size = STORED_BLOCK_MAX - packer->used;
        size_t part = size < free_size ? size : free_size;

        memcpy(packer->block + packer->used, at, part);
        packer->used += part;
        at += part;
        size -= part;
        if (packer->used == STORED_BLOCK_MAX)
            block_close(packer, run);
    }
}

static void put_varint(struct stored_packer *packer, struct stored_run *run, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    size_t size = varint_put(bytes, value);

    put(packer, run, bytes, size);
}

static void put_slice(struct stored_packer *packer, struct stored_run *run, struct slice bytes)
{
    put_varint(packer, run, bytes.size);
    put(packer, run, bytes.data, bytes.size);
}

static enum lede_status run_status(struct stored_packer *packer, const struct stored_run *run,
                                   struct lede_error *err)
{
    if (!run->blocks.failed && !run->sizes.failed)
        return LEDE_OK;
    packer->used = 0;
    return error_no_memory(err);
}

enum lede_status stored_packer_begin(struct stored_packer *packer,
                                     const struct stored_article *article, uint64_t text_size,
                                     struct stored_run *run, struct stored_place *place,
                                     struct lede_error *err)
{
    uint8_t kept = article->text_kept;

    place->block = (uint32_t)(run->sizes.size / sizeof(uint32_t));
    place->place = (uint32_t)packer->used;
    put_slice(packer, run, article->title);
    put_slice(packer, run, article->url);
    put_slice(packer, run, article->language);
    put_varint(packer, run, article->metadata_count);
    for (size_t i = 0; i < article->metadata_count; i++) {
        put_slice(packer, run, article->metadata[i].name);
        put_slice(packer, run, article->metadata[i].value);
    }
    put(packer, run, &kept, 1);
    put_varint(packer, run, text_size);
    return run_status(packer, run, err);
}

enum lede_status stored_packer_text(struct stored_packer *packer, struct slice part,
                                    struct stored_run *run, struct lede_error *err)
{
    put(packer, run, part.data, part.size);
    return run_status(packer, run, err);
}

enum lede_status stored_packer_end(struct stored_packer *packer, struct stored_run *run,
                                   struct lede_error *err)
{
    if (packer->used >= STORED_BLOCK)
        block_close(packer, run);
    return run_status(packer, run, err);
}

enum lede_status stored_packer_add(struct stored_packer *packer,
                                   const struct stored_article *article, struct stored_run *run,
                                   struct stored_place *place, struct lede_error *err)
{
    struct slice text = article->text_kept ? article->text : slice_of(NULL, 0);
    enum lede_status status = stored_packer_begin(packer, article, text.size, run, place, err);

    if (status == LEDE_OK)
        status = stored_packer_text(packer, text, run, err);
    return status == LEDE_OK ? stored_packer_end(packer, run, err) : status;
}

enum lede_status stored_packer_flush(struct stored_packer *packer, struct stored_run *run,
                                     struct lede_error *err)
{
    if (packer->used > 0)
        block_close(packer, run);
    return run_status(packer, run, err);
}

enum lede_status stored_run_write(const struct stored_run *run, struct stream_writer *articles,
                                  uint64_t *offsets, struct lede_error *err)
{
    const uint8_t *block = run->blocks.data;

    for (size_t i = 0; i < run->sizes.size / sizeof(uint32_t); i++) {
        uint32_t size;
        uint8_t *room;

        memcpy(&size, run->sizes.data + i * sizeof size, sizeof size);
        room = stream_writer_reserve(articles, size, STORED_ROOM, &offsets[i]);
        if (!room)
            break;
        memcpy(room, block, size);
        block += size;
    }
    return stream_writer_status(articles, err);
}

/* ---- reading ---- */

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
    const uint8_t *header = stream_at(record->articles, record->next, BLOCK_HEADER, record->err);
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
    bytes = stream_at(record->articles, record->next + BLOCK_HEADER, stored, record->err);
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
    record->next = stream_next(record->next + BLOCK_HEADER + stored, STORED_ROOM);
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
    status = block_fetch(&record);
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
    struct stored_reader reader = {NULL};
    enum lede_status status =
        stored_reader_get(&reader, articles, location, with_text, limit, raw, fields, article, err);

    stored_reader_done(&reader);
    return status;
}
