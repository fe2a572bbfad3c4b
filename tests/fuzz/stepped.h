/* stepped.h -- for fuzzing readers: bytes are read at once and in steps, as slow pipes give them.
 */
#ifndef TESTS_FUZZ_STEPPED_H
#define TESTS_FUZZ_STEPPED_H

#include <stdlib.h>

#include "base/buffer.h"
#include "base/lede_bytes.h"
#include "indexer/command/decoder.h"
#include "indexer/command/reader.h"

/* True if the bytes may be something else than their format says: compressed, an archive, or
 * binary, which is a matter of how many control characters there are, and a slow pipe gives fewer.
 */
static bool stepped_is_other(struct slice bytes)
{
    if (bytes.size == 0 || decoder_may_begin(bytes.data[0]) || bytes.data[0] == 'P')
        return true;
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] < ' ' && !byte_is_blank(bytes.data[i]))
            return true;
    return false;
}

/* Items come in the order of the file, and lie in it. */
static void stepped_put(const struct item *item, uint64_t *behind, size_t size, struct buffer *out)
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

static void stepped_read(const struct reader_options *options, struct slice bytes, size_t step,
                         struct buffer *out)
{
    struct origin origin = {slice_of("f", 1), slice_of("f", 1), false};
    struct item item = {.kind = ITEM_SKIP};
    struct reader *reader;
    uint64_t behind = 0;

    if (reader_open(options, &reader, NULL) != LEDE_OK)
        abort();
    if (reader_start_memory(reader, bytes, step, &origin, NULL) == LEDE_OK)
        while (item.kind != ITEM_END && reader_next(reader, &item, NULL) == LEDE_OK)
            stepped_put(&item, &behind, bytes.size, out);
    reader_close(reader);
}

/* Both ways give the same, if nothing is over a limit, which is met by the step. */
static void stepped_check(const struct reader_options *options, struct slice bytes, size_t step,
                          bool same)
{
    struct buffer whole, stepped;

    if (stepped_is_other(bytes))
        return;
    buffer_init(&whole, NULL);
    buffer_init(&stepped, NULL);
    stepped_read(options, bytes, 0, &whole);
    stepped_read(options, bytes, step, &stepped);
    if (same && !slice_equal(buffer_bytes(&whole), buffer_bytes(&stepped)))
        abort();
    buffer_done(&whole);
    buffer_done(&stepped);
}

#endif
