/* unpacker.h -- a file as the files that are packed in it: itself, or what is in it if it is an
 * archive (tar or zip, itself compressed or not), and what is in archives in that.
 *
 *     unpacker_start(unpacker, fd, &origin, err);
 *     while ((status = unpacker_next(unpacker, &unpacked, err)) == LEDE_OK &&
 *            unpacked.kind != UNPACKED_END) ...
 *
 * An entry is named as PATH!ENTRY, and so is its id; of an archive in it PATH!ENTRY!ENTRY. Of the
 * entry's name, which nobody has to trust, empty parts, "." and ".." are left out; where a name
 * comes again in a file it is NAME#2, NAME#3, ... Nothing is written to disk: entries are streams.
 *
 * Skips by name: links, FIFOs, devices, hidden names (a part that begins with a dot), encrypted
 * and damaged entries, names over UNPACKER_NAME bytes, archives more than UNPACKER_DEPTH deep;
 * and zips that are no archives but documents or programs (docx, odt, epub, jar). What is behind
 * UNPACKER_ENTRIES entries of a file, or behind damage that a format cannot be read past, is
 * one skip. See struct expansion for bombs. Folders are passed in silence. */
#ifndef LEDE_COMMAND_UNPACKER_H
#define LEDE_COMMAND_UNPACKER_H

#include "command/input.h"
#include "command/item.h"

enum { UNPACKER_DEPTH = 4, UNPACKER_NAME = 1024, UNPACKER_ENTRIES = 1 << 22 };

enum unpacked_kind { UNPACKED_END, UNPACKED_FILE, UNPACKED_SKIP };

struct unpacked {
    enum unpacked_kind kind;
    /* UNPACKED_FILE; all of it lives until the next one, head until input is peeked at */
    struct input *input;
    const struct origin *origin;
    struct slice head;  /* its first bytes: of a slow pipe its first line */
    struct slice entry; /* what comes behind PATH!; empty: it is the file itself */
    struct skip skip;   /* UNPACKED_SKIP */
};

struct unpacker;

/* memory: bytes that a decompressor may take; 0: DECODER_MEMORY. */
enum lede_status unpacker_new(size_t memory, struct unpacker **out, struct lede_error *err);
void unpacker_free(struct unpacker *unpacker);

/* Begins a file, or bytes in memory (given step at a time; 0: at once). Takes fd; origin, whose
 * path ends with a NUL behind it, and bytes are borrowed until the end or the next start. */
void unpacker_start(struct unpacker *unpacker, int fd, const struct origin *origin);
void unpacker_start_memory(struct unpacker *unpacker, struct slice bytes, size_t step,
                           const struct origin *origin);

/* The next file, skip, or the end. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be read. */
enum lede_status unpacker_next(struct unpacker *unpacker, struct unpacked *unpacked,
                               struct lede_error *err);

/* Bytes read so far from the file as it is, and bytes of what was packed in it. */
uint64_t unpacker_raw_bytes(const struct unpacker *unpacker);
uint64_t unpacker_bytes(const struct unpacker *unpacker);

#endif
