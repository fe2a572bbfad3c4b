/* lede-index show: an article as it was stored, its tokens, or the bytes it was made from. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/lede_bytes.h"
#include "base/printable.h"
#include "command/command.h"
#include "command/tokens.h"
#include "command/unpacker.h"
#include "text/language.h"

enum { PIECE = 64 * 1024 };

static void put_line(struct buffer *out, const char *name, struct slice value)
{
    if (value.size == 0)
        return;
    buffer_printf(out, "%-10s", name);
    printable_put(out, value, PRINTABLE_LINE);
    buffer_byte(out, '\n');
}

/* Of one that is not what the article says itself. */
static const char *date_source(const struct lede_article *article)
{
    switch (article->date_source) {
    case LEDE_DATE_FROM_URL:
        return " (from its url)";
    case LEDE_DATE_FROM_TEXT:
        return " (from its text)";
    case LEDE_DATE_FROM_FILE:
        return " (from its file)";
    default:
        return "";
    }
}

static void put_facts(struct buffer *out, const struct lede_article *article)
{
    char date[LEDE_DATE_TEXT];

    put_line(out, "id", slice_from(article->id));
    if (article->source.size) {
        buffer_printf(out, "%-10s", "source");
        printable_put(out, slice_from(article->source), PRINTABLE_NAME);
        buffer_printf(out, " bytes %llu-%llu\n", (unsigned long long)article->source_offset,
                      (unsigned long long)article->source_offset + article->source_size);
    }
    if (article->date.precision != LEDE_DATE_NONE) {
        lede_date_format(article->date, date);
        buffer_printf(out, "%-10s%s%s\n", "date", date, date_source(article));
    }
    put_line(out, "url", slice_from(article->url));
    put_line(out, "language", slice_from(article->language));
    for (size_t i = 0; i < article->metadata_count; i++) {
        printable_put(out, slice_from(article->metadata[i].name), PRINTABLE_LINE);
        buffer_str(out, ": ");
        printable_put(out, slice_from(article->metadata[i].value), PRINTABLE_LINE);
        buffer_byte(out, '\n');
    }
}

static enum lede_status print_buffer(struct buffer *out, struct lede_error *err)
{
    if (out->failed)
        return error_no_memory(err);
    (void)fwrite(out->data, 1, out->size, stdout);
    return LEDE_OK;
}

static enum lede_status show_text(const struct lede_stored *stored, struct lede_error *err)
{
    const struct lede_article *article = lede_stored_article(stored);
    struct buffer out;
    enum lede_status status;

    buffer_init(&out, NULL);
    put_facts(&out, article);
    buffer_byte(&out, '\n');
    if (article->title.size) {
        printable_put(&out, slice_from(article->title), PRINTABLE_LINE);
        buffer_str(&out, "\n\n");
    }
    printable_put(&out, slice_from(article->text), PRINTABLE_TEXT);
    buffer_byte(&out, '\n');
    status = print_buffer(&out, err);
    buffer_done(&out);
    if (!lede_stored_text_kept(stored))
        (void)fputs("lede-index: the text was not kept: the index was made with --no-store\n",
                    stderr);
    return status;
}

static enum lede_status show_tokens(const struct options *options, const struct lede_stored *stored,
                                    struct lede_error *err)
{
    const struct lede_article *article = lede_stored_article(stored);
    struct analyzer_settings settings;
    struct buffer stopwords;
    language_id language = LANGUAGE_NONE;
    enum lede_status status;

    if (!lede_stored_text_kept(stored))
        return error_set(err, LEDE_MISSING, "the text was not kept: made with --no-store");
    buffer_init(&stopwords, NULL);
    status = tokens_index_settings(options->index, &settings, &stopwords, &language, err);
    (void)language_find(slice_from(article->language), &language);
    if (status == LEDE_OK)
        status = tokens_print(&settings, language, slice_from(article->title), err);
    if (status == LEDE_OK)
        status = tokens_print(&settings, language, slice_from(article->text), err);
    buffer_done(&stopwords);
    return status;
}

/* What is damaged before the article was passed over when it was indexed, too. */
static enum lede_status copy_range(struct input *input, const char *name, uint64_t offset,
                                   uint64_t size, struct lede_error *err)
{
    uint64_t end = offset + size;
    struct slice ahead;

    while (input_offset(input) < end) {
        uint64_t at = input_offset(input), left = end - at;
        enum lede_status status = input_peek(input, 1, &ahead, err);
        uint64_t place;

        if (status == LEDE_CORRUPT && at <= offset && input_resume(input, &place))
            continue;
        if (status != LEDE_OK)
            return status;
        if (ahead.size == 0)
            return error_set(err, LEDE_MISSING, "%s: is shorter than when it was indexed", name);
        if (ahead.size > left)
            ahead.size = (size_t)left;
        if (at < offset && ahead.size > offset - at)
            ahead.size = (size_t)(offset - at);
        if (at >= offset)
            (void)fwrite(ahead.data, 1, ahead.size, stdout);
        input_skip(input, ahead.size);
    }
    return LEDE_OK;
}

