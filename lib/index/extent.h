/* extent.h -- a stream of bytes cut into extents that LMDB keeps as values.
 *
 * An extent is
 *     u32  checksum of the header's other bytes
 *     u32  used: payload bytes
 *     u32[256]  checksum of each page that the value covers (0 behind the last)
 *     40 bytes of zeros          (so that the payload begins at a multiple of 64 in the map)
 *     payload   used bytes, at most EXTENT_CAPACITY
 *     64 zeros  so that vector loads may run over
 * Pages are those of the map: LMDB puts its own 16 bytes before a value that has pages of its
 * own, so page 0 is the value's first 4,080 bytes and each other page the next 4,096. The
 * checksum of page 0 covers it from EXTENT_HEADER on; page checksums run to the value's end.
 *
 * A logical offset o of a stream is payload byte o % EXTENT_CAPACITY of extent number
 * o / EXTENT_CAPACITY. What a writer reserves at once never crosses an extent; bytes passed
 * over are zero. Every extent but the last counts as full: the offset of the next begins at
 * a multiple of EXTENT_CAPACITY whatever `used` says.
 *
 * Reading verifies each touched page once per struct stream. A stream may be read from many
 * threads at once. */
#ifndef LEDE_INDEX_EXTENT_H
#define LEDE_INDEX_EXTENT_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "base/error.h"
#include "index/format.h"

struct account;

enum {
    EXTENT_PAGES = 256,
    EXTENT_SIZE_MAX = EXTENT_PAGES * PAGE_SIZE - PAGE_HEADER, /* 1,048,560 */
    EXTENT_HEADER = 1072,
    EXTENT_TAIL = 64,
    EXTENT_CAPACITY = EXTENT_SIZE_MAX - EXTENT_HEADER - EXTENT_TAIL, /* 1,047,424 */
    EXTENT_KEY_SIZE = 9
};

void extent_key(uint8_t key[EXTENT_KEY_SIZE], uint32_t segment, enum stream_kind kind,
                uint32_t number);

/* ---- writing ---- */

/* Where finished records go: LMDB in the writer, memory in tests. put copies the value. */
struct record_sink {
    void *context;
    enum lede_status (*put)(void *context, char table, struct slice key, struct slice value,
                            struct lede_error *err);
};

struct stream_writer {
    struct record_sink *sink; /* borrowed */
    struct account *account;  /* may be NULL */
    uint8_t *extent;          /* EXTENT_SIZE_MAX bytes, allocated at the first reservation */
    size_t used;              /* payload bytes so far */
    uint32_t segment, number; /* of the extent being filled */
    enum stream_kind kind;
    enum lede_status status; /* sticky: the first failure */
    struct lede_error error;
};

void stream_writer_init(struct stream_writer *writer, uint32_t segment, enum stream_kind kind,
                        struct record_sink *sink, struct account *account);

/* Room for size bytes (at most EXTENT_CAPACITY) that do not cross an extent, zeroed, valid until
 * the next call; *offset is their logical offset. If fewer than min_left bytes are left in the
 * extent (0: no such rule), the next extent begins. NULL after a failure: read status once. */
uint8_t *stream_writer_reserve(struct stream_writer *writer, size_t size, size_t min_left,
                               uint64_t *offset);

/* The first failure, with its text in *err; LEDE_OK if there was none. */
enum lede_status stream_writer_status(const struct stream_writer *writer, struct lede_error *err);

/* Writes the last extent; *size is the logical size of the stream (0: no extent at all). */
enum lede_status stream_writer_finish(struct stream_writer *writer, uint64_t *size,
                                      struct lede_error *err);
/* Frees; after finish or instead of it. */
void stream_writer_done(struct stream_writer *writer);

/* The offset where a part that needs min_left bytes of one extent begins if the one before it
 * ended at offset: the rule of stream_writer_reserve, for readers. */
static inline uint64_t stream_next(uint64_t offset, size_t min_left)
{
    uint64_t into = offset % EXTENT_CAPACITY;

    return into + min_left > EXTENT_CAPACITY ? offset - into + EXTENT_CAPACITY : offset;
}

/* ---- reading ---- */

/* Finds the value of a key for as long as the stream lives; LEDE_CORRUPT if it is not there.
 * Called at most a few times an extent; must be thread-safe. */
struct record_source {
    void *context;
    enum lede_status (*get)(void *context, char table, struct slice key, struct slice *value,
                            struct lede_error *err);
    /* Told how many pages of values are read that may not have been read before. NULL: nobody. */
    void (*read)(void *context, size_t pages);
    _Atomic size_t kept; /* bytes that its streams have in memory of their own: see stream_forget */
};

