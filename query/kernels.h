/* kernels.h -- the inner loops of scoring: many postings at once, the same bits on every machine.
 *
 * Each gives exactly what bm25_contribution and plain loops give, whatever vectors it uses
 * (cpu.h); tests hold them to that. Nothing here allocates or fails; all of it is thread-safe. */
#ifndef LEDE_QUERY_KERNELS_H
#define LEDE_QUERY_KERNELS_H

#include "bm25.h"
#include "window.h"

/* The postings of a block that are in a window: as documents, or as bits. Up to 16 more documents
 * and frequencies, 15 more norms of the window and 8 more bytes of bits may be read (not used). */
struct postings_part {
    const uint32_t *documents;   /* rising; NULL: they are bits */
    const uint32_t *frequencies; /* of each document */
    uint32_t count;              /* documents, at most BLOCK_DOCS; or bits */
    const uint8_t *bits;         /* bit number from is the document at place, and so on */
    uint32_t from, place;
};

/* What a posting is worth: bm25_contribution of this weight, and 1 / K by length code. */
struct kernel_weight {
    float weight;
    const float *inverse; /* 256 */
};

enum { SUMS_ROOM = WINDOW_DOCS + 16 }; /* sums of a window; nothing is added to the last 16 */

/* 1 / K of each document of the window: for window->inverses, where several words are frequent. */
void kernel_inverses(const float inverse[256], const struct window *window, float out[SUMS_ROOM]);

/* True if bits are scored faster than documents on this machine; if not they cannot be. */
bool kernel_takes_bits(void);

/* Adds to sums, by place, what each posting is worth. */
void kernel_score(const struct kernel_weight *weight, const struct postings_part *part,
                  const struct window *window, double sums[SUMS_ROOM]);

/* For each posting that is worth more than limit: sets its bit and its sum. */
void kernel_pick(const struct kernel_weight *weight, const struct postings_part *part,
                 const struct window *window, double limit, uint64_t bits[WINDOW_WORDS],
                 double sums[SUMS_ROOM]);

/* For each place of the window with a frequency in tfs: adds to sums what it is worth, sets its bit
 * in found, and makes the frequency 0. */
void kernel_score_counted(const struct kernel_weight *weight, const struct window *window,
                          uint32_t tfs[WINDOW_DOCS], double sums[SUMS_ROOM],
                          uint64_t found[WINDOW_WORDS]);

/* Sets the bit of each place whose flag is 1 (the others are 0), and clears the flags. */
void kernel_take_flags(uint8_t flags[WINDOW_DOCS], uint64_t bits[WINDOW_WORDS]);

/* Sets the bits of the places whose sum is above limit (>= 0); clears the others, and the sums of
 * every 64 places of which none is. */
void kernel_above(double sums[SUMS_ROOM], double limit, uint64_t bits[WINDOW_WORDS]);

/* Clears the bits of the places whose sum is not above limit; the sums stay. */
void kernel_keep(const double sums[SUMS_ROOM], double limit, uint64_t bits[WINDOW_WORDS]);

/* Makes the sums of those 64 places 0 that have a word of bits which is not. */
void kernel_clear(double sums[SUMS_ROOM], const uint64_t bits[WINDOW_WORDS]);

#endif
