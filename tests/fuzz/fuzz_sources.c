/* Lists of source files, of any bytes under right checksums: what the cursor reads, reading by
 * number reads too; paths are short and not empty, and reading ends.
 *
 * Input: the stream. */
#include <stdlib.h>

#include "index/source_file.h"
#include "tests/index/byte_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_by_number(struct stream *sources, uint32_t number, const struct source_file *file)
{
    struct source_file again;
    struct buffer path;

    buffer_init(&path, NULL);
    if (source_file_get(sources, number, &path, &again, NULL) != LEDE_OK ||
        !slice_equal(again.path, file->path) || again.complete != file->complete ||
        !source_stamp_equal(&again.stamp, &file->stamp))
        abort();
    buffer_done(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source_file_cursor cursor;
    struct memory_records memory;
    struct source_file file;
    struct stream sources;
    uint32_t read = 0;
    enum lede_status status;

    memory_records_init(&memory);
    byte_stream_of(&memory, 1, STREAM_SOURCES, data, size, &sources);
    status = source_file_cursor_init(&cursor, &sources, NULL);
    while (status == LEDE_OK &&
           (status = source_file_cursor_next(&cursor, &file, NULL)) == LEDE_OK) {
        if (file.path.size == 0 || file.path.size > SOURCE_PATH_MAX)
            abort();
        if (read % 5 == 0)
            same_by_number(&sources, read, &file);
        read++;
    }
    if (status != LEDE_CORRUPT && (status != LEDE_MISSING || read != cursor.count))
        abort();
    source_file_cursor_done(&cursor);
    stream_done(&sources);
    memory_records_done(&memory);
    return 0;
}
