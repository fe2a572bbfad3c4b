/* progress.h -- how far the work has come, on standard error, never more often than needed.
 *
 *     terminal    one line, redrawn five times a second: counts, MB/s, and, where the total is
 *                 known, a bar and the time that is left
 *     elsewhere   a line every ten seconds
 *     json        a line a second, and a last one that is done:
 *     {"files":3,"articles":1200,"bytes":4096,"total":8192,"seconds":1.2,"done":false}
 *
 * Bytes are those of the files as they are (compressed ones count as such). */
#ifndef LEDE_COMMAND_PROGRESS_H
#define LEDE_COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum progress_mode {
    PROGRESS_AUTO,   /* a bar on a terminal, else lines */
    PROGRESS_ALWAYS, /* a bar, whatever it goes to */
    PROGRESS_NEVER,
    PROGRESS_JSON
};

enum progress_style { PROGRESS_NONE, PROGRESS_BAR, PROGRESS_LINES, PROGRESS_OBJECTS };

struct progress_counts {
    uint64_t files, articles, bytes;
};

struct progress {
    FILE *out;
    enum progress_style style;
    uint64_t total;       /* bytes to come; 0: unknown */
    int64_t began, shown; /* nanoseconds of the monotonic clock */
    bool drawn;           /* a bar stands on the terminal's line */
};

/* total 0: unknown. */
void progress_begin(struct progress *progress, enum progress_mode mode, bool quiet, uint64_t total);

/* Call as often as you like: one look at the clock. */
void progress_update(struct progress *progress, const struct progress_counts *counts);

/* Takes the bar away, so that a line can be printed; the next update draws it again. */
void progress_clear(struct progress *progress);

/* The last JSON line, or the bar's removal. */
void progress_end(struct progress *progress, const struct progress_counts *counts);

double progress_seconds(const struct progress *progress);

/* Writes into text, at most size bytes, what a style shows at a time; for tests also. */
void progress_format(char *text, size_t size, enum progress_style style, unsigned columns,
                     const struct progress_counts *counts, uint64_t total, double seconds,
                     bool done);

#endif
