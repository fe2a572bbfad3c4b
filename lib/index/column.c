#include "index/column.h"

#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "base/buffer.h"

enum { BLOCK_HEADER = 2 };

_Static_assert(BLOCK_HEADER + 8 * WINDOW_DOCS <= EXTENT_CAPACITY, "a block fits an extent");

/* Values that count documents have in a column. */
static uint32_t value_count(enum column column, uint32_t count)
{
    return column == COLUMN_NAMES ? (count + NAME_GROUP - 1) / NAME_GROUP : count;
}

static size_t packed_size(uint32_t count, unsigned width)
{
    return ((size_t)count * width + 7) / 8;
}

/* ---- writing ---- */

struct column_writer {
    struct stream_writer *columns, *windows;
    struct account *account;
    uint32_t window, count; /* the one being filled, and its documents so far */
    bool late;              /* groups come behind: records are whole from then on */
    struct buffer records;  /* that wait for them */
    uint32_t grouped;       /* windows that have theirs */
    int64_t values[COLUMN_COUNT][WINDOW_DOCS];
};

enum lede_status column_writer_new(struct stream_writer *columns, struct stream_writer *windows,
                                   struct account *account, struct column_writer **out,
                                   struct lede_error *err)
{
    struct column_writer *writer = account_malloc(account, sizeof *writer);

    if (!writer)
        return error_no_memory(err);
    writer->columns = columns;
    writer->windows = windows;
    writer->account = account;
    writer->window = writer->count = writer->grouped = 0;
    writer->late = false;
    buffer_init(&writer->records, account);
    *out = writer;
    return LEDE_OK;
}

void column_writer_free(struct column_writer *writer)
{
    struct account *account;

    if (!writer)
        return;
    account = writer->account;
    buffer_done(&writer->records);
    free(writer);
    account_release(account, sizeof *writer);
}

void column_writer_late_groups(struct column_writer *writer)
{
    assert(writer->window == 0 && writer->count == 0);
    writer->late = true;
}

/* Everything of *block but its offset. */
static void block_measure(const int64_t *values, uint32_t count, struct column_block *block)
{
    uint64_t most;

    block->min = INT64_MAX;
    block->max = INT64_MIN;
    block->gaps = false;
    for (uint32_t i = 0; i < count; i++) {
        if (values[i] == COLUMN_MISSING) {
            block->gaps = true;
            continue;
        }
        block->min = values[i] < block->min ? values[i] : block->min;
        block->max = values[i] > block->max ? values[i] : block->max;
    }
    block->width = 0;
    if (block->min > block->max) {
        block->min = 1;
        block->max = 0;
        return;
    }
    most = (uint64_t)block->max - (uint64_t)block->min + block->gaps;
    block->width = most == 0 ? 0 : 64 - (unsigned)__builtin_clzll(most);
}

/* ORs the low width bits of value, which has no others, in at bit number bit of zeroed bytes. */
static void bits_put(uint8_t *bytes, size_t bit, unsigned width, uint64_t value)
{
    size_t at = bit / 8;

    for (unsigned done = 0, shift = bit % 8; done < width; at++) {
        bytes[at] = (uint8_t)(bytes[at] | value << shift);
        value >>= 8 - shift;
        done += 8 - shift;
        shift = 0;
    }
}

static bool block_write(struct stream_writer *columns, const int64_t *values, uint32_t count,
                        struct column_block *block)
{
    uint8_t *room;

    block_measure(values, count, block);
    room = stream_writer_reserve(columns, BLOCK_HEADER + packed_size(count, block->width), 0,
                                 &block->offset);
    if (!room)
        return false;
    room[0] = (uint8_t)block->width;
    room[1] = block->gaps;
    for (uint32_t i = 0; i < count && block->width > 0; i++)
        if (values[i] != COLUMN_MISSING)
            bits_put(room + BLOCK_HEADER, (size_t)i * block->width, block->width,
                     (uint64_t)values[i] - (uint64_t)block->min + block->gaps);
    return true;
}

enum lede_status column_block_write(struct stream_writer *columns, const int64_t *values,
                                    uint32_t count, uint8_t entry[COLUMN_ENTRY],
                                    struct lede_error *err)
{
    struct column_block block;

    if (!block_write(columns, values, count, &block))
        return stream_writer_status(columns, err);
    store_le64(entry, block.offset);
    store_le64(entry + 8, (uint64_t)block.min);
    store_le64(entry + 16, (uint64_t)block.max);
    return LEDE_OK;
}

/* Writes a column's values of a window, and its part of the window's record. */
static enum lede_status column_write(struct column_writer *writer, int column,
                                     const int64_t *values, uint32_t count,
                                     uint8_t record[COLUMN_RECORD], struct lede_error *err)
{
    return column_block_write(writer->columns, values, count, record + COLUMN_ENTRY * column, err);
}

