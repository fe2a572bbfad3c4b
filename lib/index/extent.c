#include "index/extent.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/account.h"
#include "index/checksum.h"

enum { CHECKSUMS = 8, FIRST_PAGE = PAGE_SIZE - PAGE_HEADER };

_Static_assert(CHECKSUMS + 4 * EXTENT_PAGES <= EXTENT_HEADER, "the table fits the header");
_Static_assert((EXTENT_HEADER + PAGE_HEADER) % 64 == 0, "the payload is aligned in the map");
_Static_assert((int)EXTENT_HEADER < (int)FIRST_PAGE, "the header is within the first page");

void extent_key(uint8_t key[EXTENT_KEY_SIZE], uint32_t segment, enum stream_kind kind,
                uint32_t number)
{
    store_be32(key, segment);
    key[4] = (uint8_t)kind;
    store_be32(key + 5, number);
}

static uint64_t extent_seed(uint32_t segment, enum stream_kind kind, uint32_t number)
{
    uint8_t key[EXTENT_KEY_SIZE];

    extent_key(key, segment, kind, number);
    return checksum_seed('e', key, sizeof key);
}

/* The bytes of value that the checksum of page number page covers: [*from, *to). */
static void page_range(size_t page, size_t value_size, size_t *from, size_t *to)
{
    *from = page == 0 ? EXTENT_HEADER : FIRST_PAGE + (page - 1) * PAGE_SIZE;
    *to = FIRST_PAGE + page * PAGE_SIZE;
    if (*to > value_size)
        *to = value_size;
}

static size_t page_count(size_t value_size)
{
    return (value_size + PAGE_HEADER + PAGE_SIZE - 1) / PAGE_SIZE;
}

static uint32_t page_checksum(uint64_t seed, const uint8_t *value, size_t value_size, size_t page)
{
    size_t from, to;

    page_range(page, value_size, &from, &to);
    return checksum_of(seed + page, value + from, to - from);
}

/* ---- writing ---- */

void stream_writer_init(struct stream_writer *writer, uint32_t segment, enum stream_kind kind,
                        struct record_sink *sink, struct account *account)
{
    memset(writer, 0, sizeof *writer);
    writer->segment = segment;
    writer->kind = kind;
    writer->sink = sink;
    writer->account = account;
}

static void fail(struct stream_writer *writer, enum lede_status status)
{
    writer->status = status;
}

/* Puts the extent being filled; leaves it empty, its number unchanged. */
static void flush(struct stream_writer *writer)
{
    size_t size = EXTENT_HEADER + writer->used + EXTENT_TAIL;
    uint64_t seed = extent_seed(writer->segment, writer->kind, writer->number);
    uint8_t key[EXTENT_KEY_SIZE];

    memset(writer->extent + EXTENT_HEADER + writer->used, 0, EXTENT_TAIL);
    memset(writer->extent, 0, EXTENT_HEADER);
    store_le32(writer->extent + 4, (uint32_t)writer->used);
    for (size_t page = 0; page < page_count(size); page++)
        store_le32(writer->extent + CHECKSUMS + 4 * page,
                   page_checksum(seed, writer->extent, size, page));
    store_le32(writer->extent, checksum_of(seed, writer->extent + 4, EXTENT_HEADER - 4));
    extent_key(key, writer->segment, writer->kind, writer->number);
    writer->status = writer->sink->put(writer->sink->context, 'e', slice_of(key, sizeof key),
                                       slice_of(writer->extent, size), &writer->error);
    writer->used = 0;
}

static bool extent_allocate(struct stream_writer *writer)
{
    if (writer->extent)
        return true;
    writer->extent = account_malloc(writer->account, EXTENT_SIZE_MAX);
    if (writer->extent)
        return true;
    fail(writer, error_no_memory(&writer->error));
    return false;
}

uint8_t *stream_writer_reserve(struct stream_writer *writer, size_t size, size_t min_left,
                               uint64_t *offset)
{
    size_t needed = size > min_left ? size : min_left;
    uint8_t *room;

    assert(needed <= EXTENT_CAPACITY);
    if (writer->status != LEDE_OK || !extent_allocate(writer))
        return NULL;
    if (writer->used + needed > EXTENT_CAPACITY) {
        if (writer->number == UINT32_MAX)
            fail(writer, error_set(&writer->error, LEDE_LIMIT, "a stream has too many extents"));
        else
            flush(writer);
        if (writer->status != LEDE_OK)
            return NULL;
        writer->number++;
    }
    *offset = (uint64_t)writer->number * EXTENT_CAPACITY + writer->used;
    room = writer->extent + EXTENT_HEADER + writer->used;
    memset(room, 0, size);
    writer->used += size;
    return room;
}

