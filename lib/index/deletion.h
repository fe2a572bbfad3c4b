/* deletion.h -- which documents of a segment are deleted.
 *
 * Table `deleted`: key segment u32 BE, chunk u32 BE; only chunks with a deletion are there. Value:
 *     u32 checksum of the rest (checksum.h), u32 deleted documents in the chunk, u64 0
 *     DELETION_CHUNK / 8 bytes: bit d % 8 of byte d / 8 set for document d of the chunk
 * which fits one overflow page. Of a segment with small_records (manifest.h), there are only the
 * bytes of windows of WINDOW_DOCS documents that the segment has. Replaced by the transaction that
 * flips the manifest, never else. Document d of a segment is document d % DELETION_CHUNK of chunk d
 * / DELETION_CHUNK.
 *
 * Documents 0 and 9 deleted are, behind the checksum, the bytes 02 00 00 00, eight zeros, 01 02 and
 * zeros: see test_deletion.c. */
#ifndef LEDE_INDEX_DELETION_H
#define LEDE_INDEX_DELETION_H

#include "index/extent.h"
#include "index/manifest.h"

enum {
    DELETION_CHUNK = 7 * WINDOW_DOCS, /* documents */
    DELETION_HEADER = 16,
    DELETION_SIZE = DELETION_HEADER + DELETION_CHUNK / 8, /* 3,600, at most */
    DELETION_KEY_SIZE = 8
};

void deletion_key(uint8_t key[DELETION_KEY_SIZE], uint32_t segment, uint32_t chunk);
/* Bytes of the value of a chunk that the segment has. */
size_t deletion_size(const struct segment_info *info, uint32_t chunk);
/* Sets checksum and count of value for its key; the bits are the caller's. */
void deletion_seal(uint8_t *value, size_t size, uint32_t segment, uint32_t chunk);
/* What has to be checked once before deletion_has: size, checksum, count. LEDE_CORRUPT. */
enum lede_status deletion_check(struct slice value, size_t size, uint32_t segment, uint32_t chunk,
                                struct lede_error *err);

/* value: of the document's chunk, checked. */
static inline bool deletion_has(const uint8_t *value, doc_id document)
{
    uint32_t place = document % DELETION_CHUNK;

    return value[DELETION_HEADER + place / 8] >> (place % 8) & 1;
}

#endif
