#include "tests/index/memory_records.h"

#include <stdlib.h>

static void *copy_of(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    return copy;
}

static int record_compare(const struct memory_record *record, char table, struct slice key)
{
    return record->table != table ? record->table - table : slice_compare(record->key, key);
}

/* The place of the first record that is not below (table, key). */
static size_t lower_bound(const struct memory_records *memory, char table, struct slice key)
{
    size_t low = 0, high = memory->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (record_compare(&memory->records[middle], table, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct memory_records *memory, size_t at, char table, struct slice key)
{
    return at < memory->count && record_compare(&memory->records[at], table, key) == 0;
}

static void insert(struct memory_records *memory, size_t at, char table, struct slice key,
                   struct slice value)
{
    struct memory_record *grown;

    if (memory->count == memory->capacity) {
        memory->capacity = memory->capacity * 2 + 16;
        grown = realloc(memory->records, memory->capacity * sizeof *grown);
        if (!grown)
            abort();
        memory->records = grown;
    }
    memmove(memory->records + at + 1, memory->records + at,
            (memory->count - at) * sizeof *memory->records);
    memory->count++;
    memory->records[at] =
        (struct memory_record){table, slice_of(copy_of(key.data, key.size), key.size),
                               copy_of(value.data, value.size), value.size};
}

static enum lede_status put(void *context, char table, struct slice key, struct slice value,
                            struct lede_error *err)
{
    struct memory_records *memory = context;
    size_t at = lower_bound(memory, table, key);

    if (memory->puts_left == 0)
        return error_set(err, LEDE_FULL, "no room for another record");
    memory->puts_left--;
    if (is_at(memory, at, table, key))
        memory_record_set(&memory->records[at], value.data, value.size);
    else
        insert(memory, at, table, key, value);
    return LEDE_OK;
}

static enum lede_status get(void *context, char table, struct slice key, struct slice *value,
                            struct lede_error *err)
{
    const struct memory_record *record = memory_records_find(context, table, key);

    if (!record)
        return error_set(err, LEDE_CORRUPT, "no such record in table %c", table);
    *value = slice_of(record->value, record->size);
    return LEDE_OK;
}

static enum lede_status seek(void *context, struct slice key, struct slice *found_key,
                             struct slice *value, struct lede_error *err)
{
    const struct memory_records *memory = context;
    size_t at = lower_bound(memory, 'd', key);

    (void)err;
    if (at == memory->count || memory->records[at].table != 'd')
        return LEDE_MISSING;
    *found_key = memory->records[at].key;
    *value = slice_of(memory->records[at].value, memory->records[at].size);
    return LEDE_OK;
}

void memory_records_init(struct memory_records *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->puts_left = SIZE_MAX;
    memory->sink = (struct record_sink){memory, put};
    memory->source = (struct record_source){.context = memory, .get = get};
    memory->pages = (struct page_source){memory, seek, NULL};
}

void memory_records_done(struct memory_records *memory)
{
    for (size_t i = 0; i < memory->count; i++) {
        free((void *)memory->records[i].key.data);
        free(memory->records[i].value);
    }
    free(memory->records);
    memory->records = NULL;
    memory->count = memory->capacity = 0;
}

struct memory_record *memory_records_find(struct memory_records *memory, char table,
                                          struct slice key)
{
    size_t at = lower_bound(memory, table, key);

    return is_at(memory, at, table, key) ? &memory->records[at] : NULL;
}

struct memory_record *memory_records_extent(struct memory_records *memory, uint32_t segment,
                                            enum stream_kind kind, uint32_t number)
{
    uint8_t key[EXTENT_KEY_SIZE];

    extent_key(key, segment, kind, number);
    return memory_records_find(memory, 'e', slice_of(key, sizeof key));
}

void memory_record_set(struct memory_record *record, const void *value, size_t size)
{
    uint8_t *copy = copy_of(value, size);

    free(record->value);
    record->value = copy;
    record->size = size;
}
