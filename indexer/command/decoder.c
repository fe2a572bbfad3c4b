#include "command/decoder.h"

#include <archive.h>
#include <stdlib.h>
#include <zlib.h>

#include "command/frames.h"

enum { INPUT_SIZE = 128 * 1024, MAGIC_SIZE = 3, RESUMED_MOST = 1024 };

static const char GZIP_MAGIC[] = "\x1f\x8b\x08";

struct decoder {
    struct source *source;
    struct slice head;       /* not yet decoded; then the bytes of source follow */
    struct archive *archive; /* of bz2 */
    struct frames *frames;   /* of xz and zst */
    struct slice pending;    /* compressed bytes that frames did not take yet */
    bool at_end;             /* no others come behind them */
    size_t memory;           /* for frames */
    const void *block;       /* what libarchive gave and nobody took yet */
    size_t block_size;
    z_stream zlib;
    bool zlib_begun, finished;
    uint64_t read;    /* compressed bytes given to the decompressor */
    uint64_t member;  /* where among them the member of gz begins that is read */
    unsigned resumed; /* times */
    uint8_t input[INPUT_SIZE];
};

static bool begins(struct slice head, const char *magic, size_t size)
{
    return head.size >= size && memcmp(head.data, magic, size) == 0;
}

static bool is_gzip(struct slice head)
{
    return begins(head, GZIP_MAGIC, MAGIC_SIZE);
}

static bool is_frames(struct slice head, enum frames_kind *kind)
{
    *kind = begins(head, "\x28\xb5\x2f\xfd", 4) ? FRAMES_ZSTD : FRAMES_XZ;
    return *kind == FRAMES_ZSTD || begins(head, "\xfd\x37zXZ\0", 6);
}

bool decoder_recognizes(struct slice head)
{
    enum frames_kind kind;

    return is_gzip(head) || is_frames(head, &kind) ||
           (begins(head, "BZh", 3) && head.size >= 10 &&
            (memcmp(head.data + 4, "1AY&SY", 6) == 0 ||
             memcmp(head.data + 4, "\x17rE8P\x90", 6) == 0));
}

/* The next compressed bytes: what is left of the head, then the source's. */
static enum lede_status next_input(struct decoder *decoder, const uint8_t **bytes, size_t *size,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *bytes = decoder->head.data;
    *size = decoder->head.size;
    decoder->head = slice_of(NULL, 0);
    if (*size == 0) {
        *bytes = decoder->input;
        status = source_read(decoder->source, decoder->input, INPUT_SIZE, size, err);
    }
    decoder->read += *size;
    return status;
}

static enum lede_status damaged(struct decoder *decoder, const char *what, struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT, "%s: the compressed data are %s, near byte %llu",
                     decoder->source->name, what,
                     (unsigned long long)(decoder->read - decoder->zlib.avail_in));
}

/* ---- gz ---- */

static enum lede_status refill(struct decoder *decoder, struct lede_error *err)
{
    const uint8_t *bytes;
    size_t size;
    enum lede_status status;

    if (decoder->zlib.avail_in > 0)
        return LEDE_OK;
    status = next_input(decoder, &bytes, &size, err);
    if (status != LEDE_OK)
        return status;
    decoder->zlib.next_in = (uint8_t *)(uintptr_t)bytes;
    decoder->zlib.avail_in = (uInt)size;
    return LEDE_OK;
}

/* Behind a member: another one, padding of zeros (tapes), the end, or bytes of another kind. */
static enum lede_status next_member(struct decoder *decoder, struct lede_error *err)
{
    z_stream *zlib = &decoder->zlib;
    enum lede_status status;

    for (;;) {
        status = refill(decoder, err);
        if (status != LEDE_OK)
            return status;
        if (zlib->avail_in == 0) {
            decoder->finished = true;
            return LEDE_OK;
        }
        if (*zlib->next_in != 0)
            break;
        zlib->next_in++;
        zlib->avail_in--;
    }
    decoder->member = decoder->read - zlib->avail_in;
    if (*zlib->next_in != 0x1f)
        return damaged(decoder, "followed by others that are not compressed", err);
    return inflateReset(zlib) == Z_OK ? LEDE_OK : error_no_memory(err);
}

static enum lede_status inflate_some(struct decoder *decoder, struct lede_error *err)
{
    int rc = inflate(&decoder->zlib, Z_NO_FLUSH);

    if (rc == Z_STREAM_END)
        return next_member(decoder, err);
    if (rc == Z_MEM_ERROR)
        return error_no_memory(err);
    if (rc != Z_OK && rc != Z_BUF_ERROR)
        return damaged(decoder, "damaged", err);
    return LEDE_OK;
}

/* An error that comes with bytes waits: the next call meets it again, with none. */
static enum lede_status gzip_read(struct decoder *decoder, uint8_t *bytes, size_t size, size_t *got,
                                  struct lede_error *err)
{
    uInt room = size > INPUT_SIZE ? INPUT_SIZE : (uInt)size;
    enum lede_status status = LEDE_OK;

