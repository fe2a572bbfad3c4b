/* run.h -- sorted terms with their postings, as an inverter leaves them and a merge reads them.
 *
 * A run has terms (field byte first) in memcmp order, and for each its postings in documents
 * that the run holds whole. A document is named by the number of its batch in the segment and
 * its place among the documents of the batch: who made the run does not matter, and a merge
 * puts postings in input order by these two numbers.
 *
 * The postings of a term are a string of varints, a token of the text each:
 *     (gap - 1) << 1             same document, gap positions further (without positions: 0)
 *     (gap - 1) << 2 | 1, p      same batch, gap places further; the first position there is p
 *     gap << 2 | 3, place, p     gap batches further (from batch 0), place and first position
 * (without positions there is no p). The first token of a term is of the third kind. Batch 0
 * place 2 with positions 5 and 9, place 3 with position 0, and batch 2 place 0 with position 130
 * are the bytes 03 02 05 06 01 00 0b 00 82 01: see test_run.c. How often the term occurs is
 * known (total_tf), so the string needs no end.
 *
 * In memory the string lies in the chunks of an inverter (inverter.h); in a file (spill.h) each
 * term is
 *     u8 bytes shared with the term before, u8 bytes that follow, those bytes
 *     varint df, varint total tf - df, the string
 * A cursor reads either, through the windows of bytes that its supply gives. */
#ifndef LEDE_INDEXER_RUN_H
#define LEDE_INDEXER_RUN_H

#include "base/bytes.h"
#include "base/error.h"
#include "index/format.h"

struct account;

/* A document in a run, ordered as the segment's documents: batch << 32 | place. */
typedef uint64_t run_document;
#define RUN_END UINT64_MAX

static inline run_document run_document_of(uint32_t batch, uint32_t place)
{
    return (run_document)batch << 32 | place;
}

enum { RUN_TOKEN_MAX = 3 * VARINT_MAX };

/* Writes the token that begins a document, at most RUN_TOKEN_MAX bytes, and returns its size.
 * before: the term's document before, or RUN_END if this is its first. */
static inline size_t run_document_put(uint8_t *at, run_document before, run_document document,
                                      bool positions, uint32_t position)
{
    uint32_t batch = (uint32_t)(document >> 32), place = (uint32_t)document;
    uint8_t *start = at;

    if (before != RUN_END && before >> 32 == batch) {
        at += varint_put(at, (uint64_t)(place - (uint32_t)before - 1) << 2 | 1);
    } else {
        at += varint_put(at, (batch - (before == RUN_END ? 0 : before >> 32)) << 2 | 3);
        at += varint_put(at, place);
    }
    if (positions)
        at += varint_put(at, position);
    return (size_t)(at - start);
}

/* Up to eight bytes as a little-endian number: bytes that are put one by one and then copied as a
 * word would have to wait for each other. */
struct run_word {
    uint64_t bytes;
    unsigned size;
};

/* Appends a varint of one or two bytes; false: it is longer. */
static inline bool run_word_varint(struct run_word *word, uint64_t value)
{
    unsigned more = value >= 0x80;

    word->bytes |= ((value & 0x7f) | more << 7 | value >> 7 << 8) << 8 * word->size;
    word->size += 1 + more;
    return value < 0x4000;
}

/* The same bytes as run_document_put's, if all of them are short. */
static inline bool run_document_word(struct run_word *word, run_document before,
                                     run_document document, bool positions, uint32_t position)
{
    uint32_t batch = (uint32_t)(document >> 32), place = (uint32_t)document;
    bool is_short, position_short = true;

    if (before != RUN_END && before >> 32 == batch) {
        is_short = run_word_varint(word, (uint64_t)(place - (uint32_t)before - 1) << 2 | 1);
    } else {
        is_short = run_word_varint(word, (batch - (before == RUN_END ? 0 : before >> 32)) << 2 | 3);
        is_short = run_word_varint(word, place) && is_short;
    }
    if (positions)
        position_short = run_word_varint(word, position);
    return is_short && position_short;
}

