#include "command/jsonl_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/lede_bytes.h"

struct jsonl_reader {
    size_t max_record;
    struct input *input;
    const struct origin *origin;
    uint64_t line, record;     /* of the one that was read last, from 1 */
    bool failed;               /* the input's end could not be reached, and that was said */
    struct json_object object; /* of the article that was yielded last */
    struct members members;
};

enum lede_status jsonl_reader_new(const struct member_fields *fields, size_t max_record,
                                  struct jsonl_reader **out, struct lede_error *err)
{
    struct jsonl_reader *reader = calloc(1, sizeof *reader);

    if (!reader)
        return error_no_memory(err);
    members_init(&reader->members, fields);
    reader->max_record = max_record;
    json_object_init(&reader->object);
    *out = reader;
    return LEDE_OK;
}

void jsonl_reader_free(struct jsonl_reader *reader)
{
    if (!reader)
        return;
    json_object_done(&reader->object);
    members_done(&reader->members);
    free(reader);
}

void jsonl_reader_start(struct jsonl_reader *reader, struct input *input,
                        const struct origin *origin)
{
    reader->input = input;
    reader->origin = origin;
    reader->line = reader->record = 0;
    reader->failed = false;
}

bool jsonl_reader_is_object(struct slice line)
{
    struct json_object object;
    bool is_object;

    json_object_init(&object);
    is_object = json_object_read(&object, line) == LEDE_OK &&
                (!object.complaint[0] || object.reason == SKIP_TOO_LARGE);
    json_object_done(&object);
    return is_object;
}

/* ---- lines ---- */

enum line_kind { LINE_END, LINE_WHOLE, LINE_TOO_LONG, LINE_FAILED };

/* Looks for the end of the line ahead, without its end. The window grows to the line's size, and to
 * max_record at most. */
static enum line_kind find_line(struct jsonl_reader *reader, struct slice *line,
                                struct lede_error *error, enum lede_status *status)
{
    size_t searched = 0;
    const uint8_t *end;

    for (;;) {
        *status = input_peek(reader->input, searched + 1, line, error);
        end = line->size > searched ? memchr(line->data + searched, '\n', line->size - searched)
                                    : NULL;
        if (end)
            line->size = (size_t)(end - line->data);
        if (line->size > reader->max_record)
            return LINE_TOO_LONG;
        if (end)
            return LINE_WHOLE;
        if (*status != LEDE_OK)
            return LINE_FAILED;
        if (line->size == searched)
            return searched == 0 ? LINE_END : LINE_WHOLE;
        searched = line->size;
    }
}

/* Passes the rest of the line and its end, whatever its size; returns the size without the end. */
static uint64_t pass_line(struct jsonl_reader *reader, bool *ended)
{
    struct slice ahead;
    const uint8_t *end = NULL;
    uint64_t size = 0;

    do {
        *ended = input_peek(reader->input, 1, &ahead, NULL) == LEDE_OK;
        if (ahead.size == 0)
            break;
        end = memchr(ahead.data, '\n', ahead.size);
        if (end)
            ahead.size = (size_t)(end - ahead.data);
        size += ahead.size;
        input_skip(reader->input, ahead.size + (end != NULL));
    } while (!end);
    return size;
}

static bool is_blank(struct slice line)
{
    size_t i = 0;

    while (i < line.size && (line.data[i] == ' ' || line.data[i] == '\t' || line.data[i] == '\r'))
        i++;
    return i == line.size;
}

/* ---- records ---- */

static enum lede_status read_record(struct jsonl_reader *reader, struct slice line,
                                    struct item *item)
{
    uint64_t offset = input_offset(reader->input);
    char complaint[MEMBERS_COMPLAINT] = "";
    enum lede_status status = members_read_json(&reader->members, &reader->object, line,
                                                reader->origin, reader->record, item, complaint);

    if (status != LEDE_OK)
        return status;
    if (complaint[0]) {
        item_skip(item, reader->origin, reader->object.reason, reader->line, offset, complaint);
        return status;
    }
    item->record = reader->line;
    item_set_source(item, reader->origin, offset, line.size);
    return status;
}

static void pass_too_long(struct jsonl_reader *reader, struct item *item)
{
    uint64_t offset = input_offset(reader->input);
    bool ended;
    uint64_t size = pass_line(reader, &ended);
    char message[160];

    (void)snprintf(message, sizeof message,
                   "the line has %s%llu bytes, more than %zu: see --max-record",
                   ended ? "" : "at least ", (unsigned long long)size, reader->max_record);
    item_skip(item, reader->origin, SKIP_TOO_LARGE, reader->line, offset, message);
}

/* The input ends in an error: the unfinished line is dropped, and the file is named once. */
static enum lede_status fail(struct jsonl_reader *reader, struct item *item,
                             enum lede_status status, const struct lede_error *error,
                             struct lede_error *err)
{
    reader->failed = true;
    return item_skip_rest(item, reader->origin, status, reader->line, input_offset(reader->input),
                          error->text, err);
}

static void skip_mark(struct jsonl_reader *reader)
{
    struct slice ahead;

    if (input_peek(reader->input, 3, &ahead, NULL) == LEDE_OK && ahead.size >= 3 &&
        memcmp(ahead.data, "\xef\xbb\xbf", 3) == 0)
        input_skip(reader->input, 3);
}

enum lede_status jsonl_reader_next(struct jsonl_reader *reader, struct item *item,
                                   struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status;
    struct slice line;
    bool ended;

    *item = (struct item){.kind = ITEM_END};
    if (reader->line == 0)
        skip_mark(reader);
    while (!reader->failed) {
        enum line_kind kind = find_line(reader, &line, &error, &status);
        bool blank = kind == LINE_WHOLE && is_blank(line);

        if (kind == LINE_END)
            break;
        reader->line++;
        reader->record += !blank;
        if (kind == LINE_FAILED)
            return fail(reader, item, status, &error, err);
        if (kind == LINE_TOO_LONG) {
            pass_too_long(reader, item);
            return LEDE_OK;
        }
        if (!blank) {
            status = read_record(reader, line, item);
            if (status != LEDE_OK)
                return error_no_memory(err);
        }
        (void)pass_line(reader, &ended);
        if (!blank)
            return LEDE_OK;
    }
    return LEDE_OK;
}
