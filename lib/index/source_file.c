#include "index/source_file.h"

#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"

enum { FLAG_COMPLETE = 1, FLAG_READING = 2 };
enum { RECORD_MAX = 4 + SOURCE_PATH_MAX + 1 + 2 * VARINT_MAX + 4 };

_Static_assert(SOURCE_GROUP *RECORD_MAX < 1 << SOURCE_SIZE_BITS, "a group's size fits its bits");
_Static_assert(SOURCE_GROUP *RECORD_MAX <= EXTENT_CAPACITY, "a group fits an extent");
_Static_assert(EXTENT_CAPACITY % 8 == 0, "an entry of the directory is in one extent");

static uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
}

static uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (value & 1 ? UINT64_MAX : 0);
}

/* ---- writing ---- */

struct source_file_writer {
    struct stream_writer *sources;
    struct account *account;
    struct buffer group; /* encoded: all of it but the record added last */
    uint32_t count;      /* records, that one included */
    uint64_t *entries;   /* of the directory */
    size_t entry_count, entry_capacity;

    /* The record added last, which may become complete. */
    bool complete;
    struct source_stamp stamp;
    size_t size, shared; /* of its path; with the one before */
    uint8_t path[SOURCE_PATH_MAX];
    struct source_stamp last; /* of the complete one before it in the group */
};

enum lede_status source_file_writer_new(struct stream_writer *sources, struct account *account,
                                        struct source_file_writer **out, struct lede_error *err)
{
    struct source_file_writer *writer = account_calloc(account, 1, sizeof *writer);

    if (!writer)
        return error_no_memory(err);
    writer->sources = sources;
    writer->account = account;
    buffer_init(&writer->group, account);
    *out = writer;
    return LEDE_OK;
}

void source_file_writer_free(struct source_file_writer *writer)
{
    struct account *account;

    if (!writer)
        return;
    account = writer->account;
    buffer_done(&writer->group);
    array_free(writer->entries, writer->entry_capacity, sizeof *writer->entries, account);
    free(writer);
    account_release(account, sizeof *writer);
}

static void put_stamp(struct source_file_writer *writer)
{
    const struct source_stamp *stamp = &writer->stamp, *last = &writer->last;
    bool other = stamp->reading != last->reading;

    if (!writer->complete) {
        buffer_byte(&writer->group, 0);
        return;
    }
    buffer_byte(&writer->group, (uint8_t)(FLAG_COMPLETE | (other ? FLAG_READING : 0)));
    buffer_varint(&writer->group, zigzag((uint64_t)stamp->modified - (uint64_t)last->modified));
    buffer_varint(&writer->group, stamp->size);
    if (other)
        buffer_le32(&writer->group, stamp->reading);
    writer->last = *stamp;
}

/* Gives the group its place in the stream and in the directory. */
static enum lede_status group_flush(struct source_file_writer *writer, struct lede_error *err)
{
    uint64_t offset;
    uint8_t *room;

    if (writer->entry_count == writer->entry_capacity &&
        !array_grow((void **)&writer->entries, &writer->entry_capacity, sizeof *writer->entries,
                    writer->account))
        return error_no_memory(err);
    room = stream_writer_reserve(writer->sources, writer->group.size, 0, &offset);
    if (!room)
        return stream_writer_status(writer->sources, err);
    memcpy(room, writer->group.data, writer->group.size);
    writer->entries[writer->entry_count++] = offset << SOURCE_SIZE_BITS | writer->group.size;
    buffer_clear(&writer->group);
    writer->last = (struct source_stamp){0};
    return LEDE_OK;
}

/* Encodes the record added last, if there is one; a group that it fills is written. */
static enum lede_status record_end(struct source_file_writer *writer, struct lede_error *err)
{
    if (writer->count == 0)
        return LEDE_OK;
    if (writer->count % SOURCE_GROUP != 1)
        buffer_varint(&writer->group, writer->shared);
    buffer_slice(&writer->group,
                 slice_of(writer->path + writer->shared, writer->size - writer->shared));
    put_stamp(writer);
    if (writer->group.failed)
        return error_no_memory(err);
    return writer->count % SOURCE_GROUP == 0 ? group_flush(writer, err) : LEDE_OK;
}