static enum lede_status record_write(struct column_writer *writer, const uint8_t *record,
                                     uint32_t window, struct lede_error *err)
{
    uint64_t offset;
    uint8_t *room = stream_writer_reserve(writer->windows, COLUMN_RECORD, 0, &offset);

    if (!room)
        return stream_writer_status(writer->windows, err);
    assert(offset == column_record_offset(window));
    (void)window;
    memcpy(room, record, COLUMN_RECORD);
    return LEDE_OK;
}

static enum lede_status window_write(struct column_writer *writer, struct lede_error *err)
{
    uint8_t record[COLUMN_RECORD] = {0};
    enum lede_status status = LEDE_OK;

    for (int column = 0; column < COLUMN_COUNT && status == LEDE_OK; column++)
        if (!writer->late || column != COLUMN_DUPLICATE_GROUP)
            status = column_write(writer, column, writer->values[column],
                                  value_count((enum column)column, writer->count), record, err);
    if (status == LEDE_OK && writer->late) {
        buffer_put(&writer->records, record, sizeof record);
        if (writer->records.failed)
            status = error_no_memory(err);
    } else if (status == LEDE_OK) {
        status = record_write(writer, record, writer->window, err);
    }
    if (status != LEDE_OK)
        return status;
    writer->window++;
    writer->count = 0;
    return LEDE_OK;
}

enum lede_status column_writer_add(struct column_writer *writer, const int64_t values[COLUMN_COUNT],
                                   struct lede_error *err)
{
    uint32_t place = writer->count;

    if (place == WINDOW_DOCS) { /* writing it failed, and will again */
        enum lede_status status = window_write(writer, err);

        if (status != LEDE_OK)
            return status;
        place = 0;
    }
    for (int column = 0; column < COLUMN_COUNT; column++)
        if (column != COLUMN_NAMES)
            writer->values[column][place] = values[column];
    if (place % NAME_GROUP == 0)
        writer->values[COLUMN_NAMES][place / NAME_GROUP] = values[COLUMN_NAMES];
    writer->count = place + 1;
    return writer->count == WINDOW_DOCS ? window_write(writer, err) : LEDE_OK;
}

enum lede_status column_writer_end(struct column_writer *writer, struct lede_error *err)
{
    return writer->count > 0 ? window_write(writer, err) : LEDE_OK;
}

enum lede_status column_writer_groups(struct column_writer *writer, const int64_t *groups,
                                      uint32_t count, struct lede_error *err)
{
    uint8_t *record = writer->records.data + (size_t)writer->grouped * COLUMN_RECORD;
    enum lede_status status;

    assert(writer->late && writer->grouped < writer->window);
    status = column_write(writer, COLUMN_DUPLICATE_GROUP, groups, count, record, err);
    if (status == LEDE_OK)
        status = record_write(writer, record, writer->grouped, err);
    writer->grouped++;
    return status;
}

enum lede_status column_writer_finish(struct column_writer *writer, struct lede_error *err)
{
    static const int64_t missing = COLUMN_MISSING; /* one stands for all: a block of none */
    enum lede_status status = column_writer_end(writer, err);

    while (writer->late && writer->grouped < writer->window && status == LEDE_OK)
        status = column_writer_groups(writer, &missing, 1, err);
    return status;
}

/* ---- reading ---- */

static enum lede_status damaged(const struct column_source *source, const char *what,
                                struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: columns of segment %u: %s; run lede-index verify",
                     source->columns->segment, what);
}

/* Documents of a window that the segment has; 0: no such window. */
static uint32_t window_documents(const struct column_source *source, uint32_t window)
{
    uint64_t first = (uint64_t)window * WINDOW_DOCS;

    if (first >= source->documents)
        return 0;
    return source->documents - first < WINDOW_DOCS ? (uint32_t)(source->documents - first)
                                                   : (uint32_t)WINDOW_DOCS;
}

/* What the directory says of a column of a window that the segment has. */
static enum lede_status record_read(const struct column_source *source, enum column column,
                                    uint32_t window, struct column_block *block,
                                    struct lede_error *err)
{
    uint64_t offset = column_record_offset(window) + 24 * (uint64_t)column;
    const uint8_t *record = stream_at(source->windows, offset, 24, err);

    if (!record)
        return LEDE_CORRUPT;
    block->offset = load_le64(record);
    block->min = (int64_t)load_le64(record + 8);
    block->max = (int64_t)load_le64(record + 16);
    if (block->min > block->max ? block->min != 1 || block->max != 0 : block->min == INT64_MIN)
        return damaged(source, "a window with impossible bounds", err);
    return LEDE_OK;
}

enum lede_status column_block_open(const struct column_source *source, enum column column,
                                   uint32_t window, struct column_block *block,
                                   struct lede_error *err)
{
    const uint8_t *header;
    enum lede_status status = record_read(source, column, window, block, err);

    if (status != LEDE_OK)
        return status;
    header = stream_at(source->columns, block->offset, BLOCK_HEADER, err);
    if (!header)
        return LEDE_CORRUPT;
    block->width = header[0];
    block->gaps = header[1] == 1;
    if (block->width > 64 || header[1] > 1 ||
        (block->min > block->max && (block->width != 0 || !block->gaps)))
        return damaged(source, "a block with a bad header", err);
    return LEDE_OK;
}

