#include "index/verify.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "index/bundle.h"
#include "index/verify_internal.h"

enum { PAGES_MOST = 20 << 20 }; /* bytes: store_bound_pages */

/* ---- problems ---- */

bool verify_is_over(const struct verify *verify)
{
    return (verify->status != LEDE_OK && verify->status != LEDE_CORRUPT) ||
           verify->totals->problems >= VERIFY_PROBLEMS_MAX;
}

static void problem(struct verify *verify, const char *what)
{
    verify->totals->problems++;
    if (verify->status == LEDE_OK)
        verify->status = error_set(&verify->error, LEDE_CORRUPT, "%s", what);
    if (verify->report)
        verify->report(verify->context, what);
}

bool verify_note(struct verify *verify, enum lede_status status, const struct lede_error *error)
{
    if (status == LEDE_CORRUPT || status == LEDE_LIMIT) {
        problem(verify, error->text);
    } else if (status != LEDE_OK && status != LEDE_MISSING) {
        verify->status = status;
        verify->error = *error;
    }
    return status == LEDE_OK;
}

bool verify_problem(struct verify *verify, const struct segment *segment, const char *format, ...)
{
    struct lede_error error;
    va_list arguments;
    int size = snprintf(error.text, sizeof error.text, "segment %u: ", segment->info->number);

    assert(size > 0);
    va_start(arguments, format);
    (void)vsnprintf(error.text + size, sizeof error.text - (size_t)size, format, arguments);
    va_end(arguments);
    problem(verify, error.text);
    return false;
}

/* ---- tables ---- */

static const struct segment *segment_of(const struct snapshot *snapshot, uint32_t number)
{
    for (size_t i = 0; i < snapshot->segment_count; i++)
        if (snapshot->segments[i].info->number == number)
            return &snapshot->segments[i];
    return NULL;
}

static void check_deletion(struct verify *verify, const struct segment *segment, struct slice key,
                           struct slice value)
{
    uint32_t chunk = key.size == DELETION_KEY_SIZE ? load_be32(key.data + 4) : UINT32_MAX;
    uint64_t documents = segment->info->documents, first = (uint64_t)chunk * DELETION_CHUNK;
    struct lede_error error;

    if (!segment->deletions || first >= documents) {
        verify_problem(verify, segment, "a deletion record too many");
        return;
    }
    if (!verify_note(verify,
                     deletion_check(value, deletion_size(segment->info, chunk),
                                    segment->info->number, chunk, &error),
                     &error))
        return;
    for (uint64_t document = documents; document < first + 8 * (value.size - DELETION_HEADER);
         document++)
        if (deletion_has(value.data, (doc_id)document)) {
            verify_problem(verify, segment, "a document is deleted that does not exist");
            return;
        }
}

/* True if the segment has an extent under the key. */
static bool is_extent(const struct segment *segment, struct slice key)
{
    const struct stream *stream;

    if (key.size != EXTENT_KEY_SIZE || key.data[4] > STREAM_BUNDLE)
        return false;
    if (key.data[4] == STREAM_BUNDLE)
        return load_be32(key.data + 5) < bundle_pieces(segment->info);
    stream = &segment->streams[key.data[4]];
    return !stream->gather && load_be32(key.data + 5) < stream->count;
}

/* A record of a live segment: whether it should be there, and what of it no stream reads. */
static void check_record(struct verify *verify, const struct segment *segment, enum table table,
                         struct slice key, struct slice value)
{
    struct lede_error error;

    verify->totals->bytes += value.size;
    if (table == TABLE_DICT)
        verify_note(verify, dictionary_page_check(key, value, &error), &error);
    if (table == TABLE_DELETED)
        check_deletion(verify, segment, key, value);
    if (table != TABLE_EXTENT)
        return;
    verify->totals->extents++;
    if (!is_extent(segment, key))
        verify_problem(verify, segment, "an extent too many");
}

/* Numbers of segments that no manifest names. */
struct garbage {
    uint32_t *numbers;
    size_t count, capacity;
};

