#include "command/mail_message.h"

#include "base/lede_bytes.h"
#include "command/mail_field.h"
#include "html/html_encoding.h"

void mail_message_init(struct mail_message *message, size_t max_text, size_t max_tree)
{
    struct buffer *const buffers[] = {&message->text,     &message->subject, &message->author,
                                      &message->to,       &message->list,    &message->date,
                                      &message->id,       &message->field,   &message->decoded,
                                      &message->converted};

    *message = (struct mail_message){.max_text = max_text};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buffer_init(buffers[i], NULL);
    html_page_init(&message->page, max_tree);
}

void mail_message_done(struct mail_message *message)
{
    html_page_done(&message->page);
    buffer_done(&message->text);
    buffer_done(&message->subject);
    buffer_done(&message->author);
    buffer_done(&message->to);
    buffer_done(&message->list);
    buffer_done(&message->date);
    buffer_done(&message->id);
    buffer_done(&message->field);
    buffer_done(&message->decoded);
    buffer_done(&message->converted);
}

/* ---- a text ---- */

static void begin_paragraph(struct mail_message *message)
{
    if (message->text.size > 0)
        buffer_str(&message->text, "\n\n");
}

/* Appends lines, without the > that an mbox puts before those that begin with From. */
static void put_lines(struct mail_message *message, struct slice text)
{
    text = slice_trim(text);
    if (text.size > 0)
        begin_paragraph(message);
    while (text.size > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) + 1 : text.size, marks = 0;

        while (marks < size && text.data[marks] == '>')
            marks++;
        if (message->quoted && marks > 0 &&
            slice_begins(slice_of(text.data + marks, size - marks), slice_str("From ")))
            buffer_put(&message->text, text.data + 1, size - 1);
        else
            buffer_put(&message->text, text.data, size);
        text = slice_of(text.data + size, text.size - size);
    }
}

static enum lede_status put_html(struct mail_message *message, struct slice html,
                                 struct lede_error *err)
{
    struct buffer text;
    enum lede_status status;

    buffer_init(&text, NULL);
    status = html_page_fragment(&message->page, html, &text, err);
    if (status == LEDE_OK && text.size > 0) {
        begin_paragraph(message);
        buffer_put(&message->text, text.data, text.size);
    }
    buffer_done(&text);
    return status;
}

static enum lede_status too_large(const struct mail_message *message, struct lede_error *err)
{
    return error_set(err, LEDE_LIMIT,
                     "its texts have more than %zu bytes: see --memory, --max-record",
                     message->max_text);
}

/* The encoded text may be four times as long. */
static enum lede_status read_text(struct mail_message *message, const struct mail_type *type,
                                  struct slice body, struct lede_error *err)
{
    enum lede_status status;

    if (body.size / 4 > message->max_text)
        return too_large(message, err);
    if (!mail_decode(type->encoding, body, &message->decoded))
        return error_no_memory(err);
    if (message->text.size + message->decoded.size > message->max_text)
        return too_large(message, err);
    buffer_clear(&message->converted);
    status = html_to_utf8(buffer_bytes(&message->decoded), slice_str(type->charset),
                          &message->converted, &message->replaced, err);
    if (status != LEDE_OK)
        return status;
    if (strcmp(type->media, "text/html") == 0)
        return put_html(message, buffer_bytes(&message->converted), err);
    put_lines(message, buffer_bytes(&message->converted));
    return message->text.failed ? error_no_memory(err) : LEDE_OK;
}

/* ---- parts ---- */

/* Where the next line that is --boundary begins, from at on, and the one behind it; false: there is
 * none, and neither is written. *is_last: it is --boundary--. */
static bool find_delimiter(struct slice bytes, const char *boundary, size_t at, size_t *begin,
                           size_t *end, bool *is_last)
{
    size_t size = strlen(boundary);

    while (at < bytes.size) {
        const uint8_t *found = memmem(bytes.data + at, bytes.size - at, boundary, size);

        if (!found)
            return false;
        at = (size_t)(found - bytes.data);
        if (at >= 2 && found[-1] == '-' && found[-2] == '-' && (at == 2 || found[-3] == '\n')) {
            const uint8_t *line_end = memchr(found, '\n', bytes.size - at);
            struct slice rest;

            *end = line_end ? (size_t)(line_end - bytes.data) + 1 : bytes.size;
            rest = slice_trim(slice_of(found + size, *end - at - size));
            *begin = at - 2;
            *is_last = slice_equal(rest, slice_str("--"));
            if (rest.size == 0 || *is_last)
                return true;
        }
        at += size;
    }
    return false;
}

struct parts {
    struct slice body;
    const char *boundary;
    size_t at; /* behind the delimiter of the part that comes next */
    bool ended;
};

static bool next_part(struct parts *parts, struct slice *part)
{
    size_t begin = parts->at, line = parts->body.size, end = line;
    bool is_last = false;

    if (parts->ended)
        return false;
    parts->ended = !find_delimiter(parts->body, parts->boundary, begin, &line, &end, &is_last);
    *part = slice_of(parts->body.data + begin, line - begin);
    parts->at = end;
    parts->ended |= is_last;
    return true;
}

/* The parts behind the text that nobody is meant to read. */
static struct parts parts_of(struct slice body, const char *boundary)
{
    struct parts parts = {.body = body, .boundary = boundary};
    size_t line;
    bool is_last;

    parts.ended =
        !boundary[0] || !find_delimiter(body, boundary, 0, &line, &parts.at, &is_last) || is_last;
    return parts;
}

static enum lede_status read_part(struct mail_message *message, struct slice part, unsigned depth,
                                  struct lede_error *err);

