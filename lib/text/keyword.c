#include "text/keyword.h"

#include <unictype.h>

#include "base/ascii.h"
#include "text/language.h"
#include "text/utf8.h"

enum keyword_kind keyword_kind_of(struct slice name)
{
    if (slice_equal(name, slice_str("site")))
        return KEYWORD_SITE;
    return slice_equal(name, slice_str("lang")) ? KEYWORD_LANGUAGE : KEYWORD_PLAIN;
}

/* ---- folding ---- */

/* Bytes of the blank at at; 0 if there is another character. */
static size_t blank_size(const uint8_t *at, const uint8_t *end)
{
    uint32_t code_point;
    size_t size = utf8_decode(at, end, &code_point);

    if (code_point < 0x80)
        return byte_is_blank((uint8_t)code_point) || code_point == 0;
    return code_point != UTF8_INVALID && uc_is_property_white_space(code_point) ? size : 0;
}

/* Takes the first word off *rest. False: nothing but blanks is left. */
static bool next_word(struct slice *rest, struct slice *word)
{
    const uint8_t *at = rest->data, *end, *begin;
    uint32_t code_point;
    size_t size;

    if (rest->size == 0)
        return false;
    end = at + rest->size;
    while (at < end && (size = blank_size(at, end)) > 0)
        at += size;
    begin = at;
    while (at < end && blank_size(at, end) == 0)
        at += utf8_decode(at, end, &code_point);
    *word = slice_of(begin, (size_t)(at - begin));
    *rest = slice_of(at, (size_t)(end - at));
    return word->size > 0;
}

static enum keyword_result append_word(struct slice word, struct keyword_term *out)
{
    struct folded folded, plain;
    size_t space = out->size > 0;
    enum fold_result result;
    bool marked;

    result = fold_case(word, false, &folded);
    if (result != FOLD_OK)
        return result == FOLD_NO_MEMORY ? KEYWORD_NO_MEMORY : KEYWORD_LONG;
    fold_marks(slice_of(folded.bytes, folded.size), NULL, &plain, &marked);
    if (plain.size == 0)
        return KEYWORD_MADE;
    if (plain.size + space > TERM_MAX - out->size)
        return KEYWORD_LONG;
    if (space)
        out->bytes[out->size++] = ' ';
    memcpy(out->bytes + out->size, plain.bytes, plain.size);
    out->size += plain.size;
    return KEYWORD_MADE;
}

static enum keyword_result fold_words(struct slice text, struct keyword_term *out)
{
    enum keyword_result result = KEYWORD_MADE;
    struct slice word;

    out->size = 0;
    while (result == KEYWORD_MADE && next_word(&text, &word))
        result = append_word(word, out);
    return result == KEYWORD_MADE && out->size == 0 ? KEYWORD_NOTHING : result;
}

/* ---- sites ---- */

/* Without `:80`. A host that is an address of colons stands in brackets. */
static struct slice without_port(struct slice host)
{
    size_t size = host.size;

    while (size > 0 && ascii_is_digit(host.data[size - 1]))
        size--;
    return size > 0 && host.data[size - 1] == ':' ? slice_of(host.data, size - 1) : host;
}

bool keyword_host(struct slice url, struct slice *host)
{
    const uint8_t *begin = url.size ? memmem(url.data, url.size, "://", 3) : NULL, *at;
    const uint8_t *end;

    if (!begin)
        return false;
    begin += 3;
    end = url.data + url.size;
    for (at = begin; at < end && !strchr("/?#\\", *at);)
        at++;
    end = at; /* a NUL ends it, too */
    while (at > begin && at[-1] != '@')
        at--;
    *host = without_port(slice_of(at, (size_t)(end - at)));
    return host->size > 0;
}

static enum keyword_result fold_site(struct slice value, struct keyword_term *out)
{
    struct slice host = value;
    enum keyword_result result;

    (void)keyword_host(value, &host);
    result = fold_words(host, out);
    if (result != KEYWORD_MADE)
        return result;
    while (out->size > 0 && (out->bytes[out->size - 1] == '.' || out->bytes[out->size - 1] == ' '))
        out->size--;
    while (out->size > 4 && memcmp(out->bytes, "www.", 4) == 0 && out->bytes[4] != ' ') {
        out->size -= 4;
        memmove(out->bytes, out->bytes + 4, out->size);
    }
    return out->size > 0 ? KEYWORD_MADE : KEYWORD_NOTHING;
}

/* ---- languages ---- */

static enum keyword_result fold_language(struct slice value, struct keyword_term *out)
{
    enum keyword_result result = fold_words(value, out);
    language_id id;
    size_t size = 0;

    if (result != KEYWORD_MADE)
        return result;
    if (language_find(slice_of(out->bytes, out->size), &id))
        return fold_words(slice_str(language_code(id)), out);
    while (size < out->size && !strchr("-_.@", out->bytes[size]))
        size++;
    while (size > 0 && out->bytes[size - 1] == ' ')
        size--;
    out->size = size;
    return size > 0 ? KEYWORD_MADE : KEYWORD_NOTHING;
}

enum keyword_result keyword_fold(enum keyword_kind kind, struct slice value,
                                 struct keyword_term *out)
{
    switch (kind) {
    case KEYWORD_SITE:
        return fold_site(value, out);
    case KEYWORD_LANGUAGE:
        return fold_language(value, out);
    default:
        return fold_words(value, out);
    }
}

