/* Any bytes as a table: nothing but articles, skips and an end may come out, in the order of the
 * file and inside of it, and the step in which the bytes come makes no difference. The first byte
 * chooses step, limit and TSV. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/lede_bytes.h"
#include "indexer/command/decoder.h"
#include "indexer/command/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_item(const struct item *item, uint64_t *behind, size_t size, struct buffer *out)
{
    const struct lede_article *article = &item->article;
    uint64_t offset = item->kind == ITEM_ARTICLE ? article->source_offset : item->skip.offset;

    if (item->kind == ITEM_END)
        return;
    if (offset < *behind || offset + article->source_size > size)
        abort();
    *behind = offset + article->source_size;
    buffer_le64(out, offset);
    buffer_le64(out, item->kind == ITEM_ARTICLE ? item->record : item->skip.record);
    buffer_slice(out, slice_from(article->id));
    buffer_slice(out, slice_from(article->title));
    buffer_slice(out, slice_from(article->text));
}

static void read_table(uint8_t choice, struct slice bytes, size_t step, struct buffer *out)
{
    struct reader_options options = {.format = choice & 0x40 ? FORMAT_TSV : FORMAT_CSV,
                                     .max_record = choice & 0x80 ? 60 : 1 << 20};
    struct origin origin = {slice_of("f", 1), slice_of("f", 1), false};
    struct item item = {.kind = ITEM_SKIP};
    struct reader *reader;
    uint64_t behind = 0;

    if (reader_open(&options, &reader, NULL) != LEDE_OK)
        abort();
    if (reader_start_memory(reader, bytes, step, &origin, NULL) == LEDE_OK)
        while (item.kind != ITEM_END && reader_next(reader, &item, NULL) == LEDE_OK)
            put_item(&item, &behind, bytes.size, out);
    reader_close(reader);
}

/* How many of them there are decides whether a file is binary, and a slow pipe gives fewer. */
static bool has_controls(struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] < ' ' && !byte_is_blank(bytes.data[i]))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer whole, stepped;
    struct slice bytes = slice_of(data + 1, size - 1);

    if (size < 2 || decoder_may_begin(bytes.data[0]) || bytes.data[0] == 'P' || has_controls(bytes))
        return 0; /* compressed, an archive, or binary */
    buffer_init(&whole, NULL);
    buffer_init(&stepped, NULL);
    read_table(data[0], bytes, 0, &whole);
    read_table(data[0], bytes, 1 + (data[0] & 0x0f), &stepped);
    if (!(data[0] & 0x80) && !slice_equal(buffer_bytes(&whole), buffer_bytes(&stepped)))
        abort();
    buffer_done(&whole);
    buffer_done(&stepped);
    return 0;
}
