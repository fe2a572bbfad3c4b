#include "run.h"

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
    if (cursor->at < cursor->end && *cursor->at < 0x80) {
        *value = *cursor->at++;
        return LEDE_OK;
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

/* Reads what follows the first varint of a token that begins a document. */
static enum lede_status begin_document(struct run_cursor *cursor, uint64_t token,
                                       struct lede_error *err)
{
    uint64_t batch = cursor->document == RUN_END ? 0 : cursor->document >> 32;
    uint64_t place = cursor->document == RUN_END ? 0 : (uint32_t)cursor->document;
    bool first = cursor->document == RUN_END, same_batch = (token & 3) == 1;
    enum lede_status status = LEDE_OK;
    uint32_t fresh = 0;

    if (token >> 2 >= UINT32_MAX || cursor->documents_left == 0 || (first && same_batch) ||
        (!first && !same_batch && token >> 2 == 0))
        return damaged(err);
    if (same_batch) {
        place += (token >> 2) + 1;
    } else {
        batch += token >> 2;
        status = get32(cursor, &fresh, err);
        place = fresh;
    }
    if (status == LEDE_OK && (batch >= UINT32_MAX || place > UINT32_MAX))
        return damaged(err);
    cursor->first = 0;
    if (status == LEDE_OK && cursor->positions)
        status = get32(cursor, &cursor->first, err);
    cursor->document = run_document_of((uint32_t)batch, (uint32_t)place);
    cursor->documents_left--;
    return status;
}

enum lede_status run_cursor_next(struct run_cursor *cursor, struct lede_error *err)
{
    enum lede_status status = cursor->supply->next(cursor, err);
    uint64_t token;

    if (status != LEDE_OK)
        return status;
    if (cursor->df == 0 || cursor->total_tf < cursor->df)
        return damaged(err);
    cursor->document = RUN_END;
    cursor->documents_left = cursor->df;
    cursor->occurrences_left = cursor->total_tf - 1;
    status = get(cursor, &token, err);
    if (status == LEDE_OK && (token & 3) != 3)
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

static inline bool append(struct run_positions *positions, uint32_t position)
{
    if (positions->count == positions->capacity &&
        !array_grow((void **)&positions->values, &positions->capacity, sizeof *positions->values,
                    positions->account))
        return false;
    positions->values[positions->count++] = position;
    return true;
}

enum lede_status run_cursor_read(struct run_cursor *cursor, struct run_positions *positions,
                                 struct lede_error *err)
{
    uint64_t token, position = cursor->first;
    enum lede_status status;

    positions->count = 0;
    if (!append(positions, cursor->first))
        return error_no_memory(err);
    while (cursor->occurrences_left > 0) {
        status = get(cursor, &token, err);
        if (status != LEDE_OK)
            return status;
        cursor->occurrences_left--;
        if (token & 1)
            return begin_document(cursor, token, err);
        position += cursor->positions ? (token >> 1) + 1 : 0;
        if (token >> 1 > UINT32_MAX || position > UINT32_MAX)
            return damaged(err);
        if (!append(positions, (uint32_t)position))
            return error_no_memory(err);
    }
    if (cursor->documents_left != 0)
        return damaged(err);
    cursor->document = RUN_END;
    return LEDE_OK;
}
