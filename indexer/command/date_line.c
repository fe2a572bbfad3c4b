#include "command/date_line.h"

#include "base/date.h"
#include "command/date_tokens.h"

enum { DAY_SECONDS = 86400, LABEL_REACH = 8 /* tokens between it and its date */ };

/* ---- what tokens are ---- */

static const struct line_token *token_at(const struct line *line, size_t place)
{
    static const struct line_token none = {.kind = TOKEN_SIGN};

    return place < line->count ? &line->tokens[place] : &none;
}

static bool is_sign(const struct line *line, size_t place, uint32_t sign)
{
    return token_at(line, place)->kind == TOKEN_SIGN && token_at(line, place)->value == sign;
}

static bool is_word(const struct line *line, size_t place, enum date_word_kind kind)
{
    return token_at(line, place)->kind == TOKEN_WORD && token_at(line, place)->word.kind == kind;
}

/* A number of one or two digits, or of exactly four if those are wanted. */
static bool is_number(const struct line *line, size_t place, bool year)
{
    const struct line_token *token = token_at(line, place);

    return token->kind == TOKEN_NUMBER &&
           (year ? token->digits == 4 && token->value >= 1900 && token->value <= 2099
                 : token->digits <= 2);
}

static bool begins_with(const struct line *line, size_t place, const char *text)
{
    return token_at(line, place)->kind == TOKEN_WORD &&
           slice_begins(token_at(line, place)->text, slice_str(text));
}

/* ---- dates among tokens ---- */

struct match {
    unsigned year, month, day; /* day 0: there is none */
    size_t end;                /* the token behind it */
};

static bool is_day(const struct match *match)
{
    return match->month >= 1 && match->month <= 12 &&
           (match->day == 0 || match->day <= date_month_days(match->year, match->month));
}

static size_t pass_sign(const struct line *line, size_t at, uint32_t sign)
{
    return at + is_sign(line, at, sign);
}

static size_t pass_word(const struct line *line, size_t at, enum date_word_kind kind)
{
    return at + is_word(line, at, kind);
}

static bool take_year(const struct line *line, size_t at, struct match *match)
{
    if (!is_number(line, at, true))
        return false;
    match->year = token_at(line, at)->value;
    match->end = at + 1;
    return is_day(match);
}

/* True if a day stands before the month at at, which then is not a month alone. */
static bool follows_day(const struct line *line, size_t at)
{
    while (at > 0 && (is_sign(line, at - 1, '.') || is_word(line, at - 1, DATE_WORD_FILLER) ||
                      is_word(line, at - 1, DATE_WORD_ORDINAL)))
        at--;
    return at > 0 && token_at(line, at - 1)->kind == TOKEN_NUMBER;
}

/* 19 July 2023, 19. Juli 2023, 1er août 2023, 19 de julio de 2023; July 2023. */
static bool match_day_month_year(const struct line *line, size_t at, struct match *match)
{
    if (is_number(line, at, false)) {
        match->day = token_at(line, at)->value;
        if (match->day == 0)
            return false;
        at = pass_sign(line, pass_word(line, at + 1, DATE_WORD_ORDINAL), '.');
        at = pass_word(line, at, DATE_WORD_FILLER);
    } else if (follows_day(line, at)) {
        return false;
    }
    if (!is_word(line, at, DATE_WORD_MONTH))
        return false;
    match->month = token_at(line, at)->word.value;
    at = pass_sign(line, pass_sign(line, at + 1, '.'), ',');
    return take_year(line, pass_word(line, at, DATE_WORD_FILLER), match);
}

/* July 19th, 2023. */
static bool match_month_day_year(const struct line *line, size_t at, struct match *match)
{
    if (!is_word(line, at, DATE_WORD_MONTH))
        return false;
    match->month = token_at(line, at)->word.value;
    at = pass_sign(line, at + 1, '.');
    if (!is_number(line, at, false) || token_at(line, at)->value == 0)
        return false;
    match->day = token_at(line, at)->value;
    at = pass_sign(line, pass_word(line, at + 1, DATE_WORD_ORDINAL), ',');
    return take_year(line, at, match);
}

/* 2023年7月19日, 2023년 7월 19일. */
static bool match_eastern(const struct line *line, size_t at, struct match *match)
{
    static const char *const marks[3][2] = {{"年", "년"}, {"月", "월"}, {"日", "일"}};
    unsigned *const parts[3] = {&match->year, &match->month, &match->day};

    for (size_t i = 0; i < 3; i++, at += 2) {
        if (!is_number(line, at, i == 0) ||
            !(begins_with(line, at + 1, marks[i][0]) || begins_with(line, at + 1, marks[i][1])))
            return false;
        *parts[i] = token_at(line, at)->value;
    }
    match->end = at;
    return match->day > 0 && is_day(match);
}

