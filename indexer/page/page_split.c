#include "page/page_split.h"

#include "base/array.h"
#include "page/page_dates.h"
#include "page/page_header.h"

#define OWNER_TITLE 0x80000000U

enum {
    TEXT_LEAST = 40,
    TEXT_SHORT = 200,
    TEXT_LONG = 400,
    WEAK_TITLE_MOST = 120, /* bytes of a title for which one sign speaks */
    LEAD_LEAST = 250,      /* bytes of text before the first header that are an article */
    TAIL_REACH = 40        /* lines in which Related or Comments is remembered */
};

void page_split_init(struct page_split *split)
{
    *split = (struct page_split){0};
    page_lines_init(&split->lines);
}

void page_split_done(struct page_split *split)
{
    page_lines_done(&split->lines);
    array_free(split->owners, split->owner_capacity, sizeof *split->owners, NULL);
    array_free(split->articles, split->capacity, sizeof *split->articles, NULL);
    array_free(split->headers, split->header_capacity, sizeof *split->headers, NULL);
    page_split_init(split);
}

static enum line_kind kind_of(const struct page_split *split, size_t line)
{
    return (enum line_kind)split->lines.items[line].kind;
}

static size_t text_bytes(const struct page_split *split, size_t first, size_t end)
{
    size_t bytes = 0;

    for (size_t line = first; line < end; line++)
        if (page_line_is_text(&split->lines, line))
            bytes += split->lines.items[line].size;
    return bytes;
}

/* Of lines that are nothing known, text or not. */
static size_t plain_bytes(const struct page_split *split, size_t first, size_t end)
{
    size_t bytes = 0;

    for (size_t line = first; line < end; line++)
        if (kind_of(split, line) == LINE_PLAIN)
            bytes += split->lines.items[line].size;
    return bytes;
}

/* ---- headers ---- */

static bool add_header(struct page_split *split, const struct page_header *header)
{
    if (split->header_count == split->header_capacity &&
        !array_grow((void **)&split->headers, &split->header_capacity, sizeof *split->headers,
                    NULL))
        return false;
    split->headers[split->header_count++] = *header;
    return true;
}

/* Everything that might be one. A header may begin in what another took for its own, as a section
 * may: the one that weighs more stays. */
static bool find_headers(struct page_split *split)
{
    struct page_header header;

    split->header_count = 0;
    for (size_t line = 0; line < split->lines.count; line++) {
        struct page_header *last =
            split->header_count ? &split->headers[split->header_count - 1] : NULL;

        if (!page_header_read(&split->lines, line, &header))
            continue;
        if (last && header.first <= last->body) {
            if (header.weight > last->weight)
                *last = header;
        } else if (!add_header(split, &header)) {
            return false;
        }
    }
    for (size_t i = 0; i < split->header_count; i++) {
        size_t end = i + 1 < split->header_count ? split->headers[i + 1].first : split->lines.count;

        split->headers[i].size = plain_bytes(split, split->headers[i].body, end);
    }
    return true;
}

/* True if a line shortly before the header says that no article follows, or readers' comments do.
 */
static bool is_in_tail(const struct page_split *split, const struct page_header *header)
{
    for (size_t line = header->first; line > 0 && header->first - line < TAIL_REACH; line--) {
        enum line_kind kind = kind_of(split, line - 1);

        if (kind == LINE_TAIL || (kind == LINE_COMMENTS && header->weight < WEIGHT_STRONG))
            return true;
        if (split->lines.items[line - 1].size >= TEXT_SHORT)
            return false;
    }
    return false;
}

/* As one has to be for which one sign speaks. */
static bool has_short_title(const struct page_split *split, const struct page_header *header)
{
    return split->lines.items[header->title].size <= WEAK_TITLE_MOST;
}

