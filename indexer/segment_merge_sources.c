/* segment_merge_sources.c -- one record for each path that the segments' source files have.
 *
 * It is what the newest record of the path says, and stands where the first one stood. A path that
 * no live document has is kept all the same if the file was read to its end: it holds nothing that
 * is to be read again. One that was not is kept as long as older segments, which are not merged
 * now, may say otherwise of it. */
#include <stdlib.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "base/account.h"
#include "segment_merge_internal.h"

#define UNKNOWN UINT32_MAX

struct path_entry { /* a record on its way into the order of paths */
    uint64_t hash;
    uint32_t place; /* of the record, counted through all segments */
    uint32_t segment;
};

/* ---- reading the lists ---- */

static enum lede_status allocate(struct segment_merge *whole, size_t size, size_t count, void *out,
                                 struct lede_error *err)
{
    void *items = account_calloc(whole->account, count, size);

    *(void **)out = items;
    if (items)
        return LEDE_OK;
    (void)error_no_memory(err);
    return LEDE_NO_MEMORY;
}

/* Where each segment's records begin, counted through all of them. */
static enum lede_status count_records(struct segment_merge *whole, struct lede_error *err)
{
    struct merged_sources *sources = &whole->sources;
    uint64_t count = 0;
    enum lede_status status =
        allocate(whole, sizeof *sources->first, whole->segment_count + 1, &sources->first, err);

    for (size_t i = 0; i < whole->segment_count && status == LEDE_OK; i++) {
        struct source_file_cursor cursor;

        status = source_file_cursor_init(&cursor, &whole->segments[i].streams[STREAM_SOURCES], err);
        count += cursor.count;
        source_file_cursor_done(&cursor);
        snapshot_relieve(whole->snapshot);
        if (status == LEDE_OK && count >= UNKNOWN)
            status = error_set(err, LEDE_LIMIT, "a segment has too many source files");
        sources->first[i + 1] = (uint32_t)count;
    }
    return status;
}

static enum lede_status hash_records(struct segment_merge *whole, struct path_entry *entries,
                                     struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    uint32_t place = 0;

    for (uint32_t i = 0; i < whole->segment_count && status == LEDE_OK; i++) {
        struct source_file_cursor cursor;
        struct source_file file;

        status = source_file_cursor_init(&cursor, &whole->segments[i].streams[STREAM_SOURCES], err);
        while (status == LEDE_OK && place < whole->sources.first[i + 1]) {
            status = source_file_cursor_next(&cursor, &file, err);
            if (status == LEDE_OK)
                entries[place] =
                    (struct path_entry){XXH3_64bits(file.path.data, file.path.size), place, i};
            place++;
        }
        source_file_cursor_done(&cursor);
        snapshot_relieve(whole->snapshot);
    }
    return status;
}

