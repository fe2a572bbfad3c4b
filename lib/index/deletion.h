/* deletion.h -- which documents of a segment are deleted.
 *
 * Table `deleted`: key segment u32 BE, chunk u32 BE; only chunks with a deletion are there. Value:
 *     u32 checksum of the rest (checksum.h), u32 deleted documents in the chunk, u64 0
 *     DELETION_CHUNK / 8 bytes: bit d % 8 of byte d / 8 set for document d of the chunk
 * which fits one overflow page. Replaced by the transaction that flips the manifest, never else. */
#ifndef LEDE_INDEX_DELETION_H
#define LEDE_INDEX_DELETION_H

#include "index/extent.h"

enum {
    DELETION_CHUNK = 7 * WINDOW_DOCS, /* documents */
    DELETION_HEADER = 16,
    DELETION_SIZE = DELETION_HEADER + DELETION_CHUNK / 8, /* 3,600 */
    DELETION_KEY_SIZE = 8
};

void deletion_key(uint8_t key[DELETION_KEY_SIZE], uint32_t segment, uint32_t chunk);
/* Sets checksum and count of value for its key. */
void deletion_seal(uint8_t value[DELETION_SIZE], uint32_t segment, uint32_t chunk);
enum lede_status deletion_check(struct slice value, uint32_t segment, uint32_t chunk,
                                struct lede_error *err);

static inline bool deletion_has(const uint8_t *value, doc_id document)
{
    uint32_t place = document % DELETION_CHUNK;

    return value[DELETION_HEADER + place / 8] >> (place % 8) & 1;
}

#endif
