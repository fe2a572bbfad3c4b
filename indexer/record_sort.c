#include "record_sort.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/account.h"
#include "base/array.h"
#include "base/bytes.h"
#include "temporary.h"

static size_t record_size(const struct record_sort *sort)
{
    return sort->width * sizeof *sort->records;
}

void record_sort_init(struct record_sort *sort, unsigned width, size_t memory,
                      const char *directory, struct account *account)
{
    assert(width > 0 && width <= RECORD_WIDTH_MAX);
    *sort = (struct record_sort){
        .directory = directory, .account = account, .width = width, .file = -1};
    sort->most =
        (memory > RECORD_MEMORY_MIN ? memory : (size_t)RECORD_MEMORY_MIN) / record_size(sort);
}

void record_sort_done(struct record_sort *sort)
{
    if (sort->file >= 0)
        (void)close(sort->file);
    array_free(sort->records, sort->capacity, record_size(sort), sort->account);
    array_free(sort->runs, sort->run_capacity, sizeof *sort->runs, sort->account);
    *sort = (struct record_sort){.directory = sort->directory,
                                 .account = sort->account,
                                 .width = sort->width,
                                 .most = sort->most,
                                 .file = -1};
}

/* ---- sorting ---- */

enum { FEW = 16 }; /* records for which insertion is faster */

static int compare(const uint64_t *a, const uint64_t *b, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static void swap(uint64_t *a, uint64_t *b, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        uint64_t kept = a[i];

        a[i] = b[i];
        b[i] = kept;
    }
}

static void insertion_sort(uint64_t *records, size_t count, unsigned width)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i;
             j > 0 && compare(records + j * width, records + (j - 1) * width, width) < 0; j--)
            swap(records + j * width, records + (j - 1) * width, width);
}

/* The byte of a record that is this far from its most significant one. */
static unsigned byte_of(const uint64_t *record, unsigned depth)
{
    return (unsigned)(record[depth / 8] >> (56 - depth % 8 * 8)) & 0xff;
}

/* Where records with each byte begin; ends[b] is begins[b + 1]. */
static void count_bytes(const uint64_t *records, size_t count, unsigned width, unsigned depth,
                        size_t begins[257])
{
    memset(begins, 0, 257 * sizeof *begins);
    for (size_t i = 0; i < count; i++)
        begins[byte_of(records + i * width, depth) + 1]++;
    for (unsigned i = 0; i < 256; i++)
        begins[i + 1] += begins[i];
}

/* In place, by the bytes from depth on: American flag sort, after McIlroy, Bostic and McIlroy,
 * "Engineering radix sort", 1993. Goes as deep as a record has bytes. */
static void radix_sort(uint64_t *records, size_t count, unsigned width, unsigned depth)
{
    size_t begins[257], next[256];

    if (count <= FEW || depth == 8 * width) {
        insertion_sort(records, depth == 8 * width ? 0 : count, width);
        return;
    }
    count_bytes(records, count, width, depth, begins);
    memcpy(next, begins, sizeof next);
    for (unsigned b = 0; b < 256; b++)
        while (next[b] < begins[b + 1]) {
            uint64_t *record = records + next[b] * width;
            unsigned home = byte_of(record, depth);

            if (home != b)
                swap(record, records + next[home] * width, width);
            next[home]++;
        }
    for (unsigned b = 0; b < 256; b++)
        radix_sort(records + begins[b] * width, begins[b + 1] - begins[b], width, depth + 1);
}

/* ---- writing ---- */

static enum lede_status put(struct record_sort *sort, const void *bytes, size_t size,
                            struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (sort->file < 0)
        status = temporary_make(sort->directory, &sort->file, err);
    if (status == LEDE_OK)
        status =
            temporary_write(sort->file, sort->directory, slice_of(bytes, size), sort->size, err);
    if (status == LEDE_OK)
        sort->size += size;
    return status;
}