/* Reads the plain text among alternatives; *found: there is one, and it is not empty. */
static enum lede_status read_plain(struct mail_message *message, struct parts parts, bool *found,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    size_t before = message->text.size;
    struct slice part;

    while (status == LEDE_OK && message->text.size == before && next_part(&parts, &part)) {
        size_t head = mail_head_size(part);
        struct mail_type type;

        if (++message->parts > MAIL_PARTS)
            break;
        mail_type_read(slice_of(part.data, head), &type);
        if (strcmp(type.media, "text/plain") == 0 && !type.attached)
            status = read_text(message, &type, slice_of(part.data + head, part.size - head), err);
    }
    *found = message->text.size > before;
    return status;
}

/* A part of parts: all, or, if only one is wanted, the first that has a text. */
static enum lede_status read_parts(struct mail_message *message, struct parts parts, bool one,
                                   unsigned depth, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    size_t before = message->text.size;
    struct slice part;

    while (status == LEDE_OK && !(one && message->text.size > before) && next_part(&parts, &part))
        status = read_part(message, part, depth, err);
    return status;
}

static enum lede_status read_alternatives(struct mail_message *message, struct parts parts,
                                          unsigned depth, struct lede_error *err)
{
    bool found;
    enum lede_status status = read_plain(message, parts, &found, err);

    return status == LEDE_OK && !found ? read_parts(message, parts, true, depth, err) : status;
}

/* A mail in a mail: its subject, as a paragraph, then what it is. */
static enum lede_status read_inner(struct mail_message *message, struct slice body, unsigned depth,
                                   struct lede_error *err)
{
    struct slice head = slice_of(body.data, mail_head_size(body));

    if (mail_field_text(head, "Subject", &message->field))
        put_lines(message, buffer_bytes(&message->field));
    return read_part(message, body, depth, err);
}

static bool begins(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Recursion is as deep as MAIL_DEPTH. */
static enum lede_status read_part(struct mail_message *message, struct slice part, unsigned depth,
                                  struct lede_error *err)
{
    size_t size = mail_head_size(part);
    struct slice body = slice_of(part.data + size, part.size - size);
    struct mail_type type;

    if (depth > MAIL_DEPTH || ++message->parts > MAIL_PARTS)
        return LEDE_OK;
    mail_type_read(slice_of(part.data, size), &type);
    if (strcmp(type.media, "multipart/alternative") == 0)
        return read_alternatives(message, parts_of(body, type.boundary), depth + 1, err);
    if (begins(type.media, "multipart/"))
        return read_parts(message, parts_of(body, type.boundary), false, depth + 1, err);
    if (strcmp(type.media, "message/rfc822") == 0)
        return read_inner(message, body, depth + 1, err);
    if (type.attached || !begins(type.media, "text/"))
        return LEDE_OK;
    return read_text(message, &type, body, err);
}

/* ---- the mail ---- */

static void put_metadata(struct mail_message *message, const char *name, const struct buffer *value)
{
    if (value->size > 0)
        message->metadata[message->metadata_count++] =
            (struct lede_field){bytes_of(slice_str(name)), bytes_of(buffer_bytes(value))};
}

static void take_date(struct mail_message *message, struct item *item)
{
    struct slice date = buffer_bytes(&message->date);
    const uint8_t *comment = date.size ? memchr(date.data, '(', date.size) : NULL;

    if (comment) /* (CET) */
        date.size = (size_t)(comment - date.data);
    date = slice_trim(date);
    if (date.size == 0 || lede_date_parse(bytes_of(date), &item->article.date) == LEDE_OK)
        return;
    item->date_unread = true;
    put_metadata(message, "date", &message->date);
}

/* Without the angle brackets around it. */
static struct slice own_id(const struct mail_message *message)
{
    struct slice id = buffer_bytes(&message->id);

    if (id.size > 2 && id.data[0] == '<' && id.data[id.size - 1] == '>')
        return slice_of(id.data + 1, id.size - 2);
    return id;
}

static void read_head(struct mail_message *message, struct slice head)
{
    (void)mail_field_text(head, "Subject", &message->subject);
    (void)mail_field_text(head, "From", &message->author);
    (void)mail_field_text(head, "To", &message->to);
    (void)mail_field_text(head, "List-Id", &message->list);
    (void)mail_field_text(head, "Date", &message->date);
    (void)mail_field_text(head, "Message-ID", &message->id);
}

static bool has_failed(const struct mail_message *message)
{
    return message->subject.failed || message->author.failed || message->to.failed ||
           message->list.failed || message->date.failed || message->id.failed ||
           message->text.failed || message->field.failed || mail_memory_is_short();
}

enum lede_status mail_message_read(struct mail_message *message, struct slice bytes,
                                   struct item *item, struct lede_error *err)
{
    enum lede_status status;

    *item = (struct item){.kind = ITEM_ARTICLE};
    buffer_clear(&message->text);
    message->parts = 0;
    message->replaced = message->metadata_count = 0;
    read_head(message, slice_of(bytes.data, mail_head_size(bytes)));
    status = read_part(message, bytes, 0, err);
    if (has_failed(message))
        return error_no_memory(err);
    if (status != LEDE_OK)
        return status;
    item->replaced_bytes = message->replaced;
    item->article.id = bytes_of(own_id(message));
    item->article.title = bytes_of(buffer_bytes(&message->subject));
    item->article.text = bytes_of(buffer_bytes(&message->text));
    put_metadata(message, "author", &message->author);
    put_metadata(message, "to", &message->to);
    put_metadata(message, "list", &message->list);
    take_date(message, item);
    item->article.metadata = message->metadata;
    item->article.metadata_count = message->metadata_count;
    return LEDE_OK;
}
