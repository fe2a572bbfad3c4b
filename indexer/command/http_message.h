/* http_message.h -- the head and body of an HTTP response, as archives of the web keep them.
 *
 * A head is lines that end in CR LF or LF, up to an empty one; behind the first, each is NAME:
 * VALUE (a line that begins with a blank, the continuation of another, is passed over). Records of
 * WARC files have heads of the same kind. A body may be cut into chunks, and may be compressed
 * (RFC 9112, 7.1; RFC 9110, 8.4). All slices are borrowed. */
#ifndef LEDE_COMMAND_HTTP_MESSAGE_H
#define LEDE_COMMAND_HTTP_MESSAGE_H

#include "base/buffer.h"
#include "base/error.h"

/* Bytes of the head that bytes begin with, its empty line included; 0: its end is not there. */
size_t http_head_size(struct slice bytes);

/* The value of the first line of that name (in any case), blanks around it cut off; or empty. */
struct slice http_field(struct slice head, const char *name);

/* The number behind HTTP/x.y; 0: that is not how the head begins. */
unsigned http_status(struct slice head);

/* Of a Content-Type: what stands before the first ; and the charset, without quotes, or empty. */
struct slice http_media_type(struct slice content_type);
struct slice http_charset(struct slice content_type);

/* Compares in any case. */
bool http_is(struct slice value, const char *word);

/* Undoes Transfer-Encoding and Content-Encoding: *decoded is body, or in out, which is overwritten.
 * A body that is not in the form that the head says, from its first byte on, is taken as it is:
 * archivers undo it and leave the head. LEDE_CORRUPT: it is, but not to its end, or it is
 * compressed in a way that is not read here (br, zstd); LEDE_LIMIT: more than most bytes come out;
 * LEDE_NO_MEMORY. */
enum lede_status http_body(struct slice head, struct slice body, size_t most, struct buffer *out,
                           struct slice *decoded, struct lede_error *err);

#endif
