#include "command/http_message.h"

#include <strings.h>
#include <zlib.h>

enum { INFLATE_STEP = 256 * 1024 };

/* ---- heads ---- */

bool http_is(struct slice value, const char *word)
{
    return value.size == strlen(word) &&
           strncasecmp((const char *)value.data, word, value.size) == 0;
}

/* Cuts a line off, without its end; false: there is none that ends. */
static bool take_line(struct slice *rest, struct slice *line)
{
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;

    if (!end)
        return false;
    *line = slice_of(rest->data, (size_t)(end - rest->data));
    *rest = slice_of(end + 1, rest->size - line->size - 1);
    if (line->size > 0 && end[-1] == '\r')
        line->size--;
    return true;
}

size_t http_head_size(struct slice bytes)
{
    struct slice rest = bytes, line;

    while (take_line(&rest, &line))
        if (line.size == 0)
            return bytes.size - rest.size;
    return 0;
}

struct slice http_field(struct slice head, const char *name)
{
    struct slice rest = head, line;
    size_t size = strlen(name);

    while (take_line(&rest, &line))
        if (line.size > size && line.data[size] == ':' &&
            strncasecmp((const char *)line.data, name, size) == 0)
            return slice_trim(slice_of(line.data + size + 1, line.size - size - 1));
    return slice_of(NULL, 0);
}

unsigned http_status(struct slice head)
{
    struct slice rest = head, line;
    size_t at = 5;
    unsigned status = 0;

    if (!take_line(&rest, &line) || line.size < 5 || memcmp(line.data, "HTTP/", 5) != 0)
        return 0;
    while (at < line.size && line.data[at] != ' ')
        at++;
    for (at++; at < line.size && line.data[at] >= '0' && line.data[at] <= '9' && status < 1000;
         at++)
        status = status * 10 + (unsigned)(line.data[at] - '0');
    return status;
}

struct slice http_media_type(struct slice content_type)
{
    const uint8_t *end =
        content_type.size ? memchr(content_type.data, ';', content_type.size) : NULL;

    if (end)
        content_type.size = (size_t)(end - content_type.data);
    return slice_trim(content_type);
}

struct slice http_charset(struct slice content_type)
{
    const uint8_t *end;

    while ((end = content_type.size ? memchr(content_type.data, ';', content_type.size) : NULL)) {
        size_t passed = (size_t)(end + 1 - content_type.data);
        struct slice value;

        content_type = slice_trim(slice_of(end + 1, content_type.size - passed));
        if (content_type.size < 8 ||
            strncasecmp((const char *)content_type.data, "charset=", 8) != 0)
            continue;
        value = http_media_type(slice_of(content_type.data + 8, content_type.size - 8));
        if (value.size >= 2 && (*value.data == '"' || *value.data == '\'') &&
            value.data[value.size - 1] == *value.data)
            value = slice_of(value.data + 1, value.size - 2);
        return value;
    }
    return slice_of(NULL, 0);
}

/* ---- bodies ---- */

/* What is done with the bytes of a body once its chunks are joined. */
struct unpacking {
    struct buffer *out;
    size_t most;
    z_stream zlib;
    bool compressed, ended; /* ended: of the compressed bytes */
};

static enum lede_status too_much(const struct unpacking *unpacking, struct lede_error *err)
{
    return error_set(err, LEDE_LIMIT,
                     "its body has more than %zu bytes: see --memory, --max-record",
                     unpacking->most);
}

static enum lede_status inflate_piece(struct unpacking *unpacking, struct slice piece,
                                      struct lede_error *err)
{
    z_stream *zlib = &unpacking->zlib;
    int rc = Z_OK;

    zlib->next_in = (uint8_t *)(uintptr_t)piece.data;
    zlib->avail_in = (uInt)piece.size;
    while (rc == Z_OK && !unpacking->ended) {
        uint8_t *room = buffer_room(unpacking->out, INFLATE_STEP);

        if (!room)
            return error_no_memory(err);
        zlib->next_out = room;
        zlib->avail_out = INFLATE_STEP;
        rc = inflate(zlib, Z_NO_FLUSH);
        unpacking->out->size += INFLATE_STEP - zlib->avail_out;
        unpacking->ended = rc == Z_STREAM_END;
        if (unpacking->out->size > unpacking->most)
            return too_much(unpacking, err);
        if (zlib->avail_in == 0 && zlib->avail_out > 0)
            break;
    }
    if (rc == Z_MEM_ERROR)
        return error_no_memory(err);
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        return error_set(err, LEDE_CORRUPT, "its compressed body is damaged");
    return LEDE_OK;
}

static enum lede_status put_piece(struct unpacking *unpacking, struct slice piece,
                                  struct lede_error *err)
{
    if (unpacking->compressed)
        return inflate_piece(unpacking, piece, err);
    if (piece.size > unpacking->most - unpacking->out->size)
        return too_much(unpacking, err);
    buffer_put(unpacking->out, piece.data, piece.size);
    return unpacking->out->failed ? error_no_memory(err) : LEDE_OK;
}

