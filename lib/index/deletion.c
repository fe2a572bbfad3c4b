#include "index/deletion.h"

#include "index/checksum.h"

_Static_assert(DELETION_CHUNK % 64 == 0, "bits are counted in words");
_Static_assert((int)DELETION_SIZE <= (int)PAGE_SIZE - (int)PAGE_HEADER, "a value fits its page");

void deletion_key(uint8_t key[DELETION_KEY_SIZE], uint32_t segment, uint32_t chunk)
{
    store_be32(key, segment);
    store_be32(key + 4, chunk);
}

size_t deletion_size(const struct segment_info *info, uint32_t chunk)
{
    uint64_t first = (uint64_t)chunk * DELETION_CHUNK, left = info->documents - first;

    if (!info->small_records || left >= DELETION_CHUNK)
        return DELETION_SIZE;
    return DELETION_HEADER + (size_t)(left + WINDOW_DOCS - 1) / WINDOW_DOCS * (WINDOW_DOCS / 8);
}

static uint32_t count_bits(const uint8_t *value, size_t size)
{
    uint32_t count = 0;

    for (size_t at = DELETION_HEADER; at < size; at += 8)
        count += (uint32_t)__builtin_popcountll(load_le64(value + at));
    return count;
}

static uint32_t checksum(const uint8_t *value, size_t size, uint32_t segment, uint32_t chunk)
{
    uint8_t key[DELETION_KEY_SIZE];

    deletion_key(key, segment, chunk);
    return checksum_of(checksum_seed('x', key, sizeof key), value + 4, size - 4);
}

void deletion_seal(uint8_t *value, size_t size, uint32_t segment, uint32_t chunk)
{
    store_le32(value + 4, count_bits(value, size));
    store_le64(value + 8, 0);
    store_le32(value, checksum(value, size, segment, chunk));
}

enum lede_status deletion_check(struct slice value, size_t size, uint32_t segment, uint32_t chunk,
                                struct lede_error *err)
{
    const char *fault = NULL;

    if (value.size != size)
        fault = "another size";
    else if (load_le32(value.data) != checksum(value.data, size, segment, chunk))
        fault = "a wrong checksum";
    else if (load_le32(value.data + 4) != count_bits(value.data, size) ||
             load_le64(value.data + 8) != 0)
        fault = "a wrong count";
    if (!fault)
        return LEDE_OK;
    return error_set(err, LEDE_CORRUPT,
                     "index damaged: deletions %u of segment %u have %s; run lede-index verify",
                     chunk, segment, fault);
}