enum lede_status stream_writer_status(const struct stream_writer *writer, struct lede_error *err)
{
    if (writer->status != LEDE_OK && err)
        *err = writer->error;
    return writer->status;
}

enum lede_status stream_writer_finish(struct stream_writer *writer, uint64_t *size,
                                      struct lede_error *err)
{
    *size = (uint64_t)writer->number * EXTENT_CAPACITY + writer->used;
    if (writer->status == LEDE_OK && writer->used > 0)
        flush(writer);
    return stream_writer_status(writer, err);
}

void stream_writer_done(struct stream_writer *writer)
{
    if (!writer->extent)
        return;
    free(writer->extent);
    writer->extent = NULL;
    account_release(writer->account, EXTENT_SIZE_MAX);
}

/* ---- reading ---- */

enum lede_status stream_init(struct stream *stream, uint32_t segment, enum stream_kind kind,
                             uint64_t size, struct record_source *source, struct lede_error *err)
{
    uint64_t count = size / EXTENT_CAPACITY + (size % EXTENT_CAPACITY != 0);

    memset(stream, 0, sizeof *stream);
    if (count > UINT32_MAX)
        return error_set(err, LEDE_CORRUPT, "segment %u claims a stream of %llu bytes", segment,
                         (unsigned long long)size);
    stream->segment = segment;
    stream->kind = kind;
    stream->size = size;
    stream->source = source;
    if (count == 0)
        return LEDE_OK;
    stream->extents = calloc(count, sizeof *stream->extents);
    if (!stream->extents)
        return error_no_memory(err);
    stream->count = (uint32_t)count;
    return LEDE_OK;
}

void stream_done(struct stream *stream)
{
    if (stream->gather) {
        atomic_fetch_sub_explicit(&stream->source->kept, stream->kept, memory_order_relaxed);
        free((void *)atomic_load_explicit(&stream->extents->payload, memory_order_relaxed));
    }
    free(stream->extents);
    memset(stream, 0, sizeof *stream);
}

static enum lede_status damaged(const struct stream *stream, uint32_t number, const char *what,
                                struct lede_error *err)
{
    return error_set(
        err, LEDE_CORRUPT,
        "index damaged: extent %u of stream %d of segment %u: %s; run lede-index verify", number,
        (int)stream->kind, stream->segment, what);
}

/* ---- streams without extents ----
 *
 * As many bytes of memory as the stream has stand for its extent. It is asked for at once, so that
 * reading never lacks it, and touched as it is read. */

enum lede_status stream_init_gathered(struct stream *stream, uint32_t place, stream_gather *gather,
                                      struct lede_error *err)
{
    uint8_t *bytes = malloc((size_t)stream->size + EXTENT_TAIL);

    assert(stream->count == 1);
    if (!bytes)
        return error_no_memory(err);
    stream->place = place;
    stream->gather = gather;
    atomic_store_explicit(&stream->extents->payload, bytes, memory_order_relaxed);
    atomic_store_explicit(&stream->extents->used, (uint32_t)stream->size, memory_order_relaxed);
    return LEDE_OK;
}

