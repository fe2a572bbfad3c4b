#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/printable.h"
#include "index/keyword_names.h"
#include "parser_internal.h"

/* ---- characters ---- */

size_t parser_character(const uint8_t *at, const uint8_t *end, uint32_t *character)
{
    size_t size = printable_decode(at, end, character);

    if (size)
        return size;
    *character = 0xfffd;
    return 1;
}

static bool is_blank(uint32_t character)
{
    return (character >= '\t' && character <= '\r') || character == ' ' || character == 0 ||
           character == 0x85 || character == 0xa0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
           character == 0x2029 || character == 0x202f || character == 0x205f || character == 0x3000;
}

static bool is_quote(uint32_t character)
{
    return character == '"' || character == 0x201c || character == 0x201d;
}

size_t parser_blank(const uint8_t *at, const uint8_t *end)
{
    uint32_t character;
    size_t size = at < end ? parser_character(at, end, &character) : 0;

    return size && is_blank(character) ? size : 0;
}

static size_t quote_size(const uint8_t *at, const uint8_t *end)
{
    uint32_t character;
    size_t size = at < end ? parser_character(at, end, &character) : 0;

    return size && is_quote(character) ? size : 0;
}

size_t parser_column(struct parser *parser, const uint8_t *at)
{
    uint32_t character;

    while (parser->counted < at) {
        parser->counted += parser_character(parser->counted, parser->end, &character);
        parser->column++;
    }
    return parser->column;
}

const uint8_t *parser_word_end(const struct parser *parser, const uint8_t *at)
{
    size_t opened = 0;
    uint32_t character;

    while (at < parser->end && !parser_blank(at, parser->end)) {
        size_t size = parser_character(at, parser->end, &character);

        if (character == ')' && opened == 0 && parser->depth > 0)
            break;
        opened += character == '(';
        opened -= character == ')' && opened > 0;
        at += size;
    }
    return at;
}

bool parser_ends(const struct parser *parser, const uint8_t *at)
{
    return at == parser->end || parser_blank(at, parser->end) || (*at == ')' && parser->depth > 0);
}

/* The quote that closes a phrase beginning at at, or NULL. In vain it is looked for once only. */
static const uint8_t *closing_quote(struct parser *parser, const uint8_t *at)
{
    uint32_t character;

    while (!parser->quotes_spent && at < parser->end) {
        if (quote_size(at, parser->end))
            return at;
        at += parser_character(at, parser->end, &character);
    }
    parser->quotes_spent = true;
    return NULL;
}

enum lede_status parser_odd_taken(struct parser *parser, const uint8_t *from, const char *odd,
                                  const char *fate)
{
    const uint8_t *end = parser_word_end(parser, from);

    return notes_add_odd(parser->notes, slice_of(from, (size_t)(end - from)),
                         parser_column(parser, from), odd, fate, parser->err);
}

enum lede_status parser_odd(struct parser *parser, const uint8_t *from, const char *odd)
{
    return parser_odd_taken(parser, from, odd, "taken literally");
}

/* ---- before the text ---- */

enum lede_status parser_sign(struct parser *parser, enum clause_occur *occur)
{
    const uint8_t *at = parser->at, *next = at + 1;

    if (*at != '+' && *at != '-')
        return LEDE_OK;
    if (parser_ends(parser, next))
        return parser_odd(parser, at, "an operator with nothing behind it");
    if (*next == '+' || *next == '-')
        return parser_odd(parser, at, "more than one operator");
    *occur = *at == '+' ? OCCUR_REQUIRED : OCCUR_PROHIBITED;
    parser->at = next;
    return LEDE_OK;
}

static bool is_name(const uint8_t *name, size_t size, const char *field)
{
    return size == strlen(field) && strncasecmp((const char *)name, field, size) == 0;
}

enum { NAMES_TOLD = 8 /* keyword fields, at most, that a note tells */ };

static enum lede_status no_such_field(struct parser *parser, const uint8_t *name)
{
    char text[NAMES_TOLD * (KEYWORD_NAME_MAX + 3) + 80] = "no such field (there are title:, date:";
    struct slice names = parser->keywords, each;
    size_t size = strlen(text), count = 0;

    for (; count < NAMES_TOLD && keyword_names_next(&names, &each); count++)
        size += (size_t)snprintf(text + size, sizeof text - size, ", %.*s:", (int)each.size,
                                 (const char *)each.data);
    (void)snprintf(text + size, sizeof text - size, "%s)", names.size ? ", ..." : "");
    return parser_odd(parser, name, text);
}

/* Names of letters that are no field get a note, but for what looks like an address (http://). */
static enum lede_status note_name(struct parser *parser, struct slice name)
{
    const uint8_t *at = name.data + name.size + 1;

    for (size_t i = 0; i < name.size; i++)
        if (!ascii_is_letter(name.data[i]))
            return LEDE_OK;
    if (at == parser->end || *at == '/' || parser_blank(at, parser->end))
        return LEDE_OK;
    return no_such_field(parser, name.data);
}

/* What could be a name at at, and its colon. */
static struct slice name_at(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *name = at;

    while (at < end && (ascii_is_letter(*at) || (at > name && (ascii_is_digit(*at) || *at == '_' ||
                                                               *at == '-' || *at == '.'))))
        at++;
    return slice_of(name, at < end && *at == ':' ? (size_t)(at - name) : 0);
}

enum lede_status parser_field(struct parser *parser, struct clause *clause)
{
    struct slice name = name_at(parser->at, parser->end);
    bool is_title = is_name(name.data, name.size, "title");
    bool is_date = is_name(name.data, name.size, "date");
    bool is_boilerplate = is_name(name.data, name.size, "boilerplate");
    size_t place = name.size ? keyword_names_find(parser->keywords, name) : KEYWORDS_MAX;

