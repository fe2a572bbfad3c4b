/* input.h -- a file, standard input, an entry of an archive or memory as a stream of decompressed
 * bytes.
 *
 * What lies ahead is seen through a window that grows only as far as the caller asks:
 *
 *     input_peek(input, 4096, &ahead, err);   4096 bytes or more, fewer only at the end
 *     input_skip(input, n);                   n <= ahead.size bytes are done with
 *
 * Whether the bytes are compressed is told by their content (see decoder.h), never by the
 * name. One input serves many files, one after the other, and keeps its window (at most 4 MiB
 * of it) between them. */
#ifndef LEDE_COMMAND_INPUT_H
#define LEDE_COMMAND_INPUT_H

#include "command/source.h"

struct input;

/* What came out of one file, all that is packed in it unpacked: no more than EXPANSION_FREE bytes
 * and EXPANSION_MOST times the file's own, so that a few bytes cannot become endless ones. */
enum { EXPANSION_FREE = 64 * 1024 * 1024, EXPANSION_MOST = 1000 };
struct expansion {
    const struct input *file; /* borrowed */
    uint64_t bytes;           /* that came out of decompressors and archives */
    size_t memory;            /* that a decompressor may take; inside of archives a sixth */
};

enum lede_status input_new(struct input **out, struct lede_error *err);
void input_free(struct input *input);

/* Begins with fd, which is closed by input_close (and on failure). name, for errors, is borrowed
 * until then. */
enum lede_status input_open(struct input *input, int fd, const char *name, struct lede_error *err);

/* Begins with bytes, borrowed until input_close, given step at a time (0: any number), as
 * slow pipes give them: for tests. */
enum lede_status input_open_memory(struct input *input, struct slice bytes, const char *name,
                                   size_t step, struct lede_error *err);

/* Begins with the bytes that a function gives, until it gives none. */
enum lede_status input_open_giver(struct input *input, source_giver *give, void *context,
                                  const char *name, struct lede_error *err);
void input_close(struct input *input);

/* Has the files that are opened from now on counted in expansion, which is borrowed; a file that
 * expands too much fails with LEDE_LIMIT. */
void input_limit(struct input *input, struct expansion *expansion);

/* Sets *ahead to what follows: at least want bytes, or fewer if the end, or bytes that
 * cannot be read, come first. The bytes live until the next peek or close. A failure is told
 * when fewer than want bytes could be had before it, and then every time; *ahead is set also
 * then. LEDE_CORRUPT: compressed data are cut short or damaged. LEDE_IO, LEDE_INTERRUPTED (a
 * signal), LEDE_NO_MEMORY. */
enum lede_status input_peek(struct input *input, size_t want, struct slice *ahead,
                            struct lede_error *err);
void input_skip(struct input *input, size_t size);

/* The size of a file that is not compressed, or of memory; UINT64_MAX: not known, and then there is
 * no seeking. */
uint64_t input_size(const struct input *input);
/* Goes on at offset, at most the size. LEDE_IO. */
enum lede_status input_seek(struct input *input, uint64_t offset, struct lede_error *err);

/* Behind LEDE_CORRUPT, once all bytes before the damage are skipped: true if there are more, of the
 * next member of a gz file (decoder_resume), which are the next ones; *at: where it begins in the
 * file. */
bool input_resume(struct input *input, uint64_t *at);

/* Decompressed bytes skipped so far: where *ahead begins. */
uint64_t input_offset(const struct input *input);
/* Bytes read so far from the file as it is: for progress. */
uint64_t input_raw_read(const struct input *input);

#endif
