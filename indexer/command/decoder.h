/* decoder.h -- the compressed formats behind one call: gz, zst, xz, bz2, told by content.
 *
 * gz is zlib's, xz and zst are frames.h, within a limit of memory; every byte before a cut comes
 * out. bz2 is libarchive's filter, which drops the last unfinished block of a damaged file (up to
 * 900 KiB). Files of several members or frames, one after the other, are read to the end. */
#ifndef LEDE_COMMAND_DECODER_H
#define LEDE_COMMAND_DECODER_H

#include "command/source.h"

/* What a decompressor may take where nobody says: enough for xz -9. */
enum { DECODER_MEMORY = 66 * 1024 * 1024 };
enum { DECODER_HEAD = 16 }; /* bytes that decoder_recognizes wants to see */

struct decoder;

/* False if no compressed file begins with this byte: then there is no need to wait for more. */
static inline bool decoder_may_begin(uint8_t byte)
{
    return byte == 0x1f || byte == 0x28 || byte == 0xfd || byte == 'B';
}

/* True if a file that begins with head (fewer than DECODER_HEAD bytes: all of it) is
 * compressed in a way that decoder_open reads. */
bool decoder_recognizes(struct slice head);

/* Decodes head followed by the rest of source; both are borrowed until decoder_close. memory: bytes
 * that it may take. LEDE_NO_MEMORY, or LEDE_CORRUPT if head is all that there is of it. */
enum lede_status decoder_open(struct source *source, struct slice head, size_t memory,
                              struct decoder **out, struct lede_error *err);
void decoder_close(struct decoder *decoder);

/* Up to size bytes, at least one unless the end is reached: then *got is 0. A file cut
 * short or damaged is LEDE_CORRUPT, after all bytes before it that could be had; one that wants
 * more memory is LEDE_LIMIT. */
enum lede_status decoder_read(struct decoder *decoder, uint8_t *bytes, size_t size, size_t *got,
                              struct lede_error *err);

/* Behind LEDE_CORRUPT: goes on with the next member of gz that can be found, behind the beginning
 * of the damaged one; *at: its place among the compressed bytes. Where the source cannot seek, it
 * is looked for from where the damage was noticed. False: there is none, the format has no members,
 * or a thousand were damaged before. */
bool decoder_resume(struct decoder *decoder, uint64_t *at);

#endif
