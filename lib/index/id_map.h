/* id_map.h -- from external id to documents of a segment.
 *
 * A map keeps the upper ID_KEY_BITS bits of the hash of each id, its key, in STREAM_IDS, which are
 * u32s, one after the other (no extent splits one). With d bits for the last document and b = d - 4
 * (at least 0) for buckets:
 *     u32[2^b]        where each bucket ends: the records of it and of those before it. The upper b
 *                     bits of a key are its bucket, which has 8 to 16 records if the hash is fair
 *     u32[documents]  a record each: the rest of the key times 2^d, plus the document; rising
 * within a bucket A key only nominates: the caller confirms by the stored id (name.h) and asks
 * whether the document is live. Of a million other ids one in 270 is nominated for a lookup.
 *
 * The id `news/1` of document 0, alone in its segment, is 01 00 00 00  1e 7e 9f 06 (its hash begins
 * with the hexadecimal digits 69f7e1e): see test_id_map.c. */
#ifndef LEDE_INDEX_ID_MAP_H
#define LEDE_INDEX_ID_MAP_H

#include "index/extent.h"

enum { ID_KEY_BITS = 28 };

struct id_entry {
    uint32_t key;
    doc_id document;
};

uint64_t id_hash(struct slice id); /* XXH3-64, unseeded */
uint32_t id_key(uint64_t hash);

/* The logical size of the stream. */
uint64_t id_map_size(doc_id documents);

/* Sorts entries in place by key, then document, without further memory, and writes them. The stream
 * is the caller's to finish. Each document below count has one entry: else it is our own mistake,
 * LEDE_CORRUPT where it is noticed. */
enum lede_status id_map_write(struct stream_writer *ids, struct id_entry *entries, doc_id count,
                              struct lede_error *err);

/* Calls found for each document (< documents) of the key, rising, until it returns false; none is
 * no error. A look at two places, the bucket and in it, whatever the size; ids that were chosen to
 * share a bucket cost the halving of it. A bucket or a document that cannot be is LEDE_CORRUPT.
 * Thread-safe. */
enum lede_status id_map_find(struct stream *ids, doc_id documents, uint32_t key,
                             bool (*found)(void *context, doc_id document), void *context,
                             struct lede_error *err);

/* Walks a map by rising key, then document. */
struct id_cursor {
    struct stream *ids;
    doc_id documents;
    doc_id place;         /* records read */
    uint32_t bucket, end; /* of the last one read, and where it ends */
    uint32_t record;      /* the last one read */
};

void id_cursor_init(struct id_cursor *cursor, struct stream *ids, doc_id documents);
/* LEDE_MISSING, err untouched, behind the last. What does not rise, or is no document, is
 * LEDE_CORRUPT. */
enum lede_status id_cursor_next(struct id_cursor *cursor, struct id_entry *entry,
                                struct lede_error *err);

#endif