/* Whole pages of the memory, as others may be somebody else's, too. */
void stream_forget(struct stream *stream)
{
    uintptr_t begin, end;

    if (!stream->gather || stream->kept == 0)
        return;
    begin = (uintptr_t)atomic_load_explicit(&stream->extents->payload, memory_order_relaxed);
    end = (begin + (uintptr_t)stream->size) / PAGE_SIZE * PAGE_SIZE;
    begin = (begin + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    if (begin < end)
        (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
    for (size_t i = 0; i < EXTENT_PAGES / 64; i++)
        atomic_store_explicit(&stream->extents->verified[i], 0, memory_order_relaxed);
    atomic_fetch_sub_explicit(&stream->source->kept, stream->kept, memory_order_relaxed);
    memset(stream->gathered, 0, sizeof stream->gathered);
    stream->kept = 0;
}

/* ---- reading ---- */

/* Checks the header of an extent's value and publishes where its payload is. */
static const uint8_t *resolve(struct stream *stream, uint32_t number, struct lede_error *err)
{
    struct stream_extent *extent = &stream->extents[number];
    const uint8_t *payload = atomic_load_explicit(&extent->payload, memory_order_acquire);
    uint8_t key[EXTENT_KEY_SIZE];
    struct slice value;
    uint64_t used, seed;

    if (payload)
        return payload;
    seed = extent_seed(stream->segment, stream->kind, number);
    extent_key(key, stream->segment, stream->kind, number);
    if (stream->source->get(stream->source->context, 'e', slice_of(key, sizeof key), &value, err) !=
        LEDE_OK)
        return NULL;
    if (value.size < EXTENT_HEADER + EXTENT_TAIL || value.size > EXTENT_SIZE_MAX ||
        checksum_of(seed, value.data + 4, EXTENT_HEADER - 4) != load_le32(value.data)) {
        damaged(stream, number, "bad header", err);
        return NULL;
    }
    used = load_le32(value.data + 4);
    if (used + EXTENT_HEADER + EXTENT_TAIL != value.size ||
        (number + 1 == stream->count &&
         number * (uint64_t)EXTENT_CAPACITY + used != stream->size)) {
        damaged(stream, number, "bad size", err);
        return NULL;
    }
    extent->used = (uint32_t)used; /* the same from every thread that gets here */
    atomic_store_explicit(&extent->payload, value.data + EXTENT_HEADER, memory_order_release);
    return value.data + EXTENT_HEADER;
}

static bool verify_page(struct stream *stream, uint32_t number, const uint8_t *payload, size_t page,
                        struct lede_error *err)
{
    struct stream_extent *extent = &stream->extents[number];
    const uint8_t *value = payload - EXTENT_HEADER;
    size_t size = EXTENT_HEADER + extent->used + EXTENT_TAIL;
    uint64_t bit = 1ULL << (page % 64);

    if (atomic_load_explicit(&extent->verified[page / 64], memory_order_acquire) & bit)
        return true;
    if (page_checksum(extent_seed(stream->segment, stream->kind, number), value, size, page) !=
        load_le32(value + CHECKSUMS + 4 * page)) {
        damaged(stream, number, "a page fails its checksum", err);
        return false;
    }
    atomic_fetch_or_explicit(&extent->verified[page / 64], bit, memory_order_release);
    return true;
}

const uint8_t *stream_load(struct stream *stream, uint64_t offset, size_t size,
                           struct lede_error *err)
{
    uint64_t number = offset / EXTENT_CAPACITY;
    size_t into = (size_t)(offset % EXTENT_CAPACITY);
    const uint8_t *payload;
    size_t first, last;

    if (number >= stream->count) {
        damaged(stream, (uint32_t)number, "an offset behind the end", err);
        return NULL;
    }
    payload = resolve(stream, (uint32_t)number, err);
    if (!payload)
        return NULL;
    if (into > stream->extents[number].used || size > stream->extents[number].used - into) {
        damaged(stream, (uint32_t)number, "a part behind the end", err);
        return NULL;
    }
    if (size == 0)
        return payload + into;
    first = (into + EXTENT_HEADER + PAGE_HEADER) / PAGE_SIZE;
    last = (into + size - 1 + EXTENT_HEADER + PAGE_HEADER) / PAGE_SIZE;
    if (stream->gather)
        return stream->gather(stream, (uint32_t)into, (uint32_t)size, err) ? payload + into : NULL;
    if (stream->source->read)
        stream->source->read(stream->source->context, last - first + 1);
    for (size_t page = first; page <= last; page++)
        if (!verify_page(stream, (uint32_t)number, payload, page, err))
            return NULL;
    return payload + into;
}

size_t stream_left(struct stream *stream, uint64_t offset, struct lede_error *err)
{
    uint64_t number = offset / EXTENT_CAPACITY, into = offset % EXTENT_CAPACITY;

    if (number >= stream->count || !resolve(stream, (uint32_t)number, err))
        return 0;
    return into < stream->extents[number].used ? (size_t)(stream->extents[number].used - into) : 0;
}

bool stream_check_extent(struct stream *stream, uint32_t number, struct lede_error *err)
{
    const uint8_t *payload;
    size_t used;

    assert(number < stream->count);
    if (stream->gather)
        return stream->gather(stream, 0, (uint32_t)stream->size, err);
    payload = resolve(stream, number, err);
    if (!payload)
        return false;
    used = stream->extents[number].used;
    if (used == 0) {
        damaged(stream, number, "it is empty", err);
        return false;
    }
    if (stream->source->read)
        stream->source->read(stream->source->context,
                             page_count(EXTENT_HEADER + used + EXTENT_TAIL));
    for (size_t page = 0; page < page_count(EXTENT_HEADER + used + EXTENT_TAIL); page++)
        if (!verify_page(stream, number, payload, page, err))
            return false;
    return true;
}
