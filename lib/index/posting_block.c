#include <assert.h>

#include "index/pack_kernels.h"
#include "index/posting.h"
#include "index/posting_internal.h"

enum { CODE_BITSET = 0x40, TAIL = 16 };

/* Documents that can be: from the one behind `before` up to last. */
static uint32_t span_of(bool has_before, doc_id before, doc_id last)
{
    return has_before ? last - before : last + 1;
}

static void put_bitset(const uint32_t *documents, uint32_t n, doc_id first, size_t bytes,
                       uint8_t *out)
{
    *out++ = CODE_BITSET;
    memset(out, 0, bytes);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bit = documents[i] - first;

        out[bit / 8] |= (uint8_t)(1 << bit % 8);
    }
}

static void put_gaps(const uint32_t *documents, uint32_t n, doc_id next, uint32_t *gaps)
{
    for (uint32_t i = 0; i < n; i++) {
        gaps[i] = documents[i] - next;
        next = documents[i] + 1;
    }
}

static size_t frequencies_encode(const uint32_t *frequencies, uint32_t n, uint8_t *out)
{
    uint32_t values[BLOCK_DOCS];

    for (uint32_t i = 0; i < n; i++)
        values[i] = frequencies[i] - 1;
    return pack_encode(values, n, out);
}

size_t posting_block_encode(const uint32_t *documents, const uint32_t *frequencies, uint32_t n,
                            bool has_before, doc_id before, uint8_t *out)
{
    doc_id first = has_before ? before + 1 : 0;
    uint32_t gaps[BLOCK_DOCS];
    size_t size, bytes;

    assert(n >= 1 && n <= BLOCK_DOCS);
    put_gaps(documents, n, first, gaps);
    size = pack_encode(gaps, n, out);
    bytes = ((size_t)span_of(has_before, before, documents[n - 1]) + 7) / 8;
    if (1 + bytes < size) {
        put_bitset(documents, n, first, bytes, out);
        size = 1 + bytes;
    }
    return size + frequencies_encode(frequencies, n, out + size);
}

size_t posting_single_encode(const uint32_t *documents, const uint32_t *frequencies, uint32_t n,
                             uint8_t *out)
{
    uint32_t gaps[BLOCK_DOCS];
    size_t size;

    assert(n >= 1 && n <= BLOCK_DOCS);
    put_gaps(documents, n, 0, gaps);
    size = pack_encode(gaps, n, out);
    return size + frequencies_encode(frequencies, n, out + size);
}

static size_t decode_bitset(const uint8_t *in, size_t size, uint32_t n, doc_id first, uint32_t span,
                            uint32_t *documents)
{
    size_t bytes = ((size_t)span + 7) / 8;

    if (in[0] != CODE_BITSET || 1 + bytes > size || (span % 8 != 0 && in[bytes] >> span % 8 != 0) ||
        !pack_kernels()->expand(in + 1, span, first, n, documents))
        return 0;
    return 1 + bytes;
}

/* The set ones of the first span bits, behind which others may follow. */
static uint32_t count_bits(const uint8_t *bits, uint32_t span)
{
    uint32_t count = 0, at = 0;

    for (; at + 64 <= span; at += 64)
        count += bits_in(load_le64(bits + at / 8));
    if (at < span)
        count += bits_in(load_le64(bits + at / 8) << (64 - (span - at)));
    return count;
}

const uint8_t *posting_block_bitset(const uint8_t *in, size_t size, uint32_t n, bool has_before,
                                    doc_id before, doc_id last, size_t *used)
{
    uint32_t span = span_of(has_before, before, last);
    size_t bytes = ((size_t)span + 7) / 8;

    if (size == 0 || in[0] != CODE_BITSET || last == DOC_END || (has_before && last <= before) ||
        1 + bytes > size || in[bytes] >> (span - 1) % 8 != 1 || count_bits(in + 1, span) != n)
        return NULL;
    *used = 1 + bytes;
    return in + 1;
}

static void put_tail(uint32_t *documents)
{
    for (uint32_t i = 0; i < TAIL; i++)
        documents[i] = DOC_END;
}

size_t posting_block_decode(const uint8_t *in, size_t size, uint32_t n, bool has_before,
                            doc_id before, doc_id last, uint32_t *documents)
{
    doc_id first = has_before ? before + 1 : 0;
    size_t used;

    if (size == 0 || n == 0 || n > BLOCK_DOCS || last == DOC_END || (has_before && last <= before))
        return 0;
    if (in[0] & CODE_BITSET)
        used = decode_bitset(in, size, n, first, span_of(has_before, before, last), documents);
    else
        used = pack_decode_rising(in, size, n, first - 1, documents);
    if (used == 0 || documents[n - 1] != last)
        return 0;
    put_tail(documents + n);
    return used;
}

size_t posting_single_decode(const uint8_t *in, size_t size, uint32_t n, uint32_t *documents)
{
    size_t used = pack_decode_rising(in, size, n, UINT32_MAX, documents);

    if (used > 0)
        put_tail(documents + n);
    return used;
}
