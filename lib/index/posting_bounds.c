#include "index/posting_internal.h"

enum { RANK_MAX = 1000 }; /* the last PRIMED_RANK */

void posting_bounds_begin(struct posting_bounds *bounds, uint32_t df)
{
    memset(bounds->floors, 0, sizeof bounds->floors);
    bounds->limit = 0;
    bounds->least = 0;
    bounds->fresh = 0;
    bounds->df = df;
    bounds->list = 0;
}

/* Finds the floor that RANK_MAX postings reach. A floor of v needs a factor above v / 255. */
static void raise_least(struct posting_bounds *bounds)
{
    uint32_t reached = 0;
    unsigned floor = 256;

    while (floor > bounds->least && reached < RANK_MAX)
        reached += bounds->floors[--floor];
    bounds->fresh = 0;
    if (reached < RANK_MAX)
        return;
    bounds->least = floor;
    bounds->limit = (floor + 1) / 255.0;
}

static void count_floors(struct posting_bounds *bounds, const uint32_t *frequencies, uint32_t n)
{
    double limit = bounds->limit;

    for (uint32_t i = 0; i < n; i++) {
        double tf = frequencies[i], sum = tf + bounds->k[i];

        if (tf < limit * sum)
            continue;
        bounds->floors[bound_floor_of(tf / sum)]++;
        bounds->fresh++;
    }
    if (bounds->fresh >= RANK_MAX)
        raise_least(bounds);
}

uint8_t posting_bounds_block(struct posting_bounds *bounds, const uint32_t *frequencies, uint32_t n)
{
    double best = frequencies[0], best_k = bounds->k[0];
    uint8_t bound;

    for (uint32_t i = 1; i < n; i++) {
        double tf = frequencies[i], k = bounds->k[i];

        /* tf / (tf + k) is greater; rarely so, and a branch is quicker than a chain of choices. */
        if (__builtin_expect(tf * best_k > best * k, 0)) {
            best = tf;
            best_k = k;
        }
    }
    bound = bound_ceiling_of(best / (best + best_k));
    if (bound > bounds->list)
        bounds->list = bound;
    if (bounds->df >= PRIMED_RANK[0])
        count_floors(bounds, frequencies, n);
    return bound;
}

void posting_bounds_primed(const struct posting_bounds *bounds, uint8_t primed[PRIMED_COUNT])
{
    uint32_t at_least = 0;
    unsigned rank = 0;

    memset(primed, 0, PRIMED_COUNT);
    for (unsigned floor = 256; floor-- > bounds->least;) {
        at_least += bounds->floors[floor];
        while (rank < PRIMED_COUNT && at_least >= PRIMED_RANK[rank])
            primed[rank++] = (uint8_t)floor;
    }
}
