#include "command/leftovers.h"

#include <stdlib.h>

#include "base/lede_bytes.h"
#include "index/segment.h"
#include "temporary.h"

void leftovers_init(struct leftovers *leftovers, struct known_files *known, size_t memory,
                    const char *directory, struct account *account)
{
    *leftovers = (struct leftovers){.known = known};
    record_table_init(&leftovers->ids, true, memory, directory, account);
    long_text_init(&leftovers->stamps, directory);
}

void leftovers_done(struct leftovers *leftovers)
{
    record_table_done(&leftovers->ids);
    long_text_done(&leftovers->stamps);
    leftovers->pending = false;
}

/* ---- what is to be stamped ---- */

enum {
    STAMP_HEADER = 24
}; /* u64 modified, u64 size, u32 reading, u32 path's bytes * 2 + complete */

static enum lede_status put_stamp(struct leftovers *leftovers, struct slice path,
                                  const struct lede_source *source, struct lede_error *err)
{
    uint8_t bytes[STAMP_HEADER + SOURCE_PATH_MAX];

    if (path.size > SOURCE_PATH_MAX)
        return LEDE_OK; /* no index has it */
    store_le64(bytes, (uint64_t)source->modified);
    store_le64(bytes + 8, source->size);
    store_le32(bytes + 16, source->reading);
    store_le32(bytes + 20, (uint32_t)path.size << 1 | source->complete);
    memcpy(bytes + STAMP_HEADER, path.data, path.size);
    return long_text_append(&leftovers->stamps, slice_of(bytes, STAMP_HEADER + path.size), err);
}

/* Reads the source at *offset, its path in path, and moves behind it. */
static enum lede_status get_stamp(const struct leftovers *leftovers, uint64_t *offset,
                                  struct lede_source *source, char path[SOURCE_PATH_MAX],
                                  struct lede_error *err)
{
    uint8_t header[STAMP_HEADER];
    size_t got, size;
    enum lede_status status =
        long_text_read(&leftovers->stamps, *offset, header, sizeof header, &got, err);

    if (status != LEDE_OK)
        return status;
    size = load_le32(header + 20) >> 1;
    if (got < sizeof header || size > SOURCE_PATH_MAX)
        return temporary_damaged(leftovers->stamps.directory, err);
    *source = (struct lede_source){.path = {path, size},
                                   .complete = load_le32(header + 20) & 1,
                                   .modified = (int64_t)load_le64(header),
                                   .size = load_le64(header + 8),
                                   .reading = load_le32(header + 16)};
    *offset += sizeof header;
    status = long_text_read(&leftovers->stamps, *offset, (uint8_t *)path, size, &got, err);
    *offset += got;
    return status == LEDE_OK && got < size ? temporary_damaged(leftovers->stamps.directory, err)
                                           : status;
}

static enum lede_status stamp_all(struct leftovers *leftovers, struct ingest *ingest,
                                  struct lede_error *err)
{
    char path[SOURCE_PATH_MAX];
    struct lede_source source;
    uint64_t offset = 0;
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && offset < leftovers->stamps.size) {
        status = get_stamp(leftovers, &offset, &source, path, err);
        if (status == LEDE_OK)
            status = ingest_stamp(ingest, &source, err);
    }
    return status;
}

/* ---- noting ---- */

enum lede_status leftovers_reread(struct leftovers *leftovers, struct known_file *file,
                                  const struct lede_source *source, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    leftovers->pending = true;
    if (source->complete)
        status = put_stamp(leftovers, slice_from(source->path), source, err);
    return status == LEDE_OK ? known_files_set(leftovers->known, file, FILE_REREAD, err) : status;
}

enum lede_status leftovers_gone(struct leftovers *leftovers, struct slice path,
                                struct known_file *file, struct lede_error *err)
{
    struct lede_source source = {.complete = false};
    enum lede_status status = LEDE_OK;

    leftovers->pending = true;
    if (known_is_complete(file))
        status = put_stamp(leftovers, path, &source, err);
    return status == LEDE_OK ? known_files_set(leftovers->known, file, FILE_GONE, err) : status;
}

/* ---- scanning ---- */

enum mark { MARK_NONE, MARK_UNMET, MARK_ALL }; /* which articles of a file are leftovers: 2 bits */

