#include "command/reader.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/lede_bytes.h"
#include "command/csv_header.h"
#include "command/csv_reader.h"
#include "command/feed_reader.h"
#include "command/file_kind.h"
#include "command/html_reader.h"
#include "command/json_memory.h"
#include "command/json_reader.h"
#include "command/mail_reader.h"
#include "command/text_reader.h"
#include "command/unpacker.h"
#include "command/warc_reader.h"

enum state {
    STATE_DONE,
    STATE_SKIP,
    STATE_TEXT,
    STATE_JSONL,
    STATE_HTML,
    STATE_WARC,
    STATE_CSV,
    STATE_JSON,
    STATE_FEED,
    STATE_MAIL
};

struct reader {
    struct reader_options options;
    struct unpacker *unpacker;
    struct text_reader text;
    struct jsonl_reader *jsonl;
    struct csv_reader *csv;
    struct json_reader json;
    struct feed_reader feed;
    struct mail_reader mail;
    struct html_reader html;
    struct warc_reader warc;
    struct chained chained;
    const struct origin *file; /* that was started */
    /* Of it, or of what is packed in it: what is read now. */
    struct input *input;
    const struct origin *origin;
    struct slice entry;     /* empty: the file itself */
    struct buffer metadata; /* of an article of an entry: struct lede_field */
    enum state state;
    bool tabs;        /* STATE_CSV: TSV */
    bool named;       /* skips are of what was an argument */
    bool ended;       /* nothing is packed in the file but what is read now */
    struct skip skip; /* STATE_SKIP: what is wrong with the whole */
};

enum lede_status reader_open(const struct reader_options *options, struct reader **out,
                             struct lede_error *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    enum lede_status status;

    if (!reader)
        return error_no_memory(err);
    reader->options = *options;
    json_memory_bound(options->max_values);
    text_reader_init(&reader->text);
    html_reader_init(&reader->html, options->max_page, options->max_tree);
    json_reader_init(&reader->json, &options->fields, options->max_record);
    feed_reader_init(&reader->feed, options->max_page, options->max_tree);
    mail_reader_init(&reader->mail, options->max_record, options->max_page, options->max_tree);
    warc_reader_init(&reader->warc, options->max_page, options->max_tree);
    chained_init(&reader->chained);
    buffer_init(&reader->metadata, NULL);
    status = unpacker_new(options->max_unpack, &reader->unpacker, err);
    if (status == LEDE_OK)
        status = jsonl_reader_new(&options->fields, options->max_record, &reader->jsonl, err);
    if (status == LEDE_OK)
        status = csv_reader_new(&options->fields, options->max_record, &reader->csv, err);
    if (status != LEDE_OK) {
        reader_close(reader);
        return status;
    }
    *out = reader;
    return LEDE_OK;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    jsonl_reader_free(reader->jsonl);
    csv_reader_free(reader->csv);
    json_reader_done(&reader->json);
    feed_reader_done(&reader->feed);
    mail_reader_done(&reader->mail);
    text_reader_done(&reader->text);
    html_reader_done(&reader->html);
    warc_reader_done(&reader->warc);
    chained_done(&reader->chained);
    buffer_done(&reader->metadata);
    unpacker_free(reader->unpacker);
    free(reader);
}

/* ---- what a file is ---- */

/* As JSON has it. */
static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* True if the first line that is not blank is a JSON object, or begins as one and is
 * longer than a record may be. */
static bool begins_with_object(struct reader *reader)
{
    size_t want = 4, begin = 0, searched = 0, most = reader->options.max_record;
    const uint8_t *end = NULL;
    struct slice ahead;
    bool whole;

    do {
        whole = input_peek(reader->input, want, &ahead, NULL) != LEDE_OK || ahead.size < want;
        if (begin == 0 && ahead.size >= 3 && memcmp(ahead.data, "\xef\xbb\xbf", 3) == 0)
            begin = 3;
        while (begin < ahead.size && is_space(ahead.data[begin]))
            begin++;
        if (begin < ahead.size && ahead.data[begin] != '{')
            return false;
        searched = searched > begin ? searched : begin;
        if (searched < ahead.size)
            end = memchr(ahead.data + searched, '\n', ahead.size - searched);
        searched = ahead.size;
        want = searched + 1;
    } while (!end && !whole && ahead.size - begin <= most);
    if (begin == ahead.size)
        return false;
    if (!end && ahead.size - begin > most)
        return true;
    end = end ? end : ahead.data + ahead.size;
    return jsonl_reader_is_object(slice_of(ahead.data + begin, (size_t)(end - ahead.data) - begin));
}