/* A chunk's size, in hexadecimal digits, and what may stand behind them on the line; false: none.
 */
static bool take_chunk_size(struct slice *rest, size_t *size)
{
    struct slice line;
    size_t digits = 0;

    *size = 0;
    if (!take_line(rest, &line))
        return false;
    for (; digits < line.size && digits < 9; digits++) {
        uint8_t c = line.data[digits] | 0x20;

        if (c >= '0' && c <= '9')
            *size = *size << 4 | (size_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            *size = *size << 4 | (size_t)(c - 'a' + 10);
        else
            break;
    }
    return digits > 0 && digits < 9 &&
           (digits == line.size || line.data[digits] == ';' || byte_is_blank(line.data[digits]));
}

static enum lede_status bad_chunk(struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT, "a chunk of its body is cut short or damaged");
}

/* The next chunk without what surrounds it; empty: the last one. */
static enum lede_status take_chunk(struct slice *rest, struct slice *chunk, struct lede_error *err)
{
    struct slice line;
    size_t size;

    if (!take_chunk_size(rest, &size) || size > rest->size)
        return bad_chunk(err);
    *chunk = slice_of(rest->data, size);
    *rest = slice_of(rest->data + size, rest->size - size);
    if (size > 0 && (!take_line(rest, &line) || line.size > 0))
        return bad_chunk(err);
    return LEDE_OK;
}

static enum lede_status put_chunks(struct unpacking *unpacking, struct slice body,
                                   struct lede_error *err)
{
    struct slice chunk = {NULL, 0};
    enum lede_status status;

    do {
        status = take_chunk(&body, &chunk, err);
        if (status == LEDE_OK)
            status = put_piece(unpacking, chunk, err);
    } while (status == LEDE_OK && chunk.size > 0);
    return status;
}

static bool is_chunked(struct slice head, struct slice body)
{
    size_t size;

    return http_is(http_field(head, "Transfer-Encoding"), "chunked") &&
           take_chunk_size(&body, &size);
}

/* The bytes that a compressed body begins with: gzip's mark, or zlib's (RFC 1950, 2.2). */
static bool looks_compressed(struct slice bytes)
{
    if (bytes.size < 2)
        return false;
    return (bytes.data[0] == 0x1f && bytes.data[1] == 0x8b) ||
           ((bytes.data[0] & 0x0f) == 8 && (bytes.data[0] << 8 | bytes.data[1]) % 31 == 0);
}

/* Where the body's own bytes begin: in the first chunk, if there are any. */
static struct slice first_bytes(struct slice body, bool chunked)
{
    size_t size;

    if (chunked && take_chunk_size(&body, &size) && size < body.size)
        body.size = size;
    return body;
}

/* Whether the body is to be inflated. LEDE_CORRUPT: it is compressed in another way. */
static enum lede_status find_encoding(struct slice head, struct slice first, bool *compressed,
                                      struct lede_error *err)
{
    struct slice encoding = http_field(head, "Content-Encoding");

    *compressed = false;
    if (encoding.size == 0 || http_is(encoding, "identity") || first.size == 0)
        return LEDE_OK;
    if (!http_is(encoding, "gzip") && !http_is(encoding, "x-gzip") && !http_is(encoding, "deflate"))
        return error_set(err, LEDE_CORRUPT,
                         "its body is compressed in a way that is not read: %.*s",
                         encoding.size < 40 ? (int)encoding.size : 40, (const char *)encoding.data);
    *compressed = looks_compressed(first);
    return LEDE_OK;
}

static enum lede_status unpack(struct unpacking *unpacking, struct slice body, bool chunked,
                               struct lede_error *err)
{
    enum lede_status status =
        chunked ? put_chunks(unpacking, body, err) : put_piece(unpacking, body, err);

    if (status == LEDE_OK && unpacking->compressed && !unpacking->ended)
        return error_set(err, LEDE_CORRUPT, "its compressed body is cut short");
    return status;
}

enum lede_status http_body(struct slice head, struct slice body, size_t most, struct buffer *out,
                           struct slice *decoded, struct lede_error *err)
{
    struct unpacking unpacking = {.out = out, .most = most};
    bool chunked = is_chunked(head, body);
    enum lede_status status =
        find_encoding(head, first_bytes(body, chunked), &unpacking.compressed, err);

    if (status != LEDE_OK)
        return status;
    *decoded = body;
    if (!chunked && !unpacking.compressed)
        return LEDE_OK;
    buffer_clear(out);
    /* 32: gzip and zlib are told from each other by how they begin. */
    if (unpacking.compressed && inflateInit2(&unpacking.zlib, 15 + 32) != Z_OK)
        return error_no_memory(err);
    status = unpack(&unpacking, body, chunked, err);
    if (unpacking.compressed)
        (void)inflateEnd(&unpacking.zlib);
    *decoded = buffer_bytes(out);
    return status;
}