/* 2023-07-19, 2023/07/19, 2023.07.19; 2023. július 19. */
static bool match_year_first(const struct line *line, size_t at, struct match *match)
{
    uint32_t sign = token_at(line, at + 1)->value;
    bool named = is_word(line, at + 2, DATE_WORD_MONTH);

    if (!is_number(line, at, true) || token_at(line, at + 1)->kind != TOKEN_SIGN ||
        (named ? sign != '.' : sign != '-' && sign != '/' && sign != '.'))
        return false;
    match->year = token_at(line, at)->value;
    match->month = named ? token_at(line, at + 2)->word.value : token_at(line, at + 2)->value;
    if (named)
        at = pass_sign(line, at + 3, '.');
    else if (!is_number(line, at + 2, false) || !is_sign(line, at + 3, sign))
        return false;
    else
        at += 4;
    if (!is_number(line, at, false))
        return false;
    match->day = token_at(line, at)->value;
    match->end = named ? pass_sign(line, at + 1, '.') : at + 1;
    return match->day > 0 && is_day(match);
}

/* 19/07/2023: three numbers with the same sign between. */
static bool is_numeric(const struct line *line, size_t at)
{
    uint32_t sign = token_at(line, at + 1)->value;

    return is_number(line, at, false) && is_number(line, at + 2, false) &&
           is_number(line, at + 4, true) && token_at(line, at + 1)->kind == TOKEN_SIGN &&
           is_sign(line, at + 3, sign) && (sign == '/' || sign == '.' || sign == '-');
}

static enum date_order order_of(unsigned first, unsigned second)
{
    if (first > 12 && second <= 12)
        return DATE_ORDER_DAY_FIRST;
    return second > 12 && first <= 12 ? DATE_ORDER_MONTH_FIRST : DATE_ORDER_UNKNOWN;
}

static bool match_numeric(const struct line *line, size_t at, enum date_order order,
                          struct match *match)
{
    unsigned first = token_at(line, at)->value, second = token_at(line, at + 2)->value;

    if (!is_numeric(line, at))
        return false;
    if (is_sign(line, at + 1, '.') || first == second)
        order = DATE_ORDER_DAY_FIRST;
    else if (order_of(first, second) != DATE_ORDER_UNKNOWN)
        order = order_of(first, second);
    if (order == DATE_ORDER_UNKNOWN)
        return false;
    match->day = order == DATE_ORDER_DAY_FIRST ? first : second;
    match->month = order == DATE_ORDER_DAY_FIRST ? second : first;
    return match->day > 0 && take_year(line, at + 4, match);
}

static bool match_date(const struct line *line, size_t at, enum date_order order,
                       struct lede_date *date, size_t *end)
{
    struct match tries[5] = {{.day = 0}};
    const struct match *found = NULL;

    if (match_eastern(line, at, &tries[0]))
        found = &tries[0];
    else if (match_year_first(line, at, &tries[1]))
        found = &tries[1];
    else if (match_numeric(line, at, order, &tries[2]))
        found = &tries[2];
    else if (match_month_day_year(line, at, &tries[3]))
        found = &tries[3];
    else if (match_day_month_year(line, at, &tries[4]))
        found = &tries[4];
    if (!found)
        return false;
    *date = (struct lede_date){date_days(found->year, found->month, found->day ? found->day : 1) *
                                   DAY_SECONDS,
                               found->day ? LEDE_DAY : LEDE_MONTH};
    *end = found->end;
    return true;
}

/* ---- dates that count from when the text was fetched ---- */

/* Which is August, too, in Spanish. */
static bool is_ago(const struct line *line, size_t place)
{
    return is_word(line, place, DATE_WORD_AGO) ||
           slice_equal(token_at(line, place)->text, slice_str("ago"));
}

/* 3 hours ago, vor 2 Stunden, yesterday. */
static bool match_relative(const struct line *line, size_t at, struct lede_date crawled,
                           struct lede_date *date, size_t *end)
{
    bool before = is_ago(line, at);
    size_t number = at + before;
    int64_t back;

