/* posting.h -- one term's posting list: writing it, and walking it block by block.
 *
 * A list is documents rising, each with its frequency tf >= 1 and, if the index has them, tf
 * positions rising. There are two forms; df and the total of tf decide (posting_is_inline):
 *
 * Inline (df <= 8 and total tf <= 32): bytes inside the dictionary entry,
 *     varint  gap = document - previous document - 1   (previous of the first: -1)
 *     tf varints  if positions: the first position; then position - previous - 1
 *   for each posting. Where df and the total do not say every tf (posting_inline_has_tf), the
 *   first is 2 * gap if tf is 1; else 2 * gap + 1, and a varint tf - 2 follows. Documents 7 (tf 1,
 *   position 5) and 11 (tf 2, positions 3 and 4) are the bytes 0e 05 07 00 03 00: see
 *   test_posting.c.
 *
 * Blocked: BLOCK_DOCS postings a block, the rest in the last one. A list of one block (df <=
 * BLOCK_DOCS) has no headers: the dictionary says where its block and its positions begin.
 *   STREAM_POSTINGS, per block of n documents d[0..n), p the last document of the block before
 *   (-1 for the first):
 *     either a pack (pack.h) of d[i] - d[i-1] - 1, d[-1] being p
 *     or     u8 0x40 and ceil((d[n-1] - p) / 8) bytes: bit j set if p + 1 + j is one of them;
 *            the encoder takes whichever is smaller; a list of one block the pack
 *     then a pack of tf[i] - 1.
 *   A block never crosses an extent; one whose successor is in the next extent ends with the
 *   payload of its own.
 *   STREAM_POSITIONS, per block: its positions in order, the first of each document as it is, the
 *     others as position - previous - 1, cut into packs of BLOCK_DOCS values (the last of the
 *     block: what is left). A pack begins in the next extent if fewer than PACK_SIZE_MAX bytes are
 *     left in its own (stream_next).
 *   STREAM_SKIP, of lists of two blocks or more: chunks of header arrays, used in place. A chunk of
 * n blocks (1 to CHUNK_BLOCKS): u32  n u32  bit 0: the list's last chunk; bit 1: with positions u64
 * base: offset of its first block in STREAM_POSTINGS u64  position base: offset of its first pack
 * in STREAM_POSITIONS (0 without positions) u32[n]   last document of each block u32[n+1] offset of
 * each block minus base; [n] is where the last one ends u32[n]   offset of each block's first pack
 * minus position base     (only with positions) u8[n]    bound of each block (bound.h) u8[ceil(n /
 * GROUP_BLOCKS)]  bound of each group of blocks A chunk ends early when an offset would not fit.
 * The chunks of a list follow each other, each beginning in the next extent if fewer than
 * CHUNK_SIZE_MAX bytes are left in its own; the first one is where it fits.
 *
 * After Zobel and Moffat, "Inverted files for text search engines", 2006; Ding and Suel, "Faster
 * top-k document retrieval using block-max indexes", 2011. */
#ifndef LEDE_INDEX_POSTING_H
#define LEDE_INDEX_POSTING_H

#include "base/buffer.h"
#include "index/bound.h"
#include "index/extent.h"
#include "index/pack.h"

enum {
    INLINE_DF_MAX = 8,
    INLINE_TF_MAX = 32, /* total of an inline list */
    INLINE_SIZE_MAX = INLINE_DF_MAX * 10 + INLINE_TF_MAX * 5,
    POSTING_BLOCK_MAX = 2 * PACK_SIZE_MAX, /* bytes of a block */
    CHUNK_HEADER = 24,
    CHUNK_SIZE_MAX = CHUNK_HEADER + CHUNK_BLOCKS * 13 + 4 + CHUNK_BLOCKS / GROUP_BLOCKS,
    POSTING_TAIL = 16, /* values behind what is decoded, for vectors that run over */
    PRIMED_COUNT = 3   /* stored factors: of the 10th, 100th and 1,000th best posting */
};

static const uint32_t PRIMED_RANK[PRIMED_COUNT] = {10, 100, 1000};

/* What the dictionary keeps of a term. */
struct term_info {
    uint32_t df;                  /* postings; > 0 */
    uint64_t total_tf;            /* >= df */
    struct slice inlined;         /* the list's bytes, borrowed, if it is inline; else empty */
    uint64_t skip;                /* two blocks or more: offset of the first chunk; else 0 */
    uint64_t block, positions;    /* one block: its offset, and that of its first pack; else 0 */
    uint8_t bound;                /* of the whole list; 255 of an inline one */
    uint8_t primed[PRIMED_COUNT]; /* floor of the PRIMED_RANK-th best posting; 0 if df is less */
};

