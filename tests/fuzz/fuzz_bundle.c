/* Pieces of small streams, of any size and bytes under right checksums: what is read is what the
 * pieces have, wherever it is asked for; what they have not is damage.
 *
 * Input: a size of two bytes for each stream; how many bytes the last piece has less, or more; the
 * bytes of the pieces, as often as it takes. */
#include <stdlib.h>

#include "index/bundle.h"
#include "index/checksum.h"
#include "tests/index/memory_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2 * STREAM_COUNT + 1, SEGMENT = 3, SIZES = 10000 /* two pieces and a half */ };

static void must(bool fine)
{
    if (!fine)
        abort();
}

static uint8_t byte_at(struct slice bytes, size_t at)
{
    return bytes.size > 0 ? bytes.data[at % bytes.size] : 0;
}

/* The last piece has a size of its own. */
static void put_pieces(struct memory_records *memory, uint32_t count, size_t left,
                       struct slice bytes)
{
    uint8_t key[EXTENT_KEY_SIZE], value[BUNDLE_HEADER + BUNDLE_PIECE + UINT8_MAX];

    for (uint32_t i = 0; i < count; i++) {
        size_t size = i + 1 < count ? BUNDLE_PIECE : left;

        for (size_t j = 0; j < size; j++)
            value[BUNDLE_HEADER + j] = byte_at(bytes, (size_t)i * BUNDLE_PIECE + j);
        extent_key(key, SEGMENT, STREAM_BUNDLE, i);
        store_le32(value,
                   checksum_of(checksum_seed('e', key, sizeof key), value + BUNDLE_HEADER, size));
        must(memory->sink.put(memory->sink.context, 'e', slice_of(key, sizeof key),
                              slice_of(value, BUNDLE_HEADER + size), NULL) == LEDE_OK);
    }
}

/* A part of a stream that stands at place in the bundle, which has `there` bytes at most. */
static void read_part(struct stream *stream, size_t place, size_t at, size_t size, size_t there,
                      struct slice bytes)
{
    struct lede_error error = {.status = LEDE_OK};
    const uint8_t *found = stream_at(stream, at, size, &error);

    if (!found) {
        must(error.status == LEDE_CORRUPT);
        return;
    }
    must(place + at + size <= there);
    for (size_t i = 0; i < size; i++)
        must(found[i] == byte_at(bytes, place + at + i));
}

static void read_stream(const struct segment_info *info, enum stream_kind kind, size_t place,
                        size_t there, struct slice bytes, struct memory_records *memory)
{
    size_t size = (size_t)info->stream_sizes[kind];
    struct stream stream;

    must(segment_stream_init(&stream, info, kind, &memory->source, NULL) == LEDE_OK);
    for (size_t at = 0; at < size; at += 1 + size / 7)
        read_part(&stream, place, at, (size - at) / 3 + 1, there, bytes);
    stream_forget(&stream);
    if (size > 0)
        read_part(&stream, place, 0, size, there, bytes);
    must(!stream_at(&stream, size, 1, NULL));
    stream_done(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct segment_info info = {.number = SEGMENT, .small_records = true};
    struct memory_records memory;
    struct slice bytes;
    size_t left, place = 0;
    uint32_t pieces;

    if (size < HEAD)
        return 0;
    for (int kind = 0; kind < STREAM_COUNT; kind++)
        info.stream_sizes[kind] = (data[2 * kind] | (unsigned)data[2 * kind + 1] << 8) % SIZES;
    pieces = bundle_pieces(&info);
    left = bundle_size(&info) - (pieces > 0 ? (pieces - 1) * (size_t)BUNDLE_PIECE : 0);
    left = left + data[HEAD - 1] > 128 ? left + data[HEAD - 1] - 128 : 0;
    bytes = slice_of(data + HEAD, size - HEAD);
    memory_records_init(&memory);
    put_pieces(&memory, pieces, left, bytes);
    for (int kind = 0; kind < STREAM_COUNT; kind++) {
        read_stream(&info, (enum stream_kind)kind, place,
                    (pieces > 0 ? (pieces - 1) * (size_t)BUNDLE_PIECE : 0) + left, bytes, &memory);
        place += (size_t)info.stream_sizes[kind];
    }
    memory_records_done(&memory);
    return 0;
}
