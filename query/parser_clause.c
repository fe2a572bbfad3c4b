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

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/* ASCII letters and digits, and whatever is not ASCII. */
static bool is_wordy(uint8_t byte)
{
    return is_letter(byte) || is_digit(byte) || byte >= 0x80;
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

/* Whether a suffix may end at at. */
static bool is_end(const struct parser *parser, const uint8_t *at)
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

enum lede_status parser_odd(struct parser *parser, const uint8_t *from, const char *what)
{
    const uint8_t *end = parser_word_end(parser, from);

    return notes_add_odd(parser->notes, slice_of(from, (size_t)(end - from)),
                         parser_column(parser, from), what, parser->err);
}

/* ---- before the text ---- */

enum lede_status parser_sign(struct parser *parser, enum clause_occur *occur)
{
    const uint8_t *at = parser->at, *next = at + 1;

    if (*at != '+' && *at != '-')
        return LEDE_OK;
    if (is_end(parser, next))
        return parser_odd(parser, at, "an operator with nothing behind it, taken literally");
    if (*next == '+' || *next == '-')
        return parser_odd(parser, at, "more than one operator, taken literally");
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
    (void)snprintf(text + size, sizeof text - size, "%s), taken literally",
                   names.size ? ", ..." : "");
    return parser_odd(parser, name, text);
}

/* Names of letters that are no field get a note, but for what looks like an address (http://). */
static enum lede_status note_name(struct parser *parser, struct slice name)
{
    const uint8_t *at = name.data + name.size + 1;

    for (size_t i = 0; i < name.size; i++)
        if (!is_letter(name.data[i]))
            return LEDE_OK;
    if (at == parser->end || *at == '/' || parser_blank(at, parser->end))
        return LEDE_OK;
    return no_such_field(parser, name.data);
}

/* What could be a name at at, and its colon. */
static struct slice name_at(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *name = at;

    while (at < end && (is_letter(*at) ||
                        (at > name && (is_digit(*at) || *at == '_' || *at == '-' || *at == '.'))))
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
    if (is_end(parser, name.data + name.size + 1))
        return parser_odd(parser, name.data, "a field with nothing behind it, taken literally");
    clause->of_dates = is_date;
    clause->field = is_title         ? FIELD_TITLE
                    : is_date        ? FIELD_TEXT
                    : is_boilerplate ? FIELD_BOILERPLATE
                                     : (enum field)(FIELD_KEYWORD + place);
    parser->at = name.data + name.size + 1;
    return LEDE_OK;
}

/* ---- suffixes ---- */

/* The bytes of ^n at at, if it goes up to end; 0 if there is no such thing. */
static size_t boost_size(const uint8_t *at, const uint8_t *end, double *boost)
{
    const uint8_t *from = at + 1, *point;
    char digits[32];
    size_t size;

    if (at == end || *at != '^')
        return 0;
    for (at = from; at < end && is_digit(*at);)
        at++;
    point = at;
    if (at > from && at < end && *at == '.')
        for (at++; at < end && is_digit(*at);)
            at++;
    size = (size_t)(at - from);
    if (point == from || at == point + 1 || size >= sizeof digits)
        return 0;
    memcpy(digits, from, size);
    digits[size] = '\0';
    *boost = strtod(digits, NULL);
    return 1 + size;
}

static enum lede_status limit_boost(struct parser *parser, const uint8_t *from, double *boost)
{
    if (*boost <= BOOST_MAX)
        return LEDE_OK;
    *boost = BOOST_MAX;
    return parser_odd(parser, from, "more than ^1000, taken as that");
}

enum lede_status parser_boost(struct parser *parser, double *boost)
{
    const uint8_t *from = parser->at;
    double value;
    size_t size = boost_size(from, parser->end, &value);

    if (size == 0 || !is_end(parser, from + size))
        return LEDE_OK;
    *boost = value;
    parser->at += size;
    return limit_boost(parser, from, boost);
}

/* Takes ^n from the end of a word. */
static enum lede_status take_boost(struct parser *parser, struct clause *clause)
{
    const uint8_t *begin = clause->text.data, *end = begin + clause->text.size, *at = end;
    double boost;

    while (at > begin && at[-1] != '^')
        at--;
    at -= at > begin; /* the sign itself */
    if (at == begin || at + boost_size(at, end, &boost) != end || at == end)
        return LEDE_OK;
    clause->text.size = (size_t)(at - begin);
    clause->boost = boost;
    return limit_boost(parser, at, &clause->boost);
}

/* Reads ~n directly behind a phrase; what does not fit is left where it stands. */
static enum lede_status parse_near(struct parser *parser, int *near)
{
    const uint8_t *at = parser->at, *digits = at + 1;
    unsigned value = 0;

    if (at == parser->end || *at != '~')
        return LEDE_OK;
    for (at = digits; at < parser->end && is_digit(*at); at++)
        value = value > NEAR_MAX ? value : 10 * value + (unsigned)(*at - '0');
    if (at == digits || (!is_end(parser, at) && *at != '^'))
        return LEDE_OK;
    parser->at = at;
    *near = value > NEAR_MAX ? NEAR_MAX : (int)value;
    if (value > NEAR_MAX)
        return parser_odd(parser, digits - 1, "more than ~63, taken as that");
    return LEDE_OK;
}

/* ---- what kind of word ---- */

/* Letters and digits with `*` among them, or `?` before another character. */
static bool has_wildcards(struct slice text)
{
    bool wordy = false, wild = false;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];

        if (!is_wordy(byte) && byte != '*' && byte != '?')
            return false;
        wordy |= is_wordy(byte);
        wild |= byte == '*' || (byte == '?' && i + 1 < text.size && text.data[i + 1] != '?');
    }
    return wordy && wild;
}

