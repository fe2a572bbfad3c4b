#include "run.h"

#include <assert.h>

#include "base/array.h"

static enum lede_status damaged(struct lede_error *err)
{
    return error_set(err, LEDE_IO,
                     "a temporary file of the index was read back damaged; "
                     "check the disk and try again");
}

static enum lede_status get_slowly(struct run_cursor *cursor, uint64_t *value,
                                   struct lede_error *err)
{
    uint64_t sum = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        enum lede_status status =
            cursor->at < cursor->end ? LEDE_OK : cursor->supply->refill(cursor, err);
        uint8_t byte;

        if (status != LEDE_OK)
            return status == LEDE_MISSING ? damaged(err) : status;
        byte = *cursor->at++;
        if (shift == 63 && byte > 1)
            break;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return LEDE_OK;
        }
    }
    return damaged(err);
}

static inline enum lede_status get(struct run_cursor *cursor, uint64_t *value,
                                   struct lede_error *err)
{
    const uint8_t *at = cursor->at;

    if (cursor->end - at >= 2) {
        uint8_t second = at[1], more = at[0] >> 7;

        *value = (at[0] & 0x7fU) | (uint64_t)(second & -more) << 7;
        cursor->at = at + 1 + more;
        if ((second & -more) < 0x80)
            return LEDE_OK;
        cursor->at = at;
    }
    return get_slowly(cursor, value, err);
}

enum lede_status run_cursor_varint(struct run_cursor *cursor, uint64_t *value,
                                   struct lede_error *err)
{
    return get(cursor, value, err);
}

static inline enum lede_status get32(struct run_cursor *cursor, uint32_t *value,
                                     struct lede_error *err)
{
    uint64_t wide = 0;
    enum lede_status status = get(cursor, &wide, err);

    if (status == LEDE_OK && wide > UINT32_MAX)
        return damaged(err);
    *value = (uint32_t)wide;
    return status;
}

/* The document of a token that begins one in another batch. */
static enum lede_status next_batch(struct run_cursor *cursor, uint64_t gap, struct lede_error *err)
{
    bool first = cursor->document == RUN_END;
    uint64_t batch = first ? gap : (cursor->document >> 32) + gap;
    uint32_t place = 0;
    enum lede_status status = get32(cursor, &place, err);

    if (status == LEDE_OK && ((gap == 0 && !first) || gap >= UINT32_MAX || batch >= UINT32_MAX))
        return damaged(err);
    cursor->document = run_document_of((uint32_t)batch, place);
    return status;
}

/* Reads what follows the first varint of a token that begins a document. */
static inline enum lede_status begin_document(struct run_cursor *cursor, uint64_t token,
                                              struct lede_error *err)
{
    uint64_t gap = token >> 2;
    enum lede_status status = LEDE_OK;

    if (cursor->documents_left-- == 0)
        return damaged(err);
    if ((token & 3) == 3)
        status = next_batch(cursor, gap, err);
    else if (gap < UINT32_MAX - (uint32_t)cursor->document) /* RUN_END leaves no room, either */
        cursor->document += gap + 1;
    else
        return damaged(err);
    cursor->first = 0;
    return status == LEDE_OK && cursor->positions ? get32(cursor, &cursor->first, err) : status;
}

enum lede_status run_cursor_next(struct run_cursor *cursor, struct lede_error *err)
{
    enum lede_status status = cursor->supply->next(cursor, err);
    uint64_t token = 0;

    if (status != LEDE_OK)
        return status;
    if (cursor->df == 0 || cursor->total_tf < cursor->df)
        return damaged(err);
    cursor->document = RUN_END;
    cursor->begun = false;
    cursor->documents_left = cursor->df;
    cursor->occurrences_left = cursor->total_tf - 1;
    status = get(cursor, &token, err);
    if (status == LEDE_OK && !(token & 1))
        return damaged(err);
    return status == LEDE_OK ? begin_document(cursor, token, err) : status;
}

void run_cursor_done(struct run_cursor *cursor)
{
    if (cursor->supply)
        cursor->supply->done(cursor);
    cursor->supply = NULL;
}

void run_positions_done(struct run_positions *positions)
{
    array_free(positions->values, positions->capacity, sizeof *positions->values,
               positions->account);
    *positions = (struct run_positions){.account = positions->account};
}

/* Room for one more position. */
static bool grow(struct run_positions *positions)
{
    return array_grow((void **)&positions->values, &positions->capacity, sizeof *positions->values,
                      positions->account);
}

/* The current document is the term's last: everything must have been read. */
static enum lede_status end_documents(struct run_cursor *cursor, struct lede_error *err)
{
    cursor->document = RUN_END;
    return cursor->documents_left == 0 ? LEDE_OK : damaged(err);
}