/* True if two headers with this sign, this one or others, stand above much text. */
static bool recurs(const struct page_split *split, unsigned sign)
{
    unsigned count = 0;

    for (size_t i = 0; i < split->header_count; i++)
        count += (split->headers[i].signs & sign) && split->headers[i].size >= TEXT_LONG &&
                 has_short_title(split, &split->headers[i]);
    return count >= 2;
}

/* recurring: signs each of which is enough. */
static bool begins_article(const struct page_split *split, const struct page_header *header,
                           unsigned recurring)
{
    bool in_tail = header->weight < WEIGHT_CERTAIN && is_in_tail(split, header);
    size_t least = in_tail ? TEXT_LONG : TEXT_SHORT;

    if (header->weight >= WEIGHT_CERTAIN)
        return header->size >= TEXT_LEAST;
    if (header->weight >= WEIGHT_STRONG)
        return header->size >= least;
    if (!has_short_title(split, header))
        return false;
    if (!page_line_is_text(&split->lines, header->body))
        least = TEXT_LONG;
    return (header->signs & recurring) && header->size >= least;
}

/* Keeps the headers that begin an article. */
static void choose_headers(struct page_split *split)
{
    static const unsigned alone[] = {SIGN_DATE, SIGN_BY, SIGN_DATELINE, SIGN_MARKED, SIGN_RULE};
    unsigned recurring = 0;
    size_t count = 0;

    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
        if (recurs(split, alone[i]))
            recurring |= alone[i];
    for (size_t i = 0; i < split->header_count; i++)
        if (begins_article(split, &split->headers[i], recurring))
            split->headers[count++] = split->headers[i];
    split->header_count = count;
}

/* The text before the first header as an article: from a header's sign, or the title, above it. */
static bool add_lead(struct page_split *split)
{
    size_t end = split->header_count ? split->headers[0].first : 0, body = 0, first;
    struct page_header lead;

    while (body < end && !page_line_is_text(&split->lines, body))
        body++;
    if (text_bytes(split, body, end) < LEAD_LEAST)
        return true;
    first = body;
    while (first > 0 &&
           (kind_of(split, first - 1) == LINE_PUBLISHED || kind_of(split, first - 1) == LINE_DATE ||
            kind_of(split, first - 1) == LINE_AGE || kind_of(split, first - 1) == LINE_ON ||
            kind_of(split, first - 1) == LINE_BY))
        first--;
    lead = (struct page_header){.first = first, .title = NO_LINE, .body = body};
    if (first > 0 && kind_of(split, first - 1) == LINE_PLAIN &&
        split->lines.items[first].after_blank && split->lines.items[first - 1].after_blank)
        lead.first = lead.title = first - 1;
    if (!add_header(split, &lead))
        return false;
    memmove(split->headers + 1, split->headers, (split->header_count - 1) * sizeof lead);
    split->headers[0] = lead;
    return true;
}

/* ---- lines and their articles ---- */

/* The first line from which on there is less text than an article has. */
static size_t find_little_text(const struct page_split *split, size_t first, size_t end)
{
    size_t bytes = 0;

    for (; end > first; end--) {
        bytes += text_bytes(split, end - 1, end);
        if (bytes >= TEXT_LONG)
            break;
    }
    return end;
}

/* Behind the last line of the article whose text begins at body and goes no further than end: what
 * templates put behind an article is the page's, and so is all from Related on, if there is little
 * text behind it. */
static size_t find_end(const struct page_split *split, size_t body, size_t end)
{
    size_t last = body, little = find_little_text(split, body, end);

    for (size_t line = body; line < end; line++) {
        enum line_kind kind = kind_of(split, line);

        if (line >= little && (kind == LINE_TAIL || kind == LINE_COMMENTS))
            break;
        if (page_line_is_text(&split->lines, line))
            last = line + 1;
    }
    while (last < end && kind_of(split, last) == LINE_PLAIN) /* its last short lines */
        last++;
    return last;
}

