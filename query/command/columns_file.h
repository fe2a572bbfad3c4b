/* columns_file.h -- text files of lines with a fixed number of fields between blanks, as TREC has
 * them. */
#ifndef LEDE_QUERY_COMMAND_COLUMNS_FILE_H
#define LEDE_QUERY_COMMAND_COLUMNS_FILE_H

#include "base/buffer.h"
#include "lede.h"

enum { COLUMNS_MAX = 6 };

struct columns_line {
    const char *path; /* for messages */
    size_t number;    /* from 1 */
    struct slice fields[COLUMNS_MAX];
};

/* Reads the file into *text and gives each line that is not blank to take, which ends it all by
 * another status than LEDE_OK. Fields point into *text, and live as long. LEDE_INVALID: a line has
 * not count fields; LEDE_IO, LEDE_NO_MEMORY. */
enum lede_status columns_read(const char *path, size_t count, struct buffer *text,
                              enum lede_status (*take)(void *context,
                                                       const struct columns_line *line,
                                                       struct lede_error *err),
                              void *context, struct lede_error *err);

/* The whole field as a number; false if it is none. */
bool columns_integer(struct slice field, int *value);
bool columns_real(struct slice field, double *value);

#endif
