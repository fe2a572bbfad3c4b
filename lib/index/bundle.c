#include "index/bundle.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/account.h"
#include "index/checksum.h"

_Static_assert((int)BUNDLE_STREAM <= (int)EXTENT_CAPACITY, "one extent for those who read it");
_Static_assert(BUNDLE_STREAM / BUNDLE_PIECE + 2 <= 64 * (EXTENT_PAGES / 64 + 1), "a bit per piece");
_Static_assert((uint64_t)BUNDLE_STREAM *STREAM_COUNT <= UINT32_MAX, "places are u32");

static bool is_small(uint64_t size)
{
    return size > 0 && size <= BUNDLE_STREAM;
}

/* Bytes of the small streams before the kind. */
static uint32_t bytes_before(const struct segment_info *info, int kind)
{
    uint32_t sum = 0;

    for (int i = 0; i < kind; i++)
        sum += is_small(info->stream_sizes[i]) ? (uint32_t)info->stream_sizes[i] : 0;
    return sum;
}

uint32_t bundle_size(const struct segment_info *info)
{
    return info->small_records ? bytes_before(info, STREAM_COUNT) : 0;
}

uint32_t bundle_pieces(const struct segment_info *info)
{
    return (bundle_size(info) + BUNDLE_PIECE - 1) / BUNDLE_PIECE;
}

/* ---- reading ---- */

static const uint8_t *damaged(const struct stream *stream, uint32_t number, const char *what,
                              struct lede_error *err)
{
    error_set(err, LEDE_CORRUPT,
              "index damaged: piece %u of the small streams of segment %u %s; run "
              "lede-index verify",
              number, stream->segment, what);
    return NULL;
}

/* The bytes of a piece, needed of them at least, checked; NULL: *err is filled. */
static const uint8_t *read_piece(const struct stream *stream, uint32_t number, size_t needed,
                                 struct lede_error *err)
{
    uint8_t key[EXTENT_KEY_SIZE];
    struct slice value = {NULL, 0};

    extent_key(key, stream->segment, STREAM_BUNDLE, number);
    if (stream->source->get(stream->source->context, 'e', slice_of(key, sizeof key), &value, err) !=
        LEDE_OK)
        return NULL;
    if (value.size < BUNDLE_HEADER + needed || value.size > BUNDLE_HEADER + BUNDLE_PIECE)
        return damaged(stream, number, "has another size", err);
    if (checksum_of(checksum_seed('e', key, sizeof key), value.data + BUNDLE_HEADER,
                    value.size - BUNDLE_HEADER) != load_le32(value.data))
        return damaged(stream, number, "fails its checksum", err);
    return value.data + BUNDLE_HEADER;
}

static uint32_t number_of(const struct stream *stream, uint32_t into)
{
    return (stream->place + into) / BUNDLE_PIECE;
}

/* Brings what a piece has of the stream to its place. False: *err is filled. */
static bool bring(struct stream *stream, uint32_t number, struct lede_error *err)
{
    uint8_t *bytes =
        (uint8_t *)atomic_load_explicit(&stream->extents->payload, memory_order_relaxed);
    uint32_t begin = number * BUNDLE_PIECE, end = begin + BUNDLE_PIECE, from = stream->place;
    uint32_t to = from + (uint32_t)stream->size;
    const uint8_t *piece;

    from = from > begin ? from : begin;
    to = to < end ? to : end;
    piece = read_piece(stream, number, to - begin, err);
    if (!piece)
        return false;
    memcpy(bytes + (from - stream->place), piece + (from - begin), to - from);
    if (to == stream->place + stream->size)
        memset(bytes + stream->size, 0, EXTENT_TAIL);
    stream->kept += to - from;
    atomic_fetch_add_explicit(&stream->source->kept, to - from, memory_order_relaxed);
    return true;
}

/* A piece is brought once, so that nobody writes where readers may be. */
static bool bring_all(struct stream *stream, uint32_t from, uint32_t to, struct lede_error *err)
{
    uint32_t first = number_of(stream, 0), last = number_of(stream, to - 1);

    for (uint32_t i = number_of(stream, from); i <= last; i++) {
        uint64_t *bits = &stream->gathered[(i - first) / 64], bit = 1ULL << ((i - first) % 64);

        if (!(*bits & bit) && !bring(stream, i, err))
            return false;
        *bits |= bit;
    }
    return true;
}

static bool is_there(const struct stream *stream, uint32_t from, uint32_t to)
{
    uint32_t first = number_of(stream, 0), last = number_of(stream, to - 1);

    for (uint32_t i = number_of(stream, from); i <= last; i++)
        if (!(stream->gathered[(i - first) / 64] >> ((i - first) % 64) & 1))
            return false;
    return true;
}

/* The end of bytes that may be read, if those up to here are asked for. */
static uint32_t with_tail(const struct stream *stream, uint32_t to)
{
    return to + EXTENT_TAIL < stream->size ? to + EXTENT_TAIL : (uint32_t)stream->size;
}