/* True if a line of a header says nothing by itself. */
static bool is_empty_sign(const struct page_split *split, size_t line)
{
    enum line_kind kind = kind_of(split, line);

    return kind == LINE_ON || kind == LINE_RULE || kind == LINE_FURNITURE ||
           ((kind == LINE_PUBLISHED || kind == LINE_BY) && split->lines.items[line].is_bare);
}

static void set_facts(const struct page_split *split, const struct page_header *header,
                      struct page_article *article)
{
    struct page_facts facts;

    page_facts_find(&split->lines, header, &facts);
    if (facts.date != NO_LINE)
        article->date = page_dates_find(page_line_text(&split->lines, facts.date));
    if (facts.name != NO_LINE)
        article->author = page_line_text(&split->lines, facts.name);
    else if (facts.by != NO_LINE && !split->lines.items[facts.by].is_bare)
        article->author = page_line_byline(page_line_text(&split->lines, facts.by));
    else if (facts.date != NO_LINE)
        article->author = page_line_byline(page_line_text(&split->lines, facts.date));
    if (facts.section != NO_LINE)
        article->section = page_line_text(&split->lines, facts.section);
}

/* The same words, but for case. */
static bool says_the_same(struct slice title, struct slice line)
{
    char first[2 * LINE_KEY_SIZE], second[2 * LINE_KEY_SIZE];

    if (title.size == 0 || line.size > LINE_KEY_SIZE || title.size > LINE_KEY_SIZE)
        return slice_equal(title, line);
    (void)page_line_key(title, true, first, sizeof first);
    (void)page_line_key(line, true, second, sizeof second);
    return strcmp(first, second) == 0;
}

/* Gives the lines of a header and its text to article number `number`, from 1. What says the title
 * again is not its text, too. */
static void own_lines(struct page_split *split, const struct page_header *header, size_t end,
                      uint32_t number)
{
    struct slice title = {0}, last = {0};

    if (header->title != NO_LINE)
        title = page_line_text(&split->lines, header->title);
    for (size_t line = header->first; line < end; line++) {
        struct slice text = page_line_text(&split->lines, line);
        bool in_header = line < header->body;

        if (in_header && title.size > 0 &&
            (says_the_same(title, text) || says_the_same(last, text)))
            split->owners[line] = number | OWNER_TITLE;
        else if (!in_header || !is_empty_sign(split, line))
            split->owners[line] = number;
        last = text;
    }
}

static bool add_article(struct page_split *split, const struct page_header *header, size_t end)
{
    const struct page_line *first = &split->lines.items[header->first];
    const struct page_line *last = &split->lines.items[end - 1];
    struct page_article *article;

    if (split->count == split->capacity &&
        !array_grow((void **)&split->articles, &split->capacity, sizeof *split->articles, NULL))
        return false;
    article = &split->articles[split->count++];
    *article = (struct page_article){.offset = first->offset,
                                     .size = last->offset + last->size - first->offset,
                                     .first = header->first,
                                     .end = end};
    if (header->title != NO_LINE)
        article->title = page_title_text(page_line_text(&split->lines, header->title));
    set_facts(split, header, article);
    own_lines(split, header, end, (uint32_t)split->count);
    return true;
}

static bool make_owners(struct page_split *split)
{
    while (split->owner_capacity < split->lines.count)
        if (!array_grow((void **)&split->owners, &split->owner_capacity, sizeof *split->owners,
                        NULL))
            return false;
    if (split->lines.count)
        memset(split->owners, 0, split->lines.count * sizeof *split->owners);
    return true;
}

/* trimmed: articles end with their text, else where the next one begins. A page of one stays whole.
 */
static enum lede_status make_articles(struct page_split *split, bool trimmed,
                                      struct lede_error *err)
{
    if (split->header_count < 2)
        return LEDE_OK;
    if (!make_owners(split))
        return error_no_memory(err);
    for (size_t i = 0; i < split->header_count; i++) {
        const struct page_header *header = &split->headers[i];
        size_t end = i + 1 < split->header_count ? split->headers[i + 1].first : split->lines.count;

        if (!add_article(split, header, trimmed ? find_end(split, header->body, end) : end))
            return error_no_memory(err);
    }
    return LEDE_OK;
}

