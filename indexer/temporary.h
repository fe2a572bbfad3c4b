/* temporary.h -- a file without a name beside the index: nothing is left behind, whatever happens.
 *
 * Errors name the directory: LEDE_FULL if the disk is full, LEDE_IO otherwise. */
#ifndef LEDE_INDEXER_TEMPORARY_H
#define LEDE_INDEXER_TEMPORARY_H

#include "base/bytes.h"
#include "base/error.h"

/* Makes a file for reading and writing; close(*file) drops it. */
enum lede_status temporary_make(const char *directory, int *file, struct lede_error *err);

enum lede_status temporary_write(int file, const char *directory, struct slice bytes,
                                 uint64_t offset, struct lede_error *err);

/* Reads size bytes, all of which were written. */
enum lede_status temporary_read(int file, const char *directory, uint64_t offset, uint8_t *to,
                                size_t size, struct lede_error *err);

/* What was read is not what was written: LEDE_IO. */
enum lede_status temporary_damaged(const char *directory, struct lede_error *err);

#endif