enum { STREAMS_KEPT = 4 << 20 }; /* bytes */
/* Whether its streams have so much that who walks through many of them is to forget some. */
static inline bool record_source_is_full(const struct record_source *source)
{
    return atomic_load_explicit(&source->kept, memory_order_relaxed) > STREAMS_KEPT;
}

struct stream;

/* Brings size bytes (1 at least, within the stream), and EXTENT_TAIL behind them, of a stream that
 * has no extents of its own to where its extent's payload would be: bundle.c. From any thread.
 * False: *err is filled. */
typedef bool stream_gather(struct stream *stream, uint32_t into, uint32_t size,
                           struct lede_error *err);

struct stream_extent {                            /* one extent as far as it was looked at */
    _Atomic(const uint8_t *) payload;             /* NULL: not looked up yet */
    _Atomic uint32_t used;                        /* set before payload is */
    _Atomic uint64_t verified[EXTENT_PAGES / 64]; /* a bit per page */
};

struct stream {
    struct record_source *source; /* borrowed */
    struct stream_extent *extents;
    uint64_t size;  /* logical */
    uint32_t count; /* extents */
    uint32_t segment;
    enum stream_kind kind;
    uint32_t place;                           /* in the bundle, of a stream that is in it */
    stream_gather *gather;                    /* its; NULL: the stream has extents */
    uint64_t gathered[EXTENT_PAGES / 64 + 1]; /* a bit per piece; guarded by a mutex, as kept */
    uint32_t kept;                            /* bytes that were brought */
};

/* size: as stream_writer_finish gave it. Its cost does not depend on size but for zeroed memory. */
enum lede_status stream_init(struct stream *stream, uint32_t segment, enum stream_kind kind,
                             uint64_t size, struct record_source *source, struct lede_error *err);
/* The same of one with 1 to EXTENT_CAPACITY bytes and no extents, behind stream_init. */
enum lede_status stream_init_gathered(struct stream *stream, uint32_t place, stream_gather *gather,
                                      struct lede_error *err);
void stream_done(struct stream *stream); /* before its source is gone */
/* Gives back memory of its own that a stream without extents has: what it gave must not be in use,
 * nor the stream by another thread. It can be read on. */
void stream_forget(struct stream *stream);

/* Looks the extent up, checks its header (or gathers what is not in memory) and
 * the pages of the bytes [into, into + size). */
const uint8_t *stream_load(struct stream *stream, uint64_t offset, size_t size,
                           struct lede_error *err);

/* The size bytes at offset, checked; EXTENT_TAIL more may be read behind them (their value means
 * nothing). NULL, *err filled, if they cross an extent, are not there, or fail their checksum. */
static inline const uint8_t *stream_at(struct stream *stream, uint64_t offset, size_t size,
                                       struct lede_error *err)
{
    uint64_t number = offset / EXTENT_CAPACITY;
    size_t into = (size_t)(offset % EXTENT_CAPACITY);
    size_t first = (into + EXTENT_HEADER + PAGE_HEADER) / PAGE_SIZE;
    struct stream_extent *extent;
    const uint8_t *payload;

    if (number < stream->count && size > 0) {
        extent = &stream->extents[number];
        payload = atomic_load_explicit(&extent->payload, memory_order_acquire);
        if (payload && size <= extent->used && into <= extent->used - size &&
            (into + size - 1 + EXTENT_HEADER + PAGE_HEADER) / PAGE_SIZE == first &&
            atomic_load_explicit(&extent->verified[first / 64], memory_order_acquire) >>
                    (first % 64) &
                1)
            return payload + into;
    }
    return stream_load(stream, offset, size, err);
}

/* The bytes from offset to the end of their page of the map, or of their extent; *size of them, at
 * least 1, with EXTENT_TAIL more to be read behind. For what does not know its size. NULL as
 * stream_at. */
static inline const uint8_t *stream_rest(struct stream *stream, uint64_t offset, size_t *size,
                                         struct lede_error *err)
{
    size_t into = (size_t)(offset % EXTENT_CAPACITY);
    size_t of_page = PAGE_SIZE - (into + EXTENT_HEADER + PAGE_HEADER) % PAGE_SIZE;
    const uint8_t *at = stream_at(stream, offset, 1, err);
    size_t left;

    if (!at)
        return NULL;
    left = stream->extents[offset / EXTENT_CAPACITY].used - into;
    *size = left < of_page ? left : of_page;
    return stream->gather ? stream_at(stream, offset, *size, err) : at;
}

/* Payload bytes from offset to the end of its extent; 0 if there are none. Looks the extent up. */
size_t stream_left(struct stream *stream, uint64_t offset, struct lede_error *err);

/* Checks an extent (below count) whole: also a page that has but zeros behind the payload, which no
 * load looks at. False, *err filled, if it fails, is missing or empty. */
bool stream_check_extent(struct stream *stream, uint32_t number, struct lede_error *err);

#endif