enum lede_status source_file_writer_add(struct source_file_writer *writer, struct slice path,
                                        uint32_t *number, struct lede_error *err)
{
    enum lede_status status;

    if (path.size == 0)
        return error_set(err, LEDE_INVALID, "a source file has no path");
    if (path.size > SOURCE_PATH_MAX)
        return error_set(err, LEDE_LIMIT, "the path of a source file has %zu bytes, more than %d",
                         path.size, SOURCE_PATH_MAX);
    *number = writer->count - 1;
    if (writer->count > 0 && !writer->complete &&
        slice_equal(slice_of(writer->path, writer->size), path))
        return LEDE_OK;
    status = record_end(writer, err);
    if (status != LEDE_OK)
        return status;
    *number = writer->count++;
    writer->shared =
        *number % SOURCE_GROUP == 0 ? 0 : slice_shared(slice_of(writer->path, writer->size), path);
    writer->size = path.size;
    memcpy(writer->path + writer->shared, path.data + writer->shared, path.size - writer->shared);
    writer->complete = false;
    return LEDE_OK;
}

void source_file_writer_complete(struct source_file_writer *writer,
                                 const struct source_stamp *stamp)
{
    assert(writer->count > 0);
    writer->complete = true;
    writer->stamp = *stamp;
}

uint32_t source_file_writer_count(const struct source_file_writer *writer)
{
    return writer->count;
}

/* Zeros, so that entries of the directory never cross an extent. */
static enum lede_status align(struct source_file_writer *writer, struct lede_error *err)
{
    uint64_t last = writer->entries[writer->entry_count - 1], offset;
    uint64_t end = (last >> SOURCE_SIZE_BITS) + (last & ((1U << SOURCE_SIZE_BITS) - 1));

    if (end % 8 != 0 && !stream_writer_reserve(writer->sources, 8 - end % 8, 0, &offset))
        return stream_writer_status(writer->sources, err);
    return LEDE_OK;
}

static enum lede_status directory_write(struct source_file_writer *writer, struct lede_error *err)
{
    uint64_t directory = 0, offset;
    uint8_t *room;

    for (size_t i = 0; i < writer->entry_count; i++) {
        room = stream_writer_reserve(writer->sources, 8, 0, &offset);
        if (!room)
            return stream_writer_status(writer->sources, err);
        store_le64(room, writer->entries[i]);
        directory = i == 0 ? offset : directory;
    }
    room = stream_writer_reserve(writer->sources, SOURCE_FOOTER, 0, &offset);
    if (!room)
        return stream_writer_status(writer->sources, err);
    store_le64(room, directory);
    store_le32(room + 8, writer->count);
    return LEDE_OK;
}

enum lede_status source_file_writer_finish(struct source_file_writer *writer,
                                           struct lede_error *err)
{
    enum lede_status status = record_end(writer, err);

    if (status != LEDE_OK || writer->count == 0)
        return status;
    if (writer->group.size > 0)
        status = group_flush(writer, err);
    if (status == LEDE_OK)
        status = align(writer, err);
    return status == LEDE_OK ? directory_write(writer, err) : status;
}

/* ---- reading ---- */

static enum lede_status damaged(const struct stream *sources, const char *what,
                                struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: source files of segment %u: %s; run lede-index verify",
                     sources->segment, what);
}

enum lede_status source_file_cursor_init(struct source_file_cursor *cursor, struct stream *sources,
                                         struct lede_error *err)
{
    uint64_t footer = sources->size - SOURCE_FOOTER, groups;
    const uint8_t *bytes;

    *cursor = (struct source_file_cursor){.sources = sources};
    buffer_init(&cursor->path, NULL);
    if (sources->size == 0)
        return LEDE_OK;
    if (sources->size < SOURCE_FOOTER)
        return damaged(sources, "their list is cut short", err);
    bytes = stream_at(sources, footer, SOURCE_FOOTER, err);
    if (!bytes)
        return LEDE_CORRUPT;
    cursor->directory = load_le64(bytes);
    cursor->count = load_le32(bytes + 8);
    groups = ((uint64_t)cursor->count + SOURCE_GROUP - 1) / SOURCE_GROUP;
    if (groups == 0 || cursor->directory % 8 != 0 || cursor->directory > footer ||
        groups > (footer - cursor->directory) / 8) {
        cursor->count = 0;
        return damaged(sources, "their directory makes no sense", err);
    }
    return LEDE_OK;
}

void source_file_cursor_done(struct source_file_cursor *cursor)
{
    buffer_done(&cursor->path);
}

