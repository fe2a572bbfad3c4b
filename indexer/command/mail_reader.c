#include "command/mail_reader.h"

#include <stdio.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/lede_bytes.h"
#include "command/mail_field.h"

enum { SEARCHED = 64 * 1024, FROM_MOST = 1024 /* bytes of a From line */ };

void mail_reader_init(struct mail_reader *reader, size_t max_record, size_t max_page,
                      size_t max_tree)
{
    *reader = (struct mail_reader){.max_record = max_record, .ended = true};
    mail_message_init(&reader->message, max_page, max_tree);
    buffer_init(&reader->id, NULL);
}

void mail_reader_done(struct mail_reader *reader)
{
    mail_message_done(&reader->message);
    buffer_done(&reader->id);
}

void mail_reader_start(struct mail_reader *reader, struct input *input, const struct origin *origin,
                       bool is_mbox)
{
    reader->input = input;
    reader->origin = origin;
    mail_begin();
    reader->is_mbox = is_mbox;
    reader->message.quoted = is_mbox;
    reader->ended = false;
    reader->record = 0;
}

/* ---- lines ---- */

/* The line at the beginning, without its end; *whole: its end is there. */
static struct slice first_line(struct slice bytes, bool *whole)
{
    const uint8_t *end = bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;

    *whole = end != NULL;
    return slice_of(bytes.data, end ? (size_t)(end - bytes.data) : bytes.size);
}

/* "From somebody Thu Feb 26 15:01:01 1987": a From, and a time somewhere. */
static bool is_from_line(struct slice line)
{
    if (!slice_begins(line, slice_str("From ")) || line.size > FROM_MOST)
        return false;
    for (size_t i = 7; i + 2 < line.size; i++)
        if (line.data[i] == ':' && ascii_is_digit(line.data[i - 1]) &&
            ascii_is_digit(line.data[i - 2]) && ascii_is_digit(line.data[i + 1]) &&
            ascii_is_digit(line.data[i + 2]))
            return true;
    return false;
}

/* Bytes of the name of a field that a line begins with; 0: it is none. */
static size_t field_name(struct slice line)
{
    size_t size = 0;

    while (size < line.size && line.data[size] > ' ' && line.data[size] < 0x7f &&
           line.data[size] != ':')
        size++;
    return size < line.size && line.data[size] == ':' ? size : 0;
}

static bool is_named(struct slice line, const char *name)
{
    return field_name(line) == strlen(name) &&
           strncasecmp((const char *)line.data, name, strlen(name)) == 0;
}

enum head_answer mbox_recognizes(struct slice head)
{
    bool whole;
    struct slice line = first_line(head, &whole), next;

    if (!whole)
        return slice_begins(head, slice_str("From ")) && head.size <= FROM_MOST ? HEAD_MORE
                                                                                : HEAD_NO;
    if (!is_from_line(line))
        return HEAD_NO;
    next = first_line(slice_of(head.data + line.size + 1, head.size - line.size - 1), &whole);
    if (field_name(next) > 0)
        return HEAD_YES;
    return whole ? HEAD_NO : HEAD_MORE;
}

enum head_answer mail_recognizes(struct slice head)
{
    static const char *const others[] = {"Date", "Message-ID", "Received", "MIME-Version"};
    bool whole = true, from = false, other = false;

    while (head.size > 0) {
        struct slice line = first_line(head, &whole);
        bool folded = line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t');

        if (!whole || slice_trim(line).size == 0)
            break;
        if (!folded && field_name(line) == 0)
            return HEAD_NO;
        from |= is_named(line, "From");
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            other |= is_named(line, others[i]);
        if (from && other)
            return HEAD_YES;
        head = slice_of(head.data + line.size + 1, head.size - line.size - 1);
    }
    return head.size == 0 || !whole ? HEAD_MORE : HEAD_NO;
}

/* ---- where mails end ---- */

/* Where in bytes the next mail begins, from *at on, which moves to where there may still be one;
 * 0: nowhere. */
static size_t find_from(struct slice bytes, size_t *at)
{
    for (;;) {
        const uint8_t *found =
            *at < bytes.size ? memmem(bytes.data + *at, bytes.size - *at, "\nFrom ", 6) : NULL;
        size_t place;
        bool whole;

        if (!found) {
            *at = bytes.size > *at + 5 ? bytes.size - 5 : *at; /* part of it may be there */
            return 0;
        }
        *at = (size_t)(found - bytes.data);
        place = *at + 1;
        if (is_from_line(first_line(slice_of(bytes.data + place, bytes.size - place), &whole)) &&
            (found[-1] == '\n' || (found[-1] == '\r' && found[-2] == '\n')))
            return place;
        if (!whole && bytes.size - place <= FROM_MOST)
            return 0;
        *at = place;
    }
}

enum find_kind { FIND_WHOLE, FIND_TOO_LARGE, FIND_FAILED };

/* Bytes of the mail ahead; more than max_record, if it is so large. */
static enum find_kind find_end(struct mail_reader *reader, struct slice *mail,
                               enum lede_status *status, struct lede_error *error)
{
    size_t seen = 0, at = 2 /* the first line is its own */, end = 0;