/* True if nothing but blanks follows the line that begins_with_object looked at. */
static bool is_one_line(struct reader *reader)
{
    struct slice ahead, text;
    size_t seen = 0;

    do {
        (void)input_peek(reader->input, seen + 1, &ahead, NULL);
        text = slice_trim(ahead);
        if (text.size > 0 && memchr(text.data, '\n', text.size))
            return false;
        if (ahead.size == seen)
            return true;
        seen = ahead.size;
    } while (seen - text.size < HEAD_SIZE);
    return false;
}

/* Asks about *head, which becomes longer until there is an answer. */
static bool begins_with(struct reader *reader, struct slice *head,
                        enum head_answer (*recognize)(struct slice head))
{
    enum head_answer answer = recognize(*head);

    while (answer == HEAD_MORE && head->size < HEAD_SIZE) {
        size_t seen = head->size;

        (void)input_peek(reader->input, seen + 1, head, NULL);
        if (head->size == seen)
            break;
        answer = recognize(*head);
    }
    return answer == HEAD_YES;
}

static void skip_file(struct reader *reader, enum skip_reason reason, const char *message)
{
    reader->state = STATE_SKIP;
    skip_set(&reader->skip, reason, reader->origin->path, message);
}

static void choose_table(struct reader *reader, struct slice head, bool tabs)
{
    reader->state = STATE_CSV;
    reader->tabs = tabs;
    if (head_is_utf16(head))
        skip_file(reader, SKIP_BINARY, "UTF-16: tables are UTF-8, convert it with iconv");
}

static void choose_feed(struct reader *reader, struct slice head)
{
    reader->state = STATE_FEED;
    if (head_is_utf16(head))
        skip_file(reader, SKIP_BINARY, "UTF-16: feeds are UTF-8, convert it with iconv");
}

static void choose_auto(struct reader *reader, struct slice head)
{
    enum name_kind kind = name_kind(reader->origin->path);
    enum warc_form form;

    if (warc_recognizes(head, &form))
        reader->state = STATE_WARC;
    else if (kind == NAME_JSONL && head_is_utf16(head))
        skip_file(reader, SKIP_BINARY, "UTF-16: JSON lines are UTF-8, convert it with iconv");
    else if (head_is_binary(head))
        skip_file(reader, SKIP_BINARY, "binary");
    else if (kind == NAME_JSONL)
        reader->state = STATE_JSONL;
    else if (kind == NAME_CSV || kind == NAME_TSV || csv_recognizes(head, &reader->options.fields))
        choose_table(reader, head, kind == NAME_TSV);
    else if (begins_with(reader, &head, feed_recognizes))
        choose_feed(reader, head);
    else if (begins_with(reader, &head, head_is_html) || (kind == NAME_HTML && head_has_tag(head)))
        reader->state = STATE_HTML;
    else if (begins_with_object(reader))
        reader->state = kind == NAME_JSON && is_one_line(reader) ? STATE_JSON : STATE_JSONL;
    else if (begins_with(reader, &head, json_recognizes))
        reader->state = STATE_JSON;
    else if (kind == NAME_MAIL || begins_with(reader, &head, mbox_recognizes) ||
             begins_with(reader, &head, mail_recognizes))
        reader->state = STATE_MAIL;
    else if (kind == NAME_JSON)
        skip_file(reader, SKIP_BAD_RECORD,
                  "neither objects nor an array of them (-f text takes it as text)");
    else
        reader->state = STATE_TEXT;
}

