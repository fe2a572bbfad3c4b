#include "command/json_reader.h"

#include <stdio.h>

#include "base/lede_bytes.h"
#include "command/json_extent.h"

enum { BLANKS_MOST = 64 * 1024 /* behind an object alone, for it to be one */ };

static struct slice without_blanks(struct slice bytes)
{
    while (bytes.size > 0 && byte_is_blank(bytes.data[0]))
        bytes = slice_of(bytes.data + 1, bytes.size - 1);
    return bytes;
}

static struct slice without_mark(struct slice bytes)
{
    return slice_begins(bytes, slice_str("\xef\xbb\xbf")) ? slice_of(bytes.data + 3, bytes.size - 3)
                                                          : bytes;
}

enum head_answer json_recognizes(struct slice head)
{
    struct slice text = without_blanks(without_mark(head)), next;

    if (text.size == 0)
        return HEAD_MORE;
    if (text.data[0] != '[' && text.data[0] != '{')
        return HEAD_NO;
    next = without_blanks(slice_of(text.data + 1, text.size - 1));
    if (next.size == 0)
        return HEAD_MORE;
    return next.data[0] == (text.data[0] == '[' ? '{' : '"') ? HEAD_YES : HEAD_NO;
}

void json_reader_init(struct json_reader *reader, const struct member_fields *fields,
                      size_t max_record)
{
    *reader = (struct json_reader){.max_record = max_record, .place = JSON_END};
    members_init(&reader->members, fields);
    json_object_init(&reader->object);
}

void json_reader_done(struct json_reader *reader)
{
    members_done(&reader->members);
    json_object_done(&reader->object);
}

void json_reader_start(struct json_reader *reader, struct input *input, const struct origin *origin)
{
    reader->input = input;
    reader->origin = origin;
    reader->place = JSON_BEGIN;
    reader->record = 0;
}

/* ---- skips ---- */

/* Nothing more is read, for a reason that is the file's last item, or the run's end. */
static enum lede_status end_with(struct json_reader *reader, struct item *item,
                                 enum lede_status status, const char *message,
                                 struct lede_error *err)
{
    reader->place = JSON_END;
    return item_skip_rest(item, reader->origin, status, reader->record, input_offset(reader->input),
                          message, err);
}

/* ---- values ---- */

/* Passes blanks; the byte behind them, or -1 at the end. */
static int find_byte(struct json_reader *reader, enum lede_status *status, struct lede_error *error)
{
    struct slice ahead, rest;

    do {
        *status = input_peek(reader->input, 1, &ahead, error);
        if (reader->place == JSON_BEGIN && input_offset(reader->input) == 0 && ahead.size > 0) {
            (void)input_peek(reader->input, 3, &ahead, NULL);
            input_skip(reader->input, ahead.size - without_mark(ahead).size);
            *status = input_peek(reader->input, 1, &ahead, error);
        }
        rest = without_blanks(ahead);
        input_skip(reader->input, ahead.size - rest.size);
    } while (ahead.size > 0 && rest.size == 0);
    return rest.size > 0 ? rest.data[0] : -1;
}

/* Finds the end of the value ahead; if that is over the limit, it may not be found. */
static bool find_value(struct json_reader *reader, struct json_extent *extent, struct slice *value,
                       enum lede_status *status, struct lede_error *error)
{
    size_t size = 0;
    bool found = false;

    do {
        *status = input_peek(reader->input, size + 1, value, error);
        if (value->size == size)
            break;
        found = json_extent_find(extent, *value, &size);
    } while (!found && size <= reader->max_record);
    /* A bare word may end with the file. */
    found |= extent->bare && *status == LEDE_OK && value->size == size;
    value->size = size;
    return found;
}

/* Passes a value of which size bytes were looked at, all if found; true if it has an end. */
static bool pass_value(struct json_reader *reader, struct json_extent *extent, bool found,
                       uint64_t *size, enum lede_status *status, struct lede_error *error)
{
    struct slice ahead;

    input_skip(reader->input, (size_t)*size);
    while (!found) {
        size_t passed = 0;

        *status = input_peek(reader->input, 1, &ahead, error);
        if (ahead.size == 0)
            return false;
        found = json_extent_find(extent, ahead, &passed);
        input_skip(reader->input, passed);
        *size += passed;
    }
    return true;
}

/* True if there is nothing but blanks behind size bytes. */
static bool is_alone(struct json_reader *reader, size_t size)
{
    size_t seen = size;
    struct slice ahead;

    do {
        (void)input_peek(reader->input, seen + 1, &ahead, NULL);
        if (without_blanks(slice_of(ahead.data + size, ahead.size - size)).size > 0)
            return false;
        if (ahead.size == seen)
            return true;
        seen = ahead.size;
    } while (seen - size < BLANKS_MOST);
    return false;
}