static int compare_entries(const void *a, const void *b)
{
    const struct path_entry *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static enum lede_status read_entry(struct segment_merge *whole, const struct path_entry *entry,
                                   struct buffer *path, struct source_file *file,
                                   struct lede_error *err)
{
    snapshot_relieve(whole->snapshot);
    return source_file_get(&whole->segments[entry->segment].streams[STREAM_SOURCES],
                           entry->place - whole->sources.first[entry->segment], path, file, err);
}

/* ---- which records are of one path ---- */

/* entries[0 .. count) share a hash: those that share the first one's path are its followers. The
 * hash is nobody's secret, so two paths may share it. */
static enum lede_status follow(struct segment_merge *whole, const struct path_entry *entries,
                               size_t count, struct lede_error *err)
{
    struct merged_sources *sources = &whole->sources;
    struct buffer path, other;
    struct source_file first, file;
    enum lede_status status;

    buffer_init(&path, NULL);
    buffer_init(&other, NULL);
    status = read_entry(whole, &entries[0], &path, &first, err);
    sources->leader[entries[0].place] = sources->newest[entries[0].place] = entries[0].place;
    for (size_t i = 1; i < count && status == LEDE_OK; i++) {
        if (sources->leader[entries[i].place] != UNKNOWN)
            continue;
        status = read_entry(whole, &entries[i], &other, &file, err);
        if (status != LEDE_OK || !slice_equal(first.path, file.path))
            continue;
        sources->leader[entries[i].place] = entries[0].place;
        sources->newest[entries[0].place] = entries[i].place;
    }
    buffer_done(&path);
    buffer_done(&other);
    return status;
}

static enum lede_status find_leaders(struct segment_merge *whole, const struct path_entry *entries,
                                     size_t count, struct lede_error *err)
{
    struct merged_sources *sources = &whole->sources;
    enum lede_status status = LEDE_OK;

    for (size_t i = 0, end = 0; i < count && status == LEDE_OK; i++) {
        uint32_t place = entries[i].place;

        if (i == end)
            while (end < count && entries[end].hash == entries[i].hash)
                end++;
        if (sources->leader[place] != UNKNOWN)
            continue;
        if (i + 1 == end)
            sources->leader[place] = sources->newest[place] = place;
        else
            status = follow(whole, entries + i, end - i, err);
    }
    return status;
}

/* ---- which are used ---- */

static enum lede_status mark_window(struct segment_merge *whole, size_t at, uint32_t window,
                                    int64_t *numbers, struct lede_error *err)
{
    struct segment *segment = &whole->segments[at];
    struct merged_sources *sources = &whole->sources;
    uint32_t first = sources->first[at], count = sources->first[at + 1] - first;
    doc_id base = window * WINDOW_DOCS, moved;
    int64_t min, max;
    enum lede_status status =
        column_window(&segment->columns, COLUMN_SOURCE, window, numbers, &min, &max, err);

    for (doc_id i = 0; i < segment_window_docs(segment, window) && status == LEDE_OK; i++) {
        if (numbers[i] == COLUMN_MISSING || !renumber(&whole->renumberings[at], base + i, &moved))
            continue;
        if (numbers[i] < 0 || numbers[i] >= count)
            return merge_damaged(segment, "an article is from no source file that there is", err);
        sources->used[sources->leader[first + numbers[i]]] = true;
    }
    return status;
}

static enum lede_status mark_used(struct segment_merge *whole, struct lede_error *err)
{
    int64_t *numbers;
    enum lede_status status = allocate(whole, sizeof *numbers, WINDOW_DOCS, &numbers, err);

    for (size_t i = 0; i < whole->segment_count && status == LEDE_OK; i++)
        for (uint32_t window = 0;
             window < segment_window_count(&whole->segments[i]) && status == LEDE_OK; window++)
            status = mark_window(whole, i, window, numbers, err);
    if (numbers)
        account_release(whole->account, WINDOW_DOCS * sizeof *numbers);
    free(numbers);
    return status;
}

/* ---- the whole ---- */

static enum lede_status find_paths(struct segment_merge *whole, size_t count,
                                   struct lede_error *err)
{
    struct path_entry *entries;
    enum lede_status status = allocate(whole, sizeof *entries, count, &entries, err);

    if (status == LEDE_OK)
        status = hash_records(whole, entries, err);
    if (status == LEDE_OK) {
        qsort(entries, count, sizeof *entries, compare_entries);
        status = find_leaders(whole, entries, count, err);
    }
    if (entries)
        account_release(whole->account, count * sizeof *entries);
    free(entries);
    return status;
}

enum lede_status merge_sources_find(struct segment_merge *whole, struct lede_error *err)
{
    struct merged_sources *sources = &whole->sources;
    enum lede_status status = count_records(whole, err);
    size_t count;

    if (status != LEDE_OK)
        return status;
    count = sources->first[whole->segment_count];
    status = allocate(whole, sizeof *sources->leader, count, &sources->leader, err);
    if (status == LEDE_OK)
        status = allocate(whole, sizeof *sources->newest, count, &sources->newest, err);
    if (status == LEDE_OK)
        status = allocate(whole, sizeof *sources->used, count, &sources->used, err);
    if (status != LEDE_OK)
        return status;
    memset(sources->leader, 0xff, count * sizeof *sources->leader);
    status = find_paths(whole, count, err);
    return status == LEDE_OK ? mark_used(whole, err) : status;
}

/* The newest record of a leader's path. */
static enum lede_status read_newest(struct segment_merge *whole, uint32_t leader,
                                    struct buffer *path, struct source_file *file,
                                    struct lede_error *err)
{
    struct path_entry entry = {.place = whole->sources.newest[leader]};

    while (entry.place >= whole->sources.first[entry.segment + 1])
        entry.segment++;
    return read_entry(whole, &entry, path, file, err);
}

static enum lede_status write_leader(struct segment_merge *whole, uint32_t leader,
                                     struct source_file *file, struct buffer *path,
                                     struct lede_error *err)
{
    struct merged_sources *sources = &whole->sources;
    bool oldest = whole->segments == whole->snapshot->segments;
    uint32_t number;
    enum lede_status status = LEDE_OK;

    if (sources->newest[leader] != leader)
        status = read_newest(whole, leader, path, file, err);
    if (status != LEDE_OK || (!sources->used[leader] && !file->complete && oldest))
        return status;
    status = segment_writer_source(whole->writer, file->path, &number, err);
    if (status == LEDE_OK && file->complete)
        segment_writer_source_complete(whole->writer, &file->stamp);
    sources->newest[leader] = number;
    sources->written++;
    return status;
}

enum lede_status merge_sources_write(struct segment_merge *whole, struct lede_error *err)
{
    struct merged_sources *sources = &whole->sources;
    struct buffer path;
    enum lede_status status = LEDE_OK;
    uint32_t place = 0;

    buffer_init(&path, NULL);
    for (size_t i = 0; i < whole->segment_count && status == LEDE_OK; i++) {
        struct source_file_cursor cursor;
        struct source_file file;

        status = source_file_cursor_init(&cursor, &whole->segments[i].streams[STREAM_SOURCES], err);
        for (; place < sources->first[i + 1] && status == LEDE_OK; place++) {
            status = source_file_cursor_next(&cursor, &file, err);
            if (status == LEDE_OK && sources->leader[place] == place)
                status = write_leader(whole, place, &file, &path, err);
        }
        source_file_cursor_done(&cursor);
    }
    buffer_done(&path);
    return status;
}

void merge_sources_done(struct segment_merge *whole)
{
    struct merged_sources *sources = &whole->sources;
    size_t count = sources->first ? sources->first[whole->segment_count] : 0;

    if (sources->leader)
        account_release(whole->account, count * sizeof *sources->leader);
    if (sources->newest)
        account_release(whole->account, count * sizeof *sources->newest);
    if (sources->used)
        account_release(whole->account, count * sizeof *sources->used);
    if (sources->first)
        account_release(whole->account, (whole->segment_count + 1) * sizeof *sources->first);
    free(sources->leader);
    free(sources->newest);
    free(sources->used);
    free(sources->first);
    *sources = (struct merged_sources){0};
}