/* The width (1 to 64) bits at bit number bit; reads at most 9 bytes from the one that bit is in. */
static inline uint64_t bits_get(const uint8_t *bytes, size_t bit, unsigned width)
{
    const uint8_t *at = bytes + bit / 8;
    unsigned shift = bit % 8;
    uint64_t value = load_le64(at) >> shift;

    if (shift + width > 64)
        value |= (uint64_t)at[8] << (64 - shift);
    return width == 64 ? value : value & ((1ULL << width) - 1);
}

/* No bits of a block are above this, as its values lie between min and max. */
static uint64_t bits_limit(const struct column_block *block)
{
    return (uint64_t)block->max - (uint64_t)block->min + block->gaps;
}

static inline int64_t value_of(const struct column_block *block, uint64_t bits)
{
    if (block->gaps)
        return bits == 0 ? COLUMN_MISSING : (int64_t)((uint64_t)block->min + bits - 1);
    return (int64_t)((uint64_t)block->min + bits);
}

enum lede_status column_block_get(const struct column_source *source,
                                  const struct column_block *block, uint32_t place, int64_t *value,
                                  struct lede_error *err)
{
    uint64_t bits = 0;

    if (block->width > 0) {
        size_t bit = (size_t)place * block->width;
        const uint8_t *at = stream_at(source->columns, block->offset + BLOCK_HEADER + bit / 8,
                                      packed_size(1, (unsigned)(bit % 8) + block->width), err);

        if (!at)
            return LEDE_CORRUPT;
        bits = bits_get(at, bit % 8, block->width);
    }
    if (bits > bits_limit(block))
        return damaged(source, "a value outside its bounds", err);
    *value = value_of(block, bits);
    return LEDE_OK;
}

enum lede_status column_get(const struct column_source *source, enum column column, doc_id document,
                            int64_t *value, struct lede_error *err)
{
    uint32_t place = document % WINDOW_DOCS;
    struct column_block block;
    enum lede_status status;

    if (document >= source->documents)
        return error_set(err, LEDE_INVALID, "segment %u has no document %u",
                         source->columns->segment, document);
    status = column_block_open(source, column, document / WINDOW_DOCS, &block, err);
    if (status != LEDE_OK)
        return status;
    return column_block_get(source, &block, column == COLUMN_NAMES ? place / NAME_GROUP : place,
                            value, err);
}

/* Unpacks count numbers of width bits into out; returns the largest. */
static uint64_t bits_unpack(const uint8_t *bytes, uint32_t count, unsigned width, int64_t *out)
{
    uint64_t most = 0, bits;
    size_t at = 0;

    if (width <= 57) { /* within eight bytes, wherever they begin */
        uint64_t mask = (1ULL << width) - 1;

        for (uint32_t i = 0; i < count; i++, at += width) {
            bits = load_le64(bytes + at / 8) >> (at % 8) & mask;
            most = bits > most ? bits : most;
            out[i] = (int64_t)bits;
        }
        return most;
    }
    for (uint32_t i = 0; i < count; i++, at += width) {
        bits = bits_get(bytes, at, width);
        most = bits > most ? bits : most;
        out[i] = (int64_t)bits;
    }
    return most;
}

enum lede_status column_window(const struct column_source *source, enum column column,
                               uint32_t window, int64_t *out, int64_t *min, int64_t *max,
                               struct lede_error *err)
{
    uint32_t count = value_count(column, window_documents(source, window));
    const uint8_t *bytes;
    struct column_block block;
    enum lede_status status;

    if (count == 0)
        return error_set(err, LEDE_INVALID, "segment %u has no window %u", source->columns->segment,
                         window);
    status = column_block_open(source, column, window, &block, err);
    if (status != LEDE_OK)
        return status;
    bytes = stream_at(source->columns, block.offset, BLOCK_HEADER + packed_size(count, block.width),
                      err);
    if (!bytes)
        return LEDE_CORRUPT;
    if (bits_unpack(bytes + BLOCK_HEADER, count, block.width, out) > bits_limit(&block))
        return damaged(source, "a value outside its bounds", err);
    for (uint32_t i = 0; i < count; i++)
        out[i] = value_of(&block, (uint64_t)out[i]);
    *min = block.min;
    *max = block.max;
    return LEDE_OK;
}

enum lede_status column_bounds(const struct column_source *source, enum column column,
                               uint32_t window, int64_t *min, int64_t *max, struct lede_error *err)
{
    struct column_block block;
    enum lede_status status;

    if (window_documents(source, window) == 0)
        return error_set(err, LEDE_INVALID, "segment %u has no window %u", source->columns->segment,
                         window);
    status = record_read(source, column, window, &block, err);
    if (status != LEDE_OK)
        return status;
    *min = block.min;
    *max = block.max;
    return LEDE_OK;
}