static inline bool posting_is_inline(uint32_t df, uint64_t total_tf)
{
    return df <= INLINE_DF_MAX && total_tf <= INLINE_TF_MAX;
}

/* Whether an inline list tells the frequencies: not one document's, nor if all are 1. */
static inline bool posting_inline_has_tf(uint32_t df, uint64_t total_tf)
{
    return df > 1 && total_tf > df;
}

/* Whether the list is one block, which has no headers. */
static inline bool posting_is_single(uint32_t df, uint64_t total_tf)
{
    return df <= BLOCK_DOCS && !posting_is_inline(df, total_tf);
}

/* ---- writing ---- */

/* Writes one list after the other into the three streams. Its memory is fixed: a block, a pack of
 * positions and the header arrays of a chunk (about 110 KiB). */
struct posting_writer;

struct posting_streams {                               /* borrowed by the writer */
    struct stream_writer *skip, *postings, *positions; /* positions NULL: the index has none */
    const uint8_t *norms; /* length code of every document of the segment */
    const struct bound_model *model;
};

enum lede_status posting_writer_new(const struct posting_streams *streams, struct account *account,
                                    struct posting_writer **out, struct lede_error *err);
void posting_writer_free(struct posting_writer *writer);

/* A list: begin with the df and total tf that will come, then add each document in rising order,
 * followed, if the index has positions, by exactly its tf positions in any number of pieces; then
 * end fills *info (its inlined bytes live until the next begin). A list that breaks the order or
 * its counts is our own mistake: LEDE_CORRUPT at the end. Failures are sticky until end reports
 * them. */
void posting_writer_begin(struct posting_writer *writer, uint32_t df, uint64_t total_tf);
void posting_writer_add(struct posting_writer *writer, doc_id document, uint32_t tf);
void posting_writer_positions(struct posting_writer *writer, const uint32_t *positions,
                              size_t count);
/* The same for count documents at a time: of each tf gaps, the positions that lie between an
 * occurrence and the one before; NULL in an index without. That the positions stay below 2^32 is
 * the caller's to see to. */
void posting_writer_postings(struct posting_writer *writer, const doc_id *documents,
                             const uint32_t *frequencies, uint32_t count, const uint32_t *gaps);
enum lede_status posting_writer_end(struct posting_writer *writer, struct term_info *info,
                                    struct lede_error *err);

/* ---- walking ---- */

struct posting_source {                         /* a segment's streams, borrowed */
    struct stream *skip, *postings, *positions; /* positions NULL: none */
    doc_id documents; /* in the segment; a list that names one beyond is damaged */
};

/* Walks a list forward, a block at a time: headers tell where to go, and only a block that is
 * wanted is decoded. Damage ends the list (last becomes DOC_END and count 0) and is kept in status:
 * who drives cursors reads every status before reporting a result. Whatever the bytes, documents
 * rise strictly from block to block and within one, and are below source->documents.
 * One thread a cursor. Large (about 1.9 KiB): keep them in an arena. */
struct posting_cursor {
    const struct posting_source *source;
    struct term_info info;
    enum lede_status status;
    struct lede_error error;

    /* The current block, by its headers. */
    doc_id first_after; /* its documents are > this one, if has_before */
    bool has_before;    /* false: it is the list's first block, first_after means nothing */
    doc_id last;        /* its last document; DOC_END: behind the list */
    uint8_t bound;      /* of the block */
    uint32_t count;     /* postings in it; 0 behind the list */

    /* The chunk it is in; arrays in the map. A list of one block has none. */
    const uint8_t *lasts, *offsets, *position_offsets, *bounds, *group_bounds;
    uint64_t base, position_base, next_chunk;
    uint32_t blocks, block;                /* in the chunk; the current one's place */
    uint32_t before;                       /* postings in the chunks before */
    doc_id chunk_after;                    /* last document of the chunk before, if before > 0 */
    doc_id passed;                         /* documents below this one are in blocks left behind */
    bool last_chunk, is_single, is_inline; /* one block; and that inline */

    /* What is decoded of the current block. */
    bool documents_ready, frequencies_ready, positions_ready;
    const uint8_t *bitset;              /* its documents as bits, if looked at and stored so */
    const uint8_t *encoded_frequencies; /* where the pack of frequencies begins, once bitset or
                                           documents are there */
    size_t encoded_left;
    uint32_t documents[PACK_ROOM], frequencies[PACK_ROOM];

