#include "index/id_map.h"

#include <assert.h>
#include <xxhash.h>

enum { DOCUMENTS_A_BUCKET_LOG = 4 }; /* at most */

uint64_t id_hash(struct slice id)
{
    return XXH3_64bits(id.data, id.size);
}

uint32_t id_key(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - ID_KEY_BITS));
}

/* How the bits of a key and of a record are shared out. */
struct shape {
    unsigned bucket, rest; /* of a key: upper and lower bits */
    unsigned document;     /* of a record: lower bits; the rest of the key is above them */
};

static struct shape shape_of(doc_id documents)
{
    struct shape shape = {0, 0, 0};

    if (documents > 1)
        shape.document = 32U - (unsigned)__builtin_clz(documents - 1);
    if (shape.document > DOCUMENTS_A_BUCKET_LOG)
        shape.bucket = shape.document - DOCUMENTS_A_BUCKET_LOG;
    shape.rest = ID_KEY_BITS - shape.bucket;
    return shape;
}

static uint32_t buckets_of(struct shape shape)
{
    return 1U << shape.bucket;
}

static uint32_t low_bits(uint32_t value, unsigned bits)
{
    return (uint32_t)(value & ((1ULL << bits) - 1));
}

uint64_t id_map_size(doc_id documents)
{
    return documents == 0 ? 0 : 4 * ((uint64_t)buckets_of(shape_of(documents)) + documents);
}

_Static_assert(EXTENT_CAPACITY % 4 == 0, "an extent ends between two numbers");

/* ---- writing ---- */

static uint64_t entry_order(const struct id_entry *entry)
{
    return (uint64_t)entry->key << 32 | entry->document;
}

/* Lets the entry at root sink to its place in the heap of count entries. */
static void heap_sink(struct id_entry *entries, size_t root, size_t count)
{
    struct id_entry sinking = entries[root];
    size_t child;

    while ((child = 2 * root + 1) < count) {
        if (child + 1 < count && entry_order(&entries[child]) < entry_order(&entries[child + 1]))
            child++;
        if (entry_order(&sinking) >= entry_order(&entries[child]))
            break;
        entries[root] = entries[child];
        root = child;
    }
    entries[root] = sinking;
}

/* Heapsort (Williams; Floyd, 1964): in place, where libc's qsort takes as much memory again. */
static void heap_sort(struct id_entry *entries, size_t count)
{
    for (size_t root = count / 2; root-- > 0;)
        heap_sink(entries, root, count);
    while (count > 1) {
        struct id_entry last = entries[--count];

        entries[count] = entries[0];
        entries[0] = last;
        heap_sink(entries, 0, count);
    }
}

static bool number_put(struct stream_writer *ids, uint32_t number)
{
    uint64_t offset;
    uint8_t *room = stream_writer_reserve(ids, 4, 0, &offset);

    if (room)
        store_le32(room, number);
    return room;
}

/* Where each bucket ends. */
static void ends_write(struct stream_writer *ids, const struct id_entry *entries, doc_id count,
                       struct shape shape)
{
    doc_id end = 0;

    for (uint32_t bucket = 0; bucket < buckets_of(shape); bucket++) {
        while (end < count && entries[end].key >> shape.rest == bucket)
            end++;
        if (!number_put(ids, end))
            return;
    }
}

static bool entries_make_sense(const struct id_entry *entries, doc_id count)
{
    for (doc_id i = 0; i < count; i++)
        if (entries[i].document >= count || entries[i].key >> ID_KEY_BITS != 0 ||
            (i > 0 && entry_order(&entries[i - 1]) >= entry_order(&entries[i])))
            return false;
    return true;
}

enum lede_status id_map_write(struct stream_writer *ids, struct id_entry *entries, doc_id count,
                              struct lede_error *err)
{
    struct shape shape = shape_of(count);

    assert(count <= DOCS_MAX);
    heap_sort(entries, count);
    if (!entries_make_sense(entries, count))
        return error_set(err, LEDE_CORRUPT, "a document has two ids or does not exist");
    if (count > 0)
        ends_write(ids, entries, count, shape);
    for (doc_id i = 0; i < count; i++)
        if (!number_put(ids, low_bits(entries[i].key, shape.rest) << shape.document |
                                 entries[i].document))
            break;
    return stream_writer_status(ids, err);
}

/* ---- reading ---- */

static enum lede_status damaged(const struct stream *ids, const char *what, struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: id table of segment %u: %s; run lede-index verify",
                     ids->segment, what);
}

