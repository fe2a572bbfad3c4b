#include "command/leftovers.h"

#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"
#include "base/lede_bytes.h"
#include "index/segment.h"

/* Ids removed in a commit take this share of --memory at most: a mention of each is kept. */
enum { REMOVED_SHARE = 32, MENTION_SIZE = 128 };

void leftovers_init(struct leftovers *leftovers, struct known_files *known, struct account *account)
{
    *leftovers = (struct leftovers){.account = account, .known = known};
    hash_map_init(&leftovers->ids, true, account);
    arena_init(&leftovers->paths, 0, account);
}

void leftovers_done(struct leftovers *leftovers)
{
    hash_map_done(&leftovers->ids);
    arena_done(&leftovers->paths);
    array_free(leftovers->sources, leftovers->capacity, sizeof *leftovers->sources,
               leftovers->account);
    leftovers_init(leftovers, leftovers->known, leftovers->account);
}

/* ---- noting ---- */

static enum lede_status add_source(struct leftovers *leftovers, struct slice path,
                                   const struct lede_source *source, struct lede_error *err)
{
    struct lede_source *added;
    const char *copy = arena_copy(&leftovers->paths, path.data, path.size);

    if (!copy || (leftovers->count == leftovers->capacity &&
                  !array_grow((void **)&leftovers->sources, &leftovers->capacity,
                              sizeof *leftovers->sources, leftovers->account)))
        return error_no_memory(err);
    added = &leftovers->sources[leftovers->count++];
    *added = *source;
    added->path = (struct lede_bytes){copy, path.size};
    return LEDE_OK;
}

static void set_state(struct leftovers *leftovers, struct slice path, enum file_state state)
{
    uint64_t *file = known_files_find(leftovers->known, path);

    if (file)
        known_set_state(file, state);
    leftovers->pending = true;
}

enum lede_status leftovers_reread(struct leftovers *leftovers, struct slice path,
                                  const struct lede_source *source, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (source->complete)
        status = add_source(leftovers, path, source, err);
    if (status == LEDE_OK)
        set_state(leftovers, path, FILE_REREAD);
    return status;
}

enum lede_status leftovers_gone(struct leftovers *leftovers, struct slice path,
                                struct lede_error *err)
{
    struct lede_source source = {.complete = false};
    uint64_t *file = known_files_find(leftovers->known, path);
    enum lede_status status = LEDE_OK;

    if (file && known_is_complete(file))
        status = add_source(leftovers, path, &source, err);
    if (status == LEDE_OK)
        set_state(leftovers, path, FILE_GONE);
    return status;
}

/* ---- scanning ---- */

enum mark { MARK_NONE, MARK_UNMET, MARK_ALL }; /* which articles of a file are leftovers */

struct scan {
    struct leftovers *leftovers;
    struct lede_writer *writer;
    struct segment *segment;
    uint8_t *marks;              /* of the segment's files */
    uint32_t files, first, last; /* first and last that are marked */
    int64_t numbers[WINDOW_DOCS];
    struct name_reader names;
    size_t left; /* bytes of ids that this commit may still remove */
};

static void mark_file(struct scan *scan, uint32_t number, struct slice path)
{
    const uint64_t *known = known_files_find(scan->leftovers->known, path);

    if (!known || known_state(known) < FILE_REREAD)
        return;
    scan->marks[number] = known_state(known) == FILE_GONE ? MARK_ALL : MARK_UNMET;
    if (scan->first > scan->last)
        scan->first = number;
    scan->last = number;
}

static enum lede_status mark_files(struct scan *scan, struct lede_error *err)
{
    struct source_file_cursor cursor;
    struct source_file file;
    enum lede_status status =
        source_file_cursor_init(&cursor, &scan->segment->streams[STREAM_SOURCES], err);

    scan->first = 1; /* none */
    scan->last = 0;
    scan->files = cursor.count;
    free(scan->marks);
    scan->marks = status == LEDE_OK ? calloc((size_t)cursor.count + 1, 1) : NULL;
    if (status == LEDE_OK && !scan->marks) {
        source_file_cursor_done(&cursor);
        return error_no_memory(err);
    }
    for (uint32_t i = 0; status == LEDE_OK && i < cursor.count; i++) {
        status = source_file_cursor_next(&cursor, &file, err);
        if (status == LEDE_OK)
            mark_file(scan, i, file.path);
    }
    source_file_cursor_done(&cursor);
    return status;
}

