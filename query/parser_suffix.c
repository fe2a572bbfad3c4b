/* What stands behind a word, phrase or group: ^n and ~n. What looks so and is none gets a note. */
#include "parser_internal.h"

enum {
    EDITS_MAX = 2,
    BOOST_DIGITS = 31 /* and a point among them */
};

/* What is over a limit. */
static enum lede_status note_limit(struct parser *parser, const uint8_t *from, const char *odd)
{
    return parser_odd_taken(parser, from, odd, "taken as that");
}

/* The bytes of ^n at at, if it goes up to end; 0 if there is no such thing. */
static size_t boost_size(const uint8_t *at, const uint8_t *end, double *boost)
{
    const uint8_t *from = at + 1;
    double number = 0, unit = 1;
    bool point = false;

    if (at == end || *at != '^')
        return 0;
    for (at = from; at < end; at++) {
        if (ascii_is_digit(*at)) {
            number = 10 * number + (*at - '0');
            unit *= point ? 10 : 1;
        } else if (*at == '.' && at > from && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (at == from || at[-1] == '.' || at - from > BOOST_DIGITS)
        return 0;
    *boost = number / unit;
    return 1 + (size_t)(at - from);
}

static const char NO_BOOST[] = "no boost (^2, ^0.5)";

static enum lede_status limit_boost(struct parser *parser, const uint8_t *from, double *boost)
{
    if (*boost <= BOOST_MAX)
        return LEDE_OK;
    *boost = BOOST_MAX;
    return note_limit(parser, from, "more than ^1000");
}

enum lede_status parser_boost(struct parser *parser, double *boost)
{
    const uint8_t *from = parser->at;
    double value;
    size_t size = boost_size(from, parser->end, &value);

    if (size == 0 || !parser_ends(parser, from + size))
        return from < parser->end && *from == '^' ? parser_odd(parser, from, NO_BOOST) : LEDE_OK;
    *boost = value;
    parser->at += size;
    return limit_boost(parser, from, boost);
}

const uint8_t *parser_take_boost(struct clause *clause, bool *odd)
{
    const uint8_t *begin = clause->text.data, *end = begin + clause->text.size, *at = end, *behind;
    double boost;
    size_t size;

    *odd = false;
    while (at > begin && at[-1] != '^')
        at--;
    if (at <= begin + 1 || at == end)
        return NULL;
    behind = at--;
    size = boost_size(at, end, &boost);
    if (size > 0 && at + size == end) {
        clause->text.size = (size_t)(at - begin);
        clause->boost = boost;
        return at;
    }
    while (behind < end && (ascii_is_digit(*behind) || *behind == '.' || *behind == '-'))
        behind++;
    *odd = behind == end;
    return *odd ? at : NULL;
}

enum lede_status parser_near(struct parser *parser, int *near)
{
    const uint8_t *at = parser->at, *digits = at + 1;
    unsigned value = 0;

    if (at == parser->end || *at != '~')
        return LEDE_OK;
    for (at = digits; at < parser->end && ascii_is_digit(*at); at++)
        value = value > NEAR_MAX ? value : 10 * value + (unsigned)(*at - '0');
    if (at == digits || (!parser_ends(parser, at) && *at != '^'))
        return parser_odd(parser, digits - 1, "no distance (~5)");
    parser->at = at;
    *near = value > NEAR_MAX ? NEAR_MAX : (int)value;
    if (value > NEAR_MAX)
        return note_limit(parser, digits - 1, "more than ~63");
    return LEDE_OK;
}

static bool is_all(const uint8_t *at, const uint8_t *end, bool (*is_such)(uint8_t byte))
{
    while (at < end && is_such(*at))
        at++;
    return at == end;
}

enum lede_status parser_take_edits(struct parser *parser, struct clause *clause)
{
    const uint8_t *begin = clause->text.data, *end = begin + clause->text.size, *sign = end;
    unsigned edits = 0;
    bool plain;

    while (sign > begin && ascii_is_digit(sign[-1]))
        sign--;
    if (sign <= begin + 1 || *--sign != '~')
        return LEDE_OK;
    for (const uint8_t *at = sign + 1; at < end && edits <= EDITS_MAX; at++)
        edits = 10 * edits + (unsigned)(*at - '0');
    plain = is_all(begin, sign, parser_is_wordy);
    if (plain && edits > 0 && (edits <= EDITS_MAX || !is_all(begin, sign, ascii_is_digit))) {
        clause->kind = CLAUSE_FUZZY;
        clause->edits = edits < EDITS_MAX ? edits : EDITS_MAX;
        clause->text.size = (size_t)(sign - begin);
        return edits > EDITS_MAX ? note_limit(parser, sign, "more than ~2") : LEDE_OK;
    }
    if (is_all(begin, sign, ascii_is_digit) || (!plain && (edits == 0 || sign[-1] == '/')))
        return LEDE_OK;
    return parser_odd(parser, sign,
                      plain ? "a word that may be misspelt ends in ~1 or ~2"
                            : "~ stands behind letters and digits alone");
}

enum lede_status parser_note_boost(struct parser *parser, const uint8_t *at, bool odd,
                                   struct clause *clause)
{
    if (!at)
        return LEDE_OK;
    return odd ? parser_odd(parser, at, NO_BOOST) : limit_boost(parser, at, &clause->boost);
}
