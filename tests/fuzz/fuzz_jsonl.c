/* Any bytes as JSON lines: nothing but articles, skips and an end may come out. The first byte
 * chooses the step of the source and the longest record. */
#include <stdlib.h>

#include "indexer/command/reader.h"

static size_t touch(struct lede_bytes bytes)
{
    const uint8_t *data = bytes.data;
    size_t sum = 0;

    for (size_t i = 0; i < bytes.size; i++)
        sum += data[i];
    return sum;
}

static size_t touch_article(const struct lede_article *article)
{
    size_t sum = touch(article->id) + touch(article->title) + touch(article->text) +
                 touch(article->url) + touch(article->language) + touch(article->source);

    for (size_t i = 0; i < article->metadata_count; i++)
        sum += touch(article->metadata[i].name) + touch(article->metadata[i].value);
    return sum;
}

static void check(const struct item *item, size_t size, uint64_t *behind)
{
    static volatile size_t sink;
    uint64_t offset = item->kind == ITEM_ARTICLE ? item->article.source_offset : item->skip.offset;

    if (item->kind == ITEM_ARTICLE) {
        sink += touch_article(&item->article);
        if (item->article.id.size == 0)
            abort();
    }
    /* Decompressed input has offsets of its own. */
    if (offset < *behind || (item->kind == ITEM_ARTICLE && size == 0))
        abort();
    *behind = offset;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader_options options = {.format = FORMAT_JSONL};
    struct origin origin = {slice_of("f.jsonl", 7), slice_of("f.jsonl", 7), false};
    struct reader *reader;
    struct item item = {.kind = ITEM_SKIP};
    uint64_t behind = 0;

    if (size == 0)
        return 0;
    options.max_record = data[0] & 0x80 ? 64 : 1 << 20;
    if (reader_open(&options, &reader, NULL) != LEDE_OK)
        return 0;
    if (reader_start_memory(reader, slice_of(data + 1, size - 1), data[0] & 0x0f, &origin, NULL) ==
        LEDE_OK)
        while (item.kind != ITEM_END && reader_next(reader, &item, NULL) == LEDE_OK)
            if (item.kind != ITEM_END)
                check(&item, size - 1, &behind);
    reader_close(reader);
    return 0;
}
