/* Any bytes as a file of unknown kind, as text, and as a page: the format is guessed, and what is
 * text becomes one article at most, whose title is a line. The first byte chooses step and limit.
 */
#include <stdlib.h>

#include "indexer/command/reader.h"

static void check_text(const struct item *item)
{
    struct slice title = slice_of(item->article.title.data, item->article.title.size);

    if (item->kind != ITEM_ARTICLE)
        return;
    if (title.size > 200)
        abort();
    if (title.size > 0 &&
        (memchr(title.data, '\n', title.size) || memchr(title.data, '\r', title.size)))
        abort();
}

static void read_as(enum input_format format, const uint8_t *data, size_t size)
{
    struct reader_options options = {.format = format, .max_record = data[0] & 0x80 ? 64 : 1 << 20};
    struct origin origin = {slice_of("f.txt", 5), slice_of("f.txt", 5), false};
    struct item item = {.kind = ITEM_SKIP};
    struct reader *reader;
    size_t items = 0;

    options.max_text = options.max_page = options.max_record;
    options.max_tree = 1 << 24;
    options.split.mode = format == FORMAT_AUTO ? SPLIT_AUTO : SPLIT_NONE;
    if (reader_open(&options, &reader, NULL) != LEDE_OK)
        return;
    if (reader_start_memory(reader, slice_of(data + 1, size - 1), data[0] & 0x0f, &origin, NULL) ==
        LEDE_OK)
        while (item.kind != ITEM_END && reader_next(reader, &item, NULL) == LEDE_OK) {
            items += item.kind != ITEM_END;
            if (format == FORMAT_TEXT)
                check_text(&item);
        }
    if (format != FORMAT_AUTO && items > 1)
        abort();
    reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || (size > 1 && data[1] == 'P'))
        return 0; /* nothing, or a zip: see fuzz_archive */
    read_as(FORMAT_AUTO, data, size);
    read_as(FORMAT_TEXT, data, size);
    read_as(FORMAT_HTML, data, size);
    return 0;
}
