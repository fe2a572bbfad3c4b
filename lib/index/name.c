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

/* An id of a group as it stands there. */
struct entry {
    const uint8_t *bytes; /* in the map */
    size_t shared, follow;
};

/* Reads the entry at *offset, behind one of last_size bytes; *offset is behind it then. */
static enum lede_status entry_read(struct stream *names, uint64_t *offset, bool first,
                                   size_t last_size, struct entry *out, struct lede_error *err)
{
    size_t left = stream_left(names, *offset, err), header;
    size_t size = left < HEADER_MAX ? left : (size_t)HEADER_MAX;
    const uint8_t *start = size > 0 ? stream_at(names, *offset, size, err) : NULL, *at = start;
    uint64_t shared = 0, follow;

    if (!start || (!first && !varint_get(&at, start + size, &shared)) ||
        !varint_get(&at, start + size, &follow) || shared > last_size ||
        follow > NAME_MAX_SIZE - shared)
        return damaged(names, "an id that makes no sense", err);
    header = (size_t)(at - start);
    *out = (struct entry){NULL, (size_t)shared, (size_t)follow};
    if (follow > 0) {
        out->bytes = stream_at(names, *offset + header, out->follow, err);
        if (!out->bytes)
            return LEDE_CORRUPT;
    }
    *offset += header + follow;
    return LEDE_OK;
}

/* Puts the last of count entries together, from its end: of each one before, what is still missing
 * and not shared with the one before that. */
static enum lede_status join(const struct entry *entries, size_t count, struct buffer *out,
                             struct lede_error *err)
{
    size_t missing = entries[count - 1].shared + entries[count - 1].follow;
    uint8_t *room = buffer_room(out, missing);

    if (!room)
        return error_no_memory(err);
    out->size += missing;
    for (size_t i = count; i-- > 0 && missing > 0;) {
        if (entries[i].shared >= missing || !entries[i].bytes)
            continue;
        memcpy(room + entries[i].shared, entries[i].bytes, missing - entries[i].shared);
        missing = entries[i].shared;
    }
    return LEDE_OK;
}

enum lede_status name_get(struct stream *names, const struct column_source *columns,
                          doc_id document, struct buffer *out, struct lede_error *err)
{
    struct entry entries[NAME_GROUP] = {0};
    size_t count = document % NAME_GROUP + 1, size = 0;
    int64_t group;
    uint64_t offset;
    enum lede_status status = column_get(columns, COLUMN_NAMES, document, &group, err);

    buffer_clear(out);
    if (status != LEDE_OK)
        return status;
    if (group < 0)
        return damaged(names, "a group at no place", err);
    offset = (uint64_t)group;
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        status = entry_read(names, &offset, i == 0, size, &entries[i], err);
        if (status == LEDE_OK)
            size = entries[i].shared + entries[i].follow;
    }
    return status == LEDE_OK ? join(entries, count, out, err) : status;
}
