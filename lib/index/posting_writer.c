#include <assert.h>
#include <stdlib.h>

#include "base/account.h"
#include "index/posting_writer_internal.h"

enum lede_status posting_writer_new(const struct posting_streams *streams, struct account *account,
                                    struct posting_writer **out, struct lede_error *err)
{
    struct posting_writer *writer = account_calloc(account, 1, sizeof *writer);

    if (!writer)
        return error_no_memory(err);
    writer->streams = *streams;
    writer->account = account;
    *out = writer;
    return LEDE_OK;
}

void posting_writer_free(struct posting_writer *writer)
{
    if (!writer)
        return;
    account_release(writer->account, sizeof *writer);
    free(writer);
}

/* ---- failures ---- */

static void broken_promise(struct posting_writer *writer, const char *what)
{
    if (writer->status == LEDE_OK)
        writer->status =
            error_set(&writer->error, LEDE_CORRUPT, "a posting list to be written: %s", what);
}

/* ---- a list ---- */

void posting_writer_begin(struct posting_writer *writer, uint32_t df, uint64_t total_tf)
{
    writer->status = LEDE_OK;
    writer->df = df;
    writer->total_tf = total_tf;
    writer->is_inline = posting_is_inline(df, total_tf);
    writer->added = writer->count = writer->gap_count = writer->blocks = 0;
    writer->added_tf = 0;
    writer->last = writer->position = -1;
    writer->positions_left = 0;
    writer->inlined_size = 0;
    writer->has_before = writer->has_pack = writer->has_chunk = false;
    writer->before = 0;
    writer->first_pack = writer->skip = writer->single_block = writer->single_positions = 0;
    posting_bounds_begin(&writer->bounds, df);
}

static void inline_put(struct posting_writer *writer, uint32_t value)
{
    writer->inlined_size += varint_put(writer->inlined + writer->inlined_size, value);
}

static void inline_add(struct posting_writer *writer, uint32_t gap, uint32_t tf)
{
    if (!posting_inline_has_tf(writer->df, writer->total_tf)) {
        inline_put(writer, gap);
        return;
    }
    inline_put(writer, 2 * gap + (tf > 1));
    if (tf > 1)
        inline_put(writer, tf - 2);
}

void posting_writer_add(struct posting_writer *writer, doc_id document, uint32_t tf)
{
    uint32_t gap = (uint32_t)(document - writer->last - 1);

    if (writer->status != LEDE_OK)
        return;
    if (document <= writer->last || document >= DOCS_MAX)
        broken_promise(writer, "its documents do not rise");
    else if (tf == 0 || writer->added == writer->df || tf > writer->total_tf - writer->added_tf)
        broken_promise(writer, "more than its counts say");
    else if (writer->positions_left > 0)
        broken_promise(writer, "a document without all its positions");
    if (writer->status != LEDE_OK ||
        (writer->count == BLOCK_DOCS && !writer->is_inline && !posting_writer_block_flush(writer)))
        return;
    writer->last = document;
    writer->position = -1;
    writer->positions_left = writer->streams.positions ? tf : 0;
    writer->added++;
    writer->added_tf += tf;
    if (writer->is_inline) {
        inline_add(writer, gap, tf);
    } else {
        writer->documents[writer->count] = document;
        writer->frequencies[writer->count++] = tf;
    }
}

void posting_writer_positions(struct posting_writer *writer, const uint32_t *positions,
                              size_t count)
{
    if (writer->status != LEDE_OK)
        return;
    if (count > writer->positions_left) {
        broken_promise(writer, "more positions than occurrences");
        return;
    }
    writer->positions_left -= (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        uint32_t gap = (uint32_t)(positions[i] - writer->position - 1);

        if (positions[i] <= writer->position) {
            broken_promise(writer, "its positions do not rise");
            return;
        }
        writer->position = positions[i];
        if (writer->is_inline) {
            inline_put(writer, gap);
            continue;
        }
        if (writer->gap_count == BLOCK_DOCS && !posting_writer_pack_flush(writer))
            return;
        writer->gaps[writer->gap_count++] = gap;
    }
}

/* ---- many documents at a time ---- */

/* Adds them up to *total; false: they do not rise, or one occurs never. */
static bool sum_frequencies(const struct posting_writer *writer, const doc_id *documents,
                            const uint32_t *frequencies, uint32_t count, uint64_t *total)
{
    int64_t last = writer->last;
    bool sound = true;

    *total = 0;
    for (uint32_t i = 0; i < count; i++) {
        sound &= documents[i] > last && frequencies[i] > 0;
        last = documents[i];
        *total += frequencies[i];
    }
    return sound && last < DOCS_MAX;
}