static void choose(struct reader *reader, struct slice head)
{
    enum input_format format = reader->options.format;

    if (head.size == 0 && slice_equal(reader->origin->path, slice_str("-")))
        reader->state = STATE_DONE;
    else if (format == FORMAT_JSONL)
        reader->state = STATE_JSONL;
    else if (format == FORMAT_TEXT && !head_is_binary(head))
        reader->state = STATE_TEXT;
    else if (format == FORMAT_HTML && !head_is_binary(head))
        reader->state = STATE_HTML;
    else if (format == FORMAT_JSON)
        reader->state = STATE_JSON;
    else if (format == FORMAT_FEED && !head_is_binary(head))
        choose_feed(reader, head);
    else if (format == FORMAT_MAIL && !head_is_binary(head))
        reader->state = STATE_MAIL;
    else if (format == FORMAT_WARC)
        reader->state = STATE_WARC;
    else if ((format == FORMAT_CSV || format == FORMAT_TSV) && !head_is_binary(head))
        choose_table(reader, head, format == FORMAT_TSV);
    else if (format == FORMAT_ARCHIVE && reader->entry.size == 0)
        skip_file(reader, SKIP_BAD_RECORD, "neither a tar nor a zip archive");
    else if (format != FORMAT_AUTO && format != FORMAT_ARCHIVE)
        skip_file(reader, SKIP_BINARY, "binary");
    else
        choose_auto(reader, head);
}

static enum lede_status start_chosen(struct reader *reader, struct slice head,
                                     struct lede_error *err)
{
    const struct origin *origin = reader->origin;
    enum warc_form form;

    if (reader->state == STATE_TEXT)
        text_reader_start(&reader->text, reader->input, origin, reader->options.max_text);
    if (reader->state == STATE_JSONL)
        jsonl_reader_start(reader->jsonl, reader->input, origin);
    if (reader->state == STATE_HTML)
        html_reader_start(&reader->html, reader->input, origin);
    if (reader->state == STATE_WARC) {
        (void)warc_recognizes(head, &form);
        warc_reader_start(&reader->warc, reader->input, origin, form);
    }
    if (reader->state == STATE_MAIL)
        mail_reader_start(&reader->mail, reader->input, origin,
                          begins_with(reader, &head, mbox_recognizes));
    if (reader->state == STATE_FEED)
        feed_reader_start(&reader->feed, reader->input, origin);
    if (reader->state == STATE_JSON)
        json_reader_start(&reader->json, reader->input, origin);
    if (reader->state == STATE_CSV)
        return csv_reader_start(reader->csv, reader->input, origin, reader->tabs, err);
    return LEDE_OK;
}

/* ---- one file after the other ---- */

/* The next of the files that are packed in the file; STATE_DONE: there is none. */
static enum lede_status next_file(struct reader *reader, struct lede_error *err)
{
    struct unpacked unpacked;
    enum lede_status status = unpacker_next(reader->unpacker, &unpacked, err);

    reader->state = STATE_DONE;
    reader->ended = status != LEDE_OK || unpacked.kind == UNPACKED_END;
    if (reader->ended)
        return status;
    reader->entry = unpacked.entry;
    if (unpacked.kind == UNPACKED_SKIP) {
        reader->state = STATE_SKIP;
        reader->skip = unpacked.skip;
        reader->named = unpacked.skip.named;
        return LEDE_OK;
    }
    reader->input = unpacked.input;
    reader->origin = unpacked.origin;
    reader->named = unpacked.origin->named;
    choose(reader, unpacked.head);
    return start_chosen(reader, unpacked.head, err);
}

static enum lede_status begin_file(struct reader *reader, const struct origin *origin,
                                   struct lede_error *err)
{
    reader->file = origin;
    return next_file(reader, err);
}

enum lede_status reader_start(struct reader *reader, int fd, const struct origin *origin,
                              struct lede_error *err)
{
    reader->chained.active = false;
    unpacker_start(reader->unpacker, fd, origin);
    return begin_file(reader, origin, err);
}

