/* warc_record.h -- the heads of records in archives of the web: WARC 1.0 and 1.1, and ARC 1.
 *
 * WARC (ISO 28500): "WARC/1.0", then lines NAME: VALUE up to an empty one; then Content-Length
 * bytes, and two line ends. ARC (Internet Archive, 1996): one line URL IP DATE TYPE LENGTH, where
 * the URL may have spaces in it; then LENGTH bytes, and a line end. All slices are borrowed. */
#ifndef LEDE_COMMAND_WARC_RECORD_H
#define LEDE_COMMAND_WARC_RECORD_H

#include "base/bytes.h"

enum warc_form { FORM_WARC, FORM_ARC };

enum warc_kind {
    WARC_HTTP,    /* what a server answered: an HTTP head, and a body */
    WARC_CONTENT, /* bytes of content_type: resources */
    WARC_TEXT,    /* a page's text, that somebody took out of it: WET files */
    WARC_OTHER    /* requests, revisits and the like: no articles */
};

struct warc_record {
    enum warc_kind kind;
    struct slice type;         /* as the record names it: "request" */
    struct slice uri;          /* without the angle brackets that some writers put around it */
    struct slice date;         /* of the visit: RFC 3339; of ARC, 14 digits */
    struct slice content_type; /* of the record's bytes */
    struct slice language;     /* a code of three letters, if somebody detected it */
    uint64_t size;             /* bytes behind the head */
};

/* True if a file that begins so is an archive of that form. */
bool warc_recognizes(struct slice head, enum warc_form *form);

/* True if a record begins with bytes, which may be cut behind WARC/ or the whole line of an ARC. */
bool warc_begins(enum warc_form form, struct slice bytes);

/* True if bytes, fewer than WARC_BEHIND only if there are no more, may be what is behind a record:
 * its end mark, or line ends and a record, be it a broken one, or nothing. */
enum { WARC_BEHIND = 64 };
bool warc_may_end(enum warc_form form, struct slice bytes);

/* Bytes of the head; 0: its end is not there. */
size_t warc_head_size(enum warc_form form, struct slice bytes);

/* Reads a head; NULL, or what is wrong with it. */
const char *warc_read_head(enum warc_form form, struct slice head, struct warc_record *record);

#endif