/* Takes ~1 or ~2 from the end of letters and digits. */
static bool take_edits(struct clause *clause)
{
    size_t size = clause->text.size;
    const uint8_t *text = clause->text.data;

    if (size < 3 || text[size - 2] != '~' || (text[size - 1] != '1' && text[size - 1] != '2'))
        return false;
    for (size_t i = 0; i < size - 2; i++)
        if (!is_wordy(text[i]))
            return false;
    clause->edits = (unsigned)(text[size - 1] - '0');
    clause->text.size = size - 2;
    return true;
}

static enum lede_status parse_word(struct parser *parser, struct clause *clause)
{
    enum lede_status status;

    clause->text = slice_of(parser->at, (size_t)(parser_word_end(parser, parser->at) - parser->at));
    parser->at += clause->text.size;
    status = take_boost(parser, clause);
    if (clause->exact)
        return status;
    if (take_edits(clause))
        clause->kind = CLAUSE_FUZZY;
    else if (has_wildcards(clause->text))
        clause->kind = CLAUSE_WILDCARD;
    return status;
}

/* Takes a = before letters, digits or a quote. */
static bool take_exact(struct parser *parser)
{
    const uint8_t *next = parser->at + 1;

    if (*parser->at != '=' || next == parser->end || parser_blank(next, parser->end) ||
        (!is_wordy(*next) && !quote_size(next, parser->end)))
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
        if (!exact)
            status = parse_near(parser, &clause->near);
        return status == LEDE_OK ? parser_boost(parser, &clause->boost) : status;
    }
    if (quote)
        status = parser_odd(parser, parser->at, "unbalanced quote, taken literally");
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
    enum lede_status status;

    clause->kind = CLAUSE_KEYWORD;
    if (close) {
        clause->value = slice_of(begin, (size_t)(close - begin));
        parser->at = close + quote_size(close, parser->end);
        status = parser_boost(parser, &clause->boost);
    } else {
        status =
            quote ? parser_odd(parser, parser->at, "unbalanced quote, taken literally") : LEDE_OK;
        clause->text =
            slice_of(parser->at, (size_t)(parser_word_end(parser, parser->at) - parser->at));
        parser->at += clause->text.size;
        if (status == LEDE_OK)
            status = take_boost(parser, clause);
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
    status = parser_odd(parser, from,
                        "no date (2023, 2023-07, 2023-07-19, one..another), taken literally");
    parser->at = from;
    clause->of_dates = false;
    return status == LEDE_OK ? parser_body(parser, clause) : status;
}
