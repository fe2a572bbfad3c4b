#include "command/boilerplate_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/json.h"
#include "base/printable.h"
#include "boilerplate_terms.h"

struct listed {
    uint64_t articles;
    uint8_t size, term[KEY_TERM_MAX];
};

struct list {
    struct listed *items;
    size_t count, capacity;
};

static bool add(struct list *list, struct slice term, uint64_t articles)
{
    struct listed *item;

    if (list->count == list->capacity &&
        !array_grow((void **)&list->items, &list->capacity, sizeof *list->items, NULL))
        return false;
    item = &list->items[list->count++];
    item->articles = articles;
    item->size = (uint8_t)term.size;
    memcpy(item->term, term.data, term.size);
    return true;
}

static enum lede_status read_segment(struct list *list, struct segment *segment,
                                     struct lede_error *err)
{
    struct dictionary_cursor cursor;
    struct slice term;
    uint32_t articles;
    enum lede_status status = boilerplate_lines_begin(segment, &cursor, err);

    while (status == LEDE_OK) {
        status = boilerplate_lines_next(&cursor, &term, &articles, err);
        if (status == LEDE_OK && !add(list, term, articles))
            status = error_no_memory(err);
    }
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* ---- order ---- */

static int compare_terms(const void *a, const void *b)
{
    const struct listed *one = a, *other = b;

    return slice_compare(slice_of(one->term, one->size), slice_of(other->term, other->size));
}

static struct slice line_of(const struct listed *item)
{
    return slice_of(item->term + BOILERPLATE_HEAD, (size_t)item->size - BOILERPLATE_HEAD);
}

static int compare_articles(const void *a, const void *b)
{
    const struct listed *one = a, *other = b;
    int order;

    if (one->articles != other->articles)
        return one->articles > other->articles ? -1 : 1;
    order = slice_compare(line_of(one), line_of(other));
    return order ? order : compare_terms(a, b);
}

/* Makes one of the same line of several segments. */
static void unite(struct list *list)
{
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_terms);
    for (size_t i = 1; i < list->count; i++)
        if (compare_terms(&list->items[kept], &list->items[i]) == 0)
            list->items[kept].articles += list->items[i].articles;
        else
            list->items[++kept] = list->items[i];
    list->count = kept + 1;
    qsort(list->items, list->count, sizeof *list->items, compare_articles);
}

/* ---- output ---- */

static void put(struct buffer *out, const struct listed *item, bool json)
{
    buffer_clear(out);
    if (json) {
        buffer_printf(out, "{\"articles\":%llu,\"line\":", (unsigned long long)item->articles);
        json_put_string(out, line_of(item));
        buffer_str(out, "}\n");
        return;
    }
    buffer_printf(out, "%llu\t", (unsigned long long)item->articles);
    printable_put(out, line_of(item), PRINTABLE_LINE);
    buffer_byte(out, '\n');
}

enum lede_status boilerplate_list_print(struct snapshot *snapshot, bool json,
                                        struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    struct list list = {0};
    struct buffer line;

    buffer_init(&line, NULL);
    for (size_t i = 0; status == LEDE_OK && i < snapshot->segment_count; i++)
        status = read_segment(&list, &snapshot->segments[i], err);
    unite(&list);
    for (size_t i = 0; status == LEDE_OK && i < list.count; i++) {
        put(&line, &list.items[i], json);
        if (line.failed)
            status = error_no_memory(err);
        else
            (void)fwrite(line.data, 1, line.size, stdout); /* main tells if it failed */
    }
    buffer_done(&line);
    array_free(list.items, list.capacity, sizeof *list.items, NULL);
    return status;
}
