#include "parser.h"

#include <strings.h>

#include "base/printable.h"

struct parser {
    const uint8_t *at, *end;
    size_t column;          /* of `counted`, from 1 */
    const uint8_t *counted; /* columns are counted up to here */
    bool quotes_spent;      /* no quote stands behind the last one that was looked for */
    struct notes *notes;
    struct clause_list *out;
    struct lede_error *err;
    bool literal;
};

/* The character at at and its size; a byte that begins none counts as U+FFFD. */
static size_t character_at(const uint8_t *at, const uint8_t *end, uint32_t *character)
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

/* Bytes of the blank or quote at at, 0 if there is another character or none. */
static size_t blank_size(const uint8_t *at, const uint8_t *end)
{
    uint32_t character;
    size_t size = at < end ? character_at(at, end, &character) : 0;

    return size && is_blank(character) ? size : 0;
}

static size_t quote_size(const uint8_t *at, const uint8_t *end)
{
    uint32_t character;
    size_t size = at < end ? character_at(at, end, &character) : 0;

    return size && is_quote(character) ? size : 0;
}

/* The column of at, which never goes back: linear over all calls. */
static size_t column_of(struct parser *parser, const uint8_t *at)
{
    uint32_t character;

    while (parser->counted < at) {
        parser->counted += character_at(parser->counted, parser->end, &character);
        parser->column++;
    }
    return parser->column;
}

static const uint8_t *word_end(const struct parser *parser, const uint8_t *at)
{
    uint32_t character;

    while (at < parser->end && !blank_size(at, parser->end))
        at += character_at(at, parser->end, &character);
    return at;
}

/* The quote that closes a phrase beginning at at, or NULL. In vain it is looked for once only. */
static const uint8_t *closing_quote(struct parser *parser, const uint8_t *at)
{
    uint32_t character;

    while (!parser->quotes_spent && at < parser->end) {
        if (quote_size(at, parser->end))
            return at;
        at += character_at(at, parser->end, &character);
    }
    parser->quotes_spent = true;
    return NULL;
}

static enum lede_status odd(struct parser *parser, const uint8_t *from, const char *what)
{
    const uint8_t *end = word_end(parser, from);

    return notes_add_odd(parser->notes, slice_of(from, (size_t)(end - from)),
                         column_of(parser, from), what, parser->err);
}

static enum lede_status add_clause(struct parser *parser, const struct clause *clause)
{
    if (parser->out->count == LEDE_CLAUSES_MAX)
        return error_set(parser->err, LEDE_LIMIT, "query: more than %d words; use fewer",
                         LEDE_CLAUSES_MAX);
    parser->out->clauses[parser->out->count++] = *clause;
    return LEDE_OK;
}

/* Reads + or -; one that is followed by nothing or by another is left where it stands. */
static enum lede_status parse_operator(struct parser *parser, enum clause_occur *occur)
{
    const uint8_t *at = parser->at, *next = at + 1;

    *occur = OCCUR_PLAIN;
    if (*at != '+' && *at != '-')
        return LEDE_OK;
    if (next == parser->end || blank_size(next, parser->end))
        return odd(parser, at, "an operator with nothing behind it, taken literally");
    if (*next == '+' || *next == '-')
        return odd(parser, at, "more than one operator, taken literally");
    *occur = *at == '+' ? OCCUR_REQUIRED : OCCUR_PROHIBITED;
    parser->at = next;
    return LEDE_OK;
}

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/* Reads title: in front of a word or phrase. Other names of letters get a note, but for what looks
 * like an address (http://). */
static enum lede_status parse_field(struct parser *parser, enum field *field)
{
    const uint8_t *at = parser->at, *name = at;
    size_t size;

    *field = FIELD_TEXT;
    while (at < parser->end && is_letter(*at))
        at++;
    size = (size_t)(at - name);
    if (size == 0 || at == parser->end || *at != ':')
        return LEDE_OK;
    at++;
    if (size != 5 || strncasecmp((const char *)name, "title", size) != 0)
        return at < parser->end && *at != '/' && !blank_size(at, parser->end)
                   ? odd(parser, name, "no such field (there is title:), taken literally")
                   : LEDE_OK;
    if (at == parser->end || blank_size(at, parser->end))
        return odd(parser, name, "a field with nothing behind it, taken literally");
    *field = FIELD_TITLE;
    parser->at = at;
    return LEDE_OK;
}

