#include "page/page_line.h"

#include "base/array.h"
#include "page/page_words.h"

enum {
    SHORT_LINE = 160, /* bytes; longer ones are text, or titles */
    KNOWN_MOST = 32,  /* of one that is known as a whole */
    DATED_MOST = 80   /* of one with a date and a name */
};

void page_lines_init(struct page_lines *lines)
{
    *lines = (struct page_lines){0};
}

void page_lines_done(struct page_lines *lines)
{
    array_free(lines->items, lines->capacity, sizeof *lines->items, NULL);
    page_lines_init(lines);
}

/* ---- characters ---- */

/* Bytes of the white space at at: of ASCII, or a no-break or zero-width space; 0: none. */
static size_t blank_size(struct slice text, size_t at)
{
    const uint8_t *c = text.data + at;
    size_t left = text.size - at;

    if (byte_is_blank(c[0]))
        return 1;
    if (left >= 2 && c[0] == 0xc2 && c[1] == 0xa0)
        return 2;
    if (left >= 3 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0x8b || c[2] == 0xaf))
        return 3;
    return left >= 3 && c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf ? 3 : 0;
}

static struct slice trim(struct slice text)
{
    size_t size;

    while (text.size > 0 && (size = blank_size(text, 0)) > 0)
        text = slice_of(text.data + size, text.size - size);
    for (bool more = true; more && text.size > 0;) {
        more = false;
        for (size = 1; size <= 3 && size <= text.size && !more; size++)
            if (blank_size(text, text.size - size) == size) {
                text.size -= size;
                more = true;
            }
    }
    return text;
}

/* Bytes of a character that is a letter of another script than ASCII, as far as its lead byte
 * tells: symbols, punctuation and emoji are not. */
static size_t letter_size(struct slice text, size_t at)
{
    uint8_t lead = text.data[at];
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    if (lead < 0xc3 || lead > 0xf4 || size > text.size - at)
        return 0;
    if (lead == 0xc3 && (text.data[at + 1] == 0x97 || text.data[at + 1] == 0xb7))
        return 0;
    if ((lead == 0xe2 && text.data[at + 1] < 0xb0) || (lead == 0xe3 && text.data[at + 1] == 0x80) ||
        lead == 0xef || (lead == 0xf0 && text.data[at + 1] == 0x9f))
        return 0;
    return size;
}

unsigned page_line_key(struct slice text, bool digits, char *key, size_t size)
{
    unsigned words = 0;
    size_t end = 0;
    bool in_word = false;

    for (size_t at = 0, step; at < text.size; at += step) {
        uint8_t c = text.data[at];
        bool is_digit = c >= '0' && c <= '9', is_upper = c >= 'A' && c <= 'Z';
        size_t other = c >= 0x80 ? letter_size(text, at) : 0;

        step = other ? other : 1;
        if (!is_digit && !is_upper && !(c >= 'a' && c <= 'z') && !other) {
            in_word = false;
            continue;
        }
        if (end + 6 > size)
            break;
        if (!in_word) {
            words++;
            if (end > 0)
                key[end++] = ' ';
        }
        if (other) {
            memcpy(key + end, text.data + at, other);
            if (c == 0xc3 && text.data[at + 1] < 0x9f)
                key[end + 1] = (char)(text.data[at + 1] + 0x20);
            end += other;
        } else if (is_digit) {
            if (digits || !in_word || key[end - 1] != '#')
                key[end++] = digits ? (char)c : '#';
        } else {
            key[end++] = (char)(is_upper ? c + 0x20 : c);
        }
        in_word = true;
    }
    key[end] = '\0';
    return words;
}

/* ---- what a line is like ---- */

/* Without the closing quotes and brackets that it ends in. */
static struct slice without_closing(struct slice text)
{
    for (;;) {
        size_t size = text.size;
        const uint8_t *end = text.data + size;

        if (size > 0 && (end[-1] == '"' || end[-1] == '\'' || end[-1] == ')' || end[-1] == ']'))
            text.size--;
        else if (size >= 3 && end[-3] == 0xe2 && end[-2] == 0x80 &&
                 (end[-1] == 0x99 || end[-1] == 0x9d))
            text.size -= 3;
        else if (size >= 2 && end[-2] == 0xc2 && end[-1] == 0xbb)
            text.size -= 2;
        else
            return text;
    }
}

bool page_line_is_sentence(struct slice text)
{
    uint8_t last;

    text = without_closing(text);
    if (text.size == 0)
        return false;
    last = text.data[text.size - 1];
    if (last == '.') /* U.S. may end a title */
        return text.size < 3 || text.data[text.size - 3] != '.';
    if (text.size >= 3 && memcmp(text.data + text.size - 3, "\u3002", 3) == 0)
        return true;
    return last == ';' || last == ':' || last == ',';
}

struct slice page_line_byline(struct slice text)
{
    static const char *const words[] = {"by", "von", "par", "por", "author:"};

    for (size_t at = 0; at < text.size; at++) {
        if (at > 0 && text.data[at - 1] != ' ' && text.data[at - 1] != '|')
            continue;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            size_t size = strlen(words[i]);

            if (text.size - at > size + 1 &&
                (text.data[at + size] == ' ' || text.data[at + size] == ':') &&
                strncasecmp((const char *)text.data + at, words[i], size) == 0)
                return slice_trim(slice_of(text.data + at + size + 1, text.size - at - size - 1));
        }
    }
    return slice_of(NULL, 0);
}

enum { PLACE_MOST = 60, DATELINE_MOST = 110 };

