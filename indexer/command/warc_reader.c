#include "command/warc_reader.h"

#include <stdio.h>

#include "base/lede_bytes.h"
#include "command/file_kind.h"
#include "command/http_message.h"
#include "command/text_reader.h"
#include "command/warc_payload.h"
#include "html/html_encoding.h"

/* HEAD_MOST: of a record or of what a server answered. */
enum { HEAD_MOST = 64 * 1024, SEARCHED = 64 * 1024 };

static const char CUT_SHORT[] = "it is cut short, or its length is wrong";

void warc_reader_init(struct warc_reader *reader, size_t max_page, size_t max_tree)
{
    *reader = (struct warc_reader){.max_page = max_page};
    html_article_init(&reader->article, max_tree);
    repeats_init(&reader->repeats);
    buffer_init(&reader->body, NULL);
    buffer_init(&reader->text, NULL);
    buffer_init(&reader->id, NULL);
}

void warc_reader_done(struct warc_reader *reader)
{
    html_article_done(&reader->article);
    repeats_done(&reader->repeats);
    buffer_done(&reader->body);
    buffer_done(&reader->text);
    buffer_done(&reader->id);
}

void warc_reader_start(struct warc_reader *reader, struct input *input, const struct origin *origin,
                       enum warc_form form)
{
    reader->input = input;
    reader->origin = origin;
    reader->form = form;
    reader->record = 0;
    reader->ended = false;
    reader->fatal = LEDE_OK;
    repeats_clear(&reader->repeats);
}

/* ---- what lies ahead ---- */

struct view {
    struct slice ahead;
    enum lede_status status; /* why it is less than was asked for */
    struct lede_error error;
};

static void look(struct warc_reader *reader, size_t want, struct view *view)
{
    view->status = input_peek(reader->input, want, &view->ahead, &view->error);
    if (view->status == LEDE_NO_MEMORY || view->status == LEDE_INTERRUPTED) {
        reader->fatal = view->status;
        reader->fatal_error = view->error;
    }
}

static bool is_line_end(uint8_t byte)
{
    return byte == '\r' || byte == '\n';
}

/* Passes the line ends between records; false: there is nothing behind them. */
static bool find_record(struct warc_reader *reader, struct view *view)
{
    size_t passed;

    for (;;) {
        look(reader, 1, view);
        for (passed = 0; passed < view->ahead.size && is_line_end(view->ahead.data[passed]);)
            passed++;
        input_skip(reader->input, passed);
        if (passed < view->ahead.size || view->ahead.size == 0)
            return view->ahead.size > 0;
    }
}

/* Bytes of the head ahead; 0: it has no end among HEAD_MOST bytes. */
static size_t find_head(struct warc_reader *reader, struct view *view)
{
    size_t seen = 0, size = 0;

    while (size == 0 && seen < HEAD_MOST) {
        look(reader, seen + 1, view);
        if (view->ahead.size == seen)
            break;
        seen = view->ahead.size;
        size = warc_head_size(reader->form,
                              slice_of(view->ahead.data, seen < HEAD_MOST ? seen : HEAD_MOST));
    }
    return size;
}

/* Where in bytes the next record begins; their size: nowhere. */
static size_t find_next(enum warc_form form, struct slice bytes)
{
    const uint8_t *at = bytes.data, *end = bytes.data + bytes.size, *line_end;

    for (; at < end && (line_end = memchr(at, '\n', (size_t)(end - at))); at = line_end + 1) {
        const uint8_t *next = line_end + 1;

        if (next < end && warc_begins(form, slice_of(next, (size_t)(end - next))))
            return (size_t)(next - bytes.data);
    }
    return bytes.size;
}

/* Bytes of a line that may be the next record's first one, whose rest is not there yet. */
static size_t kept_for_later(struct slice bytes)
{
    const uint8_t *last = bytes.size ? memrchr(bytes.data, '\n', bytes.size) : NULL;

    return last && last > bytes.data ? (size_t)(bytes.data + bytes.size - last) : 0;
}

/* Passes everything up to the next record, which is not where the input stands. */
static void find_another(struct warc_reader *reader)
{
    struct view view;
    size_t next;

    do {
        look(reader, SEARCHED, &view);
        next = find_next(reader->form, view.ahead);
        if (next == view.ahead.size && view.ahead.size >= SEARCHED)
            next -= kept_for_later(view.ahead);
        else if (next < view.ahead.size)
            view.ahead.size = 0;
        input_skip(reader->input, next);
    } while (view.ahead.size >= SEARCHED);
}

/* ---- skips ---- */

static void set_skip(struct warc_reader *reader, struct item *item, enum skip_reason reason,
                     struct slice uri, const char *message)
{
    uint64_t offset = input_offset(reader->input);
    char text[sizeof item->skip.message];
    int shown = uri.size < 160 ? (int)uri.size : 160;

