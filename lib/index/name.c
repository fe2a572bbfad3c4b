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
    struct name_writer *writer;

    if (!account_charge(account, sizeof *writer))
        return error_no_memory(err);
    writer = malloc(sizeof *writer);
    if (!writer) {
        account_release(account, sizeof *writer);
        return error_no_memory(err);
    }
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

static size_t shared_with_last(const struct name_writer *writer, struct slice id)
{
    size_t shared = 0;

    while (shared < writer->last_size && shared < id.size &&
           writer->last[shared] == id.data[shared])
        shared++;
    return shared;
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
    shared = writer->count > 0 ? shared_with_last(writer, id) : 0;
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

/* Reads the header of the entry at offset: a group's first has no share. Returns its size, or 0. */
static size_t header_read(struct stream *names, uint64_t offset, bool first, uint64_t *shared,
                          uint64_t *follow, struct lede_error *err)
{
    size_t left = stream_left(names, offset, err);
    size_t size = left < HEADER_MAX ? left : (size_t)HEADER_MAX;
    const uint8_t *start = size > 0 ? stream_at(names, offset, size, err) : NULL, *at = start;

    *shared = 0;
    if (!start || (!first && !varint_get(&at, start + size, shared)) ||
        !varint_get(&at, start + size, follow))
        return 0;
    return (size_t)(at - start);
}

/* Turns *out, the id before, into the id of the entry at *offset; *offset is behind it then. */
static enum lede_status entry_read(struct stream *names, uint64_t *offset, bool first,
                                   struct buffer *out, struct lede_error *err)
{
    uint64_t shared, follow;
    size_t header = header_read(names, *offset, first, &shared, &follow, err);
    const uint8_t *bytes;

    if (header == 0 || shared > out->size || follow > NAME_MAX_SIZE - shared)
        return damaged(names, "an id that makes no sense", err);
    out->size = (size_t)shared;
    if (follow > 0) {
        bytes = stream_at(names, *offset + header, (size_t)follow, err);
        if (!bytes)
            return LEDE_CORRUPT;
        buffer_put(out, bytes, (size_t)follow);
    }
    *offset += header + follow;
    return out->failed ? error_no_memory(err) : LEDE_OK;
}

enum lede_status name_get(struct stream *names, const struct column_source *columns,
                          doc_id document, struct buffer *out, struct lede_error *err)
{
    int64_t group;
    uint64_t offset;
    enum lede_status status = column_get(columns, COLUMN_NAMES, document, &group, err);

    buffer_clear(out);
    if (status != LEDE_OK)
        return status;
    if (group < 0)
        return damaged(names, "a group at no place", err);
    offset = (uint64_t)group;
    for (unsigned i = 0; i <= document % NAME_GROUP && status == LEDE_OK; i++)
        status = entry_read(names, &offset, i == 0, out, err);
    return status;
}
