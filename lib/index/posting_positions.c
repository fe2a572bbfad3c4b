#include <assert.h>

#include "index/posting.h"
#include "index/posting_internal.h"

/* ---- positions of blocks ---- */

/* Before the first pack of the current block. */
static bool positions_rewind(struct posting_cursor *cursor)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < cursor->count; i++)
        total += cursor->frequencies[i];
    if (total > cursor->info.total_tf)
        return posting_cursor_fail(cursor, "more positions than the list has");
    cursor->place = 0;
    cursor->place_first = cursor->pack_first = 0;
    cursor->pack_count = 0;
    cursor->pack_total = total;
    cursor->pack_offset = cursor->is_single
                              ? cursor->info.positions
                              : cursor->position_base +
                                    load_le32(cursor->position_offsets + 4 * (size_t)cursor->block);
    cursor->positions_ready = true;
    return true;
}

/* Moves to the next pack, which is decoded only if it holds position number `wanted`. */
static bool pack_next(struct posting_cursor *cursor, uint64_t wanted)
{
    struct stream *stream = cursor->source->positions;
    uint64_t first = cursor->pack_first + cursor->pack_count, left = cursor->pack_total - first;
    uint32_t n = left < BLOCK_DOCS ? (uint32_t)left : BLOCK_DOCS;
    const uint8_t *in = NULL;
    size_t size, used;

    cursor->error.status = LEDE_OK;
    size = stream_left(stream, cursor->pack_offset, &cursor->error);
    if (size > PACK_SIZE_MAX)
        size = PACK_SIZE_MAX;
    if (size > 0)
        in = stream_at(stream, cursor->pack_offset, size, &cursor->error);
    if (!in)
        return posting_cursor_fail(
            cursor, cursor->error.status == LEDE_OK ? "its positions are cut short" : NULL);
    if (wanted < first + n) {
        used = pack_decode(in, size, n, cursor->pack_values);
        posting_work.packs++;
        posting_work.bytes += used;
    } else {
        used = pack_size(in, size, n);
    }
    if (used == 0)
        return posting_cursor_fail(cursor, "a pack of positions makes no sense");
    cursor->pack_first = first;
    cursor->pack_count = n;
    cursor->pack_offset = stream_next(cursor->pack_offset + used, PACK_SIZE_MAX);
    return true;
}

static void place_advance(struct posting_cursor *cursor, uint32_t place)
{
    uint64_t first = cursor->place_first;

    for (uint32_t i = cursor->place; i < place; i++)
        first += cursor->frequencies[i];
    cursor->place = place;
    cursor->place_first = first;
}

/* Makes place the cursor's, at or before the end of the decoded pack. */
static bool place_reach(struct posting_cursor *cursor, uint32_t place)
{
    if ((!cursor->positions_ready || place < cursor->place) && !positions_rewind(cursor))
        return false;
    place_advance(cursor, place);
    if (cursor->place_first >= cursor->pack_first)
        return true;
    /* The same place again, and its first pack is gone. */
    if (!positions_rewind(cursor))
        return false;
    place_advance(cursor, place);
    return true;
}

/* Appends count values of gaps, the first behind previous (-1: none yet), which becomes the last
 * of them, and the tail. */
static inline bool append(struct posting_cursor *cursor, const uint32_t *gaps, uint32_t count,
                          int64_t *previous, struct buffer *out)
{
    uint8_t *room = buffer_room(out, (count + POSTING_TAIL) * sizeof(uint32_t));
    uint64_t sum = (uint64_t)*previous;

    if (!room)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t position = (uint32_t)(sum += (uint64_t)gaps[i] + 1);

        memcpy(room + i * sizeof position, &position, sizeof position);
    }
    if (sum > UINT32_MAX)
        return posting_cursor_fail(cursor, "a position over 32 bits");
    memset(room + count * sizeof(uint32_t), 0xff, POSTING_TAIL * sizeof(uint32_t));
    *previous = (int64_t)sum;
    out->size += count * sizeof(uint32_t);
    return true;
}

/* The positions from number at on, left of them, pack by pack. */
static bool append_packs(struct posting_cursor *cursor, uint64_t at, uint32_t left,
                         struct buffer *out)
{
    int64_t previous = -1;

    while (left > 0) {
        uint32_t from, count;

        while (at >= cursor->pack_first + cursor->pack_count)
            if (!pack_next(cursor, at))
                return false;
        from = (uint32_t)(at - cursor->pack_first);
        count = cursor->pack_count - from;
        if (count > left)
            count = left;
        if (!append(cursor, cursor->pack_values + from, count, &previous, out))
            return false;
        at += count;
        left -= count;
    }
    return true;
}

