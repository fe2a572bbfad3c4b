#include "page/page_header.h"

#include "base/ascii.h"

enum {
    TITLE_MOST = 200,
    ZONE_MOST = 14,  /* lines of a header behind its title */
    BEFORE_MOST = 4, /* and before it */
    FILL_MOST = 90,  /* bytes of a line that is nothing special among those of a header */
    STANDFIRST_MOST = 400,
    NAME_MOST = 80,
    SECTION_MOST = 32,
    LOSING_LEAST = 16,
    LOST_MOST = 6, /* bytes of a title that a template may lose */
    DOUBLED_LEAST = 12,
    TEXT_LEAST = 60 /* bytes of a line that is text, not a label */
};

static enum line_kind kind_of(const struct page_lines *lines, size_t line)
{
    return (enum line_kind)lines->items[line].kind;
}

static bool byte_is_alphanumeric(uint8_t byte)
{
    return ascii_is_digit(byte) || ascii_is_letter(byte);
}

/* ---- titles ---- */

static unsigned count_words(struct slice text)
{
    unsigned words = 0;

    for (size_t at = 0; at < text.size; at++)
        words += text.data[at] > ' ' && (at == 0 || text.data[at - 1] <= ' ');
    return words;
}

/* A script without blanks between words has none to count. */
static bool has_words(struct slice text, unsigned least)
{
    return count_words(text) >= least || (text.size >= 18 && text.data[0] >= 0xe3);
}

/* Could be one: whether it is, what is around it tells. */
static bool is_title_like(const struct page_lines *lines, size_t line)
{
    struct slice text = page_line_text(lines, line);
    uint8_t first = text.data[0];

    if (kind_of(lines, line) != LINE_PLAIN || text.size > TITLE_MOST || text.size < 6)
        return false;
    if ((first >= 'a' && first <= 'z' && !(text.data[1] >= 'A' && text.data[1] <= 'Z')) ||
        strchr("-+|>/)]}.,;:&", first))
        return false;
    return has_words(text, 2) && !page_line_is_sentence(text);
}

/* The title without a name of the site behind it. */
static struct slice without_site(struct slice title)
{
    for (size_t at = title.size; at > 15; at--) {
        const uint8_t *c = title.data + at - 1;

        if (c[0] != ' ')
            continue;
        if (at < title.size && (c[1] == '-' || c[1] == '|') && at + 1 < title.size && c[2] == ' ')
            return slice_of(title.data, at - 1);
        if (at + 3 < title.size && c[1] == 0xe2 && c[2] == 0x80 && (c[3] == 0x93 || c[3] == 0x94))
            return slice_of(title.data, at - 1);
    }
    return title;
}

/* One is the other without a few characters at one place, a sign among them. */
static bool has_lost_some(struct slice a, struct slice b)
{
    struct slice longer = a.size > b.size ? a : b, shorter = a.size > b.size ? b : a;
    size_t lost = longer.size - shorter.size, front = slice_shared(a, b), back = 0;

    if (longer.size < LOSING_LEAST || lost == 0 || lost > LOST_MOST)
        return false;
    while (back < shorter.size - front &&
           shorter.data[shorter.size - 1 - back] == longer.data[longer.size - 1 - back])
        back++;
    return front + back == shorter.size && longer.data[front] != ' ' &&
           !byte_is_alphanumeric(longer.data[front]);
}

/* The first letter or digit, small; 0x80 for all others than ASCII's. */
static uint8_t first_letter(struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        if (text.data[at] >= 0xc3 && text.data[at] != 0xe2)
            return 0x80;
        if (byte_is_alphanumeric(text.data[at]))
            return text.data[at] < 'A' ? text.data[at] : text.data[at] | 0x20;
    }
    return 0;
}

bool page_titles_agree(struct slice a, struct slice b)
{
    char first[2 * TITLE_MOST], second[2 * TITLE_MOST];
    struct slice x, y;

    if (a.size > TITLE_MOST + 60 || b.size > TITLE_MOST + 60)
        return false;
    if (has_lost_some(a, b))
        return true;
    if (first_letter(a) != first_letter(b))
        return false;
    (void)page_line_key(a, true, first, sizeof first);
    (void)page_line_key(b, true, second, sizeof second);
    x = slice_str(first);
    y = slice_str(second);
    if (x.size == 0 || y.size == 0)
        return false;
    if (slice_equal(x, y))
        return true;
    (void)page_line_key(without_site(a), true, first, sizeof first);
    (void)page_line_key(without_site(b), true, second, sizeof second);
    return slice_equal(slice_str(first), slice_str(second));
}