static bool check_many(struct posting_writer *writer, const doc_id *documents,
                       const uint32_t *frequencies, uint32_t count)
{
    uint64_t total;

    if (!sum_frequencies(writer, documents, frequencies, count, &total))
        broken_promise(writer, "its documents do not rise");
    else if (count > writer->df - writer->added || total > writer->total_tf - writer->added_tf)
        broken_promise(writer, "more than its counts say");
    else if (writer->positions_left > 0)
        broken_promise(writer, "a document without all its positions");
    writer->added += count;
    writer->added_tf += total;
    return writer->status == LEDE_OK;
}

static void inline_many(struct posting_writer *writer, const doc_id *documents,
                        const uint32_t *frequencies, uint32_t count, const uint32_t *gaps)
{
    for (uint32_t i = 0; i < count; i++) {
        inline_add(writer, (uint32_t)(documents[i] - writer->last - 1), frequencies[i]);
        writer->last = documents[i];
        for (uint32_t j = 0; gaps && j < frequencies[i]; j++)
            inline_put(writer, *gaps++);
    }
}

static bool put_gaps(struct posting_writer *writer, const uint32_t *gaps, uint64_t count)
{
    while (count > 0) {
        uint32_t room = BLOCK_DOCS - writer->gap_count;
        uint32_t some = count < room ? (uint32_t)count : room;

        memcpy(writer->gaps + writer->gap_count, gaps, some * sizeof *gaps);
        writer->gap_count += some;
        gaps += some;
        count -= some;
        if (writer->gap_count == BLOCK_DOCS && !posting_writer_pack_flush(writer))
            return false;
    }
    return true;
}

/* Puts documents into the current block, which has room for them. */
static bool fill_block(struct posting_writer *writer, const doc_id *documents,
                       const uint32_t *frequencies, uint32_t count, const uint32_t **gaps)
{
    uint64_t total = 0;

    memcpy(writer->documents + writer->count, documents, count * sizeof *documents);
    memcpy(writer->frequencies + writer->count, frequencies, count * sizeof *frequencies);
    writer->count += count;
    writer->last = documents[count - 1];
    if (!*gaps)
        return true;
    for (uint32_t i = 0; i < count; i++)
        total += frequencies[i];
    if (!put_gaps(writer, *gaps, total))
        return false;
    *gaps += total;
    return true;
}

void posting_writer_postings(struct posting_writer *writer, const doc_id *documents,
                             const uint32_t *frequencies, uint32_t count, const uint32_t *gaps)
{
    assert(!gaps == !writer->streams.positions);
    if (writer->status != LEDE_OK || !check_many(writer, documents, frequencies, count))
        return;
    if (writer->is_inline) {
        inline_many(writer, documents, frequencies, count, gaps);
        return;
    }
    while (count > 0) {
        uint32_t room, some;

        if (writer->count == BLOCK_DOCS && !posting_writer_block_flush(writer))
            return;
        room = BLOCK_DOCS - writer->count;
        some = count < room ? count : room;
        if (!fill_block(writer, documents, frequencies, some, &gaps))
            return;
        documents += some;
        frequencies += some;
        count -= some;
    }
}

/* Writes what is left of a list that is not inline. */
static void list_flush(struct posting_writer *writer)
{
    if (posting_is_single(writer->df, writer->total_tf))
        (void)posting_writer_single_flush(writer);
    else if (posting_writer_block_flush(writer))
        (void)posting_writer_chunk_flush(writer, true);
}

enum lede_status posting_writer_end(struct posting_writer *writer, struct term_info *info,
                                    struct lede_error *err)
{
    if (writer->df == 0 || writer->added != writer->df || writer->added_tf != writer->total_tf ||
        writer->positions_left > 0)
        broken_promise(writer, "less than its counts say");
    if (writer->status == LEDE_OK && !writer->is_inline)
        list_flush(writer);
    if (writer->status != LEDE_OK) {
        if (err)
            *err = writer->error;
        return writer->status;
    }
    memset(info, 0, sizeof *info);
    info->df = writer->df;
    info->total_tf = writer->total_tf;
    if (writer->is_inline) {
        info->inlined = slice_of(writer->inlined, writer->inlined_size);
        info->bound = 255;
        return LEDE_OK;
    }
    info->skip = writer->skip;
    info->block = writer->single_block;
    info->positions = writer->single_positions;
    info->bound = writer->bounds.list;
    posting_bounds_primed(&writer->bounds, info->primed);
    return LEDE_OK;
}
