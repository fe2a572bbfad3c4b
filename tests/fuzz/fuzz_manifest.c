/* fuzz_manifest.c -- manifest_decode over arbitrary bytes, sealed as if they were whole. What it
 * takes, it must write again as something that it takes. */
#include <stdlib.h>

#include "index/checksum.h"
#include "index/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *value, size_t size)
{
    struct manifest manifest, again;
    struct buffer out;

    if (manifest_decode(slice_of(value, size), &manifest, NULL) != LEDE_OK)
        return;
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    if (out.failed || manifest_decode(buffer_bytes(&out), &again, NULL) != LEDE_OK ||
        again.segment_count != manifest.segment_count)
        abort();
    manifest_done(&again);
    manifest_done(&manifest);
    buffer_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *value = malloc(size + 8);

    if (!value)
        return 0;
    if (size > 0)
        memcpy(value + 8, data, size);
    store_le32(value + 4, FORMAT_VERSION);
    store_le32(value, checksum_of(checksum_seed('m', "manifest", 8), value + 8, size));
    check(value, size + 8);
    free(value);
    return 0;
}