struct slice page_title_text(struct slice title)
{
    static const char label[] = "title:";

    if (title.size > sizeof label &&
        strncasecmp((const char *)title.data, label, strlen(label)) == 0)
        title = slice_trim(slice_of(title.data + strlen(label), title.size - strlen(label)));
    while (title.size > 1 && (title.data[0] == '#' || title.data[0] == '*' || title.data[0] == ' '))
        title = slice_of(title.data + 1, title.size - 1);
    while (title.size > 1 &&
           (title.data[title.size - 1] == '*' || title.data[title.size - 1] == ' '))
        title.size--;
    return title;
}

/* ---- what follows a title ---- */

bool page_line_is_text(const struct page_lines *lines, size_t line)
{
    struct slice text = page_line_text(lines, line);

    if (kind_of(lines, line) != LINE_PLAIN || text.size < 30)
        return false;
    return text.size >= TEXT_LEAST || page_line_is_sentence(text) ||
           (line + 1 < lines->count && kind_of(lines, line + 1) == LINE_PLAIN &&
            !lines->items[line + 1].after_blank);
}

static bool is_sign(enum line_kind kind)
{
    return kind == LINE_PUBLISHED || kind == LINE_DATE || kind == LINE_AGE || kind == LINE_BY;
}

static bool is_name(const struct page_lines *lines, size_t line)
{
    struct slice text = page_line_text(lines, line);

    return kind_of(lines, line) == LINE_PLAIN && text.size <= NAME_MOST && count_words(text) <= 8 &&
           !page_line_is_sentence(text);
}

/* Ann van Example: two to four words that begin with capitals, not all capital. */
static bool is_person(struct slice text)
{
    unsigned words, capitals = 0, small = 0;

    if (text.size > NAME_MOST / 2)
        return false;
    words = count_words(text);
    if (words < 2 || words > 4)
        return false;
    for (size_t at = 0; at < text.size; at++) {
        uint8_t c = text.data[at];

        capitals += (c >= 'A' && c <= 'Z') && (at == 0 || text.data[at - 1] == ' ');
        small += c >= 'a' && c <= 'z';
        if (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !strchr(" .'-", c))
            return false;
    }
    return capitals >= 2 && capitals + 1 >= words && small >= 3;
}

struct zone { /* what follows a title, while it is read */
    const struct page_lines *lines;
    struct slice title;
    unsigned signs;
    size_t fills;
    bool after_bare_by;
};

static bool next_is_title(const struct zone *zone, size_t line)
{
    return line + 1 < zone->lines->count &&
           page_titles_agree(zone->title, page_line_text(zone->lines, line + 1));
}

/* Soon: a name may come before it, and behind one what the author is. */
static bool next_is_sign(const struct zone *zone, size_t line)
{
    size_t next = line + 1;

    if (next < zone->lines->count && is_person(page_line_text(zone->lines, next)))
        next++;
    if (next < zone->lines->count && is_person(page_line_text(zone->lines, next - 1)) &&
        page_line_text(zone->lines, next).size <= FILL_MOST &&
        kind_of(zone->lines, next) == LINE_PLAIN)
        next++;
    return next < zone->lines->count &&
           (is_sign(kind_of(zone->lines, next)) || next_is_title(zone, line));
}

/* A plain line among those of a header: the title again, a name, a standfirst, a caption. */
static bool take_plain(struct zone *zone, size_t line, bool is_first)
{
    struct slice text = page_line_text(zone->lines, line);

    if (page_titles_agree(zone->title, text)) {
        zone->signs |= text.size >= DOUBLED_LEAST ? (unsigned)SIGN_DOUBLED : 0U;
        return true;
    }
    if (zone->after_bare_by && is_name(zone->lines, line))
        return true;
    if (is_first && is_person(text)) {
        zone->signs |= SIGN_NAME;
        return true;
    }
    if (zone->fills >= 2 || !next_is_sign(zone, line))
        return false;
    zone->fills++;
    if (!is_first)
        return text.size <= FILL_MOST &&
               (zone->signs || is_person(text) || is_person(page_line_text(zone->lines, line - 1)));
    if (text.size <= SECTION_MOST && next_is_title(zone, line))
        return true;
    return text.size <= STANDFIRST_MOST && !is_title_like(zone->lines, line);
}