    if (name.size == 0)
        return LEDE_OK;
    if (!is_title && !is_date && !is_boilerplate && place == KEYWORDS_MAX)
        return note_name(parser, name);
    if (parser_ends(parser, name.data + name.size + 1))
        return parser_odd(parser, name.data, "a field with nothing behind it");
    clause->of_dates = is_date;
    clause->field = is_title         ? FIELD_TITLE
                    : is_date        ? FIELD_TEXT
                    : is_boilerplate ? FIELD_BOILERPLATE
                                     : (enum field)(FIELD_KEYWORD + place);
    parser->at = name.data + name.size + 1;
    return LEDE_OK;
}

/* ---- what kind of word ---- */

/* Letters and digits with `*` among them, or `?` before another character. */
static bool has_wildcards(struct slice text)
{
    bool wordy = false, wild = false;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];

        if (!parser_is_wordy(byte) && byte != '*' && byte != '?')
            return false;
        wordy |= parser_is_wordy(byte);
        wild |= byte == '*' || (byte == '?' && i + 1 < text.size && text.data[i + 1] != '?');
    }
    return wordy && wild;
}

static enum lede_status parse_word(struct parser *parser, struct clause *clause)
{
    enum lede_status status = LEDE_OK;
    const uint8_t *boost;
    bool odd;

    clause->text = slice_of(parser->at, (size_t)(parser_word_end(parser, parser->at) - parser->at));
    parser->at += clause->text.size;
    boost = parser_take_boost(clause, &odd);
    if (!clause->exact)
        status = parser_take_edits(parser, clause);
    if (!clause->exact && clause->kind != CLAUSE_FUZZY && has_wildcards(clause->text))
        clause->kind = CLAUSE_WILDCARD;
    return status == LEDE_OK ? parser_note_boost(parser, boost, odd, clause) : status;
}

/* Takes a = before letters, digits or a quote. */
static bool take_exact(struct parser *parser)
{
    const uint8_t *next = parser->at + 1;

    if (*parser->at != '=' || next == parser->end || parser_blank(next, parser->end) ||
        (!parser_is_wordy(*next) && !quote_size(next, parser->end)))
        return false;
    parser->at = next;
    return true;
}

enum lede_status parser_body(struct parser *parser, struct clause *clause)
{
    bool exact = take_exact(parser);
    size_t quote = quote_size(parser->at, parser->end);
    const uint8_t *close = quote ? closing_quote(parser, parser->at + quote) : NULL;
    enum lede_status status = LEDE_OK;

    clause->exact = exact;
    if (close) {
        clause->kind = CLAUSE_PHRASE;
        clause->text = slice_of(parser->at + quote, (size_t)(close - parser->at) - quote);
        parser->at = close + quote_size(close, parser->end);
        if (exact && parser->at < parser->end && *parser->at == '~')
            return parser_odd(parser, parser->at, "as it is written is not near");
        if (!exact)
            status = parser_near(parser, &clause->near);
        return status == LEDE_OK ? parser_boost(parser, &clause->boost) : status;
    }
    if (quote)
        status = parser_odd(parser, parser->at, "unbalanced quote");
    return status == LEDE_OK ? parse_word(parser, clause) : status;
}

/* `*`, or `?` before another character. */
static bool is_wild(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '*' || (text.data[i] == '?' && i + 1 < text.size))
            return true;
    return false;
}

enum lede_status parser_keyword(struct parser *parser, const uint8_t *from, struct clause *clause)
{
    size_t quote = quote_size(parser->at, parser->end);
    const uint8_t *begin = parser->at + quote;
    const uint8_t *close = quote ? closing_quote(parser, begin) : NULL;
    const uint8_t *boost;
    enum lede_status status;
    bool odd;

    clause->kind = CLAUSE_KEYWORD;
    if (close) {
        clause->value = slice_of(begin, (size_t)(close - begin));
        parser->at = close + quote_size(close, parser->end);
        status = parser_boost(parser, &clause->boost);
    } else {
        status = quote ? parser_odd(parser, parser->at, "unbalanced quote") : LEDE_OK;
        clause->text =
            slice_of(parser->at, (size_t)(parser_word_end(parser, parser->at) - parser->at));
        parser->at += clause->text.size;
        boost = parser_take_boost(clause, &odd);
        if (status == LEDE_OK)
            status = parser_note_boost(parser, boost, odd, clause);
        clause->value = clause->text;
        clause->is_pattern = is_wild(clause->value);
    }
    clause->text = slice_of(from, (size_t)(parser->at - from));
    return status;
}

enum lede_status parser_dates(struct parser *parser, const uint8_t *from, struct clause *clause)
{
    size_t quote = quote_size(parser->at, parser->end);
    const uint8_t *begin = parser->at + quote;
    const uint8_t *close = quote ? closing_quote(parser, begin) : NULL;
    const uint8_t *end = close ? close : parser_word_end(parser, parser->at);
    enum lede_status status;

    if ((!quote || close) &&
        date_range_parse(slice_of(begin, (size_t)(end - begin)), &clause->dates)) {
        parser->at = close ? close + quote_size(close, parser->end) : end;
        clause->kind = CLAUSE_DATES;
        clause->text = slice_of(from, (size_t)(parser->at - from));
        return LEDE_OK;
    }
    status = parser_odd(parser, from, "no date (2023, 2023-07, 2023-07-19, one..another)");
    parser->at = from;
    clause->of_dates = false;
    return status == LEDE_OK ? parser_body(parser, clause) : status;
}
