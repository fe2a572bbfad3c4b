#include "command/reader.h"

#include <stdlib.h>

#include "command/file_kind.h"
#include "command/html_reader.h"
#include "command/text_reader.h"
#include "command/warc_reader.h"

enum state { STATE_DONE, STATE_SKIP, STATE_TEXT, STATE_JSONL, STATE_HTML, STATE_WARC };

struct reader {
    struct reader_options options;
    struct input *input;
    struct text_reader text;
    struct jsonl_reader *jsonl;
    struct html_reader html;
    struct warc_reader warc;
    const struct origin *origin;
    enum state state;
    struct skip skip; /* STATE_SKIP: what is wrong with the whole file */
};

enum lede_status reader_open(const struct reader_options *options, struct reader **out,
                             struct lede_error *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    enum lede_status status;

    if (!reader)
        return error_no_memory(err);
    reader->options = *options;
    text_reader_init(&reader->text);
    html_reader_init(&reader->html, options->max_page, options->max_tree);
    warc_reader_init(&reader->warc, options->max_page, options->max_tree);
    status = input_new(&reader->input, err);
    if (status == LEDE_OK)
        status = jsonl_reader_new(&options->fields, options->max_record, &reader->jsonl, err);
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
    text_reader_done(&reader->text);
    html_reader_done(&reader->html);
    warc_reader_done(&reader->warc);
    input_free(reader->input);
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

/* Comments before the page may end behind *head, which then becomes longer. */
static bool begins_with_html(struct reader *reader, struct slice *head)
{
    enum head_answer answer = head_is_html(*head);

    while (answer == HEAD_MORE && head->size < HEAD_SIZE) {
        size_t seen = head->size;

        (void)input_peek(reader->input, seen + 1, head, NULL);
        if (head->size == seen)
            break;
        answer = head_is_html(*head);
    }
    return answer == HEAD_YES;
}

static void skip_file(struct reader *reader, enum skip_reason reason, const char *message)
{
    reader->state = STATE_SKIP;
    skip_set(&reader->skip, reason, reader->origin->path, message);
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
    else if (begins_with_html(reader, &head) || (kind == NAME_HTML && head_has_tag(head)))
        reader->state = STATE_HTML;
    else if (begins_with_object(reader))
        reader->state = STATE_JSONL;
    else if (kind == NAME_JSON)
        skip_file(reader, SKIP_BAD_RECORD,
                  "not one JSON object a line: convert it with jq -c (-f text takes it as text)");
    else
        reader->state = STATE_TEXT;
}

/* A line, or HEAD_SIZE bytes: of a slow pipe no more than is needed to tell what it gives. */
static enum lede_status peek_head(struct reader *reader, struct slice *head, struct lede_error *err)
{
    size_t seen = 0;
    enum lede_status status;

    do {
        status = input_peek(reader->input, seen + 1, head, err);
        if (head->size == seen)
            break;
        seen = head->size;
    } while (seen < HEAD_SIZE && !memchr(head->data, '\n', seen));
    /* What comes before an error is read, and the error is met again there. */
    if (seen > 0 && status != LEDE_NO_MEMORY && status != LEDE_INTERRUPTED)
        status = LEDE_OK;
    return status;
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
    else if (format == FORMAT_WARC)
        reader->state = STATE_WARC;
    else
        choose_auto(reader, head);
}

static void start_chosen(struct reader *reader, struct slice head)
{
    enum warc_form form;

    if (reader->state == STATE_TEXT)
        text_reader_start(&reader->text, reader->input, reader->origin, reader->options.max_text);
    if (reader->state == STATE_JSONL)
        jsonl_reader_start(reader->jsonl, reader->input, reader->origin);
    if (reader->state == STATE_HTML)
        html_reader_start(&reader->html, reader->input, reader->origin);
    if (reader->state == STATE_WARC) {
        (void)warc_recognizes(head, &form);
        warc_reader_start(&reader->warc, reader->input, reader->origin, form);
    }
}

/* Failures that are the file's become its one item. */
static enum lede_status begin_file(struct reader *reader, enum lede_status status,
                                   const struct lede_error *error, struct lede_error *err)
{
    struct lede_error peek_error;
    struct slice head = {NULL, 0};

    if (status == LEDE_OK) {
        status = peek_head(reader, &head, &peek_error);
        error = &peek_error;
    }
    if (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED)
        return error_set(err, status, "%s", error->text);
    if (status != LEDE_OK)
        skip_file(reader, SKIP_UNREADABLE, error->text);
    else
        choose(reader, head);
    start_chosen(reader, head);
    return LEDE_OK;
}

enum lede_status reader_start(struct reader *reader, int fd, const struct origin *origin,
                              struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status;

    reader->origin = origin;
    reader->state = STATE_DONE;
    status = input_open(reader->input, fd, (const char *)origin->path.data, &error);
    return begin_file(reader, status, &error, err);
}

enum lede_status reader_start_memory(struct reader *reader, struct slice bytes, size_t step,
                                     const struct origin *origin, struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status;

    reader->origin = origin;
    reader->state = STATE_DONE;
    status = input_open_memory(reader->input, bytes, (const char *)origin->path.data, step, &error);
    return begin_file(reader, status, &error, err);
}

enum lede_status reader_next(struct reader *reader, struct item *item, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    enum state state = reader->state;

    *item = (struct item){.kind = ITEM_END};
    if (state == STATE_JSONL)
        status = jsonl_reader_next(reader->jsonl, item, err);
    else if (state == STATE_WARC)
        status = warc_reader_next(&reader->warc, item, err);
    else
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
    if (item->kind == ITEM_SKIP)
        item->skip.named = reader->origin->named;
    return status;
}

uint64_t reader_raw_bytes(const struct reader *reader)
{
    return input_raw_read(reader->input);
}

uint64_t reader_bytes(const struct reader *reader)
{
    return input_offset(reader->input);
}
