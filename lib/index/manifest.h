/* manifest.h -- what an index consists of: one value in table `meta`, key "manifest".
 *
 *     u32  checksum of everything behind the version (checksum.h; the version seeds it)
 *     u32  format version        (read first: another version is LEDE_INCOMPATIBLE, not damage)
 *     u64  generation            one more at every commit
 *     u32  next segment          numbers below were used, committed or not
 *     u8   flags                 1 no positions, 2 texts not kept, 4 no stemming, 8 keyword fields,
 *                                16 amounts, 32 fields that came later, 64 small digits, 128 small
 *                                records
 *     u8   with flag 128: more   0; with any other one the index is LEDE_INCOMPATIBLE, so that
 *                                formats can be added to
 *     varint size and bytes of: analyzer fingerprint; default language code; stop words; with flag
 *                               8: names of the keyword fields (keyword_names.h), not none
 *     u64  k1, u64 b             bits of the doubles; what bounds are computed with
 *     varint segments, and for each, in document order (older first):
 *       u32    number
 *       varint documents, counted (those with a term), deleted, tokens (sum of exact lengths)
 *       u8     shortest, u8 longest   length codes among the counted
 *       u64    average                bits of the double that its bounds were computed with
 *       varint dictionary pages, terms, postings, positions
 *       varint size of each stream, STREAM_COUNT of them
 *       varint languages; for each, rising: varint language id, varint documents (> 0)
 *       with flag 32: varint keyword fields of which it has no terms, as they were declared when it
 *                     was there; for each, rising: u8 place of its name
 *       with flag 128: u8 1 if its small streams are in pieces (bundle.h) and its deletions have
 *                     records as long as they need to be (deletion.h), else 0
 * Stop words are a word a line. An index without segments is 41 bytes: see test_manifest.c.
 * The value grows with the number of segments only. */
#ifndef LEDE_INDEX_MANIFEST_H
#define LEDE_INDEX_MANIFEST_H

#include "base/buffer.h"
#include "base/error.h"
#include "index/format.h"
#include "index/keyword_names.h"

enum {
    MANIFEST_NO_POSITIONS = 1,
    MANIFEST_NO_STORE = 2,
    MANIFEST_NO_STEM = 4,
    MANIFEST_KEYWORDS = 8,       /* written exactly if there are names */
    MANIFEST_AMOUNTS = 16,       /* terms of FIELD_AMOUNT, of all that have them */
    MANIFEST_LATER = 32,         /* written exactly if a segment lacks keyword fields */
    MANIFEST_SMALL_DIGITS = 64,  /* variants of runs with small digits, of all that have them */
    MANIFEST_SMALL_RECORDS = 128 /* written exactly if a segment has them */
};
enum { LANGUAGES_MAX = 256 };

struct segment_info {
    uint32_t number;
    doc_id documents; /* numbered 0 .. documents - 1, deleted ones included */
    uint32_t counted; /* with at least one term: what N sums */
    uint32_t deleted;
    uint64_t tokens;           /* sum of exact lengths, deleted ones included */
    uint8_t shortest, longest; /* length codes of the counted; 0 if there are none */
    double average;            /* that the bounds were computed with */
    uint64_t dictionary_pages, terms, postings, positions;
    uint64_t stream_sizes[STREAM_COUNT];
    uint32_t languages[LANGUAGES_MAX]; /* documents by language id */
    struct keyword_set lacks;          /* keyword fields whose terms it has not */
    bool small_records;                /* as all that are written now */
};

struct manifest {
    uint64_t generation;
    uint32_t next_segment;
    uint8_t flags;
    struct buffer fingerprint, language, stopwords;
    struct buffer keywords; /* names of the keyword fields: keyword_names.h */
    double k1, b;
    struct segment_info *segments;
    size_t segment_count;
};

void manifest_init(struct manifest *manifest); /* an empty index, k1 1.2, b 0.75 */
void manifest_done(struct manifest *manifest);

/* Appends; memory that runs out shows in out->failed. */
void manifest_encode(const struct manifest *manifest, struct buffer *out);
/* Every number is checked for range and against the others (deleted <= documents, ...).
 * LEDE_INCOMPATIBLE: another format version, a flag that is not known; LEDE_CORRUPT. *manifest is
 * written like new, it must hold nothing; on failure it is empty. */
enum lede_status manifest_decode(struct slice value, struct manifest *manifest,
                                 struct lede_error *err);
/* *to like new, as by manifest_decode. */
enum lede_status manifest_copy(const struct manifest *from, struct manifest *to,
                               struct lede_error *err);
/* All segments lack the keyword fields whose names stand in this place or behind it. */
void manifest_lack(struct manifest *manifest, size_t place);
/* How many live articles are in segments that lack the keyword field in this place. */
uint64_t manifest_lacking(const struct manifest *manifest, size_t place);
/* Appends a segment, which is copied. */
enum lede_status manifest_add(struct manifest *manifest, const struct segment_info *info,
                              struct lede_error *err);

#endif
