#include "command/warc_payload.h"

#include "command/file_kind.h"
#include "command/http_message.h"

enum { SHOWN = 60 /* bytes of a name in a message */ };

static enum lede_status no_article(struct lede_error *err, const char *what, struct slice name)
{
    return error_set(err, LEDE_MISSING, "%s%.*s", what, name.size < SHOWN ? (int)name.size : SHOWN,
                     name.size ? (const char *)name.data : "");
}

static enum lede_status find_content(struct warc_payload *payload, struct slice content_type,
                                     struct lede_error *err)
{
    struct slice media = http_media_type(content_type);

    payload->charset = http_charset(content_type);
    if (http_is(media, "text/html") || http_is(media, "application/xhtml+xml"))
        payload->content = CONTENT_PAGE;
    else if (http_is(media, "text/plain"))
        payload->content = CONTENT_TEXT;
    else if (media.size == 0 || http_is(media, "no-type") || http_is(media, "unknown"))
        payload->content = CONTENT_UNKNOWN;
    else
        return no_article(err, "", media);
    return LEDE_OK;
}

static enum lede_status find_answer(struct slice block, struct warc_payload *payload,
                                    struct lede_error *err)
{
    size_t size = http_head_size(block);
    unsigned status;

    payload->http_head = slice_of(block.data, size);
    payload->body = slice_of(block.data + size, block.size - size);
    status = http_status(payload->http_head);
    if (status == 0)
        return error_set(err, LEDE_CORRUPT, "its HTTP head cannot be read");
    if (status != 200 && status != 203)
        return error_set(err, LEDE_MISSING, "HTTP status %u", status);
    return find_content(payload, http_field(payload->http_head, "Content-Type"), err);
}

static bool holds_answer(enum warc_form form, const struct warc_record *record, struct slice block)
{
    if (record->kind != WARC_HTTP)
        return false;
    if (form == FORM_ARC)
        return block.size >= 5 && memcmp(block.data, "HTTP/", 5) == 0;
    return http_is(http_media_type(record->content_type), "application/http");
}

enum lede_status warc_payload_find(enum warc_form form, const struct warc_record *record,
                                   struct slice block, struct warc_payload *payload,
                                   struct lede_error *err)
{
    *payload = (struct warc_payload){.body = block};
    if (record->kind == WARC_OTHER)
        return no_article(err, "type ", record->type);
    if (holds_answer(form, record, block))
        return find_answer(block, payload, err);
    return find_content(payload, record->content_type, err);
}

enum lede_status warc_payload_unpack(struct warc_payload *payload, size_t most, struct buffer *out,
                                     struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (payload->http_head.size)
        status = http_body(payload->http_head, payload->body, most, out, &payload->body, err);
    if (status != LEDE_OK)
        return status;
    if (payload->body.size == 0)
        return error_set(err, LEDE_MISSING, "an empty body");
    if (head_is_binary(payload->body))
        return error_set(err, LEDE_MISSING, "binary");
    if (payload->content == CONTENT_UNKNOWN) {
        if (head_is_html(payload->body) != HEAD_YES)
            return error_set(err, LEDE_MISSING, "of no type that is known");
        payload->content = CONTENT_PAGE;
    }
    return LEDE_OK;
}
