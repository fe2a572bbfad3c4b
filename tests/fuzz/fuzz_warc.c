/* Any bytes as an archive of the web: nothing but articles, skips and an end may come out, in the
 * order of the file and inside of it. The first byte chooses the form, the step and the limits. */
#include <stdlib.h>

#include "indexer/command/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct item *item, uint64_t *behind)
{
    uint64_t offset = item->kind == ITEM_ARTICLE ? item->article.source_offset : item->skip.offset;

    if (offset < *behind || (item->kind == ITEM_ARTICLE && item->article.id.size == 0))
        abort();
    *behind = offset + item->article.source_size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader_options options = {.format = FORMAT_WARC, .max_tree = 1 << 22};
    struct origin origin = {slice_of("f.warc", 7), slice_of("f.warc", 7), false};
    struct item item = {.kind = ITEM_SKIP};
    struct reader *reader;
    uint64_t behind = 0;

    if (size == 0 || (size > 1 && data[1] == 'P'))
        return 0; /* nothing, or a zip: see fuzz_archive */
    options.max_page = data[0] & 0x80 ? 300 : 1 << 20;
    if (reader_open(&options, &reader, NULL) != LEDE_OK)
        return 0;
    if (reader_start_memory(reader, slice_of(data + 1, size - 1), data[0] & 0x0f, &origin, NULL) ==
        LEDE_OK)
        while (item.kind != ITEM_END && reader_next(reader, &item, NULL) == LEDE_OK)
            if (item.kind != ITEM_END)
                check(&item, &behind);
    reader_close(reader);
    return 0;
}