static bool take_line(struct zone *zone, size_t line, bool is_first)
{
    enum line_kind kind = kind_of(zone->lines, line);
    bool taken = true;

    switch (kind) {
    case LINE_PLAIN:
        taken = take_plain(zone, line, is_first);
        break;
    case LINE_PUBLISHED:
        zone->signs |= SIGN_PUBLISHED | (zone->lines->items[line].is_bare ? 0U : SIGN_DATE);
        zone->signs |= page_line_byline(page_line_text(zone->lines, line)).size ? SIGN_BY : 0U;
        break;
    case LINE_DATE:
        zone->signs |= SIGN_DATE;
        break;
    case LINE_AGE:
        zone->signs |= SIGN_AGE;
        zone->signs |= page_line_byline(page_line_text(zone->lines, line)).size ? SIGN_BY : 0U;
        break;
    case LINE_BY:
        zone->signs |= SIGN_BY | (zone->lines->items[line].is_dated ? (unsigned)SIGN_AGE : 0U);
        break;
    case LINE_RULE:
        if (is_first && !zone->lines->items[line].after_blank)
            zone->signs |= SIGN_MARKED;
        break;
    case LINE_ON:
    case LINE_SECTION:
    case LINE_FURNITURE:
        break;
    default:
        taken = false;
    }
    zone->after_bare_by = kind == LINE_BY && zone->lines->items[line].is_bare;
    return taken;
}

static size_t read_zone(struct zone *zone, size_t title)
{
    size_t line = title + 1;

    while (line < zone->lines->count && line - title <= ZONE_MOST &&
           take_line(zone, line, line == title + 1))
        line++;
    return line;
}

/* ---- what comes before a title ---- */

/* A word or three by themselves, in a place where a section may stand. */
static bool is_section_like(const struct page_lines *lines, size_t line)
{
    struct slice text = page_line_text(lines, line);

    return kind_of(lines, line) == LINE_PLAIN && text.size <= SECTION_MOST &&
           count_words(text) <= 3 && !page_line_is_sentence(text);
}

static unsigned sign_before(enum line_kind kind)
{
    switch (kind) {
    case LINE_END:
    case LINE_NEXT:
        return SIGN_END;
    case LINE_RULE:
        return SIGN_RULE;
    case LINE_SECTION:
        return SIGN_SECTION;
    case LINE_DATE:
        return SIGN_DATE;
    case LINE_AGE:
        return SIGN_AGE;
    default:
        return 0;
    }
}

/* A section that is no known one: behind the end of what came before, or a menu. */
static bool may_be_section(const struct page_lines *lines, size_t line)
{
    enum line_kind before = kind_of(lines, line - 1);

    return is_section_like(lines, line) && lines->items[line].after_blank &&
           (sign_before(before) != 0 || before == LINE_FURNITURE || before == LINE_COMMENTS);
}

/* Where the header begins, with the signs that stand before the title. */
static size_t read_before(const struct page_lines *lines, size_t title, unsigned *signs)
{
    size_t first = title;
    bool open = true; /* all between here and the title belongs to the article */

    for (size_t line = title; line > 0 && title - line < BEFORE_MOST; line--) {
        enum line_kind kind = kind_of(lines, line - 1);
        bool odd_section = line == title && line >= 2 && may_be_section(lines, line - 1);

        if (kind == LINE_PLAIN && !odd_section)
            break;
        *signs |= odd_section ? (unsigned)SIGN_SECTION : sign_before(kind);
        open = open && (odd_section || kind == LINE_SECTION || kind == LINE_DATE ||
                        kind == LINE_AGE || kind == LINE_PUBLISHED);
        if (open)
            first = line - 1;
    }
    return first;
}

/* ---- the whole ---- */

