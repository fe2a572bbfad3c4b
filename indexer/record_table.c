#include "record_table.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"
#include "base/array.h"
#include "base/bytes.h"
#include "temporary.h"

static const uint64_t NO_PAGE = UINT64_MAX;

void record_table_init(struct record_table *table, bool is_set, size_t memory,
                       const char *directory, struct account *account)
{
    *table = (struct record_table){
        .is_set = is_set, .width = is_set ? 1 : 2, .file = -1, .step = 1, .page_number = NO_PAGE};
    /* of a number also when it was added */
    record_sort_init(&table->sort, is_set ? 1 : 3, memory, directory, account);
}

void record_table_done(struct record_table *table)
{
    if (table->file >= 0)
        (void)close(table->file);
    table->file = -1;
    array_free(table->fences, table->fence_capacity, sizeof *table->fences, table->sort.account);
    table->fences = NULL;
    table->fence_count = table->fence_capacity = 0;
    table->count = 0;
    table->step = 1;
    table->page_number = NO_PAGE;
    record_sort_done(&table->sort);
}

enum lede_status record_table_add(struct record_table *table, uint64_t key, uint64_t number,
                                  struct lede_error *err)
{
    uint64_t record[RECORD_WIDTH_MAX] = {key, table->sort.total, number};

    return record_sort_add(&table->sort, record, err);
}

static uint64_t page_records(const struct record_table *table)
{
    return sizeof table->page / sizeof *table->page / table->width;
}

/* ---- finishing ---- */

/* Writes the page that holds record number count - 1, the last one put there. */
static enum lede_status put_page(struct record_table *table, struct lede_error *err)
{
    uint64_t number = (table->count - 1) / page_records(table);

    return temporary_write(table->file, table->sort.directory,
                           slice_of(table->page, sizeof table->page), number * RECORD_PAGE, err);
}

/* Notes the first key of a page; of every second one from where these would be too many. */
static enum lede_status put_fence(struct record_table *table, uint64_t page, uint64_t key,
                                  struct lede_error *err)
{
    if (page % table->step != 0)
        return LEDE_OK;
    if (table->fence_count == RECORD_FENCES) {
        for (size_t i = 0; i < RECORD_FENCES / 2; i++)
            table->fences[i] = table->fences[2 * i];
        table->fence_count = RECORD_FENCES / 2;
        table->step *= 2;
    }
    if (table->fence_count == table->fence_capacity &&
        !array_grow((void **)&table->fences, &table->fence_capacity, sizeof *table->fences,
                    table->sort.account))
        return error_no_memory(err);
    table->fences[table->fence_count++] = key;
    return LEDE_OK;
}

/* Puts a record behind those before: where the sorted ones were read, or into the file. */
static enum lede_status put(struct record_table *table, const uint64_t *record,
                            struct lede_error *err)
{
    uint64_t at = table->count, in_page = at % page_records(table);
    uint64_t *to = table->file < 0 ? table->sort.records + at * table->width
                                   : table->page + in_page * table->width;
    enum lede_status status = LEDE_OK;

    if (table->file >= 0 && in_page == 0 && at > 0)
        status = put_page(table, err);
    if (table->file >= 0 && in_page == 0 && status == LEDE_OK)
        status = put_fence(table, at / page_records(table), record[0], err);
    to[0] = record[0];
    if (!table->is_set)
        to[1] = record[2];
    table->count++;
    return status;
}

enum lede_status record_table_finish(struct record_table *table, struct lede_error *err)
{
    uint64_t last[RECORD_WIDTH_MAX];
    struct record_cursor cursor;
    const uint64_t *record;
    bool waits = false;
    enum lede_status status = record_sort_read(&table->sort, &cursor, err);

