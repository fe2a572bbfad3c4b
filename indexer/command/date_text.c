#include "command/date_text.h"

#include "base/ascii.h"
#include "base/date.h"
#include "command/date_line.h"
#include "command/date_words.h"

enum { SHORT_LINE = 80 /* bytes of one that may be "3 hours ago" */, DAY_SECONDS = 86400 };

/* ---- lines ---- */

static bool is_year(const uint8_t *at)
{
    return ((at[0] == '1' && at[1] == '9') || (at[0] == '2' && at[1] == '0')) &&
           ascii_is_digit(at[2]) && ascii_is_digit(at[3]);
}

/* True if a year may be in it: four digits from 19.. to 20... Of four bytes side by side one is
 * looked at here. */
static bool has_year(struct slice text)
{
    for (size_t i = 0; i < text.size; i += 4) {
        size_t first = i > 3 ? i - 3 : 0;

        if (!ascii_is_digit(text.data[i]))
            continue;
        for (size_t at = first; at <= i && at + 4 <= text.size; at++)
            if (is_year(text.data + at))
                return true;
    }
    return false;
}

/* Cuts a line off text; false: none is left. */
static bool next_line(struct slice *text, struct slice *line)
{
    const uint8_t *end = text->size ? memchr(text->data, '\n', text->size) : NULL;
    size_t size = end ? (size_t)(end - text->data) : text->size;

    if (text->size == 0)
        return false;
    *line = slice_of(text->data, size < DATE_LINE_MOST ? size : DATE_LINE_MOST);
    size += end != NULL;
    *text = slice_of(text->data + size, text->size - size);
    return true;
}

/* The beginning and the end of a text, up to the end of a line and from the beginning of one. */
static void cut(struct slice text, struct slice parts[2])
{
    size_t tail = text.size > DATE_HEAD + DATE_TAIL ? text.size - DATE_TAIL : text.size;
    const uint8_t *line =
        tail < text.size ? memchr(text.data + tail, '\n', text.size - tail) : NULL;

    parts[0] = slice_of(text.data, text.size < DATE_HEAD ? text.size : DATE_HEAD);
    if (tail == text.size && text.size > DATE_HEAD)
        parts[0].size = text.size;
    parts[1] = line ? slice_of(line, (size_t)(text.data + text.size - line)) : slice_of(NULL, 0);
}

static enum date_order shown_order(const struct date_words *words, const struct slice parts[2])
{
    enum date_order order = DATE_ORDER_UNKNOWN;

    for (size_t i = 0; i < 2; i++) {
        struct slice rest = parts[i], line;

        while (order == DATE_ORDER_UNKNOWN && next_line(&rest, &line))
            if (has_year(line))
                order = date_line_order(words, line);
    }
    return order;
}

/* What writers of a language do with 03/04/2023. */
static enum date_order usual_order(struct slice language)
{
    static const char *const day_first[] = {"de", "fr", "es", "it", "pt", "nl", "da", "no", "nb",
                                            "nn", "fi", "ro", "pl", "cs", "tr", "ru", "uk", "bg",
                                            "el", "ca", "id", "ar", "he", "vi", "hi"};
    static const char *const british[] = {"en-GB", "en-IE", "en-AU", "en-NZ", "en-IN", "en-ZA"};

    if (slice_equal(language, slice_str("en-US")))
        return DATE_ORDER_MONTH_FIRST;
    for (size_t i = 0; i < sizeof british / sizeof british[0]; i++)
        if (slice_equal(language, slice_str(british[i])))
            return DATE_ORDER_DAY_FIRST;
    for (size_t i = 0; i < sizeof day_first / sizeof day_first[0]; i++)
        if (slice_begins(language, slice_str(day_first[i])) &&
            (language.size == 2 || language.data[2] == '-' || language.data[2] == '_'))
            return DATE_ORDER_DAY_FIRST;
    return DATE_ORDER_UNKNOWN;
}

static bool best_of(const struct date_lines *lines, struct lede_date *date)
{
    for (int role = 0; role < DATE_ROLES; role++)
        if (lines->dates[role].precision != LEDE_DATE_NONE) {
            *date = lines->dates[role];
            return !lines->contradicted[role];
        }
    return false;
}

bool date_text_find(const struct date_words *words, struct slice text, struct slice language,
                    struct lede_date crawled, struct lede_date *date)
{
    struct date_lines lines = {.words = words, .crawled = crawled};
    struct slice parts[2], line;

    cut(text, parts);
    if (crawled.precision < LEDE_DAY && !has_year(parts[0]) && !has_year(parts[1]))
        return false;
    lines.order = shown_order(words, parts);
    if (lines.order == DATE_ORDER_UNKNOWN)
        lines.order = usual_order(language);
    for (size_t i = 0; i < 2; i++)
        while (next_line(&parts[i], &line))
            if (has_year(line) || (crawled.precision >= LEDE_DAY && line.size <= SHORT_LINE))
                date_lines_read(&lines, line);
    return best_of(&lines, date);
}

