#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "index/posting.h"
#include "index/posting_internal.h"

enum { RUN = 16, TAIL = 16 };

_Thread_local struct posting_work posting_work;

/* ---- the end of a list ---- */

static doc_id cursor_end(struct posting_cursor *cursor)
{
    cursor->last = DOC_END;
    cursor->count = cursor->blocks = cursor->block = 0;
    cursor->bound = 0;
    cursor->documents_ready = cursor->frequencies_ready = cursor->positions_ready = false;
    cursor->bitset = NULL;
    return DOC_END;
}

bool posting_cursor_fail(struct posting_cursor *cursor, const char *what)
{
    if (what)
        error_set(&cursor->error, LEDE_CORRUPT,
                  "index damaged: a posting list of segment %u: %s; run lede-index verify",
                  cursor->source->postings->segment, what);
    cursor->status = cursor->error.status;
    cursor_end(cursor);
    return false;
}

/* ---- chunks ---- */

static uint32_t ceil_div(uint32_t value, uint32_t by)
{
    return value / by + (value % by != 0);
}

static bool chunk_is_sound(const struct posting_cursor *cursor, const uint8_t *header)
{
    const struct posting_source *source = cursor->source;
    uint32_t blocks = load_le32(header), flags = load_le32(header + 4);
    uint32_t left = ceil_div(cursor->info.df - cursor->before, BLOCK_DOCS);

    return blocks >= 1 && blocks <= CHUNK_BLOCKS && blocks <= left &&
           flags ==
               ((blocks == left ? CHUNK_LAST : 0u) | (source->positions ? CHUNK_POSITIONS : 0u)) &&
           load_le64(header + 8) <= source->postings->size &&
           load_le64(header + 16) <= (source->positions ? source->positions->size : 0);
}

/* Makes the chunk at offset the cursor's; its blocks are not looked at. */
static bool chunk_open(struct posting_cursor *cursor, uint64_t offset)
{
    struct stream *skip = cursor->source->skip;
    const uint8_t *at = stream_at(skip, offset, CHUNK_HEADER, &cursor->error);
    size_t blocks, size;

    if (!at)
        return posting_cursor_fail(cursor, NULL);
    if (!chunk_is_sound(cursor, at))
        return posting_cursor_fail(cursor, "a chunk's header makes no sense");
    blocks = load_le32(at);
    size = posting_chunk_size(blocks, cursor->source->positions != NULL);
    at = stream_at(skip, offset, size, &cursor->error);
    if (!at)
        return posting_cursor_fail(cursor, NULL);
    cursor->blocks = (uint32_t)blocks;
    cursor->last_chunk = load_le32(at + 4) & CHUNK_LAST;
    cursor->base = load_le64(at + 8);
    cursor->position_base = load_le64(at + 16);
    cursor->lasts = at + CHUNK_HEADER;
    cursor->offsets = cursor->lasts + 4 * blocks;
    cursor->position_offsets = cursor->offsets + 4 * (blocks + 1);
    cursor->bounds = cursor->position_offsets + (cursor->source->positions ? 4 * blocks : 0);
    cursor->group_bounds = cursor->bounds + blocks;
    cursor->next_chunk = stream_next(offset + size, CHUNK_SIZE_MAX);
    return true;
}

static doc_id last_of(const struct posting_cursor *cursor, uint32_t block)
{
    return load_le32(cursor->lasts + 4 * (size_t)block);
}

static bool chunk_next(struct posting_cursor *cursor)
{
    cursor->chunk_after = last_of(cursor, cursor->blocks - 1);
    cursor->before += cursor->blocks * BLOCK_DOCS;
    return chunk_open(cursor, cursor->next_chunk);
}

/* ---- blocks ---- */

/* Makes a block of the chunk the current one. Returns its last document. */
static doc_id block_enter(struct posting_cursor *cursor, uint32_t block)
{
    uint32_t left = cursor->info.df - cursor->before - block * BLOCK_DOCS, first;
    doc_id after = block > 0 ? last_of(cursor, block - 1) : cursor->chunk_after;

    cursor->has_before = block > 0 || cursor->before > 0;
    cursor->first_after = after;
    cursor->last = last_of(cursor, block);
    cursor->count = left < BLOCK_DOCS ? left : BLOCK_DOCS;
    cursor->block = block;
    cursor->bound = cursor->bounds[block];
    cursor->documents_ready = cursor->frequencies_ready = cursor->positions_ready = false;
    cursor->bitset = NULL;
    first = cursor->has_before ? after + 1 : 0;
    if (cursor->last >= cursor->source->documents ||
        (cursor->has_before && after >= cursor->last) || first < cursor->passed ||
        cursor->last - first + 1 < cursor->count) {
        posting_cursor_fail(cursor, "blocks out of order");
        return DOC_END;
    }
    cursor->passed = cursor->last + 1;
    return cursor->last;
}

/* The place of the first of the RUN documents at lasts that is >= target; RUN if none is. Values
 * of 2^31 and over, which only damage brings, may be misjudged. */
