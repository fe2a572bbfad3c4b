#include "spill.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/account.h"
#include "index/checksum.h"
#include "inverter.h"
#include "temporary.h"

enum { BLOCK_HEADER = 8, BLOCK_ROOM = SPILL_BLOCK - BLOCK_HEADER };

enum lede_status spill_init(struct spill *spill, const char *directory, struct account *account,
                            struct lede_error *err)
{
    *spill = (struct spill){.directory = directory, .account = account, .file = -1};
    spill->block = account_malloc(account, SPILL_BLOCK);
    return spill->block ? LEDE_OK : error_no_memory(err);
}

void spill_reset(struct spill *spill)
{
    if (spill->file >= 0)
        (void)close(spill->file);
    spill->file = -1;
    spill->size = 0;
}

void spill_done(struct spill *spill)
{
    if (!spill->block)
        return;
    spill_reset(spill);
    free(spill->block);
    account_release(spill->account, SPILL_BLOCK);
    spill->block = NULL;
}

/* ---- writing ---- */

static void flush(struct spill_writer *writer)
{
    struct spill *spill = writer->spill;
    size_t size = BLOCK_HEADER + writer->used;

    store_le32(spill->block, checksum_of(spill->size, spill->block + BLOCK_HEADER, writer->used));
    store_le32(spill->block + 4, (uint32_t)writer->used);
    writer->status = temporary_write(spill->file, spill->directory, slice_of(spill->block, size),
                                     spill->size, &writer->error);
    if (writer->status != LEDE_OK)
        return;
    spill->size += size;
    writer->used = 0;
}

enum lede_status spill_writer_begin(struct spill_writer *writer, struct spill *spill,
                                    bool positions, struct lede_error *err)
{
    *writer = (struct spill_writer){.spill = spill};
    writer->run = (struct spill_run){spill, spill->size, 0, positions};
    return spill->file >= 0 ? LEDE_OK : temporary_make(spill->directory, &spill->file, err);
}

void spill_writer_put(struct spill_writer *writer, const uint8_t *bytes, size_t size)
{
    struct spill *spill = writer->spill;

    while (size > 0 && writer->status == LEDE_OK) {
        size_t room = BLOCK_ROOM - writer->used, part = size < room ? size : room;

        memcpy(spill->block + BLOCK_HEADER + writer->used, bytes, part);
        writer->used += part;
        bytes += part;
        size -= part;
        if (writer->used == BLOCK_ROOM)
            flush(writer);
    }
}

void spill_writer_term(struct spill_writer *writer, struct slice term, uint32_t df,
                       uint64_t total_tf)
{
    uint8_t header[2 + 2 * VARINT_MAX];
    size_t shared = slice_shared(slice_of(writer->term, writer->term_size), term), size;

    assert(term.size > 0 && term.size <= KEY_TERM_MAX && df > 0 && total_tf >= df);
    header[0] = (uint8_t)shared;
    header[1] = (uint8_t)(term.size - shared);
    spill_writer_put(writer, header, 2);
    spill_writer_put(writer, term.data + shared, term.size - shared);
    size = varint_put(header, df);
    size += varint_put(header + size, total_tf - df);
    spill_writer_put(writer, header, size);
    memcpy(writer->term, term.data, term.size);
    writer->term_size = term.size;
    writer->run.terms++;
}

enum lede_status spill_writer_end(struct spill_writer *writer, struct spill_run *run,
                                  struct lede_error *err)
{
    if (writer->status == LEDE_OK && writer->used > 0)
        flush(writer);
    if (writer->status != LEDE_OK)
        return error_set(err, writer->status, "%s", writer->error.text);
    *run = writer->run;
    return LEDE_OK;
}

enum lede_status spill_inverter(struct spill *spill, const struct inverter *inverter,
                                struct spill_run *run, struct lede_error *err)
{
    struct spill_writer writer;
    struct run_cursor cursor;
    enum lede_status status;

    inverter_cursor(inverter, &cursor);
    status = spill_writer_begin(&writer, spill, cursor.positions, err);
    if (status != LEDE_OK)
        return status;
    while (cursor.supply->next(&cursor, err) == LEDE_OK) {
        spill_writer_term(&writer, cursor.term, cursor.df, cursor.total_tf);
        do
            spill_writer_put(&writer, cursor.at, (size_t)(cursor.end - cursor.at));
        while (cursor.supply->refill(&cursor, err) == LEDE_OK);
    }
    return spill_writer_end(&writer, run, err);
}

enum lede_status spill_take(struct spill *spill, struct inverter *inverter, bool give_back,
                            struct spill_run *run, struct lede_error *err)
{
    enum lede_status status = inverter_sort(inverter, err);

