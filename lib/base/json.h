/* json.h -- writing JSON (RFC 8259) into a buffer: for output on the hot start-up path of
 * lede-search, which loads no JSON library. Reading JSON is jansson's, in lede-index.
 *
 * Strings come out as valid UTF-8 and pure data: quotes, backslashes and everything that
 * printable.h calls harmful (controls, bidi marks, line separators) is escaped, so nothing is lost;
 * a byte that is no UTF-8 becomes U+FFFD. The names are not jansson's, which lede-index links too.
 */
#ifndef LEDE_BASE_JSON_H
#define LEDE_BASE_JSON_H

#include "base/buffer.h"

/* "text", with its quotes. */
void json_put_string(struct buffer *out, struct slice text);

/* The shortest decimal that reads back as the same double; null if it is not finite. */
void json_put_number(struct buffer *out, double value);

/* Members and elements: `first` says whether a comma is due, and becomes false.
 *     bool first = true; json_put_key(out, &first, "id"); json_put_string(out, id); */
void json_put_key(struct buffer *out, bool *first, const char *name);

#endif