static void note_garbage(struct verify *verify, struct garbage *garbage, uint32_t number)
{
    struct lede_error error;

    verify->totals->garbage_records++;
    if (garbage->count > 0 && garbage->numbers[garbage->count - 1] == number)
        return;
    if (garbage->count == garbage->capacity &&
        !array_grow((void **)&garbage->numbers, &garbage->capacity, sizeof *garbage->numbers, NULL))
        verify_note(verify, error_no_memory(&error), &error);
    else
        garbage->numbers[garbage->count++] = number;
}

/* Every record of a table, in order. */
static void check_table(struct verify *verify, enum table table, struct garbage *garbage)
{
    uint8_t next[DICT_KEY_MAX + 1] = {0};
    struct slice from = slice_of(next, 4), key, value;
    const struct segment *segment;
    struct lede_error error;

    while (!verify_is_over(verify)) {
        enum lede_status status =
            store_seek(&verify->snapshot->records, table, from, &key, &value, &error);

        if (!verify_note(verify, status, &error))
            return;
        if (key.size < 4 || key.size >= sizeof next) {
            problem(verify, "a key has a length that no key has");
            return;
        }
        segment = segment_of(verify->snapshot, load_be32(key.data));
        if (segment)
            check_record(verify, segment, table, key, value);
        else
            note_garbage(verify, garbage, load_be32(key.data));
        memcpy(next, key.data, key.size); /* the smallest key behind it */
        next[key.size] = 0;
        from.size = key.size + 1;
    }
}

static int number_compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static void check_tables(struct verify *verify)
{
    struct garbage garbage = {NULL, 0, 0};

    check_table(verify, TABLE_DICT, &garbage);
    check_table(verify, TABLE_EXTENT, &garbage);
    check_table(verify, TABLE_DELETED, &garbage);
    if (garbage.count > 1)
        qsort(garbage.numbers, garbage.count, sizeof *garbage.numbers, number_compare);
    for (size_t i = 0; i < garbage.count; i++)
        verify->totals->garbage += i == 0 || garbage.numbers[i] != garbage.numbers[i - 1];
    array_free(garbage.numbers, garbage.capacity, sizeof *garbage.numbers, NULL);
}

/* ---- all of it ---- */

static void verify_snapshot(struct verify *verify)
{
    struct verify_totals *totals = verify->totals;

    check_tables(verify);
    for (size_t i = 0; i < verify->snapshot->segment_count && !verify_is_over(verify); i++) {
        const struct segment_info *info = verify->snapshot->segments[i].info;

        verify_segment(verify, &verify->snapshot->segments[i]);
        snapshot_relieve(verify->snapshot);
        totals->segments++;
        totals->documents += info->documents;
        totals->deleted += info->deleted;
        totals->terms += info->terms;
        totals->postings += info->postings;
        totals->positions += info->positions;
    }
    if (verify->status == LEDE_CORRUPT && store_snapshot_overtaken(&verify->snapshot->records))
        verify->status =
            error_set(&verify->error, LEDE_BUSY,
                      "%s: a writer committed meanwhile, and readers cannot be registered "
                      "there; repeat",
                      store_path(verify->snapshot->store));
}

static void count_problem(void *context, const char *what)
{
    struct verify *verify = context;

    problem(verify, what);
}

enum lede_status verify_index(const char *path, bool deep,
                              void (*report)(void *context, const char *what), void *context,
                              struct verify_totals *totals, struct lede_error *err)
{
    struct verify_totals own = {0};
    struct verify verify = {.deep = deep, .report = report, .context = context};
    struct lede_error error;
    struct store *store;
    enum lede_status status;

    verify.totals = totals ? totals : &own;
    memset(verify.totals, 0, sizeof *verify.totals);
    status = store_open_checked(path, count_problem, &verify, &verify.totals->file, &store, &error);
    if (status == LEDE_OK) {
        store_bound_pages(store, PAGES_MOST);
        status = snapshot_of(store, &verify.snapshot, &error);
        if (status == LEDE_OK)
            verify_snapshot(&verify);
        snapshot_close(verify.snapshot);
        store_close(store);
    }
    if (status == LEDE_CORRUPT && verify.totals->problems == 0)
        problem(&verify, error.text);
    if (status == LEDE_OK)
        status = verify.status;
    if (status != LEDE_OK && err)
        *err = verify.status == status ? verify.error : error;
    return status;
}
