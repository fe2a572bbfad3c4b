#include "index/checksum.h"

#include <assert.h>
#include <xxhash.h>

#include "index/format.h"

enum { KEY_MAX = 511 }; /* LMDB's longest key */

uint64_t checksum_seed(char table, const void *key, size_t key_size)
{
    uint8_t place[5 + KEY_MAX];

    assert(key_size <= KEY_MAX);
    store_le32(place, FORMAT_VERSION);
    place[4] = (uint8_t)table;
    memcpy(place + 5, key, key_size);
    return XXH3_64bits(place, 5 + key_size);
}

uint32_t checksum_of(uint64_t seed, const void *data, size_t size)
{
    return (uint32_t)XXH3_64bits_withSeed(data, size, seed);
}