static bool block_positions(struct posting_cursor *cursor, uint32_t place, struct buffer *out)
{
    uint64_t into;
    uint32_t count = cursor->frequencies[place];
    int64_t previous = -1;

    if (!place_reach(cursor, place))
        return false;
    into = cursor->place_first - cursor->pack_first;
    if (into + count <= cursor->pack_count)
        return append(cursor, cursor->pack_values + into, count, &previous, out);
    return append_packs(cursor, cursor->place_first, count, out);
}

/* ---- inline lists ---- */

static bool gap_get(const uint8_t **at, const uint8_t *end, int64_t *sum, uint32_t limit)
{
    uint32_t gap;

    if (!varint_get32(at, end, &gap))
        return false;
    *sum += (int64_t)gap + 1;
    return *sum <= limit;
}

/* Reads a posting's document behind *document, and its tf - 1. */
static bool inline_head(const struct term_info *info, const uint8_t **at, const uint8_t *end,
                        int64_t *document, uint32_t *more)
{
    bool has_tf = posting_inline_has_tf(info->df, info->total_tf);
    uint32_t gap;

    if (!varint_get32(at, end, &gap))
        return false;
    *more = info->df == 1 ? (uint32_t)info->total_tf - 1 : 0;
    if (has_tf && gap % 2) {
        if (!varint_get32(at, end, more) || *more >= INLINE_TF_MAX)
            return false;
        (*more)++;
    }
    *document += (int64_t)(has_tf ? gap / 2 : gap) + 1;
    return true;
}

/* Reads a posting at *at into place; its positions are passed over. */
static bool inline_posting(struct posting_cursor *cursor, const uint8_t **at, uint32_t place,
                           int64_t *document, uint64_t *total)
{
    struct slice bytes = cursor->info.inlined;
    const uint8_t *end = bytes.data + bytes.size;
    int64_t position = -1;
    uint32_t more;

    if (!inline_head(&cursor->info, at, end, document, &more) ||
        *document >= cursor->source->documents || more >= INLINE_TF_MAX)
        return false;
    cursor->documents[place] = (uint32_t)*document;
    cursor->frequencies[place] = more + 1;
    *total += more + 1;
    cursor->pack_values[place] = (uint32_t)(*at - bytes.data);
    if (cursor->source->positions)
        for (uint32_t i = 0; i <= more; i++)
            if (!gap_get(at, end, &position, UINT32_MAX))
                return false;
    return true;
}

void posting_inline_open(struct posting_cursor *cursor)
{
    struct slice bytes = cursor->info.inlined;
    const uint8_t *at = bytes.data;
    uint32_t df = cursor->info.df;
    int64_t document = -1;
    uint64_t total = 0;
    bool sound = bytes.size > 0;

    for (uint32_t i = 0; sound && i < df; i++)
        sound = inline_posting(cursor, &at, i, &document, &total);
    if (!sound || at != bytes.data + bytes.size || total != cursor->info.total_tf) {
        posting_cursor_fail(cursor, "an inline list makes no sense");
        return;
    }
    for (uint32_t i = df; i < df + 16; i++) {
        cursor->documents[i] = DOC_END;
        cursor->frequencies[i] = 0;
    }
    cursor->is_inline = cursor->is_single = cursor->last_chunk = true;
    cursor->blocks = 1;
    cursor->count = df;
    cursor->last = cursor->documents[df - 1];
    cursor->bound = 255;
    cursor->documents_ready = cursor->frequencies_ready = true;
}

static bool inline_positions(struct posting_cursor *cursor, uint32_t place, struct buffer *out)
{
    struct slice bytes = cursor->info.inlined;
    const uint8_t *at = bytes.data + cursor->pack_values[place];
    uint32_t gaps[INLINE_TF_MAX], count = cursor->frequencies[place];
    int64_t previous = -1;

    for (uint32_t i = 0; i < count; i++)
        if (!varint_get32(&at, bytes.data + bytes.size, &gaps[i]))
            return posting_cursor_fail(cursor, "an inline list makes no sense");
    return append(cursor, gaps, count, &previous, out);
}

bool posting_cursor_positions(struct posting_cursor *cursor, uint32_t place, struct buffer *out)
{
    assert(cursor->source->positions && place < cursor->count);
    if (!posting_cursor_frequencies(cursor))
        return false;
    return cursor->is_inline ? inline_positions(cursor, place, out)
                             : block_positions(cursor, place, out);
}
