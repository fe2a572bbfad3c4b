#include "index/dictionary.h"

#include <stdlib.h>

#include "base/account.h"
#include "index/checksum.h"

enum {
    ENTRY_MAX = 2 + 2 + KEY_TERM_MAX + 5 + 10 + 2 + INLINE_SIZE_MAX, /* bytes of an entry */
    ENTRY_MIN = 4, /* 1 each: sizes, the term's, counts, the list's */
    RESTARTS_MAX = DICT_PAGE_SIZE / ENTRY_MIN / DICT_RESTART + 1
};

_Static_assert((int)INLINE_SIZE_MAX > 1 + PRIMED_COUNT + 2 * VARINT_MAX,
               "ENTRY_MAX is that of inline");
_Static_assert((int)DICT_HEADER_SIZE + 2 + (int)ENTRY_MAX <= (int)DICT_PAGE_SIZE, "one entry fits");

struct dictionary_writer {
    struct record_sink *sink;
    struct account *account;
    uint32_t segment;
    struct dictionary_totals totals;
    enum lede_status status; /* sticky */
    struct lede_error error;

    uint8_t lower_size; /* of the page being filled: bytes of its first term */
    uint32_t count;     /* its entries */
    size_t used;        /* their bytes */
    bool has_base;      /* one of them has a list of one block; the first one's: */
    uint64_t block_base, position_base;
    uint8_t term[KEY_TERM_MAX]; /* the last one added */
    size_t term_size;
    uint16_t restarts[RESTARTS_MAX]; /* offsets among the entries */
    uint8_t entries[DICT_PAGE_SIZE];
    uint8_t page[DICT_PAGE_SIZE];
};

enum lede_status dictionary_writer_new(uint32_t segment, struct record_sink *sink,
                                       struct account *account, struct dictionary_writer **out,
                                       struct lede_error *err)
{
    struct dictionary_writer *writer = account_calloc(account, 1, sizeof *writer);

    if (!writer)
        return error_no_memory(err);
    writer->segment = segment;
    writer->sink = sink;
    writer->account = account;
    *out = writer;
    return LEDE_OK;
}

void dictionary_writer_free(struct dictionary_writer *writer)
{
    struct account *account;

    if (!writer)
        return;
    account = writer->account;
    free(writer);
    account_release(account, sizeof *writer);
}

static enum lede_status report(const struct dictionary_writer *writer, struct lede_error *err)
{
    if (writer->status != LEDE_OK && err)
        *err = writer->error;
    return writer->status;
}

static size_t restart_count(size_t entries)
{
    return (entries + DICT_RESTART - 1) / DICT_RESTART;
}

/* Puts the page being filled, whose upper end is end; leaves it empty. */
static void page_flush(struct dictionary_writer *writer, struct slice end)
{
    size_t restarts = restart_count(writer->count);
    size_t first = DICT_HEADER_SIZE + 2 * restarts;
    uint8_t *page = writer->page, key[DICT_KEY_MAX];
    size_t key_size = 4 + end.size;

    store_be32(key, writer->segment);
    memcpy(key + 4, end.data, end.size);
    memset(page, 0, DICT_PAGE_SIZE);
    store_le16(page + 4, (uint16_t)writer->count);
    page[6] = writer->lower_size;
    store_le64(page + 8, writer->block_base);
    store_le64(page + 16, writer->position_base);
    for (size_t i = 0; i < restarts; i++)
        store_le16(page + DICT_HEADER_SIZE + 2 * i, (uint16_t)(first + writer->restarts[i]));
    memcpy(page + first, writer->entries, writer->used);
    store_le32(page, checksum_of(checksum_seed('d', key, key_size), page + 4, DICT_PAGE_SIZE - 4));
    writer->status = writer->sink->put(writer->sink->context, 'd', slice_of(key, key_size),
                                       slice_of(page, DICT_PAGE_SIZE), &writer->error);
    writer->totals.pages++;
    writer->lower_size = (uint8_t)end.size;
    writer->count = 0;
    writer->used = 0;
    writer->has_base = false;
    writer->block_base = writer->position_base = 0;
}

/* Where a list of one block is, behind the first one of the page. */
static size_t single_put(const struct dictionary_writer *writer, uint8_t *at,
                         const struct term_info *info)
{
    size_t size = varint_put(at, writer->has_base ? info->block - writer->block_base : 0);

    return size +
           varint_put(at + size, writer->has_base ? info->positions - writer->position_base : 0);
}

static size_t inlined_put(uint8_t *at, const struct term_info *info)
{
    uint64_t counts = info->df - 1 + INLINE_DF_MAX * (info->total_tf - info->df);
    size_t list = info->inlined.size, size;

    size = varint_put(at, 2 * ((list < DICT_SIZE_MORE ? list - 1 : DICT_SIZE_MORE - 1) +
                               DICT_SIZE_MORE * counts));
    if (list >= DICT_SIZE_MORE)
        size += varint_put(at + size, list - DICT_SIZE_MORE);
    memcpy(at + size, info->inlined.data, list);
    return size + list;
}