/* Reads ~n directly behind a phrase; what does not fit is left where it stands. */
static enum lede_status parse_near(struct parser *parser, int *near)
{
    const uint8_t *at = parser->at, *digits = at + 1;
    unsigned value = 0;

    if (at == parser->end || *at != '~')
        return LEDE_OK;
    for (at = digits; at < parser->end && *at >= '0' && *at <= '9'; at++)
        value = value > NEAR_MAX ? value : 10 * value + (unsigned)(*at - '0');
    if (at == digits || (at < parser->end && !blank_size(at, parser->end)))
        return LEDE_OK;
    parser->at = at;
    *near = value > NEAR_MAX ? NEAR_MAX : (int)value;
    if (value > NEAR_MAX)
        return odd(parser, digits - 1, "more than ~63, taken as that");
    return LEDE_OK;
}

/* Reads the phrase or word at parser->at into clause->text. */
static enum lede_status parse_body(struct parser *parser, struct clause *clause)
{
    size_t quote = quote_size(parser->at, parser->end);
    const uint8_t *close = quote ? closing_quote(parser, parser->at + quote) : NULL;

    if (close) {
        clause->kind = CLAUSE_PHRASE;
        clause->text = slice_of(parser->at + quote, (size_t)(close - parser->at) - quote);
        parser->at = close + quote_size(close, parser->end);
        return parse_near(parser, &clause->near);
    }
    clause->text = slice_of(parser->at, (size_t)(word_end(parser, parser->at) - parser->at));
    if (quote) {
        enum lede_status status = odd(parser, parser->at, "unbalanced quote, taken literally");

        if (status != LEDE_OK)
            return status;
    }
    parser->at += clause->text.size;
    return LEDE_OK;
}

/* Reads a clause. operators: they may stand here; not right behind a phrase. */
static enum lede_status parse_clause(struct parser *parser, bool operators)
{
    struct clause clause = {.kind = CLAUSE_WORD, .field = FIELD_TEXT, .near = NEAR_NOT};
    enum lede_status status = LEDE_OK;

    clause.column = column_of(parser, parser->at);
    if (parser->literal) {
        clause.text = slice_of(parser->at, (size_t)(word_end(parser, parser->at) - parser->at));
        parser->at += clause.text.size;
        return add_clause(parser, &clause);
    }
    if (operators)
        status = parse_operator(parser, &clause.occur);
    if (status == LEDE_OK)
        status = parse_field(parser, &clause.field);
    if (status == LEDE_OK)
        status = parse_body(parser, &clause);
    return status == LEDE_OK ? add_clause(parser, &clause) : status;
}

enum lede_status parser_parse(struct slice query, bool literal, struct arena *arena,
                              struct notes *notes, struct clause_list *out, struct lede_error *err)
{
    const uint8_t *start = query.size ? query.data : (const uint8_t *)"";
    struct parser parser = {.at = start,
                            .end = start + query.size,
                            .column = 1,
                            .counted = start,
                            .notes = notes,
                            .out = out,
                            .err = err,
                            .literal = literal};
    enum lede_status status = LEDE_OK;
    bool spaced = true;

    if (query.size > LEDE_QUERY_MAX)
        return error_set(err, LEDE_LIMIT, "query: %zu bytes; the limit is %d", query.size,
                         LEDE_QUERY_MAX);
    out->count = 0;
    out->clauses = arena_alloc(arena, LEDE_CLAUSES_MAX * sizeof *out->clauses);
    if (!out->clauses)
        return error_no_memory(err);
    while (status == LEDE_OK && parser.at < parser.end) {
        size_t blank = blank_size(parser.at, parser.end);

        if (blank) {
            parser.at += blank;
            spaced = true;
            continue;
        }
        status = parse_clause(&parser, spaced);
        spaced = false;
    }
    return status;
}