/* Begins a piece with what the one before left, or with the posting's first position. */
static enum lede_status begin_piece(struct run_cursor *cursor, struct run_positions *positions,
                                    struct lede_error *err)
{
    positions->is_first = !cursor->begun;
    positions->count = 0;
    if (positions->capacity == 0 && !grow(positions))
        return error_no_memory(err);
    if (!cursor->begun)
        positions->values[positions->count++] = cursor->first;
    return LEDE_OK;
}

/* Behind the last occurrence of a posting, or of the term. */
static void end_posting(struct run_cursor *cursor, struct run_positions *positions)
{
    positions->frequency = cursor->df == 1 ? cursor->total_tf : positions->count;
    cursor->begun = false;
}

enum lede_status run_cursor_read(struct run_cursor *cursor, struct run_positions *positions,
                                 struct lede_error *err)
{
    uint64_t token = 0, position = cursor->begun ? cursor->last : cursor->first;
    uint64_t step = cursor->positions ? 1 : 0;
    enum lede_status status = begin_piece(cursor, positions, err);

    for (; cursor->occurrences_left > 0 && status == LEDE_OK; cursor->occurrences_left--) {
        if (positions->count == positions->capacity) {
            if (cursor->df == 1 && positions->count >= RUN_PIECE) {
                end_posting(cursor, positions);
                cursor->begun = true;
                cursor->last = (uint32_t)position;
                return LEDE_OK;
            }
            if (!grow(positions))
                return error_no_memory(err);
        }
        if (cursor->at < cursor->end && *cursor->at < 0x80)
            token = *cursor->at++;
        else
            status = get(cursor, &token, err);
        if (status != LEDE_OK)
            return status;
        if (token & 1) {
            cursor->occurrences_left--;
            end_posting(cursor, positions);
            return begin_document(cursor, token, err);
        }
        position += (token >> 1) + step;
        if (token >> 1 > UINT32_MAX || position > UINT32_MAX)
            return damaged(err);
        positions->values[positions->count++] = (uint32_t)position;
    }
    end_posting(cursor, positions);
    return status == LEDE_OK ? end_documents(cursor, err) : status;
}

/* ---- many postings at a time ---- */

void run_postings_done(struct run_postings *postings)
{
    array_free(postings->gaps, postings->gap_capacity, sizeof *postings->gaps, postings->account);
    *postings = (struct run_postings){.account = postings->account};
}

static inline bool put_gap(struct run_postings *postings, uint32_t gap)
{
    if (postings->gap_count == postings->gap_capacity &&
        !array_grow((void **)&postings->gaps, &postings->gap_capacity, sizeof *postings->gaps,
                    postings->account))
        return false;
    postings->gaps[postings->gap_count++] = gap;
    return true;
}

/* Reads the occurrences of the current document behind its first, and the token that follows them:
 * even if there is none. */
static inline enum lede_status read_gaps(struct run_cursor *cursor, struct run_postings *postings,
                                         uint64_t *token, struct lede_error *err)
{
    uint64_t step = cursor->positions ? 1 : 0, position = cursor->first;
    enum lede_status status;

    for (*token = 0; cursor->occurrences_left > 0;) {
        cursor->occurrences_left--;
        status = get(cursor, token, err);
        if (status != LEDE_OK || *token & 1)
            return status;
        position += (*token >> 1) + step;
        if (*token >> 1 > UINT32_MAX || position > UINT32_MAX)
            return damaged(err);
        if (!put_gap(postings, (uint32_t)(*token >> 1)))
            return error_no_memory(err);
    }
    return LEDE_OK;
}

static inline enum lede_status read_posting(struct run_cursor *cursor,
                                            struct run_postings *postings, struct lede_error *err)
{
    size_t first = postings->gap_count;
    uint64_t token;
    enum lede_status status;

    postings->documents[postings->count] = cursor->document;
    if (!put_gap(postings, cursor->first))
        return error_no_memory(err);
    status = read_gaps(cursor, postings, &token, err);
    if (status != LEDE_OK)
        return status;
    if (postings->gap_count - first > UINT32_MAX)
        return damaged(err);
    postings->frequencies[postings->count++] = (uint32_t)(postings->gap_count - first);
    return token & 1 ? begin_document(cursor, token, err) : end_documents(cursor, err);
}

enum lede_status run_cursor_postings(struct run_cursor *cursor, run_document limit,
                                     struct run_postings *postings, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    assert(cursor->df > 1 && !cursor->begun);
    postings->count = 0;
    postings->gap_count = 0;
    while (postings->count < RUN_BLOCK && cursor->document < limit && status == LEDE_OK)
        status = read_posting(cursor, postings, err);
    return status;
}
