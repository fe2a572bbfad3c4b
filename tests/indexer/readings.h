/* readings.h -- what readers make of bytes, as text, for tests that compare it. */
#ifndef TESTS_INDEXER_READINGS_H
#define TESTS_INDEXER_READINGS_H

#include "scratch.h"

#include "base/buffer.h"
#include "indexer/command/reader.h"

static struct buffer file, out; /* what is read, where a test makes it; what was read */

UNUSED static void readings_begin(void)
{
    buffer_init(&file, NULL);
    buffer_init(&out, NULL);
}

UNUSED static void readings_end(void)
{
    buffer_done(&file);
    buffer_done(&out);
}

#define BYTES(literal) slice_of(literal, sizeof(literal) - 1)

/* Reads bytes as the file of this path, given step at a time, and has each item put into out;
 * returns that. */
UNUSED static const char *read_items(const struct reader_options *options, const char *path,
                                     struct slice bytes, size_t step,
                                     void (*put_item)(const struct item *item, struct slice bytes))
{
    struct origin origin = {slice_str(path), slice_str("f"), true};
    struct reader *reader;
    struct item item;

    buffer_clear(&out);
    cr_assert_eq(reader_open(options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, bytes, step, &origin, NULL), LEDE_OK);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind != ITEM_END)
        put_item(&item, bytes);
    cr_assert_eq(item.kind, ITEM_END);
    reader_close(reader);
    buffer_byte(&out, 0);
    return (const char *)out.data;
}

UNUSED static void put_part(const char *name, struct lede_bytes value)
{
    if (value.size)
        buffer_printf(&out, "|%s=%.*s", name, (int)value.size, (const char *)value.data);
}

/* "ID|title=TITLE|text=TEXT|url=URL|language=LANGUAGE|DATE|NAME:VALUE...", of which what is empty
 * is left out, or "skip NUMBER REASON: MESSAGE". */
UNUSED static void put_record(const struct item *item)
{
    const struct lede_article *article = &item->article;
    char date[LEDE_DATE_TEXT];

    if (item->kind == ITEM_SKIP) {
        buffer_printf(&out, "skip %llu %s: %s\n", (unsigned long long)item->skip.record,
                      skip_reason_name(item->skip.reason), item->skip.message);
        return;
    }
    buffer_printf(&out, "%.*s", (int)article->id.size, (const char *)article->id.data);
    put_part("title", article->title);
    put_part("text", article->text);
    put_part("url", article->url);
    put_part("language", article->language);
    if (article->date.precision != LEDE_DATE_NONE) {
        lede_date_format(article->date, date);
        buffer_printf(&out, "|%s", date);
    }
    for (size_t i = 0; i < article->metadata_count; i++)
        buffer_printf(&out, "|%.*s:%.*s", (int)article->metadata[i].name.size,
                      (const char *)article->metadata[i].name.data,
                      (int)article->metadata[i].value.size,
                      (const char *)article->metadata[i].value.data);
    buffer_byte(&out, '\n');
}

#endif
