/* warc_payload.h -- what a record of an archive of the web holds that may be an article. */
#ifndef LEDE_COMMAND_WARC_PAYLOAD_H
#define LEDE_COMMAND_WARC_PAYLOAD_H

#include "base/buffer.h"
#include "base/error.h"
#include "command/warc_record.h"

enum warc_content {
    CONTENT_PAGE,
    CONTENT_TEXT,
    CONTENT_UNKNOWN /* nobody says; warc_payload_unpack looks at the bytes */
};

struct warc_payload {
    enum warc_content content;
    struct slice http_head; /* empty: there is none */
    struct slice body;
    struct slice charset; /* of the Content-Type; or empty */
};

/* Finds it in the bytes behind the record's head, of which the first will do. LEDE_MISSING: that is
 * no article, and *err says what it is. LEDE_CORRUPT: it has not the form that it should have. */
enum lede_status warc_payload_find(enum warc_form form, const struct warc_record *record,
                                   struct slice block, struct warc_payload *payload,
                                   struct lede_error *err);

/* Undoes what was done to the body to send it: see http_body, which has it in out; and tells pages
 * from others by their bytes where nobody says. LEDE_MISSING: it is no article after all. */
enum lede_status warc_payload_unpack(struct warc_payload *payload, size_t most, struct buffer *out,
                                     struct lede_error *err);

#endif
