/* id_map.h -- from external id to documents of a segment.
 *
 * STREAM_IDS: a record of 12 bytes per document, u64 XXH3-64 of its external id and u32 document,
 * sorted by both; record i is payload byte (i % ID_RECORDS) * 12 of extent i / ID_RECORDS. A hash
 * only nominates: the caller confirms by the stored id (name.h) and asks whether the document is
 * live.
 *
 * The id `news/1` of document 0 is the record 8d 18 45 08 ed e1 f7 69 00 00 00 00: see
 * test_id_map.c. */
#ifndef LEDE_INDEX_ID_MAP_H
#define LEDE_INDEX_ID_MAP_H

#include "index/extent.h"

enum { ID_RECORD = 12, ID_RECORDS = EXTENT_CAPACITY / ID_RECORD };

struct id_entry {
    uint64_t hash;
    doc_id document;
};

uint64_t id_hash(struct slice id);

/* Sorts entries in place, without further memory, and writes them. The stream is the caller's to
 * finish. Entries that are equal in both are our own mistake: LEDE_CORRUPT. */
enum lede_status id_map_write(struct stream_writer *ids, struct id_entry *entries, size_t count,
                              struct lede_error *err);

/* Calls found for each document (< documents) of the hash, rising, until it returns false; none is
 * no error. Interpolates, as hashes are uniform: a few probes whatever the size (Perl, Itai and
 * Avni, "Interpolation search", 1978), and never more than a binary search needs and a few. Records
 * out of order where it looks are LEDE_CORRUPT. Thread-safe. */
enum lede_status id_map_find(struct stream *ids, doc_id documents, uint64_t hash,
                             bool (*found)(void *context, doc_id document), void *context,
                             struct lede_error *err);

/* Reads record number place: for verify, which sees to the order. */
enum lede_status id_map_get(struct stream *ids, uint64_t place, struct id_entry *entry,
                            struct lede_error *err);

#endif
