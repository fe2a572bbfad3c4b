#include "command/frames.h"

#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { LEAST_MEMORY = 1024 * 1024, LEAST_WINDOW = 10, MOST_WINDOW = 31 /* powers of two */ };

struct frames {
    enum frames_kind kind;
    lzma_stream xz;
    ZSTD_DCtx *zstd;
    size_t left; /* of a frame of zstd: 0 between frames */
};

/* The largest window that fits, with what is beside it. */
static int window_log(size_t memory)
{
    int log = LEAST_WINDOW;

    while (log < MOST_WINDOW && ((size_t)2 << log) + LEAST_MEMORY <= memory)
        log++;
    return log;
}

static bool begin(struct frames *frames, size_t memory)
{
    if (frames->kind == FRAMES_XZ)
        return lzma_stream_decoder(&frames->xz, memory > LEAST_MEMORY ? memory : LEAST_MEMORY,
                                   LZMA_CONCATENATED) == LZMA_OK;
    frames->zstd = ZSTD_createDCtx();
    return frames->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(frames->zstd, ZSTD_d_windowLogMax,
                                                                window_log(memory)));
}

struct frames *frames_new(enum frames_kind kind, size_t memory)
{
    struct frames *frames = calloc(1, sizeof *frames);

    if (!frames)
        return NULL;
    frames->kind = kind;
    frames->xz = (lzma_stream)LZMA_STREAM_INIT;
    if (begin(frames, memory))
        return frames;
    frames_free(frames);
    return NULL;
}

void frames_free(struct frames *frames)
{
    if (!frames)
        return;
    lzma_end(&frames->xz);
    (void)ZSTD_freeDCtx(frames->zstd);
    free(frames);
}

static enum frames_state decode_xz(struct frames *frames, struct slice *in, bool is_last,
                                   uint8_t *bytes, size_t size, size_t *got)
{
    lzma_stream *xz = &frames->xz;
    lzma_ret rc;

    xz->next_in = in->data;
    xz->avail_in = in->size;
    xz->next_out = bytes;
    xz->avail_out = size;
    rc = lzma_code(xz, is_last ? LZMA_FINISH : LZMA_RUN);
    *in = slice_of(xz->next_in, xz->avail_in);
    *got = size - xz->avail_out;
    switch (rc) {
    case LZMA_OK:
        return FRAMES_MORE;
    case LZMA_STREAM_END:
        return FRAMES_END;
    case LZMA_BUF_ERROR:
        return is_last ? FRAMES_CUT : FRAMES_MORE;
    case LZMA_MEMLIMIT_ERROR:
        return FRAMES_LARGE;
    case LZMA_MEM_ERROR:
        return FRAMES_NO_MEMORY;
    default:
        return FRAMES_DAMAGED;
    }
}

static enum frames_state zstd_failed(size_t rc)
{
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return FRAMES_LARGE;
    case ZSTD_error_memory_allocation:
        return FRAMES_NO_MEMORY;
    default:
        return FRAMES_DAMAGED;
    }
}

static enum frames_state decode_zstd(struct frames *frames, struct slice *in, bool is_last,
                                     uint8_t *bytes, size_t size, size_t *got)
{
    ZSTD_inBuffer input = {in->data, in->size, 0};
    ZSTD_outBuffer output = {bytes, size, 0};
    size_t rc;

    if (in->size == 0 && is_last && frames->left == 0)
        return FRAMES_END;
    rc = ZSTD_decompressStream(frames->zstd, &output, &input);
    *in = slice_of(in->data + input.pos, in->size - input.pos);
    *got = output.pos;
    if (ZSTD_isError(rc))
        return zstd_failed(rc);
    frames->left = rc;
    return rc > 0 && is_last && in->size == 0 && output.pos < size ? FRAMES_CUT : FRAMES_MORE;
}

enum frames_state frames_decode(struct frames *frames, struct slice *in, bool is_last,
                                uint8_t *bytes, size_t size, size_t *got)
{
    *got = 0;
    return frames->kind == FRAMES_XZ ? decode_xz(frames, in, is_last, bytes, size, got)
                                     : decode_zstd(frames, in, is_last, bytes, size, got);
}

uint64_t frames_wanted(const struct frames *frames)
{
    return frames->kind == FRAMES_XZ ? lzma_memusage(&frames->xz) : 0;
}
