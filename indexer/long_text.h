/* long_text.h -- a text that is too long to be kept in memory, on its way to the index.
 *
 * It lies in a temporary file (temporary.h) and is written once, from front to back; then it may be
 * read by several threads. */
#ifndef LEDE_INDEXER_LONG_TEXT_H
#define LEDE_INDEXER_LONG_TEXT_H

#include "base/bytes.h"
#include "base/error.h"

struct long_text {
    const char *directory; /* borrowed */
    int file;              /* -1: not made yet */
    uint64_t size;         /* bytes */
};

enum { LONG_TEXT_MIN = 4 << 20 }; /* bytes: a shorter text stays in memory */

/* Makes no file yet. */
static inline void long_text_init(struct long_text *text, const char *directory)
{
    *text = (struct long_text){.directory = directory, .file = -1};
}
/* Forgets the text; there may be another one. */
void long_text_done(struct long_text *text);

/* LEDE_FULL, LEDE_IO. */
enum lede_status long_text_append(struct long_text *text, struct slice bytes,
                                  struct lede_error *err);

/* Reads up to size bytes from offset on, fewer only at the end. LEDE_IO. */
enum lede_status long_text_read(const struct long_text *text, uint64_t offset, uint8_t *to,
                                size_t size, size_t *got, struct lede_error *err);

#endif
