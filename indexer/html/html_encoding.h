/* html_encoding.h -- the bytes of a web page as UTF-8.
 *
 * Which encoding they are in is said, in this order, by a byte order mark, by who sent them (a
 * header), and by a meta element among the first 4 KiB. Where nobody says, they are UTF-8 if they
 * can be, and else what uchardet takes them for, or windows-1252. Labels mean what browsers take
 * them for (https://encoding.spec.whatwg.org, "Names and labels"): iso-8859-1 is windows-1252. */
#ifndef LEDE_HTML_ENCODING_H
#define LEDE_HTML_ENCODING_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends the page as UTF-8. header: the charset of a Content-Type, or empty. *replaced grows by
 * the bytes that made no sense and became U+FFFD. LEDE_NO_MEMORY. */
enum lede_status html_to_utf8(struct slice page, struct slice header, struct buffer *out,
                              uint64_t *replaced, struct lede_error *err);

#endif