    do {
        *status = input_peek(reader->input, seen + 1, mail, error);
        if (mail->size == seen)
            return *status == LEDE_OK ? FIND_WHOLE : FIND_FAILED;
        seen = mail->size;
        if (reader->is_mbox)
            end = find_from(*mail, &at);
    } while (end == 0 && seen <= reader->max_record);
    if (end > 0)
        mail->size = end;
    return mail->size > reader->max_record ? FIND_TOO_LARGE : FIND_WHOLE;
}

/* Passes a mail that does not fit into memory; its size. */
static uint64_t pass_mail(struct mail_reader *reader, enum lede_status *status,
                          struct lede_error *error)
{
    uint64_t begin = input_offset(reader->input);
    struct slice ahead;

    input_skip(reader->input, 2);
    for (;;) {
        size_t at = 2, end;

        *status = input_peek(reader->input, SEARCHED, &ahead, error);
        end = reader->is_mbox ? find_from(ahead, &at) : 0;
        if (end == 0 && ahead.size >= SEARCHED)
            end = at > 2 ? at - 2 : ahead.size;
        else if (end == 0)
            end = ahead.size;
        else
            ahead.size = 0;
        if (ahead.size == 0)
            *status = LEDE_OK; /* an error is met again behind the next mail */
        input_skip(reader->input, end);
        if (ahead.size < SEARCHED)
            return input_offset(reader->input) - begin;
    }
}

/* ---- items ---- */

static enum lede_status make_id(struct mail_reader *reader, struct item *item)
{
    if (item->article.id.size > 0)
        return LEDE_OK;
    buffer_clear(&reader->id);
    buffer_put(&reader->id, reader->origin->id.data, reader->origin->id.size);
    if (reader->is_mbox)
        buffer_printf(&reader->id, "#%llu", (unsigned long long)reader->record);
    item->article.id = bytes_of(buffer_bytes(&reader->id));
    return reader->id.failed ? LEDE_NO_MEMORY : LEDE_OK;
}

static struct slice without_from_line(struct slice mail)
{
    bool whole;
    struct slice line = first_line(mail, &whole);

    if (!whole || !is_from_line(line))
        return mail;
    return slice_of(mail.data + line.size + 1, mail.size - line.size - 1);
}

static enum lede_status take_mail(struct mail_reader *reader, struct slice mail, struct item *item,
                                  struct lede_error *err)
{
    uint64_t offset = input_offset(reader->input);
    struct lede_error error = {.text = ""};
    enum lede_status status =
        mail_message_read(&reader->message, without_from_line(mail), item, &error);

    input_skip(reader->input, mail.size); /* the bytes stay until the next peek */
    if (status == LEDE_OK)
        status = make_id(reader, item);
    if (status == LEDE_NO_MEMORY)
        return error_no_memory(err);
    if (status != LEDE_OK) {
        item_skip(item, reader->origin, SKIP_TOO_LARGE, reader->record, offset, error.text);
        return LEDE_OK;
    }
    if (item->article.title.size + item->article.text.size == 0) {
        item_skip(item, reader->origin, SKIP_NO_ARTICLE, reader->record, offset,
                  "neither a subject nor a text");
        return LEDE_OK;
    }
    item->record = reader->is_mbox ? reader->record : 0;
    item_set_source(item, reader->origin, offset, mail.size);
    return LEDE_OK;
}

static enum lede_status fail(struct mail_reader *reader, struct item *item, enum lede_status status,
                             const struct lede_error *error, struct lede_error *err)
{
    reader->ended = true;
    return item_skip_rest(item, reader->origin, status, reader->record, input_offset(reader->input),
                          error->text, err);
}

static enum lede_status skip_too_large(struct mail_reader *reader, struct item *item,
                                       struct lede_error *err)
{
    uint64_t offset = input_offset(reader->input), size;
    struct lede_error error = {.text = ""};
    enum lede_status status;
    char message[128];

    size = pass_mail(reader, &status, &error);
    if (status != LEDE_OK)
        return fail(reader, item, status, &error, err);
    (void)snprintf(message, sizeof message,
                   "the mail has %llu bytes, more than %zu: see --max-record",
                   (unsigned long long)size, reader->max_record);
    item_skip(item, reader->origin, SKIP_TOO_LARGE, reader->record, offset, message);
    return LEDE_OK;
}

enum lede_status mail_reader_next(struct mail_reader *reader, struct item *item,
                                  struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status = LEDE_OK;
    enum find_kind kind;
    struct slice mail;

    *item = (struct item){.kind = ITEM_END};
    if (reader->ended)
        return LEDE_OK;
    kind = find_end(reader, &mail, &status, &error);
    if (kind == FIND_WHOLE && slice_trim(mail).size == 0) {
        reader->ended = true;
        return LEDE_OK;
    }
    reader->record++;
    if (kind == FIND_FAILED)
        return fail(reader, item, status, &error, err);
    if (kind == FIND_TOO_LARGE)
        return skip_too_large(reader, item, err);
    return take_mail(reader, mail, item, err);
}
