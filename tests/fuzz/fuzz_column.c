/* Columns of any bytes under right checksums: a window read whole and value by value agree, and
 * every value lies between the window's min and max.
 *
 * Input: u16 documents, u8 column, the column's 24 bytes of the directory, the stream of blocks. */
#include <stdlib.h>

#include "index/column.h"
#include "tests/index/byte_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2 + 1 + 24 };

static void check_values(const struct column_source *source, enum column column, uint32_t window)
{
    static int64_t out[WINDOW_DOCS];
    uint32_t first = window * WINDOW_DOCS, step = column == COLUMN_NAMES ? NAME_GROUP : 1;
    int64_t min, max, low, high, value;
    enum lede_status status = column_window(source, column, window, out, &min, &max, NULL);

    if (status != LEDE_OK && status != LEDE_CORRUPT)
        abort();
    if (status != LEDE_OK)
        return;
    if (column_bounds(source, column, window, &low, &high, NULL) != LEDE_OK || low != min ||
        high != max)
        abort();
    for (uint32_t i = first; i < source->documents && i < first + WINDOW_DOCS; i += step)
        if (column_get(source, column, i, &value, NULL) != LEDE_OK ||
            value != out[(i - first) / step] ||
            (value != COLUMN_MISSING && (value < min || value > max)))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t directory[2 * COLUMN_RECORD];
    struct memory_records memory;
    struct stream columns, windows;
    struct column_source source = {&columns, &windows, 0};
    enum column column;
    int64_t value;

    if (size < HEAD)
        return 0;
    source.documents = load_le16(data) % (2 * WINDOW_DOCS) + 1;
    column = (enum column)(data[2] % COLUMN_COUNT);
    for (size_t at = 0; at < sizeof directory; at += 24)
        memcpy(directory + at, data + 3, 24);
    memory_records_init(&memory);
    byte_stream_of(&memory, 1, STREAM_WINDOWS, directory, sizeof directory, &windows);
    byte_stream_of(&memory, 1, STREAM_COLUMNS, data + HEAD, size - HEAD, &columns);
    check_values(&source, column, 0);
    if (source.documents > WINDOW_DOCS)
        check_values(&source, column, 1);
    (void)column_get(&source, column, source.documents - 1, &value, NULL);
    stream_done(&columns);
    stream_done(&windows);
    memory_records_done(&memory);
    return 0;
}
