/* command_line.h -- what lede-index and lede-search have in common as programs: where the index is,
 * what exit codes mean, how they complain, when they colour.
 *
 * For the two commands alone: the library neither prints nor installs signal handlers. */
#ifndef LEDE_BASE_COMMAND_LINE_H
#define LEDE_BASE_COMMAND_LINE_H

#include "base/buffer.h"
#include "lede.h"

enum exit_code {
    EXIT_DONE = 0,     /* done; something matched */
    EXIT_NO_MATCH = 1, /* lede-search: nothing matched */
    EXIT_SKIPPED = 1,  /* lede-index: some inputs were skipped, some ids were not there */
    EXIT_USAGE = 2,    /* arguments or a query that make no sense, or pass a limit */
    EXIT_NO_INDEX = 3, /* missing or incompatible */
    EXIT_CORRUPT = 4,
    EXIT_BUSY = 5,
    EXIT_IO = 6, /* input or output failed, the disk is full, memory ran out */
    EXIT_INTERRUPTED = 130
};

int command_exit_code(enum lede_status status);

/* Before anything is opened. Where standard input, output or error are closed, the first files to
 * be opened would get their numbers, and an answer be written into the index. So what is closed is
 * taken; to use it fails as if it were closed (EBADF). */
void command_take_closed(void);

/* The directory of the index where no -d names one: $LEDE_INDEX, else $XDG_DATA_HOME/lede/default,
 * else $HOME/.local/share/lede/default; empty values and a relative $XDG_DATA_HOME count as unset.
 * *path is the caller's to free, and NULL if there is none of these; *by_default (may be NULL) is
 * false only for $LEDE_INDEX. LEDE_NO_MEMORY. */
enum lede_status command_find_index(char **path, bool *by_default, struct lede_error *err);

/* Decimal digits alone to a number. False: anything else, or over UINT64_MAX. */
bool command_parse_number(const char *text, uint64_t *number);

/* "64M" to bytes: digits, and K, M or G (times 1,024 each), in either case. False: anything else,
 * or over SIZE_MAX. */
bool command_parse_size(const char *text, size_t *size);

/* --color, --hyperlink. */
enum command_when { COMMAND_AUTO, COMMAND_ALWAYS, COMMAND_NEVER };

/* The place of text among names, which end with NULL; -1. */
int command_find_name(const char *const *names, const char *text);

/* "auto", "always", "never". */
bool command_parse_when(const char *text, enum command_when *when);

/* Whether to send terminal escapes to fd: as the flag says; for AUTO only to a terminal that is not
 * `dumb`, and not if $NO_COLOR is set and not empty. */
bool command_wants_escapes(enum command_when when, int fd);

/* Writes "PROGRAM: TEXT" and a newline to standard error, made safe to show (printable.h), in one
 * write. Text is what the format gives, cut at 1,023 bytes. */
void command_complain(const char *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes all of it, however often it takes. False: errno says why. */
bool command_write(int fd, const void *data, size_t size);

/* What damage to an index does to a program that maps it shall be told as such: from now on it ends
 * the process with "PROGRAM: index damaged: run lede-index verify" and EXIT_CORRUPT. That is SIGBUS
 * (a file cut short under the map), and SIGSEGV at an address for which maps (may be NULL; it must
 * be async-signal-safe) is true, or in LMDB's code, which follows what it reads. Where LMDB is a
 * shared library that is any code but the program's own. What else the program does is our mistake,
 * and stays a crash. */
void command_catch_damage(const char *program, bool (*maps)(const void *address));

/* The same end, at once: for LMDB's assertions. After command_catch_damage. */
void command_end_damaged(const char *message);

#endif