/* Of the value that the stream's extent would be, a page counts as verified once all of it that the
 * stream has is there: stream_at asks for nothing then. */
static void note_page(struct stream *stream, uint32_t page)
{
    uint32_t end = (page + 1) * PAGE_SIZE - PAGE_HEADER - EXTENT_HEADER;
    uint32_t begin = page == 0 ? 0 : end - PAGE_SIZE;

    if (is_there(stream, begin, with_tail(stream, end)))
        atomic_fetch_or_explicit(&stream->extents->verified[page / 64], 1ULL << (page % 64),
                                 memory_order_release);
}

static pthread_mutex_t gather_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool gather(struct stream *stream, uint32_t into, uint32_t size, struct lede_error *err)
{
    uint32_t first = (into + EXTENT_HEADER + PAGE_HEADER) / PAGE_SIZE;
    uint32_t last = (into + size - 1 + EXTENT_HEADER + PAGE_HEADER) / PAGE_SIZE;
    bool done;

    pthread_mutex_lock(&gather_mutex);
    done = bring_all(stream, into, with_tail(stream, into + size), err);
    for (uint32_t page = first; done && page <= last; page++)
        note_page(stream, page);
    pthread_mutex_unlock(&gather_mutex);
    return done;
}

enum lede_status segment_stream_init(struct stream *stream, const struct segment_info *info,
                                     enum stream_kind kind, struct record_source *source,
                                     struct lede_error *err)
{
    uint64_t size = info->stream_sizes[kind];
    enum lede_status status = stream_init(stream, info->number, kind, size, source, err);

    if (status == LEDE_OK && info->small_records && is_small(size))
        status = stream_init_gathered(stream, bytes_before(info, (int)kind), gather, err);
    return status;
}

/* ---- writing ---- */

void bundle_writer_init(struct bundle_writer *writer, struct account *account)
{
    *writer = (struct bundle_writer){.account = account};
}

void bundle_writer_done(struct bundle_writer *writer)
{
    for (int kind = 0; kind < STREAM_COUNT; kind++) {
        if (!writer->held[kind])
            continue;
        free(writer->held[kind]);
        account_release(writer->account, writer->sizes[kind]);
        writer->held[kind] = NULL;
    }
}

enum lede_status bundle_writer_take(struct bundle_writer *writer, struct stream_writer *stream,
                                    uint64_t *size, struct lede_error *err)
{
    enum lede_status status = stream_writer_status(stream, err);
    uint8_t *held;

    if (status != LEDE_OK || stream->number > 0 || !is_small(stream->used))
        return stream_writer_finish(stream, size, err);
    held = account_malloc(writer->account, stream->used);
    if (!held)
        return error_no_memory(err);
    memcpy(held, stream->extent + EXTENT_HEADER, stream->used);
    writer->held[stream->kind] = held;
    writer->sizes[stream->kind] = stream->used;
    *size = stream->used;
    return LEDE_OK;
}

struct piece { /* being filled */
    uint8_t value[BUNDLE_HEADER + BUNDLE_PIECE];
    size_t used;
    uint32_t segment, number;
    struct record_sink *sink;
};

static enum lede_status put_piece(struct piece *piece, struct lede_error *err)
{
    uint8_t key[EXTENT_KEY_SIZE];

    if (piece->used == 0)
        return LEDE_OK;
    extent_key(key, piece->segment, STREAM_BUNDLE, piece->number++);
    store_le32(piece->value, checksum_of(checksum_seed('e', key, sizeof key),
                                         piece->value + BUNDLE_HEADER, piece->used));
    return piece->sink->put(piece->sink->context, 'e', slice_of(key, sizeof key),
                            slice_of(piece->value, BUNDLE_HEADER + piece->used), err);
}

static enum lede_status put_bytes(struct piece *piece, const uint8_t *bytes, size_t size,
                                  struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    while (size > 0 && status == LEDE_OK) {
        size_t room = BUNDLE_PIECE - piece->used, part = size < room ? size : room;

        memcpy(piece->value + BUNDLE_HEADER + piece->used, bytes, part);
        piece->used += part;
        bytes += part;
        size -= part;
        if (piece->used < BUNDLE_PIECE)
            continue;
        status = put_piece(piece, err);
        piece->used = 0;
    }
    return status;
}

enum lede_status bundle_writer_finish(struct bundle_writer *writer, uint32_t segment,
                                      struct record_sink *sink, struct lede_error *err)
{
    struct piece piece = {.segment = segment, .sink = sink};
    enum lede_status status = LEDE_OK;

    for (int kind = 0; kind < STREAM_COUNT && status == LEDE_OK; kind++)
        status = put_bytes(&piece, writer->held[kind], writer->sizes[kind], err);
    return status == LEDE_OK ? put_piece(&piece, err) : status;
}