static unsigned weight_of(unsigned signs)
{
    unsigned weight = 0;

    weight += signs & SIGN_DOUBLED ? 4 : 0;
    weight += signs & SIGN_PUBLISHED ? 2 : 0;
    if (signs & SIGN_DATE)
        weight += signs & SIGN_PUBLISHED ? 1 : 2;
    else
        weight += signs & SIGN_AGE ? 1 : 0;
    weight += signs & SIGN_BY ? 2 : 0;
    weight += signs & SIGN_DATELINE ? 2 : 0;
    weight += signs & SIGN_END ? 2 : 0;
    weight += signs & SIGN_RULE ? 1 : 0;
    weight += signs & SIGN_SECTION ? 1 : 0;
    weight += signs & SIGN_MARKED ? 2 : 0;
    weight += (signs & SIGN_NAME) && !(signs & SIGN_BY) ? 1 : 0;
    return weight;
}

/* Not a line within a paragraph; where all lines are paragraphs a sign behind it tells. */
static bool stands_apart(const struct page_lines *lines, size_t line)
{
    if (line + 1 < lines->count && !lines->items[line + 1].after_blank &&
        is_sign(kind_of(lines, line + 1)))
        return true;
    return line == 0 || lines->items[line].after_blank || kind_of(lines, line - 1) != LINE_PLAIN ||
           page_line_is_sentence(page_line_text(lines, line - 1));
}

/* The title again without a name of the site, if it comes so. */
static size_t choose_title(const struct page_lines *lines, const struct page_header *header)
{
    struct slice title = page_line_text(lines, header->title);
    struct slice plain = without_site(title);

    for (size_t line = header->title + 1; line < header->body && plain.size < title.size; line++)
        if (slice_equal(page_line_text(lines, line), slice_trim(plain)))
            return line;
    return header->title;
}

/* A name below what could be a title. */
static bool is_author(const struct page_lines *lines, size_t line)
{
    return line > 0 && is_person(page_line_text(lines, line)) && is_title_like(lines, line - 1) &&
           !is_person(page_line_text(lines, line - 1)) &&
           has_words(page_line_text(lines, line - 1), 3);
}

bool page_header_read(const struct page_lines *lines, size_t title, struct page_header *header)
{
    struct zone zone = {.lines = lines};

    if (!stands_apart(lines, title) || !is_title_like(lines, title) || is_author(lines, title))
        return false;
    zone.title = page_line_text(lines, title);
    if (zone.title.data[0] == '#')
        zone.signs |= SIGN_MARKED;
    *header = (struct page_header){.title = title, .body = read_zone(&zone, title)};
    header->signs = zone.signs;
    header->first = read_before(lines, title, &header->signs);
    if (header->body == lines->count || kind_of(lines, header->body) != LINE_PLAIN)
        return false;
    if (page_line_has_dateline(page_line_text(lines, header->body)))
        header->signs |= SIGN_DATELINE;
    header->weight = weight_of(header->signs);
    if (header->weight < 2)
        return false;
    header->title = choose_title(lines, header);
    return true;
}

void page_facts_find(const struct page_lines *lines, const struct page_header *header,
                     struct page_facts *facts)
{
    *facts = (struct page_facts){NO_LINE, NO_LINE, NO_LINE, NO_LINE};
    for (size_t line = header->first; line < header->body; line++) {
        enum line_kind kind = kind_of(lines, line);
        bool bare = lines->items[line].is_bare;

        if (facts->date == NO_LINE && (kind == LINE_DATE || (kind == LINE_PUBLISHED && !bare)))
            facts->date = line;
        if (facts->by == NO_LINE && kind == LINE_BY)
            facts->by = line;
        if (facts->section == NO_LINE &&
            (kind == LINE_SECTION || (kind == LINE_PLAIN && line < header->title)))
            facts->section = line;
    }
    if (facts->by != NO_LINE && lines->items[facts->by].is_bare && facts->by + 1 < header->body &&
        is_name(lines, facts->by + 1) &&
        !(header->title != NO_LINE && page_titles_agree(page_line_text(lines, header->title),
                                                        page_line_text(lines, facts->by + 1))))
        facts->name = facts->by + 1;
}
