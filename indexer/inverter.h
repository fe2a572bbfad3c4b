/* inverter.h -- a hash table from terms to postings, filled by one thread, token by token.
 *
 * Everything lies in one region of memory of the size of the budget, addressed by 32-bit offsets;
 * nothing is allocated per term or token. An entry is
 *     struct term_entry, the term's size in a byte, its bytes (field byte first), its first chunk
 * and holds the term's postings as a string of tokens (run.h) in a chain of chunks: the first one
 * fills the entry up to a multiple of 8 bytes, the others are CHUNK_FIRST bytes, then twice as
 * many each, up to CHUNK_MAX. The last 4 bytes of a chunk, when it is full, are the offset of the
 * next. The table itself has 8 bytes a slot, open addressing, at most half full.
 *
 * When the region or the account has no room left, inverter_add says so; the document being
 * added is then taken back (inverter_undo), what is there is a run of whole documents, and after
 * the run was written elsewhere and inverter_reset the document is added anew.
 *
 * Cost: a token costs two or three cache lines (prefetched for a group of tokens at a time) and one
 * to four bytes; and a hash and a look at the table, but for a form whose entry its memo tells. The
 * tokens' memos are the inverter's: all tokens of an analyzer go to the same one. */
#ifndef LEDE_INDEXER_INVERTER_H
#define LEDE_INDEXER_INVERTER_H

#include "run.h"
#include "text/analyzer.h"

struct account;
struct inverter;

enum { INVERTER_BUDGET_MIN = 64 * 1024 };

/* budget: bytes that the inverter may come to take, all of them charged as it grows. */
enum lede_status inverter_new(bool positions, size_t budget, struct account *account,
                              struct inverter **out, struct lede_error *err);
void inverter_free(struct inverter *inverter);

/* Begins a document; documents rise. */
void inverter_begin(struct inverter *inverter, run_document document);

/* Adds count tokens (at most TOKEN_BATCH) to the document: their terms under field, FIELD_TEXT,
 * FIELD_TITLE or FIELD_BOILERPLATE, and their variants under that field's own, or the same.
 * Amounts come with FIELD_TEXT. Positions of a term rise. False if there is no room: then undo. */
bool inverter_add(struct inverter *inverter, enum field field, const struct token *tokens,
                  size_t count);

/* Adds a term of a keyword field to the document, at position 0, unless it has it. False if there
 * is no room: then undo. */
bool inverter_add_keyword(struct inverter *inverter, uint8_t field, struct slice term);

/* Takes back what was added since begin. Only sorting may follow. */
void inverter_undo(struct inverter *inverter);

/* True if there is no document in it (or only one that was taken back). */
bool inverter_is_empty(const struct inverter *inverter);

bool inverter_has_positions(const struct inverter *inverter);

/* Sorts the terms. Nothing may be added until reset. LEDE_NO_MEMORY. */
enum lede_status inverter_sort(struct inverter *inverter, struct lede_error *err);

/* A cursor over the sorted terms, which borrows the inverter. Several may read at once. */
void inverter_cursor(const struct inverter *inverter, struct run_cursor *cursor);

/* Empties the inverter. give_back: returns its memory to the system and the account, too. */
void inverter_reset(struct inverter *inverter, bool give_back);

#endif
