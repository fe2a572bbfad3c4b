#include <criterion/criterion.h>

#include "base/lanes.h"

Test(lanes, a_rank_is_how_many_are_set_below)
{
    cr_expect_eq(LANE_RANKS[0x29], 0x0303020201010100);
    for (unsigned mask = 0; mask < 256; mask++)
        for (unsigned lane = 0; lane < 8; lane++)
            cr_assert_eq(LANE_RANKS[mask] >> 8 * lane & 0xff,
                         (unsigned)__builtin_popcount(mask & ((1U << lane) - 1)));
}
