#include "index/id_map.h"

#include <xxhash.h>

enum {
    INTERPOLATIONS = 8, /* probes by interpolation before halving takes over */
    NEAR = 16           /* records among which halving is as quick */
};

uint64_t id_hash(struct slice id)
{
    return XXH3_64bits(id.data, id.size);
}

static bool entry_before(const struct id_entry *a, const struct id_entry *b)
{
    return a->hash != b->hash ? a->hash < b->hash : a->document < b->document;
}

/* ---- writing ---- */

/* Lets the entry at root sink to its place in the heap of count entries. */
static void heap_sink(struct id_entry *entries, size_t root, size_t count)
{
    struct id_entry sinking = entries[root];
    size_t child;

    while ((child = 2 * root + 1) < count) {
        if (child + 1 < count && entry_before(&entries[child], &entries[child + 1]))
            child++;
        if (!entry_before(&sinking, &entries[child]))
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

enum lede_status id_map_write(struct stream_writer *ids, struct id_entry *entries, size_t count,
                              struct lede_error *err)
{
    heap_sort(entries, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t offset;
        uint8_t *room;

        if (i > 0 && !entry_before(&entries[i - 1], &entries[i]))
            return error_set(err, LEDE_CORRUPT, "document %u has two ids", entries[i].document);
        room = stream_writer_reserve(ids, ID_RECORD, 0, &offset);
        if (!room)
            break;
        store_le64(room, entries[i].hash);
        store_le32(room + 8, entries[i].document);
    }
    return stream_writer_status(ids, err);
}

/* ---- reading ---- */

static enum lede_status damaged(const struct stream *ids, const char *what, struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: id table of segment %u: %s; run lede-index verify",
                     ids->segment, what);
}

enum lede_status id_map_get(struct stream *ids, uint64_t place, struct id_entry *entry,
                            struct lede_error *err)
{
    const uint8_t *record;

    if (place >= DOCS_MAX)
        return error_set(err, LEDE_INVALID, "the id table has no record %llu",
                         (unsigned long long)place);
    record = stream_at(ids, place / ID_RECORDS * EXTENT_CAPACITY + place % ID_RECORDS * ID_RECORD,
                       ID_RECORD, err);
    if (!record)
        return LEDE_CORRUPT;
    entry->hash = load_le64(record);
    entry->document = load_le32(record + 8);
    return LEDE_OK;
}

/* A range of records, [low, high), and what is known about the hashes in it. */
struct range {
    uint64_t low, high;
    uint64_t least, most;
};

/* A place in the range, which is not empty: about where hash would be if hashes were uniform. */
static uint64_t range_guess(const struct range *range, uint64_t hash)
{
    unsigned __int128 ahead = (unsigned __int128)(hash - range->least) * (range->high - range->low);
    uint64_t place = (uint64_t)(ahead / ((unsigned __int128)(range->most - range->least) + 1));

    return range->low + place; /* below high, as hash <= most */
}

/* The place of the first record that is not below hash; count if there is none. */
static enum lede_status lower_bound(struct stream *ids, uint64_t count, uint64_t hash,
                                    uint64_t *place, struct lede_error *err)
{
    struct range range = {0, count, 0, UINT64_MAX};
    struct id_entry entry = {0, 0};

    for (unsigned probes = 0; range.low < range.high; probes++) {
        bool halve = probes >= INTERPOLATIONS || range.high - range.low <= NEAR;
        uint64_t middle =
            halve ? range.low + (range.high - range.low) / 2 : range_guess(&range, hash);
        enum lede_status status = id_map_get(ids, middle, &entry, err);

        if (status != LEDE_OK)
            return status;
        if (entry.hash < range.least || entry.hash > range.most)
            return damaged(ids, "records out of order", err);
        if (entry.hash < hash) {
            range.low = middle + 1;
            range.least = entry.hash;
        } else {
            range.high = middle;
            range.most = entry.hash;
        }
    }
    *place = range.low;
    return LEDE_OK;
}

enum lede_status id_map_find(struct stream *ids, doc_id documents, uint64_t hash,
                             bool (*found)(void *context, doc_id document), void *context,
                             struct lede_error *err)
{
    uint64_t place = 0, first;
    struct id_entry entry = {0, 0}, before = {hash, 0};
    enum lede_status status = lower_bound(ids, documents, hash, &place, err);

    if (status != LEDE_OK)
        return status;
    for (first = place; place < documents; place++, before = entry) {
        status = id_map_get(ids, place, &entry, err);
        if (status != LEDE_OK)
            return status;
        if (entry.document >= documents || (place > first && !entry_before(&before, &entry)))
            return damaged(ids, "a record that makes no sense", err);
        if (entry.hash != hash || !found(context, entry.document))
            break;
    }
    return LEDE_OK;
}