static uint32_t first_in_run(const uint8_t *lasts, doc_id target)
{
#if defined(__SSE2__)
    const __m128i *from = (const __m128i *)(const void *)lasts;
    __m128i wanted = _mm_set1_epi32((int)target);
    __m128i a = _mm_packs_epi32(_mm_cmplt_epi32(_mm_loadu_si128(from), wanted),
                                _mm_cmplt_epi32(_mm_loadu_si128(from + 1), wanted));
    __m128i b = _mm_packs_epi32(_mm_cmplt_epi32(_mm_loadu_si128(from + 2), wanted),
                                _mm_cmplt_epi32(_mm_loadu_si128(from + 3), wanted));
    unsigned below = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(a, b));

    return (uint32_t)__builtin_ctz(~below);
#else
    uint32_t place = 0;

    while (place < RUN && load_le32(lasts + 4 * (size_t)place) < target)
        place++;
    return place;
#endif
}

/* The first block of [from, to) whose last document is >= target, to if there is none: galloping,
 * halving, and a comparison of RUN at once (which reads over the array's end, but not over what
 * stream_at allows). Logarithmic in the blocks passed. */
static uint32_t find_block(const uint8_t *lasts, uint32_t from, uint32_t to, doc_id target)
{
    uint32_t step = RUN, size;

    while (to - from > step && load_le32(lasts + 4 * (size_t)(from + step - 1)) < target) {
        from += step;
        step *= 2;
    }
    size = to - from < step ? to - from : step;
    while (size > RUN) {
        uint32_t half = size / 2;

        from += load_le32(lasts + 4 * (size_t)(from + half - 1)) < target ? half : 0;
        size -= half;
    }
    from += first_in_run(lasts + 4 * (size_t)from, target);
    return from < to ? from : to;
}

static doc_id seek_further(struct posting_cursor *cursor, doc_id target)
{
    uint32_t block = cursor->block + 1;

    if (cursor->is_single || target >= cursor->source->documents)
        return cursor_end(cursor);
    for (;;) {
        block = find_block(cursor->lasts, block, cursor->blocks, target);
        if (block < cursor->blocks)
            break;
        if (cursor->last_chunk)
            return cursor_end(cursor);
        if (!chunk_next(cursor))
            return DOC_END;
        block = 0;
    }
    if (block_enter(cursor, block) < target)
        posting_cursor_fail(cursor, "blocks out of order");
    return cursor->last;
}

doc_id posting_cursor_seek(struct posting_cursor *cursor, doc_id target)
{
    return target <= cursor->last ? cursor->last : seek_further(cursor, target);
}

doc_id posting_cursor_next(struct posting_cursor *cursor)
{
    if (cursor->last == DOC_END)
        return DOC_END;
    if (cursor->block + 1 < cursor->blocks)
        return block_enter(cursor, cursor->block + 1);
    if (cursor->is_single || cursor->last_chunk)
        return cursor_end(cursor);
    return chunk_next(cursor) ? block_enter(cursor, 0) : DOC_END;
}

/* ---- bounds ---- */

static uint8_t bound_of_blocks(const struct posting_cursor *cursor, uint32_t from, uint32_t to)
{
    uint8_t bound = 0;

    while (from < to) {
        uint32_t group = from / GROUP_BLOCKS, next = (group + 1) * GROUP_BLOCKS;
        uint8_t candidate;

        if (from % GROUP_BLOCKS == 0 && (next <= to || to == cursor->blocks)) {
            candidate = cursor->group_bounds[group];
            from = next;
        } else {
            candidate = cursor->bounds[from++];
        }
        if (candidate > bound)
            bound = candidate;
    }
    return bound;
}

uint8_t posting_cursor_bound(const struct posting_cursor *cursor, doc_id upto)
{
    uint32_t to;

    if (upto <= cursor->last)
        return cursor->has_before && upto <= cursor->first_after ? 0 : cursor->bound;
    if (cursor->is_single)
        return cursor->bound;
    if (upto > INT32_MAX)
        upto = INT32_MAX; /* behind every document, and what first_in_run can compare */
    to = find_block(cursor->lasts, cursor->block + 1, cursor->blocks, upto);
    if (to == cursor->blocks) {
        if (!cursor->last_chunk)
            return cursor->info.bound;
        to--;
    }
    return bound_of_blocks(cursor, cursor->block, to + 1);
}

/* ---- what is in a block ---- */

/* The bytes of the current block: up to the next one, or to the end of its extent if the next one
 * is in another. */
static const uint8_t *block_bytes(struct posting_cursor *cursor, size_t *size)
{
    const uint8_t *offsets = cursor->offsets + 4 * (size_t)cursor->block;
    uint32_t begin = load_le32(offsets), end = load_le32(offsets + 4);
    uint64_t offset = cursor->base + begin;
    const uint8_t *in = NULL;

    cursor->error.status = LEDE_OK;
    *size = end > begin ? end - begin : 0;
    if (offset % EXTENT_CAPACITY + *size >= EXTENT_CAPACITY)
        *size = stream_left(cursor->source->postings, offset, &cursor->error);
    if (*size > 0 && *size <= POSTING_BLOCK_MAX)
        in = stream_at(cursor->source->postings, offset, *size, &cursor->error);
    if (!in)
        posting_cursor_fail(
            cursor, cursor->error.status == LEDE_OK ? "a block's size makes no sense" : NULL);
    posting_work.blocks++;
    posting_work.bytes += *size;
    return in;
}