    decoder->zlib.next_out = bytes;
    decoder->zlib.avail_out = room;
    while (status == LEDE_OK && decoder->zlib.avail_out == room && !decoder->finished) {
        status = refill(decoder, err);
        if (status == LEDE_OK && decoder->zlib.avail_in == 0)
            status = damaged(decoder, "cut short", err);
        if (status == LEDE_OK)
            status = inflate_some(decoder, err);
    }
    *got = room - decoder->zlib.avail_out;
    return *got > 0 && status != LEDE_NO_MEMORY && status != LEDE_INTERRUPTED ? LEDE_OK : status;
}

static enum lede_status gzip_open(struct decoder *decoder, struct lede_error *err)
{
    if (inflateInit2(&decoder->zlib, 15 + 16) != Z_OK)
        return error_no_memory(err);
    decoder->zlib_begun = true;
    return LEDE_OK;
}

/* Goes back to where the damaged member began, if the source can: what is wrong with it may have
 * taken the beginning of the next one for its own bytes. */
static bool go_back(struct decoder *decoder)
{
    uint64_t at = decoder->member + MAGIC_SIZE;

    if (decoder->source->size == UINT64_MAX || at > decoder->source->size)
        return decoder->source->size == UINT64_MAX;
    if (source_seek(decoder->source, at, NULL) != LEDE_OK)
        return false;
    decoder->head = slice_of(NULL, 0);
    decoder->zlib.avail_in = 0;
    decoder->read = at;
    return true;
}

/* Has more bytes behind those that are there; false: there are none. */
static bool read_on(struct decoder *decoder)
{
    z_stream *zlib = &decoder->zlib;
    size_t kept = zlib->avail_in, got = 0;

    if (kept > 0)
        memmove(decoder->input, zlib->next_in, kept);
    if (source_read(decoder->source, decoder->input + kept, INPUT_SIZE - kept, &got, NULL) !=
        LEDE_OK)
        return false;
    decoder->read += got;
    zlib->next_in = decoder->input;
    zlib->avail_in = (uInt)(kept + got);
    return got > 0;
}

/* Moves to where a member may begin: the mark, and flags that there are. */
static bool find_member(struct decoder *decoder)
{
    z_stream *zlib = &decoder->zlib;

    do {
        while (zlib->avail_in > MAGIC_SIZE) {
            const uint8_t *found =
                memmem(zlib->next_in, zlib->avail_in - 1, GZIP_MAGIC, MAGIC_SIZE);
            size_t passed = found ? (size_t)(found - zlib->next_in) : zlib->avail_in - MAGIC_SIZE;

            zlib->next_in += passed;
            zlib->avail_in -= (uInt)passed;
            if (found && (found[MAGIC_SIZE] & 0xe0) == 0)
                return true;
            zlib->next_in++;
            zlib->avail_in--;
        }
    } while (read_on(decoder));
    return false;
}

bool decoder_resume(struct decoder *decoder, uint64_t *at)
{
    if (!decoder->zlib_begun || decoder->resumed == RESUMED_MOST || !go_back(decoder) ||
        !find_member(decoder) || inflateReset(&decoder->zlib) != Z_OK)
        return false;
    decoder->resumed++;
    decoder->finished = false;
    *at = decoder->member = decoder->read - decoder->zlib.avail_in;
    return true;
}

/* ---- xz and zst ---- */

static enum lede_status too_large(const struct decoder *decoder, struct lede_error *err)
{
    uint64_t wanted = frames_wanted(decoder->frames);

    if (wanted > 0)
        return error_set(err, LEDE_LIMIT,
                         "%s: unpacking it takes %llu MiB of memory, more than %zu: see --memory",
                         decoder->source->name, (unsigned long long)(wanted >> 20) + 1,
                         decoder->memory >> 20);
    return error_set(err, LEDE_LIMIT,
                     "%s: unpacking it takes more than %zu MiB of memory: see --memory",
                     decoder->source->name, decoder->memory >> 20);
}

static enum lede_status frames_failed(struct decoder *decoder, enum frames_state state,
                                      struct lede_error *err)
{
    decoder->read -= decoder->pending.size;
    switch (state) {
    case FRAMES_LARGE:
        return too_large(decoder, err);
    case FRAMES_NO_MEMORY:
        return error_no_memory(err);
    default:
        return damaged(decoder, state == FRAMES_CUT ? "cut short" : "damaged", err);
    }
}