    (void)snprintf(text, sizeof text, "at byte %llu%s%.*s: %.200s", (unsigned long long)offset,
                   shown ? ", " : "", shown, shown ? (const char *)uri.data : "", message);
    *item = (struct item){.kind = ITEM_SKIP};
    skip_set(&item->skip, reason, reader->origin->path, text);
    item->skip.record = reader->record;
    item->skip.offset = offset;
}

/* The record cannot be trusted; the next one may begin passed bytes behind its beginning. */
static void skip_broken(struct warc_reader *reader, struct item *item, size_t passed,
                        const char *message)
{
    set_skip(reader, item, SKIP_BAD_RECORD, slice_of(NULL, 0), message);
    input_skip(reader->input, passed);
    find_another(reader);
}

/* The input fails: the record that is ahead is lost, and what comes before the next member of a
 * compressed file, or all that is left; that is named once. */
static void skip_rest(struct warc_reader *reader, struct item *item, const struct view *view)
{
    char message[sizeof item->skip.message];
    struct slice ahead;
    uint64_t at;

    set_skip(reader, item, SKIP_UNREADABLE, slice_of(NULL, 0), view->error.text);
    (void)input_peek(reader->input, 0, &ahead, NULL);
    input_skip(reader->input, ahead.size);
    reader->ended = !input_resume(reader->input, &at);
    if (reader->ended)
        return;
    memcpy(message, item->skip.message, sizeof message);
    (void)snprintf(item->skip.message, sizeof item->skip.message,
                   "%.300s; reading goes on at byte %llu of the file", message,
                   (unsigned long long)at);
}

/* A record that the input ends in. */
static void skip_cut(struct warc_reader *reader, struct item *item, const struct view *view,
                     size_t head_size)
{
    if (view->status != LEDE_OK)
        skip_rest(reader, item, view);
    else
        skip_broken(reader, item, head_size, CUT_SHORT);
}

/* ---- articles ---- */

static enum lede_status make_id(struct warc_reader *reader, struct slice uri, struct item *item)
{
    uint32_t count = repeats_add(&reader->repeats, uri);

    buffer_clear(&reader->id);
    buffer_put(&reader->id, uri.data, uri.size);
    if (count > 1)
        buffer_printf(&reader->id, "#%u", count);
    item->article.id = bytes_of(buffer_bytes(&reader->id));
    if (item->article.url.size < 3 ||
        !memmem(item->article.url.data, item->article.url.size, "://", 3))
        item->article.url = (struct lede_bytes){reader->id.data, uri.size};
    return count == 0 || reader->id.failed ? LEDE_NO_MEMORY : LEDE_OK;
}

/* 20140216050221 as 2014-02-16T05:02:21Z. */
static void take_crawled(struct warc_reader *reader, struct slice date, struct item *item)
{
    const char *at = (const char *)date.data;

    if (reader->form == FORM_ARC)
        (void)snprintf(reader->crawled, sizeof reader->crawled, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ",
                       at, at + 4, at + 6, at + 8, at + 10, at + 12);
    else
        (void)snprintf(reader->crawled, sizeof reader->crawled, "%.*s",
                       date.size < sizeof reader->crawled ? (int)date.size : 0,
                       date.size ? at : "");
    html_article_put(&reader->article, item, "crawled", slice_str(reader->crawled));
}

static enum lede_status read_text(struct warc_reader *reader, const struct warc_payload *payload,
                                  struct item *item, struct lede_error *err)
{
    struct slice title, text;
    enum lede_status status;

    buffer_clear(&reader->text);
    status =
        html_to_utf8(payload->body, payload->charset, &reader->text, &item->replaced_bytes, err);
    if (status != LEDE_OK)
        return status;
    text_reader_split(buffer_bytes(&reader->text), &title, &text);
    item->article.title = bytes_of(title);
    item->article.text = bytes_of(text);
    reader->article.metadata_count = 0;
    return LEDE_OK;
}

/* The article that a payload is, but for its place in the file. */
static enum lede_status read_article(struct warc_reader *reader, const struct warc_record *record,
                                     const struct warc_payload *payload, struct item *item,
                                     struct lede_error *err)
{
    enum lede_status status;

    *item = (struct item){.kind = ITEM_ARTICLE};
    if (payload->content == CONTENT_PAGE)
        status = html_article_read(&reader->article, payload->body, payload->charset, item, err);
    else
        status = read_text(reader, payload, item, err);
    if (status != LEDE_OK)
        return status;
    if (item->article.language.size == 0)
        item->article.language = bytes_of(record->language);
    take_crawled(reader, record->date, item);
    return make_id(reader, record->uri, item) == LEDE_OK ? LEDE_OK : error_no_memory(err);
}

/* What the record that lies ahead as a whole becomes. */
static void take_payload(struct warc_reader *reader, const struct warc_record *record,
                         struct slice block, struct item *item)
{
    struct lede_error error = {.text = ""};
    struct warc_payload payload;
    enum lede_status status = warc_payload_find(reader->form, record, block, &payload, &error);

