#include "index/name.h"

#include <assert.h>
#include <stdlib.h>

#include "base/account.h"

enum { HEADER_MAX = 4 }; /* two varints up to NAME_MAX_SIZE */

_Static_assert(NAME_MAX_SIZE < 1 << 14, "a size is a varint of at most two bytes");
_Static_assert(NAME_GROUP *(HEADER_MAX + NAME_MAX_SIZE) <= EXTENT_CAPACITY, "a group fits");

/* ---- writing ---- */

struct name_writer {
    struct stream_writer *names;
    struct account *account;
    struct buffer group; /* the ids taken, encoded */
    unsigned count;      /* of them */
    size_t last_size;    /* the last one taken */
    uint8_t last[NAME_MAX_SIZE];
};

enum lede_status name_writer_new(struct stream_writer *names, struct account *account,
                                 struct name_writer **out, struct lede_error *err)
{
    struct name_writer *writer = account_malloc(account, sizeof *writer);

    if (!writer)
        return error_no_memory(err);
    writer->names = names;
    writer->account = account;
    writer->count = 0;
    writer->last_size = 0;
    buffer_init(&writer->group, account);
    *out = writer;
    return LEDE_OK;
}

void name_writer_free(struct name_writer *writer)
{
    struct account *account;

    if (!writer)
        return;
    account = writer->account;
    buffer_done(&writer->group);
    free(writer);
    account_release(account, sizeof *writer);
}

enum lede_status name_writer_add(struct name_writer *writer, struct slice id,
                                 struct lede_error *err)
{
    size_t shared;

    assert(writer->count < NAME_GROUP);
    if (id.size > NAME_MAX_SIZE)
        return error_set(err, LEDE_LIMIT, "an id has %zu bytes, more than %d", id.size,
                         NAME_MAX_SIZE);
    if (id.size == 0)
        id = slice_str("");
    shared = writer->count > 0 ? slice_shared(slice_of(writer->last, writer->last_size), id) : 0;
    if (writer->count > 0)
        buffer_varint(&writer->group, shared);
    buffer_slice(&writer->group, slice_of(id.data + shared, id.size - shared));
    if (writer->group.failed)
        return error_no_memory(err);
    memcpy(writer->last + shared, id.data + shared, id.size - shared);
    writer->last_size = id.size;
    writer->count++;
    return LEDE_OK;
}

enum lede_status name_writer_flush(struct name_writer *writer, uint64_t *offset,
                                   struct lede_error *err)
{
    uint8_t *room;

    assert(writer->count > 0);
    if (writer->group.failed)
        return error_no_memory(err);
    room = stream_writer_reserve(writer->names, writer->group.size, 0, offset);
    if (!room)
        return stream_writer_status(writer->names, err);
    memcpy(room, writer->group.data, writer->group.size);
    buffer_clear(&writer->group);
    writer->count = 0;
    return LEDE_OK;
}

/* ---- reading ---- */

static enum lede_status damaged(const struct stream *names, const char *what,
                                struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: ids of segment %u: %s; run lede-index verify", names->segment,
                     what);
}

void name_reader_init(struct name_reader *reader, struct stream *names,
                      const struct column_source *columns)
{
    reader->names = names;
    reader->columns = columns;
    reader->window = UINT32_MAX;
    reader->group = reader->count = 0;
    reader->from = reader->at = reader->end = NULL;
    reader->offset = 0;
    reader->size = 0;
}

/* Makes at least size bytes at `at` readable, or, if the extent has fewer, these. Returns where
 * they are; NULL if they are damaged. */
static const uint8_t *reader_fill(struct name_reader *reader, const uint8_t *at, size_t size,
                                  struct lede_error *err)
{
    uint64_t offset = reader->offset + (uint64_t)(at - reader->from);
    size_t left = stream_left(reader->names, offset, err);

    if (size > left)
        size = left;
    reader->offset = offset;
    if (size > 0) {
        at = stream_at(reader->names, offset, size, err);
        if (!at)
            return NULL;
    }
    reader->from = at;
    reader->end = at + size;
    return at;
}

