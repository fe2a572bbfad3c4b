/* checksum.h -- the low 32 bits of XXH3-64, seeded with where the bytes belong.
 *
 * The seed is XXH3-64 of: format version u32 LE, table letter ('m', 'd', 'e' or 'x' for
 * meta, dict, extent, deleted), the record's LMDB key. A page that is copied or swapped to
 * another key fails, therefore, and so does one of another format version. */
#ifndef LEDE_INDEX_CHECKSUM_H
#define LEDE_INDEX_CHECKSUM_H

#include "base/bytes.h"

uint64_t checksum_seed(char table, const void *key, size_t key_size);
uint32_t checksum_of(uint64_t seed, const void *data, size_t size);

#endif