/* Decodes the documents of the current block, whose bytes are these. */
static bool documents_decode(struct posting_cursor *cursor, const uint8_t *in, size_t size)
{
    size_t used = posting_block_decode(in, size, cursor->count, cursor->has_before,
                                       cursor->first_after, cursor->last, cursor->documents);

    if (used == 0)
        return posting_cursor_fail(cursor, "a block's documents make no sense");
    cursor->encoded_frequencies = in + used;
    cursor->encoded_left = size - used;
    cursor->documents_ready = true;
    return true;
}

const uint32_t *posting_cursor_documents(struct posting_cursor *cursor)
{
    const uint8_t *in;
    size_t size;

    if (cursor->documents_ready)
        return cursor->documents;
    in = cursor->count > 0 ? block_bytes(cursor, &size) : NULL;
    return in && documents_decode(cursor, in, size) ? cursor->documents : NULL;
}

const uint8_t *posting_cursor_bitset(struct posting_cursor *cursor, doc_id *first)
{
    const uint8_t *in;
    size_t size, used;

    *first = cursor->has_before ? cursor->first_after + 1 : 0;
    if (cursor->bitset || cursor->documents_ready || cursor->count == 0)
        return cursor->bitset;
    in = block_bytes(cursor, &size);
    if (!in)
        return NULL;
    cursor->bitset = posting_block_bitset(in, size, cursor->count, cursor->has_before,
                                          cursor->first_after, cursor->last, &used);
    if (!cursor->bitset) {
        (void)documents_decode(cursor, in, size);
        return NULL;
    }
    cursor->encoded_frequencies = in + used;
    cursor->encoded_left = size - used;
    return cursor->bitset;
}

const uint32_t *posting_cursor_frequencies(struct posting_cursor *cursor)
{
    if (cursor->frequencies_ready)
        return cursor->frequencies;
    if (!cursor->bitset && !posting_cursor_documents(cursor))
        return NULL;
    if (cursor->encoded_left == 0 ||
        pack_decode_counts(cursor->encoded_frequencies, cursor->encoded_left, cursor->count,
                           cursor->frequencies) != cursor->encoded_left) {
        posting_cursor_fail(cursor, "a block's frequencies make no sense");
        return NULL;
    }
    memset(cursor->frequencies + cursor->count, 0, TAIL * sizeof *cursor->frequencies);
    cursor->frequencies_ready = true;
    return cursor->frequencies;
}

/* ---- the beginning ---- */

void posting_single_open(struct posting_cursor *cursor)
{
    struct stream *postings = cursor->source->postings;
    uint32_t n = cursor->info.df;
    size_t size = stream_left(postings, cursor->info.block, &cursor->error), used;
    const uint8_t *in = NULL;

    if (size > POSTING_BLOCK_MAX)
        size = POSTING_BLOCK_MAX;
    if (size > 0)
        in = stream_at(postings, cursor->info.block, size, &cursor->error);
    if (!in) {
        posting_cursor_fail(cursor,
                            cursor->error.status == LEDE_OK ? "its block is not there" : NULL);
        return;
    }
    used = posting_single_decode(in, size, n, cursor->documents);
    if (used == 0 || cursor->documents[n - 1] >= cursor->source->documents) {
        posting_cursor_fail(cursor, "a block's documents make no sense");
        return;
    }
    cursor->encoded_frequencies = in + used;
    cursor->encoded_left = pack_size(in + used, size - used, n);
    posting_work.blocks++;
    posting_work.bytes += used + cursor->encoded_left;
    cursor->is_single = cursor->last_chunk = true;
    cursor->blocks = 1;
    cursor->count = n;
    cursor->last = cursor->documents[n - 1];
    cursor->bound = cursor->info.bound;
    cursor->documents_ready = true;
}

static void init_common(struct posting_cursor *cursor, const struct posting_source *source,
                        const struct term_info *info)
{
    cursor->source = source;
    cursor->info = *info;
    cursor->status = cursor->error.status = LEDE_OK;
    cursor->error.text[0] = '\0';
    cursor->before = cursor->passed = cursor->chunk_after = 0;
    cursor->has_before = cursor->is_single = cursor->is_inline = cursor->last_chunk = false;
    cursor_end(cursor);
}

void posting_cursor_init(struct posting_cursor *cursor, const struct posting_source *source,
                         const struct term_info *info)
{
    init_common(cursor, source, info);
    if (info->df == 0 || info->df > source->documents || info->total_tf < info->df)
        posting_cursor_fail(cursor, "its counts make no sense");
    else if (posting_is_inline(info->df, info->total_tf))
        posting_inline_open(cursor);
    else if (posting_is_single(info->df, info->total_tf))
        posting_single_open(cursor);
    else if (chunk_open(cursor, info->skip))
        block_enter(cursor, 0);
}
