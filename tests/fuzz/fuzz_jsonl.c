/* Any bytes as JSON lines: nothing but articles, skips and an end may come out, and the quick way
 * to read an object must agree with jansson's. The first byte chooses the step of the source and
 * the longest record. */
#include <stdlib.h>

#include "indexer/command/json_object.h"
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

static void compare(const struct json_object *a, const struct json_object *b)
{
    if (strcmp(a->complaint, b->complaint) != 0 || a->replaced != b->replaced)
        abort();
    if (a->complaint[0])
        return;
    if (a->count != b->count)
        abort();
    for (size_t i = 0; i < a->count; i++)
        if (a->members[i].kind != b->members[i].kind ||
            !slice_equal(a->members[i].name, b->members[i].name) ||
            !slice_equal(a->members[i].value, b->members[i].value))
            abort();
}

/* All of the bytes as one line, read in both ways. */
static void read_both_ways(struct slice line)
{
    struct json_object quick, slow;

    json_object_init(&quick);
    json_object_init(&slow);
    if (json_object_read(&quick, line) == LEDE_OK &&
        json_object_read_slowly(&slow, line) == LEDE_OK)
        compare(&quick, &slow);
    json_object_done(&quick);
    json_object_done(&slow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader_options options = {.format = FORMAT_JSONL};
    struct origin origin = {slice_of("f.jsonl", 7), slice_of("f.jsonl", 7), false};
    struct reader *reader;
    struct item item = {.kind = ITEM_SKIP};
    uint64_t behind = 0;

    if (size == 0 || (size > 1 && data[1] == 'P'))
        return 0; /* nothing, or a zip: see fuzz_archive */
    read_both_ways(slice_of(data + 1, size - 1));
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
