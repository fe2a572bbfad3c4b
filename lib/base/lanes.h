/* lanes.h -- spreading values that are packed to the lanes that a mask names, by permutation.
 *
 * Byte j of LANE_RANKS[mask] is how many of the bits below bit j are set in mask: the place of lane
 * j's value among those that are there, if bit j is set. For mask 0x29 (bits 0, 3 and 5) that is 00
 * 01 01 01 02 02 03 03. The instructions that expand take three times as long on some processors.
 */
#ifndef LEDE_BASE_LANES_H
#define LEDE_BASE_LANES_H

#include <stdint.h>

extern const uint64_t LANE_RANKS[256];

#endif