static enum lede_status add_run(struct record_sort *sort, struct record_run run,
                                struct lede_error *err)
{
    if (sort->run_count == sort->run_capacity &&
        !array_grow((void **)&sort->runs, &sort->run_capacity, sizeof *sort->runs, sort->account))
        return error_no_memory(err);
    sort->runs[sort->run_count++] = run;
    return LEDE_OK;
}

/* Writes what is in memory as a run. */
static enum lede_status spill(struct record_sort *sort, struct lede_error *err)
{
    struct record_run run = {sort->size, sort->count};
    uint64_t sum;
    enum lede_status status;

    radix_sort(sort->records, sort->count, sort->width, 0);
    sum = XXH3_64bits(sort->records, sort->count * record_size(sort));
    status = put(sort, sort->records, sort->count * record_size(sort), err);
    if (status == LEDE_OK)
        status = put(sort, &sum, sizeof sum, err);
    if (status == LEDE_OK)
        status = add_run(sort, run, err);
    sort->count = 0;
    return status;
}

/* Makes room for a record, in memory as long as there is some. */
static enum lede_status make_room(struct record_sort *sort, struct lede_error *err)
{
    size_t least = RECORD_MEMORY_MIN / record_size(sort);

    if (sort->capacity == 0) {
        sort->records = account_malloc(sort->account, least * record_size(sort));
        if (!sort->records)
            return error_no_memory(err);
        sort->capacity = least;
        return LEDE_OK;
    }
    if (sort->capacity + sort->capacity / 2 <= sort->most && sort->run_count == 0 &&
        array_grow((void **)&sort->records, &sort->capacity, record_size(sort), sort->account))
        return LEDE_OK;
    return spill(sort, err);
}

enum lede_status record_sort_add(struct record_sort *sort, const uint64_t *record,
                                 struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (sort->count == sort->capacity)
        status = make_room(sort, err);
    if (status != LEDE_OK)
        return status;
    memcpy(sort->records + sort->count++ * sort->width, record, record_size(sort));
    sort->total++;
    return LEDE_OK;
}

/* ---- reading ---- */

static const uint64_t *current(const struct record_cursor *cursor, unsigned input)
{
    return cursor->inputs[input].records + cursor->inputs[input].at * cursor->sort->width;
}

static void sift_down(struct record_cursor *cursor, unsigned at)
{
    unsigned *heap = cursor->heap, width = cursor->sort->width;

    for (unsigned child; (child = 2 * at + 1) < cursor->count; at = child) {
        unsigned kept = heap[at];

        if (child + 1 < cursor->count &&
            compare(current(cursor, heap[child + 1]), current(cursor, heap[child]), width) < 0)
            child++;
        if (compare(current(cursor, kept), current(cursor, heap[child]), width) <= 0)
            return;
        heap[at] = heap[child];
        heap[child] = kept;
    }
}

/* Reads the next records of an input that has some left; checks its sum behind the last. */
static enum lede_status refill(struct record_cursor *cursor, struct record_input *input,
                               struct lede_error *err)
{
    const struct record_sort *sort = cursor->sort;
    size_t count = input->left < cursor->room ? (size_t)input->left : cursor->room;
    uint64_t sum;
    enum lede_status status =
        temporary_read(sort->file, sort->directory, input->offset, (uint8_t *)input->records,
                       count * record_size(sort), err);

    if (status != LEDE_OK)
        return status;
    input->at = 0;
    input->count = count;
    input->left -= count;
    input->offset += count * record_size(sort);
    XXH3_64bits_update(&input->sum, input->records, count * record_size(sort));
    if (input->left > 0)
        return LEDE_OK;
    status = temporary_read(sort->file, sort->directory, input->offset, (uint8_t *)&sum, sizeof sum,
                            err);
    return status == LEDE_OK && sum != XXH3_64bits_digest(&input->sum)
               ? temporary_damaged(sort->directory, err)
               : status;
}