/* Reads the sizes of the next entry; all but the first have bytes shared with the one before. NULL:
 * damaged. */
static const uint8_t *read_sizes(struct name_reader *reader, const uint8_t *at, uint64_t *shared,
                                 uint64_t *follow, struct lede_error *err)
{
    if (reader->end - at < HEADER_MAX) {
        at = reader_fill(reader, at, HEADER_MAX, err);
        if (!at)
            return NULL;
    }
    *shared = 0;
    if (reader->count > 0 && !varint_get(&at, reader->end, shared))
        return NULL;
    return varint_get(&at, reader->end, follow) ? at : NULL;
}

/* Puts the next id of the group over the one before it. False: damaged. */
static inline bool read_entry(struct name_reader *reader, struct lede_error *err)
{
    const uint8_t *at = reader->at;
    uint64_t shared, follow;

    if (reader->count > 0 && reader->end - at > HEADER_MAX && at[0] < 0x80 && at[1] < 0x80) {
        shared = at[0];
        follow = at[1];
        at += 2;
    } else {
        at = read_sizes(reader, at, &shared, &follow, err);
        if (!at)
            return false;
    }
    if (shared > reader->size || follow > NAME_MAX_SIZE - shared)
        return false;
    if (follow > (size_t)(reader->end - at)) {
        at = reader_fill(reader, at, (size_t)follow, err);
        if (!at || follow > (size_t)(reader->end - at))
            return false;
    }
    if (follow <= NAME_STRIDE)
        memcpy(reader->id + shared, at, NAME_STRIDE); /* both have the room */
    else
        memcpy(reader->id + shared, at, (size_t)follow);
    reader->size = (size_t)(shared + follow);
    reader->at = at + follow;
    reader->count++;
    return true;
}

/* To the beginning of a document's group. */
static enum lede_status open_group(struct name_reader *reader, doc_id document,
                                   struct lede_error *err)
{
    uint32_t window = document / WINDOW_DOCS, place = document % WINDOW_DOCS / NAME_GROUP;
    int64_t offset;
    size_t size;
    enum lede_status status = LEDE_OK;

    reader->count = 0;
    if (window != reader->window)
        status = column_block_open(reader->columns, COLUMN_NAMES, window, &reader->offsets, err);
    reader->window = status == LEDE_OK ? window : UINT32_MAX;
    if (status == LEDE_OK)
        status = column_block_get(reader->columns, &reader->offsets, place, &offset, err);
    if (status != LEDE_OK)
        return status;
    if (offset < 0)
        return damaged(reader->names, "a group at no place", err);
    reader->from = stream_rest(reader->names, (uint64_t)offset, &size, err);
    if (!reader->from)
        return LEDE_CORRUPT;
    reader->at = reader->from;
    reader->end = reader->from + size;
    reader->offset = (uint64_t)offset;
    reader->group = document / NAME_GROUP;
    reader->size = 0;
    return LEDE_OK;
}

enum lede_status name_read(struct name_reader *reader, doc_id document, struct lede_error *err)
{
    uint32_t wanted = document % NAME_GROUP + 1;

    if (document >= reader->columns->documents)
        return error_set(err, LEDE_INVALID, "segment %u has no document %u", reader->names->segment,
                         document);
    if (reader->count == 0 || reader->group != document / NAME_GROUP || reader->count > wanted) {
        enum lede_status status = open_group(reader, document, err);

        if (status != LEDE_OK)
            return status;
    }
    while (reader->count < wanted)
        if (!read_entry(reader, err)) {
            reader->count = 0;
            return damaged(reader->names, "an id that makes no sense", err);
        }
    return LEDE_OK;
}

enum lede_status name_get(struct stream *names, const struct column_source *columns,
                          doc_id document, struct buffer *out, struct lede_error *err)
{
    struct name_reader reader;
    enum lede_status status;

    buffer_clear(out);
    name_reader_init(&reader, names, columns);
    status = name_read(&reader, document, err);
    if (status != LEDE_OK)
        return status;
    buffer_put(out, reader.id, reader.size);
    return out->failed ? error_no_memory(err) : LEDE_OK;
}
