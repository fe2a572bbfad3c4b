#include "command/copies_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/json.h"
#include "base/printable.h"

struct member {
    uint64_t group, order; /* order: place of the segment << 32 | document */
    uint64_t first;        /* the order of the group's first one */
};

struct list {
    struct member *items;
    size_t count, capacity;
};

/* The columns of a window. */
struct window {
    int64_t signatures[WINDOW_DOCS], groups[WINDOW_DOCS], hashes[WINDOW_DOCS];
};

static enum lede_status read_window(const struct column_source *columns, uint32_t number,
                                    struct window *window, struct lede_error *err)
{
    int64_t min, max;
    enum lede_status status =
        column_window(columns, COLUMN_SIGNATURE, number, window->signatures, &min, &max, err);

    if (status == LEDE_OK)
        status =
            column_window(columns, COLUMN_DUPLICATE_GROUP, number, window->groups, &min, &max, err);
    if (status == LEDE_OK)
        status =
            column_window(columns, COLUMN_CONTENT_HASH, number, window->hashes, &min, &max, err);
    return status;
}

static enum lede_status add_window(struct list *list, struct segment *segment, uint64_t place,
                                   uint32_t number, struct window *window, struct lede_error *err)
{
    const uint8_t *deleted = NULL;
    enum lede_status status = read_window(&segment->columns, number, window, err);

    if (status == LEDE_OK)
        status = segment_deletions(segment, number, &deleted, err);
    for (uint32_t i = 0; status == LEDE_OK && i < segment_window_docs(segment, number); i++) {
        int64_t group = window->groups[i] == COLUMN_MISSING ? window->hashes[i] : window->groups[i];

        if (window->signatures[i] == COLUMN_MISSING || (deleted && deleted[i / 8] >> i % 8 & 1))
            continue;
        if (list->count == list->capacity &&
            !array_grow((void **)&list->items, &list->capacity, sizeof *list->items, NULL))
            return error_no_memory(err);
        list->items[list->count++] = (struct member){
            .group = (uint64_t)group, .order = place << 32 | (number * WINDOW_DOCS + i)};
    }
    return status;
}

static enum lede_status add_all(struct list *list, struct snapshot *snapshot,
                                struct lede_error *err)
{
    struct window *window = malloc(sizeof *window);
    enum lede_status status = LEDE_OK;

    if (!window)
        return error_no_memory(err);
    for (size_t i = 0; i < snapshot->segment_count && status == LEDE_OK; i++)
        for (uint32_t number = 0;
             number < segment_window_count(&snapshot->segments[i]) && status == LEDE_OK; number++)
            status = add_window(list, &snapshot->segments[i], i, number, window, err);
    free(window);
    return status;
}

/* ---- order ---- */

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_groups(const void *a, const void *b)
{
    const struct member *one = a, *other = b;
    int order = compare(one->group, other->group);

    return order ? order : compare(one->order, other->order);
}

static int compare_firsts(const void *a, const void *b)
{
    const struct member *one = a, *other = b;
    int order = compare(one->first, other->first);

    return order ? order : compare(one->order, other->order);
}

/* Drops who is alone in its group, and puts the others in order. */
static void arrange(struct list *list)
{
    size_t kept = 0, end;

    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_groups);
    for (size_t i = 0; i < list->count; i = end) {
        uint64_t group = list->items[i].group, first = list->items[i].order;

        for (end = i + 1; end < list->count && list->items[end].group == group;)
            end++;
        for (size_t j = i; j < end && end - i > 1; j++) {
            list->items[kept] = list->items[j];
            list->items[kept++].first = first;
        }
    }
    list->count = kept;
    qsort(list->items, list->count, sizeof *list->items, compare_firsts);
}

/* ---- output ---- */

static void put(struct buffer *out, uint64_t group, struct slice id, bool json)
{
    if (json) {
        buffer_printf(out, "{\"group\":\"%016" PRIx64 "\",\"id\":", group);
        json_put_string(out, id);
        buffer_str(out, "}\n");
        return;
    }
    buffer_printf(out, "%016" PRIx64 "\t", group);
    printable_put(out, id, PRINTABLE_NAME);
    buffer_byte(out, '\n');
}

static enum lede_status print(struct snapshot *snapshot, const struct list *list, bool json,
                              struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    struct buffer line, id;

    buffer_init(&line, NULL);
    buffer_init(&id, NULL);
    for (size_t i = 0; i < list->count && status == LEDE_OK; i++) {
        const struct member *member = &list->items[i];

        status =
            segment_name(&snapshot->segments[member->order >> 32], (doc_id)member->order, &id, err);
        if (status != LEDE_OK)
            break;
        buffer_clear(&line);
        put(&line, member->group, buffer_bytes(&id), json);
        if (line.failed)
            status = error_no_memory(err);
        else
            (void)fwrite(line.data, 1, line.size, stdout); /* main tells if it failed */
    }
    buffer_done(&line);
    buffer_done(&id);
    return status;
}

enum lede_status copies_list_print(struct snapshot *snapshot, bool json, struct lede_error *err)
{
    struct list list = {0};
    enum lede_status status = add_all(&list, snapshot, err);

    if (status == LEDE_OK) {
        arrange(&list);
        status = print(snapshot, &list, json, err);
    }
    array_free(list.items, list.capacity, sizeof *list.items, NULL);
    return status;
}