/* Number number of the stream. */
static bool number_get(struct stream *ids, uint64_t number, uint32_t *out, struct lede_error *err)
{
    const uint8_t *bytes = stream_at(ids, 4 * number, 4, err);

    if (bytes)
        *out = load_le32(bytes);
    return bytes;
}

/* The records [*begin, *end) of a bucket. */
static enum lede_status bucket_get(struct stream *ids, doc_id documents, uint32_t bucket,
                                   uint32_t *begin, uint32_t *end, struct lede_error *err)
{
    bool is_last = bucket + 1 == buckets_of(shape_of(documents));

    *begin = *end = 0;
    if ((bucket > 0 && !number_get(ids, bucket - 1, begin, err)) ||
        !number_get(ids, bucket, end, err))
        return LEDE_CORRUPT;
    if (*begin > *end || *end > documents || (is_last && *end != documents))
        return damaged(ids, "a bucket that makes no sense", err);
    return LEDE_OK;
}

/* Halves [*begin, end) to the first record that is not below least. */
static enum lede_status narrow(struct stream *ids, uint32_t buckets, uint32_t least,
                               uint32_t *begin, uint32_t end, struct lede_error *err)
{
    while (*begin < end) {
        uint32_t middle = *begin + (end - *begin) / 2, record = 0;

        if (!number_get(ids, (uint64_t)buckets + middle, &record, err))
            return LEDE_CORRUPT;
        if (record < least)
            *begin = middle + 1;
        else
            end = middle;
    }
    return LEDE_OK;
}

enum lede_status id_map_find(struct stream *ids, doc_id documents, uint32_t key,
                             bool (*found)(void *context, doc_id document), void *context,
                             struct lede_error *err)
{
    struct shape shape = shape_of(documents);
    uint32_t rest = low_bits(key, shape.rest), begin, end, record;
    uint64_t least = (uint64_t)rest << shape.document;
    enum lede_status status;

    assert(key >> ID_KEY_BITS == 0);
    if (documents == 0)
        return LEDE_OK;
    status = bucket_get(ids, documents, key >> shape.rest, &begin, &end, err);
    if (status == LEDE_OK)
        status = narrow(ids, buckets_of(shape), (uint32_t)least, &begin, end, err);
    for (; begin < end && status == LEDE_OK; begin++, least = (uint64_t)record + 1) {
        if (!number_get(ids, (uint64_t)buckets_of(shape) + begin, &record, err))
            return LEDE_CORRUPT;
        if (record < least || low_bits(record, shape.document) >= documents)
            return damaged(ids, "a record that makes no sense", err);
        if (record >> shape.document != rest || !found(context, low_bits(record, shape.document)))
            break;
    }
    return status;
}

/* ---- walking ---- */

void id_cursor_init(struct id_cursor *cursor, struct stream *ids, doc_id documents)
{
    *cursor = (struct id_cursor){.ids = ids, .documents = documents};
}

/* To the bucket that has the next record, which is there; *first: it is the bucket's first. */
static enum lede_status cursor_enter(struct id_cursor *cursor, bool *first, struct lede_error *err)
{
    uint32_t begin;
    enum lede_status status = LEDE_OK;

    *first = cursor->place == 0 || cursor->place == cursor->end;
    if (cursor->place == 0)
        status = bucket_get(cursor->ids, cursor->documents, 0, &begin, &cursor->end, err);
    while (cursor->place == cursor->end && status == LEDE_OK)
        status =
            bucket_get(cursor->ids, cursor->documents, ++cursor->bucket, &begin, &cursor->end, err);
    return status;
}

enum lede_status id_cursor_next(struct id_cursor *cursor, struct id_entry *entry,
                                struct lede_error *err)
{
    struct shape shape = shape_of(cursor->documents);
    uint32_t record = 0;
    enum lede_status status;
    bool first;

    if (cursor->place == cursor->documents)
        return LEDE_MISSING;
    status = cursor_enter(cursor, &first, err);
    if (status != LEDE_OK)
        return status;
    if (!number_get(cursor->ids, (uint64_t)buckets_of(shape) + cursor->place, &record, err))
        return LEDE_CORRUPT;
    entry->key = (uint32_t)((uint64_t)cursor->bucket << shape.rest | record >> shape.document);
    entry->document = low_bits(record, shape.document);
    if (entry->document >= cursor->documents || entry->key >> ID_KEY_BITS != 0 ||
        (!first && record <= cursor->record))
        return damaged(cursor->ids, "a record that makes no sense", err);
    cursor->record = record;
    cursor->place++;
    return LEDE_OK;
}