static size_t info_put(const struct dictionary_writer *writer, uint8_t *at,
                       const struct term_info *info)
{
    uint64_t more = info->total_tf - info->df;
    size_t size;

    if (posting_is_inline(info->df, info->total_tf))
        return inlined_put(at, info);
    size = varint_put(at, 2 * (uint64_t)info->df + 1);
    size += varint_put(at + size, more);
    size += posting_is_single(info->df, info->total_tf) ? single_put(writer, at + size, info)
                                                        : varint_put(at + size, info->skip);
    at[size++] = info->bound;
    for (size_t i = 0; i < PRIMED_COUNT && PRIMED_RANK[i] <= info->df; i++)
        at[size++] = info->primed[i];
    return size;
}

/* Writes how many bytes a term shares and how many follow. */
static size_t sizes_put(uint8_t *at, size_t shared, size_t follow)
{
    enum { MORE = 15 };
    size_t low = shared < MORE ? shared : MORE, high = follow - 1 < MORE ? follow - 1 : MORE;
    size_t size = 1;

    at[0] = (uint8_t)(low | high << 4);
    if (shared >= MORE)
        size += varint_put(at + size, shared - MORE);
    if (follow > MORE)
        size += varint_put(at + size, follow - 1 - MORE);
    return size;
}

/* Writes an entry as the next of the page being filled would be; returns its size. */
static size_t entry_put(const struct dictionary_writer *writer, uint8_t at[ENTRY_MAX],
                        struct slice term, const struct term_info *info)
{
    size_t shared = writer->count % DICT_RESTART == 0
                        ? 0
                        : slice_shared(slice_of(writer->term, writer->term_size), term);
    size_t size = sizes_put(at, shared, term.size - shared);

    memcpy(at + size, term.data + shared, term.size - shared);
    size += term.size - shared;
    return size + info_put(writer, at + size, info);
}

static bool page_has_room(const struct dictionary_writer *writer, size_t entry_size)
{
    return DICT_HEADER_SIZE + 2 * restart_count(writer->count + 1) + writer->used + entry_size <=
           DICT_PAGE_SIZE;
}

static bool makes_sense(const struct dictionary_writer *writer, struct slice term,
                        const struct term_info *info)
{
    if (term.size == 0 || term.size > KEY_TERM_MAX || term.data[0] >= FIELD_END ||
        slice_compare(slice_of(writer->term, writer->term_size), term) >= 0 || info->df == 0 ||
        info->df > DOCS_MAX || info->total_tf < info->df)
        return false;
    return !posting_is_inline(info->df, info->total_tf) ||
           (info->inlined.size > 0 && info->inlined.size <= INLINE_SIZE_MAX);
}

enum lede_status dictionary_writer_add(struct dictionary_writer *writer, struct slice term,
                                       const struct term_info *info, struct lede_error *err)
{
    uint8_t entry[ENTRY_MAX];
    size_t size;

    if (writer->status == LEDE_OK && !makes_sense(writer, term, info))
        writer->status = error_set(&writer->error, LEDE_CORRUPT,
                                   "a term to be written to segment %u is out of order, too long, "
                                   "or contradicts its counts",
                                   writer->segment);
    if (writer->status != LEDE_OK)
        return report(writer, err);
    size = entry_put(writer, entry, term, info);
    if (!page_has_room(writer, size)) {
        page_flush(
            writer,
            slice_of(term.data, slice_shared(slice_of(writer->term, writer->term_size), term) + 1));
        if (writer->status != LEDE_OK)
            return report(writer, err);
        size = entry_put(writer, entry, term, info);
    }
    if (writer->count % DICT_RESTART == 0)
        writer->restarts[writer->count / DICT_RESTART] = (uint16_t)writer->used;
    if (!writer->has_base && posting_is_single(info->df, info->total_tf)) {
        writer->has_base = true;
        writer->block_base = info->block;
        writer->position_base = info->positions;
    }
    memcpy(writer->entries + writer->used, entry, size);
    writer->used += size;
    writer->count++;
    writer->totals.terms++;
    memcpy(writer->term, term.data, term.size);
    writer->term_size = term.size;
    return LEDE_OK;
}

enum lede_status dictionary_writer_finish(struct dictionary_writer *writer,
                                          struct dictionary_totals *totals, struct lede_error *err)
{
    static const uint8_t end[] = {FIELD_END};

    if (writer->status == LEDE_OK)
        page_flush(writer, slice_of(end, sizeof end));
    if (writer->status == LEDE_OK)
        *totals = writer->totals;
    return report(writer, err);
}
