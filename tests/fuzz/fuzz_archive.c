/* Any bytes as a tar or zip archive: nothing but articles and skips of its entries and an end may
 * come out, each article with the archive as its source and its entry's name behind its metadata.
 * The first byte chooses the step. */
#include <stdlib.h>

#include "base/lede_bytes.h"
#include "indexer/command/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct item *item)
{
    const struct lede_article *article = &item->article;

    if (item->kind == ITEM_SKIP && !slice_begins(item->skip.path, slice_str("f")))
        abort();
    if (item->kind != ITEM_ARTICLE)
        return;
    if (article->id.size == 0 || article->source.size != 1)
        abort();
    if (slice_begins(slice_from(article->id), slice_str("f!")) &&
        (article->metadata_count == 0 ||
         !slice_equal(slice_from(article->metadata[article->metadata_count - 1].name),
                      slice_str(READER_ENTRY))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader_options options = {.format = FORMAT_ARCHIVE,
                                     .max_record = 1 << 16,
                                     .max_text = 1 << 16,
                                     .max_page = 1 << 16,
                                     .max_tree = 1 << 20};
    struct origin origin = {slice_of("f", 1), slice_of("f", 1), false};
    struct item item = {.kind = ITEM_SKIP};
    struct reader *reader;

    if (size == 0)
        return 0;
    if (reader_open(&options, &reader, NULL) != LEDE_OK)
        return 0;
    if (reader_start_memory(reader, slice_of(data + 1, size - 1), data[0] & 0x0f, &origin, NULL) ==
        LEDE_OK)
        while (item.kind != ITEM_END && reader_next(reader, &item, NULL) == LEDE_OK)
            check(&item);
    reader_close(reader);
    return 0;
}
