/* Stored articles: any bytes under right checksums give an article within the buffers or a status;
 * an article that is packed is read back. A reader that keeps its block reads as one that does not.
 *
 * Input: u8 mode, then, by mode % 3,
 *   0  u32 location, the stream of blocks
 *   1  changes to a sound stream, an article of three blocks: u16 place, u8 byte each
 *   2  an article: u8 times 256 and u8 bytes of its text (repeated as often as mode / 3 says), the
 *      rest for the other parts. */
#include <stdlib.h>

#include "index/stored.h"
#include "tests/index/byte_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 20, FIELDS_MAX = 40 };

static struct stored_reader reader;

static bool lies_in(const struct buffer *raw, struct slice bytes)
{
    return bytes.size == 0 || (bytes.data >= raw->data && bytes.size <= raw->size &&
                               (size_t)(bytes.data - raw->data) <= raw->size - bytes.size);
}

static void article_check(const struct stored_article *article, const struct buffer *raw,
                          const struct buffer *fields)
{
    if (!lies_in(raw, article->title) || !lies_in(raw, article->url) ||
        !lies_in(raw, article->language) || !lies_in(raw, article->text) ||
        raw->size + fields->size > LIMIT ||
        fields->size != article->metadata_count * sizeof *article->metadata)
        abort();
    for (size_t i = 0; i < article->metadata_count; i++)
        if (!lies_in(raw, article->metadata[i].name) || !lies_in(raw, article->metadata[i].value))
            abort();
}

static bool article_equal(const struct stored_article *a, const struct stored_article *b)
{
    bool equal = slice_equal(a->title, b->title) && slice_equal(a->url, b->url) &&
                 slice_equal(a->language, b->language) && slice_equal(a->text, b->text) &&
                 a->text_kept == b->text_kept && a->metadata_count == b->metadata_count;

    for (size_t i = 0; equal && i < a->metadata_count; i++)
        equal = slice_equal(a->metadata[i].name, b->metadata[i].name) &&
                slice_equal(a->metadata[i].value, b->metadata[i].value);
    return equal;
}

/* ---- any bytes ---- */

/* Reads locations, which may share a block, by a reader that keeps it and by one that does not. */
static void keeping_check(struct stream *articles, const int64_t *locations, size_t count)
{
    struct stored_reader keeping = {.context = reader.context, .keeps = true};
    struct buffer raw, fields, kept_raw, kept_fields;

    buffer_init(&raw, NULL);
    buffer_init(&fields, NULL);
    buffer_init(&kept_raw, NULL);
    buffer_init(&kept_fields, NULL);
    for (size_t i = 0; i < 2 * count; i++) {
        struct stored_article alone, kept;
        bool text = i % 3 > 0;
        enum lede_status status = stored_reader_get(&reader, articles, locations[i % count], text,
                                                    LIMIT, &raw, &fields, &alone, NULL);

        if (stored_reader_get(&keeping, articles, locations[i % count], text, LIMIT, &kept_raw,
                              &kept_fields, &kept, NULL) != status)
            abort();
        if (status != LEDE_OK)
            continue;
        article_check(&kept, &kept_raw, &kept_fields);
        if (!article_equal(&alone, &kept))
            abort();
    }
    buffer_done(&raw);
    buffer_done(&fields);
    buffer_done(&kept_raw);
    buffer_done(&kept_fields);
}

static void bytes_check(int64_t location, const uint8_t *data, size_t size)
{
    struct memory_records memory;
    struct stream articles;
    struct stored_article article;
    struct buffer raw, fields;

    memory_records_init(&memory);
    buffer_init(&raw, NULL);
    buffer_init(&fields, NULL);
    byte_stream_of(&memory, 1, STREAM_ARTICLES, data, size, &articles);
    for (int text = 0; text < 2; text++) {
        enum lede_status status = stored_reader_get(&reader, &articles, location, text, LIMIT, &raw,
                                                    &fields, &article, NULL);

        if (status == LEDE_OK)
            article_check(&article, &raw, &fields);
        else if (status != LEDE_CORRUPT && status != LEDE_LIMIT)
            abort();
    }
    keeping_check(&articles, (int64_t[]){location, location + 1, location, 0}, 4);
    buffer_done(&raw);
    buffer_done(&fields);
    stream_done(&articles);
    memory_records_done(&memory);
}

