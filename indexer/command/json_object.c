#include "command/json_object.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "command/json_memory.h"
#include "command/repair.h"
#include "html/reserve.h"

enum {
    TEXT_KEPT = 4 << 20, /* bytes that stay for the next line */
    MEMBERS_KEPT = 1024
};

void json_object_init(struct json_object *object)
{
    memset(object, 0, sizeof *object);
    buffer_init(&object->text, json_memory());
    arena_init(&object->arena, 0, json_memory());
}

static void forget(struct json_object *object)
{
    json_decref(object->scanned);
    object->scanned = NULL;
    object->count = 0;
    object->replaced = 0;
    object->complaint[0] = '\0';
    object->reason = SKIP_BAD_RECORD;
    arena_reset(&object->arena);
    if (object->text.capacity > TEXT_KEPT)
        buffer_done(&object->text);
    buffer_clear(&object->text);
    if (object->capacity <= MEMBERS_KEPT)
        return;
    array_free(object->members, object->capacity, sizeof *object->members, json_memory());
    object->members = NULL;
    object->capacity = 0;
}

void json_object_done(struct json_object *object)
{
    forget(object);
    buffer_done(&object->text);
    arena_done(&object->arena);
    array_free(object->members, object->capacity, sizeof *object->members, json_memory());
}

bool json_object_add(struct json_object *object, struct slice name, struct slice value,
                     enum json_kind kind)
{
    if (object->count == object->capacity &&
        !array_grow((void **)&object->members, &object->capacity, sizeof *object->members,
                    json_memory()))
        return false;
    object->members[object->count++] = (struct json_member){name, value, kind};
    return true;
}

/* ---- values that are no strings ---- */

static enum lede_status dump(struct json_object *object, const json_t *value, size_t precision,
                             struct slice *out)
{
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(precision);
    size_t size = json_dumpb(value, NULL, 0, flags);
    char *text = size ? arena_alloc(&object->arena, size) : NULL;

    if (!text)
        return LEDE_NO_MEMORY;
    if (json_dumpb(value, text, size, flags) != size)
        return LEDE_NO_MEMORY;
    *out = slice_of(text, size);
    return LEDE_OK;
}

/* NULL: it is no JSON, or *status is LEDE_NO_MEMORY. */
static json_t *load_any(struct slice json, enum lede_status *status)
{
    json_error_t error;
    json_t *value =
        json_loadb((const char *)json.data, json.size, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    bool fails = !value && json_error_code(&error) == json_error_out_of_memory;

    *status = fails ? LEDE_NO_MEMORY : LEDE_OK;
    return value;
}

/* Compact JSON. Reals take 15 digits where that is the same number, so that 0.1 stays
 * 0.1, else the 17 that always are. */
static enum lede_status compact(struct json_object *object, const json_t *value, struct slice *out)
{
    enum lede_status status = dump(object, value, 15, out);
    json_t *again;
    bool same;

    if (status != LEDE_OK || !memchr(out->data, '.', out->size))
        return status;
    again = load_any(*out, &status);
    if (!again) /* what jansson wrote is JSON */
        return LEDE_NO_MEMORY;
    same = json_equal(again, value);
    json_decref(again);
    return same ? LEDE_OK : dump(object, value, 17, out);
}

static enum json_kind kind_of(const json_t *value)
{
    return json_is_null(value) ? KIND_NULL : json_is_number(value) ? KIND_NUMBER : KIND_OTHER;
}

static enum lede_status add_value(struct json_object *object, struct slice name,
                                  const json_t *value)
{
    struct slice text;
    enum lede_status status = compact(object, value, &text);

    if (status == LEDE_OK && !json_object_add(object, name, text, kind_of(value)))
        status = LEDE_NO_MEMORY;
    return status;
}

enum lede_status json_object_add_raw(struct json_object *object, struct slice name,
                                     struct slice json)
{
    enum lede_status status;
    json_t *value = load_any(json, &status);

    if (status == LEDE_OK)
        status = value ? add_value(object, name, value) : LEDE_INVALID;
    json_decref(value);
    return status;
}

/* ---- a whole line by jansson ---- */

static enum lede_status load(struct json_object *object, struct slice line, json_error_t *error)
{
    reserve_json_clear();
    object->scanned = json_loadb((const char *)line.data, line.size, JSON_ALLOW_NUL, error);
    if (!object->scanned && json_error_code(error) == json_error_invalid_utf8) {
        buffer_clear(&object->text);
        repair_utf8(line, &object->text, &object->replaced);
        if (object->text.failed)
            return LEDE_NO_MEMORY;
        object->scanned =
            json_loadb((const char *)object->text.data, object->text.size, JSON_ALLOW_NUL, error);
    }
    if (reserve_is_spent())
        return LEDE_NO_MEMORY;
    return !object->scanned && reserve_json_was_refused() ? LEDE_NO_MEMORY : LEDE_OK;
}

static enum lede_status add_members(struct json_object *object)
{
    enum lede_status status = LEDE_OK;
    const char *key;
    json_t *value;

    json_object_foreach(object->scanned, key, value)
    {
        struct slice text = slice_of(json_string_value(value), json_string_length(value));

        if (!json_is_string(value))
            status = add_value(object, slice_str(key), value);
        else if (!json_object_add(object, slice_str(key), text, KIND_STRING))
            status = LEDE_NO_MEMORY;
        if (status != LEDE_OK)
            break;
    }
    return status;
}

enum lede_status json_object_read_slowly(struct json_object *object, struct slice line)
{
    json_error_t error = {.text = ""};
    enum lede_status status;

    forget(object);
    status = reserve_begin() ? load(object, line, &error) : LEDE_NO_MEMORY;
    if (status != LEDE_OK)
        return status;
    if (json_is_object(object->scanned))
        return add_members(object);
    if (object->scanned)
        (void)snprintf(object->complaint, sizeof object->complaint, "the record is no JSON object");
    else
        (void)snprintf(object->complaint, sizeof object->complaint, "%s, byte %d of the record",
                       error.text, error.position);
    return LEDE_OK;
}

enum lede_status json_object_read(struct json_object *object, struct slice line)
{
    enum lede_status status;

    forget(object);
    if (!reserve_begin())
        return LEDE_NO_MEMORY;
    reserve_json_clear();
    status = json_scan(object, line);
    if (status == LEDE_INVALID)
        status = json_object_read_slowly(object, line);
    if (reserve_is_spent())
        return LEDE_NO_MEMORY;
    if (status != LEDE_NO_MEMORY || !json_memory_is_short())
        return status;
    forget(object);
    object->reason = SKIP_TOO_LARGE;
    (void)snprintf(object->complaint, sizeof object->complaint,
                   "its values take too much memory: see --memory, --max-record");
    return LEDE_OK;
}
