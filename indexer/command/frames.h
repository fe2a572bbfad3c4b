/* frames.h -- xz and Zstandard, with a limit of what a decompressor may take: a file says itself
 * how much of what came out has to be kept, 4 GiB if it likes. */
#ifndef LEDE_COMMAND_FRAMES_H
#define LEDE_COMMAND_FRAMES_H

#include "base/bytes.h"

enum frames_kind { FRAMES_XZ, FRAMES_ZSTD };

struct frames;

/* memory: bytes; at least a MiB is used. NULL: memory ran out. */
struct frames *frames_new(enum frames_kind kind, size_t memory);
void frames_free(struct frames *frames);

enum frames_state {
    FRAMES_MORE,    /* there may be more to come */
    FRAMES_END,     /* that was all */
    FRAMES_CUT,     /* the file ends before */
    FRAMES_DAMAGED, /* the bytes make no sense */
    FRAMES_LARGE,   /* it would take more than memory */
    FRAMES_NO_MEMORY
};

/* Takes bytes from the front of *in, is_last being true if no others come behind them, and gives up
 * to size bytes; *got of them also before damage. */
enum frames_state frames_decode(struct frames *frames, struct slice *in, bool is_last,
                                uint8_t *bytes, size_t size, size_t *got);

/* What it would take, behind FRAMES_LARGE; 0: not known. */
uint64_t frames_wanted(const struct frames *frames);

#endif
