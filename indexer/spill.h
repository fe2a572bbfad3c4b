/* spill.h -- runs in a temporary file beside the index, written and read once, from front to back.
 *
 * A spill file has no name (it was unlinked when it was made), so that nothing is left behind
 * whatever happens. It holds runs one behind the other, each in blocks of SPILL_BLOCK bytes, the
 * run's last one shorter:
 *     u32  checksum of the payload (checksum.h; seeded with the block's offset in the file)
 *     u32  bytes of payload
 *     payload
 * The payloads of a run's blocks, joined, are its terms as run.h says.
 *
 * A spill belongs to one thread at a time; cursors of several threads may read its finished runs.
 * Errors: LEDE_FULL if the disk is full, LEDE_IO otherwise; LEDE_NO_MEMORY. */
#ifndef LEDE_INDEXER_SPILL_H
#define LEDE_INDEXER_SPILL_H

#include "run.h"

struct account;
struct inverter;

enum { SPILL_BLOCK = 32 * 1024 };

struct spill {
    const char *directory; /* borrowed */
    struct account *account;
    int file;       /* -1: not made yet */
    uint64_t size;  /* bytes written */
    uint8_t *block; /* being filled: taken at once, since spilling is what short memory asks for */
};

/* A run in a spill. */
struct spill_run {
    const struct spill *spill;
    uint64_t offset; /* of its first block */
    uint64_t terms;
    bool positions;
};

/* Makes no file yet. directory must live as long as the spill. LEDE_NO_MEMORY. */
enum lede_status spill_init(struct spill *spill, const char *directory, struct account *account,
                            struct lede_error *err);
/* Drops the file and everything in it; the spill can be used again. */
void spill_reset(struct spill *spill);
void spill_done(struct spill *spill);

/* ---- writing ---- */

struct spill_writer {
    struct spill *spill;
    size_t used; /* payload bytes in the block */
    struct spill_run run;
    uint8_t term[KEY_TERM_MAX]; /* the one before */
    size_t term_size;
    enum lede_status status; /* sticky */
    struct lede_error error;
};

/* Begins a run at the end of the spill; making the file if need be. */
enum lede_status spill_writer_begin(struct spill_writer *writer, struct spill *spill,
                                    bool positions, struct lede_error *err);
/* A term, rising; then its string in any number of pieces. Failures are told by end. */
void spill_writer_term(struct spill_writer *writer, struct slice term, uint32_t df,
                       uint64_t total_tf);
void spill_writer_put(struct spill_writer *writer, const uint8_t *bytes, size_t size);
/* Ends the run; the writer holds nothing that needs freeing. */
enum lede_status spill_writer_end(struct spill_writer *writer, struct spill_run *run,
                                  struct lede_error *err);

/* Writes what a sorted inverter holds as a run. */
enum lede_status spill_inverter(struct spill *spill, const struct inverter *inverter,
                                struct spill_run *run, struct lede_error *err);
/* Sorts an inverter, writes it as a run, and empties it: inverter_reset. */
enum lede_status spill_take(struct spill *spill, struct inverter *inverter, bool give_back,
                            struct spill_run *run, struct lede_error *err);

/* ---- reading ---- */

/* A cursor over a run; run_cursor_done frees it. Takes a block of memory. */
enum lede_status spill_cursor(const struct spill_run *run, struct account *account,
                              struct run_cursor *cursor, struct lede_error *err);

#endif
