/* stamp.h -- by what a file is known again: its size and time of change, and how it was read. */
#ifndef LEDE_COMMAND_STAMP_H
#define LEDE_COMMAND_STAMP_H

#include "command/options.h"
#include "lede.h"

/* A hash of the options that decide what articles a file gives: format, fields, language, base,
 * how pages are cut, what is taken out of them, and file dates. */
uint32_t stamp_reading(const struct options *options);

/* Fills in what the file is like that fd has open. False if it cannot be known again: it is no
 * regular file, or standard input; or changed in the last STAMP_AGE seconds (or in the future), and
 * so may change again without another time of change. Before it is read: then what changes it
 * meanwhile shows the next time. */
enum { STAMP_AGE = 2 }; /* as coarse as times of a file system are: FAT's */
bool stamp_take(const struct origin *origin, int fd, uint32_t reading, struct lede_source *source);

#endif