    if (status == LEDE_OK && table->sort.run_count > 0)
        status = temporary_make(table->sort.directory, &table->file, err);
    while (status == LEDE_OK && (status = record_cursor_next(&cursor, &record, err)) == LEDE_OK) {
        if (waits && record[0] != last[0])
            status = put(table, last, err);
        memcpy(last, record, table->sort.width * sizeof *record);
        waits = true;
    }
    if (status != LEDE_MISSING)
        return status;
    status = waits ? put(table, last, err) : LEDE_OK;
    if (status != LEDE_OK || table->file < 0)
        return status;
    status = put_page(table, err);
    record_sort_done(&table->sort); /* the file has all */
    return status;
}

/* ---- looking up ---- */

static enum lede_status read_page(struct record_table *table, uint64_t number,
                                  struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (table->page_number == number)
        return LEDE_OK;
    status = temporary_read(table->file, table->sort.directory, number * RECORD_PAGE,
                            (uint8_t *)table->page, sizeof table->page, err);
    table->page_number = status == LEDE_OK ? number : NO_PAGE;
    return status;
}

/* How many of the records, each width numbers, begin with a key of at most this one. */
static size_t upper_bound(const uint64_t *records, size_t count, unsigned width, uint64_t key)
{
    size_t from = 0;

    while (from < count) {
        size_t middle = from + (count - from) / 2;

        if (records[middle * width] <= key)
            from = middle + 1;
        else
            count = middle;
    }
    return from;
}

/* The last page that begins with a key of at most this one, which is not below the first. */
static enum lede_status find_page(struct record_table *table, uint64_t key, struct lede_error *err)
{
    uint64_t pages = (table->count - 1) / page_records(table) + 1;
    uint64_t first = (upper_bound(table->fences, table->fence_count, 1, key) - 1) * table->step;
    uint64_t behind = pages - first < table->step ? pages : first + table->step;
    enum lede_status status = LEDE_OK;

    while (behind - first > 1 && status == LEDE_OK) {
        uint64_t middle = first + (behind - first) / 2;

        status = read_page(table, middle, err);
        if (status == LEDE_OK && table->page[0] <= key)
            first = middle;
        else
            behind = middle;
    }
    return status == LEDE_OK ? read_page(table, first, err) : status;
}

enum lede_status record_table_find(struct record_table *table, uint64_t key, bool *found,
                                   uint64_t *place, struct lede_error *err)
{
    const uint64_t *records = table->sort.records;
    uint64_t first = 0, count = table->count, at;
    enum lede_status status = LEDE_OK;

    *found = false;
    if (count == 0 || (table->file >= 0 && key < table->fences[0]))
        return LEDE_OK;
    if (table->file >= 0) {
        status = find_page(table, key, err);
        first = table->page_number * page_records(table);
        records = table->page;
        count = count - first < page_records(table) ? count - first : page_records(table);
    }
    if (status != LEDE_OK)
        return status;
    at = upper_bound(records, (size_t)count, table->width, key);
    *found = at > 0 && records[(at - 1) * table->width] == key;
    *place = first + at - 1;
    return LEDE_OK;
}

/* The number at a place, in memory until another page is read. */
static enum lede_status locate(struct record_table *table, uint64_t place, uint64_t **number,
                               struct lede_error *err)
{
    enum lede_status status;

    assert(place < table->count && !table->is_set);
    *number = table->sort.records + place * table->width + 1;
    if (table->file < 0)
        return LEDE_OK;
    status = read_page(table, place / page_records(table), err);
    *number = table->page + place % page_records(table) * table->width + 1;
    return status;
}

enum lede_status record_table_get(struct record_table *table, uint64_t place, uint64_t *number,
                                  struct lede_error *err)
{
    uint64_t *at;
    enum lede_status status = locate(table, place, &at, err);

    if (status == LEDE_OK)
        *number = *at;
    return status;
}

enum lede_status record_table_set(struct record_table *table, uint64_t place, uint64_t number,
                                  struct lede_error *err)
{
    uint64_t *at;
    enum lede_status status = locate(table, place, &at, err);

    if (status != LEDE_OK || *at == number)
        return status;
    *at = number;
    if (table->file < 0)
        return LEDE_OK;
    return temporary_write(table->file, table->sort.directory, slice_of(at, sizeof *at),
                           place * table->width * sizeof *at + sizeof *at, err);
}