/* ---- addresses ---- */

/* The path of an address: what is between the host and ? or #. */
static struct slice path_of(struct slice url)
{
    const uint8_t *scheme = url.size ? memmem(url.data, url.size, "://", 3) : NULL;
    size_t begin = scheme ? (size_t)(scheme - url.data) + 3 : 0, end;

    if (url.size == 0)
        return url;
    while (begin < url.size && url.data[begin] != '/')
        begin++;
    for (end = begin; end < url.size && url.data[end] != '?' && url.data[end] != '#';)
        end++;
    return slice_of(url.data + begin, end - begin);
}

static bool is_edge(struct slice path, size_t at)
{
    uint8_t byte = at < path.size ? path.data[at] : '/';

    return byte == '/' || byte == '-' || byte == '_' || byte == '.';
}

/* Reads count digits; false if there are others, or a digit behind them. */
static bool digits(struct slice path, size_t *at, size_t count, unsigned *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (*at + i >= path.size || !ascii_is_digit(path.data[*at + i]))
            return false;
        *value = *value * 10 + (unsigned)(path.data[*at + i] - '0');
    }
    *at += count;
    return true;
}

/* A month of one or two digits, or a name, up to an edge; 0: it is none. */
static unsigned month_at(const struct date_words *words, struct slice path, size_t *at)
{
    uint8_t folded[DATE_WORD_MOST];
    size_t begin = *at, size;
    struct date_word word;
    unsigned month;

    while (!is_edge(path, *at))
        ++*at;
    size = *at - begin;
    if (size >= 1 && size <= 2 && digits(path, &begin, size, &month))
        return month;
    size = date_word_fold(slice_of(path.data + begin, size), folded);
    word = date_words_find(words, slice_of(folded, size));
    return word.kind == DATE_WORD_MONTH ? word.value : 0;
}

/* A day of one or two digits up to an edge, which between slashes is another one; 0: it is none. */
static unsigned day_at(struct slice path, size_t at, uint8_t between)
{
    size_t size = at + 1 < path.size && ascii_is_digit(path.data[at + 1]) ? 2 : 1;
    unsigned day;

    if (!digits(path, &at, size, &day) || !is_edge(path, at))
        return 0;
    return between == '/' && at < path.size && path.data[at] != '/' ? 0 : day;
}

/* What follows a year: 0719, or an edge, a month and perhaps a day (0: none). */
static bool month_and_day_at(const struct date_words *words, struct slice path, size_t at,
                             unsigned *month, unsigned *day)
{
    size_t behind = at;
    unsigned number;
    uint8_t between;

    if (digits(path, &behind, 4, &number)) {
        *month = number / 100;
        *day = number % 100;
        return *day > 0 && is_edge(path, behind);
    }
    if (at >= path.size || !is_edge(path, at))
        return false;
    between = path.data[at++];
    *month = month_at(words, path, &at);
    if (at < path.size && path.data[at] != between)
        return false;
    *day = day_at(path, at + 1, between);
    return *day > 0 || between == '/';
}

/* The date that begins at at, behind an edge. */
static bool date_at(const struct date_words *words, struct slice path, size_t at,
                    struct lede_date *date)
{
    unsigned year, month, day;

    if (!digits(path, &at, 4, &year) || year < 1990 || year > 2099 ||
        !month_and_day_at(words, path, at, &month, &day) || month < 1 || month > 12 ||
        day > date_month_days(year, month))
        return false;
    *date = (struct lede_date){date_days(year, month, day ? day : 1) * DAY_SECONDS,
                               day ? LEDE_DAY : LEDE_MONTH};
    return true;
}

/* True if one of two dates is within the other. */
static bool agree(struct lede_date a, struct lede_date b)
{
    return (a.seconds >= b.seconds && a.seconds <= date_last_second(b)) ||
           (b.seconds >= a.seconds && b.seconds <= date_last_second(a));
}

bool date_url_find(const struct date_words *words, struct slice url, struct lede_date *date)
{
    struct slice path = path_of(url);
    struct lede_date best = {.precision = LEDE_DATE_NONE}, found;

    for (size_t at = 1; at < path.size; at++) {
        if (!is_edge(path, at - 1) || !date_at(words, path, at, &found))
            continue;
        if (best.precision != LEDE_DATE_NONE && !agree(best, found))
            return false;
        if (best.precision < found.precision)
            best = found;
    }
    *date = best;
    return best.precision != LEDE_DATE_NONE;
}