/* Begins to read the first count runs, with a share of the memory for each. */
static enum lede_status open_runs(const struct record_sort *sort, unsigned count,
                                  struct record_cursor *cursor, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *cursor =
        (struct record_cursor){.sort = sort, .count = count, .room = sort->capacity / (count + 1)};
    for (unsigned i = 0; i < count && status == LEDE_OK; i++) {
        struct record_input *input = &cursor->inputs[i];

        input->offset = sort->runs[i].offset;
        input->left = sort->runs[i].count;
        input->records = sort->records + i * cursor->room * sort->width;
        XXH3_64bits_reset(&input->sum);
        cursor->heap[i] = i;
        status = refill(cursor, input, err);
    }
    for (unsigned i = count / 2; status == LEDE_OK && i-- > 0;)
        sift_down(cursor, i);
    return status;
}

/* Puts the next records of a run. */
static enum lede_status put_some(struct record_sort *sort, const uint64_t *records, size_t count,
                                 XXH3_state_t *sum, struct lede_error *err)
{
    XXH3_64bits_update(sum, records, count * record_size(sort));
    return put(sort, records, count * record_size(sort), err);
}

/* Merges as many runs as are too many, or as can be, to one. */
static enum lede_status merge_some(struct record_sort *sort, struct lede_error *err)
{
    size_t over = sort->run_count - RECORD_FAN_IN + 1;
    unsigned count = over < RECORD_FAN_IN ? (unsigned)over : RECORD_FAN_IN;
    struct record_cursor cursor;
    struct record_run run = {sort->size, 0};
    const uint64_t *record;
    uint64_t *out, digest;
    XXH3_state_t sum;
    size_t waiting = 0;
    enum lede_status status = open_runs(sort, count, &cursor, err);

    XXH3_64bits_reset(&sum);
    out = sort->records + count * cursor.room * sort->width;
    while (status == LEDE_OK && (status = record_cursor_next(&cursor, &record, err)) == LEDE_OK) {
        memcpy(out + waiting++ * sort->width, record, record_size(sort));
        run.count++;
        if (waiting < cursor.room)
            continue;
        status = put_some(sort, out, waiting, &sum, err);
        waiting = 0;
    }
    if (status != LEDE_MISSING)
        return status;
    status = put_some(sort, out, waiting, &sum, err);
    digest = XXH3_64bits_digest(&sum);
    if (status == LEDE_OK)
        status = put(sort, &digest, sizeof digest, err);
    sort->run_count -= count;
    memmove(sort->runs, sort->runs + count, sort->run_count * sizeof *sort->runs);
    return status == LEDE_OK ? add_run(sort, run, err) : status;
}

enum lede_status record_sort_read(struct record_sort *sort, struct record_cursor *cursor,
                                  struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (sort->run_count == 0) {
        radix_sort(sort->records, sort->count, sort->width, 0);
        *cursor = (struct record_cursor){.sort = sort, .count = sort->count > 0};
        cursor->inputs[0].records = sort->records;
        cursor->inputs[0].count = sort->count;
        return LEDE_OK;
    }
    if (sort->count > 0)
        status = spill(sort, err);
    while (status == LEDE_OK && sort->run_count > RECORD_FAN_IN)
        status = merge_some(sort, err);
    return status == LEDE_OK ? open_runs(sort, (unsigned)sort->run_count, cursor, err) : status;
}

enum lede_status record_cursor_next(struct record_cursor *cursor, const uint64_t **record,
                                    struct lede_error *err)
{
    struct record_input *input = &cursor->inputs[cursor->heap[0]];
    enum lede_status status = LEDE_OK;

    if (cursor->count > 0 && cursor->begun) {
        if (++input->at == input->count && input->left > 0)
            status = refill(cursor, input, err);
        else if (input->at == input->count)
            cursor->heap[0] = cursor->heap[--cursor->count];
        if (status != LEDE_OK)
            return status;
        sift_down(cursor, 0);
    }
    cursor->begun = true;
    if (cursor->count == 0)
        return LEDE_MISSING;
    *record = current(cursor, cursor->heap[0]);
    return LEDE_OK;
}
