#include "base/lanes.h"

#define SET(mask, bit)        (((mask) >> (bit)) & 1)
#define RANK(byte, set_below) ((uint64_t)(set_below) << 8 * (byte))

/* n: how many are set among the lower four. */
#define HIGH_RANKS(m, n)                                                                           \
    (RANK(4, n) | RANK(5, (n) + SET(m, 4)) | RANK(6, (n) + SET(m, 4) + SET(m, 5)) |                \
     RANK(7, (n) + SET(m, 4) + SET(m, 5) + SET(m, 6)))
#define RANKS(m)                                                                                   \
    (RANK(1, SET(m, 0)) | RANK(2, SET(m, 0) + SET(m, 1)) |                                         \
     RANK(3, SET(m, 0) + SET(m, 1) + SET(m, 2)) |                                                  \
     HIGH_RANKS(m, SET(m, 0) + SET(m, 1) + SET(m, 2) + SET(m, 3)))
#define RANKS_4(m)  RANKS(m), RANKS((m) + 1), RANKS((m) + 2), RANKS((m) + 3)
#define RANKS_16(m) RANKS_4(m), RANKS_4((m) + 4), RANKS_4((m) + 8), RANKS_4((m) + 12)
#define RANKS_64(m) RANKS_16(m), RANKS_16((m) + 16), RANKS_16((m) + 32), RANKS_16((m) + 48)

const uint64_t LANE_RANKS[256] = {RANKS_64(0), RANKS_64(64), RANKS_64(128), RANKS_64(192)};