static enum lede_status read_object(struct json_reader *reader, struct slice value, uint64_t number,
                                    struct item *item)
{
    uint64_t offset = input_offset(reader->input);
    char complaint[MEMBERS_COMPLAINT] = "";
    enum lede_status status = LEDE_OK;

    if (value.data[0] != '{') {
        item_skip(item, reader->origin, SKIP_BAD_RECORD, reader->record, offset,
                  "the record is no JSON object");
        return LEDE_OK;
    }
    status = members_read_json(&reader->members, &reader->object, value, reader->origin, number,
                               item, complaint);
    if (status != LEDE_OK)
        return status;
    if (complaint[0]) {
        item_skip(item, reader->origin, reader->object.reason, reader->record, offset, complaint);
        return status;
    }
    item->record = reader->record;
    item_set_source(item, reader->origin, offset, value.size);
    return status;
}

static enum lede_status take_long(struct json_reader *reader, struct json_extent *extent,
                                  bool found, uint64_t size, struct item *item,
                                  struct lede_error *err)
{
    uint64_t offset = input_offset(reader->input);
    struct lede_error error = {.text = "brackets or quotes in it do not match"};
    char message[160];
    enum lede_status status = LEDE_OK;

    if (!pass_value(reader, extent, found, &size, &status, &error))
        return end_with(reader, item, status, error.text, err);
    (void)snprintf(message, sizeof message,
                   "the record has %llu bytes, more than %zu: see --max-record",
                   (unsigned long long)size, reader->max_record);
    item_skip(item, reader->origin, SKIP_TOO_LARGE, reader->record, offset, message);
    return LEDE_OK;
}

static enum lede_status take_value(struct json_reader *reader, struct item *item,
                                   struct lede_error *err)
{
    struct lede_error error = {.text = "brackets or quotes in it do not match"};
    bool in_array = reader->place == JSON_ARRAY, found, alone;
    struct json_extent extent = {.depth = 0};
    enum lede_status status;
    struct slice value;
    size_t size;

    reader->record++;
    found = find_value(reader, &extent, &value, &status, &error);
    if (value.size > reader->max_record)
        return take_long(reader, &extent, found, value.size, item, err);
    if (!found)
        return end_with(reader, item, status, error.text, err);
    if (!in_array && value.data[0] != '{')
        return end_with(reader, item, LEDE_OK, "neither objects nor an array of them", err);
    size = value.size;
    alone = reader->place == JSON_BEGIN && is_alone(reader, size);
    (void)input_peek(reader->input, size, &value, NULL);
    status = read_object(reader, slice_of(value.data, size), alone ? 0 : reader->record, item);
    input_skip(reader->input, size);
    reader->place = in_array ? JSON_ARRAY : JSON_VALUES;
    return status == LEDE_OK ? LEDE_OK : error_no_memory(err);
}

/* What is ahead at the end of the input: nothing, if that is where it may end. */
static enum lede_status take_end(struct json_reader *reader, struct item *item,
                                 enum lede_status status, const struct lede_error *error,
                                 struct lede_error *err)
{
    if (status != LEDE_OK)
        return end_with(reader, item, status, error->text, err);
    if (reader->place == JSON_ARRAY)
        return end_with(reader, item, LEDE_OK, "the array has no end: it is cut short", err);
    reader->place = JSON_END;
    return LEDE_OK;
}

/* Passes what stands between values: true if it was that. */
static bool pass_mark(struct json_reader *reader, int byte)
{
    bool begins = reader->place == JSON_BEGIN && byte == '[';
    bool ends = reader->place == JSON_ARRAY && byte == ']';

    if (!begins && !ends && !(reader->place == JSON_ARRAY && byte == ','))
        return false;
    if (begins || ends)
        reader->place = begins ? JSON_ARRAY : JSON_BEHIND;
    input_skip(reader->input, 1);
    return true;
}

enum lede_status json_reader_next(struct json_reader *reader, struct item *item,
                                  struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status = LEDE_OK;
    int byte;

    *item = (struct item){.kind = ITEM_END};
    if (reader->place == JSON_END)
        return LEDE_OK;
    do
        byte = find_byte(reader, &status, &error);
    while (pass_mark(reader, byte));
    if (byte < 0)
        return take_end(reader, item, status, &error, err);
    if (reader->place == JSON_BEHIND)
        return end_with(reader, item, LEDE_OK, "there is something behind the array", err);
    return take_value(reader, item, err);
}
