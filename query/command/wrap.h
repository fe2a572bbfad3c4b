/* wrap.h -- a passage in the lines of a terminal.
 *
 * Lines break at spaces, and beside characters that take two columns (Han, kana, Hangul); a word
 * that is wider than a line stands alone and runs over. Widths are libunistring's. What may do harm
 * is replaced (PRINTABLE_LINE). */
#ifndef LEDE_QUERY_COMMAND_WRAP_H
#define LEDE_QUERY_COMMAND_WRAP_H

#include "passage.h"

struct wrap {
    unsigned indent;  /* columns before every line but the first */
    unsigned columns; /* a line's end */
    /* What to send before and after plain text and marks; "" for nothing. */
    const char *plain, *plain_end, *marked, *marked_end;
};

#define ELLIPSIS "\xe2\x80\xa6" /* for what is cut */

/* Columns that a character takes on a terminal, 0 to 2. */
unsigned wrap_width(uint32_t character);

/* Appends the passage, from column `column` on; no newline at its end. */
void wrap_put(struct buffer *out, const struct passage *passage, const struct wrap *wrap,
              unsigned column);

#endif