    /* Positions, counted through the block; once positions_ready. */
    uint32_t place;                  /* a posting, */
    uint64_t place_first;            /* and which of the block's positions is its first */
    uint64_t pack_first;             /* the same of the pack that is decoded */
    uint32_t pack_count;             /* positions in it; 0: none is decoded yet */
    uint64_t pack_total;             /* positions of the block */
    uint64_t pack_offset;            /* of the next pack */
    uint32_t pack_values[PACK_ROOM]; /* of an inline list: where each posting's positions begin */
};

/* What the cursors of a thread have read since it began, for benchmarks: what is not in it was
 * passed over by headers. A block that is decoded by two cursors counts twice. Blocks and bytes of
 * inline lists, which the dictionary holds, do not count. */
struct posting_work {
    uint64_t blocks; /* whose documents were decoded, or used as bits */
    uint64_t packs;  /* of positions that were decoded */
    uint64_t bytes;  /* of both */
};
extern _Thread_local struct posting_work posting_work;

/* At the list's first block. Never fails by itself: see status. */
void posting_cursor_init(struct posting_cursor *cursor, const struct posting_source *source,
                         const struct term_info *info);

/* Moves to the first block, from the current one on, whose last document is >= target; never back.
 * Returns its last document, or DOC_END. Decodes nothing. */
doc_id posting_cursor_seek(struct posting_cursor *cursor, doc_id target);
/* To the next block; its last document or DOC_END. */
doc_id posting_cursor_next(struct posting_cursor *cursor);

/* A bound on every posting from the current block up to and including document upto: the largest
 * bound of those blocks, by groups where whole groups are covered. 0 if there are none. */
uint8_t posting_cursor_bound(const struct posting_cursor *cursor, doc_id upto);

/* The current block's documents, rising, cursor->count of them, and 16 times DOC_END behind them.
 * NULL if it is damaged or the list is at its end. Decoded once. */
const uint32_t *posting_cursor_documents(struct posting_cursor *cursor);
/* The current block's documents as they are stored, if that is as bits: document *first + j is one
 * of them if bit j % 8 of byte j / 8 is set; up to cursor->last, with zeros behind it in its byte,
 * and EXTENT_TAIL bytes more to be read. Checked as documents are, but not decoded. NULL if they
 * are stored otherwise (and decoded then), damaged, or the list is at its end. */
const uint8_t *posting_cursor_bitset(struct posting_cursor *cursor, doc_id *first);

/* The frequencies of the current block's documents, each >= 1, and 16 zeros; NULL likewise. */
const uint32_t *posting_cursor_frequencies(struct posting_cursor *cursor);

/* Appends the positions of the current block's posting number place (< count) to *out as native
 * uint32_t (4 bytes each), rising strictly; behind them, in room that out->size does not count, are
 * 16 times UINT32_MAX. Walking places upwards is cheap; packs in between are passed over without
 * decoding. False if damaged (status) or out->failed. Only for lists with
 * positions. */
bool posting_cursor_positions(struct posting_cursor *cursor, uint32_t place, struct buffer *out);

/* Decodes a list whole and checks everything that is known about it: df, total tf, the order of
 * documents and positions, and, if norms is not NULL (STREAM_NORMS), that every bound and primed
 * floor is what model gives. For verify and fuzzing. */
enum lede_status posting_list_check(const struct posting_source *source,
                                    const struct term_info *info, struct stream *norms,
                                    const struct bound_model *model, struct lede_error *err);

/* ---- one block, as the cursor and the writer use it; for tests and fuzzing ---- */

/* The documents of a block: n (1 to BLOCK_DOCS) documents > before (if has_before), the last one
 * being last (not DOC_END), and 16 times DOC_END behind them. documents has PACK_ROOM of room.
 * Reads within [in, in + size + PACK_OVERRUN). Returns the bytes used, 0 if damaged. */
size_t posting_block_decode(const uint8_t *in, size_t size, uint32_t n, bool has_before,
                            doc_id before, doc_id last, uint32_t *documents);
/* The same without decoding: the bits, if the documents are stored so; NULL else, or if damaged. */
const uint8_t *posting_block_bitset(const uint8_t *in, size_t size, uint32_t n, bool has_before,
                                    doc_id before, doc_id last, size_t *used);
/* Writes a block (documents, then frequencies) at out (POSTING_BLOCK_MAX + PACK_OVERRUN of room);
 * returns its size. */
size_t posting_block_encode(const uint32_t *documents, const uint32_t *frequencies, uint32_t n,
                            bool has_before, doc_id before, uint8_t *out);

#endif