    if (crawled.precision < LEDE_DAY)
        return false;
    if (is_word(line, at, DATE_WORD_DAYS_BACK)) {
        back = (int64_t)token_at(line, at)->word.value * DAY_SECONDS;
        *end = at + 1;
    } else if (is_number(line, number, false) && is_word(line, number + 1, DATE_WORD_UNIT) &&
               (before || is_ago(line, number + 2))) {
        back = (int64_t)token_at(line, number)->value * token_at(line, number + 1)->word.value;
        *end = number + 2 + !before;
    } else {
        return false;
    }
    back = crawled.seconds - back;
    *date = (struct lede_date){back - ((back % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS, LEDE_DAY};
    return true;
}

/* ---- what stands around a date ---- */

/* A bar, a point or a dash between parts of a line that say different things. */
static bool is_bar(const struct line *line, size_t place)
{
    uint32_t sign = token_at(line, place)->value;

    return token_at(line, place)->kind == TOKEN_SIGN &&
           (sign == '|' || sign == 0xb7 || sign == 0x2022 || sign == 0x2502);
}

/* Says nothing beside a date: a day of the week, a time, a sign. */
static bool is_beside(const struct line *line, size_t place)
{
    const struct line_token *token = token_at(line, place);

    if (token->kind == TOKEN_WORD)
        return token->word.kind == DATE_WORD_WEEKDAY || token->word.kind == DATE_WORD_FILLER;
    return token->kind == TOKEN_SIGN || token->digits <= 2;
}

/* True if a filler may stand behind a date: "at", "a.m.", "AM", but no "the". */
static bool is_behind(const struct line *line, size_t place)
{
    const struct line_token *token = token_at(line, place);

    if (token->kind != TOKEN_WORD || token->word.kind != DATE_WORD_FILLER)
        return true;
    if (token->word.value == DATE_FILLER_CUT)
        return is_sign(line, place + 1, '.');
    return token->word.value == DATE_FILLER_TIME || slice_equal(token->text, slice_str("am")) ||
           slice_equal(token->text, slice_str("AM"));
}

/* The end of what stands beside a date on its right. */
static size_t beside_end(const struct line *line, size_t at)
{
    while (at < line->count && is_beside(line, at) && is_behind(line, at) && !is_bar(line, at))
        at++;
    return at;
}

/* True if a line that goes on at at is no sentence with the date in it. */
static bool ends_there(const struct line *line, size_t date_end)
{
    size_t at = beside_end(line, date_end);
    const struct line_token *token = token_at(line, at);

    if (at >= line->count || is_bar(line, at))
        return true;
    for (size_t i = date_end; i < at; i++)
        if (is_sign(line, i, ','))
            return false;
    return token->kind == TOKEN_WORD && token->capital;
}

/* The label that a date at at has; DATE_WORD_OTHER: none. */
static enum date_word_kind label_of(const struct line *line, size_t at)
{
    size_t place = at, words = 0, last = at > LABEL_REACH ? at - LABEL_REACH : 0;
    const struct line_token *label;

    while (place > last && is_beside(line, place - 1) && !is_bar(line, place - 1))
        place--;
    if (place == 0)
        return DATE_WORD_OTHER;
    label = token_at(line, --place);
    if (label->kind != TOKEN_WORD ||
        (label->word.kind != DATE_WORD_PUBLISHED && label->word.kind != DATE_WORD_UPDATED))
        return DATE_WORD_OTHER;
    while (place > 0 && !is_bar(line, place - 1) && words < 2)
        words += !is_beside(line, --place);
    return words < 2 || label->capital ? label->word.kind : DATE_WORD_OTHER;
}

/* True if a date from at to end has its line, or a part between bars, for itself. */
static bool is_alone(const struct line *line, size_t at, size_t end)
{
    while (at > 0 && is_beside(line, at - 1) && !is_bar(line, at - 1))
        at--;
    end = beside_end(line, end);
    return (at == 0 || is_bar(line, at - 1)) && (end >= line->count || is_bar(line, end));
}

static void note(struct date_lines *lines, enum date_role role, struct lede_date date)
{
    struct lede_date *known = &lines->dates[role];

    if (known->precision == LEDE_DATE_NONE)
        *known = date;
    else if (known->seconds != date.seconds || known->precision != date.precision)
        lines->contradicted[role] = true;
}

void date_lines_read(struct date_lines *lines, struct slice text)
{
    struct line line;

    date_line_cut(&line, lines->words, text);
    for (size_t at = 0, end = 0; at < line.count; at = end) {
        struct lede_date date;
        enum date_word_kind label;

        if (!match_date(&line, at, lines->order, &date, &end) &&
            !match_relative(&line, at, lines->crawled, &date, &end)) {
            end = at + 1;
            continue;
        }
        label = label_of(&line, at);
        if (label != DATE_WORD_OTHER && ends_there(&line, end))
            note(lines, label == DATE_WORD_UPDATED ? DATE_ROLE_UPDATED : DATE_ROLE_PUBLISHED, date);
        else if (label == DATE_WORD_OTHER && date.precision == LEDE_DAY && is_alone(&line, at, end))
            note(lines, DATE_ROLE_ALONE, date);
    }
}

enum date_order date_line_order(const struct date_words *words, struct slice text)
{
    enum date_order found = DATE_ORDER_UNKNOWN;
    struct line line;

    date_line_cut(&line, words, text);
    for (size_t at = 0; at < line.count; at++)
        if (is_numeric(&line, at) && !is_sign(&line, at + 1, '.') && found == DATE_ORDER_UNKNOWN)
            found = order_of(token_at(&line, at)->value, token_at(&line, at + 2)->value);
    return found;
}
