#include "command/file_kind.h"

#include <strings.h>

enum { CONTROL_SHARE = 64, END = -1 };

bool head_is_utf16(struct slice head)
{
    return head.size >= 2 &&
           (memcmp(head.data, "\xff\xfe", 2) == 0 || memcmp(head.data, "\xfe\xff", 2) == 0) &&
           !(head.size >= 4 && memcmp(head.data, "\xff\xfe\0\0", 4) == 0);
}

bool head_is_binary(struct slice head)
{
    size_t controls = 0;

    if (head_is_utf16(head))
        return false;
    if (head.size > HEAD_SIZE)
        head.size = HEAD_SIZE;
    for (size_t i = 0; i < head.size; i++) {
        uint8_t c = head.data[i];

        if (c == 0)
            return true;
        controls += c < ' ' && !(c >= '\b' && c <= '\r') && c != 0x1b;
    }
    return controls > head.size / CONTROL_SHARE;
}

/* ---- markup ---- */

/* Characters of a head, of UTF-16 as of others. */
struct characters {
    struct slice head;
    size_t mark, width;
    bool big;
};

static struct characters characters_of(struct slice head)
{
    struct characters text = {slice_of(head.data, head.size < HEAD_SIZE ? head.size : HEAD_SIZE), 0,
                              1, false};

    if (head_is_utf16(head)) {
        text.mark = text.width = 2;
        text.big = head.data[0] == 0xfe;
    } else if (head.size >= 3 && memcmp(head.data, "\xef\xbb\xbf", 3) == 0) {
        text.mark = 3;
    }
    return text;
}

/* The character at a place, in lower case; 0x80 for any that is no ASCII; or END. */
static int character(const struct characters *text, size_t place)
{
    size_t at = text->mark + place * text->width;
    uint8_t low, high = 0;

    if (at + text->width > text->head.size)
        return END;
    low = text->head.data[at + (text->big ? 1 : 0)];
    if (text->width == 2)
        high = text->head.data[at + (text->big ? 0 : 1)];
    if (high || low >= 0x80)
        return 0x80;
    return low >= 'A' && low <= 'Z' ? low | 0x20 : low;
}

static bool is_blank(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether wanted (lower case) stands at a place. */
static enum head_answer stands_at(const struct characters *text, size_t place, const char *wanted)
{
    for (size_t i = 0; wanted[i]; i++) {
        int c = character(text, place + i);

        if (c != wanted[i])
            return c == END ? HEAD_MORE : HEAD_NO;
    }
    return HEAD_YES;
}

/* Moves *place behind what begins with opening there and ends with closing. */
static enum head_answer pass(const struct characters *text, size_t *place, const char *opening,
                             const char *closing)
{
    enum head_answer answer = stands_at(text, *place, opening);
    size_t at = *place + strlen(opening);

    if (answer != HEAD_YES)
        return answer;
    while ((answer = stands_at(text, at, closing)) == HEAD_NO)
        at++;
    *place = at + strlen(closing);
    return answer;
}

/* One of the openings, and behind it the end of a name. */
static enum head_answer begins_page(const struct characters *text, size_t place)
{
    static const char *const openings[] = {"<!doctype html", "<html",  "<head",
                                           "<body",          "<title", "<meta"};
    bool more = false;

    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        enum head_answer answer = stands_at(text, place, openings[i]);
        int next = character(text, place + strlen(openings[i]));

        if (answer == HEAD_YES && (is_blank(next) || next == '>' || next == '/'))
            return HEAD_YES;
        more |= answer == HEAD_MORE || (answer == HEAD_YES && next == END);
    }
    return more ? HEAD_MORE : HEAD_NO;
}

enum head_answer head_is_html(struct slice head)
{
    struct characters text = characters_of(head);
    enum head_answer comment, declaration;
    size_t place = 0;

    do {
        while (is_blank(character(&text, place)))
            place++;
        comment = pass(&text, &place, "<!--", "-->");
        declaration = comment == HEAD_NO ? pass(&text, &place, "<?xml", ">") : HEAD_NO;
    } while (comment == HEAD_YES || declaration == HEAD_YES);
    if (comment == HEAD_MORE || declaration == HEAD_MORE)
        return HEAD_MORE;
    return begins_page(&text, place);
}

bool head_has_tag(struct slice head)
{
    struct characters text = characters_of(head);
    int c = character(&text, 0);

    for (size_t place = 1; c != END; place++) {
        int next = character(&text, place);

        if (c == '<' && ((next >= 'a' && next <= 'z') || next == '/' || next == '!'))
            return true;
        c = next;
    }
    return false;
}

/* ---- names ---- */

static bool ends_with(struct slice *name, const char *ending)
{
    size_t size = strlen(ending);

    if (name->size < size ||
        strncasecmp((const char *)name->data + name->size - size, ending, size) != 0)
        return false;
    name->size -= size;
    return true;
}

enum name_kind name_kind(struct slice path)
{
    if (!ends_with(&path, ".gz") && !ends_with(&path, ".zst") && !ends_with(&path, ".xz"))
        (void)ends_with(&path, ".bz2");
    if (ends_with(&path, ".jsonl") || ends_with(&path, ".ndjson"))
        return NAME_JSONL;
    if (ends_with(&path, ".html") || ends_with(&path, ".htm") || ends_with(&path, ".xhtml"))
        return NAME_HTML;
    if (ends_with(&path, ".csv"))
        return NAME_CSV;
    if (ends_with(&path, ".tsv") || ends_with(&path, ".tab"))
        return NAME_TSV;
    if (ends_with(&path, ".eml") || ends_with(&path, ".mbox"))
        return NAME_MAIL;
    return ends_with(&path, ".json") ? NAME_JSON : NAME_OTHER;
}