    if (status == LEDE_OK)
        status = warc_payload_unpack(&payload, reader->max_page, &reader->body, &error);
    if (status == LEDE_OK)
        status = read_article(reader, record, &payload, item, &error);
    if (status == LEDE_NO_MEMORY) {
        reader->fatal = status;
        reader->fatal_error = error;
    } else if (status == LEDE_MISSING) {
        set_skip(reader, item, SKIP_NO_ARTICLE, record->uri, error.text);
    } else if (status != LEDE_OK) {
        set_skip(reader, item, status == LEDE_LIMIT ? SKIP_TOO_LARGE : SKIP_BAD_RECORD, record->uri,
                 error.text);
    }
}

/* ---- records ---- */

static void take_whole(struct warc_reader *reader, size_t head_size, size_t size, struct item *item)
{
    size_t total = head_size + size;
    struct warc_record record;
    struct view view;

    look(reader, total + WARC_BEHIND, &view);
    if (view.ahead.size < total) {
        skip_cut(reader, item, &view, head_size);
        return;
    }
    if (!warc_may_end(reader->form, slice_of(view.ahead.data + total, view.ahead.size - total))) {
        skip_broken(reader, item, head_size, "it does not end where its length says");
        return;
    }
    (void)warc_read_head(reader->form, slice_of(view.ahead.data, head_size), &record);
    take_payload(reader, &record, slice_of(view.ahead.data + head_size, size), item);
    if (item->kind == ITEM_ARTICLE) {
        item->record = reader->record;
        item->article.source = bytes_of(reader->origin->path);
        item->article.source_offset = input_offset(reader->input);
        item->article.source_size = total;
    }
    input_skip(reader->input, total); /* the bytes stay until the next peek */
}

/* Passes bytes that need not fit into memory; false: the input ends before. */
static bool pass(struct warc_reader *reader, uint64_t size, struct view *view)
{
    while (size > 0) {
        look(reader, 1, view);
        if (view->ahead.size == 0)
            return false;
        if (view->ahead.size > size)
            view->ahead.size = (size_t)size;
        input_skip(reader->input, view->ahead.size);
        size -= view->ahead.size;
    }
    return true;
}

/* A record over max_page bytes: how it begins tells whether it would have been an article. */
static void pass_large(struct warc_reader *reader, size_t head_size, uint64_t size,
                       struct item *item)
{
    struct lede_error error = {.text = ""};
    struct warc_payload payload;
    struct warc_record record;
    struct view view;
    char message[128];

    look(reader, head_size + HEAD_MOST, &view);
    (void)warc_read_head(reader->form, slice_of(view.ahead.data, head_size), &record);
    (void)snprintf(message, sizeof message,
                   "it has %llu bytes, more than %zu: see --memory, --max-record",
                   (unsigned long long)size, reader->max_page);
    if (warc_payload_find(reader->form, &record,
                          slice_of(view.ahead.data + head_size, view.ahead.size - head_size),
                          &payload, &error) == LEDE_MISSING)
        set_skip(reader, item, SKIP_NO_ARTICLE, record.uri, error.text);
    else
        set_skip(reader, item, SKIP_TOO_LARGE, record.uri, message);
    if (pass(reader, head_size + size, &view))
        return;
    if (view.status != LEDE_OK) {
        skip_rest(reader, item, &view);
        return;
    }
    item->skip.reason = SKIP_BAD_RECORD;
    (void)snprintf(item->skip.message, sizeof item->skip.message, "at byte %llu: %s",
                   (unsigned long long)item->skip.offset, CUT_SHORT);
    reader->ended = true;
}

static void take_record(struct warc_reader *reader, struct item *item)
{
    struct warc_record record;
    const char *complaint;
    struct view view;
    size_t head_size;

    look(reader, 5, &view);
    if (reader->form == FORM_WARC && !warc_begins(reader->form, view.ahead)) {
        skip_broken(reader, item, 0, "no record begins here");
        return;
    }
    head_size = find_head(reader, &view);
    if (head_size == 0 && view.status != LEDE_OK) {
        skip_rest(reader, item, &view);
        return;
    }
    complaint = head_size
                    ? warc_read_head(reader->form, slice_of(view.ahead.data, head_size), &record)
                    : "its head has no end";
    if (complaint)
        skip_broken(reader, item, head_size ? head_size - 1 : 1, complaint);
    else if (record.size > reader->max_page)
        pass_large(reader, head_size, record.size, item);
    else
        take_whole(reader, head_size, (size_t)record.size, item);
}

enum lede_status warc_reader_next(struct warc_reader *reader, struct item *item,
                                  struct lede_error *err)
{
    struct view view;

    *item = (struct item){.kind = ITEM_END};
    if (reader->ended)
        return LEDE_OK;
    if (find_record(reader, &view)) {
        reader->record++;
        take_record(reader, item);
    } else if (view.status != LEDE_OK) {
        reader->record++;
        skip_rest(reader, item, &view);
    }
    if (reader->fatal != LEDE_OK)
        return error_set(err, reader->fatal, "%s", reader->fatal_error.text);
    return LEDE_OK;
}