/* Bytes of a dash with blanks around it at at, or 0. */
static size_t dash_size(struct slice text, size_t at)
{
    const uint8_t *c = text.data + at;
    size_t left = text.size - at;

    if (left >= 3 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0x93 || c[2] == 0x94))
        return 3;
    if (c[0] != '-' || left < 2 || at == 0 || !byte_is_blank(text.data[at - 1]))
        return 0;
    if (left >= 3 && c[1] == '-' && byte_is_blank(c[2]))
        return 2;
    return byte_is_blank(c[1]) ? 1 : 0;
}

bool page_line_has_dateline(struct slice text)
{
    size_t at = 0, capitals = 0;

    for (; at < text.size && at < PLACE_MOST; at++) {
        uint8_t c = text.data[at];

        if (c >= 'A' && c <= 'Z')
            capitals++;
        else if (c >= 0x80 && dash_size(text, at) == 0 && letter_size(text, at) > 0)
            at += letter_size(text, at) - 1;
        else if (c != ' ' && c != '.' && c != '\'' && c != '/' && c != '-')
            break;
        if (c == '-' && dash_size(text, at) > 0)
            break;
    }
    if (capitals < 3 || at >= text.size)
        return false;
    if (text.data[at] >= 'a' && text.data[at] <= 'z') { /* LONDON March 3: M belongs to the date */
        if (at < 2 || text.data[at - 2] != ' ')
            return false;
    } else if (!strchr(",(-", text.data[at]) && dash_size(text, at) == 0) {
        return false;
    }
    for (; at < text.size && at < DATELINE_MOST; at++)
        if (dash_size(text, at) > 0)
            return true;
    return false;
}

/* Nothing but signs such as - = * _ ~ # • · – —, three at least. */
static bool is_rule(struct slice text)
{
    unsigned signs = 0;

    for (size_t at = 0; at < text.size; signs++) {
        uint8_t c = text.data[at];

        if (c == ' ') {
            signs--;
            at++;
        } else if (c < 0x80 && strchr("-=*_~#+.", c)) {
            at++;
        } else if (c == 0xc2 && at + 1 < text.size && text.data[at + 1] == 0xb7) {
            at += 2;
        } else if (c == 0xe2 && at + 2 < text.size && text.data[at + 1] < 0xb0) {
            at += 3;
        } else {
            return false;
        }
    }
    return signs >= 3;
}

static bool ends_with_colon(struct slice text)
{
    return text.size > 0 && text.data[text.size - 1] == ':';
}

/* Four digits, the first of them 1 or 2. */
static bool has_year(struct slice text)
{
    size_t digits = 0;

    for (size_t at = 0; at <= text.size; at++) {
        if (at < text.size && text.data[at] >= '0' && text.data[at] <= '9') {
            digits++;
            continue;
        }
        if (digits == 4 && (text.data[at - 4] == '1' || text.data[at - 4] == '2'))
            return true;
        digits = 0;
    }
    return false;
}

/* False for what is plain at a glance: nearly all lines of texts. */
static bool may_be_known(struct slice text)
{
    return text.size <= KNOWN_MOST || text.data[0] == text.data[1] || /* as rules do */
           (text.size <= SHORT_LINE &&
            (page_words_may_begin(text) || (text.size <= DATED_MOST && has_year(text))));
}

void page_line_look(struct page_line *line, struct slice text)
{
    char key[LINE_KEY_SIZE];
    unsigned words;

    if (!may_be_known(text))
        return;
    words = page_line_key(text, false, key, sizeof key);
    if (words == 0) {
        line->kind = is_rule(text) ? LINE_RULE : LINE_PLAIN;
        return;
    }
    line->kind = (uint8_t)page_words_kind(key, words, text, line);
    if (line->kind == LINE_END && ends_with_colon(text)) /* of a box of links in the text */
        line->kind = LINE_FURNITURE;
}

/* ---- the page ---- */

/* Bytes up to the next end of line, without it. *lf is where the next LF was found, or is to be
 * looked for: lines that end in CR must not each search for one. */
static size_t line_size(struct slice page, size_t at, size_t *lf)
{
    const uint8_t *found;

    if (*lf < at || *lf == SIZE_MAX) {
        found = memchr(page.data + at, '\n', page.size - at);
        *lf = found ? (size_t)(found - page.data) : page.size;
    }
    found = memchr(page.data + at, '\r', *lf - at);
    return (found ? (size_t)(found - page.data) : *lf) - at;
}

static bool add_line(struct page_lines *lines, struct slice text, bool after_blank)
{
    struct page_line *line;

    if (lines->count == lines->capacity &&
        !array_grow((void **)&lines->items, &lines->capacity, sizeof *lines->items, NULL))
        return false;
    line = &lines->items[lines->count++];
    *line = (struct page_line){.offset = (uint32_t)(text.data - lines->page.data),
                               .size = (uint32_t)text.size,
                               .after_blank = after_blank};
    page_line_look(line, text);
    return true;
}

enum lede_status page_lines_read(struct page_lines *lines, struct slice page,
                                 struct lede_error *err)
{
    bool after_blank = true;
    size_t lf = SIZE_MAX;

    lines->page = page;
    lines->count = 0;
    if (page.size > UINT32_MAX)
        return error_set(err, LEDE_LIMIT, "a page of more than 4 GiB");
    for (size_t at = 0; at < page.size;) {
        size_t size = line_size(page, at, &lf), end = at + size;
        struct slice text = trim(slice_of(page.data + at, size));

        if (text.size > 0 && lines->count == PAGE_LINES_MOST)
            return error_set(err, LEDE_LIMIT, "a page of more than %d lines", PAGE_LINES_MOST);
        if (text.size > 0 && !add_line(lines, text, after_blank))
            return error_no_memory(err);
        after_blank = text.size == 0;
        at = end + 1;
        if (at < page.size && page.data[end] == '\r' && page.data[at] == '\n')
            at++;
    }
    return LEDE_OK;
}