    if (status == LEDE_OK)
        status = spill_inverter(spill, inverter, run, err);
    if (status == LEDE_OK)
        inverter_reset(inverter, give_back);
    return status;
}

/* ---- reading ---- */

struct reader {
    const struct spill *spill;
    uint64_t offset; /* of the next block */
    uint64_t terms;  /* not read yet */
    struct account *account;
    uint8_t term[KEY_TERM_MAX];
    uint8_t block[SPILL_BLOCK];
};

static enum lede_status refill(struct run_cursor *cursor, struct lede_error *err)
{
    struct reader *reader = cursor->context;
    const struct spill *spill = reader->spill;
    uint64_t left = spill->size > reader->offset ? spill->size - reader->offset : 0;
    size_t size = left < SPILL_BLOCK ? (size_t)left : SPILL_BLOCK;
    enum lede_status status;
    uint32_t used;

    if (size <= BLOCK_HEADER)
        return temporary_damaged(spill->directory, err);
    status =
        temporary_read(spill->file, spill->directory, reader->offset, reader->block, size, err);
    if (status != LEDE_OK)
        return status;
    used = load_le32(reader->block + 4);
    if (used == 0 || used > size - BLOCK_HEADER ||
        load_le32(reader->block) != checksum_of(reader->offset, reader->block + BLOCK_HEADER, used))
        return temporary_damaged(spill->directory, err);
    reader->offset += BLOCK_HEADER + used;
    cursor->at = reader->block + BLOCK_HEADER;
    cursor->end = cursor->at + used;
    return LEDE_OK;
}

static enum lede_status get_byte(struct run_cursor *cursor, uint8_t *byte, struct lede_error *err)
{
    enum lede_status status = cursor->at < cursor->end ? LEDE_OK : refill(cursor, err);

    if (status == LEDE_OK)
        *byte = *cursor->at++;
    return status;
}

/* Reads the next term's bytes over the one before; false if they do not rise or do not fit. */
static enum lede_status get_term(struct run_cursor *cursor, struct lede_error *err)
{
    struct reader *reader = cursor->context;
    uint8_t shared = 0, rest = 0, byte = 0, before = 0;
    enum lede_status status = get_byte(cursor, &shared, err);

    if (status == LEDE_OK)
        status = get_byte(cursor, &rest, err);
    if (status == LEDE_OK &&
        (shared > cursor->term.size || rest == 0 || (size_t)shared + rest > KEY_TERM_MAX))
        return temporary_damaged(reader->spill->directory, err);
    for (size_t i = 0; i < rest && status == LEDE_OK; i++) {
        status = get_byte(cursor, &byte, err);
        before = reader->term[shared + i];
        if (status == LEDE_OK && i == 0 && shared < cursor->term.size && byte <= before)
            return temporary_damaged(reader->spill->directory, err);
        reader->term[shared + i] = byte;
    }
    cursor->term = slice_of(reader->term, (size_t)shared + rest);
    return status;
}

static enum lede_status next_term(struct run_cursor *cursor, struct lede_error *err)
{
    struct reader *reader = cursor->context;
    uint64_t df = 0, more = 0;
    enum lede_status status;

    if (reader->terms == 0)
        return LEDE_MISSING;
    reader->terms--;
    status = get_term(cursor, err);
    if (status == LEDE_OK)
        status = run_cursor_varint(cursor, &df, err);
    if (status == LEDE_OK)
        status = run_cursor_varint(cursor, &more, err);
    if (status == LEDE_OK && (df == 0 || df > UINT32_MAX || more > UINT64_MAX - df))
        return temporary_damaged(reader->spill->directory, err);
    cursor->df = (uint32_t)df;
    cursor->total_tf = df + more;
    return status;
}

static void done(struct run_cursor *cursor)
{
    struct reader *reader = cursor->context;

    account_release(reader->account, sizeof *reader);
    free(reader);
    cursor->context = NULL;
}

enum lede_status spill_cursor(const struct spill_run *run, struct account *account,
                              struct run_cursor *cursor, struct lede_error *err)
{
    static const struct run_supply supply = {next_term, refill, done};
    struct reader *reader = account_calloc(account, 1, sizeof *reader);

    if (!reader)
        return error_no_memory(err);
    reader->spill = run->spill;
    reader->offset = run->offset;
    reader->terms = run->terms;
    reader->account = account;
    *cursor =
        (struct run_cursor){.supply = &supply, .context = reader, .positions = run->positions};
    return LEDE_OK;
}