/* Removes the document if it is a leftover. */
static enum lede_status look_at(struct scan *scan, doc_id document, enum mark mark,
                                struct lede_error *err)
{
    struct slice id;
    bool deleted;
    enum lede_status status = segment_is_deleted(scan->segment, document, &deleted, err);

    if (status != LEDE_OK || deleted)
        return status;
    status = name_read(&scan->names, document, err);
    if (status != LEDE_OK)
        return status;
    id = slice_of(scan->names.id, scan->names.size);
    if (mark == MARK_UNMET && hash_map_find(&scan->leftovers->ids, id_hash(id)))
        return LEDE_OK;
    scan->left = scan->left > id.size + MENTION_SIZE ? scan->left - id.size - MENTION_SIZE : 0;
    return lede_writer_remove(scan->writer, bytes_of(id), err);
}

static enum lede_status scan_window(struct scan *scan, uint32_t window, struct lede_error *err)
{
    const struct column_source *columns = &scan->segment->columns;
    doc_id count = segment_window_docs(scan->segment, window);
    int64_t min, max;
    enum lede_status status = column_bounds(columns, COLUMN_SOURCE, window, &min, &max, err);

    if (status != LEDE_OK || min > scan->last || max < scan->first || min > max)
        return status;
    status = column_window(columns, COLUMN_SOURCE, window, scan->numbers, &min, &max, err);
    for (doc_id i = 0; i < count && status == LEDE_OK && scan->left > 0; i++) {
        int64_t number = scan->numbers[i];

        if (number >= 0 && number < scan->files && scan->marks[number])
            status = look_at(scan, window * WINDOW_DOCS + i, (enum mark)scan->marks[number], err);
    }
    return status;
}

static enum lede_status scan_segment(struct scan *scan, struct segment *segment,
                                     struct lede_error *err)
{
    enum lede_status status;

    scan->segment = segment;
    status = mark_files(scan, err);
    if (status != LEDE_OK || scan->first > scan->last)
        return status;
    segment_names_begin(segment, &scan->names);
    for (uint32_t i = 0; i < segment_window_count(segment) && status == LEDE_OK; i++)
        status = scan_window(scan, i, err);
    return status;
}

/* Removes as many as a commit shall; *all: there are no more. The snapshot ends before anything is
 * written, since the map may have to grow. */
static enum lede_status remove_some(struct leftovers *leftovers, struct ingest *ingest, bool *all,
                                    struct lede_error *err)
{
    struct scan *scan = calloc(1, sizeof *scan);
    struct snapshot *snapshot = NULL;
    enum lede_status status;

    if (!scan)
        return error_no_memory(err);
    scan->leftovers = leftovers;
    scan->writer = ingest->writer;
    scan->left = ingest->options->memory / REMOVED_SHARE;
    status = snapshot_open(ingest->options->index, &snapshot, err);
    for (size_t i = 0; status == LEDE_OK && i < snapshot->segment_count && scan->left > 0; i++)
        status = scan_segment(scan, &snapshot->segments[i], err);
    *all = scan->left > 0;
    snapshot_close(snapshot);
    free(scan->marks);
    free(scan);
    return status;
}

/* ---- removing ---- */

static void settle(struct leftovers *leftovers)
{
    uint64_t *file;
    size_t place = 0;

    while ((file = hash_map_next(&leftovers->known->map, &place)) != NULL)
        if (known_state(file) >= FILE_REREAD)
            known_set_state(file, FILE_SETTLED);
    leftovers_done(leftovers);
}

enum lede_status leftovers_remove(struct leftovers *leftovers, struct ingest *ingest,
                                  struct lede_error *err)
{
    enum lede_status status = ingest_commit(ingest, err);
    bool all = false;

    while (status == LEDE_OK && !all) {
        status = remove_some(leftovers, ingest, &all, err);
        if (status == LEDE_OK && !all)
            status = ingest_commit(ingest, err);
    }
    for (size_t i = 0; i < leftovers->count && status == LEDE_OK; i++)
        status = ingest_stamp(ingest, &leftovers->sources[i], err);
    if (status == LEDE_OK)
        status = ingest_commit(ingest, err);
    if (status == LEDE_OK)
        settle(leftovers);
    return status;
}