enum lede_status reader_start_memory(struct reader *reader, struct slice bytes, size_t step,
                                     const struct origin *origin, struct lede_error *err)
{
    reader->chained.active = false;
    unpacker_start_memory(reader->unpacker, bytes, step, origin);
    return begin_file(reader, origin, err);
}

/* ---- items ---- */

/* What the format's reader yields; ITEM_END: there is no more in this file. */
static enum lede_status read_whole(struct reader *reader, struct item *item, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    enum state state = reader->state;

    *item = (struct item){.kind = ITEM_END};
    if (state == STATE_JSONL)
        return jsonl_reader_next(reader->jsonl, item, err);
    if (state == STATE_WARC)
        return warc_reader_next(&reader->warc, item, err);
    if (state == STATE_CSV)
        return csv_reader_next(reader->csv, item, err);
    if (state == STATE_MAIL)
        return mail_reader_next(&reader->mail, item, err);
    if (state == STATE_FEED)
        return feed_reader_next(&reader->feed, item, err);
    if (state == STATE_JSON)
        return json_reader_next(&reader->json, item, err);
    reader->state = STATE_DONE;
    if (state == STATE_TEXT)
        status = text_reader_next(&reader->text, item, err);
    if (state == STATE_HTML)
        status = html_reader_next(&reader->html, item, err);
    if (item->kind == ITEM_PART)
        reader->state = STATE_TEXT; /* to be continued */
    if (state == STATE_SKIP) {
        item->kind = ITEM_SKIP;
        item->skip = reader->skip;
    }
    return status;
}

/* The same, or one of the articles that it chains. */
static enum lede_status read_item(struct reader *reader, struct item *item, struct lede_error *err)
{
    bool is_web = reader->state == STATE_HTML || reader->state == STATE_WARC;
    enum lede_status status = LEDE_OK;

    if (!reader->chained.active) {
        status = read_whole(reader, item, err);
        item->is_page = is_web || item->page.size > 0;
        if (status == LEDE_OK && item->kind == ITEM_ARTICLE)
            status = chained_take(&reader->chained, &reader->options.split, item, err);
    }
    return status == LEDE_OK && reader->chained.active ? chained_next(&reader->chained, item, err)
                                                       : status;
}

/* An article of an entry comes from the archive's file; its metadata say from which entry. */
static enum lede_status name_entry(struct reader *reader, struct item *item)
{
    size_t count = item->article.metadata_count;

    item->article.source = bytes_of(reader->file->path);
    buffer_clear(&reader->metadata);
    if (count > 0)
        buffer_put(&reader->metadata, item->article.metadata, count * sizeof(struct lede_field));
    buffer_put(&reader->metadata,
               &(struct lede_field){LEDE_STR(READER_ENTRY), bytes_of(reader->entry)},
               sizeof(struct lede_field));
    item->article.metadata = (const struct lede_field *)(const void *)reader->metadata.data;
    item->article.metadata_count = count + 1;
    return reader->metadata.failed ? LEDE_NO_MEMORY : LEDE_OK;
}

enum lede_status reader_next(struct reader *reader, struct item *item, struct lede_error *err)
{
    enum lede_status status = read_item(reader, item, err);

    while (status == LEDE_OK && item->kind == ITEM_END && !reader->ended) {
        status = next_file(reader, err);
        if (status == LEDE_OK)
            status = read_item(reader, item, err);
    }
    if (status != LEDE_OK)
        return status;
    if (item->kind == ITEM_SKIP)
        item->skip.named = reader->named;
    if (item->kind == ITEM_ARTICLE && reader->entry.size > 0 && name_entry(reader, item) != LEDE_OK)
        return error_no_memory(err);
    return LEDE_OK;
}

uint64_t reader_raw_bytes(const struct reader *reader)
{
    return unpacker_raw_bytes(reader->unpacker);
}

uint64_t reader_bytes(const struct reader *reader)
{
    return unpacker_bytes(reader->unpacker);
}
