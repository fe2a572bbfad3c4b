#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/account.h"
#include "index/stored.h"

_Static_assert(STORED_BLOCK <= 1 << STORED_PLACE_BITS, "a place fits its bits");

struct stored_packer {
    struct account *account;
    ZSTD_CCtx *zstd;
    size_t zstd_size; /* charged for it */
    size_t used;      /* bytes of the block being filled */
    uint8_t block[STORED_BLOCK_MAX];
};

void stored_run_init(struct stored_run *run, struct account *account)
{
    buffer_init(&run->blocks, account);
    buffer_init(&run->sizes, account);
}

void stored_run_done(struct stored_run *run)
{
    buffer_done(&run->blocks);
    buffer_done(&run->sizes);
}

/* Charges what zstd's context takes now, which it decides itself as it compresses. */
static bool charge_zstd(struct stored_packer *packer)
{
    size_t size = ZSTD_sizeof_CCtx(packer->zstd);

    if (size > packer->zstd_size && !account_charge(packer->account, size - packer->zstd_size))
        return false;
    if (size < packer->zstd_size)
        account_release(packer->account, packer->zstd_size - size);
    packer->zstd_size = size;
    return true;
}

/* Makes the context, and has it compress a largest block, so that its memory is known at once. */
static bool warm_up(struct stored_packer *packer, int level)
{
    uint8_t scratch[1024]; /* plenty for zeros */

    packer->zstd = ZSTD_createCCtx();
    if (!packer->zstd)
        return false;
    memset(packer->block, 0, sizeof packer->block);
    return !ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, level)) &&
           !ZSTD_isError(ZSTD_compress2(packer->zstd, scratch, sizeof scratch, packer->block,
                                        sizeof packer->block)) &&
           charge_zstd(packer);
}

enum lede_status stored_packer_new(int level, struct account *account, struct stored_packer **out,
                                   struct lede_error *err)
{
    struct stored_packer *packer = account_malloc(account, sizeof *packer);

    if (!packer)
        return error_no_memory(err);
    packer->account = account;
    packer->zstd_size = 0;
    packer->used = 0;
    if (!warm_up(packer, level)) {
        stored_packer_free(packer);
        return error_no_memory(err);
    }
    *out = packer;
    return LEDE_OK;
}

void stored_packer_free(struct stored_packer *packer)
{
    struct account *account;

    if (!packer)
        return;
    account = packer->account;
    ZSTD_freeCCtx(packer->zstd);
    account_release(account, packer->zstd_size);
    free(packer);
    account_release(account, sizeof *packer);
}

/* Compresses the block being filled to the end of the run; as it is if that is not smaller. */
static void block_close(struct stored_packer *packer, struct stored_run *run)
{
    uint32_t raw = (uint32_t)packer->used, whole;
    size_t bound = ZSTD_compressBound(raw), stored;
    uint8_t *room = buffer_room(&run->blocks, STORED_HEADER + bound);

    packer->used = 0;
    if (!room)
        return;
    stored = ZSTD_compress2(packer->zstd, room + STORED_HEADER, bound, packer->block, raw);
    if (!charge_zstd(packer)) {
        run->blocks.failed = true;
        return;
    }
    if (ZSTD_isError(stored) || stored >= raw) {
        memcpy(room + STORED_HEADER, packer->block, raw);
        stored = raw;
    }
    store_le32(room, raw);
    store_le32(room + 4, (uint32_t)stored);
    whole = (uint32_t)(STORED_HEADER + stored);
    run->blocks.size += whole;
    buffer_put(&run->sizes, &whole, sizeof whole);
}

static void put(struct stored_packer *packer, struct stored_run *run, const void *data, size_t size)
{
    const uint8_t *at = data;

    while (size > 0) {
        size_t free_size = STORED_BLOCK_MAX - packer->used;
        size_t part = size < free_size ? size : free_size;

        memcpy(packer->block + packer->used, at, part);
        packer->used += part;
        at += part;
        size -= part;
        if (packer->used == STORED_BLOCK_MAX)
            block_close(packer, run);
    }
}

static void put_varint(struct stored_packer *packer, struct stored_run *run, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    size_t size = varint_put(bytes, value);

    put(packer, run, bytes, size);
}

static void put_slice(struct stored_packer *packer, struct stored_run *run, struct slice bytes)
{
    put_varint(packer, run, bytes.size);
    put(packer, run, bytes.data, bytes.size);
}

static enum lede_status run_status(struct stored_packer *packer, const struct stored_run *run,
                                   struct lede_error *err)
{
    if (!run->blocks.failed && !run->sizes.failed)
        return LEDE_OK;
    packer->used = 0;
    return error_no_memory(err);
}

enum lede_status stored_packer_begin(struct stored_packer *packer,
                                     const struct stored_article *article, uint64_t text_size,
                                     struct stored_run *run, struct stored_place *place,
                                     struct lede_error *err)
{
    uint8_t kept = article->text_kept;

    place->block = (uint32_t)(run->sizes.size / sizeof(uint32_t));
    place->place = (uint32_t)packer->used;
    put_slice(packer, run, article->title);
    put_slice(packer, run, article->url);
    put_slice(packer, run, article->language);
    put_varint(packer, run, article->metadata_count);
    for (size_t i = 0; i < article->metadata_count; i++) {
        put_slice(packer, run, article->metadata[i].name);
        put_slice(packer, run, article->metadata[i].value);
    }
    put(packer, run, &kept, 1);
    put_varint(packer, run, text_size);
    return run_status(packer, run, err);
}

enum lede_status stored_packer_text(struct stored_packer *packer, struct slice part,
                                    struct stored_run *run, struct lede_error *err)
{
    put(packer, run, part.data, part.size);
    return run_status(packer, run, err);
}

enum lede_status stored_packer_end(struct stored_packer *packer, struct stored_run *run,
                                   struct lede_error *err)
{
    if (packer->used >= STORED_BLOCK)
        block_close(packer, run);
    return run_status(packer, run, err);
}

enum lede_status stored_packer_add(struct stored_packer *packer,
                                   const struct stored_article *article, struct stored_run *run,
                                   struct stored_place *place, struct lede_error *err)
{
    struct slice text = article->text_kept ? article->text : slice_of(NULL, 0);
    enum lede_status status = stored_packer_begin(packer, article, text.size, run, place, err);

    if (status == LEDE_OK)
        status = stored_packer_text(packer, text, run, err);
    return status == LEDE_OK ? stored_packer_end(packer, run, err) : status;
}

enum lede_status stored_packer_flush(struct stored_packer *packer, struct stored_run *run,
                                     struct lede_error *err)
{
    if (packer->used > 0)
        block_close(packer, run);
    return run_status(packer, run, err);
}

enum lede_status stored_run_write(const struct stored_run *run, struct stream_writer *articles,
                                  uint64_t *offsets, struct lede_error *err)
{
    const uint8_t *block = run->blocks.data;

    for (size_t i = 0; i < run->sizes.size / sizeof(uint32_t); i++) {
        uint32_t size;
        uint8_t *room;

        memcpy(&size, run->sizes.data + i * sizeof size, sizeof size);
        room = stream_writer_reserve(articles, size, STORED_ROOM, &offsets[i]);
        if (!room)
            break;
        memcpy(room, block, size);
        block += size;
    }
    return stream_writer_status(articles, err);
}