struct scan {
    struct leftovers *leftovers;
    struct lede_writer *writer;
    struct segment *segment;
    uint8_t *marks;              /* of the segment's files, four in a byte */
    uint32_t files, first, last; /* first and last that are marked */
    int64_t numbers[WINDOW_DOCS];
    struct name_reader names;
};

static enum mark mark_of(const struct scan *scan, int64_t number)
{
    if (number < 0 || number >= scan->files)
        return MARK_NONE;
    return (enum mark)(scan->marks[number / 4] >> number % 4 * 2 & 3);
}

static enum lede_status mark_file(struct scan *scan, uint32_t number, struct slice path,
                                  struct lede_error *err)
{
    struct known_file known;
    enum lede_status status = known_files_find(scan->leftovers->known, path, &known, err);
    enum mark mark = known_state(&known) == FILE_GONE ? MARK_ALL : MARK_UNMET;

    if (status != LEDE_OK || known_state(&known) < FILE_REREAD)
        return status;
    scan->marks[number / 4] |= (uint8_t)(mark << number % 4 * 2);
    if (scan->first > scan->last)
        scan->first = number;
    scan->last = number;
    return LEDE_OK;
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
    scan->marks = status == LEDE_OK ? calloc((size_t)cursor.count / 4 + 1, 1) : NULL;
    if (status == LEDE_OK && !scan->marks) {
        source_file_cursor_done(&cursor);
        return error_no_memory(err);
    }
    for (uint32_t i = 0; status == LEDE_OK && i < cursor.count; i++) {
        status = source_file_cursor_next(&cursor, &file, err);
        if (status == LEDE_OK)
            status = mark_file(scan, i, file.path, err);
    }
    source_file_cursor_done(&cursor);
    return status;
}

/* Removes the document if it is a leftover. */
static enum lede_status look_at(struct scan *scan, doc_id document, enum mark mark,
                                struct lede_error *err)
{
    struct slice id;
    uint64_t place;
    bool deleted, met = false;
    enum lede_status status = segment_is_deleted(scan->segment, document, &deleted, err);

    if (status != LEDE_OK || deleted)
        return status;
    status = name_read(&scan->names, document, err);
    if (status != LEDE_OK)
        return status;
    id = slice_of(scan->names.id, scan->names.size);
    if (mark == MARK_UNMET)
        status = record_table_find(&scan->leftovers->ids, id_hash(id), &met, &place, err);
    if (status != LEDE_OK || met)
        return status;
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
    for (doc_id i = 0; i < count && status == LEDE_OK; i++) {
        enum mark mark = mark_of(scan, scan->numbers[i]);

        if (mark != MARK_NONE)
            status = look_at(scan, window * WINDOW_DOCS + i, mark, err);
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

/* Removes them. The snapshot ends before anything is written, since the map may have to grow. */
static enum lede_status scan_all(struct leftovers *leftovers, struct ingest *ingest,
                                 struct lede_error *err)
{
    struct scan *scan = calloc(1, sizeof *scan);
    struct snapshot *snapshot = NULL;
    enum lede_status status;

    if (!scan)
        return error_no_memory(err);
    scan->leftovers = leftovers;
    scan->writer = ingest->writer;
    status = snapshot_open(ingest->options->index, &snapshot, err);
    for (size_t i = 0; status == LEDE_OK && i < snapshot->segment_count; i++)
        status = scan_segment(scan, &snapshot->segments[i], err);
    snapshot_close(snapshot);
    free(scan->marks);
    free(scan);
    return status;
}

enum lede_status leftovers_remove(struct leftovers *leftovers, struct ingest *ingest,
                                  struct lede_error *err)
{
    enum lede_status status = ingest_commit(ingest, err);

    if (status == LEDE_OK)
        status = record_table_finish(&leftovers->ids, err);
    if (status == LEDE_OK)
        status = scan_all(leftovers, ingest, err);
    if (status == LEDE_OK)
        status = stamp_all(leftovers, ingest, err);
    if (status == LEDE_OK)
        status = ingest_commit(ingest, err);
    if (status == LEDE_OK)
        status = known_files_settle_gone(leftovers->known, err);
    leftovers_done(leftovers);
    return status;
}
