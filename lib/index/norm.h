/* norm.h -- an article's length in a byte, and what one occurrence is worth at that length.
 *
 * The length code is Lucene's SmallFloat.intToByte4: exact below 40, then four significant
 * bits, so that scores compare with Lucene's digit by digit. Rising lengths have rising codes.
 * Length 41 has code 40, and lengths over 2^31 - 1 the last, 255: see test_norm.c.
 *
 * STREAM_NORMS holds a code per document. Windows of WINDOW_DOCS never cross an extent: window w
 * is at logical offset norm_window_offset(w); the last one is cut at the segment's end. */
#ifndef LEDE_INDEX_NORM_H
#define LEDE_INDEX_NORM_H

#include "index/extent.h"

uint8_t norm_encode(uint32_t length);
uint32_t norm_decode(uint8_t code); /* the smallest length with this code */

enum { NORM_WINDOWS = EXTENT_CAPACITY / WINDOW_DOCS }; /* whole windows in an extent: 255 */

static inline uint64_t norm_window_offset(uint32_t window)
{
    return (uint64_t)(window / NORM_WINDOWS) * EXTENT_CAPACITY +
           (uint64_t)(window % NORM_WINDOWS) * WINDOW_DOCS;
}

/* Writes the codes of a segment's documents as the stream's whole content. Returns its status. */
enum lede_status norm_write(struct stream_writer *norms, const uint8_t *codes, uint32_t documents);

/* The codes of a window's documents, in the map, checked; NULL: *err. The window must have some. */
const uint8_t *norm_window(struct stream *norms, uint32_t window, uint32_t documents,
                           struct lede_error *err);

#endif
