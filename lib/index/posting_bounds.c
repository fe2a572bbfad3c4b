#include "index/posting_internal.h"

void posting_bounds_begin(struct posting_bounds *bounds, uint32_t df)
{
    memset(bounds->floors, 0, sizeof bounds->floors);
    bounds->df = df;
    bounds->list = 0;
}

uint8_t posting_bounds_block(struct posting_bounds *bounds, uint32_t n)
{
    double best = 0;
    uint8_t bound;

    for (uint32_t i = 0; i < n; i++)
        best = bounds->factors[i] > best ? bounds->factors[i] : best;
    if (bounds->df >= PRIMED_RANK[0])
        for (uint32_t i = 0; i < n; i++)
            bounds->floors[bound_floor_of(bounds->factors[i])]++;
    bound = bound_ceiling_of(best);
    if (bound > bounds->list)
        bounds->list = bound;
    return bound;
}

void posting_bounds_primed(const struct posting_bounds *bounds, uint8_t primed[PRIMED_COUNT])
{
    uint32_t at_least = 0;
    unsigned rank = 0;

    memset(primed, 0, PRIMED_COUNT);
    for (unsigned floor = 256; floor-- > 0;) {
        at_least += bounds->floors[floor];
        while (rank < PRIMED_COUNT && at_least >= PRIMED_RANK[rank])
            primed[rank++] = (uint8_t)floor;
    }
}
