/* command.h -- the subcommands of lede-index, and what they share.
 *
 * Each runs with options that options_parse has checked, prints its data on stdout and all else on
 * stderr, and returns the exit code. main flushes stdout and tells if it could not be written. */
#ifndef LEDE_COMMAND_COMMAND_H
#define LEDE_COMMAND_COMMAND_H

#include "base/buffer.h"
#include "base/command_line.h"
#include "command/options.h"

int command_add(const struct options *options);
int command_sync(const struct options *options);
int command_rm(const struct options *options);
int command_stats(const struct options *options);
int command_show(const struct options *options);
int command_split(const struct options *options);
int command_analyze(const struct options *options);
int command_verify(const struct options *options);
int command_export(const struct options *options);
int command_compact(const struct options *options);
int command_snapshot(const struct options *options);
int command_merge(const struct options *options);

/* Prints "lede-index: TEXT", sanitized, on stderr; returns the exit code of error->status. */
int command_fail(const struct lede_error *error);

/* Writes a line, already sanitized, and a newline if it has none, on stderr. */
void command_say(const struct buffer *line);

/* Fails with LEDE_INVALID if no directory of an index is named. */
enum lede_status command_need_index(const struct options *options, struct lede_error *err);

/* Appends the (decompressed) bytes of a file, "-" being standard input, of at most `most` bytes:
 * LEDE_LIMIT if it has more. LEDE_IO, LEDE_CORRUPT, LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status command_read_file(const char *path, size_t most, struct buffer *out,
                                   struct lede_error *err);

#endif
