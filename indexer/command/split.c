/* lede-index split: which articles a file gives, a line each, before any index is made. */
#include <stdio.h>

#include "base/json.h"
#include "base/lede_bytes.h"
#include "base/printable.h"
#include "command/command.h"
#include "command/dates.h"
#include "command/report.h"
#include "command/walk.h"

struct splitting {
    const struct options *options;
    struct walk *walk;
    struct reader *reader;
    struct buffer line;
    struct date_words date_words;
    bool in_parts; /* the article that comes is the end of a long text */
    bool skipped;
};

static void put_date(struct buffer *out, struct lede_date date)
{
    char text[LEDE_DATE_TEXT];

    if (date.precision == LEDE_DATE_NONE)
        return;
    lede_date_format(date, text);
    buffer_str(out, text);
}

static void put_line(struct buffer *out, const struct item *item)
{
    const struct lede_article *article = &item->article;

    if (item->part > 0)
        buffer_printf(out, "%zu", item->part);
    else
        buffer_str(out, item->parts > 0 ? "rest" : "-");
    buffer_printf(out, "\t%llu\t%llu\t", (unsigned long long)article->source_offset,
                  (unsigned long long)article->source_size);
    put_date(out, article->date);
    buffer_byte(out, '\t');
    printable_put(out, slice_from(article->title), PRINTABLE_LINE);
    buffer_byte(out, '\n');
}

static void put_string(struct buffer *out, bool *first, const char *name, struct slice value)
{
    if (value.size == 0)
        return;
    json_put_key(out, first, name);
    json_put_string(out, value);
}

static void put_json(struct buffer *out, const struct item *item)
{
    const struct lede_article *article = &item->article;
    char date[LEDE_DATE_TEXT] = "";
    bool first = true;

    if (article->date.precision != LEDE_DATE_NONE)
        lede_date_format(article->date, date);
    buffer_byte(out, '{');
    put_string(out, &first, "id", slice_from(article->id));
    json_put_key(out, &first, "article");
    if (item->part > 0)
        buffer_printf(out, "%zu", item->part);
    else
        buffer_str(out, item->parts > 0 ? "\"rest\"" : "null");
    json_put_key(out, &first, "offset");
    buffer_printf(out, "%llu", (unsigned long long)article->source_offset);
    json_put_key(out, &first, "length");
    buffer_printf(out, "%llu", (unsigned long long)article->source_size);
    put_string(out, &first, "title", slice_from(article->title));
    put_string(out, &first, "date", slice_str(date));
    for (size_t i = 0; i < article->metadata_count; i++) {
        struct slice name = slice_from(article->metadata[i].name);

        if (slice_equal(name, slice_str("author")) || slice_equal(name, slice_str("section")))
            put_string(out, &first, slice_equal(name, slice_str("author")) ? "author" : "section",
                       slice_from(article->metadata[i].value));
    }
    buffer_str(out, "}\n");
}

static void say_skip(struct splitting *splitting, const struct skip *skip)
{
    splitting->skipped = true;
    buffer_clear(&splitting->line);
    buffer_str(&splitting->line, "skipped ");
    report_format_skip(&splitting->line, skip);
    command_say(&splitting->line);
}

static enum lede_status say_article(struct splitting *splitting, const struct item *item,
                                    struct lede_error *err)
{
    buffer_clear(&splitting->line);
    if (splitting->options->json)
        put_json(&splitting->line, item);
    else
        put_line(&splitting->line, item);
    if (splitting->line.failed)
        return error_no_memory(err);
    (void)fwrite(splitting->line.data, 1, splitting->line.size,
                 stdout); /* main tells if it failed */
    return LEDE_OK;
}

/* As add does, but by no file's time. */
static void set_date(const struct splitting *splitting, struct item *item)
{
    struct slice text = slice_from(item->article.text);

    dates_article(&splitting->date_words, splitting->in_parts ? slice_of(NULL, 0) : text, INT64_MIN,
                  item);
}

static enum lede_status split_file(struct splitting *splitting, const struct walk_item *file,
                                   struct lede_error *err)
{
    struct item item = {.kind = ITEM_ARTICLE};
    enum lede_status status = reader_start(splitting->reader, file->fd, &file->origin, err);

    while (status == LEDE_OK && item.kind != ITEM_END) {
        status = reader_next(splitting->reader, &item, err);
        if (status == LEDE_OK && item.kind == ITEM_ARTICLE) {
            set_date(splitting, &item);
            status = say_article(splitting, &item, err);
        }
        splitting->in_parts = item.kind == ITEM_PART;
        if (status == LEDE_OK && item.kind == ITEM_SKIP)
            say_skip(splitting, &item.skip);
    }
    return status;
}

static enum lede_status split_files(struct splitting *splitting, struct lede_error *err)
{
    struct walk_item file = {.kind = WALK_SKIP};
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && file.kind != WALK_END) {
        status = walk_next(splitting->walk, &file, err);
        if (status == LEDE_OK && file.kind == WALK_FILE)
            status = split_file(splitting, &file, err);
        else if (status == LEDE_OK && file.kind == WALK_SKIP)
            say_skip(splitting, &file.skip);
    }
    return status;
}

int command_split(const struct options *options)
{
    struct walk_options paths = {
        .paths = options->operands, .path_count = options->operand_count, .base = options->base};
    struct splitting splitting = {.options = options};
    struct lede_error error = {.text = ""};
    enum lede_status status;

    buffer_init(&splitting.line, NULL);
    (void)date_words_init(&splitting.date_words);
    status = walk_open(&paths, &splitting.walk, &error);
    if (status == LEDE_OK)
        status = reader_open(&options->reading, &splitting.reader, &error);
    if (status == LEDE_OK)
        status = split_files(&splitting, &error);
    reader_close(splitting.reader);
    walk_close(splitting.walk);
    buffer_done(&splitting.line);
    if (status != LEDE_OK)
        return command_fail(&error);
    return splitting.skipped ? EXIT_SKIPPED : EXIT_DONE;
}