/* The entry of an archive that the article came from; empty: it came from no archive. */
static struct slice entry_of(const struct lede_article *article)
{
    const struct lede_field *last =
        article->metadata_count ? &article->metadata[article->metadata_count - 1] : NULL;

    if (!last || !slice_equal(slice_from(last->name), slice_str(READER_ENTRY)))
        return slice_of(NULL, 0);
    return slice_from(last->value);
}

/* Finds the file itself, if it is no archive, or the entry of that name in it. */
static enum lede_status find_packed(struct unpacker *unpacker, const char *name, struct slice entry,
                                    struct unpacked *unpacked, struct lede_error *err)
{
    enum lede_status status;

    do {
        status = unpacker_next(unpacker, unpacked, err);
        if (status != LEDE_OK)
            return status;
        if (unpacked->kind == UNPACKED_FILE &&
            (unpacked->entry.size == 0 || slice_equal(unpacked->entry, entry)))
            return LEDE_OK;
        if (unpacked->kind == UNPACKED_SKIP && entry.size == 0)
            return error_set(err, LEDE_IO, "%s", unpacked->skip.message);
    } while (unpacked->kind != UNPACKED_END);
    return error_set(err, LEDE_MISSING, "%s: is not the file it was when it was indexed", name);
}

static enum lede_status copy_article(struct unpacker *unpacker, const char *name,
                                     const struct lede_article *article, struct lede_error *err)
{
    struct origin origin = {slice_str(name), slice_str(name), true};
    struct unpacked unpacked;
    enum lede_status status;
    int fd = open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_set(err, LEDE_IO, "%s: %s", name, strerror(errno));
    unpacker_start(unpacker, fd, &origin);
    status = find_packed(unpacker, name, entry_of(article), &unpacked, err);
    if (status == LEDE_OK)
        status =
            copy_range(unpacked.input, name, article->source_offset, article->source_size, err);
    return status;
}

static enum lede_status show_raw(const struct lede_article *article, struct lede_error *err)
{
    struct buffer path;
    struct unpacker *unpacker = NULL;
    enum lede_status status;

    if (article->source.size == 0)
        return error_set(err, LEDE_MISSING, "it is not known which file the article came from");
    buffer_init(&path, NULL);
    buffer_put(&path, article->source.data, article->source.size);
    buffer_byte(&path, '\0');
    status = path.failed ? error_no_memory(err) : unpacker_new(0, &unpacker, err);
    if (status == LEDE_OK)
        status = copy_article(unpacker, (const char *)path.data, article, err);
    unpacker_free(unpacker);
    buffer_done(&path);
    return status;
}

static enum lede_status show(const struct options *options, const struct lede_stored *stored,
                             struct lede_error *err)
{
    if (options->raw)
        return show_raw(lede_stored_article(stored), err);
    if (options->tokens)
        return show_tokens(options, stored, err);
    return show_text(stored, err);
}

static enum lede_status show_id(const struct options *options, struct lede_index *index,
                                const char *id, struct lede_error *err)
{
    struct lede_stored *stored;
    enum lede_status status =
        lede_stored_find(index, (struct lede_bytes){id, strlen(id)}, &stored, err);

    if (status == LEDE_MISSING)
        return error_set(err, LEDE_MISSING, "%s: there is no such article in %s", id,
                         options->index);
    if (status != LEDE_OK)
        return status;
    status = show(options, stored, err);
    lede_stored_free(stored);
    return status;
}

int command_show(const struct options *options)
{
    struct lede_error error = {.text = ""};
    const char *const path = options->index;
    struct lede_index *index;
    enum lede_status status = command_need_index(options, &error);
    int code = EXIT_DONE;

    if (status == LEDE_OK)
        status = lede_index_open(&path, 1, &index, &error);
    if (status != LEDE_OK)
        return command_fail(&error);
    for (size_t i = 0; i < options->operand_count; i++) {
        status = show_id(options, index, options->operands[i], &error);
        if (status == LEDE_OK)
            continue;
        code = command_fail(&error);
        if (status == LEDE_MISSING)
            code = EXIT_SKIPPED;
    }
    lede_index_close(index);
    return code;
}
