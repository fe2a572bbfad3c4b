#include <assert.h>

#include "index/pack_kernels.h"
#include "index/posting.h"

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

size_t posting_block_encode(const uint32_t *documents, const uint32_t *frequencies, uint32_t n,
                            bool has_before, doc_id before, uint8_t *out)
{
    doc_id first = has_before ? before + 1 : 0, next = first;
    uint32_t values[BLOCK_DOCS];
    size_t size, bytes;

    assert(n >= 1 && n <= BLOCK_DOCS);
    for (uint32_t i = 0; i < n; i++) {
        values[i] = documents[i] - next;
        next = documents[i] + 1;
    }
    size = pack_encode(values, n, out);
    bytes = ((size_t)span_of(has_before, before, documents[n - 1]) + 7) / 8;
    if (1 + bytes < size) {
        put_bitset(documents, n, first, bytes, out);
        size = 1 + bytes;
    }
    for (uint32_t i = 0; i < n; i++)
        values[i] = frequencies[i] - 1;
    return size + pack_encode(values, n, out + size);
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
    for (uint32_t i = 0; i < TAIL; i++)
        documents[n + i] = DOC_END;
    return used;
}
