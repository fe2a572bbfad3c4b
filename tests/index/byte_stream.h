/* byte_stream.h -- streams of given bytes, sealed as a writer would: for decoders of damaged bytes
 * that kept their checksums. Helpers give up by abort, as tests and fuzz targets both use them. */
#ifndef TESTS_INDEX_BYTE_STREAM_H
#define TESTS_INDEX_BYTE_STREAM_H

#include <stdlib.h>

#include "index/extent.h"
#include "tests/index/memory_records.h"

/* Ends writer's stream and opens it for reading. */
static inline void byte_stream_open(struct memory_records *memory, struct stream_writer *writer,
                                    struct stream *stream)
{
    uint64_t size;

    if (stream_writer_finish(writer, &size, NULL) != LEDE_OK ||
        stream_init(stream, writer->segment, writer->kind, size, &memory->source, NULL) != LEDE_OK)
        abort();
    stream_writer_done(writer);
}

/* Opens a stream of these bytes, in place of one that may have been there; at most one extent. The
 * writer's megabyte is kept: under a sanitizer it is slow to allocate. One thread. */
static inline void byte_stream_of(struct memory_records *memory, uint32_t segment,
                                  enum stream_kind kind, const void *bytes, size_t size,
                                  struct stream *stream)
{
    static uint8_t *extent;
    struct stream_writer writer;
    uint64_t offset, logical;
    uint8_t *room;

    if (!extent)
        extent = malloc(EXTENT_SIZE_MAX);
    stream_writer_init(&writer, segment, kind, &memory->sink, NULL);
    writer.extent = extent;
    room = stream_writer_reserve(&writer, size, 0, &offset);
    if (!room)
        abort();
    if (size > 0)
        memcpy(room, bytes, size);
    if (stream_writer_finish(&writer, &logical, NULL) != LEDE_OK ||
        stream_init(stream, segment, kind, logical, &memory->source, NULL) != LEDE_OK)
        abort();
}

#endif