/* The token of one more occurrence in the same document. */
static inline uint64_t run_occurrence(bool positions, uint32_t before, uint32_t position)
{
    return positions ? (uint64_t)(position - before - 1) << 1 : 0;
}

/* ---- reading ---- */

struct run_cursor;

/* Where a cursor's bytes come from. */
struct run_supply {
    /* The next term: cursor->term, df and total_tf, and a window on its string. LEDE_MISSING (err
     * untouched) behind the last. */
    enum lede_status (*next)(struct run_cursor *cursor, struct lede_error *err);
    /* The next window on the string, not empty. LEDE_MISSING (err untouched) if there is none. */
    enum lede_status (*refill)(struct run_cursor *cursor, struct lede_error *err);
    void (*done)(struct run_cursor *cursor);
};

struct run_cursor {
    const struct run_supply *supply;
    void *context; /* the supply's, and so is what follows */
    size_t next_term;
    uint32_t entry, chunk, chunk_size, growth;

    const uint8_t *at, *end; /* the window */
    bool positions;

    struct slice term;         /* the current one; its bytes live until the next */
    uint32_t df;               /* documents of the term in this run */
    uint64_t total_tf;         /* its occurrences */
    run_document document;     /* the current one; RUN_END behind the term's last */
    uint32_t first;            /* position of its first occurrence */
    bool begun;                /* part of its positions was read */
    uint32_t last;             /* position of the one read last, if begun */
    uint32_t documents_left;   /* documents behind the current one */
    uint64_t occurrences_left; /* tokens not read yet; the current document's first one is read */
};

void run_cursor_done(struct run_cursor *cursor);

/* Reads a varint through the windows: for supplies. */
enum lede_status run_cursor_varint(struct run_cursor *cursor, uint64_t *value,
                                   struct lede_error *err);

/* Moves to the next term (whose documents must all have been read before) and its first document;
 * LEDE_MISSING (err untouched) behind the last. */
enum lede_status run_cursor_next(struct run_cursor *cursor, struct lede_error *err);

/* Positions of a posting, or a piece of them. */
struct run_positions {
    uint32_t *values;
    size_t count, capacity;
    bool is_first;      /* no piece of this posting came before */
    uint64_t frequency; /* of the posting: all its pieces together */
    struct account *account;
};
enum { RUN_PIECE = 32 * 1024 }; /* positions: about what a piece has at least */
void run_positions_done(struct run_positions *positions);

/* Reads the positions of the current document (without positions: as many zeros as it has
 * occurrences) and moves to the next one. Where it is the term's only one in the run, so that its
 * frequency is known before, they may come in several pieces, and cursor->document stays until the
 * last of them. LEDE_IO if the bytes make no sense: run files are ours alone, so that is a fault of
 * the disk. */
enum lede_status run_cursor_read(struct run_cursor *cursor, struct run_positions *positions,
                                 struct lede_error *err);

enum { RUN_BLOCK = 128 };

/* Whole postings, one behind the other. */
struct run_postings {
    uint32_t count;
    run_document documents[RUN_BLOCK];
    uint32_t frequencies[RUN_BLOCK];
    uint32_t *gaps; /* of each posting as many as its frequency: positions that lie between an
                     * occurrence and the one before (without positions: 0) */
    size_t gap_count, gap_capacity;
    struct account *account;
};
void run_postings_done(struct run_postings *postings);

/* Reads the current document and those behind it, up to RUN_BLOCK that are below limit, and moves
 * to the one behind them. The term has several documents in the run, and none of its positions
 * were read by run_cursor_read without the rest of them. Errors as there. */
enum lede_status run_cursor_postings(struct run_cursor *cursor, run_document limit,
                                     struct run_postings *postings, struct lede_error *err);

#endif
