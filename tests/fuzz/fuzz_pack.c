/* Any bytes decode within their bounds, to the same on every level; values come back from packs.
 *
 * Input: u8 count, u8 what to do, u32 the value before, then the bytes of a pack. */
#include <stdlib.h>

#include "index/pack.h"
#include "index/pack_kernels.h"
#include "index/posting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t decode(const uint8_t *pack, size_t size, size_t n, uint32_t before, unsigned what,
                     uint32_t *out)
{
    switch (what % 4) {
    case 0:
        return pack_decode(pack, size, n, out);
    case 1:
        return pack_decode_counts(pack, size, n, out);
    case 2:
        return pack_decode_rising(pack, size, n, before, out);
    default:
        return posting_block_decode(pack, size, (uint32_t)n, before != UINT32_MAX, before,
                                    before + 1 + (uint32_t)size, out);
    }
}

static void decode_everywhere(const uint8_t *pack, size_t size, size_t n, uint32_t before,
                              unsigned what)
{
    uint32_t *out = malloc(PACK_ROOM * sizeof *out), first[PACK_ROOM];
    size_t used = 0;

    for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
        size_t again;

        pack_kernels_use((enum cpu_level)level);
        again = decode(pack, size, n, before, what, out);
        if (level == CPU_PORTABLE) {
            used = again;
            memcpy(first, out, sizeof first);
        }
        if (again != used || used > size || (used && memcmp(first, out, n * sizeof *out) != 0))
            abort();
        for (size_t i = 1; used && what % 4 >= 2 && i < n; i++)
            if (out[i] <= out[i - 1])
                abort();
    }
    if (what % 4 < 2 && used && used != pack_size(pack, size, n))
        abort();
    free(out);
}

static void round_trip(const uint8_t *data, size_t size)
{
    uint8_t pack[PACK_SIZE_MAX + PACK_OVERRUN];
    uint32_t values[BLOCK_DOCS], out[PACK_ROOM];
    size_t n = size / 4 < BLOCK_DOCS ? size / 4 : BLOCK_DOCS, packed;

    if (n == 0)
        return;
    memcpy(values, data, 4 * n);
    packed = pack_encode(values, n, pack);
    if (packed > PACK_SIZE_MAX || pack_decode(pack, packed, n, out) != packed ||
        memcmp(values, out, 4 * n) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *pack;

    if (size < 6)
        return 0;
    pack = calloc(1, size - 6 + PACK_OVERRUN); /* exactly what may be read */
    if (!pack)
        return 0;
    memcpy(pack, data + 6, size - 6);
    decode_everywhere(pack, size - 6, data[0], load_le32(data + 2), data[1]);
    round_trip(data + 6, size - 6);
    free(pack);
    return 0;
}
