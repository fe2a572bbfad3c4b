#include "page/page_dates.h"

#include "base/ascii.h"

#include <strings.h>

enum { DATED_WORDS_MOST = 9 /* of a line with a date and a name */ };

enum date_word_kind { WORD_OTHER, WORD_MONTH, WORD_DATE /* of a day, a time, a zone */ };

/* In the order of strcmp. */
static const struct date_word {
    const char *word;
    enum date_word_kind kind;
} DATE_WORDS[] = {{"#", WORD_DATE},          {"#am", WORD_DATE},        {"#er", WORD_DATE},
                  {"#h", WORD_DATE},         {"#nd", WORD_DATE},        {"#pm", WORD_DATE},
                  {"#rd", WORD_DATE},        {"#st", WORD_DATE},        {"#t#", WORD_DATE},
                  {"#t#z", WORD_DATE},       {"#th", WORD_DATE},        {"#z", WORD_DATE},
                  {"a", WORD_DATE},          {"abril", WORD_MONTH},     {"agosto", WORD_MONTH},
                  {"am", WORD_DATE},         {"août", WORD_MONTH},      {"apr", WORD_MONTH},
                  {"april", WORD_MONTH},     {"aprile", WORD_MONTH},    {"at", WORD_DATE},
                  {"aug", WORD_MONTH},       {"august", WORD_MONTH},    {"augustus", WORD_MONTH},
                  {"avril", WORD_MONTH},     {"bst", WORD_DATE},        {"cdt", WORD_DATE},
                  {"cest", WORD_DATE},       {"cet", WORD_DATE},        {"cst", WORD_DATE},
                  {"ct", WORD_DATE},         {"de", WORD_DATE},         {"dec", WORD_MONTH},
                  {"december", WORD_MONTH},  {"del", WORD_DATE},        {"den", WORD_DATE},
                  {"dez", WORD_MONTH},       {"dezember", WORD_MONTH},  {"dezembro", WORD_MONTH},
                  {"dicembre", WORD_MONTH},  {"diciembre", WORD_MONTH}, {"dienstag", WORD_DATE},
                  {"dimanche", WORD_DATE},   {"domenica", WORD_DATE},   {"domingo", WORD_DATE},
                  {"donnerstag", WORD_DATE}, {"décembre", WORD_MONTH},  {"edt", WORD_DATE},
                  {"enero", WORD_MONTH},     {"est", WORD_DATE},        {"et", WORD_DATE},
                  {"feb", WORD_MONTH},       {"febbraio", WORD_MONTH},  {"febrero", WORD_MONTH},
                  {"februar", WORD_MONTH},   {"februari", WORD_MONTH},  {"february", WORD_MONTH},
                  {"fevereiro", WORD_MONTH}, {"freitag", WORD_DATE},    {"fri", WORD_DATE},
                  {"friday", WORD_DATE},     {"février", WORD_MONTH},   {"gennaio", WORD_MONTH},
                  {"giovedì", WORD_DATE},    {"giugno", WORD_MONTH},    {"gmt", WORD_DATE},
                  {"h", WORD_DATE},          {"jan", WORD_MONTH},       {"janeiro", WORD_MONTH},
                  {"januar", WORD_MONTH},    {"januari", WORD_MONTH},   {"januarie", WORD_MONTH},
                  {"january", WORD_MONTH},   {"janvier", WORD_MONTH},   {"jeudi", WORD_DATE},
                  {"jueves", WORD_DATE},     {"juillet", WORD_MONTH},   {"juin", WORD_MONTH},
                  {"jul", WORD_MONTH},       {"julho", WORD_MONTH},     {"juli", WORD_MONTH},
                  {"julio", WORD_MONTH},     {"july", WORD_MONTH},      {"jun", WORD_MONTH},
                  {"june", WORD_MONTH},      {"junho", WORD_MONTH},     {"juni", WORD_MONTH},
                  {"junio", WORD_MONTH},     {"kl", WORD_DATE},         {"le", WORD_DATE},
                  {"luglio", WORD_MONTH},    {"lundi", WORD_DATE},      {"lunedì", WORD_DATE},
                  {"lunes", WORD_DATE},      {"m", WORD_DATE},          {"maart", WORD_MONTH},
                  {"maggio", WORD_MONTH},    {"mai", WORD_MONTH},       {"maio", WORD_MONTH},
                  {"maj", WORD_MONTH},       {"mar", WORD_MONTH},       {"march", WORD_MONTH},
                  {"mardi", WORD_DATE},      {"mars", WORD_MONTH},      {"martedì", WORD_DATE},
                  {"martes", WORD_DATE},     {"marts", WORD_MONTH},     {"marzo", WORD_MONTH},
                  {"março", WORD_MONTH},     {"may", WORD_MONTH},       {"mayo", WORD_MONTH},
                  {"mdt", WORD_DATE},        {"mei", WORD_MONTH},       {"mercoledì", WORD_DATE},
                  {"mercredi", WORD_DATE},   {"mittwoch", WORD_DATE},   {"miércoles", WORD_DATE},
                  {"mon", WORD_DATE},        {"monday", WORD_DATE},     {"montag", WORD_DATE},
                  {"mst", WORD_DATE},        {"mt", WORD_DATE},         {"märz", WORD_MONTH},
                  {"nov", WORD_MONTH},       {"november", WORD_MONTH},  {"novembre", WORD_MONTH},
                  {"novembro", WORD_MONTH},  {"noviembre", WORD_MONTH}, {"oct", WORD_MONTH},
                  {"october", WORD_MONTH},   {"octobre", WORD_MONTH},   {"octubre", WORD_MONTH},
                  {"of", WORD_DATE},         {"okt", WORD_MONTH},       {"oktober", WORD_MONTH},
                  {"on", WORD_DATE},         {"ottobre", WORD_MONTH},   {"outubro", WORD_MONTH},
                  {"p", WORD_DATE},          {"pdt", WORD_DATE},        {"pm", WORD_DATE},
                  {"pst", WORD_DATE},        {"pt", WORD_DATE},         {"sabato", WORD_DATE},
                  {"samedi", WORD_DATE},     {"samstag", WORD_DATE},    {"sat", WORD_DATE},
                  {"saturday", WORD_DATE},   {"sep", WORD_MONTH},       {"sept", WORD_MONTH},
                  {"september", WORD_MONTH}, {"septembre", WORD_MONTH}, {"septiembre", WORD_MONTH},
                  {"setembro", WORD_MONTH},  {"settembre", WORD_MONTH}, {"sonntag", WORD_DATE},
                  {"sun", WORD_DATE},        {"sunday", WORD_DATE},     {"sábado", WORD_DATE},
                  {"t", WORD_DATE},          {"the", WORD_DATE},        {"thu", WORD_DATE},
                  {"thur", WORD_DATE},       {"thurs", WORD_DATE},      {"thursday", WORD_DATE},
                  {"tue", WORD_DATE},        {"tues", WORD_DATE},       {"tuesday", WORD_DATE},
                  {"uhr", WORD_DATE},        {"um", WORD_DATE},         {"utc", WORD_DATE},
                  {"vendredi", WORD_DATE},   {"venerdì", WORD_DATE},    {"viernes", WORD_DATE},
                  {"wed", WORD_DATE},        {"wednesday", WORD_DATE},  {"z", WORD_DATE},
                  {"à", WORD_DATE}};