/* ---- several values ---- */

static const uint8_t *skip_blanks(const uint8_t *at, const uint8_t *end)
{
    while (at < end && byte_is_blank(*at))
        at++;
    return at;
}

/* The end of the element at at: behind the quote of a string, or where a number ends; NULL: it is
 * neither. */
static const uint8_t *element_end(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *begin = at;

    if (at == end)
        return NULL;
    if (*at == '"') {
        for (at++; at < end && *at != '"'; at++)
            if (*at == '\\' && ++at == end)
                return NULL;
        return at < end ? at + 1 : NULL;
    }
    while (at < end && (ascii_is_digit(*at) || strchr("+-.eE", *at)) && *at)
        at++;
    return at > begin ? at : NULL;
}

/* Behind the comma or the bracket that follows an element; NULL: there is another thing. */
static const uint8_t *separator_end(const uint8_t *at, const uint8_t *end, bool *last)
{
    at = skip_blanks(at, end);
    if (at == end || (*at != ',' && *at != ']'))
        return NULL;
    *last = *at == ']';
    return at + 1;
}

/* Whether the text behind a bracket is elements and the bracket that closes. */
static bool is_array(const uint8_t *at, const uint8_t *end)
{
    bool last = false;

    at = skip_blanks(at, end);
    if (at < end && *at == ']')
        return skip_blanks(at + 1, end) == end;
    while (at && !last) {
        at = element_end(skip_blanks(at, end), end);
        at = at ? separator_end(at, end, &last) : NULL;
    }
    return at && skip_blanks(at, end) == end;
}

void keyword_values_init(struct keyword_values *values, struct slice text)
{
    const uint8_t *end, *at;

    values->array = false;
    values->rest = text;
    if (text.size == 0)
        return;
    end = text.data + text.size;
    at = skip_blanks(text.data, end);
    values->array = at < end && *at == '[' && is_array(at + 1, end);
    if (values->array)
        values->rest = slice_of(at + 1, (size_t)(end - at - 1));
}

static int hex_of(uint8_t byte)
{
    if (ascii_is_digit(byte))
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits at at; above 0xffff: they are none. */
static uint32_t read_hex(const uint8_t *at, const uint8_t *end)
{
    uint32_t value = 0;

    if (end - at < 4)
        return UINT32_MAX;
    for (int i = 0; i < 4; i++) {
        int digit = hex_of(at[i]);

        if (digit < 0)
            return UINT32_MAX;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* The character of the \u at at, and the bytes behind that. What is none is U+FFFD. */
static size_t read_unicode(const uint8_t *at, const uint8_t *end, uint32_t *code_point)
{
    uint32_t high = read_hex(at, end), low;

    *code_point = 0xfffd;
    if (high > 0xffff)
        return 0;
    if (high < 0xd800 || high > 0xdfff) {
        *code_point = high;
        return 4;
    }
    if (high > 0xdbff || end - at < 10 || at[4] != '\\' || at[5] != 'u')
        return 4;
    low = read_hex(at + 6, end);
    if (low < 0xdc00 || low > 0xdfff)
        return 4;
    *code_point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    return 10;
}

/* Undoes the escapes of a string, the text between its quotes. False: it is too long for a term. */
static bool unescape(struct keyword_values *values, struct slice text, struct slice *value)
{
    static const char FROM[] = "bfnrt", TO[] = "\b\f\n\r\t";
    const uint8_t *at = text.data, *end = at + text.size;
    size_t size = 0;

    while (at < end) {
        uint32_t code_point = *at++;
        const char *control;

        if (size + UTF8_MAX > sizeof values->text)
            return false;
        if (code_point != '\\' || at == end) {
            values->text[size++] = (uint8_t)code_point;
            continue;
        }
        code_point = *at++;
        control = code_point ? strchr(FROM, (int)code_point) : NULL;
        if (control)
            code_point = (uint8_t)TO[control - FROM];
        else if (code_point == 'u')
            at += read_unicode(at, end, &code_point);
        else if (code_point >= 0x80) {
            values->text[size++] = (uint8_t)code_point; /* no escape, but a byte of a character */
            continue;
        }
        size += utf8_encode(values->text + size, code_point);
    }
    *value = slice_of(values->text, size);
    return true;
}

static void take_element(struct keyword_values *values, struct slice *value)
{
    const uint8_t *end = values->rest.data + values->rest.size;
    const uint8_t *at = skip_blanks(values->rest.data, end), *behind = element_end(at, end);
    bool last = true;

    *value = slice_of(at, (size_t)(behind - at));
    if (*at == '"') {
        struct slice text = slice_of(at + 1, value->size - 2);

        *value = text;
        if (memchr(text.data, '\\', text.size))
            (void)unescape(values, text, value);
    }
    behind = separator_end(behind, end, &last);
    values->rest = last ? slice_of(NULL, 0) : slice_of(behind, (size_t)(end - behind));
}

bool keyword_values_next(struct keyword_values *values, struct slice *value)
{
    const uint8_t *end;

    if (values->rest.size == 0)
        return false;
    end = values->rest.data + values->rest.size;
    if (!values->array) {
        *value = values->rest;
        values->rest = slice_of(NULL, 0);
        return true;
    }
    if (*skip_blanks(values->rest.data, end) == ']') /* of an empty array */
        return false;
    take_element(values, value);
    return true;
}
