/* error.h -- how a failure travels: a status, and a text that says what, where, what to do.
 *
 * Library functions return enum lede_status and fill the struct lede_error that is
 * their last argument; callers that do not care pass NULL. Nothing here prints. */
#ifndef LEDE_BASE_ERROR_H
#define LEDE_BASE_ERROR_H

#include "lede.h"

/* Fills *err (if not NULL) and returns status, so that a caller can
 * `return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));`.
 * A text that does not fit is cut at a UTF-8 boundary. */
enum lede_status error_set(struct lede_error *err, enum lede_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The one text for memory that ran out. */
enum lede_status error_no_memory(struct lede_error *err);

#endif