static enum date_word_kind date_word(const char *word, size_t size)
{
    size_t low = 0, high = sizeof DATE_WORDS / sizeof DATE_WORDS[0];

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp(DATE_WORDS[middle].word, word, size);

        if (order == 0 && DATE_WORDS[middle].word[size] == '\0')
            return DATE_WORDS[middle].kind;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return WORD_OTHER;
}

/* The words that are months; others: those that are nothing of a date. */
static unsigned count_months(const char *key, unsigned *others)
{
    unsigned months = 0;

    *others = 0;
    for (const char *at = key; *at;) {
        size_t size = strcspn(at, " ");
        enum date_word_kind kind = date_word(at, size);

        months += kind == WORD_MONTH;
        *others += kind == WORD_OTHER;
        at += size + (at[size] == ' ');
    }
    return months;
}

/* Of the number that begins at at, or 0. */
static size_t digits(struct slice text, size_t at)
{
    size_t end = at;

    while (end < text.size && ascii_is_digit(text.data[end]))
        end++;
    return end - at;
}

/* 2021-03-04, 4/3/2021, 04.03.2021 somewhere in text. */
static bool has_numeric_date(struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        size_t first = digits(text, at), second, third, then = at + first + 1;

        if (first == 0)
            continue;
        second = digits(text, then);
        third = digits(text, then + second + 1);
        if (second >= 1 && second <= 2 && then + second < text.size && text.data[then - 1] != ',' &&
            strchr("-./", text.data[then - 1]) && text.data[then - 1] == text.data[then + second] &&
            ((first == 4 && third >= 1 && third <= 2) || (first <= 2 && third == 4)))
            return true;
        at += first - 1;
    }
    return false;
}

static unsigned count_numbers(const char *key)
{
    unsigned numbers = 0;

    for (const char *at = key; (at = strchr(at, '#')) != NULL; at++)
        numbers++;
    return numbers;
}

bool page_dates_is(const char *key, unsigned words, struct slice text)
{
    unsigned others, months;

    if (count_numbers(key) == 0)
        return false;
    months = count_months(key, &others);
    if (others > 0 && (words > DATED_WORDS_MOST || text.data[0] > 'Z' || count_numbers(key) < 2 ||
                       others > words / 2 + 1 || page_line_is_sentence(text)))
        return false;
    return months == 1 || (months == 0 && has_numeric_date(text));
}

bool page_dates_has(const char *key, struct slice text)
{
    unsigned others;

    return strchr(key, '#') && (count_months(key, &others) > 0 || has_numeric_date(text) ||
                                strstr(key, " ago") || memchr(text.data, ':', text.size));
}

struct slice page_dates_find(struct slice text)
{
    static const char *const words[] = {"published", "posted",         "first", "last", "updated",
                                        "modified",  "date",           "on",    "at",   "publié",
                                        "le",        "veröffentlicht", "am"};
    struct slice name = page_line_byline(text);
    bool more = true;

    if (name.size > 0)
        text.size = (size_t)(name.data - text.data);
    while (more) {
        more = false;
        for (size_t i = 0; i < sizeof words / sizeof words[0] && !more; i++) {
            size_t size = strlen(words[i]);

            more = text.size > size && (text.data[size] == ' ' || text.data[size] == ':') &&
                   strncasecmp((const char *)text.data, words[i], size) == 0;
            if (more)
                text = slice_of(text.data + size + 1, text.size - size - 1);
        }
        text = slice_trim(text);
    }
    while (text.size > 0 && name.size > 0 && !ascii_is_digit(text.data[text.size - 1])) /* by */
        text.size--;
    return slice_trim(text);
}