static void changes_check(const uint8_t *data, size_t size)
{
    static const struct stored_field field = {{(const uint8_t *)"name", 4},
                                              {(const uint8_t *)"value", 5}};
    struct stored_article article = {.metadata = &field, .metadata_count = 1, .text_kept = true};
    struct stored_packer *packer;
    struct stored_place place;
    static struct stored_run run;
    static uint8_t bytes[1 << 16], text[150000];

    if (run.blocks.size == 0) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (uint8_t)("etaoin shrdlu"[i * i % 13] ^ (i % 501 == 0));
        article.title = slice_of(text, 40);
        article.text = slice_of(text, sizeof text);
        if (stored_packer_new(1, NULL, &packer, NULL) != LEDE_OK ||
            stored_packer_add(packer, &article, &run, &place, NULL) != LEDE_OK ||
            stored_packer_flush(packer, &run, NULL) != LEDE_OK || run.blocks.size > sizeof bytes)
            abort();
        stored_packer_free(packer);
    }
    memcpy(bytes, run.blocks.data, run.blocks.size);
    for (; size >= 3; data += 3, size -= 3)
        bytes[load_le16(data) % run.blocks.size] = data[2];
    bytes_check(0, bytes, run.blocks.size);
}

/* ---- packing and reading back ---- */

static struct slice part(const uint8_t **at, const uint8_t *end, size_t most)
{
    size_t size = *at < end ? *(*at)++ % (most + 1) : 0;
    struct slice bytes;

    if (size > (size_t)(end - *at))
        size = (size_t)(end - *at);
    bytes = slice_of(*at, size);
    *at += size;
    return bytes;
}

/* Packs the article three times and reads the last, then all. */
static void article_pack(const struct stored_article *article)
{
    static struct stored_packer *packer;
    struct stored_run run;
    struct stored_place places[3];
    int64_t locations[3];
    struct memory_records memory;
    struct stream_writer writer;
    struct stream articles;
    struct stored_article read;
    struct buffer raw, fields;
    uint64_t *offsets;

    if (!packer && stored_packer_new(1, NULL, &packer, NULL) != LEDE_OK)
        abort();
    memory_records_init(&memory);
    stored_run_init(&run, NULL);
    buffer_init(&raw, NULL);
    buffer_init(&fields, NULL);
    for (int i = 0; i < 3; i++)
        if (stored_packer_add(packer, article, &run, &places[i], NULL) != LEDE_OK)
            abort();
    if (stored_packer_flush(packer, &run, NULL) != LEDE_OK)
        abort();
    offsets = calloc(run.sizes.size, sizeof *offsets);
    stream_writer_init(&writer, 1, STREAM_ARTICLES, &memory.sink, NULL);
    if (!offsets || stored_run_write(&run, &writer, offsets, NULL) != LEDE_OK)
        abort();
    byte_stream_open(&memory, &writer, &articles);
    for (int i = 0; i < 3; i++)
        locations[i] = stored_location(offsets[places[i].block], places[i].place);
    if (stored_reader_get(&reader, &articles, locations[2], true, LIMIT, &raw, &fields, &read,
                          NULL) != LEDE_OK ||
        !article_equal(article, &read))
        abort();
    keeping_check(&articles, locations, 3);
    free(offsets);
    stored_run_done(&run);
    buffer_done(&raw);
    buffer_done(&fields);
    stream_done(&articles);
    memory_records_done(&memory);
}

static void pack_check(const uint8_t *data, size_t size, unsigned times)
{
    struct stored_field fields[FIELDS_MAX];
    struct stored_article article = {.metadata = fields};
    const uint8_t *at = data + 2, *end = data + size;
    struct buffer text;
    size_t most;

    if (size < 2)
        return;
    buffer_init(&text, NULL);
    most = data[0] * 256u + data[1];
    if (most > (size_t)(end - at))
        most = (size_t)(end - at);
    for (unsigned i = 0; i <= times % 8; i++)
        buffer_put(&text, at, most);
    at += most;
    article.text = buffer_bytes(&text);
    article.text_kept = text.size > 0 || times % 2;
    article.title = part(&at, end, 255);
    article.url = part(&at, end, 255);
    article.language = part(&at, end, 8);
    while (at < end && article.metadata_count < FIELDS_MAX) {
        fields[article.metadata_count].name = part(&at, end, 16);
        fields[article.metadata_count++].value = part(&at, end, 255);
    }
    article_pack(&article);
    buffer_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 5)
        return 0;
    if (data[0] % 3 == 0)
        bytes_check(load_le32(data + 1), data + 5, size - 5);
    else if (data[0] % 3 == 1)
        changes_check(data + 1, size - 1);
    else
        pack_check(data + 1, size - 1, data[0] / 3u);
    return 0;
}
