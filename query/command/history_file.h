/* history_file.h -- the queries of other days: a text file, a line each, the newest last. */
#ifndef LEDE_QUERY_COMMAND_HISTORY_FILE_H
#define LEDE_QUERY_COMMAND_HISTORY_FILE_H

#include "base/buffer.h"
#include "lede.h"

enum { HISTORY_KEPT = 1000 /* lines; once there are twice as many, the older half goes */ };

/* Its path, to be freed; NULL: none is kept ($LEDE_HISTORY is empty, or there is no home). The
 * directories that it is in are made. */
char *history_file_path(void);

/* Appends its last HISTORY_KEPT lines to lines, those that are UTF-8 without control characters.
 * No file is an empty one; LEDE_IO, LEDE_NO_MEMORY. */
enum lede_status history_file_read(const char *path, struct buffer *lines, struct lede_error *err);

/* Appends a line to it, at once; made if need be, for its owner alone. LEDE_IO, LEDE_FULL. */
enum lede_status history_file_add(const char *path, struct slice line, struct lede_error *err);

#endif