/* Lines; count 0: too many of them. */
static enum lede_status begin(struct page_split *split, struct slice page, struct lede_error *err)
{
    enum lede_status status = page_lines_read(&split->lines, page, err);

    split->count = split->header_count = 0;
    if (status == LEDE_LIMIT)
        split->lines.count = 0;
    return status == LEDE_LIMIT ? LEDE_OK : status;
}

enum lede_status page_split_auto(struct page_split *split, struct slice page,
                                 struct lede_error *err)
{
    enum lede_status status = begin(split, page, err);

    if (status != LEDE_OK)
        return status;
    if (!find_headers(split))
        return error_no_memory(err);
    choose_headers(split);
    if (!add_lead(split))
        return error_no_memory(err);
    return make_articles(split, true, err);
}

/* ---- by an expression ---- */

/* A NUL counts as a blank. */
static bool matches(struct slice line, const regex_t *begins)
{
    char text[LINE_LOOKED_AT + 1];
    size_t size = line.size < LINE_LOOKED_AT ? line.size : LINE_LOOKED_AT;

    for (size_t at = 0; at < size; at++)
        text[at] = line.data[at] ? (char)line.data[at] : ' ';
    text[size] = '\0';
    return regexec(begins, text, 0, NULL, 0) == 0;
}

/* A header whose first line matched. */
static struct page_header header_at(const struct page_split *split, size_t line)
{
    const struct page_line *lines = split->lines.items;
    bool is_rule = kind_of(split, line) == LINE_RULE;
    size_t title = is_rule ? line + 1 : line;
    struct page_header header = {.first = line, .title = title, .body = title + 1};

    if (is_rule && (title >= split->lines.count || lines[title].size > LINE_KEY_SIZE ||
                    (title + 1 < split->lines.count && !lines[title + 1].after_blank))) {
        header.title = NO_LINE;
        header.body = line + 1;
    }
    return header;
}

enum lede_status page_split_by(struct page_split *split, struct slice page, const regex_t *begins,
                               struct lede_error *err)
{
    enum lede_status status = begin(split, page, err);

    for (size_t line = 0; status == LEDE_OK && line < split->lines.count; line++) {
        struct page_header header;

        if (!matches(page_line_text(&split->lines, line), begins))
            continue;
        header = header_at(split, line);
        if (!add_header(split, &header))
            status = error_no_memory(err);
        line = header.body - 1;
    }
    if (status == LEDE_OK && split->header_count > 0 && !add_lead(split))
        status = error_no_memory(err);
    return status == LEDE_OK ? make_articles(split, false, err) : status;
}

/* ---- texts ---- */

/* Appends the lines of this owner among those from first, before last. */
static void put_lines(const struct page_split *split, uint32_t owner, size_t first, size_t last,
                      struct buffer *out)
{
    const struct page_lines *lines = &split->lines;

    for (size_t line = first; line < last; line++) {
        size_t begin = lines->items[line].offset;
        size_t end = line + 1 < lines->count ? lines->items[line + 1].offset : lines->page.size;

        if (split->owners[line] == owner)
            buffer_put(out, lines->page.data + begin, end - begin);
    }
}

bool page_split_has_remainder(const struct page_split *split)
{
    for (size_t line = 0; line < split->lines.count; line++)
        if (split->owners[line] == 0)
            return true;
    return false;
}

void page_split_text(const struct page_split *split, size_t article, struct buffer *out)
{
    put_lines(split, (uint32_t)article + 1, split->articles[article].first,
              split->articles[article].end, out);
}

void page_split_remainder(const struct page_split *split, struct buffer *out)
{
    put_lines(split, 0, 0, split->lines.count, out);
}