/* Begins the group of the next record, which is its first. */
static enum lede_status group_begin(struct source_file_cursor *cursor, struct lede_error *err)
{
    uint64_t place = cursor->directory + (uint64_t)(cursor->number / SOURCE_GROUP) * 8, entry;
    const uint8_t *bytes = stream_at(cursor->sources, place, 8, err);
    size_t size;

    if (!bytes)
        return LEDE_CORRUPT;
    entry = load_le64(bytes);
    size = (size_t)(entry & ((1U << SOURCE_SIZE_BITS) - 1));
    if (size == 0)
        return damaged(cursor->sources, "a group has no bytes", err);
    cursor->at = stream_at(cursor->sources, entry >> SOURCE_SIZE_BITS, size, err);
    if (!cursor->at)
        return LEDE_CORRUPT;
    cursor->end = cursor->at + size;
    cursor->last = (struct source_stamp){0};
    buffer_clear(&cursor->path);
    return LEDE_OK;
}

/* False if the bytes make no sense; memory that runs out shows in cursor->path.failed. */
static bool read_path(struct source_file_cursor *cursor)
{
    uint64_t shared = 0, follow;

    if ((cursor->number % SOURCE_GROUP != 0 && !varint_get(&cursor->at, cursor->end, &shared)) ||
        !varint_get(&cursor->at, cursor->end, &follow) || shared > cursor->path.size ||
        follow > SOURCE_PATH_MAX - shared || follow > (size_t)(cursor->end - cursor->at) ||
        shared + follow == 0)
        return false;
    cursor->path.size = (size_t)shared;
    buffer_put(&cursor->path, cursor->at, (size_t)follow);
    cursor->at += follow;
    return true;
}

static bool read_stamp(struct source_file_cursor *cursor, struct source_file *file)
{
    struct source_stamp *last = &cursor->last;
    uint64_t difference, size;
    uint8_t flags;

    *file = (struct source_file){.complete = false};
    if (cursor->at == cursor->end)
        return false;
    flags = *cursor->at++;
    if (flags == 0)
        return true;
    if ((flags & ~FLAG_READING) != FLAG_COMPLETE ||
        !varint_get(&cursor->at, cursor->end, &difference) ||
        !varint_get(&cursor->at, cursor->end, &size) ||
        (flags & FLAG_READING && cursor->end - cursor->at < 4))
        return false;
    last->modified = (int64_t)((uint64_t)last->modified + unzigzag(difference));
    last->size = size;
    if (flags & FLAG_READING) {
        last->reading = load_le32(cursor->at);
        cursor->at += 4;
    }
    file->complete = true;
    file->stamp = *last;
    return true;
}

enum lede_status source_file_cursor_next(struct source_file_cursor *cursor,
                                         struct source_file *file, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (cursor->number == cursor->count)
        return LEDE_MISSING;
    if (cursor->number % SOURCE_GROUP == 0)
        status = group_begin(cursor, err);
    if (status != LEDE_OK)
        return status;
    if (!read_path(cursor) || !read_stamp(cursor, file))
        return damaged(cursor->sources, "a record that makes no sense", err);
    if (cursor->path.failed)
        return error_no_memory(err);
    cursor->number++;
    if ((cursor->number % SOURCE_GROUP == 0 || cursor->number == cursor->count) &&
        cursor->at != cursor->end)
        return damaged(cursor->sources, "a group that is too long", err);
    file->path = buffer_bytes(&cursor->path);
    return LEDE_OK;
}

enum lede_status source_file_get(struct stream *sources, uint32_t number, struct buffer *path,
                                 struct source_file *file, struct lede_error *err)
{
    struct source_file_cursor cursor;
    enum lede_status status = source_file_cursor_init(&cursor, sources, err);

    buffer_clear(path);
    if (status == LEDE_OK && number >= cursor.count)
        status = damaged(sources, "an article is from none of them", err);
    cursor.number = number - number % SOURCE_GROUP;
    while (status == LEDE_OK && cursor.number <= number)
        status = source_file_cursor_next(&cursor, file, err);
    if (status == LEDE_OK)
        buffer_put(path, file->path.data, file->path.size);
    source_file_cursor_done(&cursor);
    if (status != LEDE_OK)
        return status;
    file->path = buffer_bytes(path);
    return path->failed ? error_no_memory(err) : LEDE_OK;
}
