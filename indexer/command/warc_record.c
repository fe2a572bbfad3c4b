#include "command/warc_record.h"

#include "base/ascii.h"
#include "command/http_message.h"

enum { ARC_FIELDS = 4 /* behind the URL */, ARC_DATE = 14, SIZE_DIGITS = 18 };

bool warc_recognizes(struct slice head, enum warc_form *form)
{
    *form = slice_begins(head, slice_str("filedesc://")) ? FORM_ARC : FORM_WARC;
    return *form == FORM_ARC || slice_begins(head, slice_str("WARC/0.")) ||
           slice_begins(head, slice_str("WARC/1."));
}

static bool read_size(struct slice digits, uint64_t *size)
{
    *size = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        *size = *size * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return digits.size > 0 && digits.size <= SIZE_DIGITS;
}

/* ---- WARC ---- */

static enum warc_kind kind_of(const struct warc_record *record)
{
    if (http_is(record->type, "response"))
        return WARC_HTTP;
    if (http_is(record->type, "conversion"))
        return WARC_TEXT;
    /* What a crawler writes down of itself is named so. */
    if (http_is(record->type, "resource") && !slice_begins(record->uri, slice_str("metadata:")))
        return WARC_CONTENT;
    return WARC_OTHER;
}

static struct slice without_brackets(struct slice uri)
{
    if (uri.size >= 2 && uri.data[0] == '<' && uri.data[uri.size - 1] == '>')
        return slice_of(uri.data + 1, uri.size - 2);
    return uri;
}

static const char *read_warc(struct slice head, struct warc_record *record)
{
    struct slice languages = http_field(head, "WARC-Identified-Content-Language");
    const uint8_t *comma = languages.size ? memchr(languages.data, ',', languages.size) : NULL;

    record->type = http_field(head, "WARC-Type");
    record->uri = without_brackets(http_field(head, "WARC-Target-URI"));
    record->date = http_field(head, "WARC-Date");
    record->content_type = http_field(head, "Content-Type");
    record->language =
        comma ? slice_of(languages.data, (size_t)(comma - languages.data)) : languages;
    record->kind = kind_of(record);
    if (!read_size(http_field(head, "Content-Length"), &record->size))
        return "its Content-Length is no number";
    if (record->type.size == 0)
        return "it has no WARC-Type";
    return record->kind != WARC_OTHER && record->uri.size == 0 ? "it has no WARC-Target-URI" : NULL;
}

/* ---- ARC ---- */

/* Cuts the last word off. */
static struct slice take_last(struct slice *line)
{
    size_t end = line->size, begin;
    struct slice word;

    for (begin = end; begin > 0 && line->data[begin - 1] != ' '; begin--)
        ;
    word = slice_of(line->data + begin, end - begin);
    line->size = begin > 0 ? begin - 1 : 0;
    return word;
}

static bool is_date(struct slice word)
{
    uint64_t number;

    return word.size == ARC_DATE && read_size(word, &number);
}

static const char *read_arc(struct slice line, struct warc_record *record)
{
    struct slice words[ARC_FIELDS]; /* address, date, type, size */

    while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r'))
        line.size--;
    for (int i = ARC_FIELDS - 1; i >= 0; i--)
        words[i] = take_last(&line);
    if (line.size == 0 || !memchr(line.data, ':', line.size))
        return "its line does not begin with a URL";
    record->uri = line;
    record->date = words[1];
    record->content_type = words[2];
    record->type = words[2];
    record->kind = slice_begins(line, slice_str("filedesc:")) ? WARC_OTHER : WARC_HTTP;
    if (!is_date(words[1]))
        return "its date has not 14 digits";
    return read_size(words[3], &record->size) ? NULL : "its length is no number";
}

/* ---- both ---- */

size_t warc_head_size(enum warc_form form, struct slice bytes)
{
    const uint8_t *end;

    if (form == FORM_WARC)
        return http_head_size(bytes);
    end = bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;
    return end ? (size_t)(end - bytes.data) + 1 : 0;
}

bool warc_begins(enum warc_form form, struct slice bytes)
{
    struct warc_record record;
    size_t size;

    if (form == FORM_WARC)
        return slice_begins(bytes, slice_str("WARC/"));
    size = warc_head_size(form, bytes);
    return size > 0 && read_arc(slice_of(bytes.data, size), &record) == NULL;
}

/* http://..., dns:...: how a line of an ARC begins. */
static bool begins_with_scheme(struct slice bytes)
{
    size_t size = 0;

    while (size < bytes.size && ascii_is_letter(bytes.data[size]))
        size++;
    return size > 0 && (size == bytes.size || bytes.data[size] == ':');
}

bool warc_may_end(enum warc_form form, struct slice bytes)
{
    if (form == FORM_WARC && slice_begins(bytes, slice_str("\r\n\r\n")))
        return true;
    while (bytes.size > 0 && (bytes.data[0] == '\r' || bytes.data[0] == '\n'))
        bytes = slice_of(bytes.data + 1, bytes.size - 1);
    if (bytes.size == 0)
        return true;
    return form == FORM_ARC ? begins_with_scheme(bytes) : slice_begins(bytes, slice_str("WARC/"));
}

const char *warc_read_head(enum warc_form form, struct slice head, struct warc_record *record)
{
    *record = (struct warc_record){.kind = WARC_OTHER};
    return form == FORM_ARC ? read_arc(head, record) : read_warc(head, record);
}
