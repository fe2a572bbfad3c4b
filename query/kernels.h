/* kernels.h -- the inner loops of scoring: many postings at once, the same bits on every machine.
 *
 * Each gives exactly what bm25_contribution and plain loops give, whatever vectors it uses
 * (cpu.h); tests hold them to that. Nothing here allocates or fails; all of it is thread-safe. */
#ifndef LEDE_QUERY_KERNELS_H
#define LEDE_QUERY_KERNELS_H

#include "bm25.h"
#include "window.h"

/* For count (at most BLOCK_DOCS) postings, documents rising and within the window: adds to
 * sums[documents[i] - base] the contribution of frequencies[i]. Up to 16 more of documents and
 * frequencies may be read (not used). */
void kernel_score(float weight, const float inverse[256], const uint32_t *documents,
                  const uint32_t *frequencies, uint32_t count, const struct window *window,
                  double *sums);

/* Sets the bits of the places whose sum is above limit (>= 0); clears the others. */
void kernel_above(const double sums[WINDOW_DOCS], double limit, uint64_t bits[WINDOW_WORDS]);

#endif