/* An error that comes with bytes is sticky in frames: the next call meets it again, with none. */
static enum lede_status frames_read(struct decoder *decoder, uint8_t *bytes, size_t size,
                                    size_t *got, struct lede_error *err)
{
    while (*got == 0 && !decoder->finished) {
        enum frames_state state;

        if (decoder->pending.size == 0 && !decoder->at_end) {
            enum lede_status status =
                next_input(decoder, &decoder->pending.data, &decoder->pending.size, err);

            if (status != LEDE_OK)
                return status;
            decoder->at_end = decoder->pending.size == 0;
        }
        state =
            frames_decode(decoder->frames, &decoder->pending, decoder->at_end, bytes, size, got);
        decoder->finished = state == FRAMES_END;
        if (*got == 0 && state != FRAMES_MORE && state != FRAMES_END)
            return frames_failed(decoder, state, err);
    }
    return LEDE_OK;
}

/* ---- bz2 ---- */

static la_ssize_t archive_input(struct archive *archive, void *context, const void **bytes)
{
    struct decoder *decoder = context;
    struct lede_error error;
    const uint8_t *next;
    size_t size;
    enum lede_status status = next_input(decoder, &next, &size, &error);

    *bytes = next;
    if (status == LEDE_OK)
        return (la_ssize_t)size;
    archive_set_error(archive, (int)status, "%s", error.text);
    return -1;
}

/* Our own statuses of archive_input come back as the archive's error number; libarchive's
 * are those of errno or negative, and mean that the bytes are bad. */
static enum lede_status archive_failed(struct decoder *decoder, struct lede_error *err)
{
    const char *text = archive_error_string(decoder->archive);
    int number = archive_errno(decoder->archive);

    if (number == (int)LEDE_IO || number == (int)LEDE_INTERRUPTED)
        return error_set(err, (enum lede_status)number, "%s", text ? text : "reading failed");
    return error_set(err, LEDE_CORRUPT, "%s: %s, near byte %llu", decoder->source->name,
                     text ? text : "the compressed data are damaged",
                     (unsigned long long)decoder->read);
}

static enum lede_status archive_begin(struct decoder *decoder, struct lede_error *err)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    int rc;

    if (!archive)
        return error_no_memory(err);
    decoder->archive = archive;
    archive_read_support_filter_bzip2(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    if (archive_read_open(archive, decoder, NULL, archive_input, NULL) != ARCHIVE_OK)
        return archive_failed(decoder, err);
    rc = archive_read_next_header(archive, &entry);
    if (rc == ARCHIVE_EOF)
        decoder->finished = true;
    else if (rc < ARCHIVE_WARN)
        return archive_failed(decoder, err);
    if (archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE)
        return damaged(decoder, "cut short", err);
    return LEDE_OK;
}

static enum lede_status archive_take(struct decoder *decoder, uint8_t *bytes, size_t size,
                                     size_t *got, struct lede_error *err)
{
    la_int64_t offset;
    int rc;

    while (decoder->block_size == 0 && !decoder->finished) {
        rc = archive_read_data_block(decoder->archive, &decoder->block, &decoder->block_size,
                                     &offset);
        if (rc == ARCHIVE_EOF) {
            decoder->finished = true;
            decoder->block_size = 0;
        } else if (rc < ARCHIVE_WARN) {
            decoder->block_size = 0;
            return archive_failed(decoder, err);
        }
    }
    *got = size < decoder->block_size ? size : decoder->block_size;
    if (*got == 0)
        return LEDE_OK;
    memcpy(bytes, decoder->block, *got);
    decoder->block = (const uint8_t *)decoder->block + *got;
    decoder->block_size -= *got;
    return LEDE_OK;
}

/* ---- all ---- */

static enum lede_status open_kind(struct decoder *decoder, struct lede_error *err)
{
    enum frames_kind kind;

    if (is_gzip(decoder->head))
        return gzip_open(decoder, err);
    if (!is_frames(decoder->head, &kind))
        return archive_begin(decoder, err);
    decoder->frames = frames_new(kind, decoder->memory);
    return decoder->frames ? LEDE_OK : error_no_memory(err);
}

enum lede_status decoder_open(struct source *source, struct slice head, size_t memory,
                              struct decoder **out, struct lede_error *err)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    enum lede_status status;

    if (!decoder)
        return error_no_memory(err);
    decoder->source = source;
    decoder->head = head;
    decoder->memory = memory;
    status = open_kind(decoder, err);
    if (status != LEDE_OK) {
        decoder_close(decoder);
        return status;
    }
    *out = decoder;
    return LEDE_OK;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    if (decoder->archive)
        archive_read_free(decoder->archive);
    frames_free(decoder->frames);
    if (decoder->zlib_begun)
        inflateEnd(&decoder->zlib);
    free(decoder);
}

enum lede_status decoder_read(struct decoder *decoder, uint8_t *bytes, size_t size, size_t *got,
                              struct lede_error *err)
{
    *got = 0;
    if (size == 0)
        return LEDE_OK;
    if (decoder->frames)
        return frames_read(decoder, bytes, size, got, err);
    return decoder->archive ? archive_take(decoder, bytes, size, got, err)
                            : gzip_read(decoder, bytes, size, got, err);
}
